"""What a scenario does to the net operating result, taken apart: every part a named cause, together the whole.

Products are split exactly: a change in tax is a changed population at the old tax per inhabitant, and a changed tax per
inhabitant for the new population; services are a changed need, a digital saving and the standard that the budget
decides. Differences are taken within a draw and a step. The module refuses a residual: whatever the parts leave is the
line ``not_explained``, which tests hold at zero to the krone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, SCENARIO
from egendekning.finance.annual import YEAR, Parts, mean_over_years
from egendekning.finance.named import Named
from egendekning.finance.plan import ORE, SERVICE, STATISTIC, STATISTICS, band

PART: Final = "part"
"""Dimension: part of the effect."""


@dataclass(frozen=True)
class Part(Named):
    """One row of the effect on the net operating result.

    Attributes
    ----------
    of : tuple of str
        Parts that it is the sum of; empty for a part read from the runs.
    """

    of: tuple[str, ...] = ()

    @property
    def main(self) -> bool:
        """Whether it is a sum, or stands beside the sums."""
        return bool(self.of) or self.id in (*_BEFORE_STANDARD, "standard")


_NEED = ("kindergarten_need", "school_need", "care_need", "general_need")
_SOCIAL = (
    "social_assistance", "qualification_programme", "introduction_programme", "other_social_services", "child_welfare",
)  # fmt: skip
_BEFORE_STANDARD = ("own_tax", "equalisation", "block_grant", "other_revenue", "services", "digital_saving", "social",
                    "levers", "finance")  # fmt: skip

PARTS: Final = (
    Part("tax_population", "Egen skatt: flere eller færre innbyggere", "Own tax: more or fewer inhabitants"),
    Part("tax_per_resident", "Egen skatt: inntekt per innbygger", "Own tax: income per inhabitant"),
    Part("own_tax", "Egen skatt før utjevning", "Own tax before equalisation", ("tax_population", "tax_per_resident")),
    Part("equalisation_population", "Inntektsutjevning: endret folketall", "Income equalisation: changed population"),
    Part("equalisation_lost", "Trukket i inntektsutjevningen", "Lost to equalisation"),
    Part("equalisation", "Inntektsutjevning", "Income equalisation", ("equalisation_population", "equalisation_lost")),
    Part("grant_population", "Innbyggertilskudd, storbytilskudd og INGAR: folketall",
         "Per-inhabitant and large-city grants and INGAR: population"),
    Part("need_population", "Utgiftsutjevning: folketall", "Expenditure equalisation: population"),
    Part("need_age", "Utgiftsutjevning: alderssammensetning", "Expenditure equalisation: age mix"),
    Part("growth_grant", "Veksttilskudd", "Growth grant"),
    Part("other_grants", "Øvrige tilskudd", "Other grants"),
    Part("block_grant", "Rammetilskudd gjennom folketall og alder", "Block grant through population and age",
         ("grant_population", "need_population", "need_age", "growth_grant", "other_grants")),
    Part("property_tax", "Eiendomsskatt", "Property tax"),
    Part("other_income", "Andre driftsinntekter (følger folketallet)", "Other income (follows the population)"),
    Part("other_revenue", "Eiendomsskatt og andre inntekter", "Property tax and other income",
         ("property_tax", "other_income")),
    Part("kindergarten_need", "Barnehage: endret befolkning", "Kindergarten: changed population"),
    Part("school_need", "Grunnskole: endret befolkning", "School: changed population"),
    Part("care_need", "Helse og omsorg: endret befolkning", "Health and care: changed population"),
    Part("general_need", "Øvrige tjenester: endret befolkning", "Other services: changed population"),
    Part("services", "Tjenester til en endret befolkning", "Services to a changed population", _NEED),
    Part("digital_saving", "Digital innsparing i tjenestene", "Digital saving in services"),
    Part("social_assistance", "Økonomisk sosialhjelp", "Social assistance"),
    Part("qualification_programme", "Kvalifiseringsprogrammet", "Qualification programme"),
    Part("introduction_programme", "Introduksjonsprogrammet", "Introduction programme"),
    Part("other_social_services", "Øvrige sosialtjenester", "Other social services"),
    Part("child_welfare", "Barnevern", "Child welfare"),
    Part("social", "Sosiale utgifter", "Social costs", _SOCIAL),
    Part("lever_operating", "Virkemidler: driftsutgifter", "Levers: operating cost"),
    Part("lever_interest", "Virkemidler: renter på lån", "Levers: interest on loans"),
    Part("lever_instalments", "Virkemidler: avdrag på lån", "Levers: instalments on loans"),
    Part("levers", "Virkemidlenes drifts- og kapitalutgifter", "Operating and capital costs of the levers",
         ("lever_operating", "lever_interest", "lever_instalments")),
    Part("other_interest", "Renter på øvrig gjeld", "Interest on other debt"),
    Part("other_instalments", "Avdrag på øvrig gjeld", "Instalments on other debt"),
    Part("finance_income", "Renteinntekter og utbytte", "Interest income and dividends"),
    Part("other_costs", "Øvrige driftsutgifter", "Other operating costs"),
    Part("finance", "Øvrig gjeld, finans og annet", "Other debt, finance and other costs",
         ("other_interest", "other_instalments", "finance_income", "other_costs")),
    Part("before_standard", "Endret handlingsrom før budsjettet bruker det",
         "Room for manoeuvre before the budget uses it", _BEFORE_STANDARD),
    Part("standard", "Standard i tjenestene, som budsjettet bestemmer", "Standard of services decided by the budget"),
    Part("total", "Endring i netto driftsresultat", "Change in net operating result", ("before_standard", "standard")),
    Part("not_explained", "Ikke forklart (skal være null)", "Not explained (must be zero)"),
)  # fmt: skip
"""Rows of the effect, in order; costs and losses are negative."""

BY_PART: Final = {part.id: part for part in PARTS}
"""Rows by name."""


def effect_parts(run: xr.Dataset) -> Parts:
    """Take the difference between two scenarios apart.

    Parameters
    ----------
    run : xarray.Dataset
        (scenario, draw, time, \\*subscripts): the comparison first, the scenario second, every step of whole years.

    Returns
    -------
    dict
        (draw, year), MNOK of 2020: parts of the change in net operating result.
    """
    before, after = (run.isel({SCENARIO: i}, drop=True) for i in (0, 1))
    found = {**_income(before, after), **_costs(before, after), **_finance(before, after)}
    total = after["net operating result"] - before["net operating result"]
    found["not_explained"] = total - sum(found.values())
    return {name: mean_over_years(array).transpose(DRAW, YEAR).reset_coords(drop=True) for name, array in found.items()}


def _split(amount: str, basis: str, before: xr.Dataset, after: xr.Dataset) -> tuple[xr.DataArray, xr.DataArray]:
    """Split the change in an amount into a changed basis at the old rate and a changed rate on the new basis."""
    old, new = before[amount] / before[basis], after[amount] / after[basis]
    return old * (after[basis] - before[basis]), (new - old) * after[basis]


def _income(before: xr.Dataset, after: xr.Dataset) -> Parts:
    """Return the parts of income."""

    def change(name: str) -> xr.DataArray:
        return after[name] - before[name]

    january, july = "population on 1 January", "population on 1 July the year before"
    found: Parts = {}
    found["tax_population"], found["tax_per_resident"] = _split("own tax", january, before, after)
    found["equalisation_population"], found["equalisation_lost"] = _split("income equalisation", january, before, after)
    found["need_population"], found["need_age"] = _split("expenditure equalisation", july, before, after)
    follow = ("per inhabitant grant", "large city grant", "income guarantee")
    found["grant_population"] = sum((change(name) for name in follow), xr.zeros_like(after["block grant"]))
    found["growth_grant"] = change("growth grant")
    named = found["grant_population"] + found["growth_grant"] + change("expenditure equalisation")
    found["other_grants"] = change("block grant") - named
    found["property_tax"] = change("property tax")
    found["other_income"] = change("other income")
    return found


def _costs(before: xr.Dataset, after: xr.Dataset) -> Parts:
    """Return the parts of operating expenditure, less is more."""
    found: Parts = {}
    unit = before["service level"] * (1.0 - before["digital saving"])
    need = after["service need"] - before["service need"]
    for name, service in zip(_NEED, SERVICE.values(), strict=True):
        found[name] = -need.sel(service=service, drop=True) * unit
    volume = after["service need"].sum("service")
    found["digital_saving"] = volume * after["service level"] * (after["digital saving"] - before["digital saving"])
    found["standard"] = -volume * (after["service level"] - before["service level"]) * (1.0 - before["digital saving"])
    for name in _SOCIAL:
        variable = name.replace("_", " ")
        found[name] = before[variable] - after[variable]
    found["lever_operating"] = (before["lever operating cost"] - after["lever operating cost"]).sum("lever")
    explained = sum(found.values())
    found["other_costs"] = before["operating expenditure"] - after["operating expenditure"] - explained
    return found


def _finance(before: xr.Dataset, after: xr.Dataset) -> Parts:
    """Return the parts of finance, less cost is more."""

    def lever(run: xr.Dataset) -> xr.DataArray:
        return run["interest expense"] * run["policy debt"] / run["net debt"]

    interest = lever(before) - lever(after)
    instalments = before["policy instalments"] - after["policy instalments"]
    income = ("interest income", "dividends")
    return {
        "lever_interest": interest,
        "lever_instalments": instalments,
        "other_interest": before["interest expense"] - after["interest expense"] - interest,
        "other_instalments": before["instalments"] - after["instalments"] - instalments,
        "finance_income": sum((after[n] - before[n] for n in income), xr.zeros_like(interest)),
    }


def summed(parts: Parts, *, to_ore: bool = False) -> Parts:
    """Return parts with their sums, in the order of `PARTS`; rounded to the øre first where asked for."""
    found = {name: array.round(ORE) if to_ore else array for name, array in parts.items()}
    for part in PARTS:
        if part.of:
            total = sum((found[name] for name in part.of), xr.zeros_like(found[part.of[0]]))
            found[part.id] = total.round(ORE) if to_ore else total
    return {part.id: found[part.id] for part in PARTS}


def effect_table(parts: Parts, prices: xr.DataArray) -> xr.DataArray:
    """Make the table of effects.

    Parameters
    ----------
    parts : dict
        (draw, year), fixed prices, from `effect_parts`.
    prices : xarray.DataArray
        (year), price level, 2020 = 1.

    Returns
    -------
    xarray.DataArray
        (part, year, statistic), MNOK to the øre; ``central`` and ``reference`` add up to the øre.
    """
    money = {name: array * prices for name, array in parts.items()}
    draws = slice(1, None) if next(iter(money.values())).sizes[DRAW] > 1 else slice(0, 1)
    central = summed({n: a.isel({DRAW: draws}).mean(DRAW) for n, a in money.items()}, to_ore=True)
    reference = summed({n: a.isel({DRAW: 0}, drop=True) for n, a in money.items()}, to_ore=True)
    whole = summed(money)
    rows = [np.stack([central[n], *band(whole[n]), reference[n]], axis=-1) for n in whole]
    coords = {PART: list(whole), YEAR: prices[YEAR].values, STATISTIC: list(STATISTICS)}
    return xr.DataArray(np.stack(rows), dims=(PART, YEAR, STATISTIC), coords=coords)


__all__ = ["BY_PART", "PART", "PARTS", "Part", "effect_parts", "effect_table", "summed"]
