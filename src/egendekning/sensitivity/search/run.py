"""The search from question to answer: the front of cost against probability, the answer on it, and what is asked of it.

The order: the highest probability that any mix reaches; a ladder of budgets below its cost, which draws the front; the
cheapest mix that reaches the wanted probability, if one does, by halving the budget; a last climb from the answer. Then
the global check, the scenarios of the study at the same cost, what binds, and what would have to be true. Everything
told is a run; probabilities come on the draws of the search and on fresh ones. The module refuses to print.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import Design
from egendekning.errors import Problem, UsageError
from egendekning.sensitivity.search.binding import binding, limits_of
from egendekning.sensitivity.search.check import DRAWS, second_opinion
from egendekning.sensitivity.search.climb import STEP, Climber, Mix
from egendekning.sensitivity.search.draws import both_sets
from egendekning.sensitivity.search.found import Found, Point, Rival, Second, Verdict
from egendekning.sensitivity.search.goal import Goal, Space, checked, question
from egendekning.sensitivity.search.kernel import Kernel
from egendekning.sensitivity.search.scaled import Scaled
from egendekning.sensitivity.search.truth import Truth, drivers_of, lacking_jobs, pushes, telling_inputs

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
"""Called with what is being done (``top``, ``front``, ``check``, ``rivals``, ``truth``), steps done and in all."""

LADDER: Final = (0.02, 0.05, 0.1, 0.14, 0.2, 0.28, 0.4, 0.55, 0.75)
"""Budgets of the front, as shares of the cost of the mix with the highest probability."""

FEWEST: Final = 20
"""Draws below which a share of draws is no probability."""

GENERATIONS: Final = 40
"""How long the global check evolves; with two members a lever it takes about as long as everything else."""

_NEAR: Final = 0.01
"""A mix within a percentage point of the best is as good, for what some hundred draws can tell."""

_HALVINGS: Final = 9


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
    tell = progress or (lambda what, done, of: None)
    if draws < FEWEST:
        raise UsageError(Problem("draws", f"{draws}", f"{FEWEST} or more", fix="give for example 500"))
    goal, space = checked(bound, target, by, probability, budget, levers)
    it = _prepared(bound, goal, space, draws, seed, tell)
    chosen, cheapest, verdict = _climbed(it)
    second = _second(it, chosen, generations, seed) if generations else None
    if second is not None and second[1][-1]:
        chosen, cheapest, verdict = _answer(it)
    limits = limits_of(bound.model)
    rivals = _rivals(it)
    tell("truth", 0, 2)
    bind = binding(it.climber, it.model, chosen, max(chosen.cost, 0.0) if verdict == "reached" else goal.budget, limits)
    told = _truth(it, chosen)
    tell("truth", 2, 2)
    front = it.climber.front()
    named = _Points(it, [*front, chosen, it.climber.best(), *([cheapest] if cheapest else []),
                         *([second[0]] if second else []), *(m for _, pair in rivals for m in pair)])  # fmt: skip
    near = [mix for mix in front if mix.probability >= chosen.probability - _NEAR]
    return Found(
        goal=goal, question=it.model.kernel.question, verdict=verdict, answer=named[chosen],
        cheapest=named[cheapest] if cheapest else None, top=named[it.climber.best()], frugal=named[near[0]],
        front=tuple(named[mix] for mix in front), binding=bind,
        rivals=tuple(Rival(name, named[mix], named[best]) for name, (mix, best) in rivals),
        second=Second(named[second[0]], *second[1]) if second else None, truth=told, draws=draws, seed=seed,
        runs=it.model.kernel.runs_done, tangents=len(it.climber.tangents), seconds=perf_counter() - begun,
    )  # fmt: skip


def _prepared(bound: Bound, goal: Goal, space: Space, draws: int, seed: int, tell: Progress) -> Search:
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


def _climbed(it: Search) -> tuple[Mix, Mix | None, Verdict]:
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


def _answer(it: Search) -> tuple[Mix, Mix | None, Verdict]:
    """Return the answer, the cheapest mix with the wanted probability, and the verdict."""
    cheapest = _cheapest(it)
    if cheapest is not None and cheapest.cost <= it.goal.budget * (1.0 + 1e-6):
        return cheapest, cheapest, "reached"
    return it.climber.best(it.goal.budget), cheapest, "out of reach" if cheapest is None else "over budget"


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


def _second(
    it: Search, chosen: Mix, generations: int, seed: int
) -> tuple[Mix, tuple[float, int, int, int, float, bool]]:
    """Make the global check at the cost of the answer; a better mix is kept, and climbed from."""
    budget = chosen.cost if np.isfinite(it.goal.budget) or chosen is not it.climber.best() else np.inf
    found = second_opinion(it.climber, it.model, chosen, budget, generations, seed,
                           lambda done, of: it.tell("check", done, of))  # fmt: skip
    adopted = found.gap < -STEP
    if adopted:
        it.climber.climb(budget)
    return found.mix, (found.gap, found.runs, found.generations, min(DRAWS, it.draws), found.seconds, adopted)


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
