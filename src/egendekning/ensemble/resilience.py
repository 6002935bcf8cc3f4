"""How a scenario takes a blow: depth, recovery time and lost job-years of the standard shock.

The same scenario is run with and without the shock, draw by draw; the measures are about the difference. The module
refuses to choose the size of the shock: that is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, SCENARIO, TIME
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import Design, design
from egendekning.ensemble.run import run_scenarios

RECOVERED: Final = 0.1
"""Recovered when at most this share of the greatest loss is left: the last tenth fades too slowly to date."""


def resilience(
    shocked: xr.DataArray, unshocked: xr.DataArray, start: float, recovered: float = RECOVERED
) -> xr.Dataset:
    """Compare a series with and without a shock.

    Parameters
    ----------
    shocked, unshocked : xarray.DataArray
        (..., time), positive, the same times; jobs, say.
    start : float
        When the shock begins.
    recovered : float
        Share of the greatest loss that counts as recovered.

    Returns
    -------
    xarray.Dataset
        Over the other dims: ``depth``, the greatest relative loss (share); ``recovery time``, years from the start of
        the shock until the relative loss has come down to `recovered` of the depth for good, NaN where it does not
        before the end of the run; ``lost``, the loss added up over time (unit of the series x years), by the trapezoid
        rule on the saved times.
    """
    times = np.asarray(shocked[TIME].values, dtype=float)
    loss = (unshocked - shocked).transpose(..., TIME)
    relative = (loss / unshocked).transpose(..., TIME)
    depth = relative.max(TIME).clip(min=0.0)
    above = (relative > recovered * depth).values & (times >= start)
    last = len(times) - 1 - above[..., ::-1].argmax(axis=-1)
    next_time = np.append(times, np.nan)[np.where(above.any(axis=-1), last + 1, 0)]
    years = np.where(above.any(axis=-1), next_time - start, 0.0)
    return xr.Dataset(
        {
            "depth": depth.assign_attrs(unit="Dmnl"),
            "recovery time": depth.copy(data=years).assign_attrs(unit="year"),
            "lost": loss.integrate(TIME).assign_attrs(unit=f"{shocked.attrs.get('unit', '')}*year"),
        }
    )


def resilience_of(
    bound: Bound,
    scenarios: Sequence[str],
    shock: Mapping[str, float],
    start: float,
    draws: int | Design = 100,
    seed: int = 1,
    variable: str = "jobs",
) -> xr.Dataset:
    """Run scenarios with and without a shock and compare.

    Parameters
    ----------
    bound : Bound
        Study and model.
    scenarios : sequence of str
        Ids.
    shock : mapping
        Value by model constant that makes the shock, on top of each scenario: ``standard shock size`` and the like.
    start : float
        When it begins.
    draws, seed
        As in `run_scenarios`.
    variable : str
        What is hit.

    Returns
    -------
    xarray.Dataset
        As `resilience`, dims (scenario, draw).
    """
    drawn = draws if isinstance(draws, Design) else design(bound, draws, seed)
    with_it = run_scenarios(bound, scenarios, drawn, outputs=[variable], constants=shock)
    without = run_scenarios(bound, scenarios, drawn, outputs=[variable])
    return resilience(with_it[variable], without[variable], start).transpose(SCENARIO, DRAW)
