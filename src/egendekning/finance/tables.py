"""What the finance department gets, as one labelled Dataset: plan, effects, worth, who gains, jobs, social costs.

The module runs the scenarios and puts the tables together; it refuses to write files and to choose words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, SCENARIO
from egendekning.ensemble import Bound, Design, design
from egendekning.ensemble.describe import provenance
from egendekning.errors import EgendekningError, Problem, UsageError
from egendekning.finance import effects, gains, jobs, social, worth
from egendekning.finance.annual import YEAR, Parts, mean_over_years, on_1_january, yearly
from egendekning.finance.facts import Status, figure, filled, finance_rules, last_published, statuses
from egendekning.finance.own import Own
from egendekning.finance.plan import plan_leaves, plan_table
from egendekning.finance.prices import BASE, FINAL, Prices, price_levels
from egendekning.study import FinanceRules

LAST: Final = 2040
"""Last year of the tables."""

PRICES: Final = ("fixed", "nominal")
"""How amounts are shown: kroner of 2020, or of each year."""

_LONGEST: Final = 12
_PER_CENT: Final = 100.0


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes
    ----------
    scenario, against : str
        Ids of the scenario and of what it is compared with.
    first, last : int
        First and last plan year; the first is the budget year.
    prices : str
        ``fixed`` or ``nominal``.
    deflator : str
        ``final``, or the budget whose view of price growth is used.
    draws, seed : int
        Draws, 0 for the run of the model file alone, and their seed.
    """

    scenario: str
    against: str
    first: int = 2021
    last: int = 2024
    prices: str = "fixed"
    deflator: str = FINAL
    draws: int = 500
    seed: int = 1


@dataclass(frozen=True)
class Finance:
    """The tables and what is needed to read them.

    Attributes
    ----------
    dataset : xarray.Dataset
        Every table; the numbers that all files hold.
    request : Request
        What was asked for.
    rules : FinanceRules
        The finance rules.
    statuses : tuple of Status
        How the national rules of each year are known.
    prices : Prices
        Price levels and where they come from.
    own : Own
        The department's own figures, empty where there are none.
    titles : Mapping[str, tuple[str, str]]
        Bokmål and English title by scenario.
    """

    dataset: xr.Dataset
    request: Request
    rules: FinanceRules
    statuses: tuple[Status, ...]
    prices: Prices
    own: Own = field(default_factory=Own)
    titles: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def title(self, scenario: str, lang: str) -> str:
        """Return the title of a scenario in a language."""
        return self.titles[scenario][0 if lang == "nb" else 1]

    @property
    def years(self) -> list[int]:
        """Calendar years of the tables."""
        return [int(y) for y in self.dataset[YEAR].values]

    def kind(self, year: int) -> str:
        """Return ``history``, ``budget``, ``plan`` or ``projection``."""
        if year < self.request.first:
            return "history"
        if year == self.request.first:
            return "budget"
        return "plan" if year <= self.request.last else "projection"


def check_request(bound: Bound, request: Request) -> FinanceRules:
    """Raise UsageError or StudyError with everything that is wrong with a request, before anything is run."""
    problems: list[Problem] = []
    rules = None
    try:
        rules = finance_rules(bound.study)
    except EgendekningError as error:
        problems += error.problems
    for name in (request.scenario, request.against):
        try:
            bound.study.scenario(name)
        except EgendekningError as error:
            problems += [Problem("scenario", p.found, p.expected, p.nearest) for p in error.problems]
    if request.scenario == request.against:
        fix = "compare with another scenario, for example --against baseline"
        problems.append(Problem("--against", f"{request.against!r} is the scenario itself", "another one", fix=fix))
    start = int(bound.model.time.initial) + 1
    if not start <= request.first <= request.last <= LAST or request.last - request.first >= _LONGEST:
        expected = f"FIRST-LAST within {start} to {LAST}, at most {_LONGEST} years"
        problems.append(Problem("--years", f"{request.first}-{request.last}", expected, fix="--years 2021-2024"))
    if request.prices not in PRICES:
        problems.append(Problem("--prices", repr(request.prices), " or ".join(PRICES), fix="--prices fixed"))
    if request.draws < 0:
        problems.append(Problem("--draws", f"{request.draws}", "a whole number, 0 or more", fix="--draws 500"))
    if rules is not None:
        try:
            price_levels(rules, [BASE], request.deflator)
        except UsageError as error:
            problems += error.problems
    if problems or rules is None:
        raise UsageError(problems)
    return rules


def finance(
    bound: Bound, request: Request, own: Own | None = None, *, progress: Callable[[int, int], None] | None = None
) -> Finance:
    """Run a scenario and its comparison and make every table.

    Parameters
    ----------
    bound : Bound
        Study and model.
    request : Request
        What is asked for.
    own : Own, optional
        The department's own account and national estimates.
    progress : callable, optional
        Called with draws done and draws in all.

    Returns
    -------
    Finance
        The tables.

    Raises
    ------
    UsageError, StudyError
        With everything that is wrong with the request or missing in the study.
    """
    rules = check_request(bound, request)
    own = own or Own()
    bound = own.with_estimates(bound)
    years = list(range(int(bound.model.time.initial), LAST + 1))
    levels = price_levels(rules, years, request.deflator, own.deflators)
    drawn = design(bound, request.draws, request.seed)
    drawn, own = own.fitted(bound, drawn, levels)
    read = yearly(bound, [request.against, request.scenario], drawn, years, _derive, progress=progress)
    money = filled([levels.level[y] if request.prices == "nominal" else 1.0 for y in years], years)
    dataset = _dataset(bound, request, rules, read, money, own, drawn)
    dataset = dataset.assign(
        price_level=filled([levels.level[y] for y in years], years),
        price_growth=filled([levels.growth[y] for y in years], years),
    ).assign_coords(price_source=(YEAR, [levels.source[y] for y in years]))
    known = tuple(statuses(bound.study, years, own.given))
    dataset = dataset.assign_coords(rules=(YEAR, [status.text("en") for status in known]))
    dataset.attrs = _attrs(bound, request, drawn, known, own)
    said = {name: bound.study.scenario(name) for name in (request.scenario, request.against)}
    titles = {name: (one.title_nb, one.title_en) for name, one in said.items()}
    return Finance(dataset, request, rules, known, levels, own, titles)


def _derive(run: xr.Dataset) -> dict[str, Parts]:
    """Reduce a piece of runs to years."""
    debt = on_1_january(run["policy debt"], after=True).transpose(SCENARIO, DRAW, YEAR).reset_coords(drop=True)
    need = mean_over_years(run["total population"]).transpose(SCENARIO, DRAW, YEAR).reset_coords(drop=True)
    apart = mean_over_years(run["equalisation besides age"]).transpose(SCENARIO, DRAW, YEAR).reset_coords(drop=True)
    return {
        "plan": plan_leaves(run),
        "effects": effects.effect_parts(run),
        "labour": gains.labour_parts(run),
        "social": social.social_parts(run),
        "debt": {"policy": debt, "population": need},
        "grants": {"besides_age": apart},
    }


def _dataset(
    bound: Bound, request: Request, rules: FinanceRules, read: dict[str, Parts], money: xr.DataArray, own: Own,
    drawn: Design,
) -> xr.Dataset:  # fmt: skip
    """Put the tables together."""
    fixed = xr.ones_like(money)
    last = last_published(bound.study)
    items = gains.gain_items(read["effects"], read["labour"], rules, last)
    found = {
        "plan": plan_table(read["plan"], money, figure(rules, "result_norm")),
        "effect": effects.effect_table(read["effects"], money),
        "effect_fixed": effects.effect_table(read["effects"], fixed),
        "gain": gains.gain_table(items, money),
        "gain_fixed": gains.gain_table(items, fixed),
        "social": social.social_table(read["social"], money, figure(rules, "assistance_months")),
    }
    found["worth"] = _worth(request, rules, read, items, found)
    constants = own.constants(bound, drawn)
    place = _place(bound, request, read, found["plan"])
    table = jobs.job_table(place, constants, bound.study.rules, rules, last)
    named = {"job_row": [row[0] for row in jobs.ROWS], "filler": list(jobs.FILLERS), "regime": list(jobs.REGIMES)}
    found["job"] = xr.DataArray(table, dims=("job_row", "filler", "regime"), coords=named)
    return xr.Dataset({name: array.reset_coords(drop=True) for name, array in found.items()})


def _worth(
    request: Request, rules: FinanceRules, read: dict[str, Parts],
    items: dict[tuple[str, str], xr.DataArray], found: dict[str, xr.DataArray],
) -> xr.DataArray:  # fmt: skip
    """Discount the parts of the effect and the sum of each party."""
    whole = effects.summed(read["effects"])
    rows: Parts = {name: whole[name] for name in worth.OF_PARTS}
    central = [found["effect_fixed"].sel(part=name) for name in worth.OF_PARTS]
    for party in gains.PARTIES:
        parts = [a for (item, who), a in items.items() if party in (who, "all") and item != "standard"]
        rows[f"party_{party}"] = sum(parts[1:], parts[0])
        central.append(found["gain_fixed"].sel(item="before_standard", party=party))
    debt = read["debt"]["policy"]
    extra = debt.isel({SCENARIO: 1}, drop=True) - debt.isel({SCENARIO: 0}, drop=True)
    stacked = xr.DataArray(np.stack([c.values for c in central]), dims=("row", YEAR, "statistic"))
    rates = tuple(sorted({*worth.RATES, figure(rules, "discount_rate")}))
    return worth.worth_table(rows, extra, stacked, request.first, rates)


def _place(bound: Bound, request: Request, read: dict[str, Parts], plan: xr.DataArray) -> jobs.Place:
    """Return the municipality of the comparison in the first plan year, from the run of the model file."""
    at = {SCENARIO: 0, DRAW: 0}

    def value(group: str, name: str) -> float:
        array = read[group][name]
        return float(array.isel({k: v for k, v in at.items() if k in array.dims}).sel({YEAR: request.first}))

    asked = ["price level", "national need index"]
    by_rule = bound.model.evaluate(asked, dict(bound.rules), time=float(request.first))
    return jobs.Place(
        year=request.first,
        price=float(by_rule["price level"]),
        population=value("plan", "population"),
        employed=value("social", "employed"),
        jobs=value("social", "jobs"),
        jobless=value("social", "unemployed") + value("social", "outside"),
        tax_level=value("plan", "tax_level") / _PER_CENT,
        tax_per_employed=value("labour", "tax_per_employed") * 1e6,
        tax_per_inhabitant=value("labour", "tax_per_inhabitant") * 1e6,
        child_welfare=value("plan", "child_welfare"),
        need_index=float(by_rule["national need index"]),
        besides_age=value("grants", "besides_age"),
    )


def _attrs(bound: Bound, request: Request, drawn: Design, known: Sequence[Status], own: Own) -> dict[str, str | int]:
    """Return provenance and what the tables rest on, as flat attributes."""
    extended = {str(s.year): list(s.extended) for s in known if s.extended}
    said = {name: series.extension for name, series in bound.study.rules.items()}
    return {
        **provenance(bound, drawn, [request.against, request.scenario]),
        "scenario": request.scenario,
        "against": request.against,
        "plan_years": f"{request.first}-{request.last}",
        "prices": request.prices,
        "deflator": request.deflator,
        "money_unit": "MNOK",
        "central": "mean of the draws; it adds up" if request.draws else "the run of the model file",
        "band": "10th and 90th percentile of the draws, row by row",
        "rules_extended": json.dumps(extended, sort_keys=True),
        "rules_extension": json.dumps(said, sort_keys=True, ensure_ascii=False),
        "own_figures": own.source,
    }


__all__ = ["LAST", "PRICES", "Finance", "Request", "check_request", "finance"]
