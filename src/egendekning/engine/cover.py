"""Which elements of an array have an equation, and whether one without is ever read.

Vensim runs a model in which some elements of an array have no equation, as long as nothing reads them. Here they are
:NA:, NaN in results. The module refuses two equations for one element, and a reader of an element without any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.evaluate import select
from egendekning.engine.ir import Component, Expr, LookupCall, Memory, Num, RangeDef, Ref, VariableDef, children
from egendekning.engine.tables import NOT_AVAILABLE
from egendekning.errors import Problem

Missing = NDArray[np.bool_]
"""True for each element (*dims) that has no equation."""


def cell_name(cell: tuple[int, ...], dims: tuple[str, ...], ranges: Mapping[str, RangeDef]) -> str:
    """Return an element as people write it, ``[north, new]``."""
    if not cell:
        return ""
    return f"[{', '.join(ranges[d].names[i] for d, i in zip(dims, cell, strict=True))}]"


def missing_cells(
    components: tuple[Component, ...], shape: tuple[int, ...]
) -> tuple[Missing, Component | None, tuple[int, ...]]:
    """Return what has no equation, and the first equation for an element that has one already, with the element."""
    count = np.zeros(shape, dtype=int)
    for component in components:
        block = np.ix_(*component.index)
        fresh = np.ones(tuple(map(len, component.index)), dtype=int)
        for cell in component.skip:
            if all(i in places for i, places in zip(cell, component.index, strict=True)):
                fresh[tuple(places.index(i) for i, places in zip(cell, component.index, strict=True))] = 0
        count[block] += fresh
        twice = np.argwhere(count[block] > 1)
        if len(twice):
            cell = tuple(int(places[k]) for k, places in zip(twice[0], component.index, strict=True))
            return count == 0, component, cell
    return count == 0, None, ()


def filler(missing: Missing, line: int) -> Component:
    """Return an equation that makes the elements of `missing` :NA:."""
    shape = missing.shape
    labels = tuple(f"#{k}" for k in range(len(shape)))
    skip = frozenset(tuple(int(i) for i in cell) for cell in np.argwhere(~missing))
    return Component(labels, tuple(range(len(shape))), shape, tuple(map(tuple, map(range, shape))), skip,
                     Num(NOT_AVAILABLE), line, "")  # fmt: skip


def reads_of_missing(
    variables: Mapping[str, VariableDef], missing: Mapping[str, Missing], ranges: Mapping[str, RangeDef], file: str
) -> list[Problem]:
    """Return one problem per variable that reads an element without an equation."""
    found: list[Problem] = []
    for item in variables.values() if missing else ():
        for component in item.components:
            node = next((n for n in _inside(component.expr) if _hits(n, component, missing)), None)
            if node is not None:
                lacking = variables[node.key]
                cell = tuple(int(i) for i in np.argwhere(missing[node.key])[0])
                shown = f"{lacking.name}{cell_name(cell, lacking.dims, ranges)}"
                found.append(Problem(f"{file}:{component.line}", f"{shown} has no equation, and {item.name} reads it",
                                     "an equation for every element that is read"))  # fmt: skip
                break
    return found


def _inside(expr: Expr) -> Iterator[Ref | LookupCall]:
    """Return every variable and table function that an equation mentions, rates and starting values included."""
    stack = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, (Ref, LookupCall)):
            yield node
        stack.extend(node.args.values() if isinstance(node, Memory) else children(node))


def _hits(node: Ref | LookupCall, component: Component, missing: Mapping[str, Missing]) -> bool:
    """Whether `node`, in an equation with the exceptions of `component`, takes in an element of `missing`."""
    if node.key not in missing:
        return False
    taken, labels = select(np, missing[node.key], node.index)
    kept = np.ones(component.shape, dtype=bool)
    for cell in component.skip:
        at = [component.index[axis].index(cell[axis]) if cell[axis] in component.index[axis] else None
              for axis in component.axes]  # fmt: skip
        if None not in at:
            kept[tuple(at)] = False
    others = tuple(k for k, n in enumerate(labels) if n not in component.labels)
    taken = np.asarray(taken).any(axis=others) if others else np.asarray(taken)
    own = [n for n in labels if n in component.labels]
    order = sorted(range(len(own)), key=lambda k: component.labels.index(own[k]))
    taken = np.transpose(taken, order)
    shape = [size if n in own else 1 for n, size in zip(component.labels, component.shape, strict=True)]
    return bool((taken.reshape(shape) & kept).any())


__all__ = ["Missing", "cell_name", "filler", "missing_cells", "reads_of_missing"]
