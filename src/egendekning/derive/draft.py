"""Puts the files of a draft together: model, evidence, texts, scenarios, calibration, README.

Values go into the text of the model file, evidence into `parameters.yaml`; the other files are copied, named anew or
left out. The module refuses to write files and to run the model.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from egendekning.calibrate.writeback import rewritten as model_text
from egendekning.derive import calibration, evidence
from egendekning.derive.readme import readme
from egendekning.ensemble import Bound
from egendekning.names import find
from egendekning.validate.family import Overlay, values
from egendekning.validate.observed import read_observed
from egendekning.validate.predict import years_of
from egendekning.validate.series import Regions, SeriesMap, read_series

Floats = NDArray[np.float64]

_FINANCE: Final = "model/finance_rules.yaml"
_ACCOUNTS: Final = re.compile(r"(?ms)^accounts:.*?(?=^[A-Za-z_]|\Z)")
_LOOPS: Final = "diagrams/loops.yaml"
_OTHERS: Final = ("ø", "o"), ("æ", "ae"), ("å", "a")
_POPULATION: Final = "initial population"
_WIDTH: Final = 118


def derive(bound: Bound, overlay: Overlay, table: Path | None, folder: str) -> dict[str, bytes]:
    """Return the files of a study of another municipality.

    Parameters
    ----------
    bound : Bound
        The study to begin with, and its model.
    overlay : Overlay
        Constants that are known, and constants that follow size.
    table : Path or None
        Figures of the municipality, as for ``validate --observations``.
    folder : str
        How the README names the study in commands.

    Returns
    -------
    dict
        Content by name within the study.

    Raises
    ------
    EgendekningError
        Where the table cannot be read, or a constant is not written as plain numbers.
    """
    study = bound.study
    there = study.municipality.name if study.municipality is not None else study.model_file.stem
    changed = {name: np.asarray(value, dtype=float) for name, value in values(bound, overlay).items()}
    source = study.contents()
    files = {
        f"model/{slug(overlay.name)}{study.model_file.suffix}": _model(bound, changed),
        "model/parameters.yaml": _parameters(bound, overlay, changed),
        "model/labels.yaml": _without_plan(bound, source["model/labels.yaml"].decode("utf-8")),
        "model/checks.yaml": evidence.own_statements(bound).replace(there, overlay.name),
        "model/national_rules.yaml": source["model/national_rules.yaml"].decode("utf-8"),
        "model/municipality.yaml": _municipality(overlay.name, there),
        **{name: content.decode("utf-8") for name, content in source.items() if name.startswith("scenarios/")},
    }
    if _FINANCE in source:
        files[_FINANCE] = _without_accounts(source[_FINANCE].decode("utf-8"))
    loops = study.model_file.with_name("diagrams").joinpath("loops.yaml")
    if loops.is_file():
        files[f"model/{_LOOPS}"] = loops.read_text(encoding="utf-8").replace(there, overlay.name)
    if table is not None:
        files |= _calibration(bound, overlay, changed, table, there)
    made = {name: text.encode("utf-8") for name, text in files.items()}
    return {**made, "README.md": readme(bound, overlay, changed, there, made, folder).encode("utf-8")}


def slug(name: str) -> str:
    """Return a name for files.

    Examples
    --------
    >>> slug("Øvre Eiker")
    'ovre_eiker'
    """
    text = name.casefold()
    for letter, plain in _OTHERS:
        text = text.replace(letter, plain)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_") or "study"


def _model(bound: Bound, changed: dict[str, Floats]) -> str:
    """Return the text of the model file with the municipality's values."""
    path = bound.study.model_file
    return model_text(path.read_text(encoding="utf-8"), changed, path.name)


def _parameters(bound: Bound, overlay: Overlay, changed: dict[str, Floats]) -> str:
    """Return the evidence."""
    name = "model/parameters.yaml"
    text = bound.study.contents()[name].decode("utf-8")
    return evidence.rewritten(text, bound.study.documents[name], bound, overlay, changed)


def _without_plan(bound: Bound, labels: str) -> str:
    """Return labels without what the other municipality's plan says in brackets."""
    about = bound.study.municipality
    if about is None or about.plan_level is None:
        return labels
    return re.sub(rf" \([^()\"]*\b{about.plan_level.value:g}\b[^()\"]*\)", "", labels)


def _without_accounts(rules: str) -> str:
    """Return finance rules without the accounts of the other municipality; rates and price growth are the nation's."""
    return _ACCOUNTS.sub("", rules).rstrip() + "\n"


def _municipality(name: str, there: str) -> str:
    """Return ``municipality.yaml``."""
    nb = (
        f"Dette er et første utkast: likningene, og alle konstanter uten egne tall, er de for {there}, uendret eller "
        "skalert med kommunens størrelse. Tiltakenes omfang er det samme som der."
    )
    en = (
        f"This is a first draft: the equations, and all constants without figures of their own, are those of {there}, "
        "unchanged or scaled by size. The levers have the same size as there."
    )
    head = (
        "# Whom the study is about. What its plan says of egendekning (plan_level) and its target for emissions\n"
        "# (climate_target) are added here; see docs/schemas/municipality.schema.json.\n"
    )
    return head + _yaml({"name": name, "limits": [{"nb": nb, "en": en}]})


def _calibration(bound: Bound, overlay: Overlay, changed: dict[str, Floats], table: Path, there: str) -> dict[str, str]:
    """Return the files of ``calibration/``."""
    known = read_series(bound)
    everywhere = SeriesMap(known.file.model_copy(update={"regions": Regions(accept=("*",))}), bound.model)
    given = calibration.Given(table, read_observed(table, everywhere, years_of(bound)).figures, overlay.name)
    shipped = bound.study.calibration
    files = {"calibration/observations.csv": calibration.observations(given, shipped.get("observations.csv"))}
    size = _size(bound, overlay, changed)
    makers: dict[str, Any] = {
        "series.yaml": lambda data: calibration.series(data, given, there),
        "observation_model.yaml": lambda data: calibration.observation_model(data, given, there),
        "process_noise.yaml": lambda data: calibration.process_noise(data, bound, size, there),
        "validation.yaml": lambda data: calibration.plan(data, given),
    }
    for name, make in makers.items():
        text, data = calibration.data_of(shipped.get(name))
        made = None if data is None else make(data)
        if made is not None:
            head = calibration.heading(text).replace(there, overlay.name)
            files[f"calibration/{name}"] = head + "\n" + _yaml(made)
    return files


def _size(bound: Bound, overlay: Overlay, changed: dict[str, Floats]) -> float:
    """Return how large the municipality is against the other: by residents, else by the factor of most constants."""
    name = find(_POPULATION, changed)
    if name is not None:
        return float(changed[name].sum() / bound.values[name].sum())
    return max(overlay.scale, key=lambda item: len(item.constants)).factor if overlay.scale else 1.0


def _yaml(data: Any) -> str:
    """Return data as YAML."""
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=_WIDTH)
