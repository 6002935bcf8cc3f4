"""`scenarios/<id>.yaml`: a policy or a turn of events in plain language, clause by clause.

Each clause says what is meant in both languages and which levers or drivers that sets. The schema refuses a clause that
sets nothing, a value with its unit in one text, and a scenario that is about nothing unless it is the baseline.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from egendekning.study.faults import fault
from egendekning.study.schemas.base import Closed, Frozen, Identifier, Real, Text, Year

BASELINE = "baseline"
"""The id of the scenario that all others are compared with."""


_NUMBER_AND_UNIT = re.compile(r"\s*([-+]?\d+(?:\.\d*)?)(?:\s+(\S.*)|([%a-zA-Z].*(?<!\d)))?")


class Amount(Closed):
    """A value, with the unit its author had in mind if it was written."""

    value: Real
    """the value, in the unit of the lever or driver"""
    unit: Text | None = None
    """the unit, which must be the lever's or driver's own"""


def _amount(value: object) -> Amount:
    """Accept a number, or a mapping with value and unit."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Amount(value=value)
    if isinstance(value, dict) and set(value) == {"value", "unit"}:
        number, unit = value["value"], value["unit"]
        if isinstance(number, (int, float)) and not isinstance(number, bool) and isinstance(unit, str) and unit.strip():
            return Amount(value=number, unit=unit)
    fix = ""
    if isinstance(value, str) and (match := _NUMBER_AND_UNIT.fullmatch(value)):
        unit = (match[2] or match[3] or "").strip()
        fix = f"write {{value: {match[1]}, unit: {unit}}}" if unit else f"write {match[1]} without quotes"
    elif isinstance(value, str) and any(letter.isdigit() for letter in value):
        fix = "write plain digits and a decimal point, for example 4.5"
    raise fault(f"it is {value!r}", "a number, or {value: number, unit: text}", fix=fix)


_AMOUNT_SCHEMA = {
    "anyOf": [
        {"type": "number"},
        {
            "type": "object",
            "properties": {"value": {"type": "number"}, "unit": {"type": "string"}},
            "required": ["value", "unit"],
            "additionalProperties": False,
        },
    ]
}

AmountField = Annotated[Amount, PlainValidator(_amount), WithJsonSchema(_AMOUNT_SCHEMA)]


class Clause(Closed):
    """One sentence of a scenario and what it sets."""

    text_nb: Text
    """the clause in plain bokmål"""
    text_en: Text
    """the clause in plain English"""
    set: Annotated[Frozen[Identifier, AmountField], Field(min_length=1)]
    """lever or driver id: value, or {value: ..., unit: ...}"""
    start: Year | None = None
    """year in which it begins; the model's own start if not said"""
    ramp: Annotated[Real, Field(ge=0)] | None = None
    """years until the full value; the model's own ramp if not said"""


class Scenario(Closed):
    """A named set of clauses."""

    id: Identifier
    """the name of the file, without .yaml"""
    title_nb: Text
    """title in bokmål"""
    title_en: Text
    """title in English"""
    description_nb: Text
    """what it is about, in bokmål, in a sentence or two"""
    description_en: Text
    """what it is about, in English, in a sentence or two"""
    order: Annotated[int, Field(strict=True, ge=0)]
    """place in lists and figures, counted from the baseline's 0"""
    base: Annotated[tuple[Identifier, ...], Field(strict=False)] = ()
    """scenarios whose clauses come before this one's own"""
    clauses: Annotated[tuple[Clause, ...], Field(strict=False)]
    """the sentences; a later one overrides an earlier one"""

    @model_validator(mode="after")
    def _says_something(self) -> Scenario:
        """Refuse an empty scenario that is not the baseline."""
        if self.id != BASELINE and not self.clauses and not self.base:
            raise fault(
                "no clause and no base", "at least one of them, or the baseline twice is meant", at=("clauses",)
            )
        return self
