"""Family members: the same equations with another municipality's registers, run against that municipality's figures.

An overlay is a folder with `overlay.yaml` (constants that are set, and constants that are multiplied because no figure
exists) and `observations.csv` in the form of `egendekning validate --observations`. Every other constant keeps its
value; nothing is fitted. All members run as draws of one call. The module refuses an overlay that names what the model
does not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pydantic import Field

from egendekning.dims import DRAW, POINT, TIME
from egendekning.ensemble import Bound
from egendekning.errors import Problem, StudyError
from egendekning.names import find, nearest
from egendekning.study import faults, yamltree
from egendekning.study.schemas.base import Closed, Frozen, Grade, NumberOrList, Real, Text
from egendekning.study.schemas.municipality import Name
from egendekning.validate.observed import Figure, read_observed
from egendekning.validate.predict import Grid, series_of, years_of
from egendekning.validate.series import Regions, SeriesMap

Floats = NDArray[np.float64]

OVERLAY: Final = "overlay.yaml"
OBSERVATIONS: Final = "observations.csv"


class Given(Closed):
    """A constant that is set."""

    value: NumberOrList
    """in the unit of the model"""
    source: Text
    """who says so"""
    grade: Grade
    """A, B or C"""


class Scaled(Closed):
    """Constants that have no figure for this municipality and follow its size."""

    factor: Annotated[Real, Field(gt=0)]
    """what they are multiplied by"""
    constants: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    """their names"""
    why: Text
    """what the factor is"""


class Overlay(Closed):
    """Another municipality."""

    name: Name
    """its name"""
    base: Name | None = None
    """the municipality of the study that it is laid over, whose constants the factors multiply"""
    set: Frozen[Text, Given] = Field(default_factory=dict, validate_default=True)
    """constants that are known"""
    scale: tuple[Scaled, ...] = ()
    """constants that follow size"""


@dataclass(frozen=True)
class Member:
    """A municipality, and how the run of the model file with its figures meets its registers.

    `predicted` has what the model says of each figure, in its unit; `seen` whether a figure set a constant of the run.
    """

    name: str
    figures: tuple[Figure, ...]
    predicted: tuple[float, ...]


def members(bound: Bound, known: SeriesMap, folders: Sequence[Path]) -> tuple[Member, ...]:
    """Run the model with the figures of other municipalities.

    Parameters
    ----------
    bound : Bound
        Study and model.
    known : SeriesMap
        What series mean.
    folders : sequence of Path
        One for each municipality.

    Raises
    ------
    StudyError
        With everything that is wrong with an overlay.
    """
    overlays, problems = [], []
    for folder in folders:
        overlay, found = read_overlay(bound, folder / OVERLAY)
        problems += found
        overlays.append(overlay)
    if problems:
        raise StudyError(problems)
    everywhere = SeriesMap(known.file.model_copy(update={"regions": Regions(accept=("*",))}), bound.model)
    tables = [read_observed(f / OBSERVATIONS, everywhere, years_of(bound)).figures for f in folders]
    grid = Grid(bound.model.time.initial, bound.model.time.step)
    weights = [[grid.weights(figure) for figure in table] for table in tables]
    steps = sorted({step for table in weights for w in table for step in w})
    outputs = dict.fromkeys(bound.name(n) for table in tables for f in table for n in f.counterpart.variables)
    parameters = _stacked(bound, [values(bound, overlay) for overlay in overlays if overlay is not None])
    times = [grid.start + step * grid.step for step in steps]
    run = bound.model.simulate(parameters, outputs=list(outputs), time=times)
    found_members = []
    for i, (overlay, table) in enumerate(zip(overlays, tables, strict=True)):
        assert overlay is not None, "problems are raised before"
        one = run.isel({DRAW: slice(i, i + 1)}) if DRAW in run.dims else run
        said = []
        for figure, w in zip(table, weights[i], strict=True):
            part = one.isel({TIME: [steps.index(step) for step in w]})
            said.append(float((series_of(part, figure.counterpart) @ np.array(list(w.values())))[0]))
        found_members.append(Member(overlay.name, table, tuple(said)))
    return tuple(found_members)


def read_overlay(bound: Bound, path: Path) -> tuple[Overlay | None, list[Problem]]:
    """Read one overlay; None where anything is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = (error.strerror if isinstance(error, OSError) else None) or "not UTF-8"
        fix = f"give the path of an {OVERLAY}; examples/ has four"
        return None, [Problem(str(path), f"cannot be read ({said})", "an overlay of a municipality", fix=fix)]
    document, problems = yamltree.parse(text, str(path))
    overlay: Overlay | None = None
    if not problems:
        overlay, problems = faults.read(document, Overlay)
    if overlay is not None:
        problems = _elsewhere(bound, overlay, document) + _strangers(bound, overlay, document)
    return (None if problems else overlay), problems


def laid_over(bound: Bound, folders: Sequence[Path]) -> list[Path]:
    """Return the folders whose overlay does not say that it is of another study; one that cannot be read is kept."""
    kept = []
    for folder in folders:
        document, _ = yamltree.read(folder / OVERLAY)
        base = document.data.get("base") if isinstance(document.data, dict) else None
        if base is None or base == municipality_of(bound):
            kept.append(folder)
    return kept


def municipality_of(bound: Bound) -> str:
    """Return the name of the municipality that a study is about; the name of its model file where it does not say."""
    study = bound.study
    return study.municipality.name if study.municipality is not None else study.model_file.stem


def _elsewhere(bound: Bound, overlay: Overlay, document: yamltree.Document) -> list[Problem]:
    """Return a problem where an overlay is laid over another study than its factors speak of."""
    here = municipality_of(bound)
    if overlay.base in (None, here):
        return []
    found = f"the overlay is of the study of {overlay.base}, and this is that of {here}"
    return [Problem(document.where("base"), found, f"an overlay of the study of {here}",
                    fix=f"begin with the study of {overlay.base}, or write an overlay of this one")]  # fmt: skip


def _strangers(bound: Bound, overlay: Overlay, document: yamltree.Document) -> list[Problem]:
    """Return a problem for each name that is no constant, and each value of the wrong shape."""
    asked = [(("set", name), name) for name in overlay.set]
    asked += [(("scale", str(i)), name) for i, item in enumerate(overlay.scale) for name in item.constants]
    found = []
    for place, written in asked:
        name = find(written, bound.values)
        if name is None:
            close = nearest(written, bound.values)
            found.append(Problem(document.where(*place), f"no constant {written!r}", "a constant of the model", close))
        elif place[0] == "set":
            shape = np.shape(np.asarray(overlay.set[written].value, dtype=float))
            if shape not in ((), bound.values[name].shape):
                expected = " x ".join(map(str, bound.values[name].shape)) or "one number"
                found.append(Problem(document.where(*place), f"{name} has {shape} numbers", expected))
    return found


def values(bound: Bound, overlay: Overlay) -> dict[str, Floats]:
    """Return the constants of a municipality that differ from the study's, (\\*dims), by model name."""
    changed: dict[str, Floats] = {}
    for item in overlay.scale:
        for name in item.constants:
            changed[bound.name(name)] = bound.values[bound.name(name)] * item.factor
    for name, given in overlay.set.items():
        own = bound.values[bound.name(name)]
        changed[bound.name(name)] = np.broadcast_to(np.asarray(given.value, dtype=float), own.shape)
    return changed


def _stacked(bound: Bound, runs: Sequence[dict[str, Floats]]) -> dict[str, Any]:
    """Return the constants of all runs, (draw, \\*dims), and the national rules."""
    found: dict[str, Any] = {name: xr.DataArray(figures, dims=(POINT,)) for name, figures in bound.rules.items()}
    for name in dict.fromkeys(n for run in runs for n in run):
        dims = bound.model.variables[name].dims
        found[name] = xr.DataArray(np.stack([run.get(name, bound.values[name]) for run in runs]), dims=(DRAW, *dims))
    return found
