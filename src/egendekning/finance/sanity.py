"""Whether the rules of a study can be what they say: units, bounds, and a price growth that is told once.

A schema sees that a figure is a number with a source; that 0.12 is no tax rate in percent is seen here, before tables
are made. The bounds are far wider than anything Norway has had. The module refuses to judge what is merely unlikely.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from egendekning.errors import Problem
from egendekning.finance.lines import BY_ID
from egendekning.finance.prices import BASE, DEFLATOR, FINAL, PRICE_TABLE
from egendekning.names import key, nearest
from egendekning.study import FinanceRules, RuleValue, Study

FILE: Final = "model/finance_rules.yaml"
NATIONAL: Final = "model/national_rules.yaml"

_ANY: Final = math.inf
_AMOUNT: Final = (1e3, 1e7)
_SERIES: Final = {
    "municipal_tax_rate": ("%", 1, 50), "county_tax_rate": ("%", 0.5, 50), "general_tax_rate": ("%", 5, 80),
    "employee_contribution": ("%", 0.5, 50), "employer_contribution": ("%", 0, 50),
    "municipal_deflator": ("% growth", -10, 25), "national_population": ("person", 1e6, 1e8),
}  # fmt: skip
"""Unit and bounds of dated rules that tables are made of."""

_FIGURES: Final = {
    "discount_rate": ("%", 0, 20), "result_norm": ("%", 0, 20), "price_growth": ("%/year", -10, 25),
    "minimum_deduction": ("NOK/year", *_AMOUNT), "personal_allowance": ("NOK/year", *_AMOUNT),
    "bracket_tax_share": ("% of wage", 0, 50), "benefit_unemployed": ("NOK/(person*year)", 0, 1e7),
    "benefit_outside": ("NOK/(person*year)", 0, 1e7), "county_equalisation_rate": ("%", 1, 100),
    "accompanying_persons": ("person/person", 0, 10), "assistance_months": ("month", 0, 12),
    "recipients_change_2020": ("%", -100, 100), "payments_change_2020": ("%", -100, 100),
}  # fmt: skip
"""Unit and bounds of single figures that tables are made of."""

_RULES: Final = {
    "price level table": (1e-3, 1e3), "symmetric rate table": (0, 1), "supplement rate table": (0, 1),
    "national tax table": _AMOUNT, "equal deduction table": (0, 1e5), "grant per inhabitant table": (0, 1e6),
    "large city grant table": (0, 1e5), "income guarantee table": (-1e5, 1e5), "national need table": (0.1, 10),
    "expenditure equalisation table": (-1e5, 1e5), "special grant table": (0, 1e5),
    "discretionary grant table": (0, 1e5),
    "growth grant limit table": (0, 1), "growth grant rate table": (0, 1e6), "growth grant tax limit table": (0, 10),
}  # fmt: skip
"""Bounds of the national rules, in the units that the model has."""

_SHARE: Final = 0.1
"""A smaller figure in percent is a share that was meant as percent."""

_MOST: Final = 5e5
"""MNOK: more than any municipality has of anything; thousand kroner are beyond it."""

_WHOLE: Final = 0.005
_PER_CENT: Final = 100.0


def rule_problems(study: Study) -> list[Problem]:
    """Return what cannot be right in the national rules of a study.

    Parameters
    ----------
    study : Study
        With national rules; those that the model of another study has beside them are left alone.
    """
    bounds = {key(name): ends for name, ends in _RULES.items()}
    problems = []
    for name, series in study.rules.items():
        low, high = bounds.get(key(name), (-_ANY, _ANY))
        for year, entry in series.values.items():
            if not low <= entry.value <= high:
                where = study.where(NATIONAL, "series", name, "values", year, "value")
                problems.append(_beyond(where, f"{name}, {year:g}", entry.value, series.unit, low, high))
    return problems


def figure_problems(study: Study, rules: FinanceRules) -> list[Problem]:
    """Return what cannot be right in the finance rules of a study, beside what is missing.

    Parameters
    ----------
    study : Study
        With its national rules.
    rules : FinanceRules
        Its finance rules.
    """
    return [
        *_series(study, rules), *_figures(study, rules), *_two_growths(study, rules), *_estimates(study, rules),
        *_key(study, rules), *_lines(study, rules),
    ]  # fmt: skip


def _beyond(where: str, what: str, value: float, unit: str, low: float, high: float) -> Problem:
    """Return the problem of a figure beyond its bounds."""
    fix = "write 2.7 for 2.7 percent" if unit.startswith("%") else f"give it in {unit}"
    return Problem(where, f"{what}: {value:g} {unit}", f"between {low:,g} and {high:,g}", fix=fix)


def _possible(value: float, unit: str, low: float, high: float) -> bool:
    """Whether a figure lies within bounds and is no share in place of percent."""
    return low <= value <= high and not (unit.startswith("%") and 0 < abs(value) < _SHARE)


def _series(study: Study, rules: FinanceRules) -> Iterator[Problem]:
    """Yield problems of dated rules: unit, bounds, parts of years, and nothing early enough."""
    for name, (unit, low, high) in _SERIES.items():
        series = rules.series.get(name)
        if series is None:
            continue
        if series.unit != unit:
            yield _unit(study.where(FILE, "series", name, "unit"), name, series.unit, unit)
        for year, entry in series.values.items():
            where = study.where(FILE, "series", name, "values", year)
            if not year.is_integer():
                yield Problem(where, f"{name}: {year:g}", "a whole year", fix="rules are of calendar years")
            if not _possible(entry.value, unit, low, high):
                yield _beyond(where, f"{name}, {year:g}", entry.value, unit, low, high)
        if min(series.values) > BASE:
            found = f"{name} begins in {min(series.values):g}"
            fix = "add the figure; earlier years are not taken from later ones"
            yield Problem(study.where(FILE, "series", name, "values"), found, f"a figure of {BASE} or before", fix=fix)


def _figures(study: Study, rules: FinanceRules) -> Iterator[Problem]:
    """Yield problems of single figures: unit and bounds."""
    for name, (unit, low, high) in _FIGURES.items():
        figure = rules.figures.get(name)
        if figure is None:
            continue
        if figure.unit != unit:
            yield _unit(study.where(FILE, "figures", name, "unit"), name, figure.unit, unit)
        if figure.value is not None and not _possible(figure.value, unit, low, high):
            yield _beyond(study.where(FILE, "figures", name, "value"), name, figure.value, unit, low, high)


def _unit(where: str, name: str, found: str, unit: str) -> Problem:
    """Return the problem of a unit in which the tables do not count."""
    return Problem(where, f"{name}: the unit is {found!r}", repr(unit), fix=f"give the figures in {unit}")


def price_growth(study: Study) -> dict[float, RuleValue]:
    """Return the growth of prices that the national rules tell, percent by year, to two decimals."""
    table = next((s for n, s in study.rules.items() if key(n) == key(PRICE_TABLE)), None)
    known = {} if table is None else {y: e for y, e in table.values.items() if e.basis != "assumption"}
    growth = {y: _PER_CENT * (e.value / known[y - 1].value - 1.0) for y, e in known.items() if y - 1 in known}
    return {y: known[y].model_copy(update={"value": round(g, 2), "basis": None}) for y, g in growth.items()}


def _two_growths(study: Study, rules: FinanceRules) -> Iterator[Problem]:
    """Yield years in which two files tell the growth of prices, and a price level that is not 1 in the base year."""
    prices = next((s for n, s in study.rules.items() if key(n) == key(PRICE_TABLE)), None)
    if prices is not None and BASE in prices.values and not math.isclose(prices.values[BASE].value, 1.0):
        where = study.where(NATIONAL, "series", PRICE_TABLE, "values", BASE)
        fix = f"divide every level by that of {BASE}: amounts in the model are kroner of {BASE}"
        yield Problem(where, f"the price level of {BASE} is {prices.values[BASE].value:g}", "1", fix=fix)
    growth, told = price_growth(study), rules.series.get(DEFLATOR)
    for year in () if told is None else told.values:
        if year in growth:
            where = study.where(FILE, "series", DEFLATOR, "values", year)
            there = f"as {growth[year].value:g} %, in {PRICE_TABLE!r} of {NATIONAL}"
            found = f"the price growth of {year:g} stands here and, {there}"
            yield Problem(where, found, "one place", fix="delete it here and change the price levels there")


def _estimates(study: Study, rules: FinanceRules) -> Iterator[Problem]:
    """Yield problems of deflators of the time: twice, with two dates, beyond bounds, or with the name of the final."""
    unit, low, high = _SERIES[DEFLATOR]
    dates: dict[str, float] = {}
    seen: set[tuple[str, float]] = set()
    for i, item in enumerate(rules.deflator_estimates):
        where, what = study.where(FILE, "deflator_estimates", i), f"{item.budget} on {item.year:g}"
        if item.budget == FINAL:
            yield Problem(where, f"a budget called {FINAL}", "a name such as NB21", fix="final figures are the series")
        if dates.setdefault(item.budget, item.published) != item.published:
            found = f"{item.budget} is published {dates[item.budget]:g} and {item.published:g}"
            yield Problem(where, found, "one date for a budget", fix="give the same date")
        if (item.budget, item.year) in seen:
            yield Problem(where, f"{what} twice", "one estimate", fix="delete one of them")
        if not _possible(item.growth, unit, low, high):
            yield _beyond(where, what, item.growth, unit, low, high)
        seen.add((item.budget, item.year))


def _key(study: Study, rules: FinanceRules) -> Iterator[Problem]:
    """Yield problems of the cost key: weights below zero, and a sum that is not one."""
    if rules.cost_key is None:
        return
    weights = rules.cost_key.weights
    for name, weight in weights.items():
        if weight < 0:
            where = study.where(FILE, "cost_key", "weights", name)
            yield Problem(where, f"{name}: {weight:g}", "a weight of 0 or more", fix="remove the sign")
    if abs(sum(weights.values()) - 1.0) > _WHOLE:
        where = study.where(FILE, "cost_key", "weights")
        yield Problem(where, f"the weights sum to {sum(weights.values()):g}", "1", fix="correct the weight that is off")


def _lines(study: Study, rules: FinanceRules) -> Iterator[Problem]:
    """Yield published lines that the plan does not have, which stand beside nothing, and those in another unit."""
    for i, account in enumerate(rules.accounts):
        for name, entry in account.lines.items():
            if abs(entry.value) > _MOST:
                where = study.where(FILE, "accounts", i, "lines", name)
                yield Problem(
                    where, f"{name}: {entry.value:,g} MNOK", f"at most {_MOST:,g} MNOK", fix="give it in MNOK"
                )
            if name not in BY_ID:
                where = study.where(FILE, "accounts", i, "lines", name)
                like = nearest(name, BY_ID)
                fix = f"write {like}" if like else "docs/finance.md tells the lines"
                yield Problem(where, f"unknown line {name!r}", "a line of the economy plan", like, fix)


__all__ = ["FILE", "NATIONAL", "figure_problems", "price_growth", "rule_problems"]
