"""Indices from designs made for them: Sobol's cross matrices, Morris' trajectories, FAST's curves, two levels.

The estimators are SALib's. Where SALib's own `analyze` would loop over times, draw its resamples from the global state
or ignore a seed of zero, its estimators are called directly, for all times at once, and resampled here: a bootstrap
over base samples, as weights, so that each resample is a product of matrices.

Sources: Saltelli et al. (2010), Comput. Phys. Commun. 181:259 (S1, ST); Saltelli (2002), Comput. Phys. Commun. 145:280
(S2); Morris (1991), Technometrics 33:161 and Campolongo et al. (2007), Environ. Model. Softw. 22:1509 (mu*); Saltelli
et al. (1999), Technometrics 41:39 (FAST); Box, Hunter & Hunter (2005), ch. 5-6 (effects of two-level designs). The
intervals of FAST that SALib offers are left out: SALib itself calls them unreliable.
"""

from __future__ import annotations

import copy
import math
import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.errors import Problem, UsageError
from egendekning.sensitivity.indices.options import Options
from egendekning.sensitivity.indices.reading import Outcome, Sweep, complete, standardised
from egendekning.sensitivity.indices.table import assembled, interval, stacked

Floats = NDArray[np.float64]

LEAST_BASE: Final = 16
"""Base samples below which a bootstrap says nothing."""

LEAST_TRAJECTORIES: Final = 4
FAST_HARMONICS: Final = 4
"""Harmonics summed, as in SALib's sampler: its M."""


@dataclass(frozen=True)
class _Cross:
    """Outcomes of a Saltelli design, standardised: (base, time), and (player, base, time) for the crossed ones."""

    a: Floats
    b: Floats
    ab: Floats
    ba: Floats | None


def sobol(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Return S1, ST and, where the design holds it, S2, with bootstrap intervals.

    Parameters
    ----------
    sweep : Sweep
        Of method sobol.
    outcome : Outcome
        One of it.
    options : Options
        Number of resamples, level and seed.

    Returns
    -------
    xarray.Dataset
        ``S1``, ``ST`` (factor, [time], stat), ``S2`` (factor, factor2, [time], stat), shares of the variance.
    """
    from SALib.analyze.sobol import first_order, second_order, total_order

    cross = _crossed(sweep, outcome)
    weights = _weights(len(cross.a), options)
    variance = _variance(cross, weights)
    count = len(sweep.players)
    s1, st = [], []
    s1_again = np.empty((count, *variance.shape))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a constant outcome is said in `flat`
        for i, ab in enumerate(cross.ab):
            s1_again[i] = weights @ (cross.b * (ab - cross.a)) / variance
            s1.append(stacked(first_order(cross.a, ab, cross.b), *interval(s1_again[i], options.level)))
            again = weights @ (0.5 * (cross.a - ab) ** 2) / variance
            st.append(stacked(total_order(cross.a, ab, cross.b), *interval(again, options.level)))
        found = {"S1": np.stack(s1), "ST": np.stack(st)}
        if cross.ba is not None:
            s2 = np.full((count, count, cross.a.shape[1], 3), np.nan)
            product = cross.a * cross.b
            for i in range(count):
                for j in range(i + 1, count):
                    closed = weights @ (cross.ba[i] * cross.ab[j] - product) / variance
                    ends = interval(closed - s1_again[i] - s1_again[j], options.level)
                    value = second_order(cross.a, cross.ab[i], cross.ab[j], cross.ba[i], cross.b)
                    s2[i, j] = s2[j, i] = stacked(value, *ends)
            found["S2"] = s2
    attrs = {"method": "sobol", "base_samples": len(cross.a), "resamples": options.resamples, "level": options.level}
    return assembled(sweep, outcome, found, sweep.players, sweep.player_kinds, attrs)


def morris(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Return Morris' mu, mu* (with interval) and sigma: effects over the whole range of a factor.

    Parameters
    ----------
    sweep : Sweep
        Of method morris.
    outcome, options
        As in `sobol`.

    Returns
    -------
    xarray.Dataset
        ``mu_star``, ``mu``, ``sigma`` (factor, [time], stat), in the unit of the outcome.
    """
    from SALib.analyze import morris as analyzer

    complete(sweep, outcome)
    count = len(sweep.players)
    runs = len(outcome.values)
    if runs % (count + 1) or runs // (count + 1) < LEAST_TRAJECTORIES:
        raise _too_few(sweep, runs, f"{LEAST_TRAJECTORIES} or more whole trajectories of {count + 1} runs")
    mu_star, mu, sigma = (np.full((count, outcome.values.shape[1], 3), np.nan) for _ in range(3))
    for k, column in enumerate(outcome.values.T):
        found = analyzer.analyze(
            _problem(sweep), sweep.design, np.ascontiguousarray(column), num_resamples=options.resamples,
            conf_level=options.level, num_levels=sweep.levels, seed=options.seed + 1,
        )  # fmt: skip
        half = _filled(found["mu_star_conf"])
        middle = _filled(found["mu_star"])
        mu_star[:, k] = stacked(middle, np.maximum(middle - half, 0.0), middle + half)
        mu[:, k, 0], sigma[:, k, 0] = _filled(found["mu"]), _filled(found["sigma"])
    attrs = {"method": "morris", "trajectories": runs // (count + 1), "resamples": options.resamples,
             "level": options.level}  # fmt: skip
    arrays = {"mu_star": mu_star, "mu": mu, "sigma": sigma}
    return assembled(sweep, outcome, arrays, sweep.players, sweep.player_kinds, attrs)


def fast(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Return S1 and ST by the extended Fourier amplitude sensitivity test; it gives no interval.

    Parameters
    ----------
    sweep : Sweep
        Of method fast.
    outcome, options
        As in `sobol`; no option is used.

    Returns
    -------
    xarray.Dataset
        ``S1``, ``ST`` (factor, [time], stat), shares of the variance.
    """
    from SALib.analyze.fast import compute_orders

    complete(sweep, outcome)
    count, runs = len(sweep.factors), len(outcome.values)
    each = runs // count
    if runs % count or each <= 4 * FAST_HARMONICS**2:
        raise _too_few(sweep, runs, f"more than {4 * FAST_HARMONICS**2} runs a factor, as many for each")
    omega = math.floor((each - 1) / (2 * FAST_HARMONICS))
    orders = np.full((count, outcome.values.shape[1], 2), np.nan)
    values = standardised(outcome.values)
    for k in np.flatnonzero(~outcome.flat):
        for i in range(count):
            orders[i, k] = compute_orders(values[i * each : (i + 1) * each, k], each, FAST_HARMONICS, omega)
    arrays = {"S1": stacked(orders[..., 0]), "ST": stacked(orders[..., 1])}
    return assembled(sweep, outcome, arrays, sweep.factors, sweep.kinds, {"method": "fast", "runs_a_factor": each})


def factorial(sweep: Sweep, outcome: Outcome, options: Options) -> xr.Dataset:
    """Return main and pair effects of a two-level design: the mean at the high level less the mean at the low.

    A pair effect is shared by all pairs with the same product of columns (they are aliased); it says that there is an
    interaction, not surely which. SALib's ``ME`` is half of the main effect here.

    Parameters
    ----------
    sweep : Sweep
        Of method ff.
    outcome, options
        As in `sobol`; no option is used.

    Returns
    -------
    xarray.Dataset
        ``effect`` (factor, [time], stat), ``pair_effect`` (factor, factor2, [time], stat), in the unit of the outcome.
    """
    from SALib.sample.ff import generate_contrast

    complete(sweep, outcome)
    count, runs = len(sweep.factors), len(outcome.values)
    contrast = generate_contrast({"num_vars": count}).astype(float)
    if len(contrast) != runs:
        raise _too_few(sweep, runs, f"{len(contrast)} runs, the two-level design of {count} factors")
    half = runs / 2.0
    columns = contrast[:, :count]
    effect = columns.T @ outcome.values / half
    pairs = np.full((count, count, outcome.values.shape[1]), np.nan)
    for i in range(count):
        for j in range(i + 1, count):
            pairs[i, j] = pairs[j, i] = (columns[:, i] * columns[:, j]) @ outcome.values / half
    arrays = {"effect": stacked(effect), "pair_effect": stacked(pairs)}
    return assembled(sweep, outcome, arrays, sweep.factors, sweep.kinds, {"method": "ff"})


def _crossed(sweep: Sweep, outcome: Outcome) -> _Cross:
    """Take the runs of a Saltelli design apart; SALib lays them out block by block."""
    complete(sweep, outcome)
    count, runs = len(sweep.players), len(outcome.values)
    step = (2 * count if sweep.second_order else count) + 2
    if runs % step or runs // step < LEAST_BASE:
        raise _too_few(sweep, runs, f"{LEAST_BASE} or more base samples of {step} runs each")
    blocks = standardised(outcome.values).reshape(runs // step, step, -1)
    ab = np.moveaxis(blocks[:, 1 : count + 1], 1, 0)
    ba = np.moveaxis(blocks[:, count + 1 : -1], 1, 0) if sweep.second_order else None
    return _Cross(blocks[:, 0], blocks[:, -1], ab, ba)


def _weights(base: int, options: Options) -> Floats:
    """Return how often each base sample is in each resample, over the number of them: (resample, base)."""
    rng = np.random.default_rng(options.seed)
    picked = rng.integers(base, size=(options.resamples, base))
    return np.stack([np.bincount(row, minlength=base) for row in picked]) / base


def _variance(cross: _Cross, weights: Floats) -> Floats:
    """Return the variance of the two base matrices in each resample: (resample, time); 1 where there is none."""
    mean = weights @ (cross.a + cross.b) / 2.0
    variance = weights @ (cross.a**2 + cross.b**2) / 2.0 - mean**2
    return np.where(variance > 0.0, variance, 1.0)


def _problem(sweep: Sweep) -> dict[str, Any]:
    """Return SALib's description of the factors; a copy, because its analyzers write in it."""
    made = copy.deepcopy(dict(sweep.problem))
    made["names"] = list(sweep.factors)
    made["num_vars"] = len(sweep.factors)
    if not made.get("groups"):
        made.pop("groups", None)
    return made


def _filled(array: Any) -> Floats:
    """Return an array of SALib, NaN where it is masked: sigma has no meaning for a group."""
    return np.asarray(np.ma.filled(np.ma.asarray(array, dtype=float), np.nan))


def _too_few(sweep: Sweep, runs: int, expected: str) -> UsageError:
    fix = f"sweep again: egendekning sweep --method {sweep.method} with a larger --n"
    return UsageError(Problem("sweep", f"{runs} runs of a {sweep.method} design", expected, fix=fix))
