"""Sensitivity indices of a sweep, by the method that its design allows, over time as well as at the end.

Typical use::

    found = indices(xr.open_zarr("sweep.zarr"), "egendekning", "sobol")
    found["ST"].sel(stat="value")  # dims (factor, time)

Every method takes a `Sweep`, an `Outcome` and `Options` and returns a labelled Dataset; the package reads no files and
draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import xarray as xr

from egendekning.errors import Problem, UsageError
from egendekning.names import nearest
from egendekning.sensitivity.indices.distribution import delta, pawn
from egendekning.sensitivity.indices.options import Options
from egendekning.sensitivity.indices.reading import Outcome, Sweep, outcome_of, outcomes, sweep_of
from egendekning.sensitivity.indices.regression import regional, regression
from egendekning.sensitivity.indices.shapley import shapley
from egendekning.sensitivity.indices.structured import factorial, fast, morris, sobol
from egendekning.sensitivity.indices.swings import swings

_SAMPLES: Final = ("lhs", "draws", "sobol")
_POINTS: Final = (*_SAMPLES, "grid")


@dataclass(frozen=True)
class Method:
    """A method of index: what computes it, of which sweeps, and its leading index, by which factors are ordered."""

    compute: Callable[[Sweep, Outcome, Options], xr.Dataset]
    sweeps: tuple[str, ...]
    leading: str


METHODS: Final = {
    "sobol": Method(sobol, ("sobol",), "ST"),
    "morris": Method(morris, ("morris",), "mu_star"),
    "fast": Method(fast, ("fast",), "ST"),
    "ff": Method(factorial, ("ff",), "effect"),
    "regression": Method(regression, _POINTS, "SRC"),
    "rsa": Method(regional, _POINTS, "KS"),
    "shapley": Method(shapley, _POINTS, "shapley"),
    "delta": Method(delta, _SAMPLES, "delta"),
    "pawn": Method(pawn, _SAMPLES, "PAWN"),
    "swings": Method(swings, (*_POINTS, "ff"), "at_high"),
}
"""Every method by the name under which it is asked for."""


def methods_for(sweep: str) -> list[str]:
    """Return the methods that a kind of sweep allows, the one made for it first."""
    return [name for name, method in METHODS.items() if sweep in method.sweeps]


def checked_method(sweep: Sweep, method: str | None, where: str = "--method") -> str:
    """Return the method asked for, or the one made for the sweep.

    Raises
    ------
    UsageError
        For an unknown method, and for one that needs another design.
    """
    allowed = methods_for(sweep.method)
    if method is None:
        return allowed[0]
    if method not in METHODS:
        near, fix = nearest(method, METHODS), f"--method {nearest(method, allowed) or allowed[0]}"
        raise UsageError(Problem(where, f"unknown method {method!r}", f"one of {', '.join(METHODS)}", near, fix))
    if method not in allowed:
        needed = " or ".join(METHODS[method].sweeps)
        fix = f"sweep again with --method {METHODS[method].sweeps[0]}, or choose {', '.join(allowed)}"
        found = f"{method} of a sweep of method {sweep.method}"
        raise UsageError(Problem(where, found, f"a sweep of method {needed}", fix=fix))
    return method


def indices(dataset: xr.Dataset, outcome: str, method: str | None = None, options: Options | None = None) -> xr.Dataset:
    """Compute the indices of one outcome of a sweep.

    Parameters
    ----------
    dataset : xarray.Dataset
        A finished sweep, dims (run, factor, [time]).
    outcome : str
        Name of a variable over (run) or (run, time).
    method : str, optional
        One of `METHODS`; the one made for the sweep's design if left out.
    options : Options, optional
        Resamples, level, seed, threshold, groups.

    Returns
    -------
    xarray.Dataset
        Dims (factor, [factor2], [time], stat).

    Raises
    ------
    UsageError
        Where sweep, outcome and method do not go together.
    """
    sweep = sweep_of(dataset)
    chosen = checked_method(sweep, method)
    return METHODS[chosen].compute(sweep, outcome_of(sweep, outcome), options or Options())


__all__ = [
    "METHODS",
    "Method",
    "Options",
    "Outcome",
    "Sweep",
    "checked_method",
    "indices",
    "methods_for",
    "outcome_of",
    "outcomes",
    "sweep_of",
    "swings",
]
