"""Read Vensim expressions: a small grammar, into PySD's abstract syntax with its structures for functions.

Operators bind as the Vensim manual says: ``^`` from the right and before a sign, then signs, ``* /``, ``+ -``,
comparisons, ``:NOT:``, ``:AND:``, ``:OR:``. Names may hold blanks, ``'``, ``$``, periods and any letter beyond ASCII.
The module refuses to know variables and ranges; what is a function with a structure of its own is told by `STRUCTURES`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine import bounds
from egendekning.engine.syntax import ExpressionError, Reader, negative
from egendekning.names import key

NAME = r"""[^\W\d][\w'$.\u00a1-\U0010ffff]*(?:\s+[\w'$.\u00a1-\U0010ffff]+)*"""
QUOTED = r'"(?:[^"\\]|\\.)*"'

_TOKEN = re.compile(
    rf"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>{QUOTED}|{NAME}|[\u00a1-\U0010ffff][\w'$.\u00a1-\U0010ffff]*)
    |(?P<string>'[^']*')
    |(?P<sign>:(?:NA|AND|OR|NOT):|<=|>=|<>|[-+*/^()\[\],<>=!:]))""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = r"[-+]?\s*(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"\s*{_NUMBER}(?:\s*[,;]\s*{_NUMBER})*\s*[,;]?\s*")
_TABLE = re.compile(r"\s*\(\s*(?:\[[^\]]*\]\s*,?\s*)?([-+()\d.eE,\s]*)\)\s*")
_PAIR = re.compile(rf"\(\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\)")


def _ordered(order: int, initial: bool, structure: Any) -> Callable[..., Any]:
    if initial:
        return lambda x, time, start: structure(x, time, start, order)
    return lambda x, time: structure(x, time, x, order)


STRUCTURES: dict[str, tuple[int, Callable[..., Any]]] = {
    "game": (1, ae.GameStructure),
    "allocate available": (3, ae.AllocateAvailableStructure),
    "allocate by priority": (5, ae.AllocateByPriorityStructure),
    "get xls lookups": (4, ae.GetLookupsStructure),
    "get direct lookups": (4, ae.GetLookupsStructure),
    "get xls data": (4, ae.GetDataStructure),
    "get direct data": (4, ae.GetDataStructure),
    "get xls constants": (3, ae.GetConstantsStructure),
    "get direct constants": (3, ae.GetConstantsStructure),
    "initial": (1, ae.InitialStructure),
    "integ": (2, ae.IntegStructure),
    "delay1": (2, _ordered(1, False, ae.DelayStructure)),
    "delay1i": (3, _ordered(1, True, ae.DelayStructure)),
    "delay3": (2, _ordered(3, False, ae.DelayStructure)),
    "delay3i": (3, _ordered(3, True, ae.DelayStructure)),
    "delay n": (4, ae.DelayNStructure),
    "delay fixed": (3, ae.DelayFixedStructure),
    "smooth": (2, _ordered(1, False, ae.SmoothStructure)),
    "smoothi": (3, _ordered(1, True, ae.SmoothStructure)),
    "smooth3": (2, _ordered(3, False, ae.SmoothStructure)),
    "smooth3i": (3, _ordered(3, True, ae.SmoothStructure)),
    "smooth n": (4, ae.SmoothNStructure),
    "trend": (3, ae.TrendStructure),
    "forecast": (3, lambda x, time, horizon: ae.ForecastStructure(x, time, horizon, 0.0)),
    "sample if true": (3, ae.SampleIfTrueStructure),
}
"""Functions that have a structure in the abstract syntax: number of arguments, and what is made of them."""

_REORDERED = {"pulse train": (0, 2, 1, 3)}
"""Functions whose arguments the engine wants in another order."""


def parse_expression(text: str) -> Any:
    """Return the abstract syntax of what stands after the sign of an equation.

    Raises
    ------
    ExpressionError
        Where it breaks off or holds what does not belong there.
    """
    listed = _number_list(text)
    if listed is not None:
        return listed
    tabbed = re.fullmatch(r"\s*TABBED[\s_]+ARRAY\s*\((.*)\)\s*", text, re.IGNORECASE)
    if tabbed:
        return _tabbed(text, tabbed)
    bounds.check_expression(text)
    return _Reader(text).whole()


def parse_table(text: str) -> Any:
    """Return the points of a table function as written, or where a file has them.

    Raises
    ------
    ExpressionError
        If it is neither.
    """
    if re.match(r"\s*\(\s*GET", text, re.IGNORECASE):
        return _Reader(text).whole()
    found = _TABLE.fullmatch(text)
    pairs = [(_float(a), _float(b)) for a, b in _PAIR.findall(found.group(1))] if found else []
    if found and not pairs:  # x-values first, then as many y-values, as in models of old
        flat = [_float(n) for n in re.findall(_NUMBER, found.group(1))]
        half = len(flat) // 2
        pairs = list(zip(flat[:half], flat[half:], strict=True)) if len(flat) == 2 * half else []
    elif found and re.sub(r"[\s,]", "", _PAIR.sub("", found.group(1))):
        pairs = []
    if not pairs:
        raise ExpressionError("points (x,y) expected", text, 0)
    points = np.asarray(pairs)
    points = points[np.argsort(points[:, 0], kind="stable")]
    none = (float("nan"), float("nan"))
    return ae.LookupsStructure(tuple(points[:, 0]), tuple(points[:, 1]), none, none, "interpolate")


def _float(text: str) -> float:
    return float(text.replace(" ", ""))


def _number_list(text: str) -> np.ndarray | None:
    """Return a list of numbers, rows apart by semicolons, None for anything else."""
    if not ("," in text or ";" in text) or not _NUMBERS.fullmatch(text):
        return None
    rows = [row.strip().rstrip(",").split(",") for row in text.strip().rstrip(";, ").split(";")]
    if len({len(row) for row in rows}) > 1:
        raise ExpressionError("rows of different lengths", text, 0)
    return np.squeeze(np.asarray([[_float(cell) for cell in row] for row in rows]))


def _tabbed(text: str, match: re.Match[str]) -> np.ndarray:
    try:
        return np.asarray([float(cell) for cell in match.group(1).split()])
    except ValueError as error:
        raise ExpressionError("TABBED ARRAY holds what is no number", text, match.start(1)) from error


class _Reader(Reader):
    tokens = _TOKEN

    def next(self) -> None:
        super().next()
        if self.kind == "sign" and len(self.token) > 2:
            self.token = self.token.upper()

    def disjunction(self) -> Any:
        return self.chain(self._conjunction, ae.LogicStructure, ":OR:")

    def _conjunction(self) -> Any:
        return self.chain(self._negated, ae.LogicStructure, ":AND:")

    def _negated(self) -> Any:
        if self.stands(":NOT:"):
            self.next()
            return ae.LogicStructure([":NOT:"], (self.within(self._negated),))
        return self.comparison(self._sum)

    def _sum(self) -> Any:
        return self.chain(self._product, ae.ArithmeticStructure, "+", "-")

    def _product(self) -> Any:
        return self.chain(self.signed, ae.ArithmeticStructure, "*", "/")

    def signed(self) -> Any:
        if self.stands("-", "+"):
            sign = self.token
            self.next()
            inner = self.within(self.signed)
            return inner if sign == "+" else negative(inner)
        return self.power()

    def atom(self) -> Any:
        if self.stands(":NA:"):
            self.next()
            return float("nan")
        if self.kind == "string":
            found = self.token[1:-1]
            self.next()
            return found
        return super().atom()

    def named(self) -> Any:
        name, quoted = self.token, self.token.startswith('"')
        self.next()
        subscripts = self._subscripts() if self.stands("[") else None
        if not self.stands("("):
            return ae.ReferenceStructure(name, subscripts)
        known = "" if quoted or subscripts is not None else key(name)
        if known == "with lookup":
            return self._with_lookup()
        begin = self.start
        arguments = self.arguments(",", ":")
        if known in _REORDERED and len(arguments) == len(_REORDERED[known]):
            arguments = tuple(arguments[k] for k in _REORDERED[known])
        count, structure = STRUCTURES.get(known, (0, None))
        if structure is None:
            return ae.CallStructure(ae.ReferenceStructure(name, subscripts), arguments)
        if len(arguments) != count:
            raise ExpressionError(f"{known.upper()} has {len(arguments)} arguments, {count} expected", self.text, begin)
        return structure(*arguments)

    def _with_lookup(self) -> Any:
        self.take("(")
        argument = self.expression()
        if not self.stands(","):
            raise self.fail("a comma")
        begin, depth, at = self.at, 0, self.at
        while at < len(self.text):
            depth += {"(": 1, ")": -1}.get(self.text[at], 0)
            at += 1
            if depth == 0 and self.text[at - 1] == ")":
                break
        table = parse_table(self.text[begin:at])
        self.at = at
        self.next()
        self.take(")")
        return ae.InlineLookupsStructure(argument, table)

    def _subscripts(self) -> Any:
        end = _closing(self.text, self.start)
        if end is None:
            raise self.fail("]")
        tokens = tuple(split_subscripts(self.text[self.start + 1 : end]))
        if not all(tokens):
            raise self.fail("a subscript")
        self.at = end + 1
        self.next()
        return ae.SubscriptsReferenceStructure(tokens)


_BRACKETED = re.compile(rf"\[(?:{QUOTED}|[^\]\[\"])*\]")


def _closing(text: str, begin: int) -> int | None:
    match = _BRACKETED.match(text, begin)
    return match.end() - 1 if match else None


def split_subscripts(text: str) -> list[str]:
    """Return the subscripts between two brackets, apart at commas outside quotation marks."""
    if not text.strip():
        return []
    parts, begin = [], 0
    for match in re.finditer(rf"{QUOTED}|,", text):
        if match.group() == ",":
            parts.append(text[begin : match.start()].strip())
            begin = match.end()
    return [*parts, text[begin:].strip()]
