"""The loop over time: what a step and a save compute, and how every kind of state is kept from step to step.

The module refuses to know what was computed before the loop but as values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from egendekning.engine.evaluate import Array, Env, Evaluator, Val
from egendekning.engine.packed import pack
from egendekning.engine.saved import WAIT
from egendekning.engine.surroundings import Surroundings, Values

Scenery = tuple[Env, Values, Values, dict[int, Val]]
"""What one time of a run holds: where things are found, values so far, states, and expressions already evaluated."""


@dataclass(slots=True)
class Loop:
    """The body of the loop over time; `walls` are variables that are worth storing."""

    around: Surroundings
    args: Values
    still: Values
    const: Values
    hoisted: dict[int, Val]
    table: Any
    unpack: Callable[[Array], tuple[Values, dict[int, Val]]]
    walls: frozenset[str]

    def scene(self, carry: Values, i: Array, half: int = 0) -> Scenery:
        """Return what is known at step `i` and so many halves of one later."""
        around, jax = self.around, self.around.jax
        now = jax.numpy.reshape(around.grid.initial + (i + 0.5 * half if half else i) * around.grid.step, (1,))
        values, parts = dict(self.const), dict(self.hoisted)
        values.update(around.given_series(self.args, i, half))
        if self.table is not None:
            row = jax.lax.dynamic_index_in_dim(self.table, self.row(i, half), keepdims=False)
            more, extra = self.unpack(row)
            values.update(more)
            parts.update(extra)
        states = {**self.still, **{n: self.read(n, v, i) for n, v in carry.items()}}
        env = around.env(self.args, values, states, now, "run", parts, i)
        env.wall = around.wall
        return env, values, states, {}

    def compute(self, scenery: Scenery, wanted: tuple[str, ...]) -> None:
        """Put the values of `wanted` into the scenery."""
        env, values, _, memo = scenery
        for name in wanted:
            if name not in values:
                value = self.around.variable(env, name, memo)
                values[name] = self.around.wall(value) if name in self.walls else value

    def advance(self, scenery: Scenery, carry: Values, i: Array) -> Values:
        """Return the states one step later."""
        env, _, states, memo = scenery
        slopes: Values = {}
        if self.around.halves > 1:
            slopes = self.runge_kutta(carry, self.slopes(scenery), lambda c, half: self.rates(c, i, half))
        names = self.around.plan.states
        return {n: self.next(n, carry[n], states[n], env, memo, i, slopes.get(n)) for n in names}

    def rates(self, carry: Values, i: Array, half: int) -> Values:
        """Return the rates of change of all stocks at a part of a step."""
        scenery = self.scene(carry, i, half)
        self.compute(scenery, self.around.plan.for_moves)
        return self.slopes(scenery)

    def inner(self, k: Array, carry: Values, base: Array) -> Values:
        """Take one step, without a save."""
        scenery = self.scene(carry, base + k)
        self.compute(scenery, self.around.plan.for_moves)
        return self.advance(scenery, carry, base + k)

    def outer(self, carry: Values, s: Array) -> tuple[Values, Values]:
        """Save, and go on to the next save."""
        around, plan, jax = self.around, self.around.plan, self.around.jax
        base = self.base(s)
        scenery = self.scene(carry, base)
        self.compute(scenery, plan.for_outputs)
        names = [n for n in plan.request.outputs if plan.rate[n] != 0]
        saved = pack(jax, around.model, plan, {n: scenery[1][n] if n in scenery[1] else self.args[n] for n in names})
        if plan.every == 1:
            self.compute(scenery, plan.for_moves)
            return self.advance(scenery, carry, base), saved
        if plan.request.guarded:
            count: Any = plan.every
            step = jax.checkpoint(lambda c: jax.lax.fori_loop(0, count, lambda k, x: self.inner(k, x, base), c))
            return step(carry), saved
        count = jax.numpy.where(s < plan.saves - 1, plan.every, 0)
        return jax.lax.fori_loop(0, count, lambda k, c: self.inner(k, c, base), carry), saved

    # -- states -------------------------------------------------------------------------------------------------------
    def first(self, name: str, value: Array) -> Array:
        """Return how a state that starts at `value` is stored."""
        if self.around.model.states[name].kind != "pipe" or self.around.plan.request.resumed:
            return value
        return self.around.xp.broadcast_to(value, (self.around.lengths[name], *value.shape))

    def _slot(self, name: str, i: Array) -> Array:
        return i % self.around.lengths[name]

    def read(self, name: str, value: Array, i: Array) -> Array:
        """Return the present value of a state that is stored as `value`."""
        if self.around.model.states[name].kind != "pipe":
            return value
        if WAIT + name in self.args:
            steps = self.around.xp.broadcast_to(self.args[WAIT + name], value.shape[1:]).astype(int)
            slot = (i.astype(int) - steps) % self.around.lengths[name]
            return self.around.xp.take_along_axis(value, slot[None], axis=0)[0]
        return self.around.jax.lax.dynamic_index_in_dim(value, self._slot(name, i), keepdims=False)

    def base(self, save: Array) -> Array:
        """Return the step of a save."""
        steps, begin = save * self.around.plan.every, self.around.plan.request.begin
        return begin + steps if begin else steps

    def row(self, step: Array, half: int) -> Array:
        """Return the row of the timetable for a step and so many halves of one later."""
        begin = self.around.plan.request.begin
        row = step - begin if begin else step
        return row * self.around.halves + half if self.around.halves > 1 else row

    def _move(self, name: str, env: Env, memo: dict[int, Val]) -> Array:
        item = self.around.model.states[name]
        axes = tuple(n for n in item.labels if not n.endswith("!"))
        return Evaluator(env, axes, memo).filled(item.move, item.labels, item.shape)

    def slopes(self, scenery: tuple[Env, Values, Values, dict[int, Val]]) -> Values:
        """Return the rates of change of all stocks."""
        env, _, states, memo = scenery
        stocks = [n for n in self.around.plan.states if self.around.model.states[n].kind == "integ"]
        return {n: self.around.xp.broadcast_to(self._move(n, env, memo), states[n].shape) for n in stocks}

    def runge_kutta(self, carry: Values, first: Values, rates: Callable[[Values, int], Values]) -> Values:
        """Return the mean slopes of a step of fourth order; states that are no stocks stand still meanwhile."""
        step = self.around.grid.step

        def moved(slopes: Values, part: float) -> Values:
            return {n: v + part * step * slopes[n] if n in slopes else v for n, v in carry.items()}

        second = rates(moved(first, 0.5), 1)
        third = rates(moved(second, 0.5), 1)
        fourth = rates(moved(third, 1.0), 2)
        return {n: (first[n] + 2.0 * second[n] + 2.0 * third[n] + fourth[n]) / 6.0 for n in first}

    def next(
        self, name: str, stored: Array, value: Array, env: Env, memo: dict[int, Val], i: Array, slope: Array = None
    ) -> Array:
        """Return how a state is stored one step later; `slope` is its rate where that is known."""
        item = self.around.model.states[name]
        move = self._move(name, env, memo) if slope is None else slope
        if item.kind == "integ":
            after = value + self.around.grid.step * move
            after = self.around.xp.maximum(after, 0.0) if item.non_negative else after
        else:
            after = move
        after = self.around.xp.broadcast_to(after, value.shape)
        if item.kind == "pipe":
            return self.around.jax.lax.dynamic_update_index_in_dim(stored, after, self._slot(name, i), 0)
        return after
