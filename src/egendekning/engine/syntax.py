"""What the readers of Vensim's and XMILE's expressions share: tokens one at a time, and chains of operators.

Both languages are read into the same abstract syntax, that of PySD, whose own grammars stop at some of what the tools
accept (periods in names, a sign before a bracket that is raised to a power, deep brackets) and are slow on long files.
The module refuses to know what a name means.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.bounds import DEEPEST

COMPARISONS = ("=", "<>", "!=", "<", "<=", ">", ">=")


class ExpressionError(ValueError):
    """An expression that cannot be read; `pos` and `text` say where."""

    def __init__(self, message: str, text: str, pos: int) -> None:
        super().__init__(message)
        self.text, self.pos = text, pos


def call(name: str, *args: Any) -> ae.CallStructure:
    """Return a call of one of the engine's functions."""
    return ae.CallStructure(ae.ReferenceStructure(name), tuple(args))


def negative(inner: Any) -> Any:
    """Return -inner, a number where `inner` is one."""
    return -inner if isinstance(inner, float) else ae.ArithmeticStructure(["negative"], (inner,))


class Reader(ABC):
    """A recursive-descent reader; `token` is what stands next, of `kind` number, name, sign, string or end."""

    tokens: ClassVar[re.Pattern[str]]
    words: ClassVar[tuple[str, ...]] = ()

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.kind, self.token = "", ""
        self.start = 0
        self.next()

    def next(self) -> None:
        """Go on to the next token."""
        match = self.tokens.match(self.text, self.at)
        if match is None:
            self.start = self.at
            rest = self.text[self.at :].strip()
            if rest:
                raise ExpressionError(f"{rest[0]!r} does not belong here", self.text, self.at)
            self.kind, self.token = "end", ""
            return
        self.kind, self.start, self.at = str(match.lastgroup), match.start(match.lastgroup or 0), match.end()
        self.token = match.group(match.lastgroup or 0)
        if self.kind == "name" and self.token.lower() in self.words:
            self.kind, self.token = "sign", self.token.lower()

    def fail(self, expected: str) -> ExpressionError:
        """Return the error that `expected` does not stand here."""
        return ExpressionError(f"{expected} expected", self.text, self.start)

    def take(self, token: str) -> None:
        """Go past `token`, which must stand here."""
        if not self.stands(token):
            raise self.fail(token.upper())
        self.next()

    def stands(self, *tokens: str) -> bool:
        """Whether one of the signs `tokens` stands here."""
        return self.kind == "sign" and self.token in tokens

    def whole(self) -> Any:
        """Return the whole text as one expression."""
        found = self.expression()
        if self.kind != "end":
            raise self.fail("an operator or the end")
        return found

    def expression(self) -> Any:
        """Return a whole expression, such as stands in brackets."""
        return self.within(self.disjunction)

    def within(self, inner: Callable[[], Any]) -> Any:
        """Return what `inner` reads one level further in: brackets, signs and powers stand in each other."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise ExpressionError(f"brackets, signs or powers are more than {DEEPEST} deep", self.text, self.start)
        found = inner()
        self.depth -= 1
        return found

    @abstractmethod
    def disjunction(self) -> Any:
        """Return what OR joins, or what binds tighter."""

    def chain(self, inner: Callable[[], Any], structure: Any, *signs: str) -> Any:
        """Return what the operators `signs`, all of one precedence, join: one node for all of them."""
        parts, operators = [inner()], list[str]()
        while self.stands(*signs):
            operators.append(self.token)
            self.next()
            parts.append(inner())
        return structure(operators, tuple(parts)) if operators else parts[0]

    def comparison(self, inner: Callable[[], Any]) -> Any:
        """Return a comparison of two sums, or one of them."""
        found, count = inner(), 0
        while self.stands(*COMPARISONS):
            count += 1
            if count > DEEPEST:
                raise ExpressionError(f"more than {DEEPEST} comparisons of comparisons", self.text, self.start)
            sign = "<>" if self.token == "!=" else self.token
            self.next()
            found = ae.LogicStructure([sign], (found, inner()))
        return found

    def power(self) -> Any:
        """Return a base and its exponent; a sign before the base belongs to the power as a whole."""
        base = self.atom()
        if self.stands("^"):
            self.next()
            return ae.ArithmeticStructure(["^"], (base, self.within(self.signed)))
        return base

    @abstractmethod
    def signed(self) -> Any:
        """Return a power with its sign."""

    def atom(self) -> Any:
        """Return a number, a name, a call or a bracket."""
        if self.kind == "number":
            found = float(self.token)
            self.next()
            return found
        if self.stands("("):
            self.next()
            inner = self.expression()
            self.take(")")
            return inner
        if self.kind != "name":
            raise self.fail("a number, a name or a bracket")
        return self.named()

    @abstractmethod
    def named(self) -> Any:
        """Return what begins with a name."""

    def arguments(self, *separators: str) -> tuple[Any, ...]:
        """Return the arguments of a call, from bracket to bracket."""
        self.take("(")
        found = []
        while not self.stands(")"):
            found.append(self.expression())
            if self.stands(*separators):
                self.next()
            elif not self.stands(")"):
                raise self.fail("a comma or a bracket")
        self.take(")")
        return tuple(found)
