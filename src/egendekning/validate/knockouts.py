"""Loop knock-outs: each named loop is cut by its switch, and a push shows whether it did what theory says.

All runs (the model as it is, pushed, cut, and both) are draws of one call with the values of the model file. The module
refuses to judge a loop by the baseline alone, where several loops work against each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, TIME
from egendekning.ensemble import Bound
from egendekning.ensemble.design import model_value
from egendekning.names import find, split
from egendekning.validate.plan import KnockOut

Floats = NDArray[np.float64]

YEARS: Final = (2030, 2040)
"""Years whose fourth quarter is read without any push."""

_MATTERS: Final = 1e-3
"""Share of the response below which a loop makes no difference."""

_PERCENT: Final = 100.0


@dataclass(frozen=True)
class Run:
    """Constants that are set and what is added to stocks at the start."""

    constants: Mapping[str, float] = field(default_factory=dict)
    starts: Mapping[str, float] = field(default_factory=dict)

    def cut(self, switch: str) -> Run:
        """Return the same with a loop cut."""
        return Run({**self.constants, switch: 0.0}, self.starts)


@dataclass(frozen=True)
class LoopResult:
    """What cutting one loop does.

    Attributes
    ----------
    item : KnockOut
        What was asked.
    effects : tuple of float
        Egendekning without the loop less with it, percentage points, in the fourth quarter of `YEARS`.
    whole, cut : float
        What the push does to the outcome, with the loop and without, in the unit of the outcome.
    """

    item: KnockOut
    effects: tuple[float, ...]
    whole: float
    cut: float

    @property
    def passed(self) -> bool:
        """Whether the loop works in the direction that theory says, and matters."""
        matters = abs(self.whole - self.cut) > _MATTERS * max(abs(self.whole), abs(self.cut))
        return matters and (self.whole > self.cut) == (self.item.with_loop == "more")


def knock_outs(bound: Bound, items: Sequence[KnockOut], headline: str) -> tuple[LoopResult, ...]:
    """Cut every loop.

    Parameters
    ----------
    bound : Bound
        Study and model.
    items : sequence of KnockOut
        What to cut and what theory says.
    headline : str
        Model variable, a share, whose change is told in percentage points.
    """
    runs = [Run()]
    for item in items:
        pushed = Run(dict(item.push), dict(item.start))
        runs += [Run().cut(item.switch), pushed, pushed.cut(item.switch)]
    times = sorted({y + 0.875 for y in YEARS} | {item.year for item in items})
    found = _simulate(bound, runs, [headline, *(split(item.read)[0] for item in items)], times)
    results = []
    for i, item in enumerate(items):
        without, pushed_at, both = 3 * i + 1, 3 * i + 2, 3 * i + 3
        target = found[bound.name(headline)]
        change = target.isel({DRAW: without}) - target.isel({DRAW: 0})
        effects = tuple(_PERCENT * float(change.sel({TIME: y + 0.875})) for y in YEARS)
        read = [_value(bound, found, item, at) for at in (0, without, pushed_at, both)]
        results.append(LoopResult(item, effects, read[2] - read[0], read[3] - read[1]))
    return tuple(results)


def _value(bound: Bound, found: xr.Dataset, item: KnockOut, draw: int) -> float:
    """Return an outcome in one run."""
    name, elements = split(item.read)
    array = found[bound.name(name)].isel({DRAW: draw}).sel({TIME: item.year})
    for dim, element in zip([str(d) for d in array.dims], elements, strict=True):
        labels = {str(label): label for label in array[dim].values}
        array = array.sel({dim: labels[find(element, labels) or element]})
    return float(array)


def _simulate(bound: Bound, runs: Sequence[Run], outputs: Sequence[str], times: list[float]) -> xr.Dataset:
    """Run all in one call, (draw, time, \\*subscripts)."""
    names = list(dict.fromkeys(bound.name(n) for n in outputs))
    parameters: dict[str, Any] = {}
    for name in dict.fromkeys(n for run in runs for n in run.constants):
        base = float(bound.values[bound.name(name)])
        parameters[bound.name(name)] = np.array([run.constants.get(name, base) for run in runs])
    starts: dict[str, Any] = {}
    for name in dict.fromkeys(n for run in runs for n in run.starts):
        base = float(model_value(bound, bound.name(name))[0])
        starts[bound.name(name)] = np.array([base + run.starts.get(name, 0.0) for run in runs])
    rules = {name: xr.DataArray(values, dims=("point",)) for name, values in bound.rules.items()}
    return bound.model.simulate({**rules, **parameters}, starts, names, times)
