"""Run scenarios over draws: the same draws for every scenario, one kernel for all of them, one Dataset.

A scenario changes only the values of constants, which are arguments of the compiled kernel, so all scenarios share one
compilation. Scenarios run side by side in a few threads. Saved times are the middle of each quarter: the fourth is the
registers' mid-November, and the mean of a year's four is the year's sum of a flow by the midpoint rule. The module
refuses results that are not finite, and to summarise anything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Lock
from typing import Any, Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, NON_FINITE, POINT, SCENARIO
from egendekning.engine import Model
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.describe import described
from egendekning.ensemble.design import Design, design, model_value
from egendekning.ensemble.room import check_room, memory
from egendekning.errors import Problem, SimulationError
from egendekning.names import find, split
from egendekning.study import Setting

Progress = Callable[[int, int, str], None]
"""Called with scenarios done, scenarios in all, and the id of the one that is done."""

QUARTER: Final = 0.25
"""Length of a quarter, in years."""


def run_scenarios(
    bound: Bound,
    scenarios: Sequence[str],
    draws: int | Design = 500,
    seed: int = 1,
    outputs: Sequence[str] | None = None,
    times: Sequence[float] | None = None,
    *,
    extra: Iterable[Setting] = (),
    constants: Mapping[str, float] | None = None,
    progress: Progress | None = None,
    threads: int | None = None,
) -> xr.Dataset:
    """Run scenarios over common draws.

    Parameters
    ----------
    bound : Bound
        Study and model.
    scenarios : sequence of str
        Ids; the order of the scenario axis.
    draws, seed : int or Design, int
        Number of sampled draws and their seed, or a design that was made before.
    outputs : sequence of str, optional
        Model variables wanted; all but tables if left out.
    times : sequence of float, optional
        Saved times, rising; the middle of every quarter if left out.
    extra : iterable of Setting
        Settings on top of every scenario's, as from the command line.
    constants : mapping, optional
        Values of constants (or ``constant[element]``) on top of everything.
    progress : callable, optional
        See `Progress`; called from this thread.
    threads : int, optional
        Scenarios that run at the same time; as many as there are processors if left out.

    Returns
    -------
    xarray.Dataset
        Dims (scenario, draw, time, \\*subscripts); draw 0 holds the values of the model file.

    Raises
    ------
    StudyError, SimulationError
        For an unknown scenario or variable, and where a result is not a finite number.
    """
    grid: Any = list(times) if times is not None else quarter_middles(bound.model)
    drawn = draws if isinstance(draws, Design) else _drawn(bound, len(scenarios), draws, seed, grid, outputs)
    settings = tuple(extra)
    inputs = [{**bound.study.overrides(name, settings), **(constants or {})} for name in scenarios]
    arrays = _Arrays(scenarios)

    def one(i: int) -> int:
        parameters = scenario_parameters(bound, drawn, inputs[i])
        arrays.put(i, bound.model.simulate(parameters, drawn.initial_values, outputs, grid))
        return i

    _side_by_side(one, scenarios, threads, progress)
    return described(bound, arrays.dataset(), drawn)


def _drawn(
    bound: Bound, scenarios: int, draws: int, seed: int, grid: Sequence[float] | None, outputs: Sequence[str] | None
) -> Design:
    """Return so many draws; UsageError where the results of so many scenarios would not fit in memory."""
    saves = len(grid if grid is not None else bound.model.time.times())
    check_room(bound.model, scenarios, draws + 1, saves, outputs, memory())
    return design(bound, draws, seed)


def _side_by_side(
    one: Callable[[int], int], scenarios: Sequence[str], threads: int | None, progress: Progress | None
) -> None:
    """Call `one` for every scenario, in threads, and tell which is done."""
    with ThreadPoolExecutor(max(1, min(len(scenarios), threads or processors()))) as pool:
        for done, job in enumerate(as_completed([pool.submit(one, i) for i in range(len(scenarios))]), 1):
            index = job.result()
            if progress is not None:
                progress(done, len(scenarios), scenarios[index])


class _Arrays:
    """Collects the Datasets of single scenarios into arrays that are allocated once."""

    def __init__(self, scenarios: Sequence[str]) -> None:
        self.scenarios = list(scenarios)
        self.data: dict[str, tuple[tuple[str, ...], Any, dict[str, Any]]] = {}
        self.coords: dict[str, Any] = {}
        self.lock = Lock()

    def put(self, index: int, result: xr.Dataset) -> None:
        """Store the result of one scenario."""
        if result.attrs.get(NON_FINITE):
            where = f"scenario {self.scenarios[index]}"
            fix = "narrow the ranges in model/parameters.yaml, or mend the equation; 'egendekning check' helps"
            raise SimulationError(
                Problem(where, text, "finite numbers", fix=fix) for text in result.attrs[NON_FINITE].splitlines()
            )
        with self.lock:
            if not self.data:
                self._allocate(result)
        for name, array in result.items():
            self.data[str(name)][1][index] = array.values

    def _allocate(self, result: xr.Dataset) -> None:
        """Make room for all scenarios, in the shape of the first that is done."""
        self.coords = {str(name): coord.variable for name, coord in result.coords.items()}
        for name, array in result.items():
            data = np.empty((len(self.scenarios), *array.shape))
            self.data[str(name)] = ((SCENARIO, *map(str, array.dims)), data, dict(array.attrs))

    def dataset(self) -> xr.Dataset:
        """Return everything stored."""
        return xr.Dataset(self.data, {**self.coords, SCENARIO: self.scenarios})


def scenario_parameters(bound: Bound, drawn: Design, overrides: Mapping[str, float]) -> dict[str, Any]:
    """Return what the kernel is given in one scenario: rules, draws, and above them the scenario's constants.

    Parameters
    ----------
    bound : Bound
        Study and model.
    drawn : Design
        The draws.
    overrides : mapping
        Value by constant or ``constant[element]``.

    Returns
    -------
    dict
        Value by model name, in the order of precedence of `Study.PRECEDENCE`. A constant that is drawn keeps its draw
        axis where a scenario sets it, so that every scenario has the same kernel.
    """
    found = layered(bound, drawn, overrides)
    if DRAW not in {dim for array in found.values() for dim in array.dims}:
        found.update(_one_draw(bound, drawn))
    return found


def layered(bound: Bound, drawn: Design, overrides: Mapping[str, float]) -> dict[str, xr.DataArray]:
    """Return `scenario_parameters` without an axis of draws where nothing is drawn."""
    found = {name: xr.DataArray(figures, dims=(POINT,)) for name, figures in bound.rules.items()}
    found.update(drawn.parameters)
    for written, value in overrides.items():
        head, elements = split(written)
        name = bound.name(head)
        if name in found:
            array = found[name].copy()
        else:
            numbers, dims = model_value(bound, name)
            array = xr.DataArray(numbers.copy(), dims=dims)
        array[place_of(bound.model, array, name, elements)] = value
        found[name] = array
    return found


def _one_draw(bound: Bound, drawn: Design) -> dict[str, xr.DataArray]:
    """Return a constant repeated along the draw axis, for a study in which nothing is drawn."""
    name, value = next(iter(bound.values.items()))
    dims = bound.model.variables[name].dims
    return {name: xr.DataArray(np.broadcast_to(value, (drawn.draws + 1, *value.shape)), dims=(DRAW, *dims))}


def place_of(model: Model, array: xr.DataArray, name: str, elements: tuple[str, ...]) -> dict[str, int]:
    """Return where the named elements lie; the whole array where none is named."""
    place: dict[str, int] = {}
    for dim, element in zip(model.variables[name].dims, elements, strict=False):
        known = {e: i for i, e in enumerate(model.subscripts[dim])}
        place[dim] = known[find(element, known) or element]
    return place


def quarter_middles(model: Model) -> list[float] | None:
    """Return the middle of every quarter of a model's horizon, or None where its step does not meet them."""
    grid = model.time
    first = QUARTER / 2.0
    if any(abs(part / grid.step - round(part / grid.step)) > 1e-9 for part in (first, QUARTER)):
        return None
    count = int((grid.final - grid.initial) / QUARTER)
    return [float(grid.initial + first + i * QUARTER) for i in range(count)] or None


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


__all__ = ["Progress", "layered", "place_of", "processors", "quarter_middles", "run_scenarios", "scenario_parameters"]
