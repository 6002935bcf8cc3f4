"""The leaves of the economy plan read from runs, and the plan made of them.

Leaves are averaged or sampled, rounded to the øre, and only then added up, so the sums hold to the øre in every year.
The module refuses to plug a difference: the uncertainty that the draws carry about grants and costs is a line of its
own, read from the model and zero in the run of the model file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, SCENARIO
from egendekning.finance.annual import YEAR, Parts, mean_over_years, on_1_january
from egendekning.finance.lines import BY_ID, LINES, Line

LINE: Final = "line"
"""Dimension: row of the economy plan."""

STATISTIC: Final = "statistic"
"""Dimension: central, p10, p90, reference."""

STATISTICS: Final = ("central", "p10", "p90", "reference")
"""The mean of the draws (which adds up), the ends of the 80 % band, and the run of the model file."""

ORE: Final = 8
"""Decimals of MNOK that make an øre."""

SERVICE: Final = {"kindergarten": "kindergarten", "school": "school", "care": "care", "general_services": "general"}
"""Element of the model's service range by row of the plan."""

_STOCKS: Final = frozenset({"fund_opening", "debt_opening", "reserve_fund", "net_debt"})
_CARRIED: Final = {"fund_opening": "reserve_fund", "debt_opening": "net_debt"}
_QUANTILES: Final = (0.1, 0.9)


def plan_leaves(run: xr.Dataset) -> Parts:
    """Return the leaves of the plan by year, fixed prices.

    Parameters
    ----------
    run : xarray.Dataset
        (scenario, draw, time, \\*subscripts), every step of whole years.

    Returns
    -------
    dict
        (scenario, draw, year): MNOK of 2020, persons or percent; and the closing stocks of the model, for tests.
    """
    flows: Parts = {
        "own_tax": run["own tax"],
        "income_equalisation": run["income equalisation"],
        "per_inhabitant_grant": run["per inhabitant grant"],
        "expenditure_equalisation": run["expenditure equalisation"],
        "large_city_grant": run["large city grant"],
        "income_guarantee": run["income guarantee"],
        "special_grants": run["special grants"],
        "merger_grant": run["merger grant paid"],
        "discretionary_grant": run["discretionary grant"],
        "growth_grant": run["growth grant"],
        "one_off_grants": run["one off grants"],
        "unforeseen_grants": run["unforeseen grants"],
        "property_tax": run["property tax"],
        "other_income": run["other income"],
        **{line: run["service cost"].sel(service=element, drop=True) for line, element in SERVICE.items()},
        "social_assistance": run["social assistance"],
        "qualification_programme": run["qualification programme"],
        "introduction_programme": run["introduction programme"],
        "other_social_services": run["other social services"],
        "child_welfare": run["child welfare"],
        "lever_operating": run["lever operating cost"].sum("lever"),
        "enterprises": run["structural adjustment"],
        "one_off_costs": run["one off costs"],
        "unforeseen_costs": run["unforeseen costs"],
        "interest_income": run["interest income"],
        "dividends": run["dividends"],
        "interest_expense": run["interest expense"],
        "instalments": run["instalments"],
        "transfer_to_investment": run["transfer to investment"],
        "loans_levers": run["lever investment cost"].sum("lever"),
        "loans_other": run["base borrowing"],
    }
    found = {name: mean_over_years(array) for name, array in flows.items()}
    found["fund_opening"] = on_1_january(run["reserve fund"])
    found["debt_opening"] = on_1_january(run["net debt"])
    found["population"] = mean_over_years(run["population on 1 January"])
    found["population_july"] = mean_over_years(run["population on 1 July the year before"])
    found["tax_level"] = mean_over_years(100.0 * run["own tax per inhabitant"] / run["national tax per inhabitant"])
    return {name: _plain(array) for name, array in found.items()}


def _plain(array: xr.DataArray) -> xr.DataArray:
    """Return an array (scenario, draw, year) without other coordinates."""
    return array.transpose(SCENARIO, DRAW, YEAR).reset_coords(drop=True)


def plan_table(leaves: Mapping[str, xr.DataArray], prices: xr.DataArray, norm: float) -> xr.DataArray:
    """Make the plan.

    Parameters
    ----------
    leaves : mapping
        (scenario, draw, year) by leaf, fixed prices.
    prices : xarray.DataArray
        (year), price level, 2020 = 1; ones for fixed prices.
    norm : float
        Recommended net operating result, percent of operating income.

    Returns
    -------
    xarray.DataArray
        (scenario, line, year, statistic): MNOK to the øre, percent or persons. ``central`` and ``reference`` add up to
        the øre; the ends of the band are quantiles of each row for itself and do not.
    """
    money = {name: array * _factor(name, prices) for name, array in leaves.items()}
    money["fund_revaluation"] = leaves["fund_opening"] * (prices - _before(prices))
    money["debt_revaluation"] = leaves["debt_opening"] * (prices - _before(prices))
    whole = added_up(money, norm)
    centre = {name: centred(array) for name, array in money.items()}
    central = added_up({n: rounded(n, a) for n, a in centre.items()}, norm, to_ore=True)
    first = {n: rounded(n, a.isel({DRAW: 0}, drop=True)) for n, a in money.items()}
    reference = added_up(first, norm, to_ore=True)
    rows = []
    for line in LINES:
        low, high = band(whole[line.id])
        rows.append(xr.concat([central[line.id], low, high, reference[line.id]], STATISTIC, coords="minimal",
                              compat="override"))  # fmt: skip
    table = xr.concat(rows, LINE, coords="minimal", compat="override")
    named = {LINE: [line.id for line in LINES], STATISTIC: list(STATISTICS)}
    return table.assign_coords(named).transpose(SCENARIO, LINE, YEAR, STATISTIC)


def added_up(leaves: Mapping[str, xr.DataArray], norm: float, *, to_ore: bool = False) -> dict[str, xr.DataArray]:
    """Return all rows made of leaves (..., year) in money of the year; what is opening is last year's closing.

    Parameters
    ----------
    leaves : mapping
        (..., year) by leaf, the opening stocks of every year among them.
    norm : float
        Recommended net operating result, percent of operating income.
    to_ore : bool
        Round every sum to the øre: a float sum of øre is not exactly øre.
    """
    decimals = ORE if to_ore else 2 * ORE
    found = dict(leaves)
    for line in LINES:
        if line.id == "result_norm":
            found[line.id] = _norm(found["operating_income"], norm)
        elif line.id in _CARRIED:
            continue
        elif line.id in ("reserve_fund", "net_debt"):
            opening = "fund_opening" if line.id == "reserve_fund" else "debt_opening"
            found[opening], found[line.id] = _rolled(found, line, opening, decimals)
        elif line.parts:
            found[line.id] = _of_parts(line, found, decimals)
    return found


def _norm(income: xr.DataArray, norm: float) -> xr.DataArray:
    """Return the recommended result to the øre, a half øre rounded up as a spreadsheet does."""
    ore = 10.0**ORE
    share = (income * ore).round() * norm / 100.0 + 0.5
    return xr.DataArray(np.floor(share.values), dims=share.dims, coords=share.coords) / ore


def _rolled(
    found: Mapping[str, xr.DataArray], line: Line, opening: str, decimals: int
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return opening and closing of a stock: opening once, then the flows."""
    change = sum((sign * found[name] for sign, name in line.parts if name != opening), xr.zeros_like(found[opening]))
    first = found[opening].isel({YEAR: 0}, drop=True)
    closing = (first + change.cumsum(YEAR)).round(decimals).assign_coords({YEAR: found[opening][YEAR]})
    begins = closing.shift({YEAR: 1})
    begins = begins.where(begins[YEAR] > begins[YEAR][0], first)
    return begins.transpose(*found[opening].dims), closing.transpose(*found[opening].dims)


def _of_parts(line: Line, found: Mapping[str, xr.DataArray], decimals: int) -> xr.DataArray:
    """Return a sum or a share in percent."""
    if line.kind == "share":
        (scale, above), (_, below) = line.parts
        return scale * found[above] / found[below]
    total = sum((sign * found[name] for sign, name in line.parts), 0.0 * found[line.parts[0][1]])
    return total.round(decimals)


def rounded(name: str, array: xr.DataArray) -> xr.DataArray:
    """Return money rounded to the øre; persons and percent as they are."""
    if BY_ID[name].kind not in ("leaf", "sum"):
        return array
    return array.round(ORE)


def centred(array: xr.DataArray) -> xr.DataArray:
    """Return the mean of the draws; the run of the model file where there are none."""
    if array.sizes[DRAW] == 1:
        return array.isel({DRAW: 0}, drop=True)
    return array.isel({DRAW: slice(1, None)}).mean(DRAW)


def band(array: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return the ends of the band that holds 80 % of the draws; NaN where there are none."""
    draws = array.isel({DRAW: slice(1, None)})
    if not draws.sizes[DRAW]:
        empty = array.isel({DRAW: 0}, drop=True) * np.nan
        return empty, empty
    low, high = (draws.quantile(q, DRAW).drop_vars("quantile") for q in _QUANTILES)
    return low, high


def _factor(name: str, prices: xr.DataArray) -> xr.DataArray | float:
    """Return what turns fixed prices into those wanted: none for persons and percent; a stock opens in last year's."""
    if BY_ID[name].kind in ("share", "count"):
        return 1.0
    return _before(prices) if name in _STOCKS else prices


def _before(prices: xr.DataArray) -> xr.DataArray:
    """Return the price level of the year before; the first year's own where there is none."""
    earlier = prices.shift({YEAR: 1})
    return earlier.where(earlier[YEAR] > earlier[YEAR][0], prices)


__all__ = [
    "LINE",
    "ORE",
    "SERVICE",
    "STATISTIC",
    "STATISTICS",
    "added_up",
    "band",
    "centred",
    "plan_leaves",
    "plan_table",
    "rounded",
]
