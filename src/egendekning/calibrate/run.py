"""The calibration from beginning to end: who is active, the normal approximation, the sampler, the diagnostics.

Random numbers come from one seed, split by purpose. The module refuses to accept its own result: that is
`Diagnostics.problems` and whoever reads them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from egendekning.calibrate.diagnostics import Diagnostics, diagnose
from egendekning.calibrate.laplace import Laplace, Linear, active_coordinates, laplace, linearised, restricted
from egendekning.calibrate.nuts import Chains, Settings, Slopes, sample
from egendekning.calibrate.target import Target
from egendekning.calibrate.workfolder import check
from egendekning.engine.runtime import jax_module
from egendekning.ensemble.posterior import structure_hash
from egendekning.errors import Problem, SimulationError

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
"""Called with the stage and with what is done and to do of it."""

WARMUP: Final = 200
"""Iterations that tune the step size; the chains start from the normal approximation, so there is no way to go
first.
"""

LARGEST: Final = 1e100
"""Standard errors beyond which squares and their sums overflow."""

TRIALS: Final = 20
"""Draws from the prior at which a coordinate must move some figure to be sampled."""

STAGES: Final = ("active", "mode", "sample", "diagnose")


@dataclass(frozen=True)
class Calibration:
    """A finished run.

    Attributes
    ----------
    target : Target
        What was sampled.
    active : ndarray
        (coordinate), whether it was sampled.
    mode : Laplace
        The normal approximation.
    z : ndarray
        (chain, draw, active), sampled coordinates.
    diagnostics : Diagnostics
        Of `z`.
    settings : Settings
        Of the sampler.
    """

    target: Target
    active: NDArray[np.bool_]
    mode: Laplace
    z: Floats
    diagnostics: Diagnostics
    settings: Settings

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the active coordinates."""
        return tuple(np.array(self.target.prior.labels)[self.active].tolist())

    def rows(self, count: int) -> Floats:
        """Return thinned draws of all coordinates, (row, coordinate); the inactive ones are drawn from the prior."""
        flat = np.swapaxes(self.z, 0, 1).reshape(-1, self.z.shape[2])
        chosen = flat[np.unique(np.linspace(0, len(flat) - 1, min(count, len(flat))).round().astype(int))]
        found = generator(self.settings.seed, "inactive").standard_normal((len(chosen), len(self.active)))
        found[:, self.active] = chosen
        return found


def generator(seed: int, purpose: str) -> np.random.Generator:
    """Return the random numbers of one purpose."""
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(purpose.encode())]))


def calibrate(
    target: Target, folder: Path, *, chains: int = 4, draws: int = 1000, warmup: int = WARMUP, seed: int = 1,
    resume: bool = False, progress: Progress | None = None,
) -> Calibration:  # fmt: skip
    """Calibrate a target.

    Parameters
    ----------
    target : Target
        From `make_target`.
    folder : Path
        Where blocks of draws are kept for a resumption.
    chains, draws, warmup, seed : int
        Size and seed of the run.
    resume : bool
        Whether to go on with what `folder` holds.
    progress : callable, optional
        See `Progress`.

    Returns
    -------
    Calibration
        The run and its diagnostics.
    """
    tell = progress or (lambda stage, done, total: None)
    settings = Settings(chains, warmup, draws, seed, fingerprint(target))
    check(folder, asdict(settings), resume)
    tell("active", 0, 1)
    linear, values = linearised(target), target.data.values
    check_finite(target, linear)
    active = active_coordinates(linear, values, generator(seed, "active").standard_normal((TRIALS, target.prior.size)))
    tell("mode", 0, 1)
    check_active(active)
    mode = laplace(restricted(linear, active), values, np.zeros(int(active.sum())))
    factor = np.asarray(np.linalg.cholesky(mode.covariance), dtype=np.float64)
    starts = generator(seed, "starts").standard_normal((chains, len(mode.mode)))
    tell("sample", 0, 1)
    first = slopes(restricted(linear, active), values, mode.mode, factor)
    found = sample(whitened(target, active, mode.mode, factor), first, starts, settings, folder, resume=resume,
                   progress=lambda done, total: tell("sample", done, total))  # fmt: skip
    tell("diagnose", 0, 1)
    z = mode.mode + found.w @ factor.T
    labels = tuple(np.array(target.prior.labels)[active].tolist())
    return Calibration(target, active, mode, z, diagnose(found, z, labels), settings)


def check_finite(target: Target, linear: Linear) -> None:
    """Raise where figures at the median of the prior, or their slopes, are too large to be squared, or not numbers.

    Raises
    ------
    SimulationError
        Naming the figures.
    """
    misfit, slopes_ = linear(np.zeros(target.prior.size), target.data.values)
    fine = (np.abs(misfit) <= LARGEST) & np.all(np.abs(slopes_) <= LARGEST, axis=1)
    if not np.all(fine):
        raise SimulationError(
            Problem(f"figure {label}", f"the model is {gap:.3g} standard errors from it, or its slopes are as large",
                    f"a finite run, within {LARGEST:g} standard errors",
                    fix="see the figure and its error, the ranges of parameters.yaml and those of process_noise.yaml")
            for label, gap in zip(np.array(target.data.labels)[~fine], misfit[~fine], strict=True)
        )  # fmt: skip


def check_active(active: NDArray[np.bool_]) -> None:
    """Raise where no figure is moved by any parameter."""
    if not active.any():
        raise SimulationError(
            Problem("calibration", "no parameter moves any figure", "figures that depend on uncertain parameters",
                    fix="see which parameters are uncertain, and which variables observation_model.yaml reads")
        )  # fmt: skip


def whitened(target: Target, active: NDArray[np.bool_], mode: Floats, factor: Floats) -> Callable[[Any], Any]:
    """Return the potential as a function of w, z = mode + factor w: close to a standard normal's."""
    jnp = jax_module().numpy
    at, size = np.flatnonzero(active), len(active)

    def potential(w: Any) -> Any:
        return target.potential(jnp.zeros(size).at[at].set(mode + factor @ w))

    return potential


def slopes(linear: Linear, values: Floats, mode: Floats, factor: Floats) -> Slopes:
    """Return the whitened potential and its slope at one point, from code that is compiled already."""

    def at(w: Floats) -> tuple[float, Floats]:
        z = mode + factor @ w
        misfit, jacobian = linear(z, values)
        return 0.5 * float(misfit @ misfit + z @ z), factor.T @ (jacobian.T @ misfit + z)

    return at


def fingerprint(target: Target) -> str:
    """Return a hash of everything that decides the posterior: model, prior, figures and process noise."""
    bound, data, laws = target.bound, target.data, target.prior.laws
    digest = hashlib.sha256(structure_hash(bound.model).encode())
    digest.update(json.dumps([target.prior.labels, laws.laws, data.labels, data.outputs]).encode())
    drawn = set(target.prior.parameters)
    fixed = [value for name, value in sorted(bound.values.items()) if name not in drawn]
    tables = [bound.table(n)[1] for n, v in sorted(bound.model.variables.items()) if v.kind == "lookup"]
    profiles = [slot.profile for slot in target.prior.slots if slot.profile is not None]
    rules = [value for _, value in sorted(bound.rules.items())]
    for array in (laws.low, laws.mode, laws.high, data.values, data.errors, data.weights, data.column, *fixed, *tables,
                  *profiles, *rules):  # fmt: skip
        digest.update(np.ascontiguousarray(array, dtype=float).tobytes())
    return digest.hexdigest()


__all__ = [
    "STAGES",
    "TRIALS",
    "WARMUP",
    "Calibration",
    "Chains",
    "Progress",
    "calibrate",
    "check_active",
    "check_finite",
    "fingerprint",
    "generator",
    "slopes",
    "whitened",
]
