"""Lower what stands in other files: constants, data over time and table functions become plain tables of the model.

Times and values are fixed when the model is loaded; the hash of the model holds the files' contents. The module refuses
to decide where a cell lies: that is `external`'s.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from egendekning.engine.external import ExternalProblem, Files
from egendekning.engine.ir import Along, Clock, Expr, LookupCall, LookupTable, Num, Table

if TYPE_CHECKING:
    from egendekning.engine.lower import Lowering

_DATA_MODES = {"interpolate": "interpolate", "look_forward": "forward", "hold_backward": "backward", "raw": "raw"}


def constants(low: Lowering, ast: Any) -> Expr:
    """Lower GET XLS CONSTANTS and GET DIRECT CONSTANTS to the numbers of the file."""
    shape = tuple(low.scope.sizes[n] for n in low.scope.labels)
    try:
        values = low.tables.files.constants(ast.file, ast.tab, ast.cell, shape)
    except ExternalProblem as error:
        return low.problem(error.found, error.expected)
    return Table(values, low.scope.labels) if low.scope.labels else Num(float(values))


def data(low: Lowering, ast: Any) -> Expr:
    """Lower GET XLS DATA and GET DIRECT DATA to a table of time."""
    shape = tuple(low.scope.sizes[n] for n in low.scope.labels)
    try:
        series = read_series(low.tables.files, ast, int(np.prod(shape)), ast.time_row_or_col)
    except ExternalProblem as error:
        return low.problem(error.found, error.expected)
    return _series(low, series, shape)


def named_data(low: Lowering, ast: Any) -> Expr:
    """Lower a data variable without equation: its series stand in the data files, under its own name."""
    sides = [[_shown(low, e) for e in side.elements] for side in low.scope.sides]
    name = low.tables.names[low.owner]
    shape = tuple(low.scope.sizes[n] for n in low.scope.labels)
    series = []
    try:
        for cell in product(*sides):
            found = low.tables.files.column(f"{name}[{','.join(cell)}]" if cell else name)
            if found is None:
                low.tables.lacking.add(low.owner)
                return Num(float("nan"))
            series.append(LookupTable(found[0], found[1], "interpolate"))
    except ExternalProblem as error:
        return low.problem(error.found, error.expected)
    return _series(low, series, shape)


def _shown(low: Lowering, element: str) -> str:
    return next((r.names[r.elements.index(element)] for r in low.tables.ranges.values() if element in r.elements),
                element)  # fmt: skip


def _series(low: Lowering, series: list[LookupTable], shape: tuple[int, ...]) -> Expr:
    points = max(len(t.x) for t in series)
    x, y = np.full((len(series), points), np.inf), np.zeros((len(series), points))
    for k, table in enumerate(series):
        n = len(table.x)
        x[k, :n], y[k, :n], y[k, n:] = table.x, table.y, table.y[-1]
    mode = _DATA_MODES.get(low.keyword.strip(": ").lower().replace(" ", "_"), "interpolate")
    name = f"{low.owner}#data{len(low.tables.inline)}"
    if (x == x[0]).all() and len(series) == 1:
        x = x[0]
        low.tables.inline[name] = LookupTable(x, y[0], mode)
        return LookupCall(name, (), mode, Clock("time"))
    low.tables.inline[name] = LookupTable(x.reshape((*shape, points)), y.reshape((*shape, points)), mode)
    return LookupCall(name, tuple(Along(n, None) for n in low.scope.labels), mode, Clock("time"))


def read_series(files: Files, ast: Any, count: int, along: str) -> list[LookupTable]:
    """Return one table per series of an external file; points without a value are left out."""
    x, y = files.series(ast.file, ast.tab, along, ast.cell, count)
    found = []
    for row in y:
        good = ~np.isnan(row)
        if not good.any():
            raise ExternalProblem(f"{ast.cell} of {ast.file} holds a series without a number", "numbers")
        found.append(LookupTable(x[good], row[good], "interpolate"))
    return found


def read_lookups(ast: Any, files: Files, count: int) -> list[LookupTable]:
    """Return the table functions of an external file, one per element."""
    return read_series(files, ast, count, ast.x_row_or_col)
