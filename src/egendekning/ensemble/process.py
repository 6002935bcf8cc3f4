"""Which rows of a posterior an ensemble uses, and how their process noise goes on after the calibrated years.

A row carries an AR(1) process for each table of yearly knots: its knots to the end of calibration, its standard
deviation and its autocorrelation. From there on the path is drawn, so that the bands of a projection hold what no
mechanism explains. The module refuses to read files and to estimate anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.posterior import NOTHING, Process

Floats = NDArray[np.float64]

_SAME = 1e-6


def chosen_rows(rows: int, draws: int, seed: int) -> NDArray[np.intp]:
    """Return which rows make the draws, (draw): each at most once while there are enough, then again at random."""
    generator = _generator(seed, "rows of the posterior")
    order = generator.permutation(rows)[:draws]
    return np.concatenate([order, generator.integers(0, rows, draws - len(order))])


def noise_paths(process: Process, rows: NDArray[np.intp], points: Mapping[str, Floats], seed: int) -> dict[str, Floats]:
    """Return the process noise of every draw.

    Parameters
    ----------
    process : Process
        Process noise of the posterior.
    rows : ndarray
        (draw), the row of each draw.
    points : mapping
        (point), years of the knots of each table in the model.
    seed : int
        Where the random stream begins.

    Returns
    -------
    dict
        (draw, point) by table, in the unit of the table: the row's own knots, then
        ``knot(t+1) = autocorrelation knot(t) + sd e(t+1)`` with e standard normal and correlated with the table that a
        table follows.
    """
    found = {name: np.zeros((len(rows), len(points[name]))) for name in process.tables}
    last = process.years[-1] if len(process.years) else -np.inf
    innovations: dict[int, Floats] = {}
    for i, name in enumerate(process.tables):
        x, path = points[name], found[name]
        at = np.searchsorted(x, process.years - _SAME)
        path[:, at] = process.knots[rows, i]
        later = np.flatnonzero(x > last + _SAME)
        own = _generator(seed, f"process noise of {name}").standard_normal((len(later), len(rows)))
        other = process.follows[i]
        if other != NOTHING:
            share = process.correlation[rows, i]
            own = share * innovations[int(other)][: len(later)] + np.sqrt(1.0 - share**2) * own
        innovations[i] = own
        for n, k in enumerate(later):
            before = path[:, k - 1] if k else 0.0
            path[:, k] = process.autocorrelation[rows, i] * before + process.sd[rows, i] * own[n]
    return found


def _generator(seed: int, purpose: str) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(purpose.encode())]))
