"""Evaluate a few variables at one time by plain NumPy algebra, with chosen variables given.

This is how single equations are tested against outside numbers. It compiles nothing and shares no code with the time
loop but the evaluator. The module refuses to step through time.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from egendekning.engine.chance import uniform
from egendekning.engine.clock import TimeSpec
from egendekning.engine.constants import default_values
from egendekning.engine.evaluate import Array, Env, Evaluator, assemble
from egendekning.engine.graph import Graph, Node
from egendekning.engine.inputs import Inputs, read_inputs
from egendekning.engine.ir import ModelDef


def evaluate(
    model: ModelDef, graph: Graph, wanted: dict[str, str], given: Mapping[str, Any], grid: TimeSpec, time: float | None
) -> dict[str, np.ndarray]:
    """Return ``{name as asked: array ([draw,] *dims)}``; `wanted` maps names as asked to keys."""
    from egendekning.names import key

    stocks = {n: v for n, v in given.items() if _is_stock(model, key(n))}
    inputs = read_inputs(model, {n: v for n, v in given.items() if n not in stocks}, stocks)
    now = np.asarray([grid.initial if time is None else float(time)])
    steps = np.asarray(grid.initial + np.arange(grid.steps + 1) * grid.step, dtype=np.float64)
    inputs.values.update({n: v.at(now, steps, grid.times())[0] for n, v in inputs.series.items()})
    point = _Point(model, graph, inputs, grid, grid.initial if time is None else float(time))
    with np.errstate(all="ignore"):
        found = point.run([("variable", k) for k in wanted.values()])
    draws = inputs.draws
    results = {}
    for name, k in wanted.items():
        array = np.moveaxis(np.asarray(found[k], dtype=float), -1, 0)
        results[name] = (
            np.array(array[0]) if draws is None else np.broadcast_to(array, (draws, *array.shape[1:])).copy()
        )
    return results


def start_values(model: ModelDef, graph: Graph, inputs: Inputs, grid: TimeSpec, stocks: list[str]) -> dict[str, Array]:
    """Return the initial values of `stocks`, (*dims, draw or 1)."""
    with np.errstate(all="ignore"):
        found = _Point(model, graph, inputs, grid, grid.initial).run([("variable", n) for n in stocks])
    return {n: np.asarray(found[n], dtype=float) for n in stocks}


def _is_stock(model: ModelDef, name: str) -> bool:
    return name in model.variables and model.variables[name].kind == "stock"


class _Point:
    def __init__(self, model: ModelDef, graph: Graph, inputs: Inputs, grid: TimeSpec, now: float) -> None:
        self.model, self.graph, self.inputs, self.grid = model, graph, inputs, grid
        self.now = now
        self.given = {**inputs.values, **inputs.starts}

    def _leaf(self, node: Node) -> bool:
        kind, name = node
        return kind == "state" or name in self.given or self.model.working[name].kind in ("constant", "lookup")

    def run(self, wanted: list[Node]) -> dict[str, Array]:
        """Return the values within a step of `wanted` and all they need."""
        order = self.graph.order(wanted, self.graph.run, self._leaf)
        states = self._states([n for n in order if n[0] == "state"])
        return self._fill(order, states, self.now, "run")

    def _states(self, nodes: list[Node]) -> dict[str, Array]:
        """Return the initial values of hidden states, for stocks that were not given."""

        def leaf(node: Node) -> bool:
            return node[0] == "variable" and self._leaf(node)

        order = self.graph.order(nodes, self.graph.start, leaf)
        states: dict[str, Array] = {}
        self._fill(order, states, self.grid.initial, "start")
        return states

    def _fill(self, order: list[Node], states: dict[str, Array], now: float, stage: str) -> dict[str, Array]:
        values: dict[str, Array] = {}
        clock = {"time": now, "time step": self.grid.step, "initial time": self.grid.initial,
                 "final time": self.grid.final, "saveper": self.grid.saveper}  # fmt: skip

        def table(name: str) -> Any:
            item = self.model.inline[name] if "#" in name else self.model.variables[name].lookup
            assert item is not None
            return item, self.given.get(name, item.y[..., None])

        step = np.asarray([round((now - self.grid.initial) / self.grid.step)], dtype=float)
        draws = np.arange(self.inputs.draws or 1, dtype=float)
        env = Env(np, values.__getitem__, lambda n: (states[n], self.model.states[n].labels), clock.__getitem__, table,
                  stage, {}, uniform=partial(uniform, np, np.zeros(1), draws, step))  # fmt: skip
        memo: dict[int, Any] = {}
        for kind, name in order:
            if kind == "state":
                item = self.model.states[name]
                if name not in states:
                    states[name] = Evaluator(env, item.labels, memo).filled(item.initial, item.labels, item.shape)
            elif name in self.given:
                values[name] = self.given[name]
            elif self.model.working[name].kind == "constant":
                values[name] = default_values(self.model, name)
            elif self.model.working[name].kind == "control":
                values[name] = np.array([clock[name]])
            elif self.model.working[name].kind != "lookup":
                parts = self.model.working[name].components
                pieces = [Evaluator(env, c.labels, memo).component(c) for c in parts]
                values[name] = assemble(np, self.model.working[name], pieces)
        return values
