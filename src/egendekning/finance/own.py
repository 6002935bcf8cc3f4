"""The department's own figures: a base-year account that the model is fitted to, and its own national estimates.

National estimates take the place of the figures of those years; what the study held from them on takes the last own
one. An account line is met by scaling (the expenditure equalisation: moving) the constants behind it, the same in every
draw, until the run of the model file gives the account in that year: levels are the department's, behaviour the
model's. The module refuses figures that are far from the model's, which are most often in another unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, SCENARIO
from egendekning.ensemble import Bound, Design, design
from egendekning.ensemble.design import model_value
from egendekning.errors import Problem, UsageError
from egendekning.finance.annual import YEAR, cut, yearly
from egendekning.finance.lines import BY_ID, accountable
from egendekning.finance.plan import added_up, plan_leaves
from egendekning.finance.prices import Prices
from egendekning.study import BASELINE

CLOSE: Final = 0.0005
"""MNOK: an account line is met when the model is this near."""

PRICE_TABLE: Final = "price level table"
DEFLATOR: Final = "municipal_deflator"
"""Id of the department's own price growth among the national estimates."""

_ROUNDS: Final = 40
_FAR: Final = 2.5
"""An account line that differs from the model by more than this factor is refused."""


@dataclass(frozen=True)
class Cell:
    """A figure and where it stands.

    Attributes
    ----------
    value : float
        The figure.
    where : str
        File and cell.
    """

    value: float
    where: str


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
        National estimates by table of the model (or ``municipal_deflator``, percent) and year.
    source : str
        Where they were read.
    scales, shifts : Mapping[str, float]
        What the constants are multiplied with, or moved by, after fitting.
    fitted_to : Mapping[str, tuple[float, float]]
        By line: the model before and after fitting, MNOK in the prices of the year.
    """

    year: int = 2020
    account: Mapping[str, Cell] = field(default_factory=dict)
    estimates: Mapping[tuple[str, int], Cell] = field(default_factory=dict)
    source: str = ""
    scales: Mapping[str, float] = field(default_factory=dict)
    shifts: Mapping[str, float] = field(default_factory=dict)
    fitted_to: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def given(self) -> list[tuple[str, int]]:
        """Tables and years with an own estimate."""
        return [(PRICE_TABLE if name == DEFLATOR else name, year) for name, year in self.estimates]

    @property
    def deflators(self) -> dict[int, float]:
        """Own price growth by year, percent."""
        return {year: cell.value for (name, year), cell in self.estimates.items() if name == DEFLATOR}

    def with_estimates(self, bound: Bound) -> Bound:
        """Return the study and model with the national estimates in their tables."""
        rules = {name: figures.copy() for name, figures in bound.rules.items()}
        for table in sorted({name for name, _ in self.estimates if name != DEFLATOR}):
            x, _ = bound.table(table)
            values = rules[bound.name(table)]
            for year in sorted(y for name, y in self.estimates if name == table):
                values[_until_published(bound, table, x, year)] = self.estimates[table, year].value
        if self.deflators:
            _grow(bound, rules, self.deflators)
        return replace(bound, rules=rules)

    def fitted(self, bound: Bound, drawn: Design, prices: Prices) -> tuple[Design, Own]:
        """Fit the run of the model file to the account.

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
            For lines far from the model, and where the account cannot be met.
        """
        if not self.account:
            return drawn, self
        level = prices.level[self.year]
        before = _lines(bound, drawn, self.year)
        self._check_near(before, level)
        found, now = self, before
        for _ in range(_ROUNDS):
            gaps = {name: cell.value / level - now[name] for name, cell in self.account.items()}
            if max(map(abs, gaps.values())) * level < CLOSE:
                break
            found = found._moved(now, gaps)
            now = _lines(bound, found._applied(bound, drawn), self.year)
        else:
            worst = max(gaps, key=lambda name: abs(gaps[name]))
            where, left = self.account[worst].where, gaps[worst] * level
            raise UsageError(
                Problem(where, f"{BY_ID[worst].en}: {left:+.3f} MNOK is left after fitting", "lines that can hold "
                        "together", fix="leave this line out, or check the lines that it depends on")
            )  # fmt: skip
        told = {name: (before[name] * level, now[name] * level) for name in self.account}
        done = replace(found, fitted_to=told)
        return done._applied(bound, drawn), done

    def constants(self, bound: Bound, drawn: Design) -> dict[str, np.ndarray]:
        """Return the constants of the model file, scaled to the account where there is one."""
        values = dict(bound.values)
        for name in (*self.scales, *self.shifts):
            spelled = bound.name(name)
            if spelled in values:
                values[spelled] = values[spelled] * self.scales.get(name, 1.0) + self.shifts.get(name, 0.0)
        return values

    def _check_near(self, model: Mapping[str, float], level: float) -> None:
        """Raise with every line that is too far from the model to be the same thing in the same unit."""
        problems = []
        for name, cell in self.account.items():
            line, there = BY_ID[name], model[name] * level
            if line.shift:
                continue
            if there == 0 or not 1 / _FAR <= cell.value / there <= _FAR:
                expected = f"MNOK near the model's {there:,.1f} ({there / _FAR:,.1f} to {there * _FAR:,.1f})"
                fix = "give million kroner in the prices of the year, or leave the cell empty"
                problems.append(Problem(cell.where, f"{line.en}: {cell.value:,.3f}", expected, fix=fix))
        if problems:
            raise UsageError(problems)

    def _moved(self, now: Mapping[str, float], gaps: Mapping[str, float]) -> Own:
        """Return one step nearer to the account."""
        scales, shifts = dict(self.scales), dict(self.shifts)
        for name in self.account:
            line = BY_ID[name]
            for constant in line.constants:
                if line.shift:  # NOK per inhabitant on 1 July of the year before
                    step = gaps[name] * 1e6 / now["population_july"]
                    shifts[constant] = shifts.get(constant, 0.0) + step
                else:
                    scales[constant] = scales.get(constant, 1.0) * (1.0 + gaps[name] / now[name])
        return replace(self, scales=scales, shifts=shifts)

    def _applied(self, bound: Bound, drawn: Design) -> Design:
        """Return the draws with the constants scaled and moved."""
        parameters = dict(drawn.parameters)
        for name in dict.fromkeys((*self.scales, *self.shifts)):
            spelled = bound.name(name)
            if spelled not in parameters:
                value, dims = model_value(bound, spelled)
                parameters[spelled] = xr.DataArray(value, dims=dims)
            parameters[spelled] = parameters[spelled] * self.scales.get(name, 1.0) + self.shifts.get(name, 0.0)
        return replace(drawn, parameters=parameters)


def _until_published(bound: Bound, table: str, x: np.ndarray, year: int) -> np.ndarray:
    """Return which points of a table an own figure fills: its year, and those held from it by assumption."""
    values = bound.study.rules[next(n for n in bound.study.rules if bound.name(n) == bound.name(table))].values
    later = [y for y, v in values.items() if y > year and v.basis != "assumption"]
    held = np.isin(x, [y for y in values if y > year])
    return np.asarray((x >= year) & (x < min(later, default=np.inf)) & ((x == year) | held))


def _grow(bound: Bound, rules: dict[str, np.ndarray], own: Mapping[int, float]) -> None:
    """Put own price growth into the model's price table: later levels follow, and stay flat after the last year."""
    x, _ = bound.table(PRICE_TABLE)
    values = rules[bound.name(PRICE_TABLE)]
    for year in sorted(own):
        at = int(np.flatnonzero(x == year)[0])
        factor = values[at - 1] * (1.0 + own[year] / 100.0) / values[at]
        values[at:] *= factor


def _lines(bound: Bound, drawn: Design, year: int) -> dict[str, float]:
    """Return the lines of the baseline in a year by the run of the model file, MNOK of 2020."""
    years: Sequence[int] = list(range(int(bound.model.time.initial), year + 1))
    read = yearly(bound, [BASELINE], cut(drawn, 0, 1), years, lambda run: {"plan": plan_leaves(run)})["plan"]
    flat = {name: array.isel({SCENARIO: 0, DRAW: 0}, drop=True) for name, array in read.items()}
    zero = xr.zeros_like(flat["own_tax"])
    whole = added_up({**flat, "fund_revaluation": zero, "debt_revaluation": zero}, 0.0)
    return {name: float(array.sel({YEAR: year})) for name, array in whole.items()}


def model_lines(bound: Bound, year: int = 2020) -> dict[str, float]:
    """Return the lines of the baseline in a year by the run of the model file, MNOK in the prices of 2020.

    Parameters
    ----------
    bound : Bound
        Study and model.
    year : int
        Calendar year.
    """
    return _lines(bound, design(bound, 0, 1), year)


def fields() -> list[str]:
    """Return the lines that an account can give."""
    return [line.id for line in accountable()]


__all__ = ["CLOSE", "DEFLATOR", "PRICE_TABLE", "Cell", "Own", "fields", "model_lines"]
