"""Stocks of XMILE that are more than a sum of flows: those that cannot be negative, and conveyors.

A stock that cannot be negative lets out what it has and what flows in, its outflows served in the order in which the
file lists them. A conveyor without leakage gives back what went in a transit time before; at first, what it begins
with, spread evenly. The module refuses leakage, limits and stops of conveyors, and queues and ovens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.isee_functions import DT, op
from egendekning.engine.parse import RawModel
from egendekning.engine.syntax import call
from egendekning.names import key

_ENDLESS = ("", "inf", "infinity")
_NOW = (ae.IntegStructure, ae.InitialStructure, ae.DelayStructure, ae.DelayNStructure, ae.DelayFixedStructure,
        ae.SmoothStructure, ae.SmoothNStructure)  # fmt: skip
"""Structures whose value in a step is known before the step."""


@dataclass(frozen=True, slots=True)
class Limited:
    """A stock that cannot be negative, with its flows by full name, in the order of the file."""

    stock: str
    inflows: tuple[str, ...]
    outflows: tuple[str, ...]


def flow_names(node: Any, tag: str) -> list[str]:
    """Return the names of a stock's inflows or outflows as the file writes them."""
    return [" ".join((flow.text or "").strip().strip('"').split()) for flow in node.findall(tag)]


def net(node: Any) -> Any:
    """Return the sum of a stock's inflows less its outflows."""
    found: Any = None
    for tag, sign in (("inflow", "+"), ("outflow", "-")):
        for name in flow_names(node, tag):
            one = ae.ReferenceStructure(name)
            if found is None:
                found = one if sign == "+" else ae.ArithmeticStructure(["negative"], (one,))
            else:
                found = op(sign, found, one)
    return 0.0 if found is None else found


def conveyor_fault(node: Any) -> str:
    """Return what of a conveyor is not supported, empty where it is a plain one."""
    belt = node.find("conveyor")
    for tag in ("capacity", "in_limit"):
        if (belt.findtext(tag) or "").strip().lower() not in _ENDLESS:
            return f"a conveyor with <{tag}>"
    for tag in ("sample", "arrest"):
        if belt.find(tag) is not None:
            return f"a conveyor with <{tag}>"
    return "" if len(node.findall("outflow")) == 1 else "a conveyor with other than one outflow"


def conveyor_outflow(node: Any, content: Any, transit: Any) -> Any:
    """Return what leaves a conveyor: what went in a transit time before, and first its initial content evenly."""
    names = flow_names(node, "inflow")
    inflow = op("+", *map(ae.ReferenceStructure, names)) if len(names) > 1 else (
        ae.ReferenceStructure(names[0]) if names else 0.0)  # fmt: skip
    return ae.DelayFixedStructure(inflow, call("xsteady", transit), op("/", content, transit))


def limit_outflows(model: RawModel, limited: list[Limited]) -> None:
    """Hold every outflow of a stock that cannot be negative at what the stock has left for it."""
    reads = {name: _reads([e.ast for e in item.equations]) for name, item in model.variables.items()}
    for stock in limited:
        for at, name in enumerate(stock.outflows):
            item = model.variables.get(key(name))
            if item is None or key(stock.stock) not in model.variables:
                continue
            terms = [("+", n) for n in stock.inflows] + [("-", n) for n in stock.outflows[:at]]
            terms = [(s, n) for s, n in terms if key(n) in reads and not _reaches(reads, key(n), key(name))]
            reads[key(name)] |= {key(n) for _, n in terms}
            for equation in item.equations:
                subscripts = tuple(equation.subscripts)
                left: Any = op("/", _named(stock.stock, subscripts), DT)
                for sign, other in terms:
                    left = op(sign, left, _named(other, subscripts))
                equation.ast = call("min", equation.ast, call("max", left, 0.0))


def _named(name: str, subscripts: tuple[str, ...]) -> Any:
    return ae.ReferenceStructure(name, ae.SubscriptsReferenceStructure(subscripts) if subscripts else None)


def _reads(ast: Any) -> set[str]:
    """Return the keys of the variables whose value in the same step `ast` reads."""
    if isinstance(ast, ae.ReferenceStructure):
        return {key(ast.reference)}
    if isinstance(ast, (tuple, list)):
        return set().union(*map(_reads, ast))
    if isinstance(ast, ae.AbstractSyntax) and not isinstance(ast, (*_NOW, ae.LookupsStructure)):
        return set().union(*(_reads(getattr(ast, part.name)) for part in fields(ast)))
    return set()


def _reaches(reads: Mapping[str, set[str]], begin: str, end: str) -> bool:
    seen, stack = {begin}, [begin]
    while stack:
        name = stack.pop()
        if name == end:
            return True
        fresh = reads.get(name, set()) - seen
        seen |= fresh
        stack += fresh
    return False
