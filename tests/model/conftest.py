"""The shipped model, its baseline, and one batch of experiments that the tests of its behaviour read.

An experiment is the model file with a few constants changed. All of them are draws of one call, so that they cost one
compilation together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
import xarray as xr

from egendekning.engine import Model
from egendekning.ensemble import Bound, bind
from egendekning.study import Study

MORE_JOBS = 2000.0  # national-market positions added at the start: enough to be seen through every loop
MANY_HOMES = 600.0  # dwellings a year, the top of the lever's range
FREE_MONEY = {"interest rate": 0.0}  # a municipality without interest: more room for manoeuvre, nothing else changes
HOSPITAL = {"hospital net jobs": 2000.0}
LAND = {"business land industry lever": 40.0}

LOOPS: Mapping[str, str] = {
    "job migration": "jobs", "housing gate": "homes", "services to attractiveness": "money", "land gate": "land",
    "population to trade": "homes", "crowding out": "hospital", "multipliers": "jobs",
    "population to labour supply": "homes", "labour shortage": "jobs", "jobs to exclusion": "jobs",
    "tax to services": "money", "jobs to social costs": "jobs",
}  # fmt: skip
"""The push against which each loop is judged, by the loop's switch."""

OUTPUTS = [
    "egendekning", "jobs", "employed residents", "total population", "positions", "out commuters", "in commuters",
    "vacancy rate", "fill time", "outside total", "social costs", "social assistance", "service level",
    "net operating result", "lever cost", "lever operating cost", "lever investment cost", "emissions",
    "small firm share", "circular jobs", "property tax", "zoning time", "dwellings", "domestic in migration",
    "digital saving",
]  # fmt: skip


@dataclass(frozen=True)
class Experiment:
    """Constants that are changed, and how many national-market positions are added at the start."""

    constants: Mapping[str, float] = field(default_factory=dict)
    more_jobs: float = 0.0

    def without(self, switch: str) -> Experiment:
        """Return the same with a loop cut."""
        return Experiment({**self.constants, f"switch {switch}": 0.0}, self.more_jobs)


PUSHES = {
    "nothing": Experiment(),
    "jobs": Experiment(more_jobs=MORE_JOBS),
    "hundred jobs": Experiment(more_jobs=100.0),
    "homes": Experiment({"residential land lever": MANY_HOMES}),
    "money": Experiment(FREE_MONEY),
    "hospital": Experiment(HOSPITAL),
    "land": Experiment(LAND),
}


class Laboratory:
    """Runs of all experiments, by name."""

    def __init__(self, dataset: xr.Dataset, names: list[str]) -> None:
        self._dataset, self._names = dataset, names

    def __getitem__(self, name: str) -> xr.Dataset:
        return self._dataset.isel(draw=self._names.index(name))

    def gain(self, push: str, variable: str, time: float, without: str | None = None, **element: str) -> float:
        """Return how much a push moves a variable, with all loops or with one cut."""
        cut = "" if without is None else f" without {without}"
        pushed, still = self[push + cut], self["nothing" + cut]
        return float((pushed[variable] - still[variable]).sel(time=time, **element))


@pytest.fixture(scope="session")
def bound() -> Bound:
    """Return the shipped study and its model."""
    return bind(Study.shipped())


@pytest.fixture(scope="session")
def model(bound: Bound) -> Model:
    """Return the shipped model, with the values of its file."""
    return bound.model


@pytest.fixture(scope="session")
def baseline(model: Model) -> xr.Dataset:
    """Return every variable of the model file as it is, every eighth of a year."""
    return model.simulate()


@pytest.fixture(scope="session")
def laboratory(model: Model, bound: Bound) -> Laboratory:
    """Return the runs of every experiment: pushes, pushes with a loop cut, and each lever at the top of its range."""
    experiments = dict(PUSHES)
    for switch, push in LOOPS.items():
        for name in ("nothing", push):
            experiments[f"{name} without {switch}"] = PUSHES[name].without(switch)
    for name, lever in bound.study.levers.items():
        experiments[f"lever {name}"] = Experiment({lever.constants.target: lever.high})
    return Laboratory(_run(model, list(experiments.values())), list(experiments))


def _run(model: Model, experiments: list[Experiment]) -> xr.Dataset:
    changed = sorted({name for experiment in experiments for name in experiment.constants})
    defaults = model.evaluate([*changed, "base national demand"])
    parameters = {
        name: np.array([e.constants.get(name, float(defaults[name])) for e in experiments]) for name in changed
    }
    start = float(defaults["base national demand"])
    starts = {"base national demand": np.array([start + e.more_jobs for e in experiments])}
    return model.simulate(parameters, starts, OUTPUTS, batch=len(experiments))
