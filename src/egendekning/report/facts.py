"""What the report needs to know, worked out once: the words, the results and which scenario is what.

Every number comes from the summary of the comparison, or, where the summary has no such measure, from the Dataset with
the same rule. The module refuses to write sentences: it hands out numbers written in the reader's language.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW, TIME
from egendekning.figures import changes
from egendekning.figures.accounts import start_of
from egendekning.figures.context import Context, StudyLike
from egendekning.figures.pages import featured
from egendekning.figures.reading import (
    BASELINE,
    HORIZON,
    Comparison,
    at,
    draws,
    effect,
    measure,
    probability,
    quantiles,
    quarter_four,
    ranked,
    reference,
    value,
)

RATIO: Final = "egendekning"
NOW: Final = 2020
"""The last year that the model's history is about."""

BAND: Final = ("p10", "p50", "p90")
_PER_CENT = 100.0
_TENTH_OF_A_POINT = 0.0005
_ONE_PER_CENT = 0.01


@dataclass(frozen=True)
class Inputs:
    """How many uncertain inputs rest on what."""

    source: int
    derived: int
    assumed: int

    @property
    def total(self) -> int:
        """All uncertain inputs."""
        return self.source + self.derived + self.assumed


def inputs_of(study: StudyLike | None) -> Inputs | None:
    """Count the inputs that are drawn by what they rest on; None where that is not known."""
    drawn = [item.basis for item in study.parameters.values() if item.drawn] if study is not None else []
    if not drawn:
        return None
    return Inputs(*(drawn.count(basis) for basis in ("source", "derived", "assumption")))


@dataclass(frozen=True)
class Facts:
    """A comparison and the words to tell it in.

    Parameters
    ----------
    comparison : Comparison
        Results.
    context : Context
        Language, titles, kinds, history.
    inputs : Inputs or None
        What the uncertain inputs rest on.
    """

    comparison: Comparison
    context: Context
    inputs: Inputs | None

    @cached_property
    def changes(self) -> xr.DataArray:
        """Parts of every change: dims (change, part), shares."""
        return changes(self.comparison)

    @cached_property
    def measures(self) -> list[str]:
        """Scenarios that are the municipality's choice, the largest effect first."""
        return [name for name in ranked(self.comparison) if not self.context.is_event(name)]

    @cached_property
    def events(self) -> list[str]:
        """Scenarios in which the world outside does something, the largest effect first."""
        return [name for name in ranked(self.comparison) if self.context.is_event(name)]

    @cached_property
    def single(self) -> list[str]:
        """Measures that are not combinations of others, the largest effect first."""
        return [name for name in self.measures if name not in self.context.mixes]

    @property
    def first(self) -> int:
        """First year of the results."""
        return start_of(self.comparison)

    @property
    def last(self) -> int:
        """End of the horizon, as readers are told it."""
        return math.ceil(float(self.comparison.dataset[TIME].values[-1]))

    @property
    def target(self) -> Any:
        """The municipality's climate target, None where the study names none."""
        return None if self.context.municipality is None else self.context.municipality.climate_target

    @property
    def plan(self) -> Any:
        """What the municipality's plan says of egendekning, None where the study names nothing."""
        return None if self.context.municipality is None else self.context.municipality.plan_level

    @property
    def best(self) -> str | None:
        """The measure that does most, if any measure was compared."""
        return self.measures[0] if self.measures else None

    @cached_property
    def shown(self) -> list[str]:
        """The scenarios that the figures over time show."""
        return featured(self.comparison, self.context)

    def value(self, scenario: str, variable: str, year: int = HORIZON, statistic: str = "p50") -> float:
        """Return a number of the summary."""
        return value(self.comparison, scenario, measure(variable, year), statistic)

    def middle(self, variable: str, year: int, scenario: str = BASELINE) -> float:
        """Return the median over draws in the fourth quarter of a year, of a variable without subscripts."""
        series = at(draws(self.comparison, variable, scenario), quarter_four(year))
        return float(quantiles(series, (0.5,))[0])

    def own(self, variable: str, year: int, scenario: str = BASELINE) -> xr.DataArray:
        """Return the reference draw in the fourth quarter of a year: dims (subscripts)."""
        return at(reference(self.comparison, variable, scenario), quarter_four(year))

    def share(self, scenario: str, year: int = HORIZON, statistic: str = "p50") -> str:
        """Write egendekning in a year."""
        return self.context.words.percent(self.value(scenario, RATIO, year, statistic))

    def effect(self, scenario: str, statistic: str = "diff_p50") -> str:
        """Write the difference in egendekning to the baseline with its unit."""
        return self.points(effect(self.comparison, scenario, statistic))

    def points(self, difference: float) -> str:
        """Write a difference between shares with its unit."""
        return self.context.words.text("points", number=self.context.words.points(difference))

    def effect_range(self, scenario: str) -> str:
        """Write the band of the difference, without unit."""
        words = self.context.words
        low, high = (words.points(effect(self.comparison, scenario, end)) for end in ("diff_p10", "diff_p90"))
        return words.text("range", low=low, high=high)

    def visible(self, difference: float) -> bool:
        """Whether a difference between shares is more than nought when it is written."""
        return abs(difference) >= _TENTH_OF_A_POINT

    def chance(self, scenario: str, year: int = HORIZON) -> str:
        """Write a probability; what is neither never nor always is not rounded to it."""
        words = self.context.words
        share = probability(self.comparison, scenario, year)
        if 0 < share < _ONE_PER_CENT:
            return words.text("under_one")
        if 1 - _ONE_PER_CENT < share < 1:
            return words.text("over_99")
        return words.percent(share, 0)

    def million(self, amount: float) -> str:
        """Write an amount of MNOK."""
        words = self.context.words
        return words.text("money.million", number=words.number(amount, self._money_decimals(amount)))

    def million_apart(self, difference: float) -> str:
        """Write a difference in MNOK as higher, lower or unchanged."""
        words = self.context.words
        number = words.number(abs(difference), self._money_decimals(difference))
        if number.strip("0,.") == "":
            return words.text("money.same")
        return words.text("money.higher" if difference > 0 else "money.lower", number=number)

    @staticmethod
    def _money_decimals(amount: float) -> int:
        """Return the decimals for an amount of MNOK: one below ten, else none."""
        return 1 if abs(amount) < 9.95 else 0

    def share_apart(self, scenario: str, variable: str, year: int = HORIZON) -> str:
        """Write the median difference of an index to the baseline, within draws, as higher, lower or unchanged."""
        words, time = self.context.words, quarter_four(year)
        apart = at(draws(self.comparison, variable, scenario), time) - at(
            draws(self.comparison, variable, BASELINE), time
        )
        size = float(np.median(apart.values))
        if not self.visible(size):
            return words.text("share.same")
        return words.text("share.higher" if size > 0 else "share.lower", number=words.percent(abs(size)))

    def often_first(self, scenario: str) -> float:
        """Return the share of draws in which a single measure does more than every other single measure."""
        time = quarter_four(HORIZON)
        levels = [at(draws(self.comparison, RATIO, name), time).values for name in self.single]
        mine = at(draws(self.comparison, RATIO, scenario), time).values
        return float(np.mean(mine >= np.max(levels, axis=0)))

    @property
    def draw_count(self) -> int:
        """Number of sampled draws."""
        return int(self.comparison.dataset.sizes[DRAW]) - 1

    @property
    def attributes(self) -> Mapping[str, object]:
        """Provenance of the results."""
        return {str(name): entry for name, entry in self.comparison.dataset.attrs.items()}
