"""From runs to a table: the reference draw, the median, the 80 % band, and the difference to the baseline.

Quantiles use the sampled draws alone; the reference draw (0, the values of the model file) stands beside them. A
difference to the baseline is taken within a draw, before any quantile, so that what the two have in common cancels. The
module refuses to run a model.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import LABEL_EN, LABEL_NB, SCENARIO, UNIT
from egendekning.ensemble.measures import Measure, measures, read

Floats = NDArray[np.float64]

MEASURE: Final = "measure"
STATISTIC: Final = "statistic"
VALUE: Final = "value"

BAND: Final = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
"""Quantiles: the ends of the 80 % band, and the median."""

STATISTICS: Final = ("reference", *BAND, "diff_reference", *(f"diff_{name}" for name in BAND))
"""What is said of every measure; ``diff_`` is the difference to the baseline."""


def summarise(dataset: xr.Dataset, baseline: str) -> xr.Dataset:
    """Return the table of a comparison.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dims (scenario, draw, time, \\*subscripts); draw 0 is the reference draw.
    baseline : str
        The scenario to compare with.

    Returns
    -------
    xarray.Dataset
        ``value`` (scenario, measure, statistic), with coordinates along measure that say what it is. NaN where there
        is nothing to say: a quantile of the year of balance that falls among the draws that never reach it, and its
        differences. A probability has the same value in all quantiles; its reference is 1 or 0.
    """
    wanted = measures(dataset)
    scenarios = [str(name) for name in dataset[SCENARIO].values]
    at = scenarios.index(baseline)
    table = np.empty((len(scenarios), len(wanted), len(STATISTICS)))
    for i, measure in enumerate(wanted):
        values = read(dataset, measure)
        table[:, i, :4] = statistics(values, measure)
        table[:, i, 4:] = differences(values, at, measure)
    result = xr.Dataset(
        {VALUE: ((SCENARIO, MEASURE, STATISTIC), table)},
        {SCENARIO: dataset[SCENARIO], MEASURE: [m.id for m in wanted], STATISTIC: list(STATISTICS)},
    )
    return result.assign_coords({**_columns(wanted), **_titles(dataset)})


def statistics(values: Floats, measure: Measure) -> Floats:
    """Return the reference and the quantiles of a measure.

    Parameters
    ----------
    values : ndarray
        (scenario, draw), the reference draw first.
    measure : Measure
        What they are.

    Returns
    -------
    ndarray
        (scenario, 4): reference, p10, p50, p90.
    """
    reference, sampled = values[:, :1], values[:, 1:] if values.shape[1] > 1 else values
    if measure.kind == "probability":
        return np.concatenate([reference, np.repeat(sampled.mean(axis=1, keepdims=True), len(BAND), axis=1)], axis=1)
    method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if measure.kind == "year" else "linear"
    bands = np.quantile(sampled, list(BAND.values()), axis=1, method=method).T
    found = np.concatenate([reference, bands], axis=1)
    return np.where(np.isfinite(found), found, np.nan)


def differences(values: Floats, baseline: int, measure: Measure) -> Floats:
    """Return the same statistics of the difference to the baseline within each draw; NaN for the year of balance."""
    if measure.kind == "year":
        return np.full((values.shape[0], 1 + len(BAND)), np.nan)
    return statistics(values - values[baseline], measure)


def _columns(wanted: list[Measure]) -> dict[str, tuple[str, list[Any]]]:
    """Return the coordinates along measure."""
    return {
        "variable": (MEASURE, [m.variable for m in wanted]),
        "element": (MEASURE, [m.element for m in wanted]),
        "year": (MEASURE, [m.year for m in wanted]),
        "kind": (MEASURE, [m.kind for m in wanted]),
        UNIT: (MEASURE, [m.unit for m in wanted]),
        LABEL_NB: (MEASURE, [m.label_nb for m in wanted]),
        LABEL_EN: (MEASURE, [m.label_en for m in wanted]),
        "decimals": (MEASURE, [m.decimals for m in wanted]),
    }


def _titles(dataset: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return the titles of the scenarios, where the Dataset has them."""
    return {name: dataset[name] for name in ("title_nb", "title_en") if name in dataset.coords}


__all__ = ["BAND", "MEASURE", "STATISTIC", "STATISTICS", "VALUE", "differences", "statistics", "summarise"]
