"""Whether a run of the sampler may be believed: ArviZ diagnostics and the gate that a posterior has to pass.

Thresholds follow Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), "Rank-normalization, folding, and
localization: an improved R-hat". The module refuses to mend a run.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from egendekning.calibrate.nuts import DEPTH, Chains
from egendekning.errors import Problem

Floats = NDArray[np.float64]

RHAT: Final = 1.01
"""Largest split R-hat, rank-normalised."""

ESS: Final = 400
"""Smallest effective sample size, bulk and tail: 100 a chain for four chains."""

CHAINS: Final = 4
DRAWS: Final = 1000
"""Fewest chains, and draws a chain, of a posterior that is kept."""


@dataclass(frozen=True)
class Diagnostics:
    """Diagnostics of a run.

    Attributes
    ----------
    labels : tuple of str
        What is diagnosed: active coordinates and the log density.
    rhat, ess_bulk, ess_tail : ndarray
        (label).
    divergences, deepest : int
        Iterations that diverged, and that reached the largest tree.
    bfmi : ndarray
        (chain), energy Bayesian fraction of missing information.
    chains, draws : int
        Size of the run.
    steps, accept : float
        Mean leapfrog steps and mean acceptance an iteration.
    """

    labels: tuple[str, ...]
    rhat: Floats
    ess_bulk: Floats
    ess_tail: Floats
    divergences: int
    deepest: int
    bfmi: Floats
    chains: int
    draws: int
    steps: float
    accept: float

    def problems(self) -> list[Problem]:
        """Return why the run may not be accepted; empty if it may."""
        found = []
        if self.chains < CHAINS or self.draws < DRAWS:
            size = f"{self.chains} chains of {self.draws} draws"
            found.append(Problem("size", size, f"at least {CHAINS} chains of {DRAWS}", fix="run without --quick"))
        for name, values, bad in (
            ("split R-hat", self.rhat, self.rhat >= RHAT),
            ("bulk ESS", self.ess_bulk, self.ess_bulk <= ESS),
            ("tail ESS", self.ess_tail, self.ess_tail <= ESS),
        ):
            if np.any(bad) or not np.all(np.isfinite(values)):
                lost = np.flatnonzero(~np.isfinite(values))
                worst = int(lost[0] if lost.size else np.argmax(values) if name == "split R-hat" else np.argmin(values))
                limit = f"below {RHAT}" if name == "split R-hat" else f"above {ESS}"
                found.append(
                    Problem(
                        name,
                        f"{values[worst]:.4g} for {self.labels[worst]}",
                        limit,
                        fix="go on with --resume and more --draws",
                    )
                )
        if self.divergences:
            found.append(Problem("divergences", f"{self.divergences} iterations diverged", "none",
                                 fix="look at where they are, and at the prior there"))  # fmt: skip
        return found

    def summary(self) -> dict[str, float | int]:
        """Return the worst of each, for the posterior's attributes."""
        return {
            "chains": self.chains, "draws_per_chain": self.draws, "max_rhat": float(np.max(self.rhat)),
            "min_ess_bulk": float(np.min(self.ess_bulk)), "min_ess_tail": float(np.min(self.ess_tail)),
            "divergences": self.divergences, "deepest_trees": self.deepest, "min_bfmi": float(np.min(self.bfmi)),
            "mean_leapfrog_steps": self.steps, "mean_acceptance": self.accept,
        }  # fmt: skip


def diagnose(chains: Chains, z: Floats, labels: tuple[str, ...]) -> Diagnostics:
    """Diagnose a run.

    Parameters
    ----------
    chains : Chains
        As sampled.
    z : ndarray
        (chain, draw, coordinate), the active coordinates.
    labels : tuple of str
        Their names.
    """
    az = _arviz()
    series = [*(z[:, :, i] for i in range(z.shape[2])), -chains.potential]
    finite = [s if np.all(np.isfinite(s)) else np.zeros_like(s) for s in series]
    return Diagnostics(
        labels=(*labels, "log density"),
        rhat=np.array([float(az.rhat(s)) for s in finite]),
        ess_bulk=np.array([float(az.ess(s, method="bulk")) for s in finite]),
        ess_tail=np.array([float(az.ess(s, method="tail")) for s in finite]),
        divergences=int(np.sum(chains.diverging)),
        deepest=int(np.sum(chains.steps >= 2**DEPTH - 1)),
        bfmi=np.asarray(az.bfmi(chains.energy), dtype=float),
        chains=z.shape[0], draws=z.shape[1],
        steps=float(np.mean(chains.steps)), accept=float(np.mean(chains.accept)),
    )  # fmt: skip


def _arviz() -> Any:
    """Return ArviZ; its announcement of the next version is no news here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        import arviz
    return arviz
