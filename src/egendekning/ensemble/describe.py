"""What a Dataset says about itself: labels in both languages, units, and where its numbers come from.

The module refuses to change a number.
"""

from __future__ import annotations

import json
import math
from typing import Final

import xarray as xr

import egendekning
from egendekning.dims import LABEL_EN, LABEL_NB, LONG_NAME, SCENARIO, UNIT
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import Design
from egendekning.names import find
from egendekning.study import Label
from egendekning.study.known import extended_rules, rules_of_year

LONG_NAME_EN: Final = "long_name_en"
"""Attribute of a variable: what it is, in English."""

DOCUMENTATION: Final = "documentation"
"""Attribute of a variable: the model's one-line documentation."""

TITLE_NB: Final = "title_nb"
"""Coordinate along scenario: its title in bokmål."""

TITLE_EN: Final = "title_en"
"""Coordinate along scenario: its title in English."""


def label_of(bound: Bound, name: str) -> Label | None:
    """Return the words for a model variable, or None where the study has none."""
    spelled = find(name, bound.study.labels)
    return bound.study.labels[spelled] if spelled is not None else None


def described(bound: Bound, dataset: xr.Dataset, drawn: Design) -> xr.Dataset:
    """Return a Dataset of runs with labels, scenario titles and provenance.

    Parameters
    ----------
    bound : Bound
        Study and model.
    dataset : xarray.Dataset
        Dims (scenario, draw, time, \\*subscripts).
    drawn : Design
        The draws that were used.

    Returns
    -------
    xarray.Dataset
        The same arrays.
    """
    study = bound.study
    for name, array in dataset.items():
        label = label_of(bound, str(name))
        nb, en = (label.nb, label.en) if label else (str(name), str(name))
        array.attrs[DOCUMENTATION] = array.attrs.pop(LONG_NAME, "")
        array.attrs.update({LONG_NAME: nb, LONG_NAME_EN: en, LABEL_NB: nb, LABEL_EN: en})
        if label and label.unit_nb:
            array.attrs.update(unit_nb=label.unit_nb, unit_en=label.unit_en or array.attrs.get(UNIT, ""))
        if label and label.decimals is not None:
            array.attrs["decimals"] = label.decimals
    ids = [str(name) for name in dataset[SCENARIO].values]
    titles = {
        TITLE_NB: (SCENARIO, [study.scenario(name).title_nb for name in ids]),
        TITLE_EN: (SCENARIO, [study.scenario(name).title_en for name in ids]),
    }
    result = dataset.assign_coords(titles)
    result.attrs = provenance(bound, drawn, ids)
    return result


def provenance(bound: Bound, drawn: Design, scenarios: list[str]) -> dict[str, str | int]:
    """Return what is needed to make the same numbers again, as flat attributes."""
    study = bound.study
    hashes = {name: study.files.get(f"scenarios/{name}.yaml", "") for name in scenarios}
    return {
        "program": "egendekning",
        "version": egendekning.__version__,
        "model": study.model_file.name,
        "model_hash": bound.model.hash,
        "study_hash": study.hash,
        "seed": drawn.seed,
        "draws": drawn.draws,
        "source_of_draws": drawn.source,
        "drawn_parameters": len(drawn.parameters) + len(drawn.initial_values),
        "scenario_files": json.dumps(hashes, sort_keys=True),
        "precedence": study.PRECEDENCE,
        "rules_until": rules_until(bound),
        "rules_by_year": json.dumps(rules_by_year(bound)),
        "rules_extension": json.dumps({n: r.extension for n, r in study.rules.items()}, ensure_ascii=False),
    }


def rules_until(bound: Bound) -> str:
    """Return how far the national rules of the study have published or derived figures.

    The year that most rules reach, then by name those that end before it. Later years rest on the extension that each
    rule states. A rule that is unknown in every year says nothing. Empty for a study without national rules.
    """
    known = {}
    for name, rule in bound.study.rules.items():
        years = [year for year, value in rule.values.items() if value.basis != "assumption"]
        if years:
            known[name] = max(years)
    if not known:
        return ""
    years = list(known.values())
    most = max(years, key=lambda year: (years.count(year), year))
    early = [f"{name}: {year:g}" for name, year in known.items() if year < most]
    return f"{most:g}" + (f" ({', '.join(early)})" if early else "")


def rules_by_year(bound: Bound) -> dict[str, str]:
    """Return how the national rules of each calendar year of a run are known: published, extended or how many of each.

    Empty for a study without national rules.
    """
    rules, time = bound.study.rules, bound.model.time
    if not rules:
        return {}
    years = range(math.floor(time.initial), math.floor(time.final) + 1)
    return {f"{year}": rules_of_year(len(rules), len(extended_rules(rules, year))) for year in years}
