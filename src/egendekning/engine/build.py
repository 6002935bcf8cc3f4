"""Put a whole model together: dims of every variable, all equations lowered, everything checked.

The result is a `ModelDef` that later modules may trust without looking. The module refuses to return a model with a
fault in it, and reports all faults of the file at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine import bounds
from egendekning.engine.cover import cell_name, filler, missing_cells, reads_of_missing
from egendekning.engine.dataseries import whole_series
from egendekning.engine.evaluate import Env, Evaluator, assemble
from egendekning.engine.external import ExternalProblem, Files
from egendekning.engine.feeds import read_lookups
from egendekning.engine.ir import (
    Apply,
    Component,
    Expr,
    LookupTable,
    Memory,
    ModelDef,
    Num,
    RangeDef,
    Reduce,
    Ref,
    Table,
    VariableDef,
    walk,
)  # fmt: skip
from egendekning.engine.lookups import lookup_table
from egendekning.engine.lower import Lowering, Tables
from egendekning.engine.parse import RawEquation, RawModel, RawVariable, parse
from egendekning.engine.subscripts import Scope, Side, expand_ranges
from egendekning.errors import ModelFileError, Problem
from egendekning.names import key, nearest

CONTROL = ("initial time", "final time", "time step", "saveper")


def build(path: Path, data: Sequence[Path] = ()) -> ModelDef:
    """Read `path` and return the checked model; `data` are files with series for data variables.

    Raises
    ------
    ModelFileError
        With every fault found: syntax, unknown names, unsupported functions, subscripts, cycles.
    """
    from egendekning.engine.clock import read_clock
    from egendekning.engine.graph import check_cycles
    from egendekning.engine.untangle import untangle

    raw = parse(path)
    files = Files(path.parent, tuple(data))
    ranges = dict(expand_ranges(raw.ranges, str(path), files))
    problems: list[Problem] = []
    dims = {name: _dims(v, ranges, problems, str(path)) for name, v in raw.variables.items()}
    if problems:
        raise ModelFileError(problems)
    lookups = frozenset(n for n, v in raw.variables.items() if v.equations[0].form == "lookup")
    tables = Tables(ranges, dims, {n: v.name for n, v in raw.variables.items()}, lookups, files=files)
    tables.constant = _constants(raw, tables, str(path))
    tables.series = partial(_series, raw, tables, str(path))
    variables = {name: _variable(name, item, tables, str(path)) for name, item in raw.variables.items()}
    problems = tables.problems or reads_of_missing(variables, tables.missing, ranges, str(path))
    if problems:
        raise ModelFileError(problems)
    variables = _mark_flows(variables)
    model = ModelDef(
        file=str(path),
        hash=_hash(raw.text, files),
        variables=variables,
        working=dict(variables),
        states=tables.states,
        ranges=ranges,
        inline=tables.inline,
        clock={},
        groups=tuple(raw.groups),
        structural=frozenset(tables.structural),
        lacking=frozenset(tables.lacking),
        method=raw.method,
    )
    untangle(model)
    check_cycles(model)
    model.clock.update(read_clock(model))
    return model


def _hash(text: str, files: Files) -> str:
    """Return a hash of the model's text and of every file that was read for it."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(files.hashes):
        digest.update(files.hashes[name].encode())
    return digest.hexdigest()


def _constants(raw: RawModel, tables: Tables, file: str) -> Callable[[str], Any]:
    """Return a function that gives the value of a constant of the file, (*dims, 1), or None where it is no constant."""
    known: dict[str, Any] = {}

    def constant(name: str) -> Any:
        if name not in known:
            known[name] = None  # what is found again on the way depends on itself
            scratch = Tables(tables.ranges, tables.dims, tables.names, tables.lookups, files=tables.files,
                             constant=constant)  # fmt: skip
            item = _variable(name, raw.variables[name], scratch, file)
            parts = [c.expr for c in item.components]
            if not scratch.problems and not scratch.states and parts and all(map(_steady, parts)):
                known[name] = _value(item)
        return known[name]

    def _value(item: VariableDef) -> Any:
        def of(name: str) -> Any:
            found = constant(name)
            if found is None:
                raise KeyError(name)
            tables.structural.add(name)
            return found

        env = Env(np, of, _nothing, _nothing, _nothing, "run", {})
        try:
            return assemble(np, item, [Evaluator(env, c.labels).component(c) for c in item.components])
        except KeyError:
            return None

    return constant


def _series(raw: RawModel, tables: Tables, file: str, name: str) -> LookupTable | None:
    """Return the whole series of a data variable, None for any other."""
    if raw.variables[name].equations[0].form != "data":
        return None
    scratch = Tables(tables.ranges, tables.dims, tables.names, tables.lookups, files=tables.files)
    found = whole_series(_variable(name, raw.variables[name], scratch, file), scratch.inline)
    return None if scratch.problems else found


def _nothing(name: str) -> Any:
    raise KeyError(name)


def _steady(expr: Expr) -> bool:
    return all(isinstance(node, (Num, Table, Apply, Ref, Reduce)) for node in walk(expr))


def _dims(item: RawVariable, ranges: dict[str, RangeDef], problems: list[Problem], file: str) -> tuple[str, ...]:
    """Return the range of each dimension: the smallest that holds what the equations' left-hand sides name."""
    first = item.equations[0]
    counts = {len(e.subscripts) for e in item.equations}
    if len(counts) > 1:
        problems.append(Problem(f"{file}:{first.line}", f"{item.name} has equations with different numbers of "
                                "subscripts", "the same number in each"))  # fmt: skip
        return ()
    odd = next((e for e in item.equations if any(len(g) != len(first.subscripts) for g in e.excepted)), None)
    if odd is not None:
        problems.append(Problem(f"{file}:{odd.line}", f"{item.name}: :EXCEPT: has another number of subscripts "
                                "than the left-hand side", f"{len(first.subscripts)}"))  # fmt: skip
        return ()
    other = next((e for e in item.equations if (e.form == "lookup") != (first.form == "lookup")), None)
    if other is not None:
        problems.append(Problem(f"{file}:{other.line}", f"{item.name} is a table function here and an equation "
                                f"elsewhere, as in line {first.line}", "one or the other"))  # fmt: skip
        return ()
    found: list[str] = []
    for at in range(len(first.subscripts)):
        tokens = [key(e.subscripts[at]) for e in item.equations]
        for equation, token in zip(item.equations, tokens, strict=True):
            if token not in ranges and not any(token in r.elements for r in ranges.values()):
                known = [r.name for r in ranges.values()] + [n for r in ranges.values() for n in r.names]
                problems.append(Problem(f"{file}:{equation.line}", f"{item.name}: unknown subscript {token!r}",
                                        "a subscript range or element", nearest(token, known)))  # fmt: skip
                return ()
        found.append(_apart(_home(tokens, ranges), found, ranges))
    return tuple(found)


def _apart(name: str, before: list[str], ranges: dict[str, RangeDef]) -> str:
    """Return `name`, or, where a dimension before is called so already, a range of the same elements."""
    if name not in before:
        return name
    item = ranges[name]
    same = [n for n, r in ranges.items() if r.elements == item.elements and n not in before]
    if same:
        return same[0]
    shown = f"{item.name} {before.count(name) + 1}"
    ranges[key(shown)] = RangeDef(key(shown), shown, item.elements, item.names)
    return key(shown)


def _home(tokens: list[str], ranges: dict[str, RangeDef]) -> str:
    if len(set(tokens)) == 1 and tokens[0] in ranges:
        return tokens[0]
    wanted = {e for t in tokens for e in (ranges[t].elements if t in ranges else (t,))}
    around = [n for n in dict.fromkeys([*tokens, *ranges]) if n in ranges and wanted <= set(ranges[n].elements)]
    if around:
        return min(around, key=lambda n: len(ranges[n].elements))
    order = list(dict.fromkeys(e for t in tokens for e in (ranges[t].elements if t in ranges else (t,))))
    shown = {e: n for r in ranges.values() for e, n in zip(r.elements, r.names, strict=True)}
    name = " + ".join(dict.fromkeys(tokens))
    ranges[name] = RangeDef(name, name, tuple(order), tuple(shown[e] for e in order))
    return name


def _variable(name: str, item: RawVariable, tables: Tables, file: str) -> VariableDef:
    dims = tables.dims[name]
    shape = tuple(len(tables.ranges[d].elements) for d in dims)
    first = item.equations[0]
    if np.prod(shape, dtype=float) > bounds.LARGEST_ARRAY:
        size = " x ".join(map(str, shape))
        tables.problems.append(Problem(f"{file}:{first.line}", f"{item.name} has {size} elements",
                                       f"at most {bounds.LARGEST_ARRAY}"))  # fmt: skip
        return VariableDef(key=name, name=item.name, kind="auxiliary", unit="", documentation="", equation="", group="",
                           line=first.line, dims=dims, shape=shape, components=())  # fmt: skip
    lookup = None
    components: tuple[Component, ...] = ()
    if name in tables.lookups:
        lookup = _lookup(name, item, tables, dims, shape, file)
    else:
        components = tuple(_component(name, e, tables, dims, file) for e in item.equations)
        components = _covered(name, item, components, shape, tables, dims, file)
    return VariableDef(
        key=name, name=item.name, kind=_kind(name, components, lookup, first.form), unit=item.unit,
        documentation=item.documentation, equation="\n".join(e.text for e in item.equations), group=item.group,
        line=first.line, dims=dims, shape=shape, components=components, lookup=lookup, limits=item.limits,
        hidden=item.hidden,
    )  # fmt: skip


def _sides(equation: RawEquation, ranges: Any) -> list[Side]:
    return [
        Side(key(t), ranges[key(t)].elements) if key(t) in ranges else Side(None, (key(t),))
        for t in equation.subscripts
    ]


def _places(elements: tuple[str, ...], dim: RangeDef) -> list[int]:
    """Return where some elements stand in a range."""
    if elements == dim.elements:
        return list(range(len(elements)))
    at = {e: i for i, e in reversed(list(enumerate(dim.elements)))}
    return [at[e] for e in elements]


def _excepted(equation: RawEquation, dims: tuple[str, ...], ranges: Any) -> frozenset[tuple[int, ...]]:
    """Return the elements that an equation leaves out."""
    skip: set[tuple[int, ...]] = set()
    for group in equation.excepted:
        cells = [
            [ranges[d].elements.index(e) for e in (ranges[key(t)].elements if key(t) in ranges else (key(t),))
             if e in ranges[d].elements]
            for t, d in zip(group, dims, strict=True)
        ]  # fmt: skip
        skip.update(product(*cells))
    return frozenset(skip)


def _component(name: str, equation: RawEquation, tables: Tables, dims: tuple[str, ...], file: str) -> Component:
    sides = _sides(equation, tables.ranges)
    scope = Scope(tables.ranges, sides)
    low = Lowering(tables, scope, name, f"{file}:{equation.line}", equation.keyword)
    if len(set(scope.labels)) != len(scope.labels):
        low.problem("one range stands twice on the left-hand side", "different ranges")
    labels = scope.labels
    index = tuple(tuple(_places(side.elements, tables.ranges[d])) for side, d in zip(sides, dims, strict=True))
    skip = _excepted(equation, dims, tables.ranges)
    with bounds.room():
        try:
            expr = low.expr(equation.ast)
        except RecursionError:
            expr = low.problem("brackets and calls are nested too deep", f"at most {bounds.DEEPEST} deep")
    shape = tuple(scope.sizes[label] for label in labels)
    axes = tuple(i for i, side in enumerate(sides) if side.label is not None)
    return Component(labels, axes, shape, index, skip, expr, equation.line, equation.text)


def _covered(
    name: str, item: RawVariable, components: tuple[Component, ...], shape: tuple[int, ...], tables: Tables,
    dims: tuple[str, ...], file: str,
) -> tuple[Component, ...]:  # fmt: skip
    """Return the equations of a variable with one more for the elements that have none."""
    missing, twice, cell = missing_cells(components, shape)
    if twice is not None:
        shown = f"{item.name}{cell_name(cell, dims, tables.ranges)}"
        tables.problems.append(Problem(f"{file}:{twice.line}", f"{shown} is defined twice", "one equation",
                                       fix="remove one"))  # fmt: skip
    elif missing.any():
        tables.missing[name] = missing
        components = (*components, filler(missing, components[0].line))
    return components


def _lookup(
    name: str, item: RawVariable, tables: Tables, dims: tuple[str, ...], shape: tuple[int, ...], file: str
) -> LookupTable:
    parts: list[tuple[Any, LookupTable]] = []
    for equation in item.equations:
        sides = _sides(equation, tables.ranges)
        index = [_places(side.elements, tables.ranges[d]) for side, d in zip(sides, dims, strict=True)]
        skip = _excepted(equation, dims, tables.ranges)
        cells = [cell for cell in product(*index) if cell not in skip]
        if isinstance(equation.ast, ae.GetLookupsStructure):
            try:
                parts += zip(cells, read_lookups(equation.ast, tables.files, len(cells)), strict=True)
            except ExternalProblem as error:
                tables.problems.append(
                    Problem(f"{file}:{equation.line}", f"{item.name}: {error.found}", error.expected)
                )
            continue
        parts += [(cell, lookup_table(equation.ast)) for cell in cells]
    missing = np.ones(shape, dtype=bool)
    for cell, _ in parts:
        missing[cell] = False
    if missing.any():
        tables.missing[name] = missing
    points = max((len(t.x) for _, t in parts), default=1)
    x, y = np.full((*shape, points), np.inf), np.zeros((*shape, points))
    for cell, table in parts:
        n = len(table.x)
        x[cell][:n] = table.x
        y[cell][:n], y[cell][n:] = table.y, table.y[-1]
    return LookupTable(x, y, parts[0][1].mode if parts else "interpolate")


def _is_constant(expr: Expr) -> bool:
    return all(isinstance(node, (Num, Table, Apply)) for node in walk(expr))


def _kind(name: str, components: tuple[Component, ...], lookup: LookupTable | None, form: str) -> str:
    if name in CONTROL:
        return "control"
    if form == "data":
        return "data"
    if lookup is not None:
        return "lookup"
    if any(isinstance(c.expr, Memory) and c.expr.fn == "integ" for c in components):
        return "stock"
    if all(_is_constant(c.expr) for c in components):
        return "constant"
    return "auxiliary"


def _mark_flows(variables: dict[str, VariableDef]) -> dict[str, VariableDef]:
    """Call an auxiliary a flow where it stands as a term, or a factor of one, in the rate of a stock."""
    import dataclasses

    flows: set[str] = set()
    for item in variables.values():
        for component in item.components:
            if isinstance(component.expr, Memory) and component.expr.fn == "integ":
                flows |= _terms(component.expr.args["flow"])
    return {
        n: dataclasses.replace(v, kind="flow") if v.kind == "auxiliary" and n in flows else v
        for n, v in variables.items()
    }


def _terms(expr: Expr) -> set[str]:
    if isinstance(expr, Ref):
        return {expr.key}
    if isinstance(expr, Apply) and expr.fn in ("+", "-", "negative"):
        return set().union(*map(_terms, expr.args))
    return set()


__all__ = ["CONTROL", "RawModel", "build"]
