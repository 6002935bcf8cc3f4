"""Looking up the finance rules of a study: dated rules with their extension, figures, and what is missing.

A year without a figure takes that of the last year before it (or the first, before any), and is said to be extended.
The module refuses an unknown figure where a number is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from egendekning.errors import Problem, StudyError
from egendekning.finance.annual import YEAR
from egendekning.finance.prices import DEFLATOR
from egendekning.finance.sanity import FILE, figure_problems, price_growth, rule_problems
from egendekning.study import FinanceRules, RuleSeries, Study
from egendekning.study.frozen import FrozenDict
from egendekning.study.known import extended_rules, known_sentence, rules_of_year

SERIES: Final = (
    "municipal_tax_rate", "county_tax_rate", "general_tax_rate", "employee_contribution", "employer_contribution",
    DEFLATOR, "national_population",
)  # fmt: skip
"""Dated rules that the tables need."""

FIGURES: Final = (
    "discount_rate", "result_norm", "price_growth", "minimum_deduction", "personal_allowance", "bracket_tax_share",
    "benefit_unemployed", "benefit_outside", "county_equalisation_rate", "accompanying_persons", "assistance_months",
    "recipients_change_2020", "payments_change_2020",
)  # fmt: skip
"""Figures that the tables need."""


@dataclass(frozen=True)
class Status:
    """How a year's rules are known.

    Attributes
    ----------
    year : int
        Calendar year.
    extended : tuple of str
        National rules of the model (names of tables) that rest on the stated extension in that year.
    known : int
        Number of rules with a published or derived figure.
    """

    year: int
    extended: tuple[str, ...]
    known: int

    def text(self, lang: str) -> str:
        """Return ``published``, ``extended`` or how many of each, in words."""
        count = len(self.extended)
        return rules_of_year(count + self.known, count, lang)


def finance_rules(study: Study) -> FinanceRules:
    """Return the finance rules of a study, or raise StudyError with everything that is missing or cannot be right."""
    if study.finance is None:
        fix = f"write {FILE}; docs/finance.md says what it holds"
        raise StudyError(Problem(FILE, "the file is missing", "the figures that finance tables need", fix=fix))
    problems = [
        Problem(FILE, f"no {kind} {name!r}", "every figure that the finance tables need", fix=f"add it under '{key}:'")
        for kind, key, names, there in (
            ("series", "series", SERIES, study.finance.series),
            ("figure", "figures", FIGURES, study.finance.figures),
        )
        for name in names
        if name not in there
    ]
    problems += [
        Problem(study.where(FILE, "figures", name), f"{name}: the value is empty", "a number", fix="give a value")
        for name in FIGURES
        if name in study.finance.figures and study.finance.figures[name].value is None
    ]
    problems += [*rule_problems(study), *figure_problems(study, study.finance)]
    if problems:
        raise StudyError(problems)
    return _with_growth(study, study.finance)


def _with_growth(study: Study, rules: FinanceRules) -> FinanceRules:
    """Return the rules with the growth of prices that follows from the model's price levels, which tell it once."""
    given = rules.series[DEFLATOR]
    values = FrozenDict(sorted({**price_growth(study), **given.values}.items()))
    series = FrozenDict({**rules.series, DEFLATOR: given.model_copy(update={"values": values})})
    return rules.model_copy(update={"series": series})


def figure(rules: FinanceRules, name: str) -> float:
    """Return a figure that `finance_rules` has found to be there."""
    value = rules.figures[name].value
    assert value is not None, f"{name} was checked"
    return value


def dated(series: RuleSeries, year: int) -> tuple[float, bool]:
    """Return the figure of a year, and whether it is extended from another."""
    known = [y for y in series.values if y <= year]
    at = max(known) if known else min(series.values)
    return series.values[at].value, at != year


def over_years(rules: FinanceRules, name: str, years: Iterable[int], last: int | None = None) -> xr.DataArray:
    """Return a dated rule over years, (year), extended where it has no figure.

    Parameters
    ----------
    rules : FinanceRules
        The rules.
    name : str
        The series.
    years : iterable of int
        Calendar years.
    last : int, optional
        Later years take the figure of this one.
    """
    chosen = list(years)
    values = [dated(rules.series[name], y if last is None else min(y, last))[0] for y in chosen]
    return xr.DataArray(values, dims=YEAR, coords={YEAR: chosen})


def last_published(study: Study, table: str = "national tax table") -> int:
    """Return the last year for which a national rule of the model has a published or derived figure."""
    return int(max(y for y, value in study.rules[table].values.items() if value.basis != "assumption"))


def statuses(study: Study, years: Sequence[int], own: Iterable[tuple[str, int]] = ()) -> list[Status]:
    """Return how the national rules of the model are known, year by year.

    Parameters
    ----------
    study : Study
        With its national rules.
    years : sequence of int
        Calendar years.
    own : iterable of (str, int)
        Tables and years that the department has given figures for.
    """
    given = list(own)
    found = [(year, extended_rules(study.rules, year, given)) for year in years]
    return [Status(year, extended, len(study.rules) - len(extended)) for year, extended in found]


def statuses_in_words(known: Sequence[Status], lang: str) -> str:
    """Return a sentence that tells in which years rules are published, partly assumed and assumed."""
    count = max((len(one.extended) + one.known for one in known), default=0)
    return known_sentence(count, {one.year: len(one.extended) for one in known}, lang)


def filled(values: Sequence[float], years: Sequence[int]) -> xr.DataArray:
    """Return numbers over years as an array, (year)."""
    return xr.DataArray(np.asarray(values, dtype=float), dims=YEAR, coords={YEAR: list(years)})


__all__ = [
    "FIGURES",
    "FILE",
    "SERIES",
    "Status",
    "dated",
    "figure",
    "filled",
    "finance_rules",
    "last_published",
    "over_years",
    "statuses",
    "statuses_in_words",
]
