"""From runs to outcomes: one number, or one series, a run.

The fiscal effect is what a run leaves the municipality beyond the same run without any lever, in fixed money::

    sum over quarters from 2022 of (room(t) - room without policy(t)) / 4 / (1 + rate)^(t - 2022)
      - (policy debt - policy debt without policy) at the end / (1 + rate)^(end - 2022)
    room = net operating result + total service cost (1 - 1 / service level)

``room`` is the net operating result at the service standard of 2020: without that term a gain that budgets turn into
better services would not count. What levers borrowed and have not paid back by the end is subtracted. The module
refuses to run a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, SCENARIO, TIME
from egendekning.ensemble.measures import NOT_BEFORE, first_time
from egendekning.ensemble.resilience import resilience
from egendekning.ensemble.run import QUARTER
from egendekning.sensitivity.outcomes import RESILIENCE, SHOCK_START, Outcome

Floats = NDArray[np.float64]

MAIN, WITHOUT, SHOCKED = "main", "without policy", "shocked"
"""Ways in which a row is run; the last two only where an outcome asks for them."""

Runs = Mapping[str, xr.Dataset]
"""Results by way of running, dims ([draw,] time, \\*subscripts)."""

_EXTRA = {"fiscal": WITHOUT, "resilience": SHOCKED}


def needs(outcomes: Sequence[Outcome]) -> dict[str, tuple[tuple[str, ...], tuple[float, ...]]]:
    """Return the variables and times that each way of running has to save: nothing later than what is read."""
    names: dict[str, dict[str, None]] = {}
    times: dict[str, set[float]] = {}
    for outcome in outcomes:
        for variant in {MAIN, _EXTRA.get(outcome.reading, MAIN)}:
            names.setdefault(variant, {}).update(dict.fromkeys(outcome.variables))
            times.setdefault(variant, set()).update(outcome.times)
    return {v: (tuple(names[v]), tuple(sorted(times[v]))) for v in (MAIN, WITHOUT, SHOCKED) if v in names}


def read(outcomes: Sequence[Outcome], runs: Runs, count: int, rate: float) -> dict[str, Floats]:
    """Return every outcome of some rows.

    Parameters
    ----------
    outcomes : sequence of Outcome
        What to read.
    runs : mapping
        See `Runs`; what `needs` says.
    count : int
        Number of rows.
    rate : float
        Discount rate, 1/year.

    Returns
    -------
    dict
        (run,), or (run, time) for a series, in the outcome's unit.
    """
    found = {}
    for outcome in outcomes:
        values = np.asarray(_one(outcome, runs, rate), dtype=float)
        shape = (count, len(outcome.times)) if outcome.series else (count,)
        found[outcome.id] = np.array(np.broadcast_to(values, shape))
    return found


def _one(outcome: Outcome, runs: Runs, rate: float) -> Floats:
    """Return one outcome, (run or 1[, time])."""
    series = picked(runs[MAIN], outcome, outcome.variables[0])
    values: Floats = series.values
    match outcome.reading:
        case "at":
            return values[..., 0]
        case "year mean":
            return np.asarray(values.mean(axis=-1))
        case "series":
            return values
        case "first" | "reached":
            years = first_time(series.expand_dims(SCENARIO))[0]
            missing = np.isnan(values).any(axis=-1)
            if outcome.reading == "reached":
                return np.where(missing, np.nan, np.isfinite(years))
            return np.where(np.isfinite(years), years, np.nan)
        case "fiscal":
            return _present(runs[MAIN], outcome, rate) - _present(runs[WITHOUT], outcome, rate)
        case "resilience":
            shocked = picked(runs[SHOCKED], outcome, outcome.variables[0])
            measure = resilience(shocked, series, SHOCK_START)[RESILIENCE[outcome.id]]
            return np.asarray(measure.values)


def _present(runs: xr.Dataset, outcome: Outcome, rate: float) -> Floats:
    """Return the present value of room less the debt left, (run or 1)."""
    result, cost, level, debt = (picked(runs, outcome, name).values for name in outcome.variables)
    times = np.asarray(outcome.times)
    weight = QUARTER / (1.0 + rate) ** (times - NOT_BEFORE)
    end = (1.0 + rate) ** (times[-1] + QUARTER / 2.0 - NOT_BEFORE)
    room = result + cost * (1.0 - 1.0 / level)
    return np.asarray((room * weight).sum(axis=-1) - debt[..., -1] / end)


def picked(runs: xr.Dataset, outcome: Outcome, name: str) -> xr.DataArray:
    """Return one element of a variable at an outcome's times, (run or 1, time)."""
    series = runs[name]
    dims = [d for d in series.dims if d not in (DRAW, TIME)]
    series = series.sel(dict(zip(dims, outcome.elements, strict=True)))
    at = np.searchsorted(runs[TIME].values, np.asarray(outcome.times) - 1e-6)
    chosen = series.isel({TIME: at})
    chosen = chosen if DRAW in chosen.dims else chosen.expand_dims(DRAW)
    return chosen.transpose(DRAW, TIME)
