"""Bounds on what a model file may ask of the parser.

A reader takes some Python calls a bracket, so a file of ten megabytes in one equation, or of ten thousand brackets,
would stop a program without saying why. Here such equations become messages. Lists of numbers and points of tables,
which are the only long equations people have, are not bounded: they are read without a grammar.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LONGEST_NAME = 1000
LONGEST_EQUATION = 100_000
LARGEST_ARRAY = 200_000  # elements of a variable
DEEPEST = 100  # brackets inside each other
_FRAMES = 12_000  # Python calls that so many brackets may take


class TooLong(ValueError):
    """An equation beyond the bounds: what was found, and what is expected."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found, self.expected = found, expected


def check_head(text: str) -> None:
    """Raise TooLong where the left-hand side of an equation is no name."""
    head = re.match(r"[^=(:\[<]*", text)
    length = len(head.group().strip()) if head else 0
    if length > LONGEST_NAME:
        raise TooLong(f"a name of {length} characters", f"at most {LONGEST_NAME}")


def check_range(text: str) -> None:
    """Raise TooLong where a numbered range of subscripts, ``(a1-a9)``, has too many elements."""
    for first, last in re.findall(r"\(\s*[^()\d,]*[^(),]*?(\d+)\s*-\s*[^()\d,]*[^(),]*?(\d+)\s*\)", text):
        if len(last) > 9 or int(last) - int(first) >= LARGEST_ARRAY:
            raise TooLong(f"a range from {first} to {last[:12]}", f"at most {LARGEST_ARRAY} elements")


def check_expression(text: str) -> None:
    """Raise TooLong where an expression would take the grammar beyond its bounds."""
    if len(text) > LONGEST_EQUATION:
        raise TooLong(f"an equation of {len(text)} characters", f"at most {LONGEST_EQUATION}, or a list of numbers")
    depth = deepest = 0
    for sign in re.findall(r"[()]", text):
        depth += 1 if sign == "(" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise TooLong(f"brackets {deepest} deep", f"at most {DEEPEST}")


@contextmanager
def room() -> Iterator[None]:
    """Give the parser, which calls itself for every bracket, the calls that `DEEPEST` brackets need."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def shallow(sign: str, other: str, args: list[Any], operators: list[str], make: Any) -> Any:
    """Return a long chain of ``a + b - c ...`` (or ``a * b / c ...``) as a tree of even depth.

    `sign` is the operator that joins, `other` its opposite; ``make(operator, left, right)`` makes one node, with `left`
    None for an opposite that begins a part.
    """

    def part(begin: int, end: int) -> Any:
        if end - begin <= DEEPEST:
            first = args[begin]
            result = make(other, None, first) if begin and operators[begin - 1] == other else first
            for k in range(begin + 1, end):
                result = make(operators[k - 1], result, args[k])
            return result
        middle = (begin + end) // 2
        return make(sign, part(begin, middle), part(middle, end))

    return part(0, len(args))
