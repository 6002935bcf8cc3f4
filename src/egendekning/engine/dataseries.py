"""Functions of whole series of data: the value at another time, the first and last time, how many points there are.

What they answer lies in the series as the files give it. The module refuses variables that are no data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.ir import Component, Expr, Fixed, LookupCall, LookupTable, Num, Table, VariableDef
from egendekning.names import key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from egendekning.engine.lower import Lowering

_SIDES = {1: "forward", 0: "interpolate", -1: "backward"}


def whole_series(item: VariableDef, inline: Mapping[str, LookupTable]) -> LookupTable | None:
    """Return the series of a data variable, x and y (*dims, point), None where an equation of it is no series."""
    cells: dict[tuple[int, ...], tuple[Any, Any]] = {}
    mode = "interpolate"
    for component in item.components:
        if not isinstance(component.expr, LookupCall) or component.expr.key not in inline:
            return None
        table = inline[component.expr.key]
        mode = table.mode
        cells.update(_cells(component, table))
    points = max((len(x) for x, _ in cells.values()), default=0)
    x, y = np.full((*item.shape, points), np.inf), np.zeros((*item.shape, points))
    for cell, (at, values) in cells.items():
        x[cell][: len(at)] = at
        y[cell][: len(at)], y[cell][len(at) :] = values, values[-1]
    return LookupTable(x, y, mode)


def _cells(component: Component, table: LookupTable) -> dict[tuple[int, ...], tuple[Any, Any]]:
    """Return the points of each element that one equation fills."""
    shape = tuple(len(i) for i in component.index)
    x, y = (np.broadcast_to(v, (*shape, v.shape[-1])) if v.ndim == 1 else v.reshape((*shape, v.shape[-1]))
            for v in (table.x, table.y))  # fmt: skip
    found = {}
    for place in np.ndindex(shape):
        good = np.isfinite(x[place])
        cell = tuple(i[k] for i, k in zip(component.index, place, strict=True))
        found[cell] = (x[place][good], y[place][good])
    return found


def at_time(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """GET DATA AT TIME(data, time), by the data's own keyword, and GET DATA BETWEEN TIMES(data, time, side)."""
    between = name == "get data between times"
    if len(arguments) != 2 + between:
        return low.problem(f"{name.upper()} has {len(arguments)} arguments", f"{2 + between} arguments")
    side = low.whole_number(arguments[2], "the side of GET DATA BETWEEN TIMES") if between else None
    if between and side not in _SIDES:
        return low.problem(f"GET DATA BETWEEN TIMES has the side {side}", "1, 0 or -1")
    return _read(low, name, arguments[0], low.expr(arguments[1]), None if side is None else _SIDES[side])


def _read(low: Lowering, name: str, target: Any, time: Expr, mode: str | None) -> Expr:
    table = _table(low, name, target)
    if table is None:
        return Num(float("nan"))
    index = low.index(key(target.reference), list(target.subscripts.subscripts) if target.subscripts else [])
    own = f"{low.owner}#data{len(low.tables.inline)}"
    low.tables.inline[own] = LookupTable(table.x, table.y, mode or table.mode)
    return LookupCall(own, index, mode or table.mode, time) if index is not None else time


def _table(low: Lowering, name: str, target: Any) -> LookupTable | None:
    known = isinstance(target, ae.ReferenceStructure) and key(target.reference) in low.tables.dims
    table = low.tables.series(key(target.reference)) if known else None
    if table is None:
        low.problem(f"{name.upper()} has no data variable as first argument", "the name of a variable with data")
    return table


def measure(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """GET DATA FIRST TIME, GET DATA LAST TIME and GET DATA TOTAL POINTS."""
    if len(arguments) != 1:
        return low.problem(f"{name.upper()} has {len(arguments)} arguments", "1 argument")
    target = arguments[0]
    table = _table(low, name, target)
    index = None if table is None else low.index(
        key(target.reference), list(target.subscripts.subscripts) if target.subscripts else [])  # fmt: skip
    if table is None or index is None:
        return Num(float("nan"))
    good = np.isfinite(table.x)
    values = {"get data first time": np.where(good, table.x, np.inf).min(axis=-1),
              "get data last time": np.where(good, table.x, -np.inf).max(axis=-1),
              "get data total points": good.sum(axis=-1)}[name]  # fmt: skip
    labels: list[str] = []
    for axis, entry in reversed(list(enumerate(index))):
        if isinstance(entry, Fixed):
            values = np.take(values, entry.position, axis=axis)
        else:
            values = values if entry.positions is None else np.take(values, entry.positions, axis=axis)
            labels.insert(0, entry.label)
    return Table(np.asarray(values, dtype=float), tuple(labels)) if labels else Num(float(values))


CALLS: dict[str, Any] = {
    "get data at time": at_time, "get data between times": at_time, "get data first time": measure,
    "get data last time": measure, "get data total points": measure,
}  # fmt: skip
"""Functions of data that the parser delivers as plain calls."""
