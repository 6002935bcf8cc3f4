"""What one more job is worth, by who fills it and by which side of 90 % of the national mean the municipality is on.

Marginal and static: a hundred jobs, everything else as in the year, effects at full size (social assistance follows
after about a year, child welfare after about three, grants the year after). Equalisation is settled before and after
with the national mean moved by what the nation gains. The module refuses to guess who fills a job; the runs tell that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from egendekning.finance.facts import dated, figure
from egendekning.finance.settlement import settlement
from egendekning.finance.taxes import RATES, on_wages
from egendekning.study import FinanceRules, RuleSeries

JOBS: Final = 100
"""Jobs in the table."""

FILLERS: Final = ("unemployed", "outside", "in_migrant", "in_commuter")
"""Who fills the jobs."""

REGIMES: Final = ("above", "below")
"""Which side of the threshold own tax per inhabitant is on."""

FILLER_WORDS: Final = {
    "unemployed": ("Arbeidsledige bosatte", "Unemployed residents"),
    "outside": ("Bosatte utenfor arbeidsstyrken", "Residents outside the labour force"),
    "in_migrant": ("Innflyttere", "In-migrants"),
    "in_commuter": ("Innpendlere", "In-commuters"),
}
REGIME_WORDS: Final = {
    "above": ("over 90 % av landet", "above 90 % of the nation"),
    "below": ("under 90 % av landet", "below 90 % of the nation"),
}

ROWS: Final = (
    ("people", "Nye innbyggere", "New inhabitants", "person"),
    ("own_tax", "Egen skatt før utjevning", "Own tax before equalisation", "MNOK"),
    ("equalisation", "Trukket i inntektsutjevningen", "Lost to equalisation", "MNOK"),
    ("grants", "Rammetilskudd etter folketall og alder", "Block grant by population and age", "MNOK"),
    ("fees", "Brukerbetaling og andre inntekter", "Fees and other income", "MNOK"),
    ("services", "Tjenester til nye innbyggere", "Services to new inhabitants", "MNOK"),
    ("assistance", "Spart sosialhjelp", "Social assistance saved", "MNOK"),
    ("social_services", "Sparte sosialtjenester", "Social services saved", "MNOK"),
    ("qualification", "Spart kvalifiseringsprogram", "Qualification programme saved", "MNOK"),
    ("child_welfare", "Spart barnevern", "Child welfare saved", "MNOK"),
    ("municipality", "Kommunen i alt", "Municipality in all", "MNOK"),
    ("state_tax", "Fellesskatt, trygdeavgift og trinnskatt", "State tax, social contribution and bracket tax", "MNOK"),
    ("employer", "Arbeidsgiveravgift", "Employer contribution", "MNOK"),
    ("benefits", "Statlige ytelser spart", "State benefits saved", "MNOK"),
    ("state", "Staten i alt", "State in all", "MNOK"),
    ("county", "Fylkeskommunen (etter utjevning)", "County (after equalisation)", "MNOK"),
    ("residents", "Innbyggerne netto (lønn minus skatt og tapte ytelser)",
     "Residents, net (wage less tax and benefits lost)", "MNOK"),
    ("kept", "Andel av egen skatt som er igjen etter utjevning", "Share of own tax kept after equalisation", "%"),
    ("egendekning", "Endring i egendekning", "Change in egendekning", "percentage points"),
)  # fmt: skip
"""Rows of the table: id, bokmål, English, unit."""

_MUNICIPAL: Final = ("own_tax", "equalisation", "grants", "fees", "services", "assistance", "social_services",
                     "qualification", "child_welfare")  # fmt: skip
_STATE: Final = ("state_tax", "employer", "benefits")
_GROUPS: Final = ((0, 1), (2, 5), (6, 15), (16, 22), (23, 66), (67, 79), (80, 89), (90, 120))
"""Ages of the cost key's groups, in the order of the model's range."""

_MILLION: Final = 1e6
_ORE: Final = 2
"""Decimals of NOK: a difference of two settlements is no finer."""
_PER_CENT: Final = 100.0
_ABOVE, _BELOW = 0.95, 0.85
"""Own tax per inhabitant relative to the nation where the municipality is on the other side in fact."""


@dataclass(frozen=True)
class Place:
    """The municipality in a year, in 2020 prices unless said.

    Attributes
    ----------
    year : int
        Calendar year, whose rules apply.
    price : float
        Price level, 2020 = 1.
    population, employed, jobs, jobless : float
        Persons.
    tax_level : float
        Own tax per inhabitant, share of the nation.
    tax_per_employed : float
        Municipal tax on the work of an employed resident, NOK.
    tax_per_inhabitant : float
        Municipal tax that follows inhabitants whatever their work and age (wealth and the rest), NOK.
    child_welfare : float
        Cost a year, MNOK.
    need_index : float
        National need index of the year, 2020 = 1.
    besides_age : float
        Expenditure equalisation per inhabitant that age does not give, NOK of 2020.
    """

    year: int
    price: float
    population: float
    employed: float
    jobs: float
    jobless: float
    tax_level: float
    tax_per_employed: float
    tax_per_inhabitant: float
    child_welfare: float
    need_index: float
    besides_age: float


def job_table(
    place: Place,
    constants: Mapping[str, np.ndarray],
    national: Mapping[str, RuleSeries],
    rules: FinanceRules,
    last: int,
    count: int = JOBS,
) -> np.ndarray:
    """Return what jobs are worth a year, 2020 prices.

    Parameters
    ----------
    place : Place
        The municipality in the year.
    constants : mapping
        Constants of the model by name.
    national : mapping
        National rules by the model's table.
    rules : FinanceRules
        Tax rates and assumptions.
    last : int
        Last year with a published national tax; later years keep its rules.
    count : int
        Number of jobs.

    Returns
    -------
    ndarray
        (row, filler, regime), in the units of `ROWS`.
    """
    table = np.zeros((len(ROWS), len(FILLERS), len(REGIMES)))
    index = {row[0]: i for i, row in enumerate(ROWS)}
    for f, filler in enumerate(FILLERS):
        for r, regime in enumerate(REGIMES):
            values = _case(filler, regime, place, constants, national, rules, min(place.year, last), count)
            values["municipality"] = sum(values[name] for name in _MUNICIPAL)
            values["state"] = sum(values[name] for name in _STATE)
            for name, value in values.items():
                table[index[name], f, r] = value
    return table


def _case(
    filler: str, regime: str, place: Place, constants: Mapping[str, np.ndarray], national: Mapping[str, RuleSeries],
    rules: FinanceRules, year: int, count: int,
) -> dict[str, float]:  # fmt: skip
    """Return the rows of one column."""
    found = dict.fromkeys((row[0] for row in ROWS), 0.0)
    resident, mover = filler != "in_commuter", filler == "in_migrant"
    found["people"] = count * (1.0 + figure(rules, "accompanying_persons")) if mover else 0.0
    found["own_tax"] = place.tax_per_employed * count / _MILLION if resident else 0.0
    if mover:
        found["own_tax"] += place.tax_per_inhabitant * found["people"] / _MILLION
    found["equalisation"] = _equalised(regime, place, national, rules, year, found, mover, constants)
    found["kept"] = _PER_CENT * _kept(regime, place, national, rules, year, constants)
    newly = filler in ("unemployed", "outside")
    if mover:
        found.update(_movers(found["people"], place, constants, national, year))
    if newly:
        found.update(_out_of_need(filler, place, constants, count))
        found.update(_to_others(filler, place, rules, year, count, found))
    before = place.jobs / place.employed
    after = (place.jobs + count) / (place.employed + (count if resident else 0))
    found["egendekning"] = _PER_CENT * (after - before)
    return found


def _level(regime: str, place: Place, threshold: float) -> float:
    """Return own tax per inhabitant relative to the nation on the wanted side: the municipality's own where it fits."""
    if regime == "above":
        return place.tax_level if place.tax_level > threshold else _ABOVE
    return place.tax_level if place.tax_level < threshold else _BELOW


def _equalised(
    regime: str, place: Place, national: Mapping[str, RuleSeries], rules: FinanceRules, year: int,
    found: Mapping[str, float], mover: bool, constants: Mapping[str, np.ndarray],
) -> float:  # fmt: skip
    """Return the change in income equalisation, MNOK of 2020; movers leave the national mean as it is."""
    threshold = float(constants["supplement threshold"])
    gained = found["own_tax"] * _MILLION * place.price
    people, nation = place.population, dated(rules.series["national_population"], year)[0]
    old = settlement(national, year, tax=0.0, threshold=threshold)
    own = _level(regime, place, threshold) * old.national_tax
    mean = old.national_tax + (0.0 if mover else gained / nation)
    before = settlement(national, year, tax=own, population=people, threshold=threshold).total or 0.0
    tax = (own * people + gained) / (people + found["people"])
    moved = settlement(
        national, year, tax=tax, population=people + found["people"], national_tax=mean, threshold=threshold
    )
    return round((moved.total or 0.0) - before, _ORE) / _MILLION / place.price


def _kept(
    regime: str, place: Place, national: Mapping[str, RuleSeries], rules: FinanceRules, year: int,
    constants: Mapping[str, np.ndarray],
) -> float:  # fmt: skip
    """Return the share of one more krone of own tax that is left, the population being the same."""
    lost = _equalised(regime, place, national, rules, year, {"own_tax": 1.0, "people": 0.0}, False, constants)
    return 1.0 + lost


def _movers(
    people: float, place: Place, constants: Mapping[str, np.ndarray], national: Mapping[str, RuleSeries], year: int
) -> dict[str, float]:
    """Return grants, fees and services of people who move in, with the ages of the model's in-migrants."""
    by_age = people * constants["in migration profile"]
    groups = np.array([by_age[low : high + 1].sum() for low, high in _GROUPS])
    nominal = sum(
        dated(national[name], year)[0] for name in ("grant per inhabitant table", "large city grant table",
                                                    "income guarantee table")
    )  # fmt: skip
    need = float(constants["relative need"] @ groups) + people * (
        float(constants["need not by age"]) - place.need_index
    )
    grants = nominal / place.price * people + float(constants["national need per inhabitant"]) * need
    grants += place.besides_age * people
    services = (
        float(constants["kindergarten cost"]) * by_age[1:6].sum()
        + float(constants["school cost"]) * groups[2]
        + float(constants["care cost"] @ groups)
        + float(constants["general cost"]) * people
        + float(constants["child welfare cost"]) * groups[:4].sum()
    )
    fees = float(constants["other income per inhabitant"]) * people
    return {"grants": grants / _MILLION, "fees": fees / _MILLION, "services": -services / _MILLION}


def _out_of_need(filler: str, place: Place, constants: Mapping[str, np.ndarray], count: int) -> dict[str, float]:
    """Return what the municipality saves on people who get work."""
    recipients = count * float(constants[f"recipients per {filler}"])
    outside = count if filler == "outside" else 0
    programme = outside * float(constants["qualification participants per outside"])
    return {
        "assistance": recipients * float(constants["payment per recipient"]) / _MILLION,
        "social_services": recipients * float(constants["other social cost per recipient"]) / _MILLION,
        "qualification": programme * float(constants["qualification cost"]) / _MILLION,
        "child_welfare": place.child_welfare * float(constants["child welfare elasticity"]) * count / place.jobless,
    }


def _to_others(
    filler: str, place: Place, rules: FinanceRules, year: int, count: int, found: Mapping[str, float]
) -> dict[str, float]:
    """Return what state, county and residents gain of people who get work."""
    rate = {name: dated(rules.series[name], year)[0] / _PER_CENT for name in RATES}
    base = found["own_tax"] / rate["municipal_tax_rate"]
    wage = base + count * (figure(rules, "minimum_deduction") + figure(rules, "personal_allowance")) / _MILLION
    paid = on_wages(rate, base, wage, figure(rules, "bracket_tax_share") / _PER_CENT)
    benefits = count * figure(rules, f"benefit_{filler}") / _MILLION
    lost = found["assistance"] + found["qualification"]
    return {
        "state_tax": paid["state"],
        "employer": paid["employer"],
        "benefits": benefits,
        "county": paid["county"] * (1.0 - figure(rules, "county_equalisation_rate") / _PER_CENT),
        "residents": wage - found["own_tax"] - paid["county"] - paid["state"] - benefits - lost,
    }


__all__ = ["FILLERS", "FILLER_WORDS", "JOBS", "REGIMES", "REGIME_WORDS", "ROWS", "Place", "job_table"]
