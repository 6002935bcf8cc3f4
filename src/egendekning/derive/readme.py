"""The README of a draft: what was put in, what was scaled, what still stands as in the other study, and what to do.

The lists are made from the study and the overlay, not remembered. The module refuses to say that a draft is finished.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble import Bound
from egendekning.names import find
from egendekning.validate.family import Overlay

Floats = NDArray[np.float64]

_SIZED: Final = re.compile(r"^(person|dwelling|daa|MNOK|kt CO2e)(/year)?$")
"""Units of what grows with a municipality."""


def readme(
    bound: Bound, overlay: Overlay, values: Mapping[str, Floats], there: str, files: Mapping[str, bytes], folder: str
) -> str:
    """Return the README of a draft.

    Parameters
    ----------
    bound : Bound
        The study that the draft was made from.
    overlay : Overlay
        What is known of the municipality.
    values : mapping
        The constants that were changed, by name in the model.
    there : str
        Name of the other municipality.
    files : mapping
        The files of the draft by name.
    folder : str
        How commands should name it.
    """
    name = overlay.name
    mentions = sorted(
        f for f, content in files.items() if there in content.decode("utf-8") and not f.endswith(("parameters.yaml",))
    )
    parts = [
        f"# {name}: a first draft of a study",
        f"Made by `egendekning study new` from the study of {there}. The equations are the same, and so is every "
        f"constant that is not named in the first two lists. **Nothing is fitted to {name}, and the levers are "
        f"{there}'s**: read results as what these numbers imply, not as what is known.",
        "## Set from figures\n\n" + _set(overlay),
        "## Scaled by size, because no figure is at hand\n\n" + _scaled(overlay),
        f"## To be replaced\n\n{_todo(bound, values, there, name, files, mentions)}",
        f"## Commands\n\n{_commands(folder, files)}",
    ]
    return "\n\n".join(parts) + "\n"


def _set(overlay: Overlay) -> str:
    rows = [f"- `{name}` (grade {given.grade}): {given.source}" for name, given in overlay.set.items()]
    return "\n".join(rows) or "Nothing: every number is that of the other study."


def _scaled(overlay: Overlay) -> str:
    rows = [f"- times {item.factor:g} ({item.why}): {_names(item.constants)}" for item in overlay.scale]
    return "\n".join(rows) or "Nothing."


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def _todo(
    bound: Bound, values: Mapping[str, Floats], there: str, name: str, files: Mapping[str, bytes], mentions: list[str]
) -> str:
    """Return the list of what is still the other municipality's."""
    kept = [n for n in bound.study.parameters if (spelled := find(n, bound.values)) and spelled not in values]
    drawn = {n: bound.study.parameters[n] for n in kept}
    held = [n for n in kept if drawn[n].role not in ("lever", "driver", "switch")]
    sized = [n for n in held if _SIZED.match(_unit(bound, n)) and np.any(bound.values[find(n, bound.values) or n] != 0)]
    spoken = [n for n, p in bound.study.parameters.items() if n not in sized and there in p.source
              and find(n, values) is None]  # fmt: skip
    rows = [
        f"- [ ] Constants that grow with a municipality and still hold {there}'s number: {_names(sized)}.",
        f"- [ ] Constants and tables whose evidence speaks of {there}: {_names(spoken)}.",
        f"- [ ] `scenarios/`: sizes and ranges of levers are {there}'s (daa, dwellings and MNOK a year), and so are "
        f"local titles; remove what {name} does not have.",
        f"- [ ] Texts that still name {there}: {_names(mentions)}; descriptions of variables in the model file.",
        "- [ ] `model/municipality.yaml`: the plan's own figure of egendekning and the climate target.",
        "- [ ] `model/checks.yaml`: statements with numbers in them; `egendekning check` says which no longer hold.",
    ]
    if "calibration/observations.csv" in files:
        rows += [
            "- [ ] `calibration/observations.csv`: more series (commuters, unemployed, accounts), with their errors of "
            f"measurement, which are shares as in {there}; then `observation_model.yaml` and `validation.yaml`.",
            f"- [ ] `calibration/process_noise.yaml`: the noise from year to year is judged from {there}.",
            "- [ ] A posterior: until `calibrate --accept`, draws come from the ranges of `model/parameters.yaml`, "
            "without noise from year to year, and bands are no forecast.",
        ]
    else:
        rows.append("- [ ] `calibration/`: observations, and what the other study has beside them.")
    if "model/finance_rules.yaml" in files:
        rows.append(
            f"- [ ] `model/finance_rules.yaml`: {there}'s accounts are left out; grants of its own among the figures "
            "(merger, growth) are still there."
        )
    return "\n".join(rows)


def _unit(bound: Bound, name: str) -> str:
    return bound.model.variables[bound.name(name)].unit


def _commands(folder: str, files: Mapping[str, bytes]) -> str:
    rows = [
        f"egendekning --study {folder} run baseline",
        f"egendekning --study {folder} compare --draws 50 --out results",
        f"egendekning --study {folder} check",
    ]
    if "calibration/validation.yaml" in files:
        rows.append(f"egendekning --study {folder} validate --draws 100 --out validation.md")
    if "calibration/observation_model.yaml" in files:
        rows.append(f"egendekning --study {folder} calibrate --accept")
    return "```sh\n" + "\n".join(rows) + "\n```"
