"""`model/national_rules.yaml`: what the state decides, year by year, each figure with its source.

A series is a lookup over time in the model file, which holds the same points so that the file runs alone; the Study
passes these to a run. The schema refuses a series without points, and one that does not say how it goes on after the
last year.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final

from pydantic import Field, model_validator

from egendekning.study.faults import fault
from egendekning.study.schemas.base import Basis, Closed, Frozen, Grade, Real, Text, Year

_LEAP: Final = 90.0
"""A figure so many times that of the year before is in another unit: percent for a share, thousand for one."""

_CHANGING: Final = "growth"
"""In the unit of series whose figures may be near zero one year and not the next."""


class RuleValue(Closed):
    """One figure of a series."""

    value: Real
    """the figure, in the unit of the series"""
    source: Text
    """who says so, where and when"""
    grade: Grade
    """A (read verbatim), B (derived) or C (judged)"""
    basis: Basis | None = None
    """source, derived or assumption, where the grade does not say enough"""
    note: Text | None = None
    """anything else that a reader should know"""


class RuleSeries(Closed):
    """A national rule over the years."""

    unit: Text
    """the unit of the lookup in the model file, spelled the same"""
    label_nb: Text
    """what a planner reads, in bokmål"""
    label_en: Text
    """what a planner reads, in English"""
    extension: Text
    """how the series goes on after its last year, and why"""
    values: Annotated[Frozen[Year, RuleValue], Field(min_length=1)]
    """the figures, keyed by year"""

    @model_validator(mode="after")
    def _years_ascend(self) -> RuleSeries:
        """Refuse years out of order, which hide a missing or misplaced one."""
        years = list(self.values)
        for before, after in pairwise(years):
            if after <= before:
                raise fault(f"{after:g} comes after {before:g}", "years in ascending order", at=("values", after))
        return self

    @model_validator(mode="after")
    def _unit_kept(self) -> RuleSeries:
        """Refuse a figure in another unit than those of the years around it: thousand for one, percent for a share."""
        for (_, before), (year, after) in pairwise(self.values.items()):
            sizes = sorted((abs(before.value), abs(after.value)))
            if _CHANGING not in self.unit and sizes[0] > 0 and sizes[1] > _LEAP * sizes[0]:
                expected = f"less than {_LEAP:g} times as much or as little as the year before"
                fix = f"give every year in {self.unit}"
                raise fault(f"{after.value:g} comes after {before.value:g}", expected, at=("values", year), fix=fix)
        return self

    def points(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the years and the figures, as the x and y of the lookup."""
        return tuple(self.values), tuple(entry.value for entry in self.values.values())


class RulesFile(Closed):
    """National rules by year: `series:`, then the model's lookup names."""

    series: Frozen[Text, RuleSeries]
    """the series, keyed by the name of the lookup in the model file"""
