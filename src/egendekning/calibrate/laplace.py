"""The normal approximation of the posterior at its mode: where the sampler starts, and a cheap posterior.

The target is a least-squares problem, so Gauss-Newton steps find the mode and the same slopes give the curvature there:
covariance (J'J + I)^-1 of standard normal coordinates. The module refuses to sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from egendekning.calibrate.target import Target
from egendekning.engine.runtime import jax_module

Floats = NDArray[np.float64]

Linear = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""Coordinates and figures (figure) -> misfit (figure) and its slopes (figure, coordinate)."""

ITERATIONS: Final = 40
"""Largest number of Gauss-Newton steps; five to ten are usual."""

HALVINGS: Final = 8
"""Largest number of times that a step that does not lower the potential is halved."""

SAME_AS_NOTHING: Final = 1e-12
"""Slope of a standardised figure, per standard deviation of the prior, below which it is rounding."""

CLOSE: Final = 1e-3
"""The search ends when a step would lower the potential, a log density, by less. Below some 2e-4 the kinks of a model
(its MIN and MAX) make single steps cross back and forth."""


@dataclass(frozen=True)
class Laplace:
    """A normal approximation.

    Attributes
    ----------
    mode : ndarray
        (coordinate), those of the highest posterior density.
    covariance : ndarray
        (coordinate, coordinate).
    potential : float
        Half the sum of squares at the mode.
    misfit : ndarray
        (figure), standardised, at the mode.
    converged : bool
        Whether the search ended because nothing was left to gain.
    """

    mode: Floats
    covariance: Floats
    potential: float
    misfit: Floats
    converged: bool


def linearised(target: Target) -> Linear:
    """Return a compiled function that gives misfits and slopes of a target, by all coordinates."""
    jax = jax_module()

    def misfit(z: Any, values: Any) -> tuple[Any, Any]:
        found = target.misfit(z, values)
        return found, found

    compiled = jax.jit(jax.jacrev(misfit, has_aux=True))

    def linear(z: Floats, values: Floats) -> tuple[Floats, Floats]:
        slopes, found = compiled(z, values)
        return np.asarray(found), np.asarray(slopes)

    return linear


def active_coordinates(linear: Linear, values: Floats, points: Floats) -> NDArray[np.bool_]:
    """Return which coordinates move any figure at any of some points.

    Parameters
    ----------
    linear : callable
        From `linearised`.
    values : ndarray
        (figure).
    points : ndarray
        (point, coordinate): draws from the prior.

    Returns
    -------
    ndarray
        (coordinate), bool.
    """
    slopes = np.stack([linear(point, values)[1] for point in points])
    return np.asarray(np.max(np.abs(slopes), axis=(0, 1)) > SAME_AS_NOTHING)


def restricted(linear: Linear, active: NDArray[np.bool_]) -> Linear:
    """Return the same as a function of the active coordinates, the others zero."""

    def of_active(z: Floats, values: Floats) -> tuple[Floats, Floats]:
        full = np.zeros(len(active))
        full[active] = z
        misfit, slopes = linear(full, values)
        return misfit, slopes[:, active]

    return of_active


def laplace(linear: Linear, values: Floats, start: Floats) -> Laplace:
    """Find the mode and the curvature there.

    Parameters
    ----------
    linear : callable
        From `linearised` or `restricted`.
    values : ndarray
        (figure), in the units of the figures.
    start : ndarray
        (coordinate), where the search begins; zero is the median of the prior.

    Returns
    -------
    Laplace
        The approximation.
    """
    z = np.asarray(start, dtype=float)
    misfit, slopes = linear(z, values)
    potential = _potential(misfit, z)
    converged = False
    for _ in range(ITERATIONS):
        precision = slopes.T @ slopes + np.eye(len(z))
        step = -np.linalg.solve(precision, slopes.T @ misfit + z)
        if -step @ (slopes.T @ misfit + z) < CLOSE:
            converged = True
            break
        for half in range(HALVINGS):
            tried = z + step * 0.5**half
            tried_misfit, tried_slopes = linear(tried, values)
            if _potential(tried_misfit, tried) < potential:
                break
        else:
            break
        z, misfit, slopes, potential = tried, tried_misfit, tried_slopes, _potential(tried_misfit, tried)
    covariance: Floats = np.asarray(np.linalg.inv(slopes.T @ slopes + np.eye(len(z))), dtype=np.float64)
    return Laplace(z, covariance, potential, misfit, converged)


def _potential(misfit: Floats, z: Floats) -> float:
    value = 0.5 * float(misfit @ misfit + z @ z)
    return value if np.isfinite(value) else float("inf")
