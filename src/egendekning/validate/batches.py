"""Runs many conditions in few calls of the engine.

Conditions that replace and restart the same variables on the same step are draws of one call, so that the kernel for
dozens of them is compiled once; which constants vary is decided by all conditions of a study, so that one statement
alone finds the same kernel in the cache. Saved at every step are the variables that statements name, all stocks, and
all variables that nothing else depends on: a value that is not finite reaches one of them or has no effect. The module
refuses to keep a run once it is handled, and to judge it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from egendekning.dims import DRAW, POINT, TIME
from egendekning.names import key
from egendekning.validate.conditions import Conditions, Floats, Values, stacked
from egendekning.validate.language import Run
from egendekning.validate.verdict import NotFinite

if TYPE_CHECKING:
    import xarray as xr

    from egendekning.engine import Model

BATCH: Final = 8
"""Runs in one call: about a thousand numbers at a thousand steps of eight runs are 64 MB."""

Handler = Callable[[str, Run, NotFinite | None], None]
"""Called with the name of a run, the run, and its first value that is not finite."""


class Batches:
    """Calls the engine for conditions of one study.

    Parameters
    ----------
    model : Model
        The model.
    values : Values
        Its constants and tables.
    everything : sequence of Conditions
        All that the study may ask for.
    names : iterable of str
        Variables that statements name, in any spelling.
    """

    def __init__(self, model: Model, values: Values, everything: Sequence[Conditions], names: Iterable[str]) -> None:
        self.model, self.values = model, values
        self.varying: dict[Any, dict[str, None]] = {}
        for found in everything:
            self.varying.setdefault(found.signature, {}).update(dict.fromkeys(found.held))
        self.outputs = watched(model, names)
        self.names = {key(name): name for name in self.outputs}

    def run(self, wanted: Mapping[str, Conditions], handle: Handler) -> None:
        """Hand over each run in turn; what is first in `wanted` is first within its group.

        Parameters
        ----------
        wanted : mapping
            Conditions by the name of the run.
        handle : callable
            What to do with each run; its arrays are freed when it returns.
        """
        groups: dict[Any, list[str]] = {}
        for name, found in wanted.items():
            groups.setdefault(found.signature, []).append(name)
        for members in groups.values():
            for begin in range(0, len(members), BATCH):
                self._batch({name: wanted[name] for name in members[begin : begin + BATCH]}, handle)

    def _batch(self, wanted: dict[str, Conditions], handle: Handler) -> None:
        """Run up to `BATCH` conditions of one signature."""
        dataset = self._simulate(list(wanted.values()))
        broken = _not_finite(dataset, len(wanted))
        for draw, name in enumerate(wanted):
            handle(name, Run(_Draw(dataset, self.names, draw), dataset[TIME]), broken[draw])

    def _simulate(self, runs: list[Conditions]) -> xr.Dataset:
        """Return what is watched at every step, (draw, time, subscripts)."""
        step = runs[0].step or self.model.time.step
        runs = runs + runs[-1:] * (2 - len(runs))  # two draws at least, so that one run needs no kernel of its own
        held = stacked(self.varying[runs[0].signature], runs, self.values)
        parameters = {name: self._labelled(name, array) for name, array in held.items()}
        for name in self.values.rules:  # the same in every run, unless a statement changes it
            if name not in held:
                parameters[name] = self._labelled(name, self.values.of(self.model.variable(name))[None]).isel({DRAW: 0})
        for name in runs[0].replaced:
            parameters[name] = self._labelled(name, np.stack([run.replaced[name] for run in runs]))
        starts = {name: self._labelled(name, np.stack([run.starts[name] for run in runs])) for name in runs[0].starts}
        time = {"step": step, "saveper": step}
        return self.model.simulate(parameters, starts, self.outputs, time, batch=BATCH)

    def _labelled(self, name: str, array: Floats) -> xr.DataArray:
        """Return an array over draws with its dims named."""
        import xarray as xr

        variable = self.model.variable(name)
        ranges = [POINT] if variable.kind == "lookup" else list(variable.dims)
        coords = {dim: list(self.model.subscripts[dim]) for dim in ranges if dim != POINT}
        return xr.DataArray(array, coords, [DRAW, *ranges])


def watched(model: Model, names: Iterable[str]) -> list[str]:
    """Return the variables to save: those named, all stocks, and those that nothing else depends on.

    Parameters
    ----------
    model : Model
        The model.
    names : iterable of str
        Variables of it, in any spelling.
    """
    used = {name for mentioned in model.graph.values() for name in mentioned}
    valued = [v for v in model.variables.values() if v.kind not in ("lookup", "control")]
    last = {v.name for v in valued if v.kind == "stock" or (v.kind != "constant" and v.name not in used)}
    named = {model.variable(name).name for name in names}
    return [v.name for v in valued if v.name in last | named]


class _Draw(dict[str, "xr.DataArray"]):
    """Variables of one draw by normal name, taken from a Dataset when asked for."""

    def __init__(self, dataset: xr.Dataset, names: Mapping[str, str], draw: int) -> None:
        super().__init__()
        self._dataset, self._names, self._draw = dataset, names, draw

    def __missing__(self, name: str) -> xr.DataArray:
        array = self._dataset[self._names[name]]
        self[name] = array.isel({DRAW: self._draw}, drop=True) if DRAW in array.dims else array
        return self[name]


def _not_finite(dataset: xr.Dataset, runs: int) -> list[NotFinite | None]:
    """Return, for each draw, the earliest value that is not finite."""
    found: list[NotFinite | None] = [None] * runs
    times = dataset[TIME].values
    for name in map(str, dataset.data_vars):
        variable = dataset.variables[name]
        if np.isfinite(variable.values).all():
            continue
        values = variable.values if DRAW in variable.dims else np.repeat(variable.values[None], runs, axis=0)
        for draw in range(runs):
            bad = np.argwhere(~np.isfinite(values[draw]))
            earlier = found[draw]
            if len(bad) and (earlier is None or times[bad[0][0]] < earlier.time):
                found[draw] = NotFinite(name, float(times[bad[0][0]]), float(values[draw][tuple(bad[0])]))
    return found
