"""From evenly spread numbers to draws of a parameter: the inverse of each distribution that a study may name.

Each function takes shares between 0 and 1 and gives values in the unit of the parameter. The module refuses to produce
random numbers, and to know any parameter by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtri

Floats = NDArray[np.float64]

TAIL: Final = 0.05
"""Share below the low end, and above the high end, of a normal or lognormal range (`parameters.yaml`)."""

PERT_WEIGHT: Final = 4.0
"""Weight of the mode in the mean of a PERT distribution: (low + 4 mode + high) / 6 (Malcolm et al. 1959)."""


def triangular(share: Floats, low: float, mode: float, high: float) -> Floats:
    """Return quantiles of the triangular distribution on [low, high] with its peak at `mode`."""
    width = high - low
    turn = (mode - low) / width
    rising = low + np.sqrt(share * width * (mode - low))
    falling = high - np.sqrt((1.0 - share) * width * (high - mode))
    return np.where(share < turn, rising, falling)


def uniform(share: Floats, low: float, mode: float, high: float) -> Floats:
    """Return quantiles of the uniform distribution on [low, high]; the mode plays no part."""
    return low + share * (high - low)


def pert(share: Floats, low: float, mode: float, high: float) -> Floats:
    """Return quantiles of the PERT distribution: a beta distribution on [low, high] with its peak at `mode`."""
    width = high - low
    a = 1.0 + PERT_WEIGHT * (mode - low) / width
    b = 1.0 + PERT_WEIGHT * (high - mode) / width
    return low + width * np.asarray(betaincinv(a, b, share), dtype=float)


def normal(share: Floats, low: float, mode: float, high: float) -> Floats:
    """Return quantiles of the normal distribution whose 5th and 95th percentile are `low` and `high`."""
    sigma = (high - low) / (2.0 * float(ndtri(1.0 - TAIL)))
    return (low + high) / 2.0 + sigma * np.asarray(ndtri(share), dtype=float)


def lognormal(share: Floats, low: float, mode: float, high: float) -> Floats:
    """Return quantiles of the lognormal distribution whose 5th and 95th percentile are `low` and `high`, both > 0."""
    return np.exp(normal(share, float(np.log(low)), mode, float(np.log(high))))


LAWS: Final[Mapping[str, Callable[[Floats, float, float, float], Floats]]] = {
    "triangular": triangular,
    "uniform": uniform,
    "pert": pert,
    "normal": normal,
    "lognormal": lognormal,
}
"""Quantile functions by the name that `parameters.yaml` uses."""


def quantiles(law: str, share: Floats, low: float, mode: float, high: float) -> Floats:
    """Return the quantiles of a distribution.

    Parameters
    ----------
    law : str
        A key of `LAWS`.
    share : ndarray
        (draw), between 0 and 1, both excluded for normal and lognormal.
    low, mode, high : float
        The range and the most likely value; a mode outside the range counts as its nearest end.

    Returns
    -------
    ndarray
        (draw), in the unit of the range; `low` throughout where the range has no width.
    """
    if high <= low:
        return np.full(share.shape, low)
    return LAWS[law](share, low, min(max(mode, low), high), high)
