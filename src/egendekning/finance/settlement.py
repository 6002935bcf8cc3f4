"""The income system as the Ministry settles it: income equalisation and grants of one municipality in one year.

A pure function of the dated rules, beside the equation of the model that says the same; tests hold the two together and
to published settlements. The module refuses years that no rule covers and knows no municipality.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from egendekning.errors import Problem, UsageError
from egendekning.names import key
from egendekning.study import RuleSeries
from egendekning.study.known import year_spans

_FAR: Final = 10.0
"""How far own tax per inhabitant may be from the nation's: no municipality comes near it, another unit does."""

_CENT: Final = 0.01
_PEOPLE: Final = 1e8

_RULES: Final = {
    "national_tax": "national tax table",
    "symmetric_rate": "symmetric rate table",
    "supplement_rate": "supplement rate table",
    "equal_deduction": "equal deduction table",
}
_BY_POPULATION: Final = {
    "per_inhabitant": ("grant per inhabitant table", "july"),
    "income_guarantee": ("income guarantee table", "july"),
    "large_city": ("large city grant table", "year_before"),
}
"""Grants that a rate and a population give: the table and whose population."""


@dataclass(frozen=True)
class Settlement:
    """What a municipality gets or pays in a year.

    Attributes
    ----------
    year : int
        Tax year.
    tax, national_tax : float
        Own and national tax per inhabitant before equalisation, NOK, population of 1 January of the tax year.
    symmetric, supplement, deduction : float
        The three parts of the equalisation, NOK per inhabitant; the deduction is negative.
    population : float or None
        Inhabitants on 1 January of the tax year.
    extended : tuple of str
        Rules of the year that rest on a stated assumption.
    """

    year: int
    tax: float
    national_tax: float
    symmetric: float
    supplement: float
    deduction: float
    population: float | None = None
    extended: tuple[str, ...] = ()

    @property
    def equalisation(self) -> float:
        """Net income equalisation, NOK per inhabitant."""
        return self.symmetric + self.supplement + self.deduction

    @property
    def share(self) -> float:
        """Own tax per inhabitant as a share of the national mean."""
        return self.tax / self.national_tax

    @property
    def share_after(self) -> float:
        """Tax per inhabitant after equalisation as a share of the national mean, which equalisation leaves as it is."""
        return (self.tax + self.equalisation) / self.national_tax

    @property
    def total(self) -> float | None:
        """Net income equalisation, NOK; None where the population is not given."""
        return None if self.population is None else self.equalisation * self.population


@dataclass(frozen=True)
class PopulationGrants:
    """The grants of a year that follow the number of inhabitants, NOK; None where their population is not given.

    Attributes
    ----------
    year : int
        Calendar year.
    per_inhabitant, income_guarantee : float or None
        Innbyggertilskudd and INGAR (negative: the contribution), population of 1 July of the year before.
    large_city : float or None
        Storbytilskudd, population of 1 January of the year before; only large cities get it.
    extended : tuple of str
        Rules of the year that rest on a stated assumption.
    """

    year: int
    per_inhabitant: float | None
    income_guarantee: float | None
    large_city: float | None
    extended: tuple[str, ...] = ()


def settlement(
    rules: Mapping[str, RuleSeries],
    year: int,
    *,
    tax: float | None = None,
    own_tax: float | None = None,
    population: float | None = None,
    national_tax: float | None = None,
    threshold: float = 0.9,
) -> Settlement:
    """Settle the income equalisation of a municipality; nothing is rounded, as in the Ministry's calculation.

    Parameters
    ----------
    rules : mapping
        Dated rules by name: `Study.rules`.
    year : int
        Tax year, one with a figure in the rules.
    tax : float, optional
        Own tax per inhabitant, NOK; or give `own_tax` and `population`.
    own_tax : float, optional
        Own tax on income and wealth (property tax excluded), NOK.
    population : float, optional
        Inhabitants on 1 January of the tax year; asked for where totals are wanted.
    national_tax : float, optional
        National tax per inhabitant, NOK; the rule of the year if left out.
    threshold : float
        Share of the national mean below which the supplement is paid.

    Returns
    -------
    Settlement
        Its parts, with ``e = s (n - t) + 0.35 max(0, 0.90 n - t) - f``.

    Raises
    ------
    UsageError
        For a year without a figure, or where own tax cannot be told.
    """
    problems = [*_lacking(tax, own_tax, population), *_impossible(tax, own_tax, population, national_tax)]
    asked = {name: table for name, table in _RULES.items() if name != "national_tax" or national_tax is None}
    known = _known(rules, asked, year, problems)
    mean = national_tax if national_tax is not None else known["national_tax"]
    own = tax if tax is not None else float(own_tax or 0.0) / float(population or 1.0)
    return Settlement(
        year=year,
        tax=own,
        national_tax=mean,
        symmetric=known["symmetric_rate"] * (mean - own),
        supplement=known["supplement_rate"] * max(0.0, threshold * mean - own),
        deduction=-known["equal_deduction"],
        population=population,
        extended=_extended(rules, asked.values(), year),
    )


def population_grants(
    rules: Mapping[str, RuleSeries], year: int, *, july: float | None = None, year_before: float | None = None
) -> PopulationGrants:
    """Give a municipality the grants that follow its population.

    Parameters
    ----------
    rules : mapping
        Dated rules by name: `Study.rules`.
    year : int
        Calendar year, one with a figure in the rules.
    july : float, optional
        Inhabitants on 1 July of the year before.
    year_before : float, optional
        Inhabitants on 1 January of the year before; give it for large cities only.

    Raises
    ------
    UsageError
        For a year without a figure, and for a population that is none.
    """
    people = {"july": july, "year_before": year_before}
    problems = [p for name, count in people.items() for p in _no_people(f"population ({name})", count)]
    asked = {name: table for name, (table, whose) in _BY_POPULATION.items() if people[whose] is not None}
    known = _known(rules, asked, year, problems)
    amounts = {
        name: known[name] * float(people[whose] or 0.0) if name in known else None
        for name, (_, whose) in _BY_POPULATION.items()
    }
    return PopulationGrants(year, **amounts, extended=_extended(rules, asked.values(), year))


def _lacking(tax: float | None, own_tax: float | None, population: float | None) -> list[Problem]:
    """Return what is missing or wrong in what is told of the municipality."""
    problems = []
    if tax is None and (own_tax is None or population is None):
        fix = "give tax per inhabitant, or own tax in total and the population"
        problems.append(Problem("settlement", "own tax per inhabitant is not given", "a number of NOK", fix=fix))
    return problems + _no_people("population", population)


def check_typed(settled: Settlement, people: Mapping[str, float | None]) -> None:
    """Raise UsageError where what somebody typed must be in another unit: own tax far from the nation's, half a person.

    Parameters
    ----------
    settled : Settlement
        Of the municipality.
    people : mapping
        Numbers of inhabitants by what they are called.
    """
    whole = "a whole number of inhabitants"
    problems = [
        Problem(name, f"{count:.10g}", whole, fix="write digits alone, such as 101386")
        for name, count in people.items()
        if count is not None and not float(count).is_integer()
    ]
    if not 1 / _FAR <= settled.share <= _FAR:
        found = f"{settled.tax:,.6g} NOK per inhabitant, where the nation has {settled.national_tax:,.2f}"
        expected = f"own tax between a {_FAR:g}th of it and {_FAR:g} times it"
        fix = "give NOK, not thousand or million, and the whole population"
        problems.append(Problem("own tax per inhabitant", found, expected, fix=fix))
    if problems:
        raise UsageError(problems)


def _impossible(
    tax: float | None, own_tax: float | None, population: float | None, national_tax: float | None
) -> list[Problem]:
    """Return amounts that are none, and own tax that is told twice in different words."""
    amounts = {"own tax per inhabitant": tax, "own tax": own_tax, "national tax per inhabitant": national_tax}
    problems = [
        Problem(name, f"{amount:g}", "a number of NOK above 0", fix="give the amount in NOK, without a sign")
        for name, amount in amounts.items()
        if amount is not None and not (0 < amount < math.inf or (amount == 0 and not name.startswith("national")))
    ]
    if tax is None or own_tax is None or problems:
        return problems
    fix = "leave one of the two out"
    if population is None:
        return [Problem("own tax", "own tax in all beside that per inhabitant", "one of the two", fix=fix)]
    if population > 0 and abs(own_tax / population - tax) > _CENT:
        found = f"{own_tax / population:,.2f} NOK by total and population, and {tax:,.2f} as given"
        return [Problem("own tax per inhabitant", found, "the same amount", fix=fix)]
    return []


def _no_people(where: str, count: float | None) -> list[Problem]:
    """Return the problem of a population that is none."""
    if count is None or 0 < count < _PEOPLE:
        return []
    expected = f"a number of inhabitants above 0 and below {_PEOPLE:,.0f}"
    return [Problem(where, f"{count:.10g}", expected, fix="write digits alone, such as 101386")]


def _known(
    rules: Mapping[str, RuleSeries], asked: Mapping[str, str], year: int, problems: list[Problem]
) -> dict[str, float]:
    """Return the figures of the rules asked for; raise with every problem so far where one has none."""
    found = {}
    for name, table in asked.items():
        try:
            found[name] = rule_value(rules, table, year)
        except UsageError as error:
            problems = [*problems, *error.problems]
    if problems:
        raise UsageError(problems)
    return found


def _extended(rules: Mapping[str, RuleSeries], tables: Iterable[str], year: int) -> tuple[str, ...]:
    """Return the rules whose figure of the year is a stated assumption."""
    return tuple(t for t in tables if _series(rules, t).values[year].basis == "assumption")


def _series(rules: Mapping[str, RuleSeries], name: str) -> RuleSeries:
    """Return a rule by the model's name of its table."""
    series = next((s for n, s in rules.items() if key(n) == key(name)), None)
    if series is None:
        raise UsageError(Problem("model/national_rules.yaml", f"no series {name!r}", "the rules of the income system"))
    return series


def rule_value(rules: Mapping[str, RuleSeries], name: str, year: int) -> float:
    """Return the figure of a rule in a year; a year without one is a UsageError, never a guess.

    Parameters
    ----------
    rules : mapping
        Dated rules by name.
    name : str
        The model's name of the table.
    year : int
        Calendar year.
    """
    series = _series(rules, name)
    if year not in series.values:
        expected = f"a year with a figure: {year_spans(series.values)}"
        fix = f"add {year} to '{name}' in model/national_rules.yaml"
        raise UsageError(Problem(f"{name}, year {year}", "no figure", expected, fix=fix))
    return series.values[year].value


__all__ = ["PopulationGrants", "Settlement", "check_typed", "population_grants", "rule_value", "settlement"]
