"""Lower calls of table functions: plain calls, those that ask a table otherwise, and tables written inside equations.

The module refuses a table function that is used as a number and a measure of something that is no table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.ir import Apply, Expr, LookupCall, LookupTable, Num
from egendekning.names import key

if TYPE_CHECKING:
    from egendekning.engine.lower import Lowering

MODES = {"lookup forward": "forward", "lookup backward": "backward", "lookup extrapolate": "extrapolate",
         "lookup invert": "invert"}  # fmt: skip
"""Functions that take a table function and a number, and how each reads the table."""


def is_table(low: Lowering, ast: Any) -> bool:
    """Whether `ast` names a table function."""
    return isinstance(ast, ae.ReferenceStructure) and key(ast.reference) in low.tables.lookups


def read(low: Lowering, target: ae.ReferenceStructure, mode: str, arguments: tuple[Any, ...]) -> Expr:
    """Return the table function `target` of one argument."""
    name = key(target.reference)
    if len(arguments) != 1:
        return low.problem(f"{low.tables.names[name]} has {len(arguments)} arguments", "one argument")
    index = low.index(name, list(target.subscripts.subscripts) if target.subscripts else [])
    arg = low.expr(arguments[0])
    return LookupCall(name, index, mode, arg) if index is not None else arg


def asked(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """LOOKUP FORWARD, LOOKUP BACKWARD, LOOKUP EXTRAPOLATE and LOOKUP INVERT."""
    if len(arguments) != 2 or not is_table(low, arguments[0]):
        return low.problem(f"{name.upper()} has no table function and number", f"{name.upper()}(table, x)")
    return read(low, arguments[0], MODES[name], arguments[1:])


def area(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """LOOKUP AREA(table, from, to): the area under a table function."""
    if len(arguments) != 3 or not is_table(low, arguments[0]):
        return low.problem("LOOKUP AREA has no table function and two numbers", "LOOKUP AREA(table, from, to)")
    ends = [read(low, arguments[0], "integral", (arguments[k],)) for k in (2, 1)]
    return Apply("-", (ends[0], ends[1]))


def slope(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """LOOKUP SLOPE(table, x, side): the slope after x (1), before it (-1), or the mean of both (0)."""
    if len(arguments) != 3 or not is_table(low, arguments[0]):
        return low.problem("LOOKUP SLOPE has no table function and two numbers", "LOOKUP SLOPE(table, x, side)")
    side = low.whole_number(arguments[2], "the side of LOOKUP SLOPE")
    after, before = (read(low, arguments[0], f"slope {where}", (arguments[1],)) for where in ("after", "before"))
    if side:
        return after if side > 0 else before
    return Apply("*", (Num(0.5), Apply("+", (after, before))))


def inline(low: Lowering, ast: ae.InlineLookupsStructure) -> Expr:
    """Lower WITH LOOKUP."""
    name = f"{low.owner}#lookup{len(low.tables.inline)}"
    low.tables.inline[name] = lookup_table(ast.lookups)
    return LookupCall(name, (), ast.lookups.type, low.expr(ast.argument))


def lookup_table(ast: ae.LookupsStructure) -> LookupTable:
    """Return the points of a parsed table function, in order of x."""
    return LookupTable(np.asarray(ast.x, dtype=float), np.asarray(ast.y, dtype=float), ast.type)


CALLS: dict[str, Any] = {**dict.fromkeys(MODES, asked), "lookup area": area, "lookup slope": slope}
"""Functions of table functions that the parser delivers as plain calls."""
