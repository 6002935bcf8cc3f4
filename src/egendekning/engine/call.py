"""Turn one call for runs into a job: names looked up, values read, the grid and the method checked.

The module refuses to run anything, so that whoever runs parts of a large set (`egendekning.ensemble.stream`) makes
the same jobs as `Model.simulate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

from egendekning.engine.clock import TimeSpec
from egendekning.engine.described import Description
from egendekning.engine.graph import memory_names
from egendekning.engine.inputs import Inputs, read_inputs
from egendekning.engine.ir import ModelDef
from egendekning.engine.saved import SavedState
from egendekning.engine.simulate import BATCH, Job, resolve_outputs, with_draws
from egendekning.errors import Problem, SimulationError, UsageError


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of a model; the fields are the arguments of `Model.simulate`."""

    parameters: Mapping[str, Any] | None = None
    initial_values: Mapping[str, Any] | None = None
    outputs: Sequence[str] | None = None
    time: TimeSpec | Mapping[str, float] | Sequence[float] | None = None
    batch: int = BATCH
    threads: int = 1
    draws: int | None = None
    seed: int = 0
    method: str | None = None
    start: SavedState | None = None
    first_draw: int = 0


def make_job(model: Description, call: Call, inputs: Inputs | None = None) -> Job:
    """Return the job of a call; `inputs` stand for its parameters and initial values where they are read already.

    Raises
    ------
    SimulationError
        For unknown names and values that cannot be used, all at once.
    UsageError
        For a grid, seed, method or number of draws that makes no sense.
    """
    if inputs is None:
        inputs = read_inputs(model.definition, call.parameters, call.initial_values)
    wanted = _outputs(model, call.outputs)
    _check_data(model.definition, wanted, {*inputs.values, *inputs.series})
    grid = model.time.override(call.time)
    grid.check()
    _check_first(call.first_draw)
    job = Job(model.definition, model.links, inputs, wanted, grid, call.batch, call.threads, first=call.first_draw)
    return _on_the_way(with_draws(job, call.draws, call.seed), call)


def _check_first(number: Any) -> None:
    """Raise UsageError where the number of a first draw is none."""
    if not isinstance(number, Integral) or number < 0:
        raise UsageError(Problem("first_draw", f"{number!r}", "a whole number, at least 0", fix="leave it out"))


def _outputs(model: Description, outputs: Sequence[str] | None) -> tuple[str, ...]:
    """Return the keys of the wanted variables."""
    names = [outputs] if isinstance(outputs, str) else outputs
    keys = {n: model.key(n, "outputs") for n in names or ()}
    wanted = resolve_outputs(model.definition, names, keys)
    tables = [n for n in wanted if model.definition.variables[n].kind == "lookup"]
    if tables:
        name = model.definition.variables[tables[0]].name
        raise SimulationError(Problem("outputs", f"{name} is a table function", "a variable that has a value"))
    return wanted


def _check_data(model: ModelDef, wanted: tuple[str, ...], given: set[str]) -> None:
    """Raise SimulationError where a data variable that is needed has no values."""
    for name in sorted(model.lacking - given):
        if _needed(model, name, wanted):
            fix = "name a file in load(path, data=[...]) or give it in parameters"
            found = f"no values for the data variable {model.variables[name].name}"
            raise SimulationError(Problem("data", found, "a series", fix=fix))


def _needed(model: ModelDef, name: str, wanted: tuple[str, ...]) -> bool:
    seen, stack = set(wanted), list(wanted)
    while stack:
        fresh = memory_names(model, stack.pop()) - seen
        seen |= fresh
        stack += fresh
    return name in seen


def _on_the_way(job: Job, call: Call) -> Job:
    """Return a job with the method of a call, and the state that it goes on from."""
    chosen = call.method or job.model.method
    if chosen not in ("euler", "rk4"):
        raise UsageError(Problem("method", f"{chosen!r}", "'euler' or 'rk4'"))
    if call.start is not None:
        call.start.check(job.model, job.grid, job.inputs.draws)
        job.inputs.draws = call.start.draws if job.inputs.draws is None else job.inputs.draws
    return replace(job, method=chosen, start=call.start)
