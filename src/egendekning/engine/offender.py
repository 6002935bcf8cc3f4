"""Find where a run first went wrong: the variable, the step, the operation and the parameters of one draw.

Outputs at saving times show that a draw is lost, seldom why. The draw is therefore run once more, alone, with all that
its outputs need kept at every step, and the first number that is not finite is taken in the order of evaluation. The
module refuses to mend anything, and to look at draws whose outputs are finite.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.clock import TimeSpec
from egendekning.engine.culprit import cause
from egendekning.engine.inputs import Inputs, Series
from egendekning.engine.ir import ModelDef
from egendekning.engine.plan import Plan, is_stock_state, make_plan
from egendekning.engine.simulate import Job, make_request, run_job

Floats = NDArray[np.float64]

_NUMBERS: Final = 20_000_000  # that the second run may keep, 160 MB; beyond, its last steps
_SHOWN: Final = 8  # parameters told in a line of text


@dataclass(frozen=True, slots=True)
class Offender:
    """The first number of a run that is not finite.

    Attributes
    ----------
    variable, element : str
        Its name, and its subscripts joined by commas, empty where it has none.
    line : int
        Line of its equation in the model file.
    value : str
        ``nan``, ``inf`` or ``-inf``.
    time : float
        In the model's time unit.
    draw : int or None
        None for a single run.
    cause : str
        The operation that made it, such as ``division by zero``; empty where it is not known.
    parameters : dict
        Given and initial values of that draw by name; those given over time as at `time`.
    """

    variable: str
    element: str
    line: int
    value: str
    time: float
    draw: int | None
    cause: str
    parameters: dict[str, Any]

    def text(self, affected: int, draws: int | None) -> str:
        """Return it as a line of text."""
        name = f"{self.variable}[{self.element}]" if self.element else self.variable
        found = f"{name} is {self.value} at time {self.time:g}"
        found += "" if self.draw is None else f", draw {self.draw} ({affected} of {draws} draws)"
        found += f", {self.cause}" if self.cause else ""
        shown = [f"{n} = {_short(v)}" for n, v in list(self.parameters.items())[:_SHOWN]]
        more = len(self.parameters) - len(shown)
        return found + (f", with {', '.join(shown)}" if shown else "") + (f" and {more} more" if more else "")

    def fields(self) -> dict[str, Any]:
        """Return it as plain data that JSON can hold: numbers that are not finite as text."""
        return {**asdict(self), "parameters": {n: _strict(v) for n, v in self.parameters.items()}}


def find_offender(job: Job, arrays: dict[str, Floats], rerun: bool = True) -> Offender | None:
    """Return the first number that is not finite, None if all are.

    Parameters
    ----------
    job : Job
        The call.
    arrays : dict
        Its outputs, (draw or 1, save or 1, *dims).
    rerun : bool
        Whether to look behind the outputs and between the saving times.
    """
    seen = _among(job, arrays)
    if seen is None:
        return None
    name, save, draw, times = *seen, job.grid.times()[job.skipped :]
    if rerun:
        alone = _alone(job, draw)
        plan = make_plan(job.model, job.graph, make_request(alone))
        steps = _steps(alone, plan, round((times[save] - job.grid.initial) / job.grid.step))
        traced = replace(alone, outputs=_wanted(job.model, plan), grid=_every(job.grid, steps))
        values = {n: v[0] for n, v in run_job(traced).items()}
        first = _first(traced, plan, values, steps[0])
        if first is not None:
            return _described(job, draw, first[0], steps[first[1]], values, first[1])
    value = arrays[name][min(draw, len(arrays[name]) - 1)]
    at = int(save) if len(value) > 1 else 0
    step = round((times[save] - job.grid.initial) / job.grid.step)
    return _described(job, draw, name, step, {name: value}, at)


def _among(job: Job, arrays: dict[str, Floats]) -> tuple[str, int, int] | None:
    """Return the output, save and draw of the earliest number that is not finite, the lowest draw first."""
    found: list[tuple[int, int, int, str]] = []
    for rank, name in enumerate(job.outputs):
        bad = ~np.isfinite(arrays[name])
        if bad.any():
            draws, saves = np.nonzero(bad.any(axis=tuple(range(2, bad.ndim))))
            found.append(min((int(s), int(d), rank, name) for s, d in zip(saves, draws, strict=True)))
    if not found:
        return None
    save, draw, _, name = min(found)
    return name, save, draw


def _alone(job: Job, draw: int) -> Job:
    """Return the job of one draw by itself."""

    def one(value: Floats) -> Floats:
        return value[..., draw : draw + 1] if value.shape[-1] > 1 else value

    given = job.inputs
    inputs = Inputs(
        {n: one(v) for n, v in given.values.items()}, {n: one(v) for n, v in given.starts.items()}, None,
        {n: replace(_timed(s, job.grid), values=one(s.values)) for n, s in given.series.items()},
    )  # fmt: skip
    start = job.start
    if start is not None:
        start = replace(start, draws=None, values={n: one(v) for n, v in start.values.items()})
    return replace(job, inputs=inputs, start=start, first=job.first + draw, threads=1)


def _timed(series: Series, grid: TimeSpec) -> Series:
    """Return values over time with their times, which do not depend on the saving times."""
    if series.times is not None:
        return series
    steps = np.asarray(grid.initial + np.arange(grid.steps + 1) * grid.step, dtype=np.float64)
    return replace(series, times=steps if len(steps) == len(series.values) else grid.times())


def _wanted(model: ModelDef, plan: Plan) -> tuple[str, ...]:
    """Return the variables of the file that a run computes or takes."""
    names = dict.fromkeys([*plan.arguments, *plan.const, *plan.timed, *plan.for_outputs, *plan.for_moves])
    return tuple(n for n in names if n in model.variables and model.variables[n].kind not in ("lookup", "control"))


def _steps(job: Job, plan: Plan, bad: int) -> range:
    """Return the steps to look at, all of them if they fit, else those up to a step known to be bad."""
    begin = job.start.step if job.start is not None else 0
    last = max(job.grid.save_steps())
    size = sum(int(np.prod(job.model.variables[n].shape)) for n in _wanted(job.model, plan))
    most = max(_NUMBERS // max(size, 1), 1)
    return range(begin, last + 1) if last + 1 - begin <= most else range(max(begin, bad + 1 - most), bad + 1)


def _every(grid: TimeSpec, steps: range) -> TimeSpec:
    return replace(grid, saving=tuple(float(grid.initial + i * grid.step) for i in steps))


def _first(job: Job, plan: Plan, values: dict[str, Floats], begin: int) -> tuple[str, int] | None:
    """Return the variable and save of the first bad number: the earliest, and then what is evaluated first."""
    first = {n: int(np.argmax(~_good(v))) for n, v in values.items() if not _good(v).all()}
    if not first:
        return None
    at, graph, model = min(first.values()), job.graph, job.model
    leaves = {*plan.arguments, *plan.tables}
    order = graph.order(
        [("variable", n) for n in values], graph.run, lambda node: node[0] == "variable" and node[1] in leaves
    )
    nodes = [*(plan.start if at + begin == 0 else ()), *order]
    owners = [
        model.states[n].owner if kind == "state" else n for kind, n in nodes
        if kind == "variable" or is_stock_state(model, n)
    ]  # fmt: skip
    known = [n for n in owners if first.get(n) == at]
    return (known[0] if known else min(first, key=first.__getitem__)), at


def _good(value: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(value).all(axis=tuple(range(1, value.ndim))))


def _described(job: Job, draw: int, name: str, step: int, values: dict[str, Floats], at: int) -> Offender:
    """Return the account of variable `name` at `step`, row `at` of `values`."""
    model, item = job.model, job.model.variables[name]
    here = values[name][at]
    cell = tuple(int(i) for i in np.argwhere(~np.isfinite(here))[0])
    parts = [model.ranges[d].names[i] for d, i in zip(item.dims, cell, strict=True)]
    part = next((c for c in item.components if all(i in p for i, p in zip(cell, c.index, strict=True))
                 and cell not in c.skip), None)  # fmt: skip
    time = float(job.grid.initial + step * job.grid.step)
    given = name in job.inputs.values or name in job.inputs.series or (step == 0 and name in job.inputs.starts)
    why = "as given" if given else "" if part is None else cause(job, draw, part, values, at, step)
    number = None if job.inputs.draws is None else job.number(draw)
    return Offender(item.name, ", ".join(parts), part.line if part else item.line, f"{here[cell]}", time, number, why,
                    _parameters(job, draw, time))  # fmt: skip


def _parameters(job: Job, draw: int, time: float) -> dict[str, Any]:
    """Return what was given to a draw by name, what differs between draws first."""
    grid, names = job.grid, job.model.variables
    series = {n: _timed(s, grid).at(np.asarray([time]), grid.times(), grid.times())[0]
              for n, s in job.inputs.series.items()}  # fmt: skip
    found = {**job.inputs.values, **job.inputs.starts, **series}
    ordered = sorted(found, key=lambda n: found[n].shape[-1] == 1)
    return {names[n].name: _plain(found[n][..., min(draw, found[n].shape[-1] - 1)]) for n in ordered}


def _plain(value: Floats) -> Any:
    """Return a number where all are the same, else nested lists."""
    same = value.size and np.array_equal(value, np.full(value.shape, value.flat[0]), equal_nan=True)
    return float(value.flat[0]) if same or value.ndim == 0 else value.tolist()


def _strict(value: Any) -> Any:
    if isinstance(value, list):
        return [_strict(v) for v in value]
    return value if np.isfinite(value) else f"{value}"


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else f"{np.size(value)} values"
