"""Which points a sweep runs at: designs of SALib, full grids and rows of the posterior.

SALib fills the unit cube and the distributions of `egendekning.ensemble.laws` stretch it, so that a factor has the same
law here as in an ensemble. Designs that move in steps between the ends of a range (Morris, fractional factorial, grid)
take every range as even. SALib changes the problem it is given and takes seed 0 for none: it gets one of its own, and
a seed that is never 0. The module refuses to run a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.laws import quantiles
from egendekning.errors import Problem
from egendekning.names import nearest
from egendekning.sensitivity.factors import Factor

Floats = NDArray[np.float64]

Method = Literal["sobol", "morris", "lhs", "fast", "ff", "grid", "draws"]
METHODS: Final = ("sobol", "morris", "lhs", "fast", "ff", "grid", "draws")
"""Names of the designs."""

EVEN: Final = ("morris", "ff", "grid")
"""Designs that step between the ends of a range, whatever its law."""

DEFAULT_N: Final = {"sobol": 256, "morris": 50, "lhs": 1000, "fast": 257, "ff": 1, "grid": 5, "draws": 1000}
"""Base sample: Sobol' points, trajectories, rows, samples a factor, nothing, levels a factor, rows."""

LEVELS: Final = 4
"""Levels of a Morris design (Morris 1991)."""

HARMONICS: Final = 4
"""Interference factor of FAST (Saltelli et al. 1999); its sample must be larger than 4 times the square of it."""

_OPEN: Final = 1e-12
"""Shares stay this far from 0 and 1, where normal quantiles are infinite."""

_NEEDS: Final = {"n": "a whole number, at least 1"}


@dataclass(frozen=True)
class Sampling:
    """How the points are chosen.

    Attributes
    ----------
    method : str
        One of `METHODS`.
    n : int
        Base sample, see `DEFAULT_N`.
    seed : int
        Where the random streams begin, not negative.
    second_order : bool
        Whether a Sobol' design has the points that pairs of factors need.
    """

    method: Method
    n: int
    seed: int = 1
    second_order: bool = False


def sampling_problems(plan: Sampling, factors: Sequence[Factor] | None) -> Iterator[Problem]:
    """Yield what makes a design impossible; without factors, as far as it can be known."""
    where = f"--method {plan.method} --n {plan.n}"
    if plan.method not in METHODS:
        near = nearest(plan.method, METHODS)
        fix = f"--method {near or 'sobol'}"
        yield Problem("--method", f"unknown method {plan.method!r}", f"one of {', '.join(METHODS)}", near, fix)
        return
    if plan.seed < 0:
        yield Problem("--seed", f"{plan.seed}", "a whole number, at least 0", fix="--seed 1")
    if plan.n < 1:
        yield Problem(where, f"{plan.n} samples", _NEEDS["n"], fix=f"--n {DEFAULT_N[plan.method]}")
        return
    if plan.method == "ff" and plan.n != DEFAULT_N["ff"]:
        yield Problem(where, "a size that the number of factors decides", "no --n", fix="leave --n out")
    if plan.second_order and plan.method != "sobol":
        found, fix = f"--second-order of a {plan.method} design", "leave --second-order out, or --method sobol"
        yield Problem("--second-order", found, "a Sobol' design", fix=fix)
    if plan.second_order and plan.method != "sobol":
        found = f"a {plan.method} design has no runs for pairs of factors"
        yield Problem("--second-order", found, "--method sobol", fix="--method sobol, or leave --second-order out")
    if plan.method == "sobol" and plan.n & (plan.n - 1):
        below = 1 << (plan.n.bit_length() - 1)
        fix = f"--n {below} or --n {2 * below}"
        yield Problem(where, f"{plan.n} is not a power of two", "a power of two, as Sobol' points need", fix=fix)
    if plan.method == "fast" and plan.n <= 4 * HARMONICS**2:
        least = 4 * HARMONICS**2 + 1
        yield Problem(where, f"{plan.n} samples a factor", f"at least {least}", fix=f"--n {least}")
    if plan.method == "grid" and plan.n < 2:
        yield Problem(where, "one level a factor, so every column would be constant", "at least 2", fix="--n 5")
    if factors is not None:
        yield from _factor_problems(plan, factors)


def _factor_problems(plan: Sampling, factors: Sequence[Factor]) -> Iterator[Problem]:
    """Yield what a design cannot do with the factors."""
    if not factors and plan.method != "draws":
        yield Problem("--factor", "nothing varies", "at least one factor", fix="--factor levers")
    size = len({f.group or f.id for f in factors})
    if plan.method in ("sobol", "morris") and size == 1:
        found, fix = ("one group", "leave --group out") if len(factors) > 1 else ("one factor", "--method lhs")
        yield Problem("--factor", found, f"at least two for {plan.method}", fix=fix)


def run_count(plan: Sampling, factors: Sequence[Factor]) -> int:
    """Return how many runs a design has."""
    size = len({f.group or f.id for f in factors})
    match plan.method:
        case "sobol":
            return plan.n * (2 * size + 2 if plan.second_order else size + 2)
        case "morris":
            return plan.n * (size + 1)
        case "fast":
            return plan.n * len(factors)
        case "ff":
            return int(2 * 2 ** np.ceil(np.log2(max(len(factors), 1))))
        case "grid":
            return int(plan.n ** len(factors))
        case _:
            return plan.n


def problem_of(factors: Sequence[Factor]) -> dict[str, Any]:
    """Return the factors as SALib describes a problem; ``dists`` holds the names of `laws`, not SALib's."""
    found: dict[str, Any] = {
        "num_vars": len(factors),
        "names": [f.id for f in factors],
        "bounds": [[f.low, f.high] for f in factors],
        "dists": [f.law for f in factors],
        "groups": [f.group for f in factors] if any(f.group for f in factors) else None,
    }
    return found


def sample(plan: Sampling, factors: Sequence[Factor]) -> Floats:
    """Return the points, (run, factor), in the factors' units; for ``draws`` those of the factors beside them."""
    if not factors:
        return np.empty((run_count(plan, factors), 0))
    shares = np.asarray(_shares(plan, factors), dtype=float)
    for i, factor in enumerate(factors):
        law = "uniform" if plan.method in EVEN else factor.law
        column = shares[:, i] if law == "uniform" else np.clip(shares[:, i], _OPEN, 1.0 - _OPEN)
        shares[:, i] = quantiles(law, column, factor.low, factor.mode, factor.high)
    return shares


def _shares(plan: Sampling, factors: Sequence[Factor]) -> Floats:
    """Return the points in the unit cube, (run, factor)."""
    if plan.method == "grid":
        levels = np.linspace(0.0, 1.0, plan.n)
        axes = np.meshgrid(*([levels] * len(factors)), indexing="ij", copy=False)
        return np.stack([axis.ravel() for axis in axes], axis=1)
    from SALib.sample import fast_sampler, ff, latin, morris, sobol

    unit: dict[str, Any] = {"num_vars": len(factors), "names": [f.id for f in factors], "bounds": [[0.0, 1.0]]}
    unit["bounds"] *= len(factors)
    if plan.method in ("sobol", "morris") and any(f.group for f in factors):
        unit["groups"] = [f.group for f in factors]
    seed = salib_seed(plan)
    match plan.method:
        case "sobol":
            return np.asarray(sobol.sample(unit, plan.n, calc_second_order=plan.second_order, seed=seed))
        case "morris":
            return np.asarray(morris.sample(unit, plan.n, num_levels=LEVELS, seed=seed))
        case "fast":
            return np.asarray(fast_sampler.sample(unit, plan.n, M=HARMONICS, seed=seed))
        case "ff":
            return np.asarray(ff.sample(unit, seed=seed))[:, : len(factors)]
        case _:
            return np.asarray(latin.sample(unit, plan.n, seed=seed))


def salib_seed(plan: Sampling) -> int:
    """Return the seed that SALib is given: a function of ours and of the method, never 0."""
    words = np.random.SeedSequence([plan.seed, crc32(plan.method.encode())]).generate_state(1)
    return int(words[0]) | 1
