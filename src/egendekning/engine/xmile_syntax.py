"""Read XMILE expressions: a small grammar of its own, into the same abstract syntax as Vensim's equations.

Operators bind as the OASIS specification says (XMILE 1.0, section 3.3.1): ``^`` from the right and before a sign, then
signs and NOT, then ``* / // MOD``, then ``+ -``, comparisons, AND, OR. Comments stand in braces. The module refuses to
know variables: which names are arrays or functions of the model is `xmile`'s to say.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.syntax import Reader, call, negative

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>(?:"(?:[^"\\]|\\.)*"|[^\W\d][\w$]*)(?:\.(?:"(?:[^"\\]|\\.)*"|\w[\w$]*|\*))*)
    |(?P<sign>//|<=|>=|<>|!=|[-+*/^()\[\],<>=!:]))""",
    re.VERBOSE,
)
_WORDS = ("if", "then", "else", "and", "or", "not", "mod")


def parse_expression(text: str) -> Any:
    """Return the abstract syntax of an XMILE expression.

    Raises
    ------
    ExpressionError
        Where it breaks off or holds what does not belong there.
    """
    clean = re.sub(r"\{[^}]*\}", lambda m: " " * len(m.group()), text)
    return _Reader(clean).whole()


class _Reader(Reader):
    tokens, words = _TOKEN, _WORDS

    def disjunction(self) -> Any:
        if self.stands("if"):
            return self._condition()
        return self.chain(self._conjunction, _logic, "or")

    def _conjunction(self) -> Any:
        return self.chain(lambda: self.comparison(self._sum), _logic, "and")

    def _condition(self) -> Any:
        self.take("if")
        when = self.expression()
        self.take("then")
        yes = self.expression()
        self.take("else")
        return call("if_then_else", when, yes, self.expression())

    def _sum(self) -> Any:
        return self.chain(self._product, ae.ArithmeticStructure, "+", "-")

    def _product(self) -> Any:
        found = self.chain(self.signed, ae.ArithmeticStructure, "*", "/")
        while self.stands("//", "mod"):
            sign = self.token
            self.next()
            other = self.signed()
            found = call("xmod", found, other) if sign == "mod" else call("xsafediv", found, other, 0.0)
            while self.stands("*", "/"):
                sign = self.token
                self.next()
                found = ae.ArithmeticStructure([sign], (found, self.signed()))
        return found

    def signed(self) -> Any:
        if self.stands("-", "+", "not"):
            sign = self.token
            self.next()
            inner = self.within(self.signed)
            if sign == "not":
                return ae.LogicStructure([":NOT:"], (inner,))
            return inner if sign == "+" else negative(inner)
        return self.power()

    def atom(self) -> Any:
        return self._condition() if self.stands("if") else super().atom()

    def named(self) -> Any:
        name = self.token.replace('"', "").replace("\\n", " ")
        self.next()
        subscripts = self._subscripts() if self.stands("[") else None
        if self.stands("("):
            return ae.CallStructure(ae.ReferenceStructure(name, subscripts), self.arguments(","))
        return ae.ReferenceStructure(name, subscripts)

    def _subscripts(self) -> Any:
        self.take("[")
        found = []
        while True:
            if self.kind not in ("name", "number") and not self.stands("*"):
                raise self.fail("a subscript")
            said = self.token.replace('"', "")
            self.next()
            while self.stands("+", "-"):
                sign = self.token
                self.next()
                if self.kind not in ("name", "number"):
                    raise self.fail("a number")
                said += sign + self.token
                self.next()
            found.append(said)
            if self.stands("]"):
                break
            self.take(",")
        self.take("]")
        return ae.SubscriptsReferenceStructure(tuple(found))


def _logic(operators: list[str], parts: tuple[Any, ...]) -> Any:
    return ae.LogicStructure([f":{word.upper()}:" for word in operators], parts)


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
