"""A second opinion from a method that knows no slopes: differential evolution over the same levers and draws.

Slopes find the top of the hill they stand on; evolution of a population of mixes looks everywhere, at the price of many
more runs. Each candidate is drawn back to the budget, so that none is wasted; both methods are then judged on all the
draws of the search. A population needs many generations to settle in this many dims, so it often ends a little lower:
what it must not do is to end higher. The module refuses to improve what it finds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from egendekning.sensitivity.search.climb import Climber, Mix, Tangent
from egendekning.sensitivity.search.scaled import Scaled

Floats = NDArray[np.float64]

DRAWS: Final = 128
"""Draws on which the population evolves: one batch of the kernel."""

MEMBERS: Final = 2
"""Members of the population for each lever; no fewer than five in all."""


BEYOND: Final = 0.5
"""Candidates may lie this far outside the ranges and are cut off there: the best mix has most levers at an end, which a
population inside the ranges reaches only after very long."""


@dataclass(frozen=True)
class Opinion:
    """What differential evolution found.

    Attributes
    ----------
    mix : Mix
        Its best mix, run over all draws of the search.
    gap : float
        Smoothed probability of the mix found by slopes less that of this one, share of one.
    runs : int
        Runs of the model that it used.
    generations : int
        How long it evolved.
    seconds : float
        Wall time.
    """

    mix: Mix
    gap: float
    runs: int
    generations: int
    seconds: float


def second_opinion(
    climber: Climber, model: Scaled, found: Mix, budget: float, generations: int, seed: int,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Opinion:  # fmt: skip
    """Search again by differential evolution.

    Parameters
    ----------
    climber : Climber
        Where the mix found by slopes comes from: target, width, tangents.
    model : Scaled
        Over all draws of the search.
    found : Mix
        The mix found by slopes.
    budget : float
        The budget that both have to keep; infinite for none.
    generations : int
        How long to evolve.
    seed : int
        Of the population.
    tell : callable
        Called with generations done and in all.
    """
    from scipy.optimize import differential_evolution

    few = Scaled(model.kernel, model.space, model.draws[:DRAWS])
    tangent = climber.tangents[-1]
    begun, before, done = perf_counter(), model.kernel.runs_done, 0

    def loss(at: Floats) -> Floats:
        mixes = drawn_back(np.clip(at.T, 0.0, 1.0), tangent, climber.nothing, budget)
        highest, _ = few.runs(mixes)
        return np.array([-climber.smoothed(row) for row in highest])

    def step(intermediate_result: Any) -> None:
        nonlocal done
        done += 1
        tell(done, generations)

    levers = len(climber.nothing)
    best = differential_evolution(
        loss, [(-BEYOND, 1.0 + BEYOND)] * levers, maxiter=generations, popsize=MEMBERS, init="latinhypercube",
        seed=seed, polish=False, tol=0.0, updating="deferred", vectorized=True, callback=step, mutation=(0.4, 0.9),
        recombination=0.9,
    )  # fmt: skip
    used = model.kernel.runs_done - before
    mix = climber.affordable(drawn_back(np.clip(best.x, 0.0, 1.0)[None], tangent, climber.nothing, budget)[0], budget)
    return Opinion(mix, found.smoothed - mix.smoothed, used, done, perf_counter() - begun)


def drawn_back(mixes: Floats, tangent: Tangent, nothing: Floats, budget: float) -> Floats:
    """Return scaled mixes (mix, lever), those that cost too much drawn back towards doing nothing."""
    cost = tangent.cost + (mixes - tangent.at) @ tangent.of_cost
    share = np.minimum(1.0, budget / np.maximum(cost, 1e-9)) if np.isfinite(budget) else np.ones_like(cost)
    return np.asarray(nothing + share[:, None] * (mixes - nothing))
