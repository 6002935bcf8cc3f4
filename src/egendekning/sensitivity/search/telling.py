"""What is told of an answer: mixes on fresh draws, the study's scenarios at the same cost, what binds, and the truth.

Everything told is a run, not a tangent. The module refuses to look for a better answer, but a scenario of the study
that does better than the mixes so far is climbed from, so that the front never lies below a scenario.
"""

from __future__ import annotations

from time import perf_counter
from typing import Final

import numpy as np

from egendekning.sensitivity.search.binding import binding, limits_of
from egendekning.sensitivity.search.check import DRAWS
from egendekning.sensitivity.search.climb import Mix
from egendekning.sensitivity.search.found import Found, Point, Rival, Second
from egendekning.sensitivity.search.scaled import Scaled
from egendekning.sensitivity.search.state import Answer, Checked, Search
from egendekning.sensitivity.search.truth import Truth, lacking_jobs, pushes, telling_inputs

_NEAR: Final = 0.01
"""A mix within a percentage point of the best is as good, for what some hundred draws can tell."""


def found_of(it: Search, answer: Answer, second: Checked | None, seed: int, begun: float) -> Found:
    """Return the answer with everything that is asked of it.

    Parameters
    ----------
    it : Search
        After the climb; scenarios of the study may add mixes to it.
    answer : Answer
        What it came to.
    second : Checked or None
        The global check.
    seed : int
        As given, to be told.
    begun : float
        When the search began, seconds of `time.perf_counter`.

    Returns
    -------
    Found
        Every mix named in it is run on the fresh draws too.
    """
    chosen, cheapest, climber = answer.chosen, answer.cheapest, it.climber
    rivals = _rivals(it)
    it.tell("truth", 0, 2)
    budget = max(chosen.cost, 0.0) if answer.verdict == "reached" else it.goal.budget
    bind = binding(climber, it.model, chosen, budget, limits_of(it.bound.model))
    told = _truth(it, chosen)
    it.tell("truth", 2, 2)
    front = climber.front()
    also = [*([cheapest] if cheapest else []), *([second.opinion.mix] if second else [])]
    named = _Points(it, [*front, chosen, climber.best(), *also, *(m for _, pair in rivals for m in pair)])
    frugal = next(mix for mix in front if mix.probability >= chosen.probability - _NEAR)
    return Found(
        goal=it.goal, question=it.model.kernel.question, verdict=answer.verdict, answer=named[chosen],
        cheapest=named[cheapest] if cheapest else None, top=named[climber.best()], frugal=named[frugal],
        front=tuple(named[mix] for mix in front), binding=bind,
        rivals=tuple(Rival(name, named[mix], named[best]) for name, (mix, best) in rivals),
        second=_check(it, named, second) if second else None, truth=told, draws=it.draws, seed=seed,
        runs=it.model.kernel.runs_done, tangents=len(climber.tangents), seconds=perf_counter() - begun,
    )  # fmt: skip


def _check(it: Search, named: _Points, made: Checked) -> Second:
    """Return the global check as it is told."""
    one = made.opinion
    return Second(named[one.mix], one.gap, one.runs, one.generations, min(DRAWS, it.draws), one.seconds, made.adopted)


def _rivals(it: Search) -> list[tuple[str, tuple[Mix, Mix]]]:
    """Run every scenario that sets nothing but these levers, and find the best mix that costs no more."""
    by_constant = dict(zip(it.space.constants, it.space.levers, strict=True))
    starts = {it.bound.name(lever.constants.start) for lever in it.bound.study.levers.values()}
    found = []
    names = list(it.bound.study.scenarios)
    for done, name in enumerate(names):
        it.tell("rivals", done, len(names))
        given = {it.bound.name(n): v for n, v in it.bound.study.overrides(name).items()}
        usual = all(v == float(it.bound.values[n]) for n, v in given.items() if n in starts)
        values = {by_constant[n]: v for n, v in given.items() if n in by_constant}
        if not values or not usual or any(n not in by_constant and n not in starts for n in given):
            continue
        highest, cost = it.model.runs(it.space.scaled(values)[None])
        smoothed = it.climber.smoothed(highest[0])
        mix = Mix(it.space.scaled(values), highest[0], float(cost[0]),
                  float((highest[0] >= it.goal.target).mean()), smoothed)  # fmt: skip
        it.climber.climb(mix.cost, steps=1)
        found.append((name, (mix, it.climber.best(mix.cost))))
    return found


def _truth(it: Search, chosen: Mix) -> Truth:
    """Find what would have to be true, on all draws."""
    both = Scaled(it.model.kernel, it.space, np.arange(2 * it.draws))
    runs = both.all_of(chosen.at[None])
    highest, scale = runs.highest[0], runs.scale[0]
    ask = it.model.kernel.question
    inputs, together = telling_inputs(it.bound, it.drawn, highest >= it.goal.target, ask.since, ask.until,
                                      it.goal.probability)  # fmt: skip
    it.tell("truth", 1, 2)
    pushed, all_pushed = pushes(it.bound, both, chosen.at, it.goal, float((highest >= it.goal.target).mean()))
    jobs = lacking_jobs(highest, scale, it.goal, it.goal.probability)
    return Truth(inputs, together, pushed, all_pushed, jobs, lacking_jobs(highest, scale, it.goal, 0.5))


class _Points:
    """Mixes as points, each run once on the fresh draws."""

    def __init__(self, it: Search, mixes: list[Mix]) -> None:
        different = list({mix.at.tobytes(): mix for mix in mixes}.values())
        self.found: dict[bytes, Point] = {}
        for mix in different:
            seen, fresh = it.model.all_of(mix.at[None]), it.fresh.all_of(mix.at[None])
            cost = np.concatenate([seen.cost[0], fresh.cost[0]])
            low, high = np.quantile(cost, [0.1, 0.9])
            middle = float(np.median(np.concatenate([seen.highest[0], fresh.highest[0]])))
            values = dict(zip(it.space.levers, map(float, it.space.values(mix.at)), strict=True))
            self.found[mix.at.tobytes()] = Point(
                values, mix.cost, float(low), float(high), float(seen.yearly.mean()), mix.probability,
                float((fresh.highest[0] >= it.goal.target).mean()), middle,
            )  # fmt: skip

    def __getitem__(self, mix: Mix) -> Point:
        return self.found[mix.at.tobytes()]
