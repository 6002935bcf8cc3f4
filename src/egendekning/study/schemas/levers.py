"""`scenarios/levers.yaml`: what the municipality can do, and what the world outside may do.

A lever acts on constants of the model through a named mechanism, starts late and costs money; a driver is not the
municipality's to set and therefore has no cost. The schema refuses a lever without a cost or a reason for having
none, a range that runs backwards and a default outside it.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from egendekning.study.faults import fault
from egendekning.study.schemas.base import Closed, Evidence, Frozen, Identifier, Real, Text

Pair = Annotated[tuple[Real, Real], Field(strict=False)]


class LeverConstants(Closed):
    """The constants of the model that a lever moves."""

    target: Text
    """constant that holds the lever's value; one element as name[element]"""
    start: Text
    """constant that holds the year in which the lever begins"""
    ramp: Text
    """constant that holds the years it takes to reach its full value"""


class DriverConstants(Closed):
    """The constants of the model that a driver moves."""

    target: Text
    """constant that holds the driver's value; one element as name[element]"""
    start: Text | None = None
    """constant that holds the year in which the change begins, if there is one"""
    ramp: Text | None = None
    """constant that holds the years it takes, if there is one"""


class Cost(Closed):
    """What a lever costs the municipality, as constants of the model."""

    operating: Text | None = None
    """constant with the yearly cost"""
    investment: Text | None = None
    """constant with the cost once"""
    free_because: Text | None = None
    """why the lever costs nothing, where neither is given"""

    @model_validator(mode="after")
    def _costs_or_says_why_not(self) -> Cost:
        """Refuse a lever that is silently free."""
        if (self.operating or self.investment) and self.free_because:
            raise fault("free_because beside a cost", "either a cost or a reason for having none", at=("free_because",))
        if not (self.operating or self.investment or self.free_because):
            raise fault("no cost and no reason", "operating, investment, or free_because")
        return self


class _Setting(Closed):
    """What levers and drivers share."""

    title_nb: Text
    """title in bokmål"""
    title_en: Text
    """title in English"""
    unit: Text
    """unit of the value; the unit of the target constant, spelled the same"""
    range: Pair
    """lowest and highest value that the model can be trusted with"""
    default: Real
    """value where no scenario says anything"""
    delay: Text
    """how long it takes before anything is seen, and why"""
    mechanism_nb: Text
    """what it acts on and how, in bokmål"""
    mechanism_en: Text
    """what it acts on and how, in English"""
    evidence: Evidence
    """how well the effect is known"""

    @property
    def low(self) -> float:
        """Lowest value allowed."""
        return self.range[0]

    @property
    def high(self) -> float:
        """Highest value allowed."""
        return self.range[1]

    @model_validator(mode="after")
    def _default_in_range(self) -> _Setting:
        """Refuse a range that runs backwards and a default outside it."""
        if self.low > self.high:
            raise fault(
                f"range runs from {self.low:g} down to {self.high:g}", "[low, high] with low <= high", at=("range",)
            )
        if not self.low <= self.default <= self.high:
            expected = f"a number from {self.low:g} to {self.high:g}"
            raise fault(f"default {self.default:g} is outside the range", expected, at=("default",))
        return self


class Lever(_Setting):
    """Something the municipality can do."""

    constants: LeverConstants
    """constants of the model that the lever sets: target, start and ramp"""
    cost: Cost
    """what it costs the municipality"""


class Driver(_Setting):
    """Something outside the municipality that a scenario may assume."""

    constants: DriverConstants
    """constants of the model that the driver sets: target, and start and ramp if it has them"""


class LeversFile(Closed):
    """Policy levers and outside drivers: `levers:` and `drivers:`, each keyed by an id."""

    levers: Frozen[Identifier, Lever]
    """what the municipality can do"""
    drivers: Frozen[Identifier, Driver]
    """what the world outside may do"""
