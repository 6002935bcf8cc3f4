"""Say which operation of an equation made a number that is not finite out of finite ones.

Works on what was kept of one step by plain NumPy algebra. The module refuses to guess: where an equation reads what a
function remembers, it says nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.evaluate import Env, Evaluator
from egendekning.engine.ir import Apply, Component, Expr, Memory, State, children
from egendekning.engine.plan import is_stock_state
from egendekning.engine.simulate import Job

Floats = NDArray[np.float64]


def cause(job: Job, draw: int, part: Component, values: dict[str, Floats], at: int, step: int) -> str:
    """Return the innermost operation of an equation that was given finite numbers and made another.

    Parameters
    ----------
    job : Job
        The call.
    draw : int
        The draw.
    part : Component
        The equation.
    values : dict
        What is known, (save or 1, *dims) by key.
    at, step : int
        Row of `values` and step of the grid at which the equation went wrong.

    Returns
    -------
    str
        Such as ``division by zero`` or ``LN(-0.5)``; empty where it is not known.
    """
    expr, stage, labels = part.expr, "run", part.labels
    if isinstance(expr, Memory) and isinstance(expr.body, State) and is_stock_state(job.model, expr.body.key):
        item = job.model.states[expr.body.key]
        labels = item.labels
        if step == 0:
            expr, stage = item.initial, "start"
        else:  # a step made it, from what was known before
            expr, at, step = item.move, at - 1, step - 1
    if at < 0:
        return ""
    known = Evaluator(_env(job, draw, values, at, step, stage), labels)
    try:
        with np.errstate(all="ignore"):
            node = _culprit(known, expr)
            if not isinstance(node, Apply):
                return ""
            numbers = [np.asarray(known.value(a).data, dtype=float) for a in node.args]
    except (KeyError, AttributeError):  # what a function remembers is not kept
        return ""
    if node.fn == "/" and (numbers[1] == 0.0).any():
        return "division by zero"
    plain = node.fn.isalpha() and all(n.size == 1 for n in numbers)
    return f"{node.fn.upper()}({', '.join(f'{n.item():.6g}' for n in numbers)})" if plain else ""


def _culprit(known: Evaluator, expr: Expr) -> Expr | None:
    """Return the innermost node that is not finite, along branches that were taken."""
    if np.isfinite(np.asarray(known.value(expr).data, dtype=float)).all():
        return None
    inside = list(children(expr))
    if isinstance(expr, Apply) and expr.fn == "if then else":
        truth = np.asarray(known.value(inside[0]).data) != 0.0
        inside = [inside[0], *([inside[1]] if truth.any() else []), *([] if truth.all() else [inside[2]])]
    return next((c for c in (_culprit(known, i) for i in inside) if c is not None), expr)


def _env(job: Job, draw: int, values: dict[str, Floats], at: int, step: int, stage: str) -> Env:
    """Return where an equation finds what the second run kept of one step."""
    model, grid = job.model, job.grid
    clock = {"time": grid.initial + step * grid.step, "time step": grid.step, "initial time": grid.initial,
             "final time": grid.final, "saveper": grid.saveper}  # fmt: skip

    def variable(name: str) -> Floats:
        if name in clock:
            return np.array([clock[name]])
        kept: Floats = values[name]
        return np.asarray(kept[at if len(kept) > 1 else 0][..., None])

    def table(name: str) -> Any:
        item = model.inline[name] if "#" in name else model.variables[name].lookup
        assert item is not None
        y = job.inputs.values.get(name, item.y[..., None])
        return item, y[..., draw : draw + 1] if y.shape[-1] > 1 else y

    def state(name: str) -> tuple[Floats, tuple[str, ...]]:
        raise KeyError(name)

    return Env(np, variable, state, clock.__getitem__, table, stage, {})
