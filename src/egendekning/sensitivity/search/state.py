"""What the steps of a search share: the question, the draws, the compiled model and what has been run so far.

The module refuses to decide anything: it is made once and handed from step to step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import Design
from egendekning.sensitivity.search.binding import limits_of
from egendekning.sensitivity.search.check import Opinion
from egendekning.sensitivity.search.climb import Climber, Mix
from egendekning.sensitivity.search.draws import both_sets
from egendekning.sensitivity.search.found import Verdict
from egendekning.sensitivity.search.goal import Goal, Space, question
from egendekning.sensitivity.search.kernel import Kernel
from egendekning.sensitivity.search.scaled import Scaled
from egendekning.sensitivity.search.truth import drivers_of

Progress = Callable[[str, int, int], None]
"""Called with what is being done (``top``, ``front``, ``check``, ``rivals``, ``truth``), steps done and in all."""


@dataclass
class Search:
    """Everything that the steps of a search share."""

    bound: Bound
    goal: Goal
    space: Space
    drawn: Design
    draws: int
    model: Scaled
    fresh: Scaled
    climber: Climber
    tell: Progress


@dataclass(frozen=True)
class Answer:
    """What a search comes to.

    Parameters
    ----------
    chosen : Mix
        The answer: the cheapest mix with the wanted probability, or the most probable one within the budget.
    cheapest : Mix or None
        The cheapest mix with the wanted probability, whatever the budget.
    verdict : str
        Whether the answer reaches what was wanted.
    """

    chosen: Mix
    cheapest: Mix | None
    verdict: Verdict


@dataclass(frozen=True)
class Checked:
    """The global check at the cost of the answer, and whether it was so much better that the search went on from it."""

    opinion: Opinion
    adopted: bool


def prepared(bound: Bound, goal: Goal, space: Space, draws: int, seed: int, tell: Progress) -> Search:
    """Draw, compile and take the first tangent."""
    drawn = both_sets(bound, draws, seed)
    others = [name for name in (*drivers_of(bound).values(), *limits_of(bound.model)) if name not in space.constants]
    kernel = Kernel(bound, drawn, [*space.constants, *dict.fromkeys(others)], question(bound, goal))
    model = Scaled(kernel, space, np.arange(draws))
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        tell("top" if steps < 10 else "front", steps, 60)

    tell("top", 0, 60)
    climber = Climber(model, goal.target, space.scaled({}), step)
    return Search(bound, goal, space, drawn, draws, model, Scaled(kernel, space, np.arange(draws, 2 * draws)), climber,
                  tell)  # fmt: skip
