"""What a stock does to its own rate at once: the minor loops that hold it near where its inputs would have it.

A fast stock is nearly in balance: what comes in and its own answer nearly cancel, its rate hardly changes, and the
share of that small change that any one input made is huge. A long loop through several such stocks then has a score of
many millions, for no reason but its length. Holding an input against all that reaches the stock from outside, its own
minor loops apart, has no such small denominator. The module refuses to follow a path through another stock.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.graph import references
from egendekning.engine.ir import Expr, ModelDef
from egendekning.sensitivity.loops.replay import OLD, Replay

Floats = NDArray[np.float64]


def between(definition: ModelDef, stock: str) -> tuple[str, ...]:
    """Return the variables through which a stock acts on its own rate within a step, in the order of evaluation.

    Parameters
    ----------
    definition : ModelDef
        The model.
    stock : str
        Key of a stock.
    """
    order: dict[str, None] = {}
    reached: dict[str, bool] = {stock: True}

    def visit(name: str) -> bool:
        if name not in reached:
            reached[name] = False  # a cycle among elements of arrays ends here
            item = definition.variables[name]
            stored = item.kind in ("stock", "constant", "lookup", "control")
            inside = [] if stored else [visit(n) for c in item.components for n in reads(c.expr)]
            reached[name] = any(inside)
            if reached[name]:
                order[name] = None
        return reached[name]

    for state in definition.states.values():
        if state.owner == stock and state.kind == "integ":
            for name in reads(state.move):
                visit(name)
    return tuple(order)


def reads(expr: Expr) -> tuple[str, ...]:
    """Return the variables that an expression reads within a step; elements are told as their arrays."""
    found = (name.partition("#")[0] for kind, name in references(expr, "run") if kind == "variable")
    return tuple(dict.fromkeys(found))


def own_effect(replay: Replay, stock: str, step: Floats) -> Floats:
    """Return what a change of a stock does to its own rate within the step.

    Parameters
    ----------
    replay : Replay
        The run; the variables `between` are among its targets.
    stock : str
        Key of a stock, or of a stage hidden in a SMOOTH or DELAY.
    step : ndarray
        (\\*dims, step - 1), the change of the stock, in its unit.

    Returns
    -------
    ndarray
        (\\*dims, step - 1), in the unit of the stock per time.
    """
    changed = {stock: replay.values[stock][..., OLD] + step}
    if stock not in replay.stages:
        for name in between(replay.definition, stock):
            changed[name] = replay.algebra(name, changed, OLD)
    return np.asarray(replay.rate(stock, changed, OLD) - replay.rate(stock, {}, OLD))
