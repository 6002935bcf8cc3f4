"""Run a model over draws: pad them into fixed-size batches, run the batches side by side, collect the outputs.

Nothing is kept from one call to the next but compiled code. The module refuses to know what the outputs mean.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.clock import TimeSpec
from egendekning.engine.collect import Collected, States
from egendekning.engine.constants import default_values, pipe_lengths
from egendekning.engine.graph import Graph
from egendekning.engine.inputs import Inputs
from egendekning.engine.ir import ModelDef
from egendekning.engine.plan import DRAWS, SEED, STATES, Plan, Request, make_plan
from egendekning.engine.runtime import compiled, forget, jax_module
from egendekning.engine.saved import WAIT, SavedState
from egendekning.errors import Problem, UsageError

LANES = 128
"""Draws a kernel runs at once: a row of 128 numbers per variable keeps a model of a thousand equations in cache.

It is the same in every call, so that a draw gives the same bytes in whatever company it runs.
"""

BATCH = 512
"""Draws that one task of the thread pool takes, in rows of `LANES`."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Job:
    """One call: the model, what is given, what is wanted; `first` is the number of the first draw."""

    model: ModelDef
    graph: Graph
    inputs: Inputs
    outputs: tuple[str, ...]
    grid: TimeSpec
    batch: int = BATCH
    threads: int = 1
    seed: int = 0
    method: str = "euler"
    start: SavedState | None = None
    keep: bool = False
    first: int = 0

    def number(self, draw: int) -> int:
        """Return the number of a draw of this job, counted from 0, as results call it."""
        return self.first + draw if self.inputs.labels is None else int(self.inputs.labels[draw])

    @property
    def skipped(self) -> int:
        """How many saving times of the grid lie before the start of the run."""
        begin = self.start.step if self.start is not None else 0
        return sum(s < begin for s in self.grid.save_steps()) if begin else 0


def with_draws(job: Job, draws: int | None, seed: int) -> Job:
    """Return the job with a seed, and with as many draws where the parameters say no other number."""
    if draws is not None and job.inputs.draws not in (None, draws):
        found, known = f"{draws} draws", job.inputs.draws
        raise UsageError(
            Problem("draws", found, f"{known}, as in the parameters", fix=f"leave it out, or draws={known}")
        )
    if draws is not None:
        job.inputs.draws = draws
    return replace(job, seed=seed)


def make_request(job: Job, *, guarded: bool = False) -> Request:
    """Return the request that a kernel is compiled for."""
    series = frozenset(job.inputs.series)
    replaced = frozenset(n for n in job.inputs.values if job.model.variables[n].kind not in ("constant", "lookup"))
    replaced |= series
    varying = job.inputs.varying() | ({DRAWS} if job.inputs.draws is not None and job.graph.chance else frozenset())
    if job.start is not None and job.start.draws is not None:
        varying |= {STATES}
    held = job.start.values if job.start is not None else {}
    pipes = [(n.removeprefix(WAIT), v) for n, v in waits(job).items()]
    return Request(
        outputs=job.outputs, replaced=replaced, started=frozenset(job.inputs.starts), varying=varying, grid=job.grid,
        lanes=LANES if varying else 1, guarded=guarded, series=series, method=job.method,
        begin=job.start.step if job.start else 0, resumed=job.start is not None, keep=job.keep,
        pipes=tuple((n, len(held[n]) if n in held else int(v.max()), bool(v.min() < v.max())) for n, v in pipes),
    )  # fmt: skip


def waits(job: Job) -> dict[str, Floats]:
    """Return how many steps each fixed delay waits, (*labels, draw or 1), under `WAIT` and its key.

    A run that goes on from a state waits what the run before it waited, whatever its own parameters say.
    """
    if job.start is not None:
        return {n: v for n, v in job.start.values.items() if n.startswith(WAIT)}
    return {WAIT + n: v for n, v in pipe_lengths(job.model, job.inputs, job.grid).items()}


def arguments(job: Job, plan: Plan) -> dict[str, Floats]:
    """Return the arrays that the kernel of `plan` takes, (*dims, draws or 1)."""
    found: dict[str, Floats] = {}
    for name in (*plan.arguments, *plan.tables):
        if name in (DRAWS, SEED):
            numbers = [job.seed] if name == SEED else range(job.first, job.first + (job.inputs.draws or 1))
            found[name] = np.asarray(numbers, dtype=float)
            continue
        if name in job.inputs.series:
            found["series:" + name] = _on_grid(job, name)
            continue
        found[name] = job.inputs.values[name] if name in job.inputs.values else default_values(job.model, name)
    uneven = [WAIT + n for n, _, differs in plan.request.pipes if differs and n in plan.states]
    if uneven:
        known = waits(job)
        found.update({n: known[n] for n in uneven})
    if job.start is not None:
        found.update({"state:" + n: job.start.values[n] for n in (*plan.states, *plan.initials)})
        return found
    owners = {job.model.states[s].owner for s in (*plan.states, *plan.initials)}
    for name, value in job.inputs.starts.items():
        if name in owners:
            found["start:" + name] = value
    return found


def run_job(job: Job) -> dict[str, Floats]:
    """Return every output as (draw or 1, save, *dims); outputs that never change have save length 1."""
    if job.batch < 1 or job.threads < 1:
        raise UsageError(Problem("simulate", f"batch={job.batch}, threads={job.threads}", "both at least 1"))
    request = make_request(job)
    args = arguments(job, make_plan(job.model, job.graph, request))
    lanes = request.lanes
    shapes = {n: (*v.shape[:-1], lanes if v.shape[-1] > 1 else 1) for n, v in args.items()}
    plan, kernel = compiled(job.model, job.graph, request, shapes)
    draws = job.inputs.draws or 1
    starts = range(0, draws, lanes) if request.varying else range(1)
    jax = jax_module()
    device = jax.devices("cpu")[0]
    fixed = jax.device_put({n: np.ascontiguousarray(v) for n, v in args.items() if v.shape[-1] == 1}, device)
    collected = States(draws) if job.keep else Collected(job.model, plan, draws)

    def run(begin: int) -> None:
        batch = {n: _lanes(v, begin, lanes) for n, v in args.items() if v.shape[-1] > 1}
        constant, moving = kernel({**fixed, **batch})
        collected.add(constant, moving, begin)

    first, *others = starts
    try:
        run(first)
    except jax.errors.JaxRuntimeError:  # a kept kernel that this machine cannot run
        forget(job.model, request, shapes)
        plan, kernel = compiled(job.model, job.graph, request, shapes)
        run(first)
    size = max(1, job.batch // lanes)
    tasks = [others[i : i + size] for i in range(0, len(others), size)]

    def run_task(task: list[int]) -> None:
        for begin in task:
            run(begin)

    if job.threads > 1 and len(tasks) > 1:
        with ThreadPoolExecutor(job.threads) as pool:
            list(pool.map(run_task, tasks))
    else:
        run_task(others)
    return collected.finished()


def _lanes(value: Floats, begin: int, lanes: int) -> Floats:
    """Return one batch of `value`, padded with copies of the last draw."""
    part = value[..., begin : begin + lanes]
    short = lanes - part.shape[-1]
    return np.ascontiguousarray(np.pad(part, [(0, 0)] * (part.ndim - 1) + [(0, short)], mode="edge") if short else part)


def _on_grid(job: Job, name: str) -> Floats:
    """Return a variable given over time at every step and one more, (step, *dims, draw)."""
    grid = job.grid
    steps = np.asarray(grid.initial + np.arange(grid.steps + 2) * grid.step, dtype=np.float64)
    return job.inputs.series[name].at(steps, steps[:-1], grid.times())


def resolve_outputs(model: ModelDef, outputs: Sequence[str] | None, lookup: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of the wanted outputs; all variables but tables where none are named."""
    if outputs is None:
        return tuple(n for n, v in model.variables.items() if v.kind not in ("lookup", "control") and not v.hidden)
    return tuple(dict.fromkeys(lookup[name] for name in outputs))
