"""Theil's inequality statistics: what part of the squared error is bias, wrong variation, and imperfect covariation.

With predictions s and figures a, their means, standard deviations (divisor n) and correlation r,

    MSE = (mean s - mean a)^2 + (sd s - sd a)^2 + 2 (1 - r) sd s sd a,

exactly; the shares of the three are Um, Us and Uc (Theil 1966; Sterman 1984, Dynamica 10). They sum to one. An error
that is mostly Uc is unsystematic; Um and Us say that the model is off in level or in trend and swing. The module
refuses fewer than two figures, with which Us and Uc mean nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST: Final = 2
"""Figures below which the shares mean nothing; with two they are defined, not informative."""


@dataclass(frozen=True)
class Theil:
    """Shares of the mean squared error.

    Attributes
    ----------
    bias, variation, covariation : float
        Um, Us and Uc; they sum to one. NaN where there is no error at all.
    r2 : float
        Squared correlation of predictions and figures; NaN where one of them does not vary.
    """

    bias: float
    variation: float
    covariation: float
    r2: float


def theil(predicted: Floats, figures: Floats) -> Theil | None:
    """Return the shares, or None for fewer than `LEAST` figures.

    Parameters
    ----------
    predicted, figures : ndarray
        (figure), in one unit.
    """
    if len(figures) < LEAST:
        return None
    shift = float(predicted.mean() - figures.mean())
    swings = float(predicted.std()), float(figures.std())
    together = float(((predicted - predicted.mean()) * (figures - figures.mean())).mean())
    parts = np.array([shift**2, (swings[0] - swings[1]) ** 2, 2.0 * (swings[0] * swings[1] - together)])
    whole = float(((predicted - figures) ** 2).mean())
    bias, variation, covariation = (parts / whole if whole > 0 else np.full(3, np.nan)).tolist()
    both = swings[0] * swings[1]
    return Theil(bias, variation, covariation, (together / both) ** 2 if both > 0 else float("nan"))
