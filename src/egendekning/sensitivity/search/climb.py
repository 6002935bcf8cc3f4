"""The best mix for a budget, by slopes: a chain of small problems, each solved on the model's own tangents.

At a mix the engine gives, for every draw, the highest outcome and its slope by every lever. On these tangents the share
of draws that reach the target, smoothed over a narrow width, is cheap to maximise under the budget and the levers'
ranges (SLSQP from several starts). The answer is run; where the tangents told it badly they are taken again there.
Every mix that was run is kept, and what is reported is always a run, never a tangent. Levers are scaled: 0 is the low
end of the range, 1 the high. The module refuses to know what levers do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import ndtr

Floats = NDArray[np.float64]

WIDTH: Final = 0.3
"""Smoothing of the target, in standard deviations of the outcome over draws: the usual width of a kernel estimate of a
density from some hundred draws."""

_TRUST: Final = 0.005
"""Tangents are good enough where they tell the probability within half a percentage point."""

_GAIN: Final = 0.0005
"""Steps that gain less probability than this end a climb."""

_SPARE: Final = 1e-9

_ASKED: Final = 8
"""Tangents that are asked for a budget at most."""

_ALIKE: Final = 0.01
"""Mixes that differ by less than this share of every range are the same."""

_SNAP: Final = 0.002
"""Levers this near an end of the range are put there: nobody starts a programme of two thousandths of its range."""

STEP: Final = 0.002
"""Less smoothed probability than this is not worth paying for: two tenths of a percentage point."""

_SAME_COST: Final = 0.005
"""Costs within half a percent are the same when the front is drawn."""


class Model(Protocol):
    """What is searched: mixes in, outcomes and costs out."""

    def runs(self, mixes: Floats) -> tuple[Floats, Floats]:
        """Return highest outcome (mix, draw) and mean cost (mix) of scaled mixes (mix, lever)."""

    def slopes(self, mix: Floats) -> tuple[Floats, float, Floats, Floats]:
        """Return highest outcome (draw), mean cost, and their slopes (draw, lever) and (lever) at a scaled mix."""


@dataclass(frozen=True)
class Mix:
    """A mix that was run.

    Attributes
    ----------
    at : ndarray
        (lever), scaled.
    highest : ndarray
        (draw), highest outcome.
    cost : float
        Mean cost over draws.
    probability, smoothed : float
        Share of draws that reach the target, and the same with the target smoothed.
    """

    at: Floats
    highest: Floats
    cost: float
    probability: float
    smoothed: float


@dataclass(frozen=True)
class Tangent:
    """The model near a mix: value and slopes of the highest outcome (draw[, lever]) and of the cost ([lever])."""

    at: Floats
    highest: Floats
    cost: float
    of_highest: Floats
    of_cost: Floats

    def told(self, at: Floats) -> tuple[Floats, float]:
        """Return highest outcome (draw) and cost at another mix, along the tangents."""
        move = at - self.at
        return self.highest + self.of_highest @ move, self.cost + float(self.of_cost @ move)


@dataclass
class Climber:
    """Searches one model over one set of draws.

    Parameters
    ----------
    model : Model
        What is searched.
    target : float
        In the outcome's unit.
    nothing : ndarray
        (lever), the scaled mix that does nothing.
    """

    model: Model
    target: float
    nothing: Floats
    tell: Callable[[], None] = lambda: None
    width: float = 0.0
    mixes: list[Mix] = field(default_factory=list)
    tangents: list[Tangent] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Run the mix that does nothing, take its tangent, and set the width of smoothing."""
        first = self.tangent(self.nothing)
        self.width = max(WIDTH * float(first.highest.std()), _SPARE)
        self.run(self.nothing)

    def tangent(self, at: Floats) -> Tangent:
        """Take tangents at a mix."""
        highest, cost, of_highest, of_cost = self.model.slopes(at)
        self.tangents.append(Tangent(at, highest, cost, of_highest, of_cost))
        self.tell()
        return self.tangents[-1]

    def run(self, at: Floats) -> Mix:
        """Run a mix and keep it."""
        highest, cost = self.model.runs(at[None])
        reached = float((highest[0] >= self.target).mean())
        self.mixes.append(Mix(at, highest[0], float(cost[0]), reached, self.smoothed(highest[0])))
        self.tell()
        return self.mixes[-1]

    def smoothed(self, highest: Floats) -> float:
        """Return the share of draws that reach the target, the target smoothed over a narrow width."""
        return float(ndtr((highest - self.target) / self.width).mean())

    def climb(self, budget: float, steps: int = 3) -> Mix:
        """Find the mix with the highest probability within a budget; it is run and kept.

        Parameters
        ----------
        budget : float
            Highest mean cost; infinite for none.
        steps : int
            Most times that tangents are taken.
        """
        best = self._by_every_tangent(budget)
        fresh: Tangent | None = None
        for step in range(steps + 1):
            tangent = fresh or self._nearest(best.at)
            goal, _ = solve(tangent, self.target, self.width, budget, [best.at, self.nothing])
            found = self.affordable(self._snapped(goal), budget)
            trusted = abs(self.smoothed(tangent.told(found.at)[0]) - found.smoothed) < _TRUST
            gain = found.smoothed - best.smoothed
            best = found if gain > 0 else best
            if trusted or step == steps or (fresh is not None and gain < _GAIN):
                break
            fresh = self.tangent(best.at)
        return best

    def _by_every_tangent(self, budget: float) -> Mix:
        """Return the best mix for a budget among those run before and those that the tangents lead to.

        Levers help each other (predictable planning is worth more where there is land to plan), so tangents at richer
        and poorer mixes lead to different tops; those taken at a cost near the budget are asked.
        """
        near = sorted(self.tangents, key=lambda t: abs(t.cost - min(budget, self.tangents[-1].cost)))[:_ASKED]
        known = [mix.at for mix in self.mixes]
        for tangent in near:
            goal, _ = solve(tangent, self.target, self.width, budget, [tangent.at, self.nothing])
            at = self._snapped(goal)
            if all(float(np.abs(at - other).max()) > _ALIKE for other in known):
                known.append(self.affordable(at, budget).at)
        return max((m for m in self.mixes if m.cost <= budget * (1.0 + 1e-6) + _SPARE),
                   key=lambda m: (m.smoothed, -m.cost))  # fmt: skip

    def _snapped(self, at: Floats) -> Floats:
        """Return a mix with levers that are nearly at an end, or nearly do nothing, put there."""
        at = np.where(np.abs(at - self.nothing) < _SNAP, self.nothing, at)
        return np.asarray(np.where(at > 1.0 - _SNAP, 1.0, np.where(at < _SNAP, 0.0, at)))

    def _nearest(self, at: Floats) -> Tangent:
        """Return the tangent that was taken nearest to a mix."""
        return min(self.tangents, key=lambda tangent: float(np.abs(tangent.at - at).sum()))

    def affordable(self, at: Floats, budget: float) -> Mix:
        """Run a mix, drawn back towards doing nothing until its cost is within the budget."""
        found = self.run(at)
        for _ in range(6):
            if found.cost <= budget * (1.0 + 1e-6) + _SPARE:
                return found
            back = 0.999 * budget / found.cost
            found = self.run(self.nothing + back * (found.at - self.nothing))
        return self.run(self.nothing)

    def best(self, budget: float = np.inf) -> Mix:
        """Return the last mix of the front that the budget allows: the one with the highest probability."""
        return [mix for mix in self.front(budget) if mix.cost <= budget * (1.0 + 1e-6) + _SPARE][-1]

    def front(self, budget: float = np.inf) -> list[Mix]:
        """Return the mixes that no cheaper one equals, by cost.

        A mix is on the front where its smoothed probability is higher than that of all that cost less, and its
        probability no lower: the latter alone would reward luck with single draws.
        """
        found: list[Mix] = []
        for mix in sorted(self.mixes, key=lambda m: (m.cost, -m.smoothed)):
            if mix.cost > budget * (1.0 + 1e-6) + _SPARE:
                break
            if not found or (mix.probability >= found[-1].probability and mix.smoothed > found[-1].smoothed + STEP):
                if len(found) > 1 and mix.cost <= found[-1].cost * (1.0 + _SAME_COST):
                    found.pop()
                found.append(mix)
        return found


def solve(tangent: Tangent, target: float, width: float, budget: float, starts: list[Floats]) -> tuple[Floats, float]:
    """Maximise the smoothed probability on a tangent, within the budget and the levers' ranges.

    Returns
    -------
    tuple
        The mix (lever), scaled, and its smoothed probability on the tangent.
    """

    def value(at: Floats) -> tuple[float, Floats]:
        z = (tangent.told(at)[0] - target) / width
        density = np.exp(-0.5 * z**2) / (np.sqrt(2.0 * np.pi) * width)
        return -float(ndtr(z).mean()), -(density @ tangent.of_highest) / len(z)

    def spend(at: Floats) -> float:
        return tangent.told(at)[1]

    limits = []
    if np.isfinite(budget):
        size = max(float(np.abs(tangent.of_cost).sum()), _SPARE)
        limits = [{"type": "ineq", "fun": lambda u: (budget - spend(u)) / size,
                   "jac": lambda u: -tangent.of_cost / size}]  # fmt: skip
    best, top = starts[0], np.inf
    for start in [*starts, _greedy(tangent, value(starts[0])[1], budget), _greedy(tangent, -_mean(tangent), budget)]:
        found = minimize(value, start, jac=True, method="SLSQP", bounds=[(0.0, 1.0)] * len(start), constraints=limits,
                         options={"ftol": 1e-9, "maxiter": 200})  # fmt: skip
        for at in (start, np.clip(found.x, 0.0, 1.0)):
            score = value(at)[0]
            if score < top and spend(at) <= budget + 1e-6 * max(1.0, abs(budget)):
                best, top = at, score
    return best, -top


def _mean(tangent: Tangent) -> Floats:
    return np.asarray(tangent.of_highest.mean(axis=0))


def _greedy(tangent: Tangent, downhill: Floats, budget: float) -> Floats:
    """Return the mix that buys the levers with the most effect per money first, until the budget is spent."""
    cost = np.maximum(tangent.of_cost, _SPARE)
    at = np.zeros_like(cost)
    left = budget - tangent.told(at)[1]
    for lever in np.argsort(downhill / cost):
        if downhill[lever] >= 0 or left <= 0:
            break
        at[lever] = min(1.0, left / cost[lever])
        left -= at[lever] * cost[lever]
    return at
