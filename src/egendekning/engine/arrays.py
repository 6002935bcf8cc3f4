"""Lower the functions of whole axes: which axis of an argument a function takes, and what stands in the result.

Vensim's rule is that sorting, ranking and allocation run along the last subscript, VECTOR SELECT over the subscripts
marked with ``!``, and the priority profile of ALLOCATE AVAILABLE along the last subscript of its second argument. The
module refuses subscripts that leave the axis open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.chance import QUANTILES, site_number
from egendekning.engine.ir import Along, Apply, Expr, Fixed, Num, Random, Reduce, Ref, Table, Vector, walk
from egendekning.names import key

if TYPE_CHECKING:
    from egendekning.engine.lower import Lowering

_PROFILE = 4  # kind, priority, width and extra: the length of a priority profile

SELECT = {0: "sum", 1: "prod", 2: "vmin", 3: "vmax", 4: "mean", 5: "power", 6: "sum", 7: "prod", 8: "vmin", 9: "vmax",
          10: "mean"}  # fmt: skip
"""What VECTOR SELECT does with the selected values; 0 to 4 multiply by the selection first, 5 raises to it."""


def _labels(low: Lowering, expr: Expr) -> list[str]:
    """Return the axes of `expr`: of a variable in its own order, else in that of the left-hand side."""
    if isinstance(expr, Ref):
        return [i.label for i in expr.index if isinstance(i, Along)]
    found = {n for node in walk(expr) if isinstance(node, Ref) for i in node.index if isinstance(i, Along)
             for n in [i.label]}  # fmt: skip
    found |= {n for node in walk(expr) if isinstance(node, Table) for n in node.labels}
    return [n for n in (*low.scope.labels, *low.extra) if n in found]


def _last_label(low: Lowering, expr: Expr) -> str | None:
    labels = _labels(low, expr)
    return labels[-1] if labels else None


def _result_label(low: Lowering, label: str) -> str:
    """Return the axis of the result for an argument's axis: ``range!`` is the range itself on the left-hand side."""
    return label[:-1] if label.endswith("!") and label[:-1] in low.scope.labels else label


def along_last(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """VECTOR SORT ORDER, VECTOR RANK and VECTOR REORDER."""
    if len(arguments) != 2:
        return low.problem(f"{name.upper()} has {len(arguments)} arguments", "2 arguments")
    outer = low.extra
    low.extra = low.beside(low.new_bangs(arguments))
    first, second = (low.expr(a) for a in arguments)
    low.extra = outer
    label = _last_label(low, first)
    if label is None:
        return low.problem(f"{name.upper()} has an argument without subscripts", "an array")
    own = (label,)
    axes = (own, own) if name == "vector reorder" else (own, ())
    size = low.scope.sizes[label]
    out = _result_label(low, label)
    return Vector(name, (first, second), axes, (out,), ((label, size), (out, size)))


def ranked(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """XMILE's RANK(array, rank): which element has a rank, both counted from 1, the smallest first."""
    outer, bangs = low.extra, low.new_bangs(arguments[:1])
    low.extra = low.beside(bangs)
    array = low.expr(arguments[0])
    low.extra = outer
    wanted = low.expr(arguments[1])
    if len(bangs) != 1:
        return low.problem("RANK has no array of one dimension", "RANK(name[*], rank)")
    return Vector(name, (array, wanted), (bangs, ()), (), ((bangs[0], low.scope.sizes[bangs[0]]),))


def invert_matrix(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """INVERT MATRIX: of the last two subscripts; the size that Vensim wants as second argument is that of the array."""
    if len(arguments) not in (1, 2):
        return low.problem(f"INVERT MATRIX has {len(arguments)} arguments", "a matrix and its size")
    matrix = low.expr(arguments[0])
    own = tuple(_labels(low, matrix)[-2:])
    sizes = [low.scope.sizes[n] for n in own]
    if len(own) < 2 or sizes[0] != sizes[1]:
        return low.problem("INVERT MATRIX has an argument that is no square matrix", "name[rows, columns]")
    return Vector(name, (matrix,), (own,), own, tuple(zip(own, sizes, strict=True)))


def element_map(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """VECTOR ELM MAP(array[element], offset): the element that lies `offset` places after the one named."""
    if len(arguments) != 2 or not isinstance(arguments[0], ae.ReferenceStructure):
        return low.problem("VECTOR ELM MAP has no array as first argument", "VECTOR ELM MAP(name[element], offset)")
    base = low.expr(arguments[0])
    if not isinstance(base, Ref):
        return base if isinstance(base, Num) else low.problem("VECTOR ELM MAP has no array", "name[element]")
    dims = [low.tables.ranges[d] for d in low.tables.dims[base.key]]
    labels = tuple(f"{base.key}#{k}!" for k in range(len(dims)))
    stride, start = 1, low.expr(arguments[1])
    for index, dim in reversed(list(zip(base.index, dims, strict=True))):
        start = Apply("+", (start, _positions(index, stride, low)))
        stride *= len(dim.elements)
    whole = Ref(base.key, tuple(Along(n, None) for n in labels))
    sizes = tuple((n, len(d.elements)) for n, d in zip(labels, dims, strict=True))
    return Vector(name, (whole, start), (labels, ()), (), sizes)


def _positions(index: Any, stride: int, low: Lowering) -> Expr:
    if isinstance(index, Fixed):
        return Num(float(index.position * stride))
    places = range(low.scope.sizes[index.label]) if index.positions is None else index.positions
    return Table(np.asarray(places, dtype=float) * stride, (index.label,))


def select(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """VECTOR SELECT(selection[x!], values[x!], missing, action, error)."""
    if len(arguments) != 5:
        return low.problem(f"VECTOR SELECT has {len(arguments)} arguments", "5 arguments")
    labels = low.new_bangs(arguments[:2])
    if not labels:
        return low.problem("VECTOR SELECT has no subscript marked with !", "a range followed by !")
    action, error = (low.whole_number(a, what) for a, what in
                     zip(arguments[3:], ("numerical action", "error action"), strict=True))  # fmt: skip
    if action not in SELECT:
        return low.problem(f"VECTOR SELECT has the numerical action {action}", "a number from 0 to 10")
    outer = low.extra
    low.extra = low.beside(labels)
    chosen, value = low.expr(arguments[0]), low.expr(arguments[1])
    low.extra = outer
    sizes = tuple(low.scope.sizes[n] for n in labels)
    inside = Apply("<>", (chosen, Num(0.0)))
    weighted = value if action >= 6 else Apply("^" if action == 5 else "*", (value, chosen))
    count = Reduce("sum", Apply("if then else", (inside, Num(1.0), Num(0.0))), labels, sizes)
    result = _reduced(SELECT[action], inside, weighted, count, labels, sizes)
    missing = low.expr(arguments[2])
    nothing = Num(float("nan")) if error in (1, 3) else missing
    result = Apply("if then else", (Apply("=", (count, Num(0.0))), nothing, result))
    if error in (2, 3):
        result = Apply("if then else", (Apply(">", (count, Num(1.0))), Num(float("nan")), result))
    return result


def _reduced(how: str, inside: Expr, value: Expr, count: Expr, labels: tuple[str, ...], sizes: tuple[int, ...]) -> Expr:
    neutral = {"sum": 0.0, "mean": 0.0, "vmin": float("inf"), "vmax": -float("inf")}.get(how, 1.0)
    kept = Apply("if then else", (inside, value, Num(neutral)))
    if how == "mean":
        return Apply("zidz", (Reduce("sum", kept, labels, sizes), count))
    return Reduce("prod" if how == "power" else how, kept, labels, sizes)


def allocate_available(low: Lowering, ast: Any) -> Expr:
    """ALLOCATE AVAILABLE(request[target], profile[target, kind], supply)."""
    request, supply = low.expr(ast.request), low.expr(ast.avail)
    label = _last_label(low, request)
    if label is None:
        return low.problem("ALLOCATE AVAILABLE has a request without subscripts", "an array of requests")
    profile = _profile(low, ast.pp)
    own = (label, "profile!")
    size = low.scope.sizes[label]
    args, axes = (request, profile, supply), ((label,), own, ())
    return Vector("allocate available", args, axes, (label,), ((label, size), ("profile!", _PROFILE)))


def _profile(low: Lowering, ast: Any) -> Expr:
    """Return the four numbers of the profile along an axis of their own, from the element named or the whole range."""
    if (
        not isinstance(ast, ae.ReferenceStructure)
        or ast.subscripts is None
        or key(ast.reference) not in low.tables.dims
    ):
        return low.problem("ALLOCATE AVAILABLE has no array as priority profile", "name[target, kind]")
    name, tokens = key(ast.reference), list(ast.subscripts.subscripts)
    dims = low.tables.dims[name]
    if len(tokens) != len(dims):
        return low.expr(ast)
    last = low.tables.ranges[dims[-1]]
    token = key(tokens[-1].rstrip(" !"))
    first = low.tables.ranges[token].elements[0] if token in low.tables.ranges else token
    if first not in last.elements or last.elements.index(first) + _PROFILE > len(last.elements):
        return low.problem(f"the priority profile {low.tables.names[name]} has no {_PROFILE} elements from {first} on",
                           "kind, priority, width and extra")  # fmt: skip
    begin = last.elements.index(first)
    index = low.index(name, [*tokens[:-1], last.names[begin]])
    if index is None:
        return Num(float("nan"))
    low.scope.sizes["profile!"] = _PROFILE
    return Ref(name, (*index[:-1], Along("profile!", tuple(range(begin, begin + _PROFILE)))))


def allocate_by_priority(low: Lowering, ast: Any) -> Expr:
    """ALLOCATE BY PRIORITY(request[target], priority[target], size, width, supply)."""
    request, priority = low.expr(ast.request), low.expr(ast.priority)
    width, supply = low.expr(ast.width), low.expr(ast.supply)
    label = _last_label(low, request) or _last_label(low, priority)
    if label is None:
        return low.problem("ALLOCATE BY PRIORITY has a request without subscripts", "an array of requests")
    own = (label,)
    args, axes = (request, priority, width, supply), (own, own, (), ())
    return Vector("allocate by priority", args, axes, own, ((label, low.scope.sizes[label]),))


def random(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """Return a random function: its arguments, the seed left out, and a stream of its own."""
    wanted = QUANTILES[name][0]
    if len(arguments) not in (wanted, wanted + 1):
        return low.problem(f"{name.upper()} has {len(arguments)} arguments", f"{wanted} arguments and a seed")
    low.tables.sites[low.owner] = ordinal = low.tables.sites.get(low.owner, 0) + 1
    labels = (*low.scope.labels, *sorted(low.extra))
    sizes = tuple(low.scope.sizes[n] for n in labels)
    args = tuple(low.expr(a) for a in arguments[:wanted])
    return Random(name, args, site_number(low.owner, ordinal), labels, sizes)


VECTOR_CALLS: dict[str, Any] = {
    "xrank": ranked,
    "vector sort order": along_last, "vector rank": along_last, "vector reorder": along_last,
    "vector elm map": element_map, "vector select": select, "invert matrix": invert_matrix,
}  # fmt: skip
"""Functions of whole axes that the parser delivers as plain calls."""
