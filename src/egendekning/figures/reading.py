"""How figures and reports look things up in a comparison: one place that knows its axes and names.

A comparison holds a Dataset with every draw and a summary with the quantiles of every measure. The bands drawn over
time are quantiles over draws 1 and up; draw 0, the values of the model file, is the reference draw and never part of a
band. Numbers that the summary holds are read from the summary, so that a figure, the report and ``summary.csv`` cannot
differ. The module refuses to guess: what is not there is an error that names it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, SCENARIO, TIME

BASELINE: Final = "baseline"
"""The scenario that the others are compared with."""

REGISTER: Final = 0.875
"""Where in the year the registers' fourth quarter lies, mid-November, on the grid of saved times."""

HORIZON: Final = 2040
"""The year that scenarios are compared in."""

_GRID = 1 / 16


class Comparison(Protocol):
    """What is needed of a comparison: see `egendekning.ensemble`."""

    @property
    def dataset(self) -> xr.Dataset:
        """Every draw: dims (scenario, draw, time, ...)."""

    @property
    def summary(self) -> xr.Dataset:
        """Every measure: dims (scenario, measure, statistic)."""

    @property
    def decomposition(self) -> xr.DataArray:
        """Parts of each scenario's change of egendekning over time: dims (scenario, draw, part), shares."""

    @property
    def from_baseline(self) -> xr.DataArray:
        """Parts of each difference to the baseline in the horizon year: dims (scenario, draw, part), shares."""


Source = xr.Dataset | Comparison
"""A figure over time takes the Dataset alone as well."""


def dataset_of(source: Source) -> xr.Dataset:
    """Return the Dataset of a comparison, or the Dataset itself."""
    return source if isinstance(source, xr.Dataset) else source.dataset


def scenarios(source: Source) -> list[str]:
    """Return the scenario ids, the baseline first."""
    ids = [str(name) for name in dataset_of(source)[SCENARIO].values]
    return sorted(ids, key=lambda name: name != BASELINE)


def quarter_four(year: float) -> float:
    """Return the saved time of the registers' fourth quarter of a year."""
    return year + REGISTER


def at(series: xr.DataArray, time: float) -> xr.DataArray:
    """Return a series at one saved time; a time that was not saved is a KeyError."""
    return series.sel({TIME: time}, method="nearest", tolerance=_GRID)


def reference(source: Source, variable: str, scenario: str) -> xr.DataArray:
    """Return a variable in the reference draw: dims (time, ...), the variable's unit."""
    return dataset_of(source)[variable].sel({SCENARIO: scenario}).isel({DRAW: 0}, drop=True)


def draws(source: Source, variable: str, scenario: str) -> xr.DataArray:
    """Return a variable in the sampled draws, 1 and up: dims (draw, time, ...), the variable's unit."""
    return dataset_of(source)[variable].sel({SCENARIO: scenario}).isel({DRAW: slice(1, None)})


def quantiles(series: xr.DataArray, shares: Sequence[float]) -> np.ndarray:
    """Return quantiles over draws.

    Parameters
    ----------
    series : xr.DataArray
        (draw, time), any unit.
    shares : sequence of float
        Between 0 and 1.

    Returns
    -------
    numpy.ndarray
        (share, time), the same unit.
    """
    axis = series.get_axis_num(DRAW)
    assert isinstance(axis, int)
    return np.asarray(np.quantile(series.values, list(shares), axis=axis))


def yearly(series: xr.DataArray) -> xr.DataArray:
    """Return the mean of each calendar year, at the middle of the year.

    What is counted by the year, money above all, is booked in steps; within a year it says nothing.

    Parameters
    ----------
    series : xr.DataArray
        (..., time, ...), any unit.

    Returns
    -------
    xr.DataArray
        The same with one time a year.
    """
    year = np.floor(series[TIME].values)
    kept = np.unique(year)
    axis = series.get_axis_num(TIME)
    assert isinstance(axis, int)
    means = [series.values.compress(year == one, axis=axis).mean(axis=axis) for one in kept]
    coords = {name: array for name, array in series.coords.items() if TIME not in array.dims}
    return xr.DataArray(np.stack(means, axis=axis), dims=series.dims, coords={**coords, TIME: kept + 1 / 2})


def value(comparison: Comparison, scenario: str, measure: str, statistic: str = "p50") -> float:
    """Return one number of the summary.

    Parameters
    ----------
    comparison : Comparison
        The result of a comparison.
    scenario : str
        Scenario id.
    measure : str
        Name of the measure.
    statistic : str
        ``reference``, ``p10``, ``p50``, ``p90`` or the same after ``diff_``: the difference to the baseline.

    Returns
    -------
    float
        In the measure's unit; NaN where there is none.
    """
    table = comparison.summary["value"]
    return float(table.sel({SCENARIO: scenario, "measure": measure, "statistic": statistic}))


def measure(variable: str, year: float) -> str:
    """Return the name of the measure that holds a variable in the fourth quarter of a year."""
    return f"{variable}@{year:g}"


def probability(comparison: Comparison, scenario: str, year: int) -> float:
    """Return the share of draws that have reached 100 % by the end of a year."""
    return value(comparison, scenario, measure("probability", year))


def effect(comparison: Comparison, scenario: str, statistic: str = "diff_p50") -> float:
    """Return the difference in egendekning to the baseline in the horizon year, as a share (0.01 = one point)."""
    return value(comparison, scenario, measure("egendekning", HORIZON), statistic)


def ranked(comparison: Comparison) -> list[str]:
    """Return all scenarios but the baseline by their effect on egendekning, the largest first."""
    others = [name for name in scenarios(comparison) if name != BASELINE]
    return sorted(others, key=lambda name: -effect(comparison, name))
