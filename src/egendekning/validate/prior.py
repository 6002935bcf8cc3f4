"""The prior as an ensemble: ranges of `parameters.yaml`, and process noise from `process_noise.yaml`, unseen by data.

It is what a test of prediction starts from, whether or not the study has a posterior. Where calibration has written a
median into the model file, the range is peaked at the value before it: the median has seen the figures. The module
refuses to look at observations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, POINT
from egendekning.ensemble import Bound, Design
from egendekning.ensemble.design import from_ranges
from egendekning.ensemble.modes import read_modes
from egendekning.ensemble.posterior import NOTHING, Process
from egendekning.ensemble.process import noise_paths
from egendekning.names import find
from egendekning.study import yamltree

Floats = NDArray[np.float64]

FILE: Final = "process_noise.yaml"
_STREAM: Final = 20210101  # any number: keeps these random numbers apart from those of the parameters
_STEADY: Final = 0.99  # an autocorrelation nearer to one has no equilibrium to start from


def prior_design(bound: Bound, draws: int, seed: int) -> Design:
    """Draw from the prior.

    Parameters
    ----------
    bound : Bound
        Study and model.
    draws, seed : int
        As in `egendekning.ensemble.design`.

    Returns
    -------
    Design
        Parameters from their ranges and, where the study describes it, process noise from the first knot on; draw 0 is
        the model file.
    """
    drawn = from_ranges(bound, draws, seed, modes=read_modes(bound))
    path = bound.study.calibration.get(FILE)
    if path is None:
        return drawn
    document, _ = yamltree.parse(path.read_text(encoding="utf-8"), str(path))
    entries: dict[str, Mapping[str, Any]] = {
        name: item for written, item in (document.data or {}).items() if (name := find(written, bound.model.variables))
    }
    points = {name: bound.table(name)[0] for name in entries}
    process = _process(entries, points, draws, np.random.default_rng([seed, _STREAM]))
    tables = {
        name: xr.DataArray(np.concatenate([np.zeros((1, len(points[name]))), values]), dims=(DRAW, POINT))
        for name, values in noise_paths(process, np.arange(draws), points, seed).items()
    }
    return replace(drawn, parameters={**drawn.parameters, **tables})


def _process(
    entries: Mapping[str, Mapping[str, Any]], points: Mapping[str, Floats], draws: int, generator: np.random.Generator
) -> Process:
    """Draw the properties of each process, and its knots up to the last that is zero (one at least)."""
    names = list(entries)
    until = [float(entries[n].get("zero_until") or -np.inf) for n in names]
    last = max([points[n][0] for n in names] + [u for u in until if np.isfinite(u)], default=0.0)
    years = points[names[0]][points[names[0]] <= last + 1e-9] if names else np.empty(0)

    def uniform(name: str, key: str) -> Floats:
        low, high = entries[name][key]
        return generator.uniform(low, high, draws)

    sd = np.stack([uniform(n, "sd") for n in names], axis=1) if names else np.empty((draws, 0))
    memory = np.stack([uniform(n, "autocorrelation") for n in names], axis=1) if names else np.empty((draws, 0))
    together, follows = np.zeros((draws, len(names))), np.full(len(names), NOTHING)
    knots = np.zeros((draws, len(names), len(years)))
    for i, name in enumerate(names):
        other = entries[name].get("follows")
        if other:
            follows[i] = names.index(find(other["table"], {n: n for n in names}) or other["table"])
            low, high = other["correlation"]
            together[:, i] = generator.uniform(low, high, draws)
        for k, year in enumerate(years):
            if year <= until[i] + 1e-9:
                continue
            e = sd[:, i] * generator.standard_normal(draws)
            first = k == 0
            knots[:, i, k] = e / np.sqrt(1 - np.minimum(memory[:, i], _STEADY) ** 2) if first else (
                memory[:, i] * knots[:, i, k - 1] + e
            )  # fmt: skip
    return Process(tuple(names), years, follows, sd, memory, together, knots)
