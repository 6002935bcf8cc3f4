"""How far an outcome swings when one factor goes from low to high and everything else varies: for a tornado.

Of a sample, the median outcome among the tenth of the runs with the lowest values of a factor, and among the tenth with
the highest; of a grid or a two-level design, among the runs at its lowest and at its highest level. Nothing is held at
a default, so a factor's swing holds what the others make of it. The medians of a sample have intervals by order
statistics, which ask nothing of the distribution (Conover 1999, Practical Nonparametric Statistics, ch. 3.2): with many
factors and few runs most of a tornado is scatter. The module refuses designs in which a tenth is no
sample: Morris' trajectories and FAST's curves.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import norm

from egendekning.sensitivity.indices.families import independent
from egendekning.sensitivity.indices.options import Options
from egendekning.sensitivity.indices.reading import Outcome, Sweep, sample
from egendekning.sensitivity.indices.table import assembled, stacked

Floats = NDArray[np.float64]

LEAST_RUNS = 100
TAIL = 0.1
"""Share of the runs at each end of a factor."""


def swings(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Return the median outcome at the low and at the high end of every factor, beside the median of all runs.

    Parameters
    ----------
    sweep : Sweep
        Of method lhs, draws, sobol, grid or ff.
    outcome : Outcome
        One of it.
    options : Options
        Level.

    Returns
    -------
    xarray.Dataset
        ``at_low``, ``at_high`` (factor, [time], stat), with intervals of a sample, and ``middle`` ([time]), in the unit
        of the outcome. ``attrs["tail"]`` is the share of the runs at an end, 0 where the ends are levels.
    """
    levels = sweep.method in ("grid", "ff")
    design, values, left_out = sample(sweep, outcome, 4 if levels else LEAST_RUNS)
    share, tail = (0.0, 0.0) if levels else (independent(sweep), TAIL)
    ends = (np.stack([_median(values[_end(x, tail, low=low)], share, options.level) for x in design.T])
            for low in (True, False))  # fmt: skip
    arrays = {"at_low": next(ends), "at_high": next(ends), "middle": np.median(values, axis=0)}
    attrs: dict[str, float | str] = {"method": "swings", "tail": tail, "runs_left_out": left_out}
    if share:
        attrs["level"] = options.level
    return assembled(sweep, outcome, arrays, sweep.factors, sweep.kinds, attrs)


def _median(values: Floats, share: float, level: float) -> Floats:
    """Return medians with the ends of their intervals, (time, stat); no ends where no `share` is independent."""
    middle = np.median(values, axis=0)
    if not share:
        return stacked(middle)
    half = min(0.5, 0.5 * float(norm.ppf(0.5 + level / 2.0)) / np.sqrt(share * len(values)))
    return stacked(middle, *np.quantile(values, [0.5 - half, 0.5 + half], axis=0))


def _end(column: Floats, tail: float, *, low: bool) -> NDArray[np.bool_]:
    """Return which runs lie at one end of a factor: in the tail, or at the very end where there is no tail."""
    limit = np.quantile(column, tail if low else 1.0 - tail)
    return np.asarray(column <= limit if low else column >= limit)
