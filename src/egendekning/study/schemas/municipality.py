"""`model/municipality.yaml`: which municipality a study is about, and what it alone has said of itself.

Figures and reports take the name from here, the plan's own figure, the climate target, and what readers must know
about this municipality and no other. A study may lack the file; then reports say "the municipality". Nothing here
enters an equation of the model. The schema refuses a name that could be taken for a place in a text.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict, StringConstraints

from egendekning.study.schemas.base import Closed, Evidence, Real, Text

Name = Annotated[str, Strict(), StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^{}\n]+$")]
"""A name as it stands in a sentence, without braces."""

WholeYear = Annotated[int, Strict(), Field(ge=1900, le=2200)]
"""A calendar year."""


class PlanLevel(Evidence):
    """What the municipality's plan says that egendekning was, where it differs from the registers."""

    value: Real
    """percent"""
    year: WholeYear
    """of which year it speaks"""
    nb: Text
    """the plan's words, in bokmål"""
    en: Text
    """the plan's words, in English"""


class ClimateTarget(Evidence):
    """The municipality's target for direct emissions."""

    cut: Annotated[Real, Field(gt=0, le=1)]
    """share to be cut"""
    year: WholeYear
    """by the end of which year"""
    base_year: WholeYear
    """below which year; the model's `emission cut` is counted from the same"""


class Words(Closed):
    """A sentence in both languages."""

    nb: Text
    """in bokmål"""
    en: Text
    """in English"""


class Municipality(Closed):
    """The municipality that a study is about."""

    name: Name
    """its name, as in 'jobs in Drammen'"""
    plan_level: PlanLevel | None = None
    """what its plan says of egendekning"""
    climate_target: ClimateTarget | None = None
    """its target for direct emissions"""
    limits: Annotated[tuple[Words, ...], Field(strict=False)] = ()
    """what a reader must know about this municipality's results"""
