"""Does the method find what is known? Data are simulated from known parameters and calibrated as if they were real.

Truth comes from the prior, figures from the model and their stated errors; the share of intervals that hold the truth
must be their level. Many data sets ask for a cheap posterior: the normal approximation at the mode, held against the
sampler on a few. The module refuses to tune anything on the outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from egendekning.calibrate.identifiability import TOUCHED
from egendekning.calibrate.laplace import Laplace, Linear, active_coordinates, laplace, linearised, restricted
from egendekning.calibrate.nuts import Settings, sample
from egendekning.calibrate.run import (
    TRIALS,
    check_active,
    check_finite,
    fingerprint,
    generator,
    slopes,
    whitened,
)
from egendekning.calibrate.target import Target

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

LEVEL: Final = 0.9
"""Probability of the intervals."""

CHECK_DRAWS: Final = 500
CHECK_WARMUP: Final = 150


@dataclass(frozen=True)
class Replicate:
    """One simulated data set: coordinate, truth, mode and standard deviation, (active) each."""

    truth: Floats
    mode: Floats
    sd: Floats
    converged: bool


@dataclass(frozen=True)
class Agreement:
    """The sampler against the normal approximation on one data set, over coordinates that the data move.

    Attributes
    ----------
    shift : float
        Largest difference of means, in posterior standard deviations.
    ratio_low, ratio_high : float
        Smallest and largest ratio of standard deviations, sampler to approximation.
    coverage : float
        Share of the sampler's 90 % intervals that hold the truth.
    """

    shift: float
    ratio_low: float
    ratio_high: float
    coverage: float


@dataclass(frozen=True)
class Synthetic:
    """The test.

    Attributes
    ----------
    labels : tuple of str
        Active coordinates.
    replicates : tuple of Replicate
        Data sets.
    agreements : tuple of Agreement
        Of the first few data sets.
    """

    labels: tuple[str, ...]
    replicates: tuple[Replicate, ...]
    agreements: tuple[Agreement, ...]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Whether each interval holds the truth, (replicate, active)."""
        width = norm.ppf(0.5 + LEVEL / 2.0)
        return np.stack([np.abs(r.truth - r.mode) <= width * r.sd for r in self.replicates])

    @property
    def moved(self) -> NDArray[np.bool_]:
        """Which coordinates the data move on average, (active)."""
        return np.asarray(np.mean([r.sd for r in self.replicates], axis=0) < 1.0 - TOUCHED)

    def coverage(self) -> tuple[float, float]:
        """Return the share of intervals that hold the truth, over coordinates that the data move, and its error.

        The standard error is that of the mean over data sets, within which intervals are not independent.
        """
        shares = self.inside[:, self.moved].mean(axis=1)
        return float(shares.mean()), float(shares.std(ddof=1) / np.sqrt(len(shares))) if len(shares) > 1 else 0.0


def synthetic(
    target: Target,
    replicates: int,
    seed: int,
    folder: Path | None = None,
    checks: int = 0,
    progress: Progress | None = None,
) -> Synthetic:
    """Simulate and re-estimate.

    Parameters
    ----------
    target : Target
        Gives model, prior, figures that exist, and their errors; their values are not used.
    replicates : int
        Data sets.
    seed : int
        Of truths, errors and chains.
    folder : Path, optional
        Work folder of the sampler, for `checks`.
    checks : int
        Data sets on which the sampler is run too.
    progress : callable, optional
        Called with data sets done and in all.
    """
    full = linearised(target)
    check_finite(target, full)
    active = active_coordinates(full, target.data.values,
                                generator(seed, "active").standard_normal((TRIALS, target.prior.size)))  # fmt: skip
    linear = restricted(full, active)
    check_active(active)
    source = generator(seed, "synthetic")
    found, agreements = [], []
    for i in range(replicates):
        truth = source.standard_normal(target.prior.size) * active
        misfit = full(truth, np.zeros_like(target.data.values))[0]
        values = target.data.errors * (misfit + source.standard_normal(len(misfit)))
        fit = laplace(linear, values, np.zeros(int(active.sum())))
        found.append(Replicate(truth[active], fit.mode, np.sqrt(np.diag(fit.covariance)), fit.converged))
        if folder is not None and i < checks:
            agreements.append(
                _agreement(
                    target.with_values(values), linear, active, fit, truth[active], seed + i, folder / f"check-{i}"
                )
            )
        if progress is not None:
            progress(i + 1, replicates)
    labels = tuple(np.array(target.prior.labels)[active].tolist())
    return Synthetic(labels, tuple(found), tuple(agreements))


def _agreement(
    target: Target, linear: Linear, active: NDArray[np.bool_], fit: Laplace, truth: Floats, seed: int, folder: Path
) -> Agreement:
    """Run the sampler on a data set and compare."""
    factor = np.asarray(np.linalg.cholesky(fit.covariance), dtype=np.float64)
    settings = Settings(2, CHECK_WARMUP, CHECK_DRAWS, seed, fingerprint(target))
    starts = generator(seed, "starts").standard_normal((2, len(truth)))
    first = slopes(linear, target.data.values, fit.mode, factor)
    chains = sample(whitened(target, active, fit.mode, factor), first, starts, settings, folder, resume=True)
    z = (fit.mode + chains.w @ factor.T).reshape(-1, len(truth))
    sd = np.sqrt(np.diag(fit.covariance))
    moved = sd < 1.0 - TOUCHED
    if not moved.any():
        moved = np.ones_like(moved)
    ratio = (z.std(axis=0, ddof=1) / sd)[moved]
    low, high = np.quantile(z, [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0], axis=0)
    inside = ((truth >= low) & (truth <= high))[moved]
    shift = float(np.max(np.abs(z.mean(axis=0) - fit.mode)[moved] / sd[moved]))
    return Agreement(shift, float(ratio.min()), float(ratio.max()), float(inside.mean()))
