"""How commands write numbers and tables on the screen: one number format a language, tables narrow enough to read.

The module refuses to choose what is shown.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from egendekning.study import Study

_THOUSANDS: Final = {"nb": "\u202f", "en": ","}
_DECIMAL: Final = {"nb": ",", "en": "."}
_PER_CENT: Final = 100.0
_INDEX: Final = 3
"""Decimals from which a dimensionless number is an index around one and no share."""

NOTHING: Final = "–"
"""Where there is no number."""


def number(value: float, decimals: int, lang: str, *, sign: bool = False) -> str:
    """Return a number as people of a language write it; a dash where there is none."""
    if not math.isfinite(value):
        return NOTHING
    rounded = round(value, decimals) + 0.0  # no minus sign before zero
    text = f"{rounded:{'+' if sign else ''},.{decimals}f}"
    swap = {",": _THOUSANDS[lang], ".": _DECIMAL[lang], "-": "\u2212"}
    return "".join(swap.get(letter, letter) for letter in text)


def amount(value: float, unit: str, decimals: int, lang: str, *, sign: bool = False) -> str:
    """Return a number in its unit: a share in percent, without the sign, anything else as it is."""
    return number(value * _PER_CENT if is_share(unit, decimals) else value, decimals, lang, sign=sign)


def is_share(unit: str, decimals: int) -> bool:
    """Whether a value is shown in percent: dimensionless and with few decimals; an index has more."""
    return unit == "Dmnl" and decimals < _INDEX


def year(value: float) -> str:
    """Return the calendar year of a time; a dash where there is none."""
    return str(int(value)) if math.isfinite(value) else NOTHING


def table(title: str, headings: Sequence[str], *, first_width: int = 26, width: int = 15) -> Table:
    """Return an empty table: a column of names, then numbers to the right, no wider than `width` each."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for i, heading in enumerate(headings):
        if i == 0:
            made.add_column(heading, max_width=first_width, overflow="fold")
        else:
            made.add_column(heading, justify="right", vertical="top", max_width=width)
    return made


def say_rules(study: Study, first: float, last: float, lang: str) -> None:
    """Print in which years of a run national rules are published, and in which they rest on assumptions.

    Parameters
    ----------
    study : Study
        With its national rules; a study without any says nothing.
    first, last : float
        First and last time that is shown.
    lang : str
        ``nb`` or ``en``.
    """
    if not study.rules:
        return
    from rich.markup import escape

    from egendekning.cli.screen import console
    from egendekning.study.known import rules_known

    years = range(math.floor(first), math.ceil(last))
    console().print(escape(rules_known(study.rules, years, lang)), soft_wrap=True)
