"""What each sector's diagram must show, read from the model: stocks, flows, auxiliaries, and who uses what.

A constant stands under the variable that uses it first; other users, and users of variables from other sectors, show a
shadow. The module refuses to know any sector by name.
"""

from __future__ import annotations

import re

from egendekning.diagrams.shapes import Block, BlockKind, Item, ItemKind, Pipe, Structure
from egendekning.engine.ir import Apply, Expr, Memory, Reduce, Ref
from egendekning.engine.model import Model

_KEPT = re.compile(r"=\s*INITIAL\s*\(\s*[^()\[\]*/+-]+(\[[^\]]*\])?\s*\)\s*$", re.IGNORECASE)


def sectors(model: Model) -> tuple[str, ...]:
    """Return the sectors that have a diagram: the groups of the file, the time controls apart."""
    return tuple(
        name for name, members in model.sectors.items() if any(model.variables[m].kind != "control" for m in members)
    )


def members(model: Model, sector: str) -> list[str]:
    """Return the variables of a sector in the order of the file."""
    return [name for name in model.sectors[sector] if model.variables[name].kind != "control"]


def structure(model: Model, sector: str) -> Structure:
    """Return what the diagram of a sector must show.

    Parameters
    ----------
    model : Model
        The parsed model.
    sector : str
        One of `sectors`.

    Returns
    -------
    Structure
        Blocks, pipes and links.
    """
    own = members(model, sector)
    pipes, net = _pipes(model, own)
    ghosts = [p.flow for p in pipes if p.flow not in own]
    listed = _listed(model, own)
    heads = [*(n for n in own if n not in listed), *dict.fromkeys(ghosts)]
    items, links, taken = {}, set(), set()
    for name in heads:
        found: list[Item] = []
        for used in _uses(model, name, own, pipes):
            if used in listed and used not in taken:
                taken.add(used)
                found.append(Item(used, listed[used]))
            elif used in heads:
                links.add((used, name))
            else:
                found.append(Item(used, "shadow"))
        items[name] = tuple(found)
    heads += [n for n in own if n in listed and n not in taken]
    blocks = {n: Block(n, _block_kind(model, n, ghosts), items.get(n, ()), n in ghosts) for n in heads}
    return Structure(sector, blocks, tuple(pipes), frozenset(net), frozenset(links))


def _block_kind(model: Model, name: str, ghosts: list[str]) -> BlockKind:
    """Return how a variable is drawn; a flow that feeds no stock of its own sector is an auxiliary here."""
    kind = model.variables[name].kind
    if name in ghosts or kind == "flow":
        return "flow"
    if kind in ("stock", "constant", "lookup"):
        return kind  # type: ignore[return-value]
    return "auxiliary"


def _listed(model: Model, own: list[str]) -> dict[str, ItemKind]:
    """Return the variables drawn in a list: constants, tables, and values of another variable kept from the start."""
    found: dict[str, ItemKind] = {}
    for name in own:
        variable = model.variables[name]
        if variable.kind == "constant":
            found[name] = "constant"
        elif variable.kind == "lookup":
            found[name] = "lookup"
        elif _KEPT.search(variable.equation) and "\n" not in variable.equation.strip():
            found[name] = "initial"
    return found


def _uses(model: Model, name: str, own: list[str], pipes: list[Pipe]) -> list[str]:
    """Return what the equation of `name` mentions, in the order of the file, its own pipes apart."""
    piped = {p.flow for p in pipes if name in (p.source, p.target)}
    if name not in own:
        return []
    mentioned = model.graph[name] - {name} - piped
    return [n for n, v in model.variables.items() if n in mentioned and v.kind != "control"]


def _pipes(model: Model, own: list[str]) -> tuple[list[Pipe], set[str]]:
    """Return the flows of the sector's stocks, and the stocks that have none."""
    ends: dict[str, dict[int, str]] = {}
    net = set()
    for stock in (n for n in own if model.variables[n].kind == "stock"):
        terms = _rate_terms(model, stock)
        for flow, sign in terms:
            ends.setdefault(flow, {}).setdefault(sign, stock)
        if not terms:
            net.add(stock)
    return [Pipe(flow, side.get(-1), side.get(+1)) for flow, side in ends.items()], net


def _rate_terms(model: Model, stock: str) -> list[tuple[str, int]]:
    """Return the variables that are whole terms of a stock's rate, each with its sign."""
    definition = model.definition
    wanted = next(v for v in definition.variables.values() if v.name == stock)
    found: dict[str, int] = {}
    for component in wanted.components:
        if isinstance(component.expr, Memory) and "flow" in component.expr.args:
            for key, sign in _terms(component.expr.args["flow"], 1):
                if definition.variables[key].kind in ("flow", "auxiliary") and definition.variables[key].name != stock:
                    found.setdefault(definition.variables[key].name, sign)
    return list(found.items())


def _terms(expr: Expr, sign: int) -> list[tuple[str, int]]:
    """Split a sum into its bare references."""
    match expr:
        case Ref(key=key):
            return [(key, sign)]
        case Reduce(fn=fn, arg=Ref(key=key)) if fn.lower() == "sum":
            return [(key, sign)]
        case Apply(fn="+", args=(left, right)):
            return _terms(left, sign) + _terms(right, sign)
        case Apply(fn="-", args=(left, right)):
            return _terms(left, sign) + _terms(right, -sign)
        case Apply(fn="negative", args=(arg,)):
            return _terms(arg, -sign)
        case _:
            return []
