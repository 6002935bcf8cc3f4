"""Texts and numbers as a reader of one language writes them.

Bokmål has a decimal comma and a thin space between thousands; English has a point and a comma. Both put a space before
the per cent sign and use a real minus sign. The module refuses to decide what is said: texts come from catalogues.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from egendekning.figures.catalogue import catalogue
from egendekning.names import split

MINUS: Final = "\N{MINUS SIGN}"
THIN_SPACE: Final = "\N{NARROW NO-BREAK SPACE}"
HARD_SPACE: Final = "\N{NO-BREAK SPACE}"

_DECIMAL = {"nb": ",", "en": "."}
_THOUSANDS = {"nb": THIN_SPACE, "en": ","}
_AND = {"nb": "og", "en": "and"}
_PER_CENT = 100.0
_MUNICIPALITY = "municipality"


UNITLESS: Final = ("Dmnl", "1")
"""How models write that a number has no unit."""

_UNITS: Final = {
    "year": "år", "MNOK": "mill. kr", "person": "person", "dwelling": "bolig", "NOK": "kr", "daa": "dekar",
    "permille": "promille", "kt CO2e": "kt CO2-ekv.", "share of the model's value": "andel av modellens verdi",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """One language: its texts and its number formats.

    Parameters
    ----------
    lang : str
        ``nb`` or ``en``.
    packages : tuple of str
        Packages whose catalogues are used; a later one wins.
    municipality : str
        Name that stands for ``{municipality}`` in texts; the catalogue's own word if empty.
    """

    lang: str = "nb"
    packages: tuple[str, ...] = ("egendekning.figures",)
    municipality: str = ""
    texts: Mapping[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the catalogues."""
        merged: dict[str, str] = {}
        for package in self.packages:
            merged.update(catalogue(package, self.lang))
        name = self.municipality or merged.get(_MUNICIPALITY, "")
        named = {key: text.replace(f"{{{_MUNICIPALITY}}}", name) for key, text in merged.items()}
        object.__setattr__(self, "texts", named)

    def text(self, key: str, /, **values: object) -> str:
        """Return the text under a dotted key with its places filled in."""
        return self.texts[key].format(**values) if values else self.texts[key]

    def label(self, group: str, name: str) -> str:
        """Return the text ``group.name``, or `name` itself: a study may bring elements of its own."""
        return self.texts.get(f"{group}.{name}", name)

    def element(self, label: str) -> str:
        """Return ``label[element, element]`` with its elements in words and in parentheses; `label` if it has none.

        Examples
        --------
        >>> Words("en").element("Jobs per daa of new business land[office]")
        'Jobs per daa of new business land (offices)'
        """
        head, elements = split(label)
        return f"{head} ({', '.join(self.label('element', one) for one in elements)})" if elements else label

    def number(self, value: float, decimals: int = 0, *, sign: bool = False) -> str:
        """Write a number.

        Parameters
        ----------
        value : float
            Any unit.
        decimals : int
            Decimals shown.
        sign : bool
            Whether a positive number gets a plus; zero never has a sign.

        Examples
        --------
        >>> Words("nb").number(-3382.25, 1).replace("\\N{NARROW NO-BREAK SPACE}", "_")
        '−3_382,3'
        >>> Words("en").number(3382.25, 1, sign=True)
        '+3,382.3'
        """
        if not math.isfinite(value):
            return "–"
        rounded = _half_up(value, decimals)
        body = f"{abs(rounded):,.{decimals}f}"
        swap = {",": _THOUSANDS[self.lang], ".": _DECIMAL[self.lang]}
        body = "".join(swap.get(letter, letter) for letter in body)
        if rounded < 0:
            return MINUS + body
        return f"+{body}" if sign and rounded > 0 else body

    def percent(self, share: float, decimals: int = 1, *, sign: bool = False) -> str:
        """Write a share (1 = the whole) as per cent."""
        if not math.isfinite(share):
            return "–"
        return f"{self.number(share * _PER_CENT, decimals, sign=sign)}{HARD_SPACE}%"

    def points(self, difference: float, decimals: int = 1, *, sign: bool = True) -> str:
        """Write a difference between two shares as percentage points, without the unit."""
        return self.number(difference * _PER_CENT, decimals, sign=sign)

    def enumerate(self, items: Iterable[str]) -> str:
        """Join items as a sentence does: ``a, b og c``."""
        listed = list(items)
        if len(listed) < 2:
            return "".join(listed)
        return f"{', '.join(listed[:-1])} {_AND[self.lang]} {listed[-1]}"


def unit_of(unit: str, lang: str) -> str:
    """Return a unit as people of a language write it; empty where there is none."""
    if unit in UNITLESS:
        return ""
    if lang == "en":
        return unit
    return "".join(_UNITS.get(part, part) for part in re.split(r"([*/()])", unit)).replace("*", "·")


def _half_up(value: float, decimals: int) -> float:
    """Round half away from zero, as people do by hand, after removing the noise of binary fractions."""
    scaled = abs(value) * 10.0**decimals
    return math.copysign(math.floor(scaled + 0.5 + 1e-9) / 10.0**decimals, value) if scaled else 0.0
