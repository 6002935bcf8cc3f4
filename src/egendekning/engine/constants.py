"""Values that a model file fixes: default constants, table values, and delay lengths in steps.

Computed with NumPy, no compilation. A DELAY FIXED waits the time that its argument says at the start of the run, as in
Vensim. The module refuses a delay whose time is drawn by chance, since it decides how much the kernel has to remember.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.clock import TimeSpec
from egendekning.engine.evaluate import Env, Evaluator, assemble
from egendekning.engine.functions import SMALL
from egendekning.engine.inputs import Inputs
from egendekning.engine.ir import LookupTable, ModelDef
from egendekning.errors import ModelFileError, Problem

Floats = NDArray[np.float64]

_MOST_STEPS = 100_000  # what a fixed delay may remember, in steps


def default_values(model: ModelDef, name: str) -> Floats:
    """Return the value of a constant, (*dims, 1), or the y-values of a table, (*dims, point, 1)."""
    item = model.variables[name]
    if item.lookup is not None:
        return item.lookup.y[..., None]
    return _Start(model, Inputs(), {}).variable(name)


class _Start:
    """Values at the start of a run; without times in `clock`, values of constants."""

    def __init__(self, model: ModelDef, inputs: Inputs, clock: dict[str, float]) -> None:
        self.model, self.inputs, self.clock = model, inputs, clock
        self.known: dict[str, Floats] = {**inputs.values}
        self.env = Env(np, self.variable, self.state, clock.__getitem__, self.table, "start" if clock else "run", {})

    def variable(self, name: str) -> Floats:
        """Return the value of a variable, (*dims, draw or 1)."""
        if name not in self.known:
            item = self.model.working[name]
            pieces = [Evaluator(self.env, c.labels).component(c) for c in item.components]
            self.known[name] = np.asarray(assemble(np, item, pieces), dtype=float)
        return self.known[name]

    def state(self, name: str) -> tuple[Floats, tuple[str, ...]]:
        """Return the starting value of a hidden state, (*labels, draw or 1), and its labels."""
        item = self.model.states[name]
        if not self.clock or item.owner in self.inputs.starts:
            raise KeyError(name)
        return np.asarray(Evaluator(self.env, item.labels).filled(item.initial, item.labels, item.shape)), item.labels

    def table(self, name: str) -> tuple[LookupTable, Floats]:
        """Return a table function and its values, (*dims, point, draw or 1)."""
        item = self.model.inline[name] if "#" in name else self.model.variables[name].lookup
        assert item is not None
        return item, self.inputs.values.get(name, item.y[..., None])


def pipe_lengths(model: ModelDef, inputs: Inputs, grid: TimeSpec) -> dict[str, Floats]:
    """Return how many steps each DELAY FIXED waits, (*labels, draw or 1)."""
    if not any(item.kind == "pipe" for item in model.states.values()):
        return {}
    clock = {"time": grid.initial, "time step": grid.step, "initial time": grid.initial, "final time": grid.final,
             "saveper": grid.saveper}  # fmt: skip
    begin = np.asarray([grid.initial])
    steps_at = np.asarray(grid.initial + np.arange(grid.steps + 1) * grid.step, dtype=np.float64)
    given = {n: v.at(begin, steps_at, grid.times())[0] for n, v in inputs.series.items()}
    start = _Start(model, replace(inputs, values={**inputs.values, **given}), clock)
    found: dict[str, Floats] = {}
    for name, item in model.states.items():
        if item.kind != "pipe":
            continue
        owner = model.variables[item.owner]
        where = f"{model.file}:{owner.line}"
        assert item.delay is not None
        try:
            evaluator = Evaluator(start.env, item.labels)
            value = np.asarray(evaluator.filled(item.delay, item.labels, item.shape))
        except (KeyError, RecursionError) as error:
            raise ModelFileError(
                Problem(where, f"{owner.name}: the time of DELAY FIXED is not known at the start", "a time that no "
                        "chance and no given stock decides")
            ) from error  # fmt: skip
        steps = np.maximum(1.0, np.round(value / grid.step + SMALL))
        if not (np.isfinite(steps) & (steps <= _MOST_STEPS)).all():
            raise ModelFileError(Problem(where, f"{owner.name}: the time of DELAY FIXED is {value.max():g}",
                                         f"at most {_MOST_STEPS} steps"))  # fmt: skip
        found[name] = steps
    return found
