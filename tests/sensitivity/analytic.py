"""Test functions whose indices are known in closed form, and sweeps of them in memory, laid out as a store is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import xarray as xr

A, B = 7.0, 0.1  # Ishigami & Homma (1990), with the constants of Marrel et al. (2009)
G = (0.0, 1.0, 4.5, 9.0, 99.0)  # Saltelli & Sobol' (1995)


def ishigami(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0]))


def ishigami_shares() -> dict[str, Any]:
    """Return S1, ST, the one pair that interacts, and Shapley effects (Sobol' & Levitan 1999; Owen 2014)."""
    first = 0.5 * (1 + B * np.pi**4 / 5) ** 2
    second = A**2 / 8
    pair = 8 * B**2 * np.pi**8 / 225
    whole = first + second + pair
    s1 = np.array([first, second, 0.0]) / whole
    interaction = pair / whole
    return {
        "S1": s1, "ST": s1 + interaction * np.array([1, 0, 1]), "S13": interaction,
        "shapley": s1 + interaction / 2 * np.array([1, 0, 1]),
    }  # fmt: skip


def sobol_g(x: np.ndarray) -> np.ndarray:
    a = np.array(G)
    return np.asarray(np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1))


def sobol_g_shares(constants: Sequence[float] = G) -> dict[str, np.ndarray]:
    """Return S1 and ST of the G function."""
    each = 1 / (3 * (1 + np.array(constants)) ** 2)
    whole = np.prod(1 + each) - 1
    rest = np.array([np.prod(1 + np.delete(each, i)) for i in range(len(each))])
    return {"S1": each / whole, "ST": each * rest / whole}


def design_of(method: str, problem: dict[str, Any], n: int, seed: int = 1) -> np.ndarray:
    """Return the design that SALib makes."""
    from SALib.sample import fast_sampler, ff, latin, sobol
    from SALib.sample import morris as trajectories

    count = len(problem["names"])
    problem = {**problem, "names": list(problem["names"]), "num_vars": count}
    if method == "sobol":
        return np.asarray(sobol.sample(problem, n, calc_second_order=True, seed=seed))
    if method == "morris":
        return np.asarray(trajectories.sample(problem, n, num_levels=4, seed=seed))
    if method == "fast":
        return np.asarray(fast_sampler.sample(problem, n, M=4, seed=seed))
    if method == "ff":
        return np.asarray(ff.sample(problem))[:, :count]
    return np.asarray(latin.sample(problem, n, seed=seed))


def sweep(
    method: str,
    outcomes: dict[str, Callable[[np.ndarray], np.ndarray]],
    bounds: Sequence[Sequence[float]],
    n: int,
    times: Sequence[float] | None = None,
    kinds: Sequence[str] | None = None,
    design: np.ndarray | None = None,
) -> xr.Dataset:
    """Return a finished sweep; an outcome that gives two dims is over time."""
    names = [f"x{i + 1}" for i in range(len(bounds))]
    problem = {"names": names, "bounds": [list(b) for b in bounds]}
    x = design_of(method, problem, n) if design is None else design
    made: dict[str, Any] = {"design": (("run", "factor"), x)}
    for name, function in outcomes.items():
        y = function(x)
        made[name] = (("run", "time") if y.ndim == 2 else ("run",), y,
                      {"unit": "Dmnl", "label_nb": f"{name} (nb)", "label_en": f"{name} (en)"})  # fmt: skip
    coords: dict[str, Any] = {"factor": names}
    if times is not None:
        coords["time"] = list(times)
    if kinds is not None:
        coords["kind"] = ("factor", list(kinds))
    attrs = {"method": method, "problem": problem, "seed": 1, "second_order": method == "sobol", "levels": 4}
    return xr.Dataset(made, coords, attrs)
