"""Turn what a caller gives, name by name, into arrays of known axes, or say what is wrong with it.

The module refuses values of the wrong shape, unknown names, names that cannot be set and draws that do not belong
together, all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.dims import DRAW, TIME
from egendekning.engine.given import Mistake, as_array, from_labelled, is_labelled, labelled
from egendekning.engine.ir import ModelDef, Ref, VariableDef
from egendekning.errors import Problem, SimulationError
from egendekning.names import key, nearest, split

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """Values over time, (time, *dims, draw): at `times`, or, without them, one for every step or every saving time."""

    values: Floats
    times: Floats | None

    def at(self, wanted: Floats, step: Floats, saves: Floats) -> Floats:
        """Return the values at `wanted` times: straight lines between, flat beyond the ends."""
        times = self.times
        if times is None:
            times = next((t for t in (step, saves) if len(t) == len(self.values)), None)
        if times is None:
            raise SimulationError(Problem("parameters", f"{len(self.values)} values along time without times",
                                          f"a coordinate 'time', {len(step)} steps or {len(saves)} saves",
                                          fix="value.assign_coords(time=times)"))  # fmt: skip
        at = np.clip(np.searchsorted(times, wanted, side="right") - 1, 0, max(len(times) - 2, 0))
        after = np.minimum(at + 1, len(times) - 1)
        width = times[after] - times[at]
        share = np.clip(np.where(width > 0, (wanted - times[at]) / np.where(width > 0, width, 1.0), 0.0), 0.0, 1.0)
        share = share.reshape((-1,) + (1,) * (self.values.ndim - 1))
        return np.asarray(self.values[at] + share * (self.values[after] - self.values[at]))


@dataclass(slots=True)
class Inputs:
    """Given values by variable key: `values` (constants, tables, replaced variables), `starts` (stocks).

    `labels` are the numbers by which the caller calls the draws, (draw), None where they are counted.
    """

    values: dict[str, Floats] = field(default_factory=dict)
    starts: dict[str, Floats] = field(default_factory=dict)
    draws: int | None = None
    series: dict[str, Series] = field(default_factory=dict)
    labels: NDArray[np.int64] | None = None

    def varying(self) -> frozenset[str]:
        """Return the names whose values differ between draws (``start:`` before those of stocks)."""
        found = {n for n, v in self.values.items() if v.shape[-1] > 1}
        found |= {n for n, v in self.series.items() if v.values.shape[-1] > 1}
        return frozenset(found | {"start:" + n for n, v in self.starts.items() if v.shape[-1] > 1})


def read_inputs(
    model: ModelDef, parameters: Mapping[str, Any] | None, initial_values: Mapping[str, Any] | None
) -> Inputs:
    """Return the given values as arrays.

    Raises
    ------
    SimulationError
        With one problem per unknown name or unusable value.
    """
    reader = _Reader(model)
    reader.read(parameters, False)
    reader.read(initial_values, True)
    if reader.problems:
        raise SimulationError(reader.problems)
    return reader.inputs


class _Reader:
    """Reads values one by one, and keeps what is wrong with them."""

    def __init__(self, model: ModelDef) -> None:
        self.model, self.inputs = model, Inputs()
        self.problems: list[Problem] = []
        self.labels: tuple[str, Any] | None = None

    def read(self, given: Any, starting: bool) -> None:
        """Read a mapping, a Dataset, or a DataFrame with a row a draw."""
        where = "initial_values" if starting else "parameters"
        if hasattr(given, "columns") and hasattr(given, "iloc"):
            given = {name: given[name].to_numpy() for name in given.columns}
        if given is not None and not isinstance(given, Mapping):
            fix = f"{where}={{'name': value}}"
            self.problems.append(Problem(where, f"a {type(given).__name__}", "a mapping of name to value", fix=fix))
            return
        for name, value in (given or {}).items():
            try:
                self._one(name, labelled(value), starting)
            except Mistake as error:
                self.problems.append(Problem(where, f"{name}: {error.found}", error.expected, error.near, error.fix))

    def _one(self, name: str, value: Any, starting: bool) -> None:
        item = _find(self.model, name, starting)
        if item.key in self.inputs.values or item.key in self.inputs.series or item.key in self.inputs.starts:
            raise Mistake("is given twice, spelled otherwise", "one value a name", item.name, "leave one out")
        over_time = None if starting else _over_time(self.model, item, value)
        array, draws = as_array(self.model, item, value) if over_time is None else over_time
        _check_timing(self.model, item, array)
        if draws is not None:
            self._count(item.name, draws, value)
        if isinstance(array, Series):
            self.inputs.series[item.key] = array
        else:
            (self.inputs.starts if starting else self.inputs.values)[item.key] = array

    def _count(self, name: str, draws: int, value: Any) -> None:
        """Hold that all values have as many draws, with the same labels where they have labels."""
        known = self.inputs.draws
        if known not in (None, draws):
            fix = f"give {known} values, or one for all draws"
            raise Mistake(f"{draws} draws", f"{known} draws, as in the other parameters", fix=fix)
        self.inputs.draws = draws
        if not is_labelled(value) or DRAW not in value.coords:
            return
        labels = np.asarray(value.coords[DRAW].values)
        if self.labels is None:
            self.labels = (name, labels)
            if labels.dtype.kind in "iu" and len(np.unique(labels)) == len(labels):
                self.inputs.labels = labels.astype(np.int64)
        elif not np.array_equal(self.labels[1], labels):
            fix = "value.reindex_like(the other), or value.drop_vars('draw') to go by position"
            raise Mistake("its draws are labelled otherwise", f"the draws of {self.labels[0]}, in their order", fix=fix)


def _find(model: ModelDef, name: str, starting: bool) -> VariableDef:
    """Return the variable that may be given under a name."""
    if not isinstance(name, str):
        raise Mistake(f"a name of type {type(name).__name__}", "text", fix="give the name as text")
    item = model.variables.get(key(name))
    if item is None or item.hidden:
        raise _unknown(model, name)
    if item.kind == "control":
        grid = {"initial time": "initial", "final time": "final", "time step": "step", "saveper": "saveper"}
        fix = f"simulate(..., time={{'{grid.get(item.key, 'step')}': value}})"
        raise Mistake("the time grid is not a parameter", "time={'initial', 'final', 'step', 'saveper'}", fix=fix)
    if not starting and any(isinstance(c.expr, Ref) and "#" in c.expr.key for c in model.working[item.key].components):
        raise Mistake("its elements depend on each other, so it cannot be replaced", "one of its inputs",
                      fix="give what its equation reads")  # fmt: skip
    if item.key in model.structural:
        raise Mistake("it sets the order of a delay or the kind of a function, which are built in",
                      "a change of the file", fix=f"change line {item.line} of the file and load it again")  # fmt: skip
    if starting and item.kind != "stock":
        raise Mistake(f"is a {item.kind}", "a stock", fix="give it in parameters")
    if not starting and item.kind == "stock":
        raise Mistake("is a stock", "a constant, lookup, auxiliary or flow", fix="give it in initial_values")
    return item


def _check_timing(model: ModelDef, item: VariableDef, value: Floats | Series) -> None:
    """Refuse another value for what the file computes its time grid from."""
    known = model.timing.get(item.key)
    if known is None or (not isinstance(value, Series) and (value == known).all()):
        return
    fix = "simulate(..., time={'final': value}), or another of initial, step and saveper"
    raise Mistake("the file computes its time grid from it", "the value in the file", fix=fix)


def _unknown(model: ModelDef, name: str) -> Mistake:
    head, elements = split(name)
    item = model.variables.get(key(head))
    if elements and item is not None and not item.hidden:
        dims = [model.ranges[d].name for d in item.dims]
        fix = f"give {item.name} whole: xarray.DataArray(values, dims={dims})"
        return Mistake("an element alone", f"all elements of {item.name}", item.name, fix)
    if key(name) == TIME:
        return Mistake("the clock is not a parameter", "a variable of the model", fix="simulate(..., time=...)")
    known = [v.name for v in model.variables.values() if not v.hidden]
    return Mistake("unknown name", "a variable of the model", nearest(name, known), "model.variables lists the names")


def _over_time(model: ModelDef, item: VariableDef, value: Any) -> tuple[Series, int | None] | None:
    """Return values that change along dim ``time``, None where `value` has no such dim."""
    if TIME not in getattr(value, "dims", ()) or TIME in [model.ranges[d].name for d in item.dims]:
        return None
    if item.lookup is not None:
        raise Mistake("a table function that changes over time", "y-values along 'point'",
                      fix="give the variable that reads the table a series instead")  # fmt: skip
    times = _times(value)
    if value.sizes[TIME] == 0:
        raise Mistake("no values along 'time'", "at least one", fix="give one value for all times, or several")
    dims = [model.ranges[d].name for d in item.dims]
    rows = [from_labelled(model, item, value.isel({TIME: k}, drop=True), dims, item.shape)
            for k in range(value.sizes[TIME])]  # fmt: skip
    return Series(np.stack([r for r, _ in rows]), times), rows[0][1]


def _times(value: Any) -> Floats | None:
    """Return the times of a series, None where it has none."""
    if TIME not in value.coords:
        return None
    times = np.asarray(value.coords[TIME].values)
    if times.dtype.kind not in "iuf":
        fix = "give the coordinate 'time' in the model's time unit, such as 2020.25"
        raise Mistake(f"times of type {times.dtype}", "numbers along 'time'", fix=fix)
    times = times.astype(float)
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise Mistake("times out of order", "rising times along 'time'", fix="value.sortby('time'), each time once")
    return times
