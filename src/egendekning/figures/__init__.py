"""Figures of a comparison: functions ``(results, ax) -> ax``, and the set that a report shows.

Every figure names its bands as what they are, shares of the draws, tells lines apart by more than colour, and speaks
bokmål or English. The package refuses to compute results: it draws what the Dataset and its summary hold.
"""

from __future__ import annotations

from egendekning.figures.accounts import changes
from egendekning.figures.context import Context, context_of
from egendekning.figures.curves import panel
from egendekning.figures.economy import kept, result, tax
from egendekning.figures.emissions import emissions
from egendekning.figures.fan import fan, small_fan
from egendekning.figures.pages import PAGES
from egendekning.figures.parts import stacks, waterfall
from egendekning.figures.ranking import chances, ranking
from egendekning.figures.save import pictures, save_figures
from egendekning.figures.words import Words

__all__ = [
    "PAGES",
    "Context",
    "Words",
    "chances",
    "changes",
    "context_of",
    "emissions",
    "fan",
    "kept",
    "panel",
    "pictures",
    "ranking",
    "result",
    "save_figures",
    "small_fan",
    "stacks",
    "tax",
    "waterfall",
]
