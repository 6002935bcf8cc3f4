"""Where an evaluation finds things in a run: variables, states, clock, tables, random numbers and given series.

The module refuses to decide what is computed when.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from egendekning.engine.chance import uniform
from egendekning.engine.evaluate import Array, Env, Evaluator, Val, assemble
from egendekning.engine.ir import ModelDef, Reduce, Ref, walk
from egendekning.engine.namespace import Namespace
from egendekning.engine.plan import DRAWS, SEED, Plan

Values = dict[str, Array]


class Surroundings:
    """What all phases of one plan share."""

    def __init__(self, jax: Any, model: ModelDef, plan: Plan) -> None:
        self.jax, self.model, self.plan = jax, model, plan
        self.xp: Any = Namespace(jax, plan.request.guarded)
        self.grid = plan.request.grid
        self.halves = 2 if plan.request.method == "rk4" else 1
        self.lengths = {name: length for name, length, _ in plan.request.pipes}

    def _clock(self, now: Array, which: str) -> Array:
        if which == "time":
            return now
        return {"time step": self.grid.step, "initial time": self.grid.initial, "final time": self.grid.final,
                "saveper": self.grid.saveper}[which]  # fmt: skip

    def _table(self, args: Values, name: str) -> Any:
        if "#" in name:
            item = self.model.inline[name]
            return item, item.y[..., None]
        return self.model.variables[name].lookup, args[name]

    def _uniform(self, args: Values, step: Array, site: int, shape: tuple[int, ...]) -> Array:
        step = self.jax.numpy.reshape(step, (1,))
        return uniform(self.xp, args[SEED], args[DRAWS], step, site, shape)

    def env(
        self, args: Values, values: Values, states: Values, now: Array, stage: str, hoisted: Any, step: Any = 0
    ) -> Env:
        """Return where an evaluation at time `now` and step `step` finds things."""

        def variable(name: str) -> Array:
            return values[name] if name in values else args[name]

        def state(name: str) -> tuple[Array, tuple[str, ...]]:
            return states[name], self.model.states[name].labels

        return Env(self.xp, variable, state, partial(self._clock, now), partial(self._table, args), stage, hoisted,
                   uniform=partial(self._uniform, args, step))  # fmt: skip

    def variable(self, env: Env, name: str, memo: dict[int, Val]) -> Array:
        """Return the value of a variable, (*dims, draw)."""
        item = self.model.working[name]
        return assemble(self.xp, item, [Evaluator(env, c.labels, memo).component(c) for c in item.components])

    def given_series(self, args: Values, i: Any, half: int) -> Values:
        """Return the variables that are given for every step, at step `i` and so many halves of one later."""
        found: Values = {}
        for name in self.plan.request.series:
            if "series:" + name in args:
                rows = args["series:" + name]
                at = [
                    self.jax.lax.dynamic_index_in_dim(rows, i + k, keepdims=False) for k in ((0, 1) if half else (0,))
                ]
                found[name] = at[0] + 0.5 * half * (at[1] - at[0]) if half else at[0]
        return found

    def wall(self, value: Array) -> Array:
        """Keep the compiler from computing `value` again wherever it is used (gradients do without)."""
        return value if self.plan.request.guarded else self.jax.lax.optimization_barrier(value)


def spread_variables(model: ModelDef, plan: Plan) -> frozenset[str]:
    """Return the variables that equations with more elements read: worth storing rather than computing per element."""
    found: set[str] = set()
    sizes = {n: int(np.prod(v.shape)) for n, v in model.working.items()}
    equations = [(c.expr, int(np.prod(c.shape))) for n in {*plan.for_moves, *plan.for_outputs}
                 for c in model.working[n].components]  # fmt: skip
    equations += [(model.states[s].move, int(np.prod(model.states[s].shape))) for s in plan.states]
    for expr, size in equations:
        inside = walk(expr)
        size *= max((int(np.prod(node.sizes)) for node in inside if isinstance(node, Reduce)), default=1)
        found.update(node.key for node in inside if isinstance(node, Ref) and sizes[node.key] * 2 < size)
    return frozenset(found)
