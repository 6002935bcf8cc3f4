"""Evaluate lowered expressions on arrays: the one place that knows how axes line up.

Works on NumPy and on JAX alike: the array namespace is a parameter. A value is an array whose axes are the labels of
the equation in a fixed order, with one last axis for draws (length 1 where nothing varies over draws). The module
refuses to look anything up itself: variables, states, clock and tables come from the environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np

from egendekning.engine.chance import QUANTILES
from egendekning.engine.functions import FUNCTIONS, REDUCERS, is_truth
from egendekning.engine.ir import (
    ActiveInitial,
    Apply,
    Clock,
    Component,
    Expr,
    Fixed,
    Index,
    LookupCall,
    LookupTable,
    Memory,
    Num,
    Pick,
    Random,
    Reduce,
    Ref,
    State,
    Table,
    VariableDef,
    Vector,
)  # fmt: skip
from egendekning.engine.tables import interpolate, spread
from egendekning.engine.vectors import VECTORS

Array = Any


class Val(NamedTuple):
    """A value with its axes; a plain number has no array shape at all."""

    data: Array
    labels: tuple[str, ...]


def _through(data: Array) -> Array:
    return data


def _no_chance(site: int, shape: tuple[int, ...]) -> Array:
    raise KeyError("random")


@dataclass(slots=True)
class Env:
    """Where an evaluation finds things; arrays are (*dims, draw) and (*labels, draw).

    `wall` is put around what is costly, for a compiler that would otherwise compute it again in every place of use.
    """

    xp: Any
    variable: Callable[[str], Array]
    state: Callable[[str], tuple[Array, tuple[str, ...]]]
    clock: Callable[[str], Array]
    table: Callable[[str], tuple[LookupTable, Array]]
    stage: str
    hoisted: Mapping[int, Val]
    wall: Callable[[Array], Array] = _through
    uniform: Callable[[int, tuple[int, ...]], Array] = _no_chance


class Evaluator:
    """Evaluates the expressions of one equation; `labels` is its axis order."""

    def __init__(self, env: Env, labels: tuple[str, ...], memo: dict[int, Val] | None = None) -> None:
        self.env, self.xp = env, env.xp
        self.labels = labels
        self.memo = memo if memo is not None else {}

    def _rank(self, label: str) -> tuple[int, str]:
        """Left-hand labels come first in their order, then summed ones by name: the same wherever a node is met."""
        return (1, label) if label.endswith("!") else (0, label) if label not in self.labels else self._place(label)

    def _place(self, label: str) -> tuple[int, str]:
        return (self.labels.index(label) - 1000, label)

    def value(self, expr: Expr) -> Val:
        """Return the value of `expr`."""
        known = self.env.hoisted.get(id(expr)) or self.memo.get(id(expr))
        if known is None:
            known = self._value(expr)
            self.memo[id(expr)] = known
        return known

    def _value(self, expr: Expr) -> Val:
        match expr:
            case Num(value=value):
                return Val(value, ())
            case Table(values=values, labels=labels):
                return self._sorted(self.xp.asarray(values)[..., None], labels)
            case Clock(which=which):
                return Val(self.env.clock(which), ())
            case Ref(key=name, index=index):
                return self._indexed(self.env.variable(name), index)
            case State(key=name, index=index):
                data, labels = self.env.state(name)
                return self._sorted(data, labels) if index is None else self._indexed(data, index)
            case Memory(body=body):
                return self.value(body)
            case ActiveInitial(running=running, initial=initial):
                return self.value(running if self.env.stage == "run" else initial)
            case Apply(fn=fn, args=args):
                return self._apply(fn, [self.value(a) for a in args])
            case Reduce():
                return self._reduce(expr)
        return self._whole(expr)

    def _whole(self, expr: Expr) -> Val:
        """Return the value of what is more than arithmetic on single elements."""
        match expr:
            case LookupCall():
                return self._lookup(expr)
            case Vector():
                return self._vector(expr)
            case Random():
                return self._random(expr)
            case Pick(arg=arg, places=places):
                return self._pick(self.value(arg), places)
        raise AssertionError(expr)

    def _vector(self, expr: Vector) -> Val:
        """Give the function arrays (*outer, *own, draw), the outer axes in one order for all arguments."""
        sizes = dict(expr.sizes)
        values = [self.value(a) for a in expr.args]
        outer = tuple(sorted({n for v, own in zip(values, expr.axes, strict=True) for n in v.labels if n not in own},
                             key=self._rank))  # fmt: skip
        arrays = []
        for value, own in zip(values, expr.axes, strict=True):
            data, wanted = self.xp.asarray(self._number(value.data, "+"), dtype=float), (*outer, *own)
            data = data if data.ndim else data[None]
            order = [value.labels.index(n) for n in wanted if n in value.labels]
            data = self.xp.transpose(data, (*order, len(order)))
            shape = iter(data.shape)
            data = data.reshape((*(next(shape) if n in value.labels else 1 for n in wanted), *shape))
            full = (*data.shape[: len(outer)], *(sizes[n] for n in own), data.shape[-1])
            arrays.append(data if data.shape == full else self.xp.broadcast_to(data, full))
        return self._sorted(VECTORS[expr.fn](self.xp, *arrays, *expr.options), (*outer, *expr.out))

    def _random(self, expr: Random) -> Val:
        args = [self.value(a) for a in expr.args]
        even = self._sorted(self.env.uniform(expr.site, expr.sizes), expr.labels)
        arrays, labels = self.align([even, *args])
        return Val(QUANTILES[expr.fn][1](self.xp, *(self._number(a, "+") for a in arrays)), labels)

    def _pick(self, value: Val, places: tuple[tuple[str, int], ...]) -> Val:
        data, labels = value
        for label, place in places:
            if label in labels:
                axis = labels.index(label)
                data = data[(slice(None),) * axis + (place if data.shape[axis] > 1 else 0,)]
                labels = labels[:axis] + labels[axis + 1 :]
        return Val(data, labels)

    def _sorted(self, data: Array, labels: tuple[str, ...], trailing: int = 1) -> Val:
        order = sorted(range(len(labels)), key=lambda i: self._rank(labels[i]))
        if order != list(range(len(labels))):
            data = self.xp.transpose(data, (*order, *(len(labels) + k for k in range(trailing))))
        return Val(data, tuple(labels[i] for i in order))

    def _indexed(self, data: Array, index: tuple[Index, ...], trailing: int = 1) -> Val:
        data, labels = select(self.xp, data, index)
        return self._sorted(data, labels, trailing)

    def align(self, values: list[Val], trailing: int = 1) -> tuple[list[Array], tuple[str, ...]]:
        """Return the arrays of `values` on common axes (length-1 axes where one lacks a label)."""
        labels = tuple(sorted({n for v in values for n in v.labels}, key=self._rank))
        arrays = []
        for value in values:
            data = value.data
            if value.labels != labels and not isinstance(data, float) and getattr(data, "ndim", 0) > 0:
                shape = iter(data.shape)
                full = [next(shape) if n in value.labels else 1 for n in labels]
                data = data.reshape((*full, *shape))
            arrays.append(data)
        return arrays, labels

    def _apply(self, fn: str, args: list[Val]) -> Val:
        arrays, labels = self.align(args)
        compute = FUNCTIONS[fn][1]
        if all(isinstance(a, (float, bool)) for a in arrays):
            with np.errstate(all="ignore"):
                result = compute(np, *map(np.float64, arrays))
            return Val(bool(result) if result.dtype == bool else float(result), ())
        arrays = [self._number(a, fn) for a in arrays]
        return Val(compute(self.xp, *arrays), labels)

    def _number(self, data: Array, fn: str) -> Array:
        """Turn truth values into 0 and 1 where a number is wanted."""
        if fn.startswith(":") or (fn == "if then else"):
            return data
        if isinstance(data, bool):
            return float(data)
        return data * 1.0 if is_truth(data) else data

    def _reduce(self, expr: Reduce) -> Val:
        value = self.value(expr.arg)
        data = self._number(value.data, "+")
        present = [n for n in expr.labels if n in value.labels]
        lacking = int(np.prod([s for n, s in zip(expr.labels, expr.sizes, strict=True) if n not in value.labels]))
        if lacking > 1 and expr.fn in ("sum", "prod"):
            data = data * float(lacking) if expr.fn == "sum" else FUNCTIONS["^"][1](self.xp, data, float(lacking))
        if not present:
            return Val(data, value.labels)
        axes = tuple(value.labels.index(n) for n in present)
        reduce = getattr(self.xp, REDUCERS[expr.fn])
        return Val(reduce(data, axis=axes), tuple(n for n in value.labels if n not in present))

    def _lookup(self, expr: LookupCall) -> Val:
        arg = self.value(expr.arg)
        table, y = self.env.table(expr.key)
        mode = table.mode if expr.mode == "interpolate" else expr.mode
        a = self._number(arg.data, "+")
        if table.x.ndim == 1:
            return Val(self.env.wall(interpolate(self.xp, a, table.x, self.xp.asarray(y), mode)), arg.labels)
        rows = self._indexed(self.xp.asarray(y), expr.index, trailing=2)
        points, unsorted = select(np, table.x, expr.index)
        points = np.transpose(points, (*(unsorted.index(n) for n in rows.labels), len(rows.labels)))
        labels = tuple(sorted({*arg.labels, *rows.labels}, key=self._rank))
        xs = np.asarray(self._spread(Val(points, rows.labels), labels))
        ys = self._spread(rows, labels)
        at = self._spread(arg._replace(data=a), labels)
        return Val(self.env.wall(spread(self.xp, at, xs, ys, mode)), labels)

    def _spread(self, value: Val, labels: tuple[str, ...]) -> Array:
        if isinstance(value.data, float) or getattr(value.data, "ndim", 0) == 0 or value.labels == labels:
            return value.data
        shape = iter(value.data.shape)
        full = [next(shape) if n in value.labels else 1 for n in labels]
        return value.data.reshape((*full, *shape))

    def component(self, item: Component) -> Array:
        """Return the array (*labels, draw) of one equation."""
        return self.filled(item.expr, item.labels, item.shape)

    def filled(self, expr: Expr, labels: tuple[str, ...], shape: tuple[int, ...]) -> Array:
        """Return the value of `expr` over all of `labels`, as numbers."""
        value = self.value(expr)
        data = self._number(value.data, "+")
        if isinstance(data, float) or getattr(data, "ndim", 0) == 0:
            return self.xp.broadcast_to(self.xp.asarray(data, dtype=float), (*shape, 1))
        data = self._spread(value._replace(data=data), labels)
        wanted = (*shape, data.shape[-1])
        return data if data.shape == wanted else self.xp.broadcast_to(data, wanted)


def select(xp: Any, data: Array, index: tuple[Index, ...]) -> tuple[Array, tuple[str, ...]]:
    """Return `data` at `index`, one entry per leading dimension, and the labels of what is left."""
    key: list[Any] = []
    takes: list[tuple[int, tuple[int, ...]]] = []
    labels: list[str] = []
    for entry in index:
        if isinstance(entry, Fixed):
            key.append(entry.position)
            continue
        if entry.positions is None:
            key.append(slice(None))
        elif entry.positions == tuple(range(entry.positions[0], entry.positions[0] + len(entry.positions))):
            key.append(slice(entry.positions[0], entry.positions[0] + len(entry.positions)))
        else:
            key.append(slice(None))
            takes.append((len(labels), entry.positions))
        labels.append(entry.label)
    if any(k != slice(None) for k in key):
        data = data[tuple(key)]
    for axis, positions in takes:
        data = xp.take(data, np.asarray(positions), axis=axis)
    while len(set(labels)) < len(labels):  # name[a, a]: the diagonal
        second = next(k for k, n in enumerate(labels) if n in labels[:k])
        first = labels.index(labels.pop(second))
        data = xp.moveaxis(data.diagonal(axis1=first, axis2=second), -1, first)
    return data, tuple(labels)


def assemble(xp: Any, item: VariableDef, pieces: list[Array]) -> Array:
    """Put the arrays of all equations of a variable together to (*dims, draw)."""
    if len(pieces) == 1 and not item.components[0].skip and _covers(item):
        return pieces[0].reshape((*item.shape, pieces[0].shape[-1]))
    draws = max(p.shape[-1] for p in pieces)
    owner = np.full(item.shape, -1)
    for number, component in enumerate(item.components):
        for cell in product(*component.index):
            if cell not in component.skip:
                owner[cell] = number
    full = []
    for component, piece in zip(item.components, pieces, strict=True):
        sizes = tuple(len(i) for i in component.index)
        piece = piece.reshape((*sizes, piece.shape[-1]))
        full.append(xp.broadcast_to(piece, (*sizes, draws)) if piece.shape[-1] != draws else piece)
    places = [[{p: k for k, p in enumerate(i)} for i in c.index] for c in item.components]
    return _join(xp, owner, full, places, ())


def _covers(item: VariableDef) -> bool:
    component = item.components[0]
    return all(tuple(range(size)) == i for size, i in zip(item.shape, component.index, strict=True))


def _join(xp: Any, owner: np.ndarray, full: list[Array], places: Any, at: tuple[tuple[int, int], ...]) -> Array:
    """Join pieces along the first open axis, in runs of positions that the same equations fill."""
    axis = len(at)
    if axis == owner.ndim:
        raise AssertionError("a variable without dims has one equation")
    runs = [0]
    for i in range(1, owner.shape[axis]):
        before, now = np.take(owner, i - 1, axis), np.take(owner, i, axis)
        linked = all(
            places[n][axis].get(i, -9) == places[n][axis].get(i - 1, -9) + 1 for n in set(np.unique(now).tolist())
        )
        if not (np.array_equal(before, now) and linked):
            runs.append(i)
    runs.append(owner.shape[axis])
    parts = []
    for start, stop in pairwise(runs):
        block = np.take(owner, range(start, stop), axis)
        if len(np.unique(block)) == 1:
            parts.append(_cut(full, places, int(block.flat[0]), (*at, (start, stop)), owner.shape))
        else:
            parts.append(_join(xp, block, full, places, (*at, (start, stop))))
    return parts[0] if len(parts) == 1 else xp.concatenate(parts, axis=axis)


def _cut(full: list[Array], places: Any, number: int, at: tuple[tuple[int, int], ...], shape: tuple[int, ...]) -> Array:
    spans = [*at, *((0, size) for size in shape[len(at) :])]
    key = tuple(
        slice(places[number][axis][start], places[number][axis][start] + stop - start)
        for axis, (start, stop) in enumerate(spans)
    )
    return full[number][key]
