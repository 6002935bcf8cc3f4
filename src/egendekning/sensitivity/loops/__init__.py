"""Loops that matter: which named feedback loops weigh most in a run, when, and whether cutting them says the same.

The scores are those of Schoenberg, Davidsen & Eberlein (2020), made here along the chain of each named loop. Simlin
makes the same scores for every loop it finds, and the two agree to rounding on small models (tests). It cannot answer
for the model of Drammen: one cycle partition of 136 stocks is too large for a list of all loops, and of the 200 loops
it samples instead most are paths through single ages, whose scores have no bound (docs/loops.md: what was measured).

Two forms of each score are given. ``score`` and ``relative`` are as published. A loop through stocks that are nearly in
balance has a published score that grows with the number of such stocks (10^9 for loops of the shipped model), so that
the longest loop seems to rule. ``netted`` and ``share`` hold what comes by the loop against all that reaches a stock
from outside, the stock's own minor loops apart; phases are told from these. The package refuses to enumerate loops and
draws nothing.
"""

from __future__ import annotations

from egendekning.sensitivity.loops.agreement import Direction, Standing, directions, rank_correlation, standings
from egendekning.sensitivity.loops.cuts import CUT, added, cut_runs, scenario_values
from egendekning.sensitivity.loops.named import NamedLoop, check_loops
from egendekning.sensitivity.loops.phases import YEAR, Phase, competing, phases, yearly_shares
from egendekning.sensitivity.loops.scores import LOOP, loop_scores, relative
from egendekning.sensitivity.loops.why import Why, why

__all__ = [
    "CUT",
    "LOOP",
    "YEAR",
    "Direction",
    "NamedLoop",
    "Phase",
    "Standing",
    "Why",
    "added",
    "check_loops",
    "competing",
    "cut_runs",
    "directions",
    "loop_scores",
    "phases",
    "rank_correlation",
    "relative",
    "scenario_values",
    "standings",
    "why",
    "yearly_shares",
]
