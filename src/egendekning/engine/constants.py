"""Values that a model file fixes: default constants, table values, and delay lengths in steps.

Computed with NumPy, no compilation. The module refuses a DELAY FIXED whose length is not a constant of the run, since
the length decides how much the kernel has to remember.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.clock import TimeSpec
from egendekning.engine.evaluate import Env, Evaluator, assemble
from egendekning.engine.functions import SMALL
from egendekning.engine.inputs import Inputs
from egendekning.engine.ir import ModelDef
from egendekning.errors import ModelFileError, Problem

Floats = NDArray[np.float64]

_MOST_STEPS = 100_000  # what a fixed delay may remember, in steps


def default_values(model: ModelDef, name: str) -> Floats:
    """Return the value of a constant, (*dims, 1), or the y-values of a table, (*dims, point, 1)."""
    item = model.variables[name]
    if item.lookup is not None:
        return item.lookup.y[..., None]
    return _evaluate(model, name, {}, {})


def _evaluate(model: ModelDef, name: str, given: dict[str, Floats], clock: dict[str, float]) -> Floats:
    if name in given:
        return given[name]
    item = model.working[name]
    env = _env(model, given, clock)
    return np.asarray(assemble(np, item, [Evaluator(env, c.labels).component(c) for c in item.components]), dtype=float)


def _env(model: ModelDef, given: dict[str, Floats], clock: dict[str, float]) -> Env:
    def table(name: str) -> Any:
        item = model.inline[name] if "#" in name else model.variables[name].lookup
        assert item is not None
        return item, given.get(name, item.y[..., None])

    def state(name: str) -> Any:
        raise KeyError(name)

    return Env(np, lambda n: _evaluate(model, n, given, clock), state, lambda w: clock[w], table, "run", {})


def pipe_lengths(model: ModelDef, inputs: Inputs, grid: TimeSpec) -> dict[str, Floats]:
    """Return how many steps each DELAY FIXED waits, (*labels, draw or 1)."""
    clock = {"time step": grid.step, "initial time": grid.initial, "final time": grid.final, "saveper": grid.saveper}
    found: dict[str, Floats] = {}
    for name, item in model.states.items():
        if item.kind != "pipe":
            continue
        owner = model.variables[item.owner]
        where = f"{model.file}:{owner.line}"
        assert item.delay is not None
        try:
            evaluator = Evaluator(_env(model, inputs.values, clock), item.labels)
            value = np.asarray(evaluator.filled(item.delay, item.labels, item.shape))
        except KeyError as error:
            raise ModelFileError(
                Problem(where, f"{owner.name}: the time of DELAY FIXED changes during the run", "a constant time")
            ) from error
        steps = np.maximum(1.0, np.round(value / grid.step + SMALL))
        if not (np.isfinite(steps) & (steps <= _MOST_STEPS)).all():
            raise ModelFileError(Problem(where, f"{owner.name}: the time of DELAY FIXED is {value.max():g}",
                                         f"at most {_MOST_STEPS} steps"))  # fmt: skip
        found[name] = steps
    return found
