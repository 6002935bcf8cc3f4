"""What a search speaks of, in words: levers, drivers, uncertain numbers, their values and their units.

Levers and drivers have titles in the study, and uncertain numbers have labels; one without a label goes by the model's
own English name in quotation marks. The module refuses to choose what is told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from egendekning.figures.words import HARD_SPACE, Words
from egendekning.names import find

if TYPE_CHECKING:
    from egendekning.sensitivity.search.found import Found
    from egendekning.sensitivity.search.truth import Input
    from egendekning.study import Study

_PER_CENT: Final = 100.0
_RATE: Final = "1/year"
_DIGITS: Final = 3
_RANGES: Final = 100.0
_MOST: Final = 6
"""Decimals at most."""


@dataclass(frozen=True)
class Names:
    """The names of one study in one language."""

    words: Words
    study: Study

    def setting(self, name: str) -> str:
        """Return the title of a lever or driver."""
        return str(getattr(self.study.settable[name], f"title_{self.words.lang}"))

    def scenario(self, name: str) -> str:
        """Return the title of a scenario."""
        return str(getattr(self.study.scenarios[name], f"title_{self.words.lang}"))

    def size(self, name: str, value: float) -> str:
        """Return the value of a lever or driver with its unit."""
        return self.amount(value, self.study.settable[name].unit)

    def span(self, name: str) -> str:
        """Return the range of a lever."""
        low, high = self.study.settable[name].range
        return self.words.text("range", low=self.figure(low), high=self.figure(high))

    def figure(self, value: float, digits: int = _DIGITS) -> str:
        """Write a number with so many digits that count."""
        if not math.isfinite(value):
            return self.words.number(value)
        size = abs(value)
        if size >= _RANGES or size == round(size):
            return self.words.number(value)
        decimals = min(max(0, digits - 1 - math.floor(math.log10(size))), _MOST)
        while decimals > 0 and round(value, decimals) == round(value, decimals - 1):
            decimals -= 1
        return self.words.number(value, decimals)

    def amount(self, value: float, unit: str, digits: int = _DIGITS) -> str:
        """Write a number with its unit as people say it, all on one line; a rate a year in per cent."""
        shown = self.figure(value * _PER_CENT if unit == _RATE else value, digits)
        if f"search.unit.{unit}" in self.words.texts:
            return self.words.text(f"search.unit.{unit}", value=shown).replace(" ", HARD_SPACE)
        return f"{shown}{HARD_SPACE}{unit}" if unit else shown

    def input(self, item: Input) -> str:
        """Return what an uncertain number is called, as within a sentence."""
        head, bracket, inside = item.name.partition("[")
        written = find(head, self.study.labels)
        if written is None:
            name = self.words.text("quoted", title=head.strip())
        else:
            label = str(getattr(self.study.labels[written], self.words.lang))
            name = label[:1].lower() + label[1:]
        name = self.words.element(f"{name}{bracket}{inside}")
        return self.words.text("search.noise", name=name) if item.noise else name

    def condition(self, item: Input) -> str:
        """Return the better quarter of an uncertain number as a condition."""
        key = "search.truth.above" if item.difference > 0 else "search.truth.below"
        said = self.words.text(key, name=self.input(item), value=self.threshold(item))
        return said[:1].upper() + said[1:]

    def threshold(self, item: Input) -> str:
        """Return where the better quarter of an uncertain number begins; relative noise in per cent."""
        if item.noise and item.unit == "Dmnl":
            return f"{self.figure(item.threshold * _PER_CENT, 2)}{HARD_SPACE}%"
        return self.amount(item.threshold, item.unit, 2)

    def head(self, found: Found, key: str, **more: object) -> str:
        """Return a text about a search with target, year and wanted probability filled in."""
        goal = found.goal
        return self.words.text(
            key, target=self.words.percent(goal.target, 0 if round(goal.target, 2) == goal.target else 1),
            year=goal.by, probability=self.words.percent(goal.probability, 0), base=f"{found.question.base:g}", **more,
        )  # fmt: skip
