"""Every row of every table with its words and unit, so that files of all kinds call a number the same.

The module refuses to hold numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from egendekning.finance import gains, jobs, social, worth
from egendekning.finance.effects import BY_PART, PARTS
from egendekning.finance.lines import LINES
from egendekning.finance.named import Named

_UNITS: Final = {"leaf": "MNOK", "sum": "MNOK", "share": "%", "count": "person"}


@dataclass(frozen=True)
class Words(Named):
    """What a row is called and its unit."""

    unit: str


WORTH_WORDS: Final = {
    worth.DEBT: ("Virkemidlenes gjeld som gjenstår ved slutten", "Debt of the levers that is left at the end"),
    worth.AFTER_DEBT: ("Handlingsrom etter gjenstående gjeld", "Room for manoeuvre after the debt that is left"),
}


def rows(table: str) -> dict[str, Words]:
    """Return the rows of a table, in order, by id.

    Parameters
    ----------
    table : str
        ``plan``, ``effect``, ``gain``, ``worth``, ``job`` or ``social``.
    """
    return {words.id: words for words in _ROWS[table]()}


def _plan() -> Iterator[Words]:
    for line in LINES:
        yield Words(line.id, line.nb, line.en, _UNITS[line.kind] if line.id != "tax_level" else "%")


def _effect() -> Iterator[Words]:
    for part in PARTS:
        yield Words(part.id, part.nb, part.en, "MNOK")


def _gain() -> Iterator[Words]:
    for item in gains.ITEMS:
        yield Words(item.id, item.nb, item.en, "MNOK")


def _worth() -> Iterator[Words]:
    for name in worth.OF_PARTS:
        yield Words(name, BY_PART[name].nb, BY_PART[name].en, "MNOK")
    for party in gains.PARTIES:
        yield Words(f"party_{party}", *gains.PARTY_WORDS[party], "MNOK")
    for name, (nb, en) in WORTH_WORDS.items():
        yield Words(name, nb, en, "MNOK")


def _job() -> Iterator[Words]:
    for name, nb, en, unit in jobs.ROWS:
        yield Words(name, nb, en, unit)


def _social() -> Iterator[Words]:
    for row in social.ROWS:
        yield Words(row.id, row.nb, row.en, row.unit)


_ROWS: Final = {"plan": _plan, "effect": _effect, "gain": _gain, "worth": _worth, "job": _job, "social": _social}

__all__ = ["WORTH_WORDS", "Words", "rows"]
