"""What is searched for, and whether it can be: the target, the year, the probability, the budget and the levers.

Everything that is wrong is told at once, before anything runs. The module refuses to run anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.bind import Bound
from egendekning.ensemble.measures import NOT_BEFORE, TARGET
from egendekning.errors import Problem, UsageError
from egendekning.names import nearest, split
from egendekning.sensitivity.search.kernel import Question

Floats = NDArray[np.float64]

COST: Final = "lever cost"
"""The variable that holds what all levers cost in a year, operating and investment."""

SCALE: Final = "employed residents"
"""The variable that egendekning is a share of."""

RATE: Final = 0.04
"""Discount rate a year: the Ministry of Finance's rate for public measures of up to 40 years (circular R-109/21)."""

_PER_CENT: Final = 100.0
LOWEST, HIGHEST = 50.0, 200.0
"""Targets between which a search makes sense, percent: half and twice as many jobs as employed residents."""


@dataclass(frozen=True)
class Goal:
    """What is searched for.

    Attributes
    ----------
    target : float
        Egendekning to reach, share of one.
    by : int
        Year by whose end it is to be reached.
    probability : float
        Wanted share of draws that reach it.
    budget : float
        Most discounted cost, MNOK; infinite for none.
    """

    target: float
    by: int
    probability: float
    budget: float = math.inf


@dataclass(frozen=True)
class Space:
    """The levers that are searched over.

    Attributes
    ----------
    levers : tuple of str
        Ids.
    constants : tuple of str
        The constant of the model that each one sets.
    low, high, default : ndarray
        (lever), ends of the range and the value that does nothing, in the lever's unit.
    """

    levers: tuple[str, ...]
    constants: tuple[str, ...]
    low: Floats
    high: Floats
    default: Floats

    def scaled(self, values: Mapping[str, float]) -> Floats:
        """Return a mix, (lever) from 0 to 1, from values by lever; levers not named do nothing."""
        given = np.array([values.get(name, default) for name, default in zip(self.levers, self.default, strict=True)])
        return np.asarray((given - self.low) / (self.high - self.low))

    def values(self, at: Floats) -> Floats:
        """Return a scaled mix, (..., lever), in the levers' units."""
        return np.asarray(self.low + at * (self.high - self.low))


def checked(
    bound: Bound, target: float, by: int, probability: float, budget: float | None, levers: Sequence[str] | None
) -> tuple[Goal, Space]:
    """Return what is searched for and over.

    Parameters
    ----------
    bound : Bound
        Study and model.
    target : float
        Percent.
    by : int
        Year.
    probability : float
        Share of one, above 0.
    budget : float or None
        MNOK.
    levers : sequence of str or None
        Ids; all levers if left out.

    Raises
    ------
    UsageError
        With everything that is wrong.
    """
    problems = [*_of_target(target), *_of_year(bound, by), *_of_probability(probability), *_of_budget(budget)]
    problems += [p for name in (TARGET, COST) if (p := _lacking(bound, name)) is not None]
    chosen = list(dict.fromkeys(levers)) if levers is not None else list(bound.study.levers)
    problems += _of_levers(bound, chosen)
    if problems:
        raise UsageError(problems)
    found = [bound.study.levers[name] for name in chosen]
    ends = np.array([lever.range for lever in found], dtype=float)
    default = np.array([lever.default for lever in found], dtype=float)
    space = Space(tuple(chosen), tuple(bound.name(x.constants.target) for x in found), ends[:, 0], ends[:, 1], default)
    return Goal(target / _PER_CENT, by, probability, math.inf if budget is None else budget), space


def question(bound: Bound, goal: Goal) -> Question:
    """Return what is asked of every run for a goal."""
    starts = [float(bound.values[bound.name(lever.constants.start)]) for lever in bound.study.levers.values()]
    base = max(min(starts, default=NOT_BEFORE), bound.model.time.initial)
    scale = SCALE if SCALE in bound.model.variables else None
    return Question(TARGET, COST, scale, NOT_BEFORE, goal.by + 1.0, RATE, base)


def _lacking(bound: Bound, name: str) -> Problem | None:
    if name in bound.model.variables:
        return None
    found = f"no variable {name!r}"
    return Problem(str(bound.study.model_file), found, "the variable that the search reads",
                   nearest(name, bound.model.variables), "name the variable so in the model")  # fmt: skip


def _of_target(target: float) -> list[Problem]:
    if math.isfinite(target) and LOWEST <= target <= HIGHEST:
        return []
    near = f"{target * _PER_CENT:g}" if math.isfinite(target) and LOWEST <= target * _PER_CENT <= HIGHEST else None
    return [Problem("--target", f"{target:g}", f"egendekning in percent, from {LOWEST:g} to {HIGHEST:g}",
                    near, f"--target {near or 100}")]  # fmt: skip


def _of_year(bound: Bound, by: int) -> list[Problem]:
    first, last = math.ceil(max(NOT_BEFORE, bound.model.time.initial)), math.floor(bound.model.time.final) - 1
    if first <= by <= last:
        return []
    near = first if by < first else last
    return [Problem("--by", f"{by}", f"a year from {first} to {last}: from when balance counts to the model's last",
                    f"{near}", f"--by {near}")]  # fmt: skip


def _of_probability(probability: float) -> list[Problem]:
    if 0.0 < probability <= 1.0:
        return []
    near = f"{probability / _PER_CENT:g}" if 1.0 < probability <= _PER_CENT else None
    return [Problem("--probability", f"{probability:g}", "a share of the draws above 0 and at most 1",
                    near, f"--probability {near or 0.8}")]  # fmt: skip


def _of_budget(budget: float | None) -> list[Problem]:
    if budget is None or (math.isfinite(budget) and budget >= 0):
        return []
    near = f"{-budget:g}" if math.isfinite(budget) else None
    return [Problem("--budget", f"{budget:g}", "an amount in MNOK, 0 or more", near,
                    f"--budget {near or 1000}, or leave --budget out for none")]  # fmt: skip


def _of_levers(bound: Bound, levers: Sequence[str]) -> list[Problem]:
    known = bound.study.levers
    fix = "see 'egendekning levers', or leave --levers out for all of them"
    if not levers:
        return [Problem("--levers", "no lever", "ids with commas between", fix=fix)]
    problems = [Problem("--levers", f"{'the driver' if name in bound.study.drivers else 'unknown lever'} {name!r}",
                        "something that the municipality decides", nearest(name, known), fix)
                for name in levers if name not in known]  # fmt: skip
    for name in levers:
        if name in known and split(known[name].constants.target)[1]:
            where = bound.study.where("scenarios/levers.yaml", "levers", name)
            problems.append(Problem(where, f"{name} sets one element of a constant", "a constant of its own",
                                    fix="leave it out of --levers"))  # fmt: skip
        elif name in known and not known[name].range[0] < known[name].range[1]:
            where = bound.study.where("scenarios/levers.yaml", "levers", name)
            problems.append(Problem(where, f"the range of {name} is a single point", "a low end below the high end",
                                    fix="leave it out of --levers"))  # fmt: skip
    return problems
