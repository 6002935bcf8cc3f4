"""What a unit's text means: words, products, quotients and powers, such as ``NOK/(person*year)`` or ``t CO2e``.

The module refuses to convert: a word that is not known becomes a unit of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from pint.util import UnitsContainer

from egendekning.names import key

Unit: TypeAlias = Any
"""A UnitsContainer, or None where any unit fits."""

NONE = UnitsContainer({})
_DIMENSIONLESS = {"dmnl", "dimensionless", "1", "fraction", "unitless"}
_SIGNS = ("*", "/", "(", ")", "^", "**")
_TOKEN = re.compile(r"\s*(\*\*|[*/()^]|[^*/()^]+)")
_LONGEST: Final = 300  # words and signs; a bracket is a call inside a call


class UnitSyntaxError(ValueError):
    """A unit that cannot be read."""


def parse_unit(text: str) -> UnitsContainer:
    """Return the unit that `text` spells, such as ``NOK/(person*year)``, ``1/year``, ``t CO2e`` or ``Dmnl``.

    Raises
    ------
    UnitSyntaxError
        If brackets, operators or exponents do not fit together, or there is nothing.
    """
    tokens = [m.group(1).strip() for m in _TOKEN.finditer(text) if m.group(1).strip()]
    if not tokens:
        raise UnitSyntaxError("no unit")
    if len(tokens) > _LONGEST:
        raise UnitSyntaxError(f"{len(tokens)} words and signs")
    unit, rest = _product(tokens)
    if rest:
        raise UnitSyntaxError(f"{rest[0]!r} does not fit in {text!r}")
    return unit


def _product(tokens: list[str]) -> tuple[UnitsContainer, list[str]]:
    unit, rest = _factor(tokens)
    while rest and rest[0] in ("*", "/"):
        other, after = _factor(rest[1:])
        unit = unit * other if rest[0] == "*" else unit / other
        rest = after
    return unit, rest


def _factor(tokens: list[str]) -> tuple[UnitsContainer, list[str]]:
    if not tokens or tokens[0] in ("*", "/", ")", "^", "**"):
        raise UnitSyntaxError("a unit is missing")
    if tokens[0] == "(":
        unit, rest = _product(tokens[1:])
        if not rest or rest[0] != ")":
            raise UnitSyntaxError("a bracket is not closed")
        rest = rest[1:]
    else:
        unit, rest = _word(tokens[0]), tokens[1:]
    if rest and rest[0] in ("^", "**"):
        if len(rest) < 2 or not re.fullmatch(r"-?\d+(\.\d+)?", rest[1]):
            raise UnitSyntaxError("an exponent is not a number")
        unit, rest = unit ** float(rest[1]), rest[2:]
    return unit, rest


def _word(word: str) -> UnitsContainer:
    name = key(word)
    if name in _DIMENSIONLESS:
        return NONE
    if len(name) > 3 and name.endswith("s") and not name.endswith("ss"):
        name = name[:-1]
    return UnitsContainer({name: 1})


def spellings(text: str) -> dict[str, str]:
    """Return how `text` spells the words of its unit, by the name they are compared under."""
    words = [m.group(1).strip() for m in _TOKEN.finditer(text)]
    return {name: word for word in words if word not in _SIGNS for name in _word(word)}


def show(unit: Unit, spelled: Mapping[str, str] | None = None) -> str:
    """Return a unit as people write it; `spelled` gives the spelling of its words."""
    spelled = spelled or {}
    if unit is None:
        return "any"
    if not unit:
        return "Dmnl"
    up = [_power(spelled.get(n, n), e) for n, e in unit.items() if e > 0]
    down = [_power(spelled.get(n, n), -e) for n, e in unit.items() if e < 0]
    over = "*".join(up) or "1"
    return over + (f"/({'*'.join(down)})" if len(down) > 1 else f"/{down[0]}" if down else "")


def _power(name: str, exponent: Any) -> str:
    return name if exponent == 1 else f"{name}^{exponent:g}"
