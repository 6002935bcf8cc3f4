"""Phases of a run: from when to when one named loop outweighs the others while the outcome goes one way.

A year belongs to the loop with the largest mean share of its steps, and to a rise or a fall of the outcome; years in a
row with the same loop and direction make a phase. A phase shorter than the shortest allowed goes to the neighbour whose
loop is the stronger in its years; the loop of a phase is the one with the largest mean share over all of it. The module
refuses to put a phase into words.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import TIME
from egendekning.sensitivity.loops.scores import LOOP

Floats = NDArray[np.float64]

SHORTEST: Final = 2
"""Years that a phase lasts at least."""

YEAR: Final = "year"
"""Axis over calendar years."""


@dataclass(frozen=True)
class Phase:
    """A stretch of years in which one loop outweighs the others and the outcome goes one way.

    Attributes
    ----------
    start, end : int
        First and last calendar year.
    loop : str
        Label of the loop.
    kind : str
        ``reinforcing`` or ``balancing``.
    share : float
        Mean share of the named loops' scores, 0 to 1.
    second : str
        Label of the loop with the next largest mean share; empty where it has none.
    second_share : float
        Its mean share.
    begins, ends : float
        The outcome at the start of the first year and the end of the last, in its unit.
    """

    start: int
    end: int
    loop: str
    kind: str
    share: float
    second: str
    second_share: float
    begins: float
    ends: float


def yearly_shares(scores: xr.Dataset, of: str = "share") -> xr.DataArray:
    """Return the mean over the steps of each calendar year, (loop, year), signed.

    Parameters
    ----------
    scores : xarray.Dataset
        From `loop_scores`, time in years.
    of : str
        ``share`` or ``relative``.
    """
    years = np.floor(scores[TIME].values[1:] - 1e-9).astype(int)
    values = scores[of].values[:, 1:]
    names = np.unique(years)
    means = np.stack([values[:, years == y].mean(axis=1) for y in names], axis=1)
    coords = {LOOP: scores[LOOP].values, YEAR: names, "kind": (LOOP, scores["kind"].values)}
    return xr.DataArray(means, coords, (LOOP, YEAR), name=of)


def competing(scores: xr.Dataset) -> list[str]:
    """Return the labels of loops that share a cycle partition with another; alone, a loop has nobody to outweigh."""
    numbers = scores["partition"].values
    return [str(n) for n, p in zip(scores[LOOP].values, numbers, strict=True) if (numbers == p).sum() > 1]


def phases(scores: xr.Dataset, outcome: str, of: str = "share", shortest: int = SHORTEST) -> tuple[Phase, ...]:
    """Cut a run into phases.

    Parameters
    ----------
    scores : xarray.Dataset
        From `loop_scores`, with the outcome among the watched variables, (time).
    outcome : str
        Its name.
    of : str
        ``share`` or ``relative``.
    shortest : int
        Years that a phase lasts at least, where the run is that long.

    Returns
    -------
    tuple of Phase
        In order; together they cover the run. Empty where no loop competes with another or none ever moves.
    """
    table = yearly_shares(scores, of).sel({LOOP: competing(scores)})
    if table.sizes[LOOP] == 0 or not np.abs(table.values).any():
        return ()
    years, weights = table[YEAR].values, np.abs(table.values)
    edges = np.append(years, years[-1] + 1).astype(float)
    levels = np.interp(edges, scores[TIME].values, scores[outcome].values)
    codes = _merged(2 * weights.argmax(axis=0) + (np.diff(levels) > 0.0), weights, shortest)
    return tuple(
        _phase(table, years[a:b], int(codes[a]) // 2, weights[:, a:b].mean(axis=1), levels[[a, b]])
        for a, b in _stretches(codes)
    )


def _phase(table: xr.DataArray, years: NDArray[np.int_], winner: int, means: Floats, levels: Floats) -> Phase:
    """Return one phase."""
    order = [int(i) for i in np.argsort(-means, kind="stable") if int(i) != winner]
    runner = order[0] if order and means[order[0]] > 0.0 else None
    return Phase(
        int(years[0]), int(years[-1]), str(table[LOOP].values[winner]), str(table["kind"].values[winner]),
        float(means[winner]), "" if runner is None else str(table[LOOP].values[runner]),
        0.0 if runner is None else float(means[runner]), float(levels[0]), float(levels[1]),
    )  # fmt: skip


def _stretches(codes: NDArray[np.intp]) -> list[tuple[int, int]]:
    """Return where equal codes in a row begin and end."""
    edges = [0, *(int(i) + 1 for i in np.flatnonzero(np.diff(codes))), len(codes)]
    return list(pairwise(edges))


def _merged(codes: NDArray[np.intp], weights: Floats, shortest: int) -> NDArray[np.intp]:
    """Give stretches that are too short to a neighbour, the shortest first, and each then to its largest loop."""
    codes = codes.copy()
    while True:
        stretches = _stretches(codes)
        a, b = min(stretches, key=lambda ends: ends[1] - ends[0])
        if len(stretches) == 1 or b - a >= shortest:
            break
        near = ([codes[a - 1]] if a > 0 else []) + ([codes[b]] if b < len(codes) else [])
        codes[a:b] = max(near, key=lambda code: weights[code // 2, a:b].mean())
    while True:  # each round joins stretches or changes nothing
        before = codes.copy()
        for a, b in _stretches(codes):
            codes[a:b] = 2 * weights[:, a:b].mean(axis=1).argmax() + codes[a] % 2
        if np.array_equal(before, codes):
            return codes
