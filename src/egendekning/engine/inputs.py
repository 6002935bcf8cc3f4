"""Turn what a caller gives (numbers, arrays, DataArrays) into arrays of known axes, or say what is wrong with it.

Every value ends as (*dims, draw), the last axis 1 long where it is the same in every draw. The module refuses values
of the wrong shape, unknown names and names that cannot be set, all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.dims import DRAW, POINT, TIME
from egendekning.engine.ir import ModelDef, Ref, VariableDef
from egendekning.errors import Problem, SimulationError
from egendekning.names import key, nearest

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
                                          f"a coordinate 'time', {len(step)} steps or {len(saves)} saves"))  # fmt: skip
        at = np.clip(np.searchsorted(times, wanted, side="right") - 1, 0, max(len(times) - 2, 0))
        after = np.minimum(at + 1, len(times) - 1)
        width = times[after] - times[at]
        share = np.clip(np.where(width > 0, (wanted - times[at]) / np.where(width > 0, width, 1.0), 0.0), 0.0, 1.0)
        share = share.reshape((-1,) + (1,) * (self.values.ndim - 1))
        return np.asarray(self.values[at] + share * (self.values[after] - self.values[at]))


@dataclass(slots=True)
class Inputs:
    """Given values by variable key: `values` (constants, tables, replaced variables), `starts` (stocks)."""

    values: dict[str, Floats] = field(default_factory=dict)
    starts: dict[str, Floats] = field(default_factory=dict)
    draws: int | None = None
    series: dict[str, Series] = field(default_factory=dict)

    def varying(self) -> frozenset[str]:
        """Return the names whose values differ between draws (``start:`` before those of stocks)."""
        found = {n for n, v in self.values.items() if v.shape[-1] > 1}
        found |= {n for n, v in self.series.items() if v.values.shape[-1] > 1}
        return frozenset(found | {"start:" + n for n, v in self.starts.items() if v.shape[-1] > 1})


class _Mistake(Exception):
    def __init__(self, found: str, expected: str, near: str | None = None) -> None:
        super().__init__(found)
        self.found, self.expected, self.near = found, expected, near


def read_inputs(
    model: ModelDef, parameters: Mapping[str, Any] | None, initial_values: Mapping[str, Any] | None
) -> Inputs:
    """Return the given values as arrays.

    Raises
    ------
    SimulationError
        With one problem per unknown name or unusable value.
    """
    inputs = Inputs()
    problems: list[Problem] = []
    for given, starting in ((parameters, False), (initial_values, True)):
        where = "initial_values" if starting else "parameters"
        if given is not None and not isinstance(given, Mapping):
            problems.append(Problem(where, f"a {type(given).__name__}", "a mapping of name to value"))
            continue
        for name, value in (given or {}).items():
            try:
                item = _find(model, name, starting)
                over_time = None if starting else _over_time(model, item, value)
                array, draws = _array(model, item, value) if over_time is None else over_time
                if draws is not None and inputs.draws not in (None, draws):
                    raise _Mistake(f"{draws} draws", f"{inputs.draws} draws, as in the other parameters")
                inputs.draws = inputs.draws if draws is None else draws
                if isinstance(array, Series):
                    inputs.series[item.key] = array
                else:
                    (inputs.starts if starting else inputs.values)[item.key] = array
            except _Mistake as error:
                problems.append(Problem(where, f"{name}: {error.found}", error.expected, error.near))
    if problems:
        raise SimulationError(problems)
    return inputs


def _find(model: ModelDef, name: str, starting: bool) -> VariableDef:
    if not isinstance(name, str):
        raise _Mistake(f"a name of type {type(name).__name__}", "text")
    item = model.variables.get(key(name))
    if item is None:
        raise _Mistake(
            "unknown name", "a variable of the model", nearest(name, [v.name for v in model.variables.values()])
        )
    if item.kind == "control":
        raise _Mistake("the time grid is not a parameter", "time={'initial', 'final', 'step', 'saveper'}")
    if not starting and any(isinstance(c.expr, Ref) and "#" in c.expr.key for c in model.working[item.key].components):
        raise _Mistake("its elements depend on each other, so it cannot be replaced", "one of its inputs")
    if item.key in model.structural:
        raise _Mistake(
            "it sets the order of a delay or the kind of a function, which are built in", "a change of the file"
        )
    if starting and item.kind != "stock":
        raise _Mistake(f"is a {item.kind}", "a stock")
    if not starting and item.kind == "stock":
        raise _Mistake("is a stock", "a constant, lookup, auxiliary or flow; give stocks in initial_values")
    return item


def _over_time(model: ModelDef, item: VariableDef, value: Any) -> tuple[Series, int | None] | None:
    """Return values that change along dim ``time``, None where `value` has no such dim."""
    if TIME not in getattr(value, "dims", ()) or TIME in [model.ranges[d].name for d in item.dims]:
        return None
    if item.lookup is not None:
        raise _Mistake("a table function that changes over time", "y-values along 'point'")
    times = np.asarray(value.coords[TIME].values, dtype=float) if TIME in value.coords else None
    if times is not None and (np.diff(times) <= 0).any():
        raise _Mistake("times out of order", "rising times along 'time'")
    if value.sizes[TIME] == 0:
        raise _Mistake("no values along 'time'", "at least one")
    rows = [_from_labelled(model, item, value.isel({TIME: k}, drop=True), [model.ranges[d].name for d in item.dims],
                           item.shape) for k in range(value.sizes[TIME])]  # fmt: skip
    return Series(np.stack([r for r, _ in rows]), times), rows[0][1]


def _array(model: ModelDef, item: VariableDef, value: Any) -> tuple[Floats, int | None]:
    """Return `value` as (*dims[, point], draw) and the number of draws, None if it has no draw axis."""
    dims = [model.ranges[d].name for d in item.dims] + ([POINT] if item.lookup else [])
    shape = item.lookup.y.shape if item.lookup else item.shape
    if value is None:
        raise _Mistake("None is not a number", "a number, an array over draw or a DataArray")
    if hasattr(value, "dims") and hasattr(value, "coords"):
        return _from_labelled(model, item, value, dims, shape)
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise _Mistake(f"{value!r} is not a number", "a number, an array over draw or a DataArray") from error
    if array.ndim == 0 and not item.lookup:
        return np.broadcast_to(array.reshape((1,) * (len(shape) + 1)), (*shape, 1)), None
    if array.ndim == 1 and item.lookup and array.shape == shape:
        return array[..., None], None
    if array.ndim == 1 and not item.lookup and not array.size:
        raise _Mistake("an array without draws", "at least one draw")
    if array.ndim == 1 and not item.lookup:
        return np.broadcast_to(array, (*shape, array.size)), array.size
    want = f"{shape[-1]} values, one per point" if item.lookup else "a number or one number per draw"
    raise _Mistake(f"an array of shape {array.shape}", f"{want}, or a DataArray with dims {(DRAW, *dims)}")


def _from_labelled(
    model: ModelDef, item: VariableDef, value: Any, dims: list[str], shape: tuple[int, ...]
) -> tuple[Floats, int | None]:
    extra = [d for d in value.dims if d not in (*dims, DRAW)]
    if extra:
        raise _Mistake(f"dim {extra[0]!r}", f"dims out of {(DRAW, *dims)}", nearest(str(extra[0]), [DRAW, *dims]))
    for at, dim in enumerate(item.dims):
        name = dims[at]
        if name in value.dims and name in value.coords:
            order = {key(str(e)): i for i, e in enumerate(value.coords[name].values)}
            lacking = [e for e in model.ranges[dim].elements if e not in order]
            if lacking:
                raise _Mistake(f"no value for {name} {lacking[0]}", f"all {shape[at]} elements")
            value = value.isel({name: [order[e] for e in model.ranges[dim].elements]})
    for at, name in enumerate(dims):
        if name in value.dims and value.sizes[name] != shape[at]:
            raise _Mistake(f"{value.sizes[name]} along {name}", f"{shape[at]}")
    if item.lookup and POINT not in value.dims:
        raise _Mistake("no dim 'point'", f"{shape[-1]} values along 'point'")
    present = [d for d in dims if d in value.dims]
    draws = value.sizes[DRAW] if DRAW in value.dims else None
    if draws == 0:
        raise _Mistake("an array without draws", "at least one draw")
    try:
        array = value.transpose(*present, *([DRAW] if draws is not None else [])).values.astype(float)
    except (TypeError, ValueError) as error:
        raise _Mistake(f"values of type {value.dtype}", "numbers") from error
    if draws is None:
        array = array[..., None]
    full = [shape[i] if d in present else 1 for i, d in enumerate(dims)]
    return np.broadcast_to(array.reshape((*full, array.shape[-1])), (*shape, array.shape[-1])), draws
