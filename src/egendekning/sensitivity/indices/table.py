"""The shape of what every method of index returns: a Dataset over (factor, [factor2], [time], stat).

``stat`` holds the estimate and the ends of its bootstrap interval; ends that a method does not give are NaN. The module
refuses to compute anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import LABEL_EN, LABEL_NB, TIME, UNIT
from egendekning.sensitivity.indices.reading import FACTOR, Outcome, Sweep

Floats = NDArray[np.float64]

FACTOR2: Final = "factor2"
STAT: Final = "stat"
STATS: Final = ("value", "low", "high")
KIND: Final = "kind"


def stacked(value: Floats, low: Floats | None = None, high: Floats | None = None) -> Floats:
    """Return an estimate and the ends of its interval along a last axis; NaN where there is no interval."""
    nothing = np.full_like(value, np.nan)
    return np.stack([value, nothing if low is None else low, nothing if high is None else high], axis=-1)


def interval(resamples: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the ends of the percentile interval over the first axis."""
    ends = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    low, high = np.quantile(resamples, ends, axis=0)
    return np.asarray(low), np.asarray(high)


def assembled(
    sweep: Sweep,
    outcome: Outcome,
    arrays: Mapping[str, Floats],
    players: Sequence[str],
    kinds: Sequence[str],
    attrs: Mapping[str, Any],
) -> xr.Dataset:
    """Label the arrays of a method.

    Parameters
    ----------
    sweep, outcome : Sweep, Outcome
        What the indices are of.
    arrays : mapping
        (factor, [factor2], time, stat) or (time) by name of the index; the time axis has one place where the outcome
        has no time. Times at which the runs do not differ become NaN.
    players, kinds : sequence of str
        Labels of the factor axis and their kinds.
    attrs : mapping
        Source, level of the intervals, and what was left out.

    Returns
    -------
    xarray.Dataset
        Dims (factor, [factor2], [time], stat).
    """
    made: dict[str, tuple[tuple[str, ...], Floats]] = {}
    for name, array in arrays.items():
        dims = {1: (TIME,), 3: (FACTOR, TIME, STAT), 4: (FACTOR, FACTOR2, TIME, STAT)}[array.ndim]
        axis = dims.index(TIME)
        full = array.copy()
        np.moveaxis(full, axis, 0)[outcome.flat] = np.nan
        if outcome.times is None:
            full, dims = np.asarray(full.take(0, axis=axis)), tuple(d for d in dims if d != TIME)
        made[name] = (dims, full)
    coords: dict[str, Any] = {FACTOR: list(players), KIND: (FACTOR, list(kinds)), STAT: list(STATS)}
    for lang in ("nb", "en"):
        said = sweep.labels.get(lang, {})
        coords[f"factor_{lang}"] = (FACTOR, [said.get(player) or player for player in players])
    if any(FACTOR2 in dims for dims, _ in made.values()):
        coords[FACTOR2] = list(players)
    if outcome.times is not None:
        coords[TIME] = outcome.times
    about = {
        "outcome": outcome.name, UNIT: outcome.unit, LABEL_NB: outcome.label_nb, LABEL_EN: outcome.label_en,
        "sweep": sweep.method, "runs": sweep.design.shape[0],
    }  # fmt: skip
    kept = ("version", "egendekning", "model_hash", "study_hash", "scenario", "seed")
    origin = {k: v for k, v in sweep.dataset.attrs.items() if k in kept and v is not None}
    return xr.Dataset(made, coords, {**origin, **about, **attrs})
