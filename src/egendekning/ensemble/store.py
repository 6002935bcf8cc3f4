"""Results on disk: a tidy CSV of the summary and a NetCDF file of the draws, under the same names as in memory.

The NetCDF file holds every draw in the fourth quarter of every year, rounded to `DIGITS` significant digits so that it
compresses, and the summary in full precision as the group ``summary``. The module refuses to overwrite: the caller
hands it a folder of its own (see `egendekning.cli.outdir`).
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr

from egendekning.dims import LABEL_EN, LABEL_NB, SCENARIO, TIME, UNIT
from egendekning.ensemble.comparison import Comparison
from egendekning.ensemble.summary import MEASURE, STATISTIC, VALUE

DIGITS: Final = 6
"""Significant digits of a draw on disk: a person in a hundred thousand."""

RULES: Final = "rules"
"""Column: how the national rules of the measure's year are known."""

COLUMNS: Final = (SCENARIO, MEASURE, STATISTIC, VALUE, UNIT, LABEL_NB, LABEL_EN, RULES)
"""Columns of ``summary.csv``."""


def write_summary(comparison: Comparison, path: Path) -> Path:
    """Write the summary as one number a row.

    Parameters
    ----------
    comparison : Comparison
        What to write.
    path : Path
        A new CSV file, UTF-8; what is not known is an empty cell.

    Returns
    -------
    Path
        The same.
    """
    summary = comparison.summary
    known: dict[str, str] = json.loads(str(comparison.dataset.attrs.get("rules_by_year", "{}")))
    labels = {name: [str(v) for v in summary[name].values] for name in (MEASURE, UNIT, LABEL_NB, LABEL_EN)}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for s, scenario in enumerate(comparison.scenarios):
            for m, measure in enumerate(labels[MEASURE]):
                rules = known.get(measure.partition("@")[2], "")
                words = (labels[UNIT][m], labels[LABEL_NB][m], labels[LABEL_EN][m], rules)
                for k, statistic in enumerate(summary[STATISTIC].values):
                    number = float(summary[VALUE].values[s, m, k])
                    text = "" if np.isnan(number) else f"{number:.10g}"
                    writer.writerow((scenario, measure, str(statistic), text, *words))
    return path


def write_results(comparison: Comparison, path: Path) -> Path:
    """Write the draws and the summary as NetCDF.

    Parameters
    ----------
    comparison : Comparison
        What to write.
    path : Path
        A new file.

    Returns
    -------
    Path
        The same.
    """
    write_netcdf(comparison.dataset, path, fourth_quarters(comparison.dataset))
    comparison.summary.to_netcdf(path, mode="a", group="summary", engine="netcdf4")
    return path


def write_netcdf(dataset: xr.Dataset, path: Path, times: np.ndarray | None = None) -> Path:
    """Write a Dataset compressed, its numbers rounded to `DIGITS` significant digits; dims and names unchanged.

    Parameters
    ----------
    dataset : xarray.Dataset
        Dims (scenario, draw, time, \\*subscripts).
    path : Path
        A new file.
    times : ndarray, optional
        Positions of the saved times to write; all if left out.

    Returns
    -------
    Path
        The same.
    """
    kept: dict[str, Any] = {
        "zlib": True, "complevel": 1, "shuffle": True,
        "significant_digits": DIGITS, "quantize_mode": "GranularBitRound",
    }  # fmt: skip
    for i, name in enumerate(map(str, dataset.data_vars)):  # one by one: a copy of them all would double the memory
        chosen = dataset[[name]] if times is None else dataset[[name]].isel({TIME: times})
        chosen.to_netcdf(path, mode="a" if i else "w", engine="netcdf4", format="NETCDF4", encoding={name: kept})
    return path


def fourth_quarters(dataset: xr.Dataset) -> np.ndarray:
    """Return the position of the last saved time of every calendar year: the registers' fourth quarter."""
    years = np.floor(np.asarray(dataset[TIME].values, dtype=float))
    return np.flatnonzero(np.append(years[1:] != years[:-1], True))
