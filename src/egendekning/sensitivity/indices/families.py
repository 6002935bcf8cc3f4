"""Runs that belong together: those of one base sample of a Sobol' design share all columns but one.

What takes any sample can take these runs too, but they are not as many independent runs as there are rows: intervals
and p-values resample, or count, whole base samples. Runs of every other design stand alone. The module refuses to
compute an index.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from egendekning.sensitivity.indices.reading import Outcome, Sweep

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

_BASES = 2
"""Independent points in a base sample: a row of either matrix."""


def size_of_family(sweep: Sweep) -> int:
    """Return how many runs belong together: those of a base sample, or one."""
    if sweep.method != "sobol":
        return 1
    return (2 if sweep.second_order else 1) * len(sweep.players) + _BASES


def families(sweep: Sweep, outcome: Outcome) -> Places:
    """Return the number of the family of each run that has numbers, (run), counted without gaps."""
    kept = np.flatnonzero(np.isfinite(outcome.values).all(axis=1))
    return np.asarray(np.unique(kept // size_of_family(sweep), return_inverse=True)[1])


def independent(sweep: Sweep) -> float:
    """Return independent points as a share of the runs."""
    return min(1.0, _BASES / size_of_family(sweep)) if size_of_family(sweep) > 1 else 1.0


def resampled(family: Places, count: int, rng: np.random.Generator) -> list[Places]:
    """Return resamples with replacement of whole families: the places of their runs.

    Parameters
    ----------
    family : ndarray
        (run), family of each run, in rising order.
    count : int
        Resamples.
    rng : Generator
        Where they come from.

    Returns
    -------
    list of ndarray
        Places of runs, one array a resample.
    """
    last = int(family[-1]) + 1
    chosen = rng.integers(last, size=(count, last))
    if last == len(family):
        return list(chosen)
    begins = np.searchsorted(family, np.arange(last + 1))
    inside = [np.arange(begins[f], begins[f + 1]) for f in range(last)]
    return [np.concatenate([inside[f] for f in row]) for row in chosen]


def idle(sweep: Sweep, outcome: Outcome, count: int, rng: np.random.Generator) -> Floats:
    """Return columns that do nothing, laid out as the design's own: (run with numbers, column).

    In a base sample of a Sobol' design such a column has two values, that of either matrix.
    """
    kept = np.flatnonzero(np.isfinite(outcome.values).all(axis=1))
    size = size_of_family(sweep)
    half = np.where(kept % size > len(sweep.players), 1, 0) if size > 1 else np.zeros(len(kept), dtype=int)
    place = np.unique(kept // size * _BASES + half, return_inverse=True)[1]
    return np.stack([rng.permutation(int(place.max()) + 1)[place] for _ in range(count)], axis=1).astype(float)
