"""The department's own figures: a base-year account that the model is fitted to, and its own national estimates.

National estimates take the place of the figures of those years; what the study held from them on takes the last own
one. An account line is met by scaling (the expenditure equalisation: moving) the constants behind it, until the model
gives the account in that year: levels are the department's, behaviour the model's (`egendekning.finance.fitting`). The
module refuses to read files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import xarray as xr

from egendekning.ensemble import Bound, Design, design
from egendekning.errors import Problem, UsageError
from egendekning.finance.facts import finance_rules
from egendekning.finance.fitting import CLOSE, Cell, Fit, Floats, fit, lines_of
from egendekning.finance.lines import accountable
from egendekning.finance.prices import BASE, DEFLATOR, FINAL, OWN, PRICE_TABLE, Prices, price_levels
from egendekning.study import Study

_NEED_TABLE: Final = "expenditure equalisation table"
_LAST_SETTLED: Final = "last need settlement"
_KRONER: Final = ("NOK", "MNOK")
_PER_CENT: Final = 100.0
_SAME: Final = 1e-9
"""Relative (growth: percent) difference within which an own figure is the rule's."""


@dataclass(frozen=True)
class Own:
    """The department's own figures.

    Attributes
    ----------
    year : int
        Year of the account.
    account : Mapping[str, Cell]
        MNOK in the prices of the year, by line of the plan.
    estimates : Mapping[tuple[str, int], Cell]
        National estimates by table of the model (or ``municipal_deflator``, percent) and year, amounts in NOK of the
        year.
    source : str
        Where they were read.
    fit : Fit
        What is done to constants so that the account is met, after fitting.
    """

    year: int = BASE
    account: Mapping[str, Cell] = field(default_factory=dict)
    estimates: Mapping[tuple[str, int], Cell] = field(default_factory=dict)
    source: str = ""
    fit: Fit = field(default_factory=Fit)

    @property
    def given(self) -> list[tuple[str, int]]:
        """Tables and years with an own estimate."""
        return [(PRICE_TABLE if name == DEFLATOR else name, year) for name, year in self.estimates]

    @property
    def deflators(self) -> dict[int, float]:
        """Own price growth by year, percent."""
        return {year: cell.value for (name, year), cell in self.estimates.items() if name == DEFLATOR}

    @property
    def fitted_to(self) -> Mapping[str, tuple[float, float]]:
        """By line: the model before and after fitting, MNOK in the prices of the year."""
        return self.fit.told

    def with_estimates(self, bound: Bound) -> Bound:
        """Return the study and model with the national estimates in their tables."""
        rules = {name: figures.copy() for name, figures in bound.rules.items()}
        for table in sorted({name for name, _ in self.estimates if name != DEFLATOR}):
            x, _ = bound.table(table)
            values = rules[bound.name(table)]
            for year in sorted(y for name, y in self.estimates if name == table):
                given = self.estimates[table, year].value / in_kroner_of(bound.study, table, year, self.deflators)
                if not np.isclose(given, values[x == year], rtol=_SAME, atol=0.0).all():
                    values[_until_published(bound, table, x, year)] = given
        if self.deflators:
            _grow(bound, rules, self.deflators)
        return replace(bound, rules=rules)

    def fitted(self, bound: Bound, drawn: Design, prices: Prices) -> tuple[Design, Own]:
        """Fit the run of the model file, and the mean of the draws, to the account.

        Parameters
        ----------
        bound : Bound
            Study and model, with the estimates in.
        drawn : Design
            The draws.
        prices : Prices
            Price levels: the account is in the prices of its year.

        Returns
        -------
        Design, Own
            The draws with the constants scaled, and these figures with what was done.

        Raises
        ------
        UsageError
            For lines far from the model, and where the account cannot be met or its prices are not those of the rules.
        """
        drawn = self._settled(bound, drawn)
        if not self.account:
            return drawn, self
        guessed = [y for y in range(BASE + 1, self.year + 1) if prices.source[y] not in (FINAL, OWN)]
        if guessed:
            first, view = guessed[0], prices.source[guessed[0]]
            found = f"the account of {self.year} with the price growth of {first} as {view} has it"
            fix = f"use --deflator {FINAL}, or the account of {first - 1}"
            raise UsageError(Problem(self.source, found, "an account in prices that are known", fix=fix))
        done = replace(self, fit=fit(bound, drawn, self.year, self.account, prices.level[self.year]))
        return done.fit.applied(bound, drawn), done

    def _settled(self, bound: Bound, drawn: Design) -> Design:
        """Return the draws with own estimates of the expenditure equalisation counted as settled.

        The model adds changes in need to the last settlement; what the department gives holds them already. A figure
        that is the rule's settles nothing.
        """
        years = [
            year
            for (name, year), cell in self.estimates.items()
            if name == _NEED_TABLE and not self._is_the_rules(bound.study, name, year, cell.value)
        ]
        if not years:
            return drawn
        spelled = bound.name(_LAST_SETTLED)
        last = max(float(bound.values[spelled]), *years)
        return replace(drawn, parameters={**drawn.parameters, spelled: xr.DataArray(last)})

    def _is_the_rules(self, study: Study, table: str, year: int, value: float) -> bool:
        """Whether an own figure is the one that the rule has."""
        given = value / in_kroner_of(study, table, year, self.deflators)
        return bool(np.isclose(given, study.rules[table].values[year].value, rtol=_SAME, atol=0.0))

    def constants(self, bound: Bound, drawn: Design) -> dict[str, Floats]:
        """Return the constants of the model file, scaled to the account where there is one."""
        values = dict(bound.values)
        for name, (scale, shift) in self.fit.factors(0).items():
            spelled = bound.name(name)
            if spelled in values:
                values[spelled] = values[spelled] * scale + shift
        return values


def in_kroner_of(study: Study, table: str, year: float, own: Mapping[int, float] | None = None) -> float:
    """Return what turns a figure of a rule into kroner of its year: price growth since the last price level.

    Rules hold amounts of the years after it in kroner of that last year. It is one for other years, and for figures
    that are no amounts.

    Parameters
    ----------
    study : Study
        Whose rules.
    table : str
        The model's name of the rule.
    year : float
        Calendar year.
    own : mapping, optional
        The department's own growth by year, percent.
    """
    last = _last_priced(study)
    if year <= last or not study.rules[table].unit.startswith(_KRONER):
        return 1.0
    levels = price_levels(finance_rules(study), [last, int(year)], own=own).level
    return levels[int(year)] / levels[last]


def _last_priced(study: Study) -> int:
    """Return the last year with a price level that is not held by assumption."""
    return int(max(y for y, v in study.rules[PRICE_TABLE].values.items() if v.basis != "assumption"))


def _until_published(bound: Bound, table: str, x: Floats, year: int) -> Floats:
    """Return which points of a table an own figure fills: its year, and those held from it by assumption."""
    values = bound.study.rules[next(n for n in bound.study.rules if bound.name(n) == bound.name(table))].values
    later = [y for y, v in values.items() if y > year and v.basis != "assumption"]
    held = np.isin(x, [y for y in values if y > year])
    return np.asarray((x >= year) & (x < min(later, default=np.inf)) & ((x == year) | held))


def _grow(bound: Bound, rules: dict[str, Floats], own: Mapping[int, float]) -> None:
    """Put own price growth into the model's price table, in which the year of its kroner stays one.

    Later levels follow, or up to that year earlier ones. A growth that is the rule's changes nothing, and one after the
    last price level neither: from there on the model counts in kroner of that level.
    """
    x, _ = bound.table(PRICE_TABLE)
    values = rules[bound.name(PRICE_TABLE)]
    known = finance_rules(bound.study).series[DEFLATOR].values
    for year in sorted(own):
        same = year in known and abs(known[year].value - own[year]) < _SAME
        if same or year > _last_priced(bound.study):
            continue
        now = float(np.interp(year, x, values) / np.interp(year - 1, x, values))
        factor = (1.0 + own[year] / _PER_CENT) / now
        if year > BASE:
            values[x >= year] *= factor
        else:
            values[x < year] /= factor


def model_lines(bound: Bound, year: int = BASE) -> dict[str, float]:
    """Return the lines of the baseline in a year by the run of the model file, MNOK in the prices of 2020.

    Parameters
    ----------
    bound : Bound
        Study and model.
    year : int
        Calendar year.
    """
    return {name: float(values[0]) for name, values in lines_of(bound, design(bound, 0, 1), year).items()}


def fields() -> list[str]:
    """Return the lines that an account can give."""
    return [line.id for line in accountable()]


__all__ = ["CLOSE", "Cell", "Own", "fields", "in_kroner_of", "model_lines"]
