"""Runs as a finance department counts them: flows summed over calendar years, stocks at their ends.

A year's sum of a flow is the mean of its rate over the steps of the year, as the accounts are read in validation; a
stock on 31 December is the state that the last step leaves, so that opening, flows and closing meet exactly. Products
that differ within the year (a rate times a population) are split at the steps, before the mean. The module refuses to
round and to add anything up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, SCENARIO, TIME
from egendekning.ensemble import Bound, Design, run_scenarios
from egendekning.errors import Problem, StudyError

YEAR: Final = "year"
"""Dimension: calendar year."""

PIECE: Final = 64
"""Draws that are run at once, every step of them in memory."""

Parts = dict[str, xr.DataArray]
"""Arrays (draw, time) or (draw, year) by name."""

NEEDED: Final = (
    "own tax", "own tax per inhabitant", "national tax per inhabitant", "income equalisation", "per inhabitant grant",
    "expenditure equalisation", "equalisation besides age", "large city grant", "income guarantee", "special grants",
    "merger grant paid", "discretionary grant", "growth grant", "one off grants", "unforeseen grants",
    "one off costs", "unforeseen costs", "block grant", "property tax", "other income", "operating income",
    "service need", "service level", "digital saving", "service cost", "social assistance",
    "social assistance recipients", "qualification programme", "qualification cost", "introduction programme",
    "other social services", "child welfare", "lever operating cost", "lever investment cost",
    "structural adjustment", "operating expenditure", "interest income", "dividends", "interest expense",
    "instalments", "net operating result", "transfer to investment", "reserve fund", "net debt", "policy debt",
    "policy instalments", "base borrowing", "population on 1 January", "population on 1 July the year before",
    "total population", "population 15 to 74", "employed residents", "jobs", "unemployed", "outside total",
    "relative earned income", "relative pensioners", "wage share of tax", "pension share of tax",
    "refugees no longer recent", "restriction stringency", "state support effect", "registered unemployed",
    "lost tax of people outside work",
)  # fmt: skip
"""Variables of the model that the tables are read from."""


def needed(bound: Bound) -> list[str]:
    """Return the model's names of what the tables are read from; all that it lacks in one StudyError."""
    lacking = [name for name in NEEDED if name not in bound.model.variables]
    if lacking:
        expected = "the municipal economy in the names that finance tables are read from (docs/finance.md)"
        where = str(bound.study.model_file)
        raise StudyError(Problem(where, f"no variable {name!r}", expected) for name in lacking)
    return list(NEEDED)


def yearly(
    bound: Bound,
    scenarios: Sequence[str],
    drawn: Design,
    years: Sequence[int],
    derive: Callable[[xr.Dataset], Mapping[str, Parts]],
    *,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, dict[str, xr.DataArray]]:
    """Run scenarios in pieces and reduce each piece to calendar years.

    Parameters
    ----------
    bound : Bound
        Study and model.
    scenarios : sequence of str
        Ids.
    drawn : Design
        The draws, draw 0 first.
    years : sequence of int
        Calendar years, rising, without gaps.
    derive : callable
        Takes a piece of runs, (scenario, draw, time, \\*subscripts), and returns groups of arrays (..., year).
    progress : callable, optional
        Called with draws done and draws in all.

    Returns
    -------
    dict
        Arrays (..., draw, ..., year) by group and name, all draws.
    """
    step = bound.model.time.step
    count = round((years[-1] + 1 - years[0]) / step)
    times = [years[0] + i * step for i in range(count + 1)]
    names = needed(bound)
    rows = drawn.draws + 1
    cuts = np.linspace(0, rows, -(-rows // PIECE) + 1).round().astype(int).tolist()
    found: dict[str, dict[str, list[xr.DataArray]]] = {}
    for begin, end in pairwise(cuts):
        run = run_scenarios(bound, scenarios, cut(drawn, begin, end), outputs=names, times=times)
        for group, arrays in derive(run).items():
            for name, array in arrays.items():
                found.setdefault(group, {}).setdefault(name, []).append(array)
        if progress is not None:
            progress(end, rows)
    return {group: {name: xr.concat(parts, DRAW) for name, parts in arrays.items()} for group, arrays in found.items()}


def mean_over_years(array: xr.DataArray) -> xr.DataArray:
    """Return the mean over the steps of every calendar year, (..., year): the year's sum of a flow.

    Parameters
    ----------
    array : xarray.DataArray
        (..., time), all steps of whole years and 1 January after the last.
    """
    times = array[TIME].values
    first, last = round(float(times[0])), round(float(times[-1]))
    steps = (len(times) - 1) // (last - first)
    moved = array.transpose(..., TIME)
    values = moved.values[..., :-1].reshape(*moved.shape[:-1], last - first, steps).mean(axis=-1)
    dims = [str(d) for d in moved.dims[:-1]]
    coords = {d: moved[d] for d in dims if d in moved.coords}
    return xr.DataArray(values, dims=[*dims, YEAR], coords={**coords, YEAR: np.arange(first, last)})


def on_1_january(array: xr.DataArray, *, after: bool = False) -> xr.DataArray:
    """Return a stock on 1 January of every year, or on that after it (31 December), (..., year)."""
    times = array[TIME].values
    first, last = round(float(times[0])), round(float(times[-1]))
    steps = (len(times) - 1) // (last - first)
    chosen = array.isel({TIME: np.arange(last - first) * steps + (steps if after else 0)})
    return (
        chosen.rename({TIME: YEAR})
        .assign_coords({YEAR: np.arange(first, last)})
        .drop_vars([c for c in chosen.coords if c not in (SCENARIO, DRAW, TIME)], errors="ignore")
    )


def cut(drawn: Design, begin: int, end: int) -> Design:
    """Return the draws from `begin` up to `end`, counted from draw 0."""
    place = {DRAW: slice(begin, end)}
    parameters = {n: a.isel(place) if DRAW in a.dims else a for n, a in drawn.parameters.items()}
    starts = {n: a.isel(place) if DRAW in a.dims else a for n, a in drawn.initial_values.items()}
    return replace(drawn, parameters=parameters, initial_values=starts, draws=end - begin - 1)


__all__ = ["NEEDED", "YEAR", "Parts", "cut", "mean_over_years", "needed", "on_1_january", "yearly"]
