"""From a run of the model to what the observations should have been: the observation operator.

A figure is an instant (linear between steps) or the mean of a calendar year (over its steps, which is what the steps
of the model add up). Its error is that of measurement and the structural error of its group, in squares. The module
refuses to run a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from egendekning.calibrate.files import OBSERVATION_MODEL, Figure, Files
from egendekning.calibrate.schemas import Group
from egendekning.engine.runtime import jax_module
from egendekning.ensemble.bind import Bound
from egendekning.errors import Problem, StudyError
from egendekning.names import find, nearest, split

Floats = NDArray[np.float64]

_SAME: Final = 1e-6
"""Years: dates this near each other are the same."""

PERCENT: Final = 100.0
"""Figures in percent stand beside shares in the model."""


@dataclass(frozen=True)
class Observations:
    """What the calibration fits, in the units of the figures.

    Attributes
    ----------
    labels, groups : tuple of str
        (figure), series and period, and the group of the observation model.
    values, errors : ndarray
        (figure), the figure and its standard error, structural error included.
    outputs : tuple of str
        Model variables that are needed.
    column : ndarray
        (figure), which element of the joined outputs a figure reads.
    weights : ndarray
        (figure, step), how it reads over time; percent included.
    grid : dict
        Time of the run: first and last time, saved at every step.
    """

    labels: tuple[str, ...]
    groups: tuple[str, ...]
    values: Floats
    errors: Floats
    outputs: tuple[str, ...]
    column: NDArray[np.intp]
    weights: Floats
    grid: dict[str, float]

    def predict(self, run: Mapping[str, Any]) -> Any:
        """Return what the figures would be in a run.

        Parameters
        ----------
        run : mapping
            (step, \\*dims) by name of output; arrays of JAX or NumPy.

        Returns
        -------
        array
            (figure), in the units of the figures.
        """
        jnp = jax_module().numpy
        joined = jnp.concatenate([jnp.reshape(run[n], (self.weights.shape[1], -1)) for n in self.outputs], axis=1)
        return jnp.sum(self.weights * joined[:, self.column].T, axis=1)


def observations(bound: Bound, files: Files) -> Observations:
    """Prepare the figures that the observation model asks for.

    Raises
    ------
    StudyError
        For variables that the model lacks, and where no figure is left.
    """
    chosen = _chosen(files)
    problems: list[Problem] = []
    places = {}
    for group, item in files.model.groups.items():
        for series, variable in item.series.items():
            try:
                places[variable] = _place(bound, variable)
            except LookupError as error:
                name = str(error.args[0])
                known = [n for n, v in bound.model.variables.items() if v.kind != "lookup"]
                where = files.where(OBSERVATION_MODEL, "groups", group, "series", series)
                problems.append(Problem(where, f"{variable!r}: no {name!r} in the model",
                                        "variable or variable[element]", nearest(name, known),
                                        "name a variable of the model, an element for each subscript"))  # fmt: skip
    problems += _unfit(bound, files, chosen)
    if problems:
        raise StudyError(problems)
    step = bound.model.time.step
    last = _last_time(bound, chosen)
    times = (
        bound.model.time.initial + np.arange(round((last - bound.model.time.initial) / step) + 1, dtype=float) * step
    )
    outputs = tuple(dict.fromkeys(places[v][0] for _, _, _, v in chosen))
    sizes = [int(np.prod([len(bound.model.subscripts[d]) for d in bound.model.variables[n].dims])) for n in outputs]
    first = dict(zip(outputs, np.cumsum([0, *sizes[:-1]]), strict=True))
    return Observations(
        labels=tuple(f"{f.series} {f.period}" for _, _, f, _ in chosen),
        groups=tuple(name for name, *_ in chosen),
        values=np.array([f.value for _, _, f, _ in chosen]),
        errors=np.array([np.hypot(f.error, g.error.of(f.value)) for _, g, f, _ in chosen]),
        outputs=outputs,
        column=np.array([first[places[v][0]] + places[v][1] for _, _, _, v in chosen], dtype=np.intp),
        weights=np.stack([_weights(times, g, f) for _, g, f, _ in chosen]),
        grid={"initial": bound.model.time.initial, "final": float(times[-1]), "step": step, "saveper": step},
    )


def _chosen(files: Files) -> list[tuple[str, Group, Figure, str]]:
    """Return group name, group, figure and model variable of everything that is used."""
    model = files.model
    return [
        (name, group, figure, group.series[figure.series])
        for name, group in model.groups.items()
        for figure in files.figures
        if figure.series in group.series and figure.region == model.region
        and model.since <= figure.time <= model.until
        and (group.periods is None or figure.period in group.periods)
    ]  # fmt: skip


def _unfit(bound: Bound, files: Files, chosen: list[tuple[str, Group, Figure, str]]) -> list[Problem]:
    """Say which figures are used twice or lie outside the years of the model, and where none is left."""
    if not chosen:
        expected = "series, periods and dates ('since', 'until') that have figures"
        where = files.where(OBSERVATION_MODEL, "groups")
        return [Problem(where, "no figure of the observations is used", expected, fix="see observations.csv")]
    problems = []
    first: dict[str, str] = {}
    start, end = bound.model.time.initial, bound.model.time.final
    for name, group, figure, _ in chosen:
        said = f"{figure.series} {figure.period}"
        if first.setdefault(figure.where, name) != name:
            where = files.where(OBSERVATION_MODEL, "groups", name, "series", figure.series)
            problems.append(Problem(where, f"{said} is used by {first[figure.where]!r} already", "each figure once",
                                    fix="leave it out of one group, or choose periods"))  # fmt: skip
        begins = np.floor(figure.time) if group.reading == "year" else figure.time
        ends = begins + 1.0 if group.reading == "year" else figure.time
        if begins < start - _SAME or ends > end + _SAME:
            problems.append(Problem(figure.where, f"{said} lies outside the run", f"{start:g} to {end:g}",
                                    fix="mend 'time', or 'since' and 'until' of the observation model"))  # fmt: skip
    return problems


def _last_time(bound: Bound, chosen: list[tuple[str, Group, Figure, str]]) -> float:
    """Return the first step at which everything is known: the date of the last instant, the end of the last year."""
    grid = bound.model.time
    ends = [np.floor(f.time) + 1.0 if g.reading == "year" else f.time for _, g, f, _ in chosen]
    return float(grid.initial + np.ceil((max(ends) - grid.initial) / grid.step - 1e-6) * grid.step)


def _place(bound: Bound, written: str) -> tuple[str, int]:
    """Return the name of a variable and which of its elements, in order, is meant; LookupError with what is unknown."""
    head, elements = split(written)
    name = find(head, bound.model.variables)
    if name is None or bound.model.variables[name].kind == "lookup":
        raise LookupError(head)
    dims = bound.model.variables[name].dims
    if len(dims) != len(elements):
        raise LookupError(written)
    at = 0
    for dim, element in zip(dims, elements, strict=True):
        known = {e: i for i, e in enumerate(bound.model.subscripts[dim])}
        spelled = find(element, known)
        if spelled is None:
            raise LookupError(element)
        at = at * len(known) + known[spelled]
    return name, at


def _weights(times: Floats, group: Group, figure: Figure) -> Floats:
    """Return how a figure reads over the steps, (step)."""
    if group.reading == "year":
        year = np.floor(figure.time)
        inside = (times >= year - 1e-9) & (times < year + 1.0 - 1e-9)
        weights = inside / inside.sum()
    else:
        right = int(np.clip(np.searchsorted(times, figure.time - 1e-9), 1, len(times) - 1))
        share = (figure.time - times[right - 1]) / (times[right] - times[right - 1])
        weights = np.zeros(len(times))
        weights[right - 1], weights[right] = 1.0 - share, share
    return np.asarray(weights * (PERCENT if figure.unit.startswith("%") else 1.0), dtype=float)
