"""`model/labels.yaml`: the words that a planner sees instead of a model name.

The schema refuses a label in one language only.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, RootModel, Strict

from egendekning.study.schemas.base import Closed, Frozen, Text


class Label(Closed):
    """The label of one model variable."""

    nb: Text
    """label in bokmål"""
    en: Text
    """label in English"""
    unit_nb: Text | None = None
    """unit as a planner writes it, in bokmål"""
    unit_en: Text | None = None
    """unit as a planner writes it, in English"""
    decimals: Annotated[int, Strict(), Field(ge=0, le=6)] | None = None
    """decimals to show in tables"""


class LabelsFile(RootModel[Frozen[Text, Label]]):
    """Labels by model variable: the variable's own name, then nb and en."""
