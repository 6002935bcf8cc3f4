"""Indices that look at the whole distribution of an outcome, not at its variance alone: Borgonovo's delta and PAWN.

Delta is half the mean area between the outcome's density and its density with a factor held; PAWN is the mean distance
(Kolmogorov-Smirnov) between the two distribution functions, over slices of the factor. Both are positive even for a
factor that does nothing, the more so the fewer the runs; PAWN is therefore given beside factors that do nothing,
shuffled ones.

The estimators are SALib's. Delta's resampling is done here: SALib's draws from the global state, changes how warnings
are shown, and computes two variants that are not asked for.

Sources: Borgonovo (2007), Reliab. Eng. Syst. Saf. 92:771; Plischke, Borgonovo & Smith (2013), Eur. J. Oper. Res.
226:536 (estimator eq. 26, bias eq. 30); Pianosi & Wagener (2018), Environ. Model. Softw. 108:197 (PAWN from any sample,
and the dummy factor).
"""

from __future__ import annotations

import warnings

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.stats import norm

from egendekning.errors import Problem, UsageError
from egendekning.sensitivity.indices.families import families, idle, resampled
from egendekning.sensitivity.indices.options import Options
from egendekning.sensitivity.indices.reading import Outcome, Sweep, sample, standardised
from egendekning.sensitivity.indices.table import assembled, stacked

Floats = NDArray[np.float64]

LEAST_RUNS = 100
LEAST_VALUES = 20
"""Different values below which an outcome has no density."""

MOST_TIMES = 8
"""Times at which PAWN is computed."""

MOST_RESAMPLES = 10
"""Resamples of delta: a density a class, resample, factor and time takes its time."""

DELTA_TIMES = 4
"""Times at which delta is computed."""

DELTA_RUNS = 4000
"""Runs that delta takes of larger sweeps, evenly spread: its bias is below its scatter by then."""

SLICES = 10
IDLE = 20
"""Shuffled factors beside the real ones: one that does nothing exceeds the largest of them once in 21 times."""

_MOST_CLASSES = 48
_GRID = 100


def delta(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Return Borgonovo's delta, its bias taken out by the bootstrap.

    Parameters
    ----------
    sweep : Sweep
        Any sample of continuous factors: lhs, draws, sobol.
    outcome : Outcome
        One of it; over time at `DELTA_TIMES` times.
    options : Options
        Resamples (no more than `MOST_RESAMPLES`), level and seed.

    Returns
    -------
    xarray.Dataset
        ``delta`` (factor, [time], stat), 0 to 1.
    """
    outcome = outcome.thinned(DELTA_TIMES)
    design, values, left_out = sample(sweep, outcome, LEAST_RUNS)
    few = np.unique(np.linspace(0, len(values) - 1, min(len(values), DELTA_RUNS)).astype(int))
    design, values = design[few], values[few]
    _check_density(outcome, values)
    rng = np.random.default_rng(options.seed)
    resamples = min(options.resamples, MOST_RESAMPLES)
    picks = resampled(np.unique(families(sweep, outcome)[few], return_inverse=True)[1], resamples, rng)
    edges = _class_edges(len(values))
    found = np.full((design.shape[1], values.shape[1], 3), np.nan)
    far = float(norm.ppf(0.5 + options.level / 2.0))  # of ten resamples no percentile is known
    for k in np.flatnonzero(~outcome.flat):
        y = standardised(values[:, [k]])[:, 0]
        for i, x in enumerate(design.T):
            once = _delta(y, x, edges)
            corrected = np.array([2.0 * once - _delta(y[p], x[p], edges if len(p) == len(y) else _class_edges(len(p)))
                                  for p in picks])  # fmt: skip
            half = far * corrected.std(ddof=1)
            found[i, k] = corrected.mean() + np.array([0.0, -half, half])
    attrs = {"method": "delta", "resamples": resamples, "level": options.level, "runs_left_out": left_out,
             "runs_used": len(values)}  # fmt: skip
    return assembled(sweep, outcome, {"delta": found}, sweep.factors, sweep.kinds, attrs)


def pawn(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Return PAWN: the median over slices of a factor, with the least and the most, beside that of a shuffled factor.

    Parameters
    ----------
    sweep : Sweep
        Any sample of continuous factors: lhs, draws, sobol.
    outcome : Outcome
        One of it; over time at `MOST_TIMES` times.
    options : Options
        Seed of the shuffle.

    Returns
    -------
    xarray.Dataset
        ``PAWN``, ``PAWN_least``, ``PAWN_most`` (factor, [time], stat), 0 to 1; ``PAWN_dummy`` ([time]): the largest
        that `IDLE` factors that do nothing get with as many runs.
    """
    from SALib.analyze import pawn as analyzer

    outcome = outcome.thinned(MOST_TIMES)
    design, values, left_out = sample(sweep, outcome, LEAST_RUNS)
    wide = np.column_stack([design, idle(sweep, outcome, IDLE, np.random.default_rng(options.seed))])
    count = wide.shape[1]
    found = np.full((3, count, values.shape[1]), np.nan)
    for k in np.flatnonzero(~outcome.flat):
        problem = {"num_vars": count, "names": [f"x{i}" for i in range(count)], "bounds": [[0, 1]] * count}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # slices of equal values are empty
            result = analyzer.analyze(problem, wide, np.ascontiguousarray(values[:, k]), S=SLICES)
        found[:, :, k] = [result[name] for name in ("median", "minimum", "maximum")]
    names = ("PAWN", "PAWN_least", "PAWN_most")
    arrays = {name: stacked(found[i, :-IDLE]) for i, name in enumerate(names)}
    arrays["PAWN_dummy"] = found[0, -IDLE:].max(axis=0)
    attrs = {"method": "pawn", "slices": SLICES, "runs_left_out": left_out}
    return assembled(sweep, outcome, arrays, sweep.factors, sweep.kinds, attrs)


def _check_density(outcome: Outcome, values: Floats) -> None:
    """Raise UsageError where an outcome takes a few values only, as yes and no: it has no density."""
    distinct = [len(np.unique(column)) for column in values.T[~outcome.flat]]
    if min(distinct) < LEAST_VALUES:
        fix = "use pawn, rsa or regression, which need no density"
        found = f"has {min(distinct)} different values"
        expected = f"at least {LEAST_VALUES}: delta compares densities"
        raise UsageError(Problem(f"outcome {outcome.name!r}", found, expected, fix=fix))


def _class_edges(runs: int) -> Floats:
    """Return the edges of classes of equally many runs: how many, after Plischke et al. (2013), as SALib has it."""
    power = 2.0 / (7.0 + np.tanh((1500.0 - runs) / 500.0))
    classes = int(np.round(min(int(np.ceil(runs**power)), _MOST_CLASSES)))
    return np.linspace(0, runs, classes + 1)


def _delta(y: Floats, x: Floats, edges: Floats) -> float:
    from SALib.analyze.delta import calc_delta

    with warnings.catch_warnings():
        warnings.simplefilter(
            "error", UserWarning
        )  # a class of equal values has no density and would count for nothing
        try:
            return float(calc_delta(y, np.linspace(y.min(), y.max(), _GRID), x, edges))
        except UserWarning:
            return float("nan")
