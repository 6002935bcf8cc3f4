"""The small language in which `checks.yaml` says what a run must show.

An expectation compares two sums of model variables, spelled as in the model, blanks included::

    live and work + in commuters == jobs
    0 <= unemployment rate < 0.2
    egendekning < baseline(egendekning)
    population - initial(population) == integral(births - deaths + net migration)
    abs(total(jobs by class) - jobs) <= 1
    "dwellings (all)" >= 0                      quotes where a name holds other signs than letters, digits and blanks
    jobs by class[trade] > 0                    one element of a subscripted variable

Operators: ``+ - * / ^``, brackets, and ``< <= > >= == !=``, which may be chained. There is no *and*: write two
expectations. `FUNCTIONS` lists the functions. A subscripted variable stands for all its elements, and a comparison must
hold for each of them.

This module turns text into a tree and finds the names in it. It refuses to evaluate anything, and Python's ``eval`` is
never used: a study folder from a stranger can be opened safely.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from egendekning.names import nearest

FUNCTIONS: Final = {
    "abs": "absolute value",
    "min": "of one argument: the least over its subscripts; of several: the least of them, element by element",
    "max": "of one argument: the greatest over its subscripts; of several: the greatest of them, element by element",
    "total": "sum over all subscripts, at each time",
    "initial": "value at the first time of the run",
    "change": "value less the value one saved time earlier; 0 at the first time",
    "integral": "Euler sum of value x step from the first time up to now; 0 at the first time",
    "baseline": "value at the same time in the run in which nothing is given",
}
"""What each function of the language means."""

COMPARISONS: Final = ("<=", ">=", "==", "!=", "<", ">")
"""The comparison operators, longest first."""


class ExpressionError(ValueError):
    """A text that is not an expectation; holds what was found, what was expected and the nearest known word."""

    def __init__(self, found: str, expected: str, close: str | None = None) -> None:
        super().__init__(f"{found}; expected {expected}")
        self.found, self.expected, self.nearest = found, expected, close


@dataclass(frozen=True)
class Number:
    """A number written in an expression."""

    value: float


@dataclass(frozen=True)
class Name:
    """A model variable, with the subscript elements asked for (none: all of them)."""

    name: str
    elements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A function of `FUNCTIONS` applied to arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Negative:
    """A minus sign before an operand."""

    operand: Node


@dataclass(frozen=True)
class Binary:
    """Two operands joined by one of ``+ - * / ^``."""

    operator: str
    left: Node
    right: Node


Node = Number | Name | Call | Negative | Binary
"""A part of an expression that has a value."""


@dataclass(frozen=True)
class Expectation:
    """A chain of comparisons, ``operands[0] operators[0] operands[1] ...``, and the text it was read from."""

    text: str
    operands: tuple[Node, ...]
    operators: tuple[str, ...]

    def names(self) -> tuple[Name, ...]:
        """Return the model variables in it, in order of appearance, each once."""
        found = (name for operand in self.operands for name in _names(operand))
        return tuple(dict.fromkeys(found))


def _names(node: Node) -> Iterator[Name]:
    """Yield the variables below `node`."""
    match node:
        case Name():
            yield node
        case Call(arguments=arguments):
            for argument in arguments:
                yield from _names(argument)
        case Negative(operand=operand):
            yield from _names(operand)
        case Binary(left=left, right=right):
            yield from _names(left)
            yield from _names(right)


def parse(text: str) -> Expectation:
    """Read an expectation.

    Parameters
    ----------
    text : str
        For example ``"population >= 0"``.

    Returns
    -------
    Expectation
        The tree.

    Raises
    ------
    ExpressionError
        Where the text is not in the language.

    Examples
    --------
    >>> parse("live and work + in commuters == jobs").operators
    ('==',)
    """
    return _Parser(text).expectation()


_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)
      | "(?P<quoted>[^"]+)"
      | (?P<word>[^\W\d]\w*(?:[ \t]+\w+)*)
      | (?P<sign><=|>=|==|!=|[-+*/^()<>,\[\]])
    )""",
    re.VERBOSE,
)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Split `text` into (kind, word) pairs, ending with ("end", "")."""
    tokens, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None:
            sign = text[position:].strip()[0]
            hint = (
                "a comparison such as '==' (one '=' sets nothing here)"
                if sign == "="
                else "numbers, names and operators"
            )
            raise ExpressionError(f"cannot read {sign!r} in {text!r}", f"{hint}; quote a name with unusual signs")
        tokens.append((str(match.lastgroup), str(match.group(str(match.lastgroup)))))
        position = match.end()
    return [*tokens, ("end", "")]


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self.text = " ".join(text.split())
        self.tokens = _tokens(text)
        self.at = 0

    def expectation(self) -> Expectation:
        """Read operands joined by comparisons, up to the end."""
        operands, operators = [self._sum()], []
        while self._peek() in COMPARISONS:
            operators.append(self._next())
            operands.append(self._sum())
        if self.tokens[self.at][0] != "end":
            self._fail(f"{self.tokens[self.at][1]!r} where it does not belong", "an operator or the end")
        if not operators:
            self._fail("no comparison", f"a comparison with {', '.join(COMPARISONS)}, for example 'population >= 0'")
        return Expectation(self.text, tuple(operands), tuple(operators))

    def _sum(self) -> Node:
        """Read terms joined by + and -."""
        node = self._term()
        while self._peek() in ("+", "-"):
            node = Binary(self._next(), node, self._term())
        return node

    def _term(self) -> Node:
        """Read factors joined by * and /."""
        node = self._factor()
        while self._peek() in ("*", "/"):
            node = Binary(self._next(), node, self._factor())
        return node

    def _factor(self) -> Node:
        """Read an operand with its sign and power; the power binds first, so -x^2 is -(x^2)."""
        if self._peek() == "-":
            self._next()
            return Negative(self._factor())
        node = self._operand()
        if self._peek() == "^":
            self._next()
            return Binary("^", node, self._factor())
        return node

    def _operand(self) -> Node:
        """Read a number, a variable, a function or a bracket."""
        kind, word = self.tokens[self.at]
        if kind == "number":
            self._next()
            return Number(float(word))
        if kind == "word" and self.tokens[self.at + 1] == ("sign", "("):
            return self._call(" ".join(word.split()))
        if kind in ("word", "quoted"):
            self._next()
            return Name(" ".join(word.split()), self._elements())
        if (kind, word) == ("sign", "("):
            self._next()
            node = self._sum()
            self._take(")")
            return node
        return self._fail(f"{word!r} where a value should be" if word else "it ends too early", "a number or a name")

    def _call(self, function: str) -> Call:
        """Read the arguments of a function, which must be a known one."""
        if function not in FUNCTIONS:
            close = nearest(function, FUNCTIONS)
            self._fail(f"unknown function {function!r}", f"one of {', '.join(FUNCTIONS)}", close)
        self._next()
        self._take("(")
        arguments = [self._sum()]
        while self._peek() == ",":
            self._next()
            arguments.append(self._sum())
        self._take(")")
        if len(arguments) > 1 and function not in ("min", "max"):
            self._fail(f"{function}() with {len(arguments)} arguments", "one argument")
        return Call(function, tuple(arguments))

    def _elements(self) -> tuple[str, ...]:
        """Read the subscript elements after a name, if there are any."""
        if self._peek() != "[":
            return ()
        self._next()
        elements = []
        while True:
            kind, word = self.tokens[self.at]
            if kind not in ("word", "quoted", "number"):
                self._fail(f"{word!r} inside [ ]", "names of subscript elements, with commas between")
            elements.append(self._next())
            if self._peek() != ",":
                break
            self._next()
        self._take("]")
        return tuple(elements)

    def _peek(self) -> str | None:
        """Return the next sign, or None where something else comes."""
        kind, word = self.tokens[self.at]
        return word if kind == "sign" else None if kind == "end" else ""

    def _next(self) -> str:
        """Step over a token and return it."""
        self.at += 1
        return self.tokens[self.at - 1][1]

    def _take(self, sign: str) -> None:
        """Step over `sign`, which must come next."""
        if self._peek() != sign:
            self._fail(f"{self.tokens[self.at][1] or 'the end'!r} instead of {sign!r}", f"{sign!r}")
        self._next()

    def _fail(self, found: str, expected: str, close: str | None = None) -> NoReturn:
        """Raise, naming the whole text."""
        raise ExpressionError(f"{found} in {self.text!r}", expected, close)
