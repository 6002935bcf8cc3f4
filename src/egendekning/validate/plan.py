"""`calibration/validation.yaml`: what the validation report looks at in this study.

The headline and its scenarios, the policies that are ranked, the series that must be met, what is left out and
predicted, and what theory says of each loop. The module refuses unknown keys and names that the study does not have.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from egendekning.ensemble import Bound
from egendekning.errors import Problem, StudyError
from egendekning.names import find, nearest, split
from egendekning.study import faults, yamltree
from egendekning.study.faults import fault
from egendekning.study.schemas.base import Closed, Frozen, Identifier, Real, Text, Year

FILE: Final = "validation.yaml"


class Headline(Closed):
    """The number that the plan is about."""

    variable: Text
    """model variable"""
    threshold: Real
    """the goal"""
    by: Annotated[int, Field(ge=1900, le=2200)]
    """the year"""
    scenarios: Annotated[tuple[Identifier, ...], Field(strict=False, min_length=1)]
    """the first is the one that variance is taken apart for"""


class Reference(Closed):
    """Series whose level a run must meet."""

    within: Annotated[Real, Field(gt=0)]
    """largest mean absolute percentage error"""
    series: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    """as in `series.yaml`"""


class LeaveOut(Closed):
    """Prediction of figures that are kept from the fit."""

    origins: Annotated[tuple[Year, ...], Field(strict=False, min_length=1)]
    """last dates that are used, each a test of its own"""
    series: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    """what is predicted"""
    fit: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    """series whose early figures are used: none a sum of others"""
    headline: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    """series on which the model must be better than the simple rules"""


class KnockOut(Closed):
    """What cutting a loop must do."""

    switch: Text
    """constant that cuts the loop at 0"""
    push: Frozen[Text, Real] = Field(default_factory=dict, validate_default=True)
    """constants that are set"""
    start: Frozen[Text, Real] = Field(default_factory=dict, validate_default=True)
    """what is added to stocks at the start"""
    read: Text
    """model variable, or variable[element]"""
    year: Year
    """when"""
    with_loop: Literal["more", "less"]
    """whether the push moves it further up with the loop than without"""
    theory: Text
    """why"""

    @model_validator(mode="after")
    def _pushed(self) -> KnockOut:
        """Refuse a loop that nothing pushes."""
        if not self.push and not self.start:
            raise fault("neither 'push' nor 'start'", "something that sets the loop going", at=("switch",))
        return self


class PlanFile(Closed):
    """What the validation report looks at."""

    headline: Headline
    """the number that the plan is about"""
    policies: Annotated[tuple[Identifier, ...], Field(strict=False, min_length=2)]
    """scenarios that are ranked against each other"""
    reference: Reference
    """series whose level must be met"""
    leave_out: LeaveOut
    """what is predicted without having been seen"""
    knock_outs: Annotated[tuple[KnockOut, ...], Field(strict=False, min_length=1)]
    """one for each loop switch"""
    remarks: Frozen[Text, Text] = Field(default_factory=dict, validate_default=True)
    """what a reader of this study should know about a test, by its number"""


def read_plan(bound: Bound) -> PlanFile:
    """Read `validation.yaml` of a study.

    Raises
    ------
    StudyError
        With everything that is wrong.
    """
    path = bound.study.calibration.get(FILE)
    if path is None:
        raise StudyError(Problem(bound.study.root, f"the study has no calibration/{FILE}", "what the report looks at"))
    document, problems = yamltree.read(path)
    plan: PlanFile | None = None
    if not problems:
        plan, problems = faults.read(document, PlanFile)
    if plan is not None:
        problems = _strangers(bound, plan, document)
    if problems or plan is None:
        raise StudyError(problems)
    return plan


def _strangers(bound: Bound, plan: PlanFile, document: yamltree.Document) -> list[Problem]:
    """Return a problem for each scenario or model name that the study does not have."""
    found = []
    scenarios = list(bound.study.scenarios)
    for place, names in ((("headline", "scenarios"), plan.headline.scenarios), (("policies",), plan.policies)):
        found += [
            Problem(
                document.where(*place), f"no scenario {name!r}", "a scenario of the study", nearest(name, scenarios)
            )
            for name in names
            if name not in scenarios
        ]
    asked = [(("headline", "variable"), plan.headline.variable)]
    for i, item in enumerate(plan.knock_outs):
        asked += [(("knock_outs", str(i)), name) for name in (item.switch, *item.push, *item.start, item.read)]
    known = list(bound.model.variables)
    found += [
        Problem(document.where(*place), f"no variable {split(name)[0]!r}", "a variable of the model",
                nearest(split(name)[0], known))
        for place, name in asked
        if find(split(name)[0], bound.model.variables) is None
    ]  # fmt: skip
    return found
