"""`model/finance_rules.yaml`: what finance tables need beside the model, each figure with its source.

Tax rates, deflators (final and as estimated at the time), the cost key, published accounts and stated assumptions. A
study may lack the file; nothing in it enters an equation of the model. The schema refuses figures without a source, and
a value that is both unknown and given.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from egendekning.study.faults import fault
from egendekning.study.schemas.base import Closed, Evidence, Frozen, Identifier, Real, Text, Year
from egendekning.study.schemas.rules import RuleSeries


class DeflatorEstimate(Evidence):
    """Price growth of a year as a budget saw it."""

    year: Year
    """the year whose growth it is"""
    budget: Text
    """the document, for example NB21"""
    published: Year
    """when it came, as a decimal year"""
    growth: Real
    """growth from the year before, percent"""


class FinanceFigure(Evidence):
    """One figure or assumption."""

    value: Real | None
    """the figure; left empty where it is an explicit unknown"""
    unit: Text
    """its unit"""
    label_nb: Text
    """what it is, in bokmål"""
    label_en: Text
    """what it is, in English"""
    low: Real | None = None
    """what a cautious reader may try"""
    high: Real | None = None
    """and the other way"""
    note: Text | None = None
    """anything else that a reader should know"""

    @model_validator(mode="after")
    def _ordered(self) -> FinanceFigure:
        """Refuse a range that does not hold the value."""
        if (self.low is None) != (self.high is None):
            raise fault("one end of the range is missing", "both low and high, or neither", at=("low",))
        low, high, value = self.low, self.high, self.value
        if low is not None and high is not None and value is not None and not low <= value <= high:
            raise fault(f"{value:g} is outside {low:g} to {high:g}", "low <= value <= high")
        return self


class CostKey(Evidence):
    """The key by which expenditure needs are equalised."""

    year: Year
    """the year it is from"""
    weights: Frozen[Text, Real]
    """weight by criterion; they sum to one"""


class AccountLine(Evidence):
    """One published line."""

    value: Real
    """MNOK in the prices of the year"""
    note: Text | None = None
    """anything else that a reader should know"""


class Account(Closed):
    """What has been published of one year."""

    year: Year
    """the year"""
    kind: Literal["accounts", "budget"]
    """whether it is an account or a budget"""
    title_nb: Text
    """heading of its column, in bokmål"""
    title_en: Text
    """heading of its column, in English"""
    lines: Frozen[Identifier, AccountLine]
    """value by line of the economy plan"""


class FinanceRules(Closed):
    """Everything the finance tables need beside the model."""

    series: Frozen[Identifier, RuleSeries]
    """dated rules"""
    deflator_estimates: tuple[DeflatorEstimate, ...] = ()
    """the municipal deflator as it was estimated at the time, in the order of publication within a year"""
    figures: Frozen[Identifier, FinanceFigure]
    """single figures and assumptions"""
    cost_key: CostKey | None = None
    """the cost key"""
    accounts: Annotated[tuple[Account, ...], Field()] = ()
    """published accounts and budgets, by year"""

    @model_validator(mode="after")
    def _accounts_ascend(self) -> FinanceRules:
        """Refuse two accounts of a year, and years out of order."""
        for before, after in pairwise(self.accounts):
            if after.year <= before.year:
                raise fault(f"{after.year:g} comes after {before.year:g}", "one account a year, in ascending order")
        return self


__all__ = ["Account", "AccountLine", "CostKey", "DeflatorEstimate", "FinanceFigure", "FinanceRules"]
