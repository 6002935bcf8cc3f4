"""Takes the growth accounting of a comparison and lays out the changes that figures and report show.

One row is the baseline's change from the first year to the horizon; a scenario's row is its difference to the baseline
in the horizon year. The accounting itself is done by `egendekning.ensemble`; here it is averaged over the draws, which
keeps the sum exact where medians would not.
"""

from __future__ import annotations

import math

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, SCENARIO, TIME
from egendekning.figures.parts import CHANGE, PART
from egendekning.figures.reading import BASELINE, Comparison, scenarios


def start_of(comparison: Comparison) -> int:
    """Return the year whose fourth quarter the changes begin in: the first of the results."""
    return math.floor(float(comparison.dataset[TIME].values[0]))


def changes(comparison: Comparison) -> xr.DataArray:
    """Return the parts of every change, averaged over draws 1 and up.

    Parameters
    ----------
    comparison : Comparison
        Results; ``decomposition`` and ``from_baseline`` (scenario, draw, part), shares.

    Returns
    -------
    xr.DataArray
        (change, part), share: 0.01 is one percentage point. The baseline's row is its change over time, a scenario's
        its difference to the baseline in the horizon year.
    """
    names = scenarios(comparison)
    over_time = _mean(comparison.decomposition)
    apart = _mean(comparison.from_baseline)
    table = [(over_time if name == BASELINE else apart).sel({SCENARIO: name}).values for name in names]
    return xr.DataArray(np.array(table), dims=(CHANGE, PART), coords={CHANGE: names, PART: over_time[PART].values})


def _mean(parts: xr.DataArray) -> xr.DataArray:
    """Average over the sampled draws: dims (scenario, part)."""
    return parts.isel({DRAW: slice(1, None)}).mean(DRAW)
