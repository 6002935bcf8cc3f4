"""What a search hands back: plain, frozen records, and the same as text that other programs read.

The module refuses to compute anything that the search did not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from egendekning.sensitivity.search.binding import Binding
from egendekning.sensitivity.search.goal import Goal
from egendekning.sensitivity.search.kernel import Question
from egendekning.sensitivity.search.truth import Truth

Verdict = Literal["reached", "over budget", "out of reach"]
"""Whether the wanted probability is reached within the budget, only beyond it, or by no mix of these levers."""


@dataclass(frozen=True)
class Point:
    """A mix that was run on both sets of draws.

    Attributes
    ----------
    values : Mapping of str to float
        Lever to its size, in its unit.
    cost, cost_low, cost_high : float
        Discounted cost in MNOK: mean over draws, and the 10th and 90th percentile.
    yearly : float
        Cost in the target year, MNOK a year, mean over draws.
    probability : float
        Share of the draws of the search that reach the target.
    fresh : float
        The same among draws that the search has not seen.
    middle : float
        Median over all draws of the highest outcome, share of one.
    """

    values: Mapping[str, float]
    cost: float
    cost_low: float
    cost_high: float
    yearly: float
    probability: float
    fresh: float
    middle: float


@dataclass(frozen=True)
class Rival:
    """A scenario of the study beside the best mix that costs no more."""

    scenario: str
    point: Point
    best: Point


@dataclass(frozen=True)
class Second:
    """What the global method found: see `egendekning.sensitivity.search.check.Opinion`.

    `adopted` says whether it was so much better that the search went on from it.
    """

    point: Point
    gap: float
    runs: int
    generations: int
    draws: int
    seconds: float
    adopted: bool


@dataclass(frozen=True)
class Found:
    """The answer to a search.

    Attributes
    ----------
    goal : Goal
        What was searched for.
    question : Question
        How runs were read: years, discounting.
    verdict : str
        See `Verdict`.
    answer : Point
        The cheapest mix that reaches the wanted probability within the budget; where there is none, the mix with the
        highest probability that the budget allows.
    cheapest : Point or None
        The cheapest mix that reaches the wanted probability whatever it costs.
    top : Point
        The mix with the highest probability whatever it costs.
    frugal : Point
        The cheapest mix whose probability is within one percentage point of the answer's.
    front : tuple of Point
        Mixes that no other run beats in both cost and probability, by cost.
    rivals : tuple of Rival
        Scenarios that set nothing but these levers.
    binding : Binding
        What binds at the answer.
    second : Second or None
        The global check, if it was made.
    truth : Truth
        What would have to be true, at the answer.
    draws, seed : int
        Draws of the search; as many fresh ones have the seed after it.
    runs, tangents : int
        Runs of the model, and how often slopes were taken.
    seconds : float
        Wall time.
    """

    goal: Goal
    question: Question
    verdict: Verdict
    answer: Point
    cheapest: Point | None
    top: Point
    frugal: Point
    front: tuple[Point, ...]
    rivals: tuple[Rival, ...]
    binding: Binding
    second: Second | None
    truth: Truth
    draws: int
    seed: int
    runs: int
    tangents: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain mappings, lists, text and numbers; what is no finite number is None."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def interval(probability: float, draws: int) -> tuple[float, float]:
    """Return the 80 % interval of a share of draws (Wilson's), for the noise that a finite number of draws brings."""
    z = 1.2815515594457412  # 90th percentile of the normal distribution
    middle = (probability + z * z / (2 * draws)) / (1 + z * z / draws)
    half = z * math.sqrt(probability * (1 - probability) / draws + z * z / (4 * draws**2)) / (1 + z * z / draws)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(v) for v in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
