"""The tables as CSV (one number a row) and NetCDF: the same numbers as in memory, in full.

The module refuses to overwrite: the caller hands it a folder of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from egendekning.dims import LABEL_EN, LABEL_NB, SCENARIO, UNIT
from egendekning.finance.annual import YEAR
from egendekning.finance.plan import ORE, STATISTIC
from egendekning.finance.tables import Finance
from egendekning.finance.words import rows
from egendekning.study.known import year_spans

COLUMNS: Final = (
    "table", SCENARIO, "row", "of", YEAR, STATISTIC, "value", UNIT, "prices", "rules", LABEL_NB, LABEL_EN,
)  # fmt: skip
"""Columns of ``finance.csv``: `of` is party, rate, filler or regime; `rules` tells years whose rules are extended."""

_TABLES: Final = {
    "plan": "line", "effect": "part", "gain": "item", "worth": "worth_row", "job": "job_row", "social": "social_row",
}  # fmt: skip
_FIXED: Final = ("worth", "job")


def write_csv(finance: Finance, path: Path) -> Path:
    """Write every table as one number a row, UTF-8; money to the øre.

    Parameters
    ----------
    finance : Finance
        The tables.
    path : Path
        A new file.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_rows(finance))
    return path


def _rows(finance: Finance) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the file."""
    status = {s.year: s.text("en") for s in finance.statuses}
    extended = [s.year for s in finance.statuses if s.extended and s.year >= finance.request.first]
    discounted = f"extended in {year_spans(extended)}" if extended else "published"
    for table, dim in _TABLES.items():
        array = finance.dataset[table]
        words = rows(table)
        prices = "fixed" if table in _FIXED else finance.request.prices
        dims = [str(d) for d in array.dims]
        for index in np.ndindex(*array.shape):
            value = float(array.values[index])
            if np.isnan(value):
                continue
            at = {d: array[d].values[i] for d, i in zip(dims, index, strict=True)}
            row = words[str(at[dim])]
            others = [f"{at[d]:g}" if d == "rate" else str(at[d]) for d in dims if d in _OF]
            year = int(at[YEAR]) if YEAR in at else finance.request.first if table == "job" else None
            yield (
                table, at.get(SCENARIO, finance.request.scenario), row.id, "/".join(others), year or "",
                at.get(STATISTIC, "reference"), _text(value, row.unit), row.unit, prices if row.unit == "MNOK" else "",
                status[year] if year else discounted, row.nb, row.en,
            )  # fmt: skip


_OF: Final = ("party", "rate", "filler", "regime")


def _text(value: float, unit: str) -> str:
    """Return a number: money to the øre, anything else with ten digits."""
    return f"{value + 0.0:.{ORE}f}" if unit == "MNOK" else f"{value:.10g}"


def write_netcdf(finance: Finance, path: Path) -> Path:
    """Write the Dataset, with labels of the rows in both languages as coordinates.

    Parameters
    ----------
    finance : Finance
        The tables.
    path : Path
        A new file.
    """
    dataset = finance.dataset
    for table, dim in _TABLES.items():
        words = [rows(table)[str(name)] for name in dataset[dim].values]
        dataset = dataset.assign_coords(
            {
                f"{dim}_nb": (dim, [w.nb for w in words]),
                f"{dim}_en": (dim, [w.en for w in words]),
                f"{dim}_unit": (dim, [w.unit for w in words]),
            }
        )
    for name in ("plan", "effect", "effect_fixed", "gain", "gain_fixed", "worth", "social"):
        dataset[name].attrs[UNIT] = "MNOK; see the coordinate of units for persons and shares"
    dataset.to_netcdf(path, engine="netcdf4")
    return path


__all__ = ["COLUMNS", "write_csv", "write_netcdf"]
