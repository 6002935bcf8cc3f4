"""Who gains: the effects of a scenario shared between municipality, state, county, residents and other municipalities.

A matrix of causes and parties. What one party pays another has both signs in its row, so transfers sum to zero and only
real gains and costs are left in the sum of all. People who move to Drammen bring their tax and services from another
municipality; only a higher share in work than in the comparison is a gain to the nation. The municipality's column is
the effect on its net operating result, part by part. The module refuses to value leisure, indirect taxes and whatever
the model does not hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, SCENARIO
from egendekning.finance.annual import YEAR, Parts, mean_over_years
from egendekning.finance.effects import summed
from egendekning.finance.facts import figure, over_years
from egendekning.finance.named import Named
from egendekning.finance.plan import ORE, STATISTIC, STATISTICS, band
from egendekning.finance.taxes import RATES, on_wages
from egendekning.study import FinanceRules

PARTY: Final = "party"
"""Dimension: who gains or pays."""

ITEM: Final = "item"
"""Dimension: cause."""

MUNICIPALITY, STATE, COUNTY, RESIDENTS, OTHERS = "municipality", "state", "county", "residents", "others"
PARTIES: Final = (MUNICIPALITY, STATE, COUNTY, RESIDENTS, OTHERS, "all")
"""Parties; the last is the sum of the others."""

PARTY_WORDS: Final = {
    "municipality": ("Kommunen", "Municipality"),
    "state": ("Staten", "State"),
    "county": ("Fylkeskommunen", "County"),
    "residents": ("Innbyggerne", "Residents"),
    "others": ("Andre kommuner og fylker", "Other municipalities and counties"),
    "all": ("I alt", "In all"),
}
"""Bokmål and English of each party."""

_MILLION: Final = 1e6
_PER_CENT: Final = 100.0


@dataclass(frozen=True)
class Item(Named):
    """A cause: a row of the matrix."""


ITEMS: Final = (
    Item("wages", "Lønn til flere i arbeid", "Wages of more people in work"),
    Item("municipal_tax", "Kommuneskatt av flere i arbeid", "Municipal tax of more people in work"),
    Item("moved_tax", "Kommuneskatt av flyttere og annen endring", "Municipal tax of movers and other change"),
    Item("equalisation", "Inntektsutjevning mellom kommuner", "Income equalisation between municipalities"),
    Item("grants", "Rammetilskudd etter folketall og alder", "Block grant by population and age"),
    Item("other_grants", "Øvrige tilskudd fra staten", "Other grants from the state"),
    Item("county_tax", "Fylkesskatt", "County tax"),
    Item("county_equalisation", "Inntektsutjevning mellom fylker", "Income equalisation between counties"),
    Item("state_tax", "Fellesskatt, trygdeavgift og trinnskatt", "State tax, social contribution and bracket tax"),
    Item("employer", "Arbeidsgiveravgift", "Employer contribution"),
    Item("benefits", "Statlige ytelser spart", "State benefits saved"),
    Item("assistance", "Sosialhjelp og programmer (utbetalinger)", "Social assistance and programmes (payments)"),
    Item("social_services", "Sosialtjenester og barnevern", "Social services and child welfare"),
    Item("services", "Tjenester til en endret befolkning", "Services to a changed population"),
    Item("fees", "Brukerbetaling og andre inntekter", "Fees and other income"),
    Item("digital", "Digital innsparing", "Digital saving"),
    Item("property_tax", "Eiendomsskatt", "Property tax"),
    Item("levers", "Virkemidlenes drifts- og kapitalutgifter", "Operating and capital costs of the levers"),
    Item("finance", "Øvrig gjeld, finans og annet", "Other debt, finance and other costs"),
    Item("before_standard", "Sum før budsjettet bruker handlingsrommet", "Sum before the budget uses the room"),
    Item("standard", "Standard i tjenestene, som budsjettet bestemmer", "Standard of services decided by the budget"),
    Item("total", "Sum", "Total"),
)  # fmt: skip
"""Rows of the matrix, in order."""

_BEFORE: Final = len(ITEMS) - 3
"""Place of the sum before the standard of services, which the standard and the total follow."""


def labour_parts(run: xr.Dataset) -> Parts:
    """Return what the scenario does to work and tax bases, (draw, year).

    Parameters
    ----------
    run : xarray.Dataset
        (scenario, draw, time, \\*subscripts): the comparison first, the scenario second.

    Returns
    -------
    dict
        ``in_work``, ``unemployed``, ``outside``: persons more than the comparison's rates give the new population;
        ``tax_per_employed``: MNOK of municipal tax on work per employed resident in the scenario;
        ``tax_per_inhabitant``: MNOK of what follows neither work nor age, per inhabitant.
    """
    before, after = (run.isel({SCENARIO: i}, drop=True) for i in (0, 1))
    adults = "population 15 to 74"

    def beyond(count: xr.DataArray, was: xr.DataArray) -> xr.DataArray:
        return count - was / before[adults] * after[adults]

    unemployed = [one["unemployed"].sum([d for d in one["unemployed"].dims if d not in (DRAW, "time")])
                  for one in (before, after)]  # fmt: skip
    work = after["wage share of tax"] * after["relative earned income"]
    rest = 1.0 - after["wage share of tax"] - after["pension share of tax"]
    base = work + after["pension share of tax"] * after["relative pensioners"] + rest
    found = {
        "in_work": beyond(after["employed residents"], before["employed residents"]),
        "unemployed": beyond(unemployed[1], unemployed[0]),
        "outside": beyond(after["outside total"], before["outside total"]),
        "tax_per_employed": after["own tax"] * work / base / after["employed residents"],
        "tax_per_inhabitant": after["own tax"] * rest / base / after["population on 1 January"],
    }
    return {n: mean_over_years(a).transpose(DRAW, YEAR).reset_coords(drop=True) for n, a in found.items()}


def wage_and_base(rules: FinanceRules, tax_per_employed: xr.DataArray, last: int) -> tuple[xr.DataArray, xr.DataArray]:
    """Return gross wage and taxable ordinary income of a person in work, MNOK, from the municipal tax on it.

    Parameters
    ----------
    rules : FinanceRules
        Tax rate by year and deductions.
    tax_per_employed : xarray.DataArray
        (..., year), MNOK per person, 2020 prices.
    last : int
        Last year with a published national tax; the extension holds its level, hence its tax rate too.
    """
    years = [int(y) for y in tax_per_employed[YEAR].values]
    rate = over_years(rules, "municipal_tax_rate", years, last) / _PER_CENT
    base = tax_per_employed / rate
    allowed = (figure(rules, "minimum_deduction") + figure(rules, "personal_allowance")) / _MILLION
    return base + allowed, base


def gain_items(effects: Parts, labour: Parts, rules: FinanceRules, last: int) -> dict[tuple[str, str], xr.DataArray]:
    """Return what each cause means to each party.

    Parameters
    ----------
    effects, labour : dict
        (draw, year), fixed prices, from `effect_parts` and `labour_parts`.
    rules : FinanceRules
        Rates and assumptions.
    last : int
        Last year with a published national tax: tax rates are held from there, as the tax level is.

    Returns
    -------
    dict
        (draw, year), MNOK, by (item, party); what is not there is zero.
    """
    part = summed(effects)
    work = _work(labour, rules, last)
    municipal, county, benefits = work["municipal"], work["county"], work["benefits"]
    kept_away = county * figure(rules, "county_equalisation_rate") / _PER_CENT
    paid = part["social_assistance"] + part["qualification_programme"] + part["introduction_programme"]
    need = sum(part[n] for n in ("kindergarten_need", "school_need", "care_need", "general_need"))
    moves: list[tuple[str, str, str | None, xr.DataArray]] = [
        ("wages", RESIDENTS, None, work["wages"]),
        ("municipal_tax", MUNICIPALITY, RESIDENTS, municipal),
        ("moved_tax", MUNICIPALITY, OTHERS, part["own_tax"] - municipal),
        ("equalisation", MUNICIPALITY, OTHERS, part["equalisation"]),
        ("grants", MUNICIPALITY, OTHERS, part["block_grant"] - part["other_grants"]),
        ("other_grants", MUNICIPALITY, STATE, part["other_grants"]),
        ("county_tax", COUNTY, RESIDENTS, county),
        ("county_equalisation", OTHERS, COUNTY, kept_away),
        ("state_tax", STATE, RESIDENTS, work["state"]),
        ("employer", STATE, None, work["employer"]),
        ("benefits", STATE, RESIDENTS, benefits),
        ("assistance", MUNICIPALITY, RESIDENTS, paid),
        ("social_services", MUNICIPALITY, None, part["other_social_services"] + part["child_welfare"]),
        ("services", MUNICIPALITY, OTHERS, need + 0.0 * municipal),
        ("fees", MUNICIPALITY, OTHERS, part["other_income"]),
        ("digital", MUNICIPALITY, None, part["digital_saving"]),
        ("property_tax", MUNICIPALITY, RESIDENTS, part["property_tax"]),
        ("levers", MUNICIPALITY, None, part["levers"]),
        ("finance", MUNICIPALITY, None, part["finance"]),
        ("standard", RESIDENTS, MUNICIPALITY, -part["standard"]),
    ]
    found: dict[tuple[str, str], xr.DataArray] = {}
    for item, gains, pays, amount in moves:
        found[item, gains] = amount
        if pays is not None:
            found[item, pays] = -amount
    return found


def _work(labour: Parts, rules: FinanceRules, last: int) -> Parts:
    """Return what more people in work means: wages, taxes on them and benefits saved, (draw, year), MNOK."""
    years = [int(y) for y in labour["in_work"][YEAR].values]
    rate = {name: over_years(rules, name, years, last) / _PER_CENT for name in RATES}
    wage, base = wage_and_base(rules, labour["tax_per_employed"], last)
    wages = labour["in_work"] * wage
    saved = labour["unemployed"] * figure(rules, "benefit_unemployed") + labour["outside"] * figure(
        rules, "benefit_outside"
    )
    bracket = figure(rules, "bracket_tax_share") / _PER_CENT
    return {
        "wages": wages,
        "municipal": labour["in_work"] * labour["tax_per_employed"],
        "benefits": -saved / _MILLION,
        **on_wages(rate, labour["in_work"] * base, wages, bracket),
    }


def gain_table(items: dict[tuple[str, str], xr.DataArray], prices: xr.DataArray) -> xr.DataArray:
    """Make the matrix.

    Parameters
    ----------
    items : dict
        (draw, year), fixed prices, by (item, party).
    prices : xarray.DataArray
        (year), price level, 2020 = 1.

    Returns
    -------
    xarray.DataArray
        (item, party, year, statistic), MNOK to the øre; ``central`` and ``reference`` add up both ways.
    """
    sample = next(iter(items.values()))
    shape = (len(ITEMS), len(PARTIES), *sample.shape)
    cube = np.zeros(shape)
    for i, item in enumerate(ITEMS):
        for j, party in enumerate(PARTIES):
            if (item.id, party) in items:
                cube[i, j] = (items[item.id, party] * prices).transpose(DRAW, YEAR).values
    draws = cube[:, :, 1:] if sample.sizes[DRAW] > 1 else cube[:, :, :1]
    exact = _totals(cube)
    central, reference = _totals(draws.mean(axis=2).round(ORE)).round(ORE), _totals(cube[:, :, 0].round(ORE)).round(ORE)
    whole = xr.DataArray(exact, dims=(ITEM, PARTY, DRAW, YEAR))
    low, high = band(whole)
    values = np.stack([central, low.values, high.values, reference], axis=-1)
    coords = {ITEM: [i.id for i in ITEMS], PARTY: list(PARTIES), YEAR: prices[YEAR].values, STATISTIC: list(STATISTICS)}
    return xr.DataArray(values, dims=(ITEM, PARTY, YEAR, STATISTIC), coords=coords)


def _totals(cube: np.ndarray) -> np.ndarray:
    """Return the cube (item, party, ...) with the sum over parties and the sums over items."""
    done = cube.copy()
    done[:, -1] = done[:, :-1].sum(axis=1)
    done[_BEFORE] = done[:_BEFORE].sum(axis=0)
    done[-1] = done[_BEFORE] + done[_BEFORE + 1]
    return done


__all__ = ["ITEM", "ITEMS", "PARTIES", "PARTY", "PARTY_WORDS", "Item", "gain_items", "gain_table", "labour_parts",
           "wage_and_base"]  # fmt: skip
