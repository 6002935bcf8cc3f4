"""The JAX kernel: a pure function of constants, table values and starting values, over a batch of draws.

Arrays are (elements..., draws): draws last, so that one instruction works on neighbouring draws, and elements before
them, so that an age structure is one array. A step computes only what moves a stock; outputs are computed at saving
times; everything constant, and everything that depends on time alone, is outside the loop. The module refuses to read
parameters' values: they are arguments, so a new scenario needs no new compilation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from egendekning.engine.chance import uniform
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

    def _env(
        self, args: Values, values: Values, states: Values, now: Array, stage: str, hoisted: Any, step: Any = 0
    ) -> Env:
        def variable(name: str) -> Array:
            return values[name] if name in values else args[name]

        def state(name: str) -> tuple[Array, tuple[str, ...]]:
            return states[name], self.model.states[name].labels

        return Env(self.xp, variable, state, partial(self._clock, now), partial(self._table, args), stage, hoisted,
                   uniform=partial(self._uniform, args, step))  # fmt: skip

    def _variable(self, env: Env, name: str, memo: dict[int, Val]) -> Array:
        item = self.model.working[name]
        return assemble(self.xp, item, [Evaluator(env, c.labels, memo).component(c) for c in item.components])

    # -- phases -------------------------------------------------------------------------------------------------------
    def _start(self, args: Values) -> Values:
        """Return the starting value of every state, (*labels, draw)."""
        values: Values = {}
        states: Values = {}
        memo: dict[int, Val] = {}
        env = self._env(args, values, states, self.grid.initial, "start", {})
        for kind, name in self.plan.start:
            if kind == "variable":
                if name not in args:
                    values[name] = self._variable(env, name, memo)
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
        env = self._env(args, values, states, self.grid.initial, "run", {})
        for name in self.plan.const:
            values[name] = self._variable(env, name, memo)
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
            env = self._env(args, values, states, now, "run", hoisted)
            found: list[tuple[Any, Val]] = []
            for name in self.plan.timed:
                values[name] = self._variable(env, name, memo)
                found.append((name, Val(values[name], ())))
            for expr, owner in self.plan.hoist_time:
                found.append((id(expr), Evaluator(env, self._labels(expr, owner), memo).value(expr)))
            shapes[:] = [(k, jnp.shape(v.data), v.labels, is_truth(v.data)) for k, v in found]
            return [jnp.ravel(jnp.asarray(v.data, dtype=float)) for _, v in found]

        if not (self.plan.timed or self.plan.hoist_time):
            return None, lambda row: ({}, {})
        count = self.plan.every * self.plan.saves
        times = self.grid.initial + np.arange(count) * self.grid.step
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
        """Return the outputs that never change, (*dims, draw), and the others packed as `rows` says."""
        lax, jnp, plan = self.jax.lax, self.jax.numpy, self.plan
        begun = self._start(args)
        still = {n: begun[n] for n in plan.initials}
        const, hoisted = self._constants(args, still)
        table, unpack = self._timetable(args, const, hoisted, still)
        names = [n for n in plan.request.outputs if plan.rate[n] != 0]
        walls = spread_variables(self.model, plan)
        state0 = {n: self._first(n, begun[n]) for n in plan.states}

        def scene(carry: Values, i: Array) -> tuple[Env, Values, Values, dict[int, Val]]:
            now = jnp.reshape(self.grid.initial + i * self.grid.step, (1,))
            values, parts = dict(const), dict(hoisted)
            if table is not None:
                more, extra = unpack(lax.dynamic_index_in_dim(table, i, keepdims=False))
                values.update(more)
                parts.update(extra)
            states = {**still, **{n: self._read(args, n, v, i) for n, v in carry.items()}}
            env = self._env(args, values, states, now, "run", parts, i)
            env.wall = self._wall
            return env, values, states, {}

        def compute(scenery: Any, wanted: tuple[str, ...]) -> None:
            env, values, _, memo = scenery
            for name in wanted:
                if name not in values:
                    value = self._variable(env, name, memo)
                    values[name] = self._wall(value) if name in walls else value

        def advance(scenery: Any, carry: Values, i: Array) -> Values:
            env, _, states, memo = scenery
            return {n: self._next(n, carry[n], states[n], env, memo, i) for n in plan.states}

        def inner(k: Array, carry: Values, base: Array) -> Values:
            scenery = scene(carry, base + k)
            compute(scenery, plan.for_moves)
            return advance(scenery, carry, base + k)

        def outer(carry: Values, s: Array) -> tuple[Values, Values]:
            base = s * plan.every
            scenery = scene(carry, base)
            compute(scenery, plan.for_outputs)
            saved = self._pack({n: scenery[1][n] if n in scenery[1] else args[n] for n in names})
            if plan.every == 1:
                compute(scenery, plan.for_moves)
                return advance(scenery, carry, base), saved
            if plan.request.guarded:
                count: Any = plan.every
                step = self.jax.checkpoint(lambda c: lax.fori_loop(0, count, lambda k, x: inner(k, x, base), c))
                return step(carry), saved
            count = jnp.where(s < plan.saves - 1, plan.every, 0)
            return lax.fori_loop(0, count, lambda k, c: inner(k, c, base), carry), saved

        _, series = lax.scan(outer, state0, jnp.arange(plan.saves))
        constant = {n: const[n] if n in const else args[n] for n in plan.request.outputs if n not in names}
        return constant, series

    def _wall(self, value: Array) -> Array:
        """Keep the compiler from computing `value` again wherever it is used (gradients do without)."""
        return value if self.plan.request.guarded else self.jax.lax.optimization_barrier(value)

    def _pack(self, values: Values) -> Values:
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
        if self.model.states[name].kind != "pipe":
            return value
        return self.xp.broadcast_to(value, (self.lengths[name], *value.shape))

    def _slot(self, name: str, i: Array) -> Array:
        return i % self.lengths[name]

    def _read(self, args: Values, name: str, value: Array, i: Array) -> Array:
        if self.model.states[name].kind != "pipe":
            return value
        if "pipe:" + name in args:
            steps = self.xp.broadcast_to(args["pipe:" + name], value.shape[1:]).astype(int)
            slot = (i.astype(int) - steps) % self.lengths[name]
            return self.xp.take_along_axis(value, slot[None], axis=0)[0]
        return self.jax.lax.dynamic_index_in_dim(value, self._slot(name, i), keepdims=False)

    def _next(self, name: str, stored: Array, value: Array, env: Env, memo: dict[int, Val], i: Array) -> Array:
        item = self.model.states[name]
        move = Evaluator(env, tuple(n for n in item.labels if not n.endswith("!")), memo).filled(
            item.move, item.labels, item.shape
        )
        if item.kind == "integ":
            after = value + self.grid.step * move
            after = self.xp.maximum(after, 0.0) if item.non_negative else after
        else:
            after = move
        after = self.xp.broadcast_to(after, value.shape)
        if item.kind == "pipe":
            return self.jax.lax.dynamic_update_index_in_dim(stored, after, self._slot(name, i), 0)
        return after


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
