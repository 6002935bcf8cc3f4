"""Price levels by year: final deflators, or those that a budget of the time believed in.

Amounts in the model are fixed kroner of 2020. The module refuses to extend a year silently: the years that rest on the
stated assumption are returned with the level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from egendekning.errors import Problem, UsageError
from egendekning.names import nearest
from egendekning.study import FinanceRules

BASE: Final = 2020
"""Year of the kroner inside the model."""

PRICE_TABLE: Final = "price level table"
"""The national rule that holds the levels of prices, 2020 = 1."""

DEFLATOR: Final = "municipal_deflator"
"""The growth of prices, percent by year: of the years that the table holds it follows from the levels."""

FINAL: Final = "final"
"""Name of the deflators as they turned out."""

OWN: Final = "own"
"""Where growth comes from that the department gives."""

_PER_CENT: Final = 100.0


@dataclass(frozen=True)
class Prices:
    """Price level by year.

    Attributes
    ----------
    level : Mapping[int, float]
        2020 = 1.
    growth : Mapping[int, float]
        Growth from the year before, percent.
    source : Mapping[int, str]
        ``final``, the budget whose estimate it is, ``own`` or ``assumption``.
    """

    level: Mapping[int, float]
    growth: Mapping[int, float]
    source: Mapping[int, str]


def price_levels(
    rules: FinanceRules, years: Sequence[int], view: str = FINAL, own: Mapping[int, float] | None = None
) -> Prices:
    """Return the municipal price level of years.

    Parameters
    ----------
    rules : FinanceRules
        Deflators, estimates of the time and the assumption on later growth.
    years : sequence of int
        Calendar years, rising, 2020 among them or not.
    view : str
        ``final``, or a budget (for example NB21): then a year has the last estimate that was published no later than
        that budget, a year before the budget without an estimate its final figure, and later years the assumption.
    own : mapping, optional
        The department's own growth by year, percent; wins.

    Raises
    ------
    UsageError
        For an unknown budget.
    """
    budgets = {item.budget: item.published for item in rules.deflator_estimates}
    if view != FINAL and view not in budgets:
        expected = f"{FINAL} or a budget: {', '.join(sorted(budgets, key=lambda b: budgets[b]))}"
        raise UsageError(
            Problem("--deflator", f"unknown {view!r}", expected, nearest(view, budgets), f"--deflator {FINAL}")
        )
    first, last = min(*years, BASE), max(*years, BASE)
    growth, source = {}, {}
    for year in range(first, last + 1):
        growth[year], source[year] = _growth(rules, year, view, budgets.get(view, float("inf")))
        if own and year in own:
            growth[year], source[year] = own[year], OWN
    level = {BASE: 1.0}
    for year in range(BASE + 1, last + 1):
        level[year] = level[year - 1] * (1 + growth[year] / _PER_CENT)
    for year in range(BASE - 1, first - 1, -1):
        level[year] = level[year + 1] / (1 + growth[year + 1] / _PER_CENT)
    return Prices({y: level[y] for y in range(first, last + 1)}, growth, source)


def _growth(rules: FinanceRules, year: int, view: str, until: float) -> tuple[float, str]:
    """Return the growth of a year, percent, and where it comes from."""
    final = rules.series[DEFLATOR].values
    if view != FINAL:
        known = [item for item in rules.deflator_estimates if item.year == year and item.published <= until]
        if known:
            best = max(known, key=lambda item: item.published)
            return best.growth, best.budget
    if year in final and (view == FINAL or year < int(until)):
        return final[year].value, FINAL
    return float(rules.figures["price_growth"].value or 0.0), "assumption"


__all__ = ["BASE", "DEFLATOR", "FINAL", "OWN", "PRICE_TABLE", "Prices", "price_levels"]
