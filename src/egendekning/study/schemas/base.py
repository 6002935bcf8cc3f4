"""What every schema of a study shares: closed, frozen, strict, and words for the types that planners write.

Strict means that ``"3"`` is not a number and ``yes`` is not text for true; closed means that an unknown key is an
error. The module refuses to hold the schema of any one file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from egendekning.study.faults import fault
from egendekning.study.frozen import FrozenDict

K = TypeVar("K")
V = TypeVar("V")

Text = Annotated[str, Strict(), StringConstraints(strip_whitespace=True, min_length=1)]
"""Text that says something."""

Real = Annotated[float, Strict(), Field(allow_inf_nan=False)]
"""A finite number; true and false are not numbers."""

Year = Annotated[float, Strict(), Field(allow_inf_nan=False, ge=1900, le=2200)]
"""A point in time as a decimal year: 2020 is 1 January 2020, 2020.25 is 1 April."""

Identifier = Annotated[str, Strict(), StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""A name for machines: small letters a-z, digits and underscores."""

Grade = Literal["A", "B", "C"]
"""A: read verbatim in the source named. B: derived from sources. C: judged or remembered, unverified."""

Basis = Literal["source", "derived", "assumption"]
"""Whether a number was read somewhere, calculated from what was, or assumed."""

Frozen = Annotated[Mapping[K, V], AfterValidator(FrozenDict)]
"""A mapping that cannot be changed after it is validated."""

Numbers = float | tuple[Any, ...]
"""A number, or a tuple (of tuples) of numbers in the order of the subscript elements."""


def _numbers(value: object) -> Numbers:
    """Accept a number or a list, possibly nested, of numbers."""
    if isinstance(value, (list, tuple)) and value:
        return tuple(_numbers(item) for item in value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    shown = "left empty" if value is None else "an empty list" if value == [] else repr(value)
    raise fault(f"it is {shown}", "a number, or a list of numbers in the order of the subscript elements")


_NUMBERS_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "array", "items": {}, "minItems": 1}]}

NumberOrList = Annotated[Numbers, PlainValidator(_numbers), WithJsonSchema(_NUMBERS_SCHEMA)]
"""A number, or a list of numbers for a subscripted variable."""


class Closed(BaseModel):
    """A frozen model that knows all of its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Evidence(Closed):
    """How well something is known."""

    grade: Grade
    """A (read verbatim), B (derived) or C (judged)"""
    source: Text
    """who says so, where and when"""


def flat(numbers: Numbers) -> list[float]:
    """Return all numbers of a nested tuple in order."""
    if isinstance(numbers, tuple):
        return [value for item in numbers for value in flat(item)]
    return [numbers]


def shape(numbers: Numbers) -> tuple[int, ...]:
    """Return the lengths of a nested tuple from the outside in; () for a number, (-1,) where it is ragged."""
    if not isinstance(numbers, tuple):
        return ()
    inner = {shape(item) for item in numbers}
    return (len(numbers), *inner.pop()) if len(inner) == 1 else (-1,)
