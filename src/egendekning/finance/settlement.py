"""The income system as the Ministry settles it: income equalisation and grants of one municipality in one year.

A pure function of the dated rules, beside the equation of the model that says the same; tests hold the two together and
to published settlements. The module refuses years that no rule covers and knows no municipality.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from egendekning.errors import Problem, UsageError
from egendekning.names import key
from egendekning.study import RuleSeries

THRESHOLD: Final = "supplement threshold"
"""The model's constant: share of the national mean below which the supplement is paid."""

_RULES: Final = {
    "national_tax": "national tax table",
    "symmetric_rate": "symmetric rate table",
    "supplement_rate": "supplement rate table",
    "equal_deduction": "equal deduction table",
}


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
    """

    year: int
    tax: float
    national_tax: float
    symmetric: float
    supplement: float
    deduction: float
    population: float | None = None

    @property
    def equalisation(self) -> float:
        """Net income equalisation, NOK per inhabitant."""
        return self.symmetric + self.supplement + self.deduction

    @property
    def share(self) -> float:
        """Own tax per inhabitant as a share of the national mean."""
        return self.tax / self.national_tax

    @property
    def total(self) -> float | None:
        """Net income equalisation, NOK; None where the population is not given."""
        return None if self.population is None else self.equalisation * self.population


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
    """Settle the income equalisation of a municipality.

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
    problems = []
    if tax is None and (own_tax is None or population is None):
        fix = "give tax per inhabitant, or own tax in total and the population"
        problems.append(Problem("settlement", "own tax per inhabitant is not given", "a number of NOK", fix=fix))
    if population is not None and not population > 0:
        problems.append(Problem("population", f"{population:g}", "a number of inhabitants above 0"))
    known = {}
    for name, table in _RULES.items():
        if name == "national_tax" and national_tax is not None:
            continue
        try:
            known[name] = rule_value(rules, table, year)
        except UsageError as error:
            problems += error.problems
    if problems:
        raise UsageError(problems)
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
    )


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
    series = next((s for n, s in rules.items() if key(n) == key(name)), None)
    if series is None:
        raise UsageError(Problem("model/national_rules.yaml", f"no series {name!r}", "the rules of the income system"))
    if year not in series.values:
        first, last = min(series.values), max(series.values)
        expected = f"a year with a figure, {first:g} to {last:g}"
        fix = f"add {year} to '{name}' in model/national_rules.yaml"
        raise UsageError(Problem(f"{name}, year {year}", "no figure", expected, fix=fix))
    return series.values[year].value


__all__ = ["THRESHOLD", "Settlement", "rule_value", "settlement"]
