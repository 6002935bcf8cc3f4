"""`model/parameters.yaml`: what is known about every constant of the model.

The value and the unit of a constant live in the model file and nowhere else; here is the evidence. The schema refuses a
range on a constant that is never drawn, an assumption that claims a good grade, and a range that runs backwards.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, RootModel, Strict, model_validator

from egendekning.study.faults import fault
from egendekning.study.schemas.base import Basis, Closed, Frozen, Grade, NumberOrList, Text, flat, shape

Role = Literal["fixed", "uncertain", "lever", "driver", "switch", "initial"]
"""What a constant is for.

fixed: known or conventional, never drawn. uncertain: drawn from its range. lever: set by a scenario through a policy
lever. driver: set by a scenario for the world outside. switch: 0 or 1, cuts a loop or picks a named assumption.
initial: where a stock starts; drawn if it has a range.
"""

Distribution = Literal["triangular", "uniform", "pert", "normal", "lognormal"]
"""How an uncertain constant is drawn; the value in the model file is the most likely one.

triangular, pert: between low and high, mode at the value. uniform: between low and high. normal, lognormal: low and
high are the 5th and 95th percentile.
"""

_DRAWN = ("uncertain", "initial")


class Parameter(Closed):
    """The evidence for one constant."""

    role: Role
    """what the constant is for"""
    basis: Basis
    """source, derived or assumption"""
    grade: Grade
    """A (read verbatim), B (derived) or C (judged; every assumption)"""
    source: Text
    """who says so, where and when; for an assumption, the reasoning"""
    low: NumberOrList | None = None
    """lower end of the range, in the model's unit; a list for a subscripted constant"""
    high: NumberOrList | None = None
    """upper end of the range"""
    relative: Annotated[float, Strict(), Field(gt=0, lt=1)] | None = None
    """range as a share of the value: 0.1 means from 0.9 to 1.1 times it; instead of low and high"""
    distribution: Distribution | None = None
    """how it is drawn; triangular if not said"""
    note: Text | None = None
    """anything else that a reader should know"""

    @property
    def drawn(self) -> bool:
        """Whether a run set varies this constant."""
        return self.role in _DRAWN and (self.low is not None or self.relative is not None)

    @property
    def law(self) -> Distribution:
        """The distribution it is drawn from."""
        return self.distribution or "triangular"

    @model_validator(mode="after")
    def _range_fits_role(self) -> Parameter:
        """Refuse a missing, half or superfluous range."""
        ends = (self.low is not None, self.high is not None)
        if ends[0] != ends[1]:
            there, gone = ("low", "high") if ends[0] else ("high", "low")
            raise fault(f"{there} is given but {gone} is not", "both ends of the range", at=(there,))
        if ends[0] and self.relative is not None:
            raise fault("both low/high and relative are given", "one way to give the range", at=("relative",))
        ranged = ends[0] or self.relative is not None
        if self.role == "uncertain" and not ranged:
            raise fault("role is uncertain but there is no range", "low and high, or relative", at=("role",))
        if self.role not in _DRAWN and (ranged or self.distribution is not None):
            at = next(name for name in ("low", "relative", "distribution") if getattr(self, name) is not None)
            fix = "delete it, or make the role uncertain"
            raise fault(
                f"{at} is given, but a constant with role {self.role} is never drawn", "no range", at=(at,), fix=fix
            )
        return self

    @model_validator(mode="after")
    def _range_runs_upwards(self) -> Parameter:
        """Refuse low > high, ends of different shape, and a lognormal that reaches zero."""
        if self.low is None or self.high is None:
            return self
        if shape(self.low) != shape(self.high) or -1 in shape(self.low):
            raise fault(
                "low and high have different numbers of items", "one item per subscript element in both", at=("low",)
            )
        for low, high in zip(flat(self.low), flat(self.high), strict=True):
            if low > high:
                fix = "swap them, or correct the one that is wrong"
                raise fault(f"low {low:g} is above high {high:g}", "low <= high", at=("low",), fix=fix)
        if self.distribution == "lognormal" and min(flat(self.low)) <= 0:
            raise fault(f"low is {min(flat(self.low)):g} for a lognormal", "a low above 0", at=("low",))
        return self

    @model_validator(mode="after")
    def _assumption_has_grade_c(self) -> Parameter:
        """Refuse an assumption with the grade of a source."""
        if self.basis == "assumption" and self.grade != "C":
            raise fault(f"grade {self.grade} with basis assumption", "grade C: an assumption is judged", at=("grade",))
        return self


class ParametersFile(RootModel[Frozen[Text, Parameter]]):
    """Evidence by model constant: the constant's own name, then role, range, basis, grade and source."""
