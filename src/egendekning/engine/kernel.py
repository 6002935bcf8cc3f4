"""The JAX kernel: a pure function of constants, table values and starting values, over a batch of draws.

Arrays are (elements..., draws): draws last, so that one instruction works on neighbouring draws, and elements before
them, so that an age structure is one array. A step computes only what moves a stock; outputs are computed at saving
times; everything constant, and everything that depends on time alone, is outside the loop. The module refuses to read
parameters' values: they are arguments, so a new scenario needs no new compilation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from egendekning.engine.evaluate import Array, Evaluator, Val
from egendekning.engine.functions import is_truth
from egendekning.engine.ir import Memory, ModelDef, State, walk
from egendekning.engine.plan import Plan, is_stock_state
from egendekning.engine.stepping import Loop
from egendekning.engine.surroundings import Surroundings, Values, spread_variables


class Kernel:
    """Traces one plan; `run` is the function that gets compiled."""

    def __init__(self, jax: Any, model: ModelDef, plan: Plan) -> None:
        self.around = Surroundings(jax, model, plan)

    def _start(self, args: Values) -> Values:
        """Return the starting value of every state, (*labels, draw)."""
        if self.around.plan.request.resumed:
            return self._wide({n: args["state:" + n] for n in (*self.around.plan.states, *self.around.plan.initials)})
        values: Values = self.around.given_series(args, 0, 0)
        states: Values = {}
        memo: dict[int, Val] = {}
        env = self.around.env(args, values, states, self.around.grid.initial, "start", {})
        for kind, name in self.around.plan.start:
            if kind == "variable":
                if name not in args and name not in values:
                    values[name] = self.around.variable(env, name, memo)
                continue
            item = self.around.model.states[name]
            if item.owner in self.around.plan.request.started and is_stock_state(self.around.model, name):
                states[name] = self._given_start(args["start:" + item.owner], name)
            else:
                states[name] = Evaluator(env, item.labels, memo).filled(item.initial, item.labels, item.shape)
        return self._wide(states)

    def _wide(self, states: Values) -> Values:
        """Return states with a value for every lane where they differ between draws."""
        lanes = self.around.plan.request.lanes
        return {
            n: self.around.xp.broadcast_to(v, (*v.shape[:-1], lanes)) if ("state", n) in self.around.plan.varies else v
            for n, v in states.items()
        }

    def _given_start(self, array: Array, name: str) -> Array:
        item = self.around.model.states[name]
        for component in self.around.model.variables[item.owner].components:
            expr = component.expr
            if isinstance(expr, Memory) and isinstance(expr.body, State) and expr.body.key == name:
                for axis, positions in enumerate(component.index):
                    array = self.around.xp.take(array, np.asarray(positions), axis=axis)
                return array.reshape((*item.shape, array.shape[-1]))
        raise AssertionError(name)

    def _constants(self, args: Values, states: Values) -> tuple[Values, dict[int, Val]]:
        values: Values = {}
        hoisted: dict[int, Val] = {}
        memo: dict[int, Val] = {}
        env = self.around.env(args, values, states, self.around.grid.initial, "run", {})
        for name in self.around.plan.const:
            values[name] = self.around.variable(env, name, memo)
        for expr, owner in self.around.plan.hoist_const:
            hoisted[id(expr)] = Evaluator(env, self._labels(expr, owner), memo).value(expr)
        return values, hoisted

    def _labels(self, expr: Any, owner: str) -> tuple[str, ...]:
        if owner in self.around.model.states:
            return tuple(n for n in self.around.model.states[owner].labels if not n.endswith("!"))
        for component in self.around.model.working[owner].components:
            if any(node is expr for node in walk(component.expr)):
                return component.labels
        raise AssertionError(owner)

    def _timetable(self, args: Values, const: Values, hoisted: dict[int, Val], states: Values) -> Any:
        """Return (table (step, column), unpack): everything that is a function of time alone, tabulated."""
        jnp = self.around.jax.numpy
        shapes: list[Any] = []

        def at(now: Array) -> list[Array]:
            values = dict(const)
            memo: dict[int, Val] = {}
            env = self.around.env(args, values, states, now, "run", hoisted)
            found: list[tuple[Any, Val]] = []
            for name in self.around.plan.timed:
                values[name] = self.around.variable(env, name, memo)
                found.append((name, Val(values[name], ())))
            for expr, owner in self.around.plan.hoist_time:
                found.append((id(expr), Evaluator(env, self._labels(expr, owner), memo).value(expr)))
            shapes[:] = [(k, jnp.shape(v.data), v.labels, is_truth(v.data)) for k, v in found]
            return [jnp.ravel(jnp.asarray(v.data, dtype=float)) for _, v in found]

        if not (self.around.plan.timed or self.around.plan.hoist_time):
            return None, lambda row: ({}, {})
        plan, grid, halves = self.around.plan, self.around.grid, self.around.halves
        count = plan.every * plan.saves * halves + halves - 1
        times = grid.initial + (plan.request.begin + np.arange(count) / halves) * grid.step
        table = jnp.concatenate(self.around.jax.vmap(at)(jnp.asarray(times)), axis=1)

        def unpack(row: Array) -> tuple[Values, dict[int, Val]]:
            values: Values = {}
            parts: dict[int, Val] = {}
            offset = 0
            for name, shape, labels, truth in shapes:
                size = int(np.prod(shape))
                data = row[offset : offset + size].reshape(shape if shape else (1,))
                data = data != 0.0 if truth else data
                offset += size
                if isinstance(name, str):
                    values[name] = data
                else:
                    parts[name] = Val(data, labels)
            return values, parts

        return table, unpack

    def run(self, args: Values) -> tuple[Values, Values]:
        """Return the outputs that never change, (*dims, draw), and the others packed as `rows` says.

        A run that is told to keep its states returns those at its end in place of the others.
        """
        around = self.around
        lax, plan = around.jax.lax, around.plan
        begun = self._start(args)
        still = {n: begun[n] for n in plan.initials}
        const, hoisted = self._constants(args, still)
        table, unpack = self._timetable(args, const, hoisted, still)
        loop = Loop(around, args, still, const, hoisted, table, unpack, spread_variables(around.model, plan))
        state0 = {n: loop.first(n, begun[n]) for n in plan.states}
        if plan.request.keep:
            steps, begin = plan.every * (plan.saves - 1), plan.request.begin
            return {}, {**lax.fori_loop(0, steps, lambda k, c: loop.inner(k, c, begin), state0), **still}
        _, series = lax.scan(loop.outer, state0, around.jax.numpy.arange(plan.saves))
        constant = {n: const[n] if n in const else args[n] for n in plan.request.outputs if plan.rate[n] == 0}
        return constant, series


def tracer(jax: Any, model: ModelDef, plan: Plan) -> Callable[[Values], tuple[Values, Values]]:
    """Return the pure function that runs `plan`."""
    return Kernel(jax, model, plan).run
