"""Turn one call for runs into a job: names looked up, values read, the grid and the method checked.

The module refuses to run anything, so that whoever runs parts of a large set (`egendekning.ensemble.stream`) makes
the same jobs as `Model.simulate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from numbers import Integral
from typing import Any, Final

from egendekning.engine.clock import TimeSpec
from egendekning.engine.described import Description
from egendekning.engine.graph import memory_names
from egendekning.engine.inputs import Inputs, read_inputs
from egendekning.engine.ir import ModelDef
from egendekning.engine.saved import SavedState
from egendekning.engine.simulate import BATCH, Job, resolve_outputs, with_draws
from egendekning.errors import Problem, SimulationError, UsageError
from egendekning.names import nearest


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


def check_options(options: Mapping[str, Any], where: str) -> None:
    """Raise UsageError for an argument that a call does not have; `where` is the function that was called."""
    known = [field.name for field in fields(Call)]
    for name in options:
        if name not in known:
            near, fix = nearest(name, known), f"one of {', '.join(known)}"
            raise UsageError(Problem(where, f"unknown argument {name!r}", f"an argument of {where}", near, fix))


def make_job(model: Description, call: Call, inputs: Inputs | None = None) -> Job:
    """Return the job of a call; `inputs` stand for its parameters and initial values where they are read already.

    Raises
    ------
    SimulationError
        For unknown names and values that cannot be used, all at once.
    UsageError
        For a grid, seed, method or number of draws that makes no sense.
    """
    _check_ways(call)
    if inputs is None:
        inputs = read_inputs(model.definition, call.parameters, call.initial_values)
    wanted = _outputs(model, call.outputs)
    _check_data(model.definition, wanted, {*inputs.values, *inputs.series})
    grid = model.time.override(call.time)
    grid.check()
    job = Job(model.definition, model.links, inputs, wanted, grid, call.batch, call.threads, first=call.first_draw)
    return _on_the_way(with_draws(job, call.draws, call.seed), call)


_WHOLE: Final = {"batch": (1, None), "threads": (1, None), "draws": (1, None), "seed": (0, 2**32 - 1),
                 "first_draw": (0, None)}  # fmt: skip


def _check_ways(call: Call) -> None:
    """Raise UsageError where a number, the method or the state of a call is none."""
    problems = []
    for name, (least, most) in _WHOLE.items():
        value = getattr(call, name)
        known = isinstance(value, Integral) and not isinstance(value, bool)
        if value is None and name == "draws":
            continue
        if not known or value < least or (most is not None and value > most):
            said = f"a whole number, at least {least}" + (f" and at most {most}" if most is not None else "")
            problems.append(Problem(name, f"{value!r}", said, fix="leave it out"))
    if call.method not in (None, "euler", "rk4"):
        near = nearest(str(call.method), ("euler", "rk4"))
        problems.append(Problem("method", f"{call.method!r}", "'euler' or 'rk4'", near, "leave it out"))
    if not isinstance(call.start, SavedState | None):
        found, fix = f"a {type(call.start).__name__}", "start=model.state(time)"
        problems.append(Problem("start", found, "a state that model.state returned", fix=fix))
    if problems:
        raise UsageError(problems)


def _outputs(model: Description, outputs: Sequence[str] | None) -> tuple[str, ...]:
    """Return the keys of the wanted variables."""
    given: Any = [outputs] if isinstance(outputs, str) else outputs
    names = list(given) if isinstance(given, Iterable) else given
    if names is not None and (not isinstance(names, list) or not names):
        found, fix = "no names" if names == [] else f"a {type(outputs).__name__}", "leave it out to have all variables"
        raise SimulationError(Problem("outputs", found, "a list of names", fix=fix))
    keys = {n: model.key(n, "outputs") for n in names or ()}
    wanted = resolve_outputs(model.definition, names, keys)
    tables = [n for n in wanted if model.definition.variables[n].kind == "lookup"]
    if tables:
        name = model.definition.variables[tables[0]].name
        fix = "ask for a variable that reads it"
        raise SimulationError(Problem("outputs", f"{name} is a table function", "a variable that has a value", fix=fix))
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
    if call.start is not None:
        if job.inputs.starts:
            found, fix = "initial values beside a state", "leave one out; parameters may be others than before"
            raise UsageError(Problem("start", found, "one of them: a state holds every stock", fix=fix))
        call.start.check(job.model, job.grid, job.inputs.draws)
        job.inputs.draws = call.start.draws if job.inputs.draws is None else job.inputs.draws
    return replace(job, method=chosen, start=call.start)
