"""What the uncertainty of an outcome comes from: shares of its variance over the draws, and rank correlations.

The share of a group of inputs is the part of the variance that a least-squares plane through them explains, adjusted
for the number of inputs: ``R2 = 1 - (1 - R2') (n - 1)/(n - p - 1)`` (Theil 1961). `alone` uses the group by itself (its
first-order share); `last` is what is lost when the group is taken out of the plane through all. For independent draws
the two agree; where draws depend on each other (a posterior) they bracket the answer. What no plane explains is
`curved`: interactions and bends. The module refuses to guess with fewer than two draws an input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """Share of variance of one group of inputs; `inputs` counts the independent numbers in it."""

    group: str
    inputs: int
    alone: float
    last: float


@dataclass(frozen=True)
class Shares:
    """The groups, and the share that no plane explains."""

    groups: tuple[Share, ...]
    curved: float
    variance: float


def shares(inputs: Mapping[str, Floats], outcome: Floats) -> Shares | None:
    """Take a variance apart.

    Parameters
    ----------
    inputs : mapping
        (draw, input) by group.
    outcome : ndarray
        (draw).

    Returns
    -------
    Shares or None
        None where there are too few draws for so many inputs, or the outcome does not vary.
    """
    bases = {name: _standard(block) for name, block in inputs.items()}
    together = np.concatenate(list(bases.values()), axis=1) if bases else np.empty((len(outcome), 0))
    if len(outcome) < 2 * together.shape[1] or outcome.var() == 0:
        return None
    whole, _ = explained(together, outcome)
    found = []
    for name, block in bases.items():
        others = [b for other, b in bases.items() if other != name]
        rest = np.concatenate(others, axis=1) if others else np.empty((len(outcome), 0))
        alone, rank = explained(block, outcome)
        found.append(Share(name, rank, alone, whole - explained(rest, outcome)[0]))
    return Shares(tuple(found), 1.0 - whole, float(outcome.var(ddof=1)))


def explained(block: Floats, outcome: Floats) -> tuple[float, int]:
    """Return the adjusted share of variance that a plane explains, and the rank of its inputs."""
    count = len(outcome)
    centred = outcome - outcome.mean()
    if block.shape[1] == 0:
        return 0.0, 0
    coefficients, _, rank, _ = np.linalg.lstsq(block, centred, rcond=1e-9)
    left = centred - block @ coefficients
    raw = 1.0 - float(left @ left) / float(centred @ centred)
    return 1.0 - (1.0 - raw) * (count - 1) / (count - int(rank) - 1), int(rank)


def _standard(block: Floats) -> Floats:
    """Return the inputs that vary, centred, with unit spread."""
    spread = block.std(axis=0)
    kept = block[:, spread > 1e-12 * np.maximum(np.abs(block.mean(axis=0)), 1e-12)]
    return np.asarray((kept - kept.mean(axis=0)) / kept.std(axis=0))


def rank_correlations(block: Floats, outcome: Floats) -> Floats:
    """Return Spearman's correlation of each input with the outcome, (input); 0 for an input that does not vary."""
    ranks = np.apply_along_axis(rankdata, 0, block)
    ranks = ranks - ranks.mean(axis=0)
    target = rankdata(outcome) - (len(outcome) + 1) / 2.0
    size = np.sqrt((ranks**2).sum(axis=0) * (target**2).sum())
    return np.asarray(np.divide(ranks.T @ target, size, out=np.zeros(block.shape[1]), where=size > 0))
