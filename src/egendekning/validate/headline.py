"""How wide the answer is: the headline over the draws, what its variance comes from, and which inputs move it.

Inputs are grouped by what they rest on (`basis` in `parameters.yaml`), with process noise as a group of its own. The
module refuses to write words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, SCENARIO, TIME
from egendekning.ensemble import Bound, Design, run_scenarios
from egendekning.ensemble.inputs import NOISE, inputs_of
from egendekning.ensemble.measures import NOT_BEFORE, first_time
from egendekning.ensemble.ranking import Ranking, ranking
from egendekning.ensemble.run import Progress, quarter_middles
from egendekning.validate.plan import PlanFile
from egendekning.validate.predict import piece
from egendekning.validate.variance import Shares, rank_correlations, shares

Floats = NDArray[np.float64]

RANKED_DRAWS: Final = 300
"""Draws in which policies are ranked: a share is then known within six points."""


@dataclass(frozen=True)
class Input:
    """One uncertain number: its name, what it rests on, and its rank correlation with the headline."""

    name: str
    basis: str
    correlation: float


@dataclass(frozen=True)
class Width:
    """The headline over the draws of one scenario.

    Attributes
    ----------
    scenario, title : str
        Which.
    probability : float
        Share of draws that reach the goal by the end of the year.
    level : ndarray
        (draw), in the fourth quarter of the year, reference draw apart.
    reference : float
        The same in the reference draw.
    shares : Shares or None
        Where its variance comes from.
    """

    scenario: str
    title: str
    probability: float
    level: Floats
    reference: float
    shares: Shares | None


@dataclass(frozen=True)
class Answer:
    """Everything about the width of the answer.

    Attributes
    ----------
    widths : tuple of Width
        One for each scenario.
    inputs : tuple of Input
        By the size of their correlation in the first scenario; one knot for each table of process noise.
    ranking : Ranking
        Of policies, by their effect on the headline.
    recover : float
        Share of draws in which the headline ends above its last known level: growth or decline, the mode of behaviour.
    series : xarray.Dataset
        (draw, time) of the first scenario.
    """

    widths: tuple[Width, ...]
    inputs: tuple[Input, ...]
    ranking: Ranking
    recover: float
    series: xr.Dataset


def answer(
    bound: Bound,
    plan: PlanFile,
    drawn: Design,
    also: Sequence[str],
    last_known: float,
    progress: Progress | None = None,
) -> Answer:
    """Run the headline scenarios and the policies.

    Parameters
    ----------
    bound : Bound
        Study and model.
    plan : PlanFile
        The headline and the policies.
    drawn : Design
        Draws.
    also : sequence of str
        Other model variables to keep of the first scenario, for figures.
    last_known : float
        Date from which the mode of behaviour is judged.
    progress : callable, optional
        As in `run_scenarios`.
    """
    name = bound.name(plan.headline.variable)
    end = plan.headline.by + 0.875
    times = [t for t in quarter_middles(bound.model) or [] if t <= end]
    outputs = list(dict.fromkeys([name, *(bound.name(n) for n in also)]))
    ids = list(plan.headline.scenarios)
    runs = run_scenarios(bound, ids, drawn, outputs=outputs, times=times, progress=progress)
    blocks, labels = inputs_of(bound, drawn, end)
    widths = []
    for i, scenario in enumerate(ids):
        one = runs[name].isel({SCENARIO: [i]})
        level = one.isel({SCENARIO: 0}).sel({TIME: end}).values
        reached = first_time(one, plan.headline.threshold, NOT_BEFORE)[0, 1:] < plan.headline.by + 1.0
        title = bound.study.scenario(scenario).title_en
        parts = shares(blocks, level[1:])
        widths.append(Width(scenario, title, float(reached.mean()), level[1:], float(level[0]), parts))
    correlations = {basis: rank_correlations(block, widths[0].level) for basis, block in blocks.items()}
    found = [
        Input(label, basis, float(correlations[basis][i])) for basis in blocks for i, label in enumerate(labels[basis])
    ]
    first = runs.isel({SCENARIO: 0}, drop=True)
    before = first[name].sel({TIME: last_known}, method="nearest").values[1:]
    return Answer(
        tuple(widths),
        strongest(found),
        _ranked(bound, plan, drawn, name, end, progress),
        float((widths[0].level > before).mean()),
        first,
    )


def strongest(inputs: Sequence[Input]) -> tuple[Input, ...]:
    """Return inputs by the size of their correlation; of a table of process noise only the knot that matters most."""
    kept: dict[str, Input] = {}
    for item in sorted(inputs, key=lambda item: -abs(item.correlation)):
        kept.setdefault(item.name.rsplit(" ", 1)[0] if item.basis == NOISE else item.name, item)
    return tuple(kept.values())


def _ranked(bound: Bound, plan: PlanFile, drawn: Design, name: str, end: float, progress: Progress | None) -> Ranking:
    """Rank the policies by what they add to the headline, within each draw."""
    few = piece(drawn, 0, min(RANKED_DRAWS, drawn.draws) + 1)
    base = plan.headline.scenarios[0]
    runs = run_scenarios(bound, [base, *plan.policies], few, outputs=[name], times=[end], progress=progress)
    level = runs[name].isel({TIME: 0}).transpose(SCENARIO, DRAW).values[:, 1:]
    return ranking(plan.policies, level[1:] - level[0])
