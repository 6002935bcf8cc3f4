"""The schemas of the two files that a statistician edits: the observation model and the process noise.

Both are closed: an unknown key is an error with its line. The module refuses to read files and to know a variable of
any model.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel, Strict, model_validator

from egendekning.study.faults import fault
from egendekning.study.schemas.base import Basis, Closed, Evidence, Frozen, Real, Text, Year

Range = tuple[Real, Real]
"""Lower and upper end."""

Positive = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False)]


class Error(Closed):
    """How far the model may be from a figure beyond the error of measurement: one standard error."""

    relative: Positive | None = None
    """as a share of the figure"""
    absolute: Positive | None = None
    """in the unit of the figure"""

    @model_validator(mode="after")
    def _one(self) -> Error:
        if (self.relative is None) == (self.absolute is None):
            raise fault("both or neither of 'relative' and 'absolute'", "one of the two", fix="write {relative: 0.01}")
        return self

    def of(self, value: float) -> float:
        """Return the standard error of a figure, in its unit."""
        return self.absolute if self.absolute is not None else abs(value) * (self.relative or 0.0)


class Group(Closed):
    """Figures that are read in the same way."""

    reading: Literal["instant", "year"]
    """instant: the model at the date; year: its mean over the calendar year"""
    error: Error
    """structural error"""
    why: Text
    """where the structural error comes from"""
    series: Frozen[str, str]
    """model variable (or variable[element]) by series of observations.csv"""
    periods: tuple[str, ...] | None = None
    """the only periods to use; all if left out"""


class ObservationModel(Closed):
    """Which observations the calibration uses, and how."""

    region: Text
    """the region of observations.csv"""
    since: Year
    """first date used"""
    until: Year
    """last date used"""
    groups: Frozen[str, Group]
    """figures that are used, by name of the group"""
    unused: Frozen[str, Text]
    """reason by series that is not used"""

    @model_validator(mode="after")
    def _dates(self) -> ObservationModel:
        """Refuse dates in the wrong order."""
        if self.since > self.until:
            raise fault(f"since {self.since:g}, until {self.until:g}", "the earlier date first", at=("since",),
                        fix="swap the two dates")  # fmt: skip
        return self


class Follows(Closed):
    """A table whose innovations are correlated with another's."""

    table: Text
    """the other table"""
    correlation: Range
    """range of the correlation, between -1 and 1"""


class Process(Evidence):
    """The AR(1) process of one table of yearly knots."""

    sd: Range
    """range of the standard deviation of the yearly innovation, in the table's unit"""
    autocorrelation: Range
    """range of the autocorrelation from knot to knot, between 0 and 1"""
    basis: Basis
    """source, derived or assumption"""
    zero_until: Year | None = None
    """the last knot that is zero because the level there is data"""
    follows: Follows | None = None
    """another table that this one moves with"""
    note: Text | None = None
    """anything else that a reader should know"""

    @model_validator(mode="after")
    def _ranges(self) -> Process:
        limits = {"sd": (self.sd, 0.0, float("inf")), "autocorrelation": (self.autocorrelation, 0.0, 1.0)}
        if self.follows is not None:
            limits["follows"] = (self.follows.correlation, -1.0, 1.0)
        for name, ((low, high), least, most) in limits.items():
            if not least <= low <= high <= most:
                raise fault(
                    f"{name} from {low:g} to {high:g}", f"a rising range within {least:g} and {most:g}", at=(name,)
                )
        if self.zero_until is None and self.autocorrelation[1] >= 1.0:
            raise fault("autocorrelation up to 1 without 'zero_until'", "below 1, or a knot to start from",
                        at=("autocorrelation",))  # fmt: skip
        return self


class ProcessNoise(RootModel[Frozen[str, Process]]):
    """Processes by table of the model."""


__all__ = ["Error", "Follows", "Group", "ObservationModel", "Process", "ProcessNoise"]
