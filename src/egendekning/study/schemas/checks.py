"""`model/checks.yaml`: what must be true of the model, said as sentences, with what is given and what is expected.

A check runs the model with some names replaced, scaled or restarted and states what the run must show, in the
language of `egendekning.study.expressions`. The schema refuses an expectation that could not fail or is two at once,
and equality without a tolerance.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, Strict, WithJsonSchema, model_validator

from egendekning.study import expressions
from egendekning.study.faults import fault
from egendekning.study.schemas.base import Closed, Frozen, Identifier, NumberOrList, Real, Text, Year

Kind = Literal["extreme", "conservation", "identity", "equilibrium", "loop", "behaviour", "reference"]
"""Which test of a model the check belongs to.

extreme: a condition pushed to its limit. conservation: nothing appears or vanishes. identity: sums agree at every step.
equilibrium: with growth off, nothing drifts. loop: a feedback loop is cut. behaviour: a policy works as theory says.
reference: the run meets an observation.
"""

Positive = Annotated[Real, Field(ge=0)]


def _expectation(value: object) -> expressions.Expectation:
    """Read the text of an expectation."""
    if not isinstance(value, str) or not value.strip():
        raise fault(f"it is {value!r}", "a comparison in quotes, for example 'population >= 0'")
    try:
        return expressions.parse(value)
    except expressions.ExpressionError as error:
        raise fault(error.found, error.expected, close=error.nearest) from None


Comparison = Annotated[
    expressions.Expectation, PlainValidator(_expectation), WithJsonSchema({"type": "string", "minLength": 3})
]


class Compare(Closed):
    """A variable of this run against the same variable of another."""

    variable: Text
    """the model variable; one element as name[element]"""
    to: Identifier
    """'baseline' (the model with nothing given) or the id of a scenario"""
    direction: Literal["lower", "higher", "equal"]
    """what this run's value is, seen from the other"""
    by: Year | None = None
    """the year at which the two are compared; the last one if not said"""
    at_least: Positive | None = None
    """by how much it is lower or higher, in the variable's unit"""
    tolerance: Positive | None = None
    """largest relative difference that counts as equal"""

    @model_validator(mode="after")
    def _equal_has_tolerance(self) -> Compare:
        """Refuse 'equal' without a tolerance, and a tolerance or a distance where it means nothing."""
        if (self.direction == "equal") != (self.tolerance is not None):
            raise fault(
                f"direction {self.direction}, tolerance {self.tolerance}", "a tolerance with 'equal' and only there"
            )
        if self.direction == "equal" and self.at_least is not None:
            raise fault("at_least beside direction equal", "at_least with lower or higher", at=("at_least",))
        return self


class Expect(Closed):
    """One thing that the run must show; exactly one of always, end, that and compare."""

    always: Comparison | None = None
    """true at every saved time"""
    end: Comparison | None = None
    """true at the last saved time"""
    that: Comparison | None = None
    """true at the year `at`, or at every saved time from the year `since` on"""
    at: Year | None = None
    """the year at which `that` is true"""
    since: Year | None = None
    """the year from which `that` is true"""
    compare: Compare | None = None
    """this run against another"""
    tolerance: Positive | None = None
    """how far a comparison may be missed, relative to the larger side; needed with =="""

    @property
    def comparison(self) -> expressions.Expectation | None:
        """The comparison to evaluate, unless this is a `compare`."""
        return self.always or self.end or self.that

    @model_validator(mode="after")
    def _one_form(self) -> Expect:
        """Refuse none or several forms, and a year without `that`."""
        given = [name for name in ("always", "end", "that", "compare") if getattr(self, name) is not None]
        if len(given) != 1:
            found = f"{' and '.join(given)} together" if given else "nothing to expect"
            raise fault(found, "exactly one of always, end, that and compare", fix="give each its own item in the list")
        years = [name for name in ("at", "since") if getattr(self, name) is not None]
        if (given == ["that"]) != (len(years) == 1):
            found = f"{given[0]} with {' and '.join(years) or 'no year'}"
            raise fault(found, "'that' with one of at and since, the other forms with neither")
        return self

    @model_validator(mode="after")
    def _equality_has_tolerance(self) -> Expect:
        """Refuse == without a tolerance, and a tolerance for compare, which has its own."""
        if self.compare is not None and self.tolerance is not None:
            raise fault("tolerance beside compare", "tolerance inside compare", at=("tolerance",))
        if self.comparison and "==" in self.comparison.operators and self.tolerance is None:
            fix = "add a line 'tolerance: 1e-9' (a share of the larger side)"
            raise fault(f"== without a tolerance in {self.comparison.text!r}", "a tolerance", fix=fix)
        return self


class Check(Closed):
    """A sentence about the model that a run can break."""

    id: Identifier
    """a short name"""
    statement_nb: Text
    """the sentence in bokmål"""
    statement_en: Text
    """the sentence in English"""
    kind: Kind
    """which test of a model it belongs to"""
    scenario: Identifier = "baseline"
    """the scenario that the run starts from"""
    given: Frozen[Text, NumberOrList] = Field(default_factory=dict, validate_default=True)
    """model name (or name[element]): the value it is held at, whatever its equation says"""
    scale: Frozen[Text, Real] = Field(default_factory=dict, validate_default=True)
    """model constant or lookup: the factor that its values are multiplied by"""
    initial: Frozen[Text, NumberOrList] = Field(default_factory=dict, validate_default=True)
    """stock: the value it starts from"""
    levers: Frozen[Identifier, Real] = Field(default_factory=dict, validate_default=True)
    """lever or driver id: value, after the scenario's own"""
    until: Year | None = None
    """last year of the run; the model's own if not said"""
    step: Annotated[float, Strict(), Field(gt=0)] | None = None
    """time step in years; the model's own if not said"""
    expect: Annotated[tuple[Expect, ...], Field(strict=False, min_length=1)]
    """what the run must show"""


class ChecksFile(Closed):
    """Statements about the model: `checks:`, a list."""

    checks: Annotated[tuple[Check, ...], Field(strict=False, min_length=1)]
    """the statements, in the order they are reported"""
