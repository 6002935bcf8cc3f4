"""Scores held against cuts: the loops that weigh most in the score need not be those that move the outcome most.

A score explains a run from within; a cut is another run. They should agree on the direction (a reinforcing loop adds
to a push, a balancing one takes from it) and roughly on the order. Where they differ there is a reason to look for: the
push comes in through the very gate that the switch cuts, or the switch also cuts what the loop does to the outcome
outside the loop. The module refuses to hide a difference in an average.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from egendekning.sensitivity.loops.cuts import CUT, added
from egendekning.sensitivity.loops.phases import YEAR, competing, yearly_shares
from egendekning.sensitivity.loops.scores import LOOP

AROUND: Final = 2
"""Years on each side of the year that is looked at."""

_TIE: Final = 1e-9
"""Changes of the outcome closer than this have no order."""


@dataclass(frozen=True)
class Standing:
    """How one loop stands around one year.

    Attributes
    ----------
    year : int
        Middle of the window.
    loop : str
        Label.
    share : float
        Mean share of the named loops' scores, signed.
    effect : float
        What the loop added to the change of the outcome over the window: the change with it less that without, in the
        unit of the outcome.
    rank_share, rank_effect : int
        1 is the largest in absolute value among the loops that compete.
    """

    year: int
    loop: str
    share: float
    effect: float
    rank_share: int
    rank_effect: int


@dataclass(frozen=True)
class Direction:
    """Whether a loop does to a push what its score says.

    Attributes
    ----------
    loop, switch : str
        Label, and the switch that was cut.
    sign : int
        Of the score over the run: +1 reinforcing, -1 balancing, 0 where it has none.
    with_loop, without : float
        What the push does to the outcome that was read, with the loop and without, in its unit.
    """

    loop: str
    switch: str
    sign: int
    with_loop: float
    without: float

    @property
    def agrees(self) -> bool:
        """Whether the push goes further with a reinforcing loop, less far with a balancing one."""
        return self.sign != 0 and (abs(self.with_loop) > abs(self.without)) == (self.sign > 0)


def standings(
    scores: xr.Dataset, cuts: xr.Dataset, outcome: str, years: Sequence[int], of: str = "share"
) -> tuple[Standing, ...]:
    """Rank the loops by score and by cut around some years.

    Parameters
    ----------
    scores : xarray.Dataset
        From `loop_scores`.
    cuts : xarray.Dataset
        From `cut_runs`, with the outcome.
    outcome : str
        Model variable.
    years : sequence of int
        Years to look at.
    of : str
        ``share`` or ``relative``.
    """
    labels = [n for n in competing(scores) if n in cuts[CUT].values]
    table = yearly_shares(scores, of).sel({LOOP: labels})
    found = []
    for year in years:
        inside = table.sel({YEAR: slice(year - AROUND, year + AROUND)})
        if inside.sizes[YEAR] == 0 or not labels:
            continue
        shares = inside.mean(YEAR).values
        effect = added(cuts, outcome, float(year - AROUND), float(year + AROUND + 1))
        effects = np.array([effect[n] for n in labels])
        ranks = [_ranks(shares), _ranks(effects)]
        found += [
            Standing(year, n, float(shares[i]), float(effects[i]), int(ranks[0][i]), int(ranks[1][i]))
            for i, n in enumerate(labels)
        ]
    return tuple(found)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return the rank of each value, 1 for the largest in absolute value."""
    order = np.argsort(-np.abs(values), kind="stable")
    ranks = np.empty(len(values), dtype=int)
    ranks[order] = np.arange(1, len(values) + 1)
    return ranks


def rank_correlation(items: Sequence[Standing]) -> float:
    """Return Spearman's rank correlation between score and cut; not a number with fewer than three loops."""
    if len(items) < 3 or np.ptp([abs(i.effect) for i in items]) < _TIE:
        return float("nan")
    gaps = np.array([i.rank_share - i.rank_effect for i in items], dtype=float)
    n = len(items)
    return float(1.0 - 6.0 * (gaps**2).sum() / (n * (n**2 - 1)))


def directions(
    scores: xr.Dataset, switches: Mapping[str, Sequence[str]], pushes: Mapping[str, tuple[float, float]]
) -> tuple[Direction, ...]:
    """Hold the sign of each score against what the loop does to a push.

    Parameters
    ----------
    scores : xarray.Dataset
        From `loop_scores`.
    switches : mapping
        Switches by label of loop.
    pushes : mapping
        By switch: what the push does to the outcome with the loop, and without.
    """
    signs = {str(n): int(np.sign(np.sign(scores["score"].sel({LOOP: n}).values).sum())) for n in scores[LOOP].values}
    return tuple(
        Direction(label, switch, signs[label], *pushes[switch])
        for label, owned in switches.items()
        for switch in owned
        if label in signs and switch in pushes
    )
