"""The JAX kernel: a pure function of constants, table values and starting values, over a batch of draws.

Arrays are (elements..., draws): draws last, so that one instruction works on neighbouring draws, and elements before
them, so that an age structure is one array. A step computes only what moves a stock; outputs are computed at saving
times; everything constant, and everything that depends on time alone, is outside the loop. The module refuses to read
parameters' values: they are arguments, so a new scenario needs no new compilation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from egendekning.engine.chance import uniform
from egendekning.engine.elementary import logarithm
from egendekning.engine.evaluate import Array, Env, Evaluator, Val, assemble
from egendekning.engine.functions import is_truth
from egendekning.engine.ir import Memory, ModelDef, Reduce, Ref, State
from egendekning.engine.plan import DRAWS, SEED, Plan, is_stock_state

Values = dict[str, Array]


class Namespace:
    """What `functions` and `evaluate` need of JAX, under NumPy's names."""

    inf, nan = float("inf"), float("nan")

    def __init__(self, jax: Any, guarded: bool) -> None:
        jnp = jax.numpy
        self.guarded = guarded
        self.stop = jax.lax.stop_gradient
        for name in (
            "where", "abs", "exp", "log", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh",
            "tanh", "trunc", "minimum", "maximum", "logical_and", "logical_or", "logical_not", "sum", "prod", "min",
            "max", "asarray", "broadcast_to", "clip", "take", "transpose", "concatenate", "argsort", "broadcast_arrays",
            "take_along_axis", "floor", "moveaxis", "expm1", "log1p", "linalg",
        ):  # fmt: skip
            setattr(self, name, getattr(jnp, name))
        self.fori_loop = jax.lax.fori_loop
        if not guarded:
            self.log = logarithm(jax)

    @property
    def special(self) -> Any:
        """SciPy's special functions."""
        from importlib import import_module

        return import_module("jax.scipy.special")


class Kernel:
    """Traces one plan; `run` is the function that gets compiled."""

    def __init__(self, jax: Any, model: ModelDef, plan: Plan) -> None:
        self.jax, self.model, self.plan = jax, model, plan
        self.xp: Any = Namespace(jax, plan.request.guarded)
        self.grid = plan.request.grid
        self.halves = 2 if plan.request.method == "rk4" else 1
        self.lengths = {name: length for name, length, _ in plan.request.pipes}

    # -- environments -------------------------------------------------------------------------------------------------
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

    # -- phases -------------------------------------------------------------------------------------------------------
    def _start(self, args: Values) -> Values:
        """Return the starting value of every state, (*labels, draw)."""
        if self.plan.request.resumed:
            return {n: args["state:" + n] for n in (*self.plan.states, *self.plan.initials)}
        values: Values = self.given_series(args, 0, 0)
        states: Values = {}
        memo: dict[int, Val] = {}
        env = self.env(args, values, states, self.grid.initial, "start", {})
        for kind, name in self.plan.start:
            if kind == "variable":
                if name not in args and name not in values:
                    values[name] = self.variable(env, name, memo)
                continue
            item = self.model.states[name]
            if item.owner in self.plan.request.started and is_stock_state(self.model, name):
                states[name] = self._given_start(args["start:" + item.owner], name)
            else:
                states[name] = Evaluator(env, item.labels, memo).filled(item.initial, item.labels, item.shape)
        lanes = self.plan.request.lanes
        return {
            n: self.xp.broadcast_to(v, (*v.shape[:-1], lanes)) if ("state", n) in self.plan.varies else v
            for n, v in states.items()
        }

    def _given_start(self, array: Array, name: str) -> Array:
        item = self.model.states[name]
        for component in self.model.variables[item.owner].components:
            expr = component.expr
            if isinstance(expr, Memory) and isinstance(expr.body, State) and expr.body.key == name:
                for axis, positions in enumerate(component.index):
                    array = self.xp.take(array, np.asarray(positions), axis=axis)
                return array.reshape((*item.shape, array.shape[-1]))
        raise AssertionError(name)

    def _constants(self, args: Values, states: Values) -> tuple[Values, dict[int, Val]]:
        values: Values = {}
        hoisted: dict[int, Val] = {}
        memo: dict[int, Val] = {}
        env = self.env(args, values, states, self.grid.initial, "run", {})
        for name in self.plan.const:
            values[name] = self.variable(env, name, memo)
        for expr, owner in self.plan.hoist_const:
            hoisted[id(expr)] = Evaluator(env, self._labels(expr, owner), memo).value(expr)
        return values, hoisted

    def _labels(self, expr: Any, owner: str) -> tuple[str, ...]:
        if owner in self.model.states:
            return tuple(n for n in self.model.states[owner].labels if not n.endswith("!"))
        for component in self.model.working[owner].components:
            if any(node is expr for node in _inside(component.expr)):
                return component.labels
        raise AssertionError(owner)

    def _timetable(self, args: Values, const: Values, hoisted: dict[int, Val], states: Values) -> Any:
        """Return (table (step, column), unpack): everything that is a function of time alone, tabulated."""
        jnp = self.jax.numpy
        shapes: list[Any] = []

        def at(now: Array) -> list[Array]:
            values = dict(const)
            memo: dict[int, Val] = {}
            env = self.env(args, values, states, now, "run", hoisted)
            found: list[tuple[Any, Val]] = []
            for name in self.plan.timed:
                values[name] = self.variable(env, name, memo)
                found.append((name, Val(values[name], ())))
            for expr, owner in self.plan.hoist_time:
                found.append((id(expr), Evaluator(env, self._labels(expr, owner), memo).value(expr)))
            shapes[:] = [(k, jnp.shape(v.data), v.labels, is_truth(v.data)) for k, v in found]
            return [jnp.ravel(jnp.asarray(v.data, dtype=float)) for _, v in found]

        if not (self.plan.timed or self.plan.hoist_time):
            return None, lambda row: ({}, {})
        count = self.plan.every * self.plan.saves * self.halves + self.halves - 1
        times = self.grid.initial + (self.plan.request.begin + np.arange(count) / self.halves) * self.grid.step
        table = jnp.concatenate(self.jax.vmap(at)(jnp.asarray(times)), axis=1)

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
        lax, plan = self.jax.lax, self.plan
        begun = self._start(args)
        still = {n: begun[n] for n in plan.initials}
        const, hoisted = self._constants(args, still)
        table, unpack = self._timetable(args, const, hoisted, still)
        loop = _Loop(self, args, still, const, hoisted, table, unpack, spread_variables(self.model, plan))
        state0 = {n: self._first(n, begun[n]) for n in plan.states}
        if plan.request.keep:
            steps, begin = plan.every * (plan.saves - 1), plan.request.begin
            return {}, {**lax.fori_loop(0, steps, lambda k, c: loop.inner(k, c, begin), state0), **still}
        _, series = lax.scan(loop.outer, state0, self.jax.numpy.arange(plan.saves))
        constant = {n: const[n] if n in const else args[n] for n in plan.request.outputs if plan.rate[n] == 0}
        return constant, series

    def wall(self, value: Array) -> Array:
        """Keep the compiler from computing `value` again wherever it is used (gradients do without)."""
        return value if self.plan.request.guarded else self.jax.lax.optimization_barrier(value)

    def pack(self, values: Values) -> Values:
        """Return one array (row, draw) for outputs that vary over draws and one for those that do not.

        One array is one write into the results; the barrier keeps that write free of the arithmetic before it, without
        which the compiler copies all results at every save.
        """
        lanes = {VARYING: self.plan.request.lanes, FIXED: 1}
        packed = {}
        for kind, entries in rows(self.model, self.plan).items():
            parts = [
                self.xp.broadcast_to(values[n], (*values[n].shape[:-1], lanes[kind])).reshape((-1, lanes[kind]))
                for n, _, _ in entries
            ]
            packed[kind] = self.jax.lax.optimization_barrier(self.xp.concatenate(parts, axis=0))
        return packed

    # -- states -------------------------------------------------------------------------------------------------------
    def _first(self, name: str, value: Array) -> Array:
        if self.model.states[name].kind != "pipe" or self.plan.request.resumed:
            return value
        return self.xp.broadcast_to(value, (self.lengths[name], *value.shape))

    def _slot(self, name: str, i: Array) -> Array:
        return i % self.lengths[name]

    def read(self, args: Values, name: str, value: Array, i: Array) -> Array:
        """Return the present value of a state that is stored as `value`."""
        if self.model.states[name].kind != "pipe":
            return value
        if "pipe:" + name in args:
            steps = self.xp.broadcast_to(args["pipe:" + name], value.shape[1:]).astype(int)
            slot = (i.astype(int) - steps) % self.lengths[name]
            return self.xp.take_along_axis(value, slot[None], axis=0)[0]
        return self.jax.lax.dynamic_index_in_dim(value, self._slot(name, i), keepdims=False)

    def base(self, save: Array) -> Array:
        """Return the step of a save."""
        steps, begin = save * self.plan.every, self.plan.request.begin
        return begin + steps if begin else steps

    def row(self, step: Array, half: int) -> Array:
        """Return the row of the timetable for a step and so many halves of one later."""
        begin = self.plan.request.begin
        row = step - begin if begin else step
        return row * self.halves + half if self.halves > 1 else row

    def _move(self, name: str, env: Env, memo: dict[int, Val]) -> Array:
        item = self.model.states[name]
        axes = tuple(n for n in item.labels if not n.endswith("!"))
        return Evaluator(env, axes, memo).filled(item.move, item.labels, item.shape)

    def slopes(self, scenery: tuple[Env, Values, Values, dict[int, Val]]) -> Values:
        """Return the rates of change of all stocks."""
        env, _, states, memo = scenery
        stocks = [n for n in self.plan.states if self.model.states[n].kind == "integ"]
        return {n: self.xp.broadcast_to(self._move(n, env, memo), states[n].shape) for n in stocks}

    def runge_kutta(self, carry: Values, first: Values, rates: Callable[[Values, int], Values]) -> Values:
        """Return the mean slopes of a step of fourth order; states that are no stocks stand still meanwhile."""
        step = self.grid.step

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
        item = self.model.states[name]
        move = self._move(name, env, memo) if slope is None else slope
        if item.kind == "integ":
            after = value + self.grid.step * move
            after = self.xp.maximum(after, 0.0) if item.non_negative else after
        else:
            after = move
        after = self.xp.broadcast_to(after, value.shape)
        if item.kind == "pipe":
            return self.jax.lax.dynamic_update_index_in_dim(stored, after, self._slot(name, i), 0)
        return after


Scenery = tuple[Env, Values, Values, dict[int, Val]]
"""What one time of a run holds: where things are found, values so far, states, and expressions already evaluated."""


@dataclass(slots=True)
class _Loop:
    """The body of the loop over time: what is known before it, and how a step and a save are computed."""

    kernel: Kernel
    args: Values
    still: Values
    const: Values
    hoisted: dict[int, Val]
    table: Any
    unpack: Callable[[Array], tuple[Values, dict[int, Val]]]
    walls: frozenset[str]

    def scene(self, carry: Values, i: Array, half: int = 0) -> Scenery:
        """Return what is known at step `i` and so many halves of one later."""
        kernel, jax = self.kernel, self.kernel.jax
        now = jax.numpy.reshape(kernel.grid.initial + (i + 0.5 * half if half else i) * kernel.grid.step, (1,))
        values, parts = dict(self.const), dict(self.hoisted)
        values.update(kernel.given_series(self.args, i, half))
        if self.table is not None:
            row = jax.lax.dynamic_index_in_dim(self.table, kernel.row(i, half), keepdims=False)
            more, extra = self.unpack(row)
            values.update(more)
            parts.update(extra)
        states = {**self.still, **{n: kernel.read(self.args, n, v, i) for n, v in carry.items()}}
        env = kernel.env(self.args, values, states, now, "run", parts, i)
        env.wall = kernel.wall
        return env, values, states, {}

    def compute(self, scenery: Scenery, wanted: tuple[str, ...]) -> None:
        """Put the values of `wanted` into the scenery."""
        env, values, _, memo = scenery
        for name in wanted:
            if name not in values:
                value = self.kernel.variable(env, name, memo)
                values[name] = self.kernel.wall(value) if name in self.walls else value

    def advance(self, scenery: Scenery, carry: Values, i: Array) -> Values:
        """Return the states one step later."""
        env, _, states, memo = scenery
        slopes: Values = {}
        if self.kernel.halves > 1:
            slopes = self.kernel.runge_kutta(carry, self.kernel.slopes(scenery), lambda c, half: self.rates(c, i, half))
        names = self.kernel.plan.states
        return {n: self.kernel.next(n, carry[n], states[n], env, memo, i, slopes.get(n)) for n in names}

    def rates(self, carry: Values, i: Array, half: int) -> Values:
        """Return the rates of change of all stocks at a part of a step."""
        scenery = self.scene(carry, i, half)
        self.compute(scenery, self.kernel.plan.for_moves)
        return self.kernel.slopes(scenery)

    def inner(self, k: Array, carry: Values, base: Array) -> Values:
        """Take one step, without a save."""
        scenery = self.scene(carry, base + k)
        self.compute(scenery, self.kernel.plan.for_moves)
        return self.advance(scenery, carry, base + k)

    def outer(self, carry: Values, s: Array) -> tuple[Values, Values]:
        """Save, and go on to the next save."""
        kernel, plan, jax = self.kernel, self.kernel.plan, self.kernel.jax
        base = kernel.base(s)
        scenery = self.scene(carry, base)
        self.compute(scenery, plan.for_outputs)
        names = [n for n in plan.request.outputs if plan.rate[n] != 0]
        saved = kernel.pack({n: scenery[1][n] if n in scenery[1] else self.args[n] for n in names})
        if plan.every == 1:
            self.compute(scenery, plan.for_moves)
            return self.advance(scenery, carry, base), saved
        if plan.request.guarded:
            count: Any = plan.every
            step = jax.checkpoint(lambda c: jax.lax.fori_loop(0, count, lambda k, x: self.inner(k, x, base), c))
            return step(carry), saved
        count = jax.numpy.where(s < plan.saves - 1, plan.every, 0)
        return jax.lax.fori_loop(0, count, lambda k, c: self.inner(k, c, base), carry), saved


def spread_variables(model: ModelDef, plan: Plan) -> frozenset[str]:
    """Return the variables that equations with more elements read: worth storing rather than computing per element."""
    found: set[str] = set()
    sizes = {n: int(np.prod(v.shape)) for n, v in model.working.items()}
    equations = [(c.expr, int(np.prod(c.shape))) for n in {*plan.for_moves, *plan.for_outputs}
                 for c in model.working[n].components]  # fmt: skip
    equations += [(model.states[s].move, int(np.prod(model.states[s].shape))) for s in plan.states]
    for expr, size in equations:
        inside = _inside(expr)
        size *= max((int(np.prod(node.sizes)) for node in inside if isinstance(node, Reduce)), default=1)
        found.update(node.key for node in inside if isinstance(node, Ref) and sizes[node.key] * 2 < size)
    return frozenset(found)


VARYING, FIXED = "varying", "fixed"


def rows(model: ModelDef, plan: Plan) -> dict[str, list[tuple[str, int, int]]]:
    """Return which rows of the packed results hold which output: ``{kind: [(name, first row, end row)]}``."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    for name in plan.request.outputs:
        if plan.rate[name] == 0:
            continue
        entries = found.setdefault(VARYING if ("variable", name) in plan.varies else FIXED, [])
        begin = entries[-1][2] if entries else 0
        entries.append((name, begin, begin + int(np.prod(model.working[name].shape))))
    return found


def unpack(model: ModelDef, plan: Plan, packed: Values) -> Values:
    """Return each output of `packed`, (save, *dims, draw), as views."""
    return {
        name: packed[kind][:, begin:end].reshape((-1, *model.working[name].shape, packed[kind].shape[-1]))
        for kind, entries in rows(model, plan).items()
        for name, begin, end in entries
    }


def _inside(expr: Any) -> list[Any]:
    from egendekning.engine.ir import walk

    return walk(expr)


def tracer(jax: Any, model: ModelDef, plan: Plan) -> Callable[[Values], tuple[Values, Values]]:
    """Return the pure function that runs `plan`."""
    return Kernel(jax, model, plan).run
