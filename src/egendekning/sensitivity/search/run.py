"""The search from question to answer: the front of cost against probability, and the answer on it.

The order: the highest probability that any mix reaches; a ladder of budgets below its cost, which draws the front; the
cheapest mix that reaches the wanted probability, if one does, by halving the budget; a last climb from the answer. Then
the global check, and what `telling` adds. Everything told is a run; probabilities come on the draws of the search and
on fresh ones. The module refuses to print.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Final

import numpy as np

from egendekning.ensemble.bind import Bound
from egendekning.errors import Problem, UsageError
from egendekning.sensitivity.search.check import second_opinion
from egendekning.sensitivity.search.climb import STEP, Mix
from egendekning.sensitivity.search.found import Found, Verdict
from egendekning.sensitivity.search.goal import checked
from egendekning.sensitivity.search.state import Answer, Checked, Progress, Search, prepared
from egendekning.sensitivity.search.telling import found_of

LADDER: Final = (0.02, 0.05, 0.1, 0.14, 0.2, 0.28, 0.4, 0.55, 0.75)
"""Budgets of the front, as shares of the cost of the mix with the highest probability."""

FEWEST: Final = 20
"""Draws below which a share of draws is no probability."""

GENERATIONS: Final = 40
"""How long the global check evolves; with two members a lever it takes about as long as everything else."""

_HALVINGS: Final = 9


def search(
    bound: Bound, target: float = 100.0, by: int = 2040, probability: float = 0.8, budget: float | None = None, *,
    draws: int = 500, seed: int = 1, levers: Sequence[str] | None = None, generations: int = GENERATIONS,
    progress: Progress | None = None,
) -> Found:  # fmt: skip
    """Find the cheapest mix of levers that reaches a target with a probability, or say that there is none.

    Parameters
    ----------
    bound : Bound
        Study and model.
    target : float
        Egendekning to reach, percent.
    by : int
        Year by whose end it is to be reached at least once since 2022, as `egendekning compare` counts it.
    probability : float
        Wanted share of draws, above 0 and at most 1.
    budget : float, optional
        Most discounted cost over all years to `by`, MNOK; no limit if left out.
    draws, seed : int
        Draws of the search, at least `FEWEST`; as many fresh ones judge what it finds.
    levers : sequence of str, optional
        Levers that may be used; all if left out. The others do nothing.
    generations : int
        How long the global check evolves; 0 leaves it out.
    progress : callable, optional
        See `Progress`.

    Returns
    -------
    Found
        The answer.

    Raises
    ------
    UsageError
        With everything that is wrong with the question.
    """
    begun = perf_counter()
    if draws < FEWEST:
        raise UsageError(Problem("draws", f"{draws}", f"{FEWEST} or more", fix="give for example 500"))
    goal, space = checked(bound, target, by, probability, budget, levers)
    it = prepared(bound, goal, space, draws, seed, progress or (lambda what, done, of: None))
    answer = _climbed(it)
    second = _second(it, answer.chosen, generations, seed) if generations else None
    if second is not None and second.adopted:
        answer = _answer(it)
    return found_of(it, answer, second, seed, begun)


def _climbed(it: Search) -> Answer:
    """Draw the front and find the answer on it."""
    it.climber.climb(np.inf)
    full = it.climber.best().cost
    for share in reversed(LADDER):
        it.climber.climb(share * full, steps=2)
    for share in LADDER:
        it.climber.climb(share * full, steps=0)
    if it.goal.budget < full:
        it.climber.climb(it.goal.budget)
    return _answer(it)


def _answer(it: Search) -> Answer:
    """Return the answer, the cheapest mix with the wanted probability, and the verdict."""
    cheapest = _cheapest(it)
    if cheapest is not None and cheapest.cost <= it.goal.budget * (1.0 + 1e-6):
        return Answer(cheapest, cheapest, "reached")
    verdict: Verdict = "out of reach" if cheapest is None else "over budget"
    return Answer(it.climber.best(it.goal.budget), cheapest, verdict)


def _cheapest(it: Search) -> Mix | None:
    """Return the cheapest mix that reaches the wanted probability, by halving the budget between two runs; or None."""
    if it.climber.best().probability < it.goal.probability:
        return None

    def reaching() -> Mix:
        return min((m for m in it.climber.mixes if m.probability >= it.goal.probability), key=lambda m: m.cost)

    for _ in range(_HALVINGS):
        high = reaching().cost
        low = max((m.cost for m in it.climber.front() if m.probability < it.goal.probability and m.cost < high),
                  default=0.0)  # fmt: skip
        if high - low <= max(0.005 * high, 1e-6):
            break
        before = reaching().cost
        it.climber.climb(0.5 * (low + high))
        if reaching().cost == before and it.climber.mixes[-1].probability >= it.goal.probability:
            break
    return reaching()


def _second(it: Search, chosen: Mix, generations: int, seed: int) -> Checked:
    """Make the global check at the cost of the answer; a better mix is kept, and climbed from."""
    budget = chosen.cost if np.isfinite(it.goal.budget) or chosen is not it.climber.best() else np.inf
    found = second_opinion(it.climber, it.model, chosen, budget, generations, seed,
                           lambda done, of: it.tell("check", done, of))  # fmt: skip
    adopted = found.gap < -STEP
    if adopted:
        it.climber.climb(budget)
    return Checked(found, adopted)
