"""How far a ranking of policies holds over the draws.

Policies are ranked within each draw, so that what is uncertain is the same for all of them. The module refuses to say
what is better: the higher number is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ranking:
    """How far a ranking of policies holds over the draws.

    Attributes
    ----------
    order : tuple of str
        By median effect, the best first.
    medians : tuple of float
        Median effect of each, in the unit of the outcome.
    first : tuple of float
        Share of draws in which each is the best.
    holds : tuple of float
        Share of draws in which each is better than the one after it.
    same_top : float
        Share of draws whose best three are the best three by median; 1 with three policies or fewer.
    agreement : float
        Mean of Kendall's tau between a draw's ranking and that by median.
    """

    order: tuple[str, ...]
    medians: tuple[float, ...]
    first: tuple[float, ...]
    holds: tuple[float, ...]
    same_top: float
    agreement: float


def ranking(names: Sequence[str], effects: Floats) -> Ranking:
    """Rank policies within each draw.

    Parameters
    ----------
    names : sequence of str
        Policies.
    effects : ndarray
        (policy, draw), the higher the better.
    """
    medians = np.median(effects, axis=1)
    order = np.argsort(-medians, kind="stable")
    sorted_effects = effects[order]
    best = sorted_effects.argmax(axis=0)
    top = np.argsort(-sorted_effects, axis=0, kind="stable")[:3]
    taus = [float(kendalltau(medians[order], column).statistic) for column in sorted_effects.T]
    return Ranking(
        tuple(names[i] for i in order),
        tuple(float(m) for m in medians[order]),
        tuple(float((best == i).mean()) for i in range(len(order))),
        tuple(float((sorted_effects[i] > sorted_effects[i + 1]).mean()) for i in range(len(order) - 1)),
        float((np.sort(top, axis=0) == np.arange(len(top))[:, None]).all(axis=0).mean()),
        float(np.mean(taus)),
    )
