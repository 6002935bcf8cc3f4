"""Social costs year by year: recipients, months and kroner, and what people out of work cost in lost tax.

The model's delays are in the figures: assistance follows joblessness after about a year, child welfare after about
three. The module refuses to say why 2020 went as it did; the words are in the workbook, beside its figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import xarray as xr

from egendekning.dims import DRAW, SCENARIO, TIME
from egendekning.finance.annual import YEAR, Parts, mean_over_years
from egendekning.finance.named import Named
from egendekning.finance.plan import ORE, STATISTIC, STATISTICS, band

SOCIAL_ROW: Final = "social_row"
"""Dimension: row of the table of social costs."""


@dataclass(frozen=True)
class Row(Named):
    """One row: its unit, and what it is the sum of."""

    unit: str
    of: tuple[str, ...] = ()


ROWS: Final = (
    Row("unemployed", "Arbeidsledige bosatte", "Unemployed residents", "person"),
    Row("outside", "Utenfor arbeidsstyrken, kan arbeide", "Outside the labour force, able to work", "person"),
    Row("recipients", "Sosialhjelpsmottakere i året", "Recipients of social assistance in the year", "person"),
    Row("without_support", "Mottakere uten statens ekstra ytelser", "Recipients without the state's extra benefits",
        "person"),
    Row("months", "Måneder med sosialhjelp", "Months of social assistance", "month"),
    Row("assistance", "Økonomisk sosialhjelp", "Social assistance", "MNOK"),
    Row("participants", "Deltakere i kvalifiseringsprogrammet (årsverk)", "Participants in the qualification programme",
        "person"),
    Row("qualification", "Kvalifiseringsprogrammet", "Qualification programme", "MNOK"),
    Row("introduced", "Flyktninger gjennom introduksjonsprogrammet", "Refugees through the introduction programme",
        "person"),
    Row("introduction", "Introduksjonsprogrammet", "Introduction programme", "MNOK"),
    Row("services", "Øvrige sosialtjenester", "Other social services", "MNOK"),
    Row("child_welfare", "Barnevern", "Child welfare", "MNOK"),
    Row("total", "Sosiale utgifter i alt", "Social costs in all", "MNOK",
        ("assistance", "qualification", "introduction", "services", "child_welfare")),
    Row("lost_tax", "Tapt kommuneskatt av folk uten arbeid, før utjevning",
        "Municipal tax lost on people without work, before equalisation", "MNOK"),
)  # fmt: skip
"""Rows of the table, in order."""


def social_parts(run: xr.Dataset) -> Parts:
    """Return the rows that are read from runs, (scenario, draw, year), 2020 prices.

    Parameters
    ----------
    run : xarray.Dataset
        (scenario, draw, time, \\*subscripts), every step of whole years.
    """
    inner = [d for d in run["unemployed"].dims if d not in (SCENARIO, DRAW, TIME)]
    found = {
        "unemployed": run["unemployed"].sum(inner),
        "outside": run["outside total"],
        "recipients": run["social assistance recipients"],
        "without_support": run["social assistance recipients"]
        / (1.0 - run["state support effect"] * run["restriction stringency"]),
        "assistance": run["social assistance"],
        "participants": run["qualification programme"] * 1e6 / run["qualification cost"],
        "qualification": run["qualification programme"],
        "introduced": run["refugees no longer recent"],
        "introduction": run["introduction programme"],
        "services": run["other social services"],
        "child_welfare": run["child welfare"],
        "lost_tax": run["lost tax of people outside work"],
        "jobs": run["jobs"],
        "employed": run["employed residents"],
    }
    return {n: mean_over_years(a).transpose(SCENARIO, DRAW, YEAR).reset_coords(drop=True) for n, a in found.items()}


def social_table(parts: Parts, prices: xr.DataArray, months: float) -> xr.DataArray:
    """Make the table.

    Parameters
    ----------
    parts : dict
        From `social_parts`.
    prices : xarray.DataArray
        (year), price level, 2020 = 1.
    months : float
        Months of assistance a year per recipient.

    Returns
    -------
    xarray.DataArray
        (scenario, social, year, statistic), in the units of `ROWS`; money to the øre and adding up.
    """
    units = {row.id: row.unit for row in ROWS}
    money = {n: a * prices if units.get(n) == "MNOK" else a for n, a in parts.items() if n in units}
    money["months"] = months * money["recipients"]
    first = slice(1, None) if money["recipients"].sizes[DRAW] > 1 else slice(0, 1)
    central = _with_totals({n: _rounded(a.isel({DRAW: first}).mean(DRAW), units[n]) for n, a in money.items()})
    reference = _with_totals({n: _rounded(a.isel({DRAW: 0}, drop=True), units[n]) for n, a in money.items()})
    whole = _with_totals(money)
    rows = [
        xr.concat([central[row.id], *band(whole[row.id]), reference[row.id]], STATISTIC, coords="minimal",
                  compat="override")
        for row in ROWS
    ]  # fmt: skip
    table = xr.concat(rows, SOCIAL_ROW, coords="minimal", compat="override")
    named = {SOCIAL_ROW: [row.id for row in ROWS], STATISTIC: list(STATISTICS)}
    return table.assign_coords(named).transpose(SCENARIO, SOCIAL_ROW, YEAR, STATISTIC)


def _rounded(array: xr.DataArray, unit: str) -> xr.DataArray:
    return array.round(ORE) if unit == "MNOK" else array


def _with_totals(parts: Parts) -> Parts:
    """Return the rows with their sums."""
    found = dict(parts)
    for row in ROWS:
        if row.of:
            found[row.id] = sum((found[n] for n in row.of), xr.zeros_like(found[row.of[0]])).round(ORE)
    return found


__all__ = ["ROWS", "SOCIAL_ROW", "Row", "social_parts", "social_table"]
