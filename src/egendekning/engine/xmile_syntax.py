"""Read XMILE expressions: a small grammar of its own, into the same abstract syntax as Vensim's equations.

Operators bind as the OASIS specification says (XMILE 1.0, section 3.3.1): ``^`` from the right and before a sign, then
signs and NOT, then ``* / // MOD``, then ``+ -``, comparisons, AND, OR. Comments stand in braces. The module refuses to
know variables: which names are arrays or functions of the model is `xmile`'s to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.bounds import DEEPEST

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>(?:"(?:[^"\\]|\\.)*"|[^\W\d][\w$]*)(?:\.(?:"(?:[^"\\]|\\.)*"|\w[\w$]*|\*))*)
    |(?P<sign>//|<=|>=|<>|!=|[-+*/^()\[\],<>=!:]))""",
    re.VERBOSE,
)
_WORDS = ("if", "then", "else", "and", "or", "not", "mod")


class XmileSyntaxError(ValueError):
    """An expression that cannot be read; `pos` and `text` say where, as the other parser's errors do."""

    def __init__(self, message: str, text: str, pos: int) -> None:
        super().__init__(message)
        self.text, self.pos = text, pos


def parse_expression(text: str) -> Any:
    """Return the abstract syntax of an XMILE expression.

    Raises
    ------
    XmileSyntaxError
        Where it breaks off or holds what does not belong there.
    """
    clean = re.sub(r"\{[^}]*\}", lambda m: " " * len(m.group()), text)
    return _Reader(clean).whole()


def call(name: str, *args: Any) -> ae.CallStructure:
    """Return a call of one of the engine's functions."""
    return ae.CallStructure(ae.ReferenceStructure(name), tuple(args))


class _Reader:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.kind, self.token = "", ""
        self.start = 0
        self._next()

    def _next(self) -> None:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            self.start = self.at
            rest = self.text[self.at :].strip()
            if rest:
                raise XmileSyntaxError(f"{rest[0]!r} does not belong here", self.text, self.at)
            self.kind, self.token = "end", ""
            return
        self.kind, self.start, self.at = str(match.lastgroup), match.start(match.lastgroup or 0), match.end()
        self.token = match.group(match.lastgroup or 0)
        if self.kind == "name" and self.token.lower() in _WORDS:
            self.kind, self.token = "sign", self.token.lower()

    def _fail(self, expected: str) -> XmileSyntaxError:
        return XmileSyntaxError(f"{expected} expected", self.text, self.start)

    def _take(self, token: str) -> None:
        if self.kind != "sign" or self.token != token:
            raise self._fail(token.upper())
        self._next()

    def _is(self, *tokens: str) -> bool:
        return self.kind == "sign" and self.token in tokens

    def whole(self) -> Any:
        """Return the whole text as one expression."""
        found = self.expression()
        if self.kind != "end":
            raise self._fail("an operator or the end")
        return found

    def expression(self) -> Any:
        """Return a condition, a disjunction or anything that binds tighter."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise XmileSyntaxError(f"brackets are more than {DEEPEST} deep", self.text, self.start)
        found = self._condition() if self._is("if") else self._or()
        self.depth -= 1
        return found

    def _condition(self) -> Any:
        self._take("if")
        when = self.expression()
        self._take("then")
        yes = self.expression()
        self._take("else")
        return call("if_then_else", when, yes, self.expression())

    def _chain(self, inner: Callable[[], Any], make: Callable[[str, Any, Any], Any], *signs: str) -> Any:
        found = inner()
        while self._is(*signs):
            sign = self.token
            self._next()
            found = make(sign, found, inner())
        return found

    def _or(self) -> Any:
        return self._chain(self._and, lambda s, a, b: ae.LogicStructure([":OR:"], (a, b)), "or")

    def _and(self) -> Any:
        return self._chain(self._comparison, lambda s, a, b: ae.LogicStructure([":AND:"], (a, b)), "and")

    def _comparison(self) -> Any:
        signs = ("=", "<>", "!=", "<", "<=", ">", ">=")
        return self._chain(self._sum, lambda s, a, b: ae.LogicStructure(["<>" if s == "!=" else s], (a, b)), *signs)

    def _sum(self) -> Any:
        return self._chain(self._product, lambda s, a, b: ae.ArithmeticStructure([s], (a, b)), "+", "-")

    def _product(self) -> Any:
        def make(sign: str, left: Any, right: Any) -> Any:
            if sign == "mod":
                return call("xmod", left, right)
            return call("xsafediv", left, right, 0.0) if sign == "//" else ae.ArithmeticStructure([sign], (left, right))

        return self._chain(self._sign, make, "*", "/", "//", "mod")

    def _sign(self) -> Any:
        if self._is("-", "+", "not"):
            sign = self.token
            self._next()
            inner = self._sign()
            if sign == "not":
                return ae.LogicStructure([":NOT:"], (inner,))
            if sign == "+":
                return inner
            return -inner if isinstance(inner, float) else ae.ArithmeticStructure(["negative"], (inner,))
        return self._power()

    def _power(self) -> Any:
        base = self._atom()
        if self._is("^"):
            self._next()
            return ae.ArithmeticStructure(["^"], (base, self._sign()))
        return base

    def _atom(self) -> Any:
        if self.kind == "number":
            found = float(self.token)
            self._next()
            return found
        if self._is("("):
            self._next()
            inner = self.expression()
            self._take(")")
            return inner
        if self.kind != "name":
            raise self._fail("a number, a name or a bracket")
        name = self.token.replace('"', "").replace("\\n", " ")
        self._next()
        subscripts = self._subscripts() if self._is("[") else None
        if self._is("("):
            return ae.CallStructure(ae.ReferenceStructure(name, subscripts), self._arguments())
        return ae.ReferenceStructure(name, subscripts)

    def _arguments(self) -> tuple[Any, ...]:
        self._take("(")
        found = []
        while not self._is(")"):
            found.append(self.expression())
            if not self._is(")"):
                self._take(",")
        self._take(")")
        return tuple(found)

    def _subscripts(self) -> Any:
        self._take("[")
        found = []
        while True:
            if self.kind not in ("name", "number") and not self._is("*"):
                raise self._fail("a subscript")
            found.append(self.token.replace('"', ""))
            self._next()
            if self._is("]"):
                break
            self._take(",")
        self._take("]")
        return ae.SubscriptsReferenceStructure(tuple(found))


def parse_numbers(text: str) -> np.ndarray | None:
    """Return a list of numbers separated by commas (rows by semicolons), None where `text` is something else."""
    rows = text.strip().rstrip(";").split(";")
    try:
        found = [[float(cell) for cell in row.split(",")] for row in rows]
    except ValueError:
        return None
    if (len(found) == 1 and len(found[0]) == 1) or len({len(row) for row in found}) > 1:
        return None
    return np.squeeze(np.asarray(found))
