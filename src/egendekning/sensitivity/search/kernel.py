"""Many runs of one model reduced to a few numbers each, with their slopes: how near the target, and what it costs.

A run reaches the target when the outcome does so at a saved time from the first year that counts to the end of the
target year, as in `egendekning compare`; so a run is summed up by its highest outcome in that time, and its cost by the
discounted sum of what the levers cost. The module refuses to choose levers, draws or targets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.clock import TimeSpec
from egendekning.engine.graph import Graph
from egendekning.engine.inputs import read_inputs
from egendekning.engine.simulate import LANES, Job
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import Design
from egendekning.ensemble.run import processors, quarter_middles, scenario_parameters
from egendekning.errors import Problem, SimulationError
from egendekning.names import key
from egendekning.sensitivity.search.compiled import Call, compile_batch

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Question:
    """What is asked of every run.

    Attributes
    ----------
    outcome, cost : str
        Variables of the model: what has to reach the target, and what the levers cost, money/year.
    scale : str or None
        The variable that a missing share of the outcome is a share of, if the model has it.
    since, until : float
        Years between which reaching the target counts, the last not included.
    rate : float
        Discount rate, 1/year.
    base : float
        Year to which costs are discounted.
    """

    outcome: str
    cost: str
    scale: str | None
    since: float
    until: float
    rate: float
    base: float


@dataclass(frozen=True)
class Runs:
    """What came of runs, (mix, draw).

    Attributes
    ----------
    highest : ndarray
        Highest outcome in the time that counts, in the outcome's unit.
    cost : ndarray
        Cost from the start to the end of the last year, discounted, money.
    yearly : ndarray
        Mean cost in the last year, money/year.
    scale : ndarray
        The scale at the last saved time, in its unit.
    """

    highest: Floats
    cost: Floats
    yearly: Floats
    scale: Floats


@dataclass(frozen=True)
class Slopes:
    """Runs of one mix, (draw), and the slopes of highest outcome and of cost by every name, (draw, name)."""

    highest: Floats
    cost: Floats
    of_highest: Floats
    of_cost: Floats


class Kernel:
    """A model over fixed draws, as a function of some of its constants.

    Parameters
    ----------
    bound : Bound
        Study and model.
    drawn : Design
        The draws; draw 0, the values of the model file, is left out.
    names : sequence of str
        Scalar constants that vary from mix to mix, or by which slopes are wanted.
    question : Question
        What to read from a run.
    threads : int, optional
        Batches that run side by side; as many as there are processors if left out.
    """

    def __init__(
        self, bound: Bound, drawn: Design, names: Sequence[str], question: Question, threads: int | None = None
    ) -> None:
        self.names = [key(name) for name in names]
        self.question = question
        self.threads = threads or processors()
        self.draws = drawn.draws
        self.runs_done = 0
        self.job = _job(bound, drawn, self.names, question)
        self.own = np.stack([self._own(name) for name in self.names])
        self._calls: dict[str, Call] = {}

    def _own(self, name: str) -> Floats:
        """Return what a varied constant is in each draw, (draw)."""
        value = np.asarray(self.job.inputs.values[name], dtype=float).reshape(-1)
        return np.array(np.broadcast_to(value, (self.draws,)))

    def runs(self, mixes: Floats, draws: Ints) -> Runs:
        """Run every mix over some of the draws.

        Parameters
        ----------
        mixes : ndarray
            (mix, name), in the units of the constants; NaN leaves what the draw has.
        draws : ndarray
            (draw), positions from 0.
        """
        values = np.where(np.isnan(mixes[:, :, None]), self.own[None][..., draws], mixes[:, :, None])
        flat = np.moveaxis(values, 0, 1).reshape((len(self.names), len(mixes) * len(draws)))
        out, _ = self._batches("runs", flat, np.tile(draws, len(mixes)))
        return Runs(*out.reshape((4, len(mixes), len(draws))))

    def slopes(self, mix: Floats, draws: Ints) -> Slopes:
        """Run one mix, (name), over some of the draws, and find the slopes by every name."""
        values = np.where(np.isnan(mix[:, None]), self.own[:, draws], mix[:, None])
        highest, of_highest = self._batches("highest", values, draws)
        cost, of_cost = self._batches("cost", values, draws)
        return Slopes(highest[0], cost[0], of_highest.T, of_cost.T)

    def _batches(self, what: str, values: Floats, draw: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Call a kernel for every batch of lanes, several side by side; the last is filled with copies."""
        if what not in self._calls:
            self._calls[what] = self._compile(what)
        call = self._calls[what]

        def one(begin: int) -> tuple[Floats, Floats]:
            at = np.minimum(np.arange(begin, begin + LANES), len(draw) - 1)
            return call(values[:, at], draw[at])

        begins = range(0, len(draw), LANES)
        with ThreadPoolExecutor(max(1, min(self.threads, len(begins)))) as pool:
            parts = list(pool.map(one, begins))
        self.runs_done += len(draw)
        out, slopes = (np.concatenate([part[i] for part in parts], axis=-1)[:, : len(draw)] for i in range(2))
        if not np.all(np.isfinite(out)):
            fix = "narrow the ranges in model/parameters.yaml, or mend the equation; 'egendekning check' helps"
            raise SimulationError(Problem(self.question.outcome, "is not a finite number in some draws",
                                          "finite numbers", fix=fix))  # fmt: skip
        return out, slopes

    def _compile(self, what: str) -> Call:
        """Compile the runs with what is read from them: everything, or one thing with its slopes."""
        ask = self.question
        times = self.job.grid.times()
        counts = np.flatnonzero((times >= ask.since) & (times < ask.until))
        final = np.flatnonzero(times >= ask.until - 1.0)
        weights = (np.gradient(times) * (1.0 + ask.rate) ** (ask.base - times))[:, None]
        outcome, cost, scale = (key(n) if n else "" for n in (ask.outcome, ask.cost, ask.scale))

        def read(series: Mapping[str, Any], jnp: Any) -> Any:
            rows = []
            if what in ("runs", "highest"):
                rows.append(series[outcome][counts].max(axis=0))
            if what in ("runs", "cost"):
                rows.append((series[cost] * weights).sum(axis=0))
            if what == "runs":
                rows.append(series[cost][final].mean(axis=0))
                rows.append(series[scale][-1] if scale else jnp.ones_like(rows[0]))
            return jnp.stack(rows)

        wanted = {"runs": (outcome, cost, scale), "highest": (outcome,), "cost": (cost,)}[what]
        job = replace(self.job, outputs=tuple(dict.fromkeys(name for name in wanted if name)))
        return compile_batch(job, self.names, read, sloped=what != "runs")


def _job(bound: Bound, drawn: Design, names: Sequence[str], question: Question) -> Job:
    """Return the runs as the engine takes them: draws 1 to N, to the end of the last year."""
    inputs = read_inputs(bound.model.definition, scenario_parameters(bound, drawn, {}), drawn.initial_values)
    for place in (inputs.values, inputs.starts):
        for name, value in place.items():
            place[name] = value[..., 1:] if value.shape[-1] > 1 else value
    for name in names:
        if name not in inputs.values:
            inputs.values[name] = np.asarray(bound.values[bound.name(name)], dtype=float)[..., None]
    times = [t for t in quarter_middles(bound.model) or bound.model.time.times() if t < question.until]
    grid: TimeSpec = bound.model.time.override(times)
    return Job(bound.model.definition, Graph(bound.model.definition), inputs, (), grid)
