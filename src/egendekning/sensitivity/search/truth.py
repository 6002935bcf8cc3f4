"""What would have to be true: what tells the draws that reach the target from those that do not, and what is lacking.

Three answers for one mix. **Inputs**: for every uncertain number the difference of its mean between the two kinds of
draws in standard deviations, and how likely the target is where the number is in its best and in its worst quarter.
**Drivers**: how likely the target becomes if the world outside goes as far as each driver's range allows, and how far
it has to go for the wanted probability. **Lack**: how many more jobs, with employed residents as they are, give the
wanted probability. These are associations among draws of this model, not causes in the world. The module refuses to
claim more than sampling noise allows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import Design
from egendekning.ensemble.inputs import NOISE, inputs_of
from egendekning.names import find, key, split
from egendekning.sensitivity.search.goal import Goal
from egendekning.sensitivity.search.scaled import Scaled

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PAST: Final = ("covid", "recall_time", "closures")
"""Drivers that change what has happened: nobody can wish for them."""

_SURE: Final = 3.3
"""An input must differ by this many standard errors: about one in a thousand by chance, as there are hundreds."""

_QUARTER: Final = 0.25

_FEW: Final = 20
"""Fewer draws than this give no probability."""

_SPLITS: Final = 7
"""Halvings of a driver's range: to less than one percent of it."""


@dataclass(frozen=True)
class Input:
    """An uncertain number that tells draws apart.

    Attributes
    ----------
    name : str
        In the model; process noise as ``<table>``, its mean over the years that count.
    unit : str
        As in the model.
    noise : bool
        Whether it is process noise: what each year brings unforeseen.
    difference : float
        Mean among draws that reach the target less that among those that do not, in standard deviations of all draws.
    reached, missed : float
        The two means, in the input's unit.
    threshold : float
        Where the better quarter begins.
    better, worse : float
        Share of draws that reach the target in the better and the worse quarter.
    """

    name: str
    unit: str
    noise: bool
    difference: float
    reached: float
    missed: float
    threshold: float
    better: float
    worse: float


@dataclass(frozen=True)
class Push:
    """A driver of the world outside.

    Attributes
    ----------
    driver : str
        Id.
    default, best : float
        The value that the draws have (mean), and the end of the range that is better, in its unit.
    probability : float
        Share of draws that reach the target with the driver at `best`.
    needed : float
        The value nearest to the default that gives the wanted probability; NaN where none does.
    """

    driver: str
    default: float
    best: float
    probability: float
    needed: float


@dataclass(frozen=True)
class Truth:
    """What would have to be true.

    Attributes
    ----------
    inputs : tuple of Input
        Strongest first.
    together : tuple of float
        Share of draws that reach the target where the strongest one, two, ... inputs all lie in their better half, up
        to the wanted probability or until few draws are left.
    pushes : tuple of Push
        Drivers, strongest first; those that do not help are left out.
    all_pushes : float
        Share of draws that reach the target with all of them at their better ends.
    jobs : float
        Jobs lacking for the wanted probability; 0 where it is reached.
    median_jobs : float
        Jobs lacking in the middle draw.
    """

    inputs: tuple[Input, ...]
    together: tuple[float, ...]
    pushes: tuple[Push, ...]
    all_pushes: float
    jobs: float
    median_jobs: float


def telling_inputs(
    bound: Bound, drawn: Design, reached: Bools, since: float, until: float, wanted: float
) -> tuple[tuple[Input, ...], tuple[float, ...]]:
    """Return the inputs that tell draws apart, strongest first, and how likely the target is where several are good.

    Parameters
    ----------
    bound, drawn
        The draws.
    reached : ndarray
        (draw), whether the target is reached.
    since, until : float
        Years over which process noise is averaged.
    wanted : float
        The wanted probability.
    """
    columns = _columns(bound, drawn, since, until)

    def unit_of(name: str) -> str:
        written = find(split(name)[0], bound.model.variables)
        return bound.model.variables[written].unit if written else ""

    few, many = int(reached.sum()), int((~reached).sum())
    if few < 5 or many < 5:
        return (), ()
    error = math.sqrt(1.0 / few + 1.0 / many)
    found = []
    for name, (values, noise) in columns.items():
        spread = values.std()
        if spread <= 0:
            continue
        difference = float((values[reached].mean() - values[~reached].mean()) / spread)
        if abs(difference) < _SURE * error:
            continue
        sign = math.copysign(1.0, difference)
        good, bad = np.quantile(sign * values, [1 - _QUARTER, _QUARTER])
        found.append(
            Input(name, unit_of(name), noise, difference, float(values[reached].mean()), float(values[~reached].mean()),
                  float(sign * good), float(reached[sign * values >= good].mean()),
                  float(reached[sign * values <= bad].mean()))
        )  # fmt: skip
    found.sort(key=lambda item: -abs(item.difference))
    kept = _unlike(found, columns)
    return tuple(kept), _together(kept, columns, reached, wanted)


def _unlike(found: list[Input], columns: dict[str, tuple[Floats, bool]], most: float = 0.95) -> list[Input]:
    """Leave out inputs that move with a stronger one: they tell the same."""
    kept: list[Input] = []
    for item in found:
        mine = columns[item.name][0]
        if all(abs(np.corrcoef(mine, columns[other.name][0])[0, 1]) < most for other in kept):
            kept.append(item)
    return kept


def _together(
    strongest: list[Input], columns: dict[str, tuple[Floats, bool]], reached: Bools, wanted: float
) -> tuple[float, ...]:
    """Return the share of draws that reach the target where the first inputs all lie in their better half."""
    inside = np.ones_like(reached)
    shares: list[float] = []
    for item in strongest:
        values = math.copysign(1.0, item.difference) * columns[item.name][0]
        inside = inside & (values >= np.median(values))
        if inside.sum() < _FEW or (shares and shares[-1] >= wanted):
            break
        shares.append(float(reached[inside].mean()))
    return tuple(shares)


def _columns(bound: Bound, drawn: Design, since: float, until: float) -> dict[str, tuple[Floats, bool]]:
    """Return every uncertain number, (draw), and whether it is process noise; noise as its mean over the years."""
    blocks, labels = inputs_of(bound, drawn, until)
    found: dict[str, tuple[Floats, bool]] = {}
    for basis, values in blocks.items():
        if basis != NOISE:
            found.update({name: (values[:, i], False) for i, name in enumerate(labels[basis])})
            continue
        tables: dict[str, list[int]] = {}
        for i, label in enumerate(labels[basis]):
            name, _, year = label.rpartition(" ")
            if since <= float(year) < until:
                tables.setdefault(name, []).append(i)
        found.update({name: (values[:, at].mean(axis=1), True) for name, at in tables.items()})
    return found


def drivers_of(bound: Bound) -> dict[str, str]:
    """Return the drivers that may be wished for, with the scalar constant of each, by id."""
    return {
        name: bound.name(driver.constants.target)
        for name, driver in bound.study.drivers.items()
        if name not in PAST and not split(driver.constants.target)[1]
        and not bound.model.variables[bound.name(driver.constants.target)].dims
    }  # fmt: skip


def pushes(bound: Bound, model: Scaled, mix: Floats, goal: Goal, now: float) -> tuple[tuple[Push, ...], float]:
    """Return what each driver could do for a mix, strongest first, and all that help together.

    Drivers that give less than a percentage point are left out.

    Parameters
    ----------
    bound : Bound
        Study and model.
    model : Scaled
        Its names hold the drivers' constants.
    mix : ndarray
        (lever), scaled.
    goal : Goal
        Target and wanted probability.
    now : float
        Share of draws that reach the target as it is.
    """

    def probability(name: str, value: float) -> float:
        return together({key(name): value})

    def together(values: dict[str, float]) -> float:
        return float((model.given(mix, values).highest >= goal.target).mean())

    found = []
    names = drivers_of(bound)
    for driver, name in names.items():
        own = float(model.kernel.own[model.kernel.names.index(key(name)), model.draws].mean())
        ends = {end: probability(name, end) for end in bound.study.drivers[driver].range if end != own}
        best = max(ends, key=lambda end: ends[end])
        if ends[best] < now + 0.01:
            continue
        needed = math.nan
        if now < goal.probability <= ends[best]:
            near, far = own, float(best)
            for _ in range(_SPLITS):
                middle = 0.5 * (near + far)
                near, far = (near, middle) if probability(name, middle) >= goal.probability else (middle, far)
            needed = far
        found.append(Push(driver, own, float(best), ends[best], needed))
    every = together({key(names[push.driver]): push.best for push in found}) if found else now
    return tuple(sorted(found, key=lambda push: -push.probability)), every


def lacking_jobs(highest: Floats, scale: Floats, goal: Goal, share: float) -> float:
    """Return how many more jobs make a share of the draws reach the target, with employed residents as they are.

    Parameters
    ----------
    highest : ndarray
        (draw), highest egendekning, share of one.
    scale : ndarray
        (draw), employed residents.
    goal : Goal
        The target.
    share : float
        Share of draws.
    """
    lack = (goal.target - highest) * scale
    return max(float(np.quantile(lack, share, method="inverted_cdf")), 0.0)
