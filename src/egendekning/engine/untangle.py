"""Take apart arrays whose elements depend on each other, so that element by element there is no cycle.

``alive[older] = alive[younger] * (1 - death[younger])`` reads the variable it defines, yet no element depends on
itself. Such variables, and only they, are split into one hidden variable per element; everything else stays an array.
The module refuses nothing: what is still cyclic afterwards is reported by `graph`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import numpy as np

from egendekning.engine.graph import Graph, Node
from egendekning.engine.ir import (
    ActiveInitial,
    Along,
    Apply,
    Component,
    Expr,
    Fixed,
    Index,
    LookupCall,
    Memory,
    ModelDef,
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


def untangle(model: ModelDef) -> None:
    """Split what has to be split, in `model.working` and in the expressions of states."""
    graph = Graph(model)
    tangled = _tangled(graph.run) | _tangled(graph.start)
    split = {n for kind, n in tangled if kind == "variable" and model.working[n].dims}
    if not split:
        return
    cutter = _Cutter(model, split)
    for name in sorted(split):
        cutter.cut(model.working[name])
    for name, state in model.states.items():
        model.states[name] = replace(state, initial=cutter.pin(state.initial, {}), move=cutter.pin(state.move, {}))
    for name, item in model.working.items():
        if name not in split and "#" not in name and item.components:
            parts = tuple(replace(c, expr=cutter.pin(c.expr, {})) for c in item.components)
            model.working[name] = replace(item, components=parts)
    model.working.update(cutter.made)


def element_key(name: str, cell: tuple[int, ...]) -> str:
    """Return the key of the hidden variable of one element."""
    return f"{name}#{','.join(map(str, cell))}"


class _Cutter:
    def __init__(self, model: ModelDef, split: set[str]) -> None:
        self.model, self.split = model, split
        self.made: dict[str, VariableDef] = {}

    def cut(self, item: VariableDef) -> None:
        """Make one hidden variable per element of `item`, and `item` the array of them."""
        parts: list[Component] = []
        for component in item.components:
            for cell in product(*component.index):
                if cell in component.skip:
                    continue
                key = element_key(item.key, cell)
                expr = self.pin(component.expr, self._places(component, cell))
                one = Component((), (), (), (), frozenset(), expr, component.line, component.text)
                names = ", ".join(self.model.ranges[d].names[i] for d, i in zip(item.dims, cell, strict=True))
                self.made[key] = replace(
                    item, key=key, name=f"{item.name}[{names}]", kind="auxiliary", dims=(), shape=(), components=(one,),
                    line=component.line,
                )  # fmt: skip
                parts.append(
                    Component(
                        (), (), (), tuple((i,) for i in cell), frozenset(), Ref(key, ()), component.line, component.text
                    )
                )
        self.made[item.key] = replace(item, components=tuple(parts))

    def _places(self, component: Component, cell: tuple[int, ...]) -> dict[str, int]:
        """Return, for each label of the equation, the place of `cell` along it."""
        return {
            label: component.index[axis].index(cell[axis])
            for label, axis in zip(component.labels, component.axes, strict=True)
        }

    def pin(self, expr: Expr, at: Mapping[str, int]) -> Expr:
        """Return `expr` with the labels of `at` fixed, and references to single split elements redirected."""
        match expr:
            case Ref(key=name, index=index):
                return self._ref(name, tuple(_pin_index(i, at) for i in index))
            case LookupCall(key=name, index=index, mode=mode, arg=arg):
                return LookupCall(name, tuple(_pin_index(i, at) for i in index), mode, self.pin(arg, at))
            case Apply(fn=fn, args=args):
                return Apply(fn, tuple(self.pin(a, at) for a in args))
            case Reduce():
                return Reduce(expr.fn, self.pin(expr.arg, at), expr.labels, expr.sizes)
            case Memory(fn=fn, args=roles, body=body):
                return Memory(fn, roles, self.pin(body, at))
            case ActiveInitial(running=running, initial=initial):
                return ActiveInitial(self.pin(running, at), self.pin(initial, at))
            case State(key=name) if at:
                labels = self.model.states[name].labels
                return State(name, tuple(_pin_index(Along(label, None), at) for label in labels))
            case Table(values=values, labels=labels) if at:
                return _pin_table(values, labels, at)
            case Vector():
                return self._vector(expr, at)
            case Random():
                drawn = replace(expr, args=tuple(self.pin(a, {}) for a in expr.args))
                return Pick(drawn, _among(at, expr.labels)) if at else drawn
            case Pick(arg=arg, places=places):
                return Pick(self.pin(arg, {n: k for n, k in at.items() if n not in dict(places)}), places)
        return expr

    def _vector(self, expr: Vector, at: Mapping[str, int]) -> Expr:
        """Return `expr` at a place: whole axes go in, and of the result the place is picked."""
        own = {n for axes in (*expr.axes, expr.out) for n in axes}
        outer = {n: k for n, k in at.items() if n not in own}
        inside = replace(expr, args=tuple(self.pin(a, outer) for a in expr.args))
        picked = _among(at, expr.out)
        return Pick(inside, picked) if picked else inside

    def _ref(self, name: str, index: tuple[Index, ...]) -> Expr:
        if name in self.split and all(isinstance(i, Fixed) for i in index):
            return Ref(element_key(name, tuple(i.position for i in index if isinstance(i, Fixed))), ())
        return Ref(name, index)


def _among(at: Mapping[str, int], labels: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((n, k) for n, k in at.items() if n in labels)


def _pin_index(index: Index, at: Mapping[str, int]) -> Index:
    if isinstance(index, Fixed) or index.label not in at:
        return index
    place = at[index.label]
    return Fixed(place if index.positions is None else index.positions[place])


def _pin_table(values: np.ndarray, labels: tuple[str, ...], at: Mapping[str, int]) -> Expr:
    cut = values[tuple(at[n] if n in at else slice(None) for n in labels)]
    left = tuple(n for n in labels if n not in at)
    return Table(cut, left) if left else Num(float(cut))


def _tangled(edges: Mapping[Node, list[Node]]) -> set[Node]:
    """Return every node that lies on a cycle (Tarjan's strongly connected components, without recursion)."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    held: list[Node] = []
    found: set[Node] = set()
    for root in edges:
        if root in index:
            continue
        stack = [(root, iter(edges[root]))]
        index[root] = low[root] = len(index)
        held.append(root)
        while stack:
            node, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                stack.pop()
                if stack:
                    low[stack[-1][0]] = min(low[stack[-1][0]], low[node])
                if low[node] == index[node]:
                    group = held[held.index(node) :]
                    del held[-len(group) :]
                    if len(group) > 1 or node in edges[node]:
                        found.update(group)
            elif step not in index:
                index[step] = low[step] = len(index)
                held.append(step)
                stack.append((step, iter(edges[step])))
            elif step in held:
                low[node] = min(low[node], index[step])
    return found
