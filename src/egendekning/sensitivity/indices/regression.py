"""Indices of any sample by least squares and by parting the runs in two: SRC, PRCC, and regional sensitivity.

Standardised regression coefficients (SRC) say how much of its own spread the outcome moves when a factor moves by one
spread, if a plane describes it; ``R2`` says how far it does. Partial rank correlations (PRCC) ask the same of ranks,
so that bends do not matter as long as the outcome only rises or only falls. Factors that hang together exactly, as
shares that sum to one, split what they do between them (the solution of least norm). Regional sensitivity parts the
runs at a threshold of the outcome and asks how far apart a factor's distributions on the two sides lie
(Kolmogorov-Smirnov).

Sources: Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, ch. 1.2 and 5; Marino et al. (2008), J. Theor.
Biol. 254:178 (PRCC); Hornberger & Spear (1981), J. Environ. Manage. 12:7. SALib's `rsa` bins the outcome in many
and has no such test, so it is not used.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import kstwobign, rankdata

from egendekning.errors import Problem, UsageError
from egendekning.sensitivity.indices.families import families, independent, resampled
from egendekning.sensitivity.indices.options import Options
from egendekning.sensitivity.indices.reading import Outcome, Sweep, sample, standardised
from egendekning.sensitivity.indices.table import assembled, interval, stacked

Floats = NDArray[np.float64]

_LEAST_A_SIDE = 20
"""Runs on each side of a threshold below which two distributions cannot be compared."""

_DEPENDENT = 1e-4
"""Directions in which the factors vary less than this, beside the one of most variance, are taken as no freedom."""


def regression(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Return SRC and PRCC with bootstrap intervals, and how much of the variance the planes explain.

    Parameters
    ----------
    sweep : Sweep
        Any sample: lhs, draws, sobol, grid.
    outcome : Outcome
        One of it.
    options : Options
        Number of resamples, level and seed.

    Returns
    -------
    xarray.Dataset
        ``SRC``, ``PRCC`` (factor, [time], stat), from -1 to 1 for factors that do not depend on each other; ``R2`` and
        ``R2_ranks`` ([time]), shares, adjusted for the number of factors.
    """
    design, values, left_out = sample(sweep, outcome, 2 * (len(sweep.factors) + 1))
    rng = np.random.default_rng(options.seed)
    picks = resampled(families(sweep, outcome), options.resamples, rng)
    ranked = _ranks(design), _ranks(values)
    plain = standardised(design), standardised(values)
    src, r2 = _plane(*plain)[::2]
    src_again = np.stack([_plane(plain[0][p], plain[1][p])[0] for p in picks])
    _, prcc, r2_ranks = _plane(*ranked)
    prcc_again = np.stack([_plane(ranked[0][p], ranked[1][p])[1] for p in picks])
    arrays = {
        "SRC": stacked(src, *interval(src_again, options.level)),
        "PRCC": stacked(prcc, *interval(prcc_again, options.level)),
        "R2": _adjusted(r2, design, sweep),
        "R2_ranks": _adjusted(r2_ranks, design, sweep),
    }
    attrs = {"method": "regression", "resamples": options.resamples, "level": options.level, "runs_left_out": left_out}
    return assembled(sweep, outcome, arrays, sweep.factors, sweep.kinds, attrs)


def regional(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Return how far apart a factor's distributions lie above and below a threshold of the outcome.

    Parameters
    ----------
    sweep, outcome
        As in `regression`.
    options : Options
        Threshold, in the unit of the outcome; its median at each time if none is given.

    Returns
    -------
    xarray.Dataset
        ``KS`` (factor, [time], stat), 0 to 1; ``p`` (factor, [time], stat), the probability of a distance as large
        where the factor does not matter (asymptotic; of a Sobol' design for as many points as are independent);
        ``share_above`` ([time]). NaN where one side is nearly empty.
    """
    design, values, left_out = sample(sweep, outcome, 2 * _LEAST_A_SIDE)
    limit = np.median(values, axis=0) if options.threshold is None else np.full(values.shape[1], options.threshold)
    above = values >= limit if options.threshold is not None else _above(values, limit)
    many = np.minimum(above.sum(axis=0), (~above).sum(axis=0))
    if not (many >= _LEAST_A_SIDE).any():
        said = "the median" if options.threshold is None else f"{options.threshold:g}"
        found = f"no more than {int(many.max())} runs on one side of {said}"
        fix = "choose a threshold nearer the middle of the outcome, or more runs"
        expected = f"at least {_LEAST_A_SIDE} runs on each side"
        raise UsageError(Problem(f"outcome {outcome.name!r}", found, expected, fix=fix))
    distance = np.stack([_distance(column, above) for column in design.T])
    distance[:, many < _LEAST_A_SIDE] = np.nan
    high, low = above.sum(axis=0), (~above).sum(axis=0)
    size = np.sqrt(independent(sweep) * high * low / np.maximum(high + low, 1))
    arrays = {
        "KS": stacked(distance),
        "p": stacked(np.asarray(kstwobign.sf(distance * size))),
        "share_above": above.mean(axis=0),
    }
    attrs = {"method": "rsa", "runs_left_out": left_out,
             "threshold": "median" if options.threshold is None else options.threshold}  # fmt: skip
    return assembled(sweep, outcome, arrays, sweep.factors, sweep.kinds, attrs)


def _above(values: Floats, median: Floats) -> NDArray[np.bool_]:
    """Return which runs lie above the median; at it where it is the largest value, as of something mostly reached."""
    return np.asarray(np.where(values.max(axis=0) > median, values > median, values >= median))


def _plane(design: Floats, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return coefficients and partial correlations (factor, time), and R2 (time), of a plane through the runs.

    The partial correlation follows from the coefficient b, the inverse C of the factors' correlations and the share r
    that the plane leaves: ``b / sqrt(b^2 + r C_ii)``.
    """
    x, y = standardised(design), standardised(values)
    count = len(x)
    inverse = np.linalg.pinv(x.T @ x / count, rcond=_DEPENDENT, hermitian=True)
    with_outcome = x.T @ y / count
    slopes = inverse @ with_outcome
    r2 = np.clip((slopes * with_outcome).sum(axis=0), 0.0, 1.0)
    size = np.sqrt(slopes**2 + (1.0 - r2) * np.diag(inverse)[:, None])
    partial = np.divide(slopes, size, out=np.zeros_like(slopes), where=size > 0.0)
    return slopes, partial, r2


def _adjusted(r2: Floats, design: Floats, sweep: Sweep) -> Floats:
    """Return how much a plane explains beyond what as many factors that do nothing would: 0 where it is no more."""
    runs, count = independent(sweep) * len(design), design.shape[1]
    return np.asarray(np.clip(1.0 - (1.0 - r2) * (runs - 1.0) / max(runs - count - 1.0, 1.0), 0.0, 1.0))


def _ranks(values: Floats) -> Floats:
    return standardised(np.apply_along_axis(rankdata, 0, values).astype(float))


def _distance(column: Floats, above: NDArray[np.bool_]) -> Floats:
    """Return the largest distance between a factor's two distribution functions, (time); ties are steps of both."""
    order = np.argsort(column, kind="stable")
    last = np.append(np.diff(column[order]) > 0.0, True)
    side = above[order]
    high = np.cumsum(side, axis=0)[last] / np.maximum(side.sum(axis=0), 1)
    low = np.cumsum(~side, axis=0)[last] / np.maximum((~side).sum(axis=0), 1)
    return np.asarray(np.abs(high - low).max(axis=0))
