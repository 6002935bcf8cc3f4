"""Net present value of the effects, at the state's rate and at others, with what is still owed at the end.

Amounts are fixed kroner, so rates are real; a year's amount is discounted to the first plan year. The module refuses
nominal amounts.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW
from egendekning.finance.annual import YEAR, Parts
from egendekning.finance.plan import ORE, STATISTIC, STATISTICS, band

WORTH: Final = "worth_row"
"""Dimension: row of the table of net present values."""

RATE: Final = "rate"
"""Dimension: discount rate, percent a year."""

RATES: Final = (2.0, 3.0, 4.0, 6.0)
"""Rates that are always shown, percent; the state's own is added where it is another."""

OF_PARTS: Final = ("own_tax", "equalisation", "block_grant", "other_revenue", "services", "digital_saving", "social",
                   "levers", "finance", "before_standard", "standard", "total")  # fmt: skip
"""Parts of the effect that are discounted."""

DEBT: Final = "remaining_debt"
"""Row: the levers' debt that is left at the end, discounted."""

AFTER_DEBT: Final = "after_debt"
"""Row: room for manoeuvre before the budget uses it, less that debt."""

OWING: Final = ("party_municipality", "party_all")
"""Rows whose present value the debt that is left is taken from."""

_PER_CENT: Final = 100.0


def factors(years: list[int], first: int, rate: float) -> np.ndarray:
    """Return discount factors, (year): 1 in the first plan year, 0 before it.

    Parameters
    ----------
    years : list of int
        Calendar years.
    first : int
        The first plan year.
    rate : float
        Percent a year, real.
    """
    gap = np.array(years) - first
    return np.where(gap >= 0, (1.0 + rate / _PER_CENT) ** -np.maximum(gap, 0).astype(float), 0.0)


def worth_table(
    effects: Parts, debt: xr.DataArray, central: xr.DataArray, first: int, rates: tuple[float, ...]
) -> xr.DataArray:
    """Make the table of net present values.

    Parameters
    ----------
    effects : dict
        (draw, year), fixed prices, with sums (`effects.summed`) and, by party, ``party_*``.
    debt : xarray.DataArray
        (draw, year), MNOK of 2020: what the scenario's levers owe on 31 December beyond the comparison's.
    central : xarray.DataArray
        (row, year, statistic) of the same rows in fixed prices, rounded to the øre: what the workbook discounts.
    first : int
        First plan year.
    rates : tuple of float
        Percent.

    Returns
    -------
    xarray.DataArray
        (worth, rate, statistic), MNOK of 2020 in the first plan year.
    """
    years = [int(y) for y in debt[YEAR].values]
    rows = [*effects, DEBT, AFTER_DEBT]
    values = np.zeros((len(rows), len(rates), len(STATISTICS)))
    for k, rate in enumerate(rates):
        weight = xr.DataArray(factors(years, first, rate), dims=YEAR, coords={YEAR: years})
        later = (1.0 + rate / _PER_CENT) ** -(years[-1] + 1 - first)
        exact = {name: (array * weight).sum(YEAR) for name, array in effects.items()}
        exact[DEBT] = -debt.isel({YEAR: -1}, drop=True) * later
        exact[AFTER_DEBT] = exact["before_standard"] + exact[DEBT]
        exact |= {name: exact[name] + exact[DEBT] for name in OWING}
        draws = slice(1, None) if debt.sizes[DRAW] > 1 else slice(0, 1)
        for i, name in enumerate(rows):
            low, high = band(exact[name])
            values[i, k] = (exact[name].isel({DRAW: draws}).mean(), low, high, exact[name].isel({DRAW: 0}))
        for s in (0, 3):
            owed = debt.isel({YEAR: -1, DRAW: draws}).mean() if s == 0 else debt.isel({YEAR: -1, DRAW: 0})
            values[-2, k, s] = -float(owed.round(ORE)) * later
            for i, name in enumerate(effects):
                flows = float((central.isel({STATISTIC: s}).values[i] * weight.values).sum())
                values[i, k, s] = flows + (values[-2, k, s] if name in OWING else 0.0)
            values[-1, k, s] = values[rows.index("before_standard"), k, s] + values[-2, k, s]
    coords = {WORTH: rows, RATE: list(rates), STATISTIC: list(STATISTICS)}
    return xr.DataArray(values, dims=(WORTH, RATE, STATISTIC), coords=coords)


__all__ = ["AFTER_DEBT", "DEBT", "OF_PARTS", "OWING", "RATE", "RATES", "WORTH", "factors", "worth_table"]
