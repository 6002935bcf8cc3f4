"""What anybody could have said without a model: the last figure, the straight line, and the official projection.

Each rule sees only figures up to a cut-off date. The module refuses to look at the figures that are to be predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

LEAST: Final = 3
"""Figures that a line is drawn through; with fewer there is none."""

Figures = Sequence[tuple[float, float]]
"""Time and value, in any order."""


def last_value(history: Figures, cut_off: float) -> float | None:
    """Return the last figure up to the cut-off; None where there is none."""
    known = [pair for pair in sorted(history) if pair[0] <= cut_off]
    return known[-1][1] if known else None


def linear_trend(history: Figures, cut_off: float, since: float, at: float) -> float | None:
    """Return the least-squares line through the figures from `since` up to the cut-off, at a time.

    Parameters
    ----------
    history : sequence of (float, float)
        Time and value.
    cut_off, since, at : float
        Model years.

    Returns
    -------
    float or None
        None with fewer than `LEAST` figures.
    """
    known = [pair for pair in history if since <= pair[0] <= cut_off]
    if len(known) < LEAST:
        return None
    times, values = (np.array(column) for column in zip(*known, strict=True))
    slope = np.cov(times, values, bias=True)[0, 1] / times.var()
    return float(values.mean() + slope * (at - times.mean()))


def projection(points: Figures, at: float) -> float | None:
    """Return a projection between its published points, on straight lines; None outside them."""
    times, values = (np.array(column) for column in zip(*sorted(points), strict=True))
    return float(np.interp(at, times, values)) if times[0] <= at <= times[-1] else None
