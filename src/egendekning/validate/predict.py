"""What the draws of a study say each figure will be: the observation operator, run in pieces to spare memory.

A date between two steps is read on the line between them; a yearly mean over the steps that the year's flows are added
up from. Draws are run in pieces of `PIECE` and only the predicted figures are kept: residents by single age at every
date of a long run never lie in memory together. The module refuses to score.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, SCENARIO, TIME
from egendekning.ensemble import Bound, Design, run_scenarios
from egendekning.errors import Problem, SimulationError
from egendekning.names import find
from egendekning.study.expressions import Binary, Name, Negative, Node, Number
from egendekning.validate.observed import Figure, Years
from egendekning.validate.series import Counterpart

Floats = NDArray[np.float64]

PIECE: Final = 256
"""Draws that are run at once."""

_NEAR: Final = 1e-6
"""Of a step: a date this near a step is that step."""


class Grid:
    """The steps of a model, and how a figure reads them.

    Parameters
    ----------
    start, step : float
        First time and step, year.
    """

    def __init__(self, start: float, step: float) -> None:
        self.start, self.step = start, step

    def weights(self, figure: Figure) -> dict[int, float]:
        """Return the weight of each step (its number from the start) in a figure; a change has both signs."""
        item, when = figure.counterpart, figure.when
        if item.reading == "end":
            return {self._number(when.end) - 1: 1.0}
        if item.reading == "change":
            return {self._number(when.start): -1.0, self._number(when.end): 1.0}
        if item.reading == "mean" or (when.kind in ("year", "quarter") and item.year == "mean"):
            inside = range(self._number(when.start), self._number(when.end))
            return dict.fromkeys(inside, 1.0 / len(inside))
        return self._between(figure.time)

    def _number(self, time: float) -> int:
        return round((time - self.start) / self.step)

    def _between(self, time: float) -> dict[int, float]:
        """Return the weights of the two steps around a time."""
        place = (time - self.start) / self.step
        if abs(place - round(place)) < _NEAR:
            return {round(place): 1.0}
        before = int(np.floor(place))
        return {before: 1.0 - (place - before), before + 1: place - before}


def years_of(bound: Bound) -> Years:
    """Return the years that the model of a study covers."""
    return Years(bound.model.time.initial, bound.model.time.final)


def predictions(
    bound: Bound,
    figures: Sequence[Figure],
    drawn: Design,
    scenario: str,
    *,
    constants: Mapping[str, float] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Floats:
    """Return what every draw says of every figure, without errors of measurement.

    Parameters
    ----------
    bound : Bound
        Study and model.
    figures : sequence of Figure
        Within the years of the model.
    drawn : Design
        The draws, draw 0 first.
    scenario : str
        Which scenario is run.
    constants : mapping, optional
        Values of constants on top of everything.
    progress : callable, optional
        Called with draws done and draws in all.

    Returns
    -------
    ndarray
        (draw, figure), in the units of the figures; draw 0 first.
    """
    grid = Grid(bound.model.time.initial, bound.model.time.step)
    weights = [grid.weights(figure) for figure in figures]
    steps = sorted({step for w in weights for step in w})
    times = [grid.start + step * grid.step for step in steps]
    place = {step: i for i, step in enumerate(steps)}
    outputs = list(dict.fromkeys(bound.name(n) for figure in figures for n in figure.counterpart.variables))
    count = drawn.draws + 1
    found = np.empty((count, len(figures)))
    cuts = np.linspace(0, count, -(-count // PIECE) + 1).round().astype(int).tolist()
    for begin, end in pairwise(cuts):
        part = piece(drawn, begin, end)
        run = run_scenarios(bound, [scenario], part, outputs=outputs, times=times, constants=constants)
        one = run.isel({SCENARIO: 0})
        for i, figure in enumerate(figures):
            at = [place[step] for step in weights[i]]
            values = series_of(one.isel({TIME: at}), figure.counterpart)
            found[begin:end, i] = values @ np.array(list(weights[i].values()))
            _check_finite(found[begin:end, i], figure)
        if progress is not None:
            progress(end, count)
    return found


def _check_finite(said: Floats, figure: Figure) -> None:
    """Raise SimulationError where draws say no number of a figure: the expression of its series divides by zero."""
    if not np.all(np.isfinite(said)):
        found = f"{figure.counterpart.text!r} is no finite number in some draws"
        fix = "mend 'model' of the series in calibration/series.yaml"
        raise SimulationError(Problem(f"{figure.series} {figure.period}", found, "a number in every draw", fix=fix))


def piece(drawn: Design, begin: int, end: int) -> Design:
    """Return the draws from `begin` up to `end`, counted from draw 0."""
    cut = {DRAW: slice(begin, end)}
    parameters = {n: a.isel(cut) if DRAW in a.dims else a for n, a in drawn.parameters.items()}
    starts = {n: a.isel(cut) if DRAW in a.dims else a for n, a in drawn.initial_values.items()}
    return replace(drawn, parameters=parameters, initial_values=starts, draws=end - begin - 1)


def series_of(run: xr.Dataset, counterpart: Counterpart) -> Floats:
    """Return a series in a run, (draw, time), in its unit.

    Parameters
    ----------
    run : xarray.Dataset
        Dims (draw, time, \\*subscripts).
    counterpart : Counterpart
        What the series is.
    """
    shape = (run.sizes.get(DRAW, 1), run.sizes[TIME])
    if counterpart.value is not None:
        value = _evaluated(run, counterpart.value.operands[0])
        return np.broadcast_to(np.asarray(value, dtype=float), shape)
    assert counterpart.ages is not None, "a counterpart has an expression or ages"
    first, last = counterpart.ages
    array = run[find(counterpart.variable, {str(n): n for n in run.data_vars}) or counterpart.variable]
    ages = next(str(dim) for dim in array.dims if dim not in (DRAW, TIME))
    found = array.isel({ages: slice(first, last + 1)}).sum(ages).transpose(DRAW, TIME, missing_dims="ignore")
    return np.broadcast_to(found.values, shape)


def _evaluated(run: xr.Dataset, node: Node) -> Floats | float:
    """Return the value of an expression, (draw, time) or a number."""
    match node:
        case Number(value=number):
            return number
        case Name():
            return _variable(run, node)
        case Negative(operand=operand):
            return -_evaluated(run, operand)
        case Binary(operator=operator, left=left, right=right):
            a, b = _evaluated(run, left), _evaluated(run, right)
            apply = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}[operator]
            with np.errstate(all="ignore"):  # what is not finite is told with the figure
                return apply(a, b)
    raise TypeError(f"no value for {node!r}")  # pragma: no cover - the schema refuses functions


def _variable(run: xr.Dataset, node: Name) -> Floats:
    """Return a variable, or one element of it, (draw, time)."""
    array = run[find(node.name, {str(n): n for n in run.data_vars}) or node.name]
    for dim, element in zip([str(d) for d in array.dims if d not in (DRAW, TIME)], node.elements, strict=True):
        labels = {str(label): label for label in array[dim].values}
        array = array.sel({dim: labels[find(element, labels) or element]})
    return np.asarray(array.transpose(DRAW, TIME, missing_dims="ignore").values)
