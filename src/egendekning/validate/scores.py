"""How good a forecast was: error, coverage of intervals, CRPS, and skill against a simple rule.

Every function takes draws of a predictive distribution, (draw, figure), and the figures, (figure), in one unit. The
module refuses to know where either comes from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def crps(draws: Floats, figures: Floats) -> Floats:
    """Return the continuous ranked probability score of a sample, in the unit of the figures; the lower the better.

    With m draws x it is ``mean |x - y| - sum_ij |x_i - x_j| / (2 m (m - 1))``, the fair form, whose expectation does
    not depend on the number of draws (Ferro 2014, QJRMS 140; Gneiting and Raftery 2007, JASA 102). For a single draw it
    is the absolute error.

    Parameters
    ----------
    draws : ndarray
        (draw, figure).
    figures : ndarray
        (figure).

    Returns
    -------
    ndarray
        (figure).
    """
    count = len(draws)
    distance = np.abs(draws - figures).mean(axis=0)
    if count < 2:
        return np.asarray(distance)
    # sum over pairs of |x_i - x_j| of a sorted sample: each x_(k) counts k - (m - 1 - k) = 2k - m + 1 times
    weights = 2.0 * np.arange(count) - count + 1.0
    pairs = (weights[:, None] * np.sort(draws, axis=0)).sum(axis=0)
    return np.asarray(distance - pairs / (count * (count - 1.0)))


def interval(draws: Floats, share: float) -> tuple[Floats, Floats]:
    """Return the ends, (figure), of the central interval that holds a share of the draws."""
    low, high = np.quantile(draws, [(1.0 - share) / 2.0, (1.0 + share) / 2.0], axis=0)
    return np.asarray(low), np.asarray(high)


def inside(draws: Floats, figures: Floats, share: float) -> NDArray[np.bool_]:
    """Return whether each figure, (figure), lies in the central interval, its ends included."""
    low, high = interval(draws, share)
    return np.asarray((low <= figures) & (figures <= high))


def mape(predicted: Floats, figures: Floats) -> float:
    """Return the mean absolute error in percent of the figures; NaN where a figure is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.abs(predicted - figures) / np.abs(figures)
    return float(100.0 * shares.mean()) if np.all(figures != 0) else float("nan")


def rmspe(predicted: Floats, figures: Floats) -> float:
    """Return the root of the mean squared error in percent of the figures; NaN where a figure is zero."""
    if not np.all(figures != 0):
        return float("nan")
    return float(100.0 * np.sqrt((((predicted - figures) / figures) ** 2).mean()))


def skill(score: float, reference: float) -> float:
    """Return 1 - score/reference: 1 is perfect, 0 as good as the reference, below 0 worse; NaN for a perfect one."""
    return 1.0 - score / reference if reference > 0 else float("nan")
