"""The time grid: initial and final time, step and saving interval, and which steps are saved.

Time is start + i * step, never a running sum. A final time that is not a whole number of steps from the start means the
last whole step before it, and a saving interval that is not, the steps nearest to its times. The module refuses saving
times that are listed one by one and lie between steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from egendekning.engine.evaluate import Env, Evaluator, assemble
from egendekning.engine.ir import LookupTable, ModelDef
from egendekning.errors import ModelFileError, Problem, UsageError
from egendekning.names import nearest

_FIELDS = {"initial": "initial time", "final": "final time", "step": "time step", "saveper": "saveper"}
_MOST_STEPS = 10_000_000  # more would fill the memory before it is of use to anyone
_TOLERANCE = 1e-6  # of a step: far above rounding of calendar years, far below any real offset


@dataclass(frozen=True, slots=True)
class TimeSpec:
    """A time grid in the model's time unit; `saving` lists saving times where they are not every `saveper`."""

    initial: float
    final: float
    step: float
    saveper: float
    saving: tuple[float, ...] | None = None

    @property
    def steps(self) -> int:
        """Number of whole steps from the initial to the final time."""
        return int(np.floor((self.final - self.initial) / self.step + _TOLERANCE))

    def save_steps(self) -> tuple[int, ...]:
        """Return the step numbers at which outputs are saved."""
        if self.saving is not None:
            return tuple(_whole((t - self.initial) / self.step, f"saving time {t:g}", self) for t in self.saving)
        last, ratio = self.steps, min(max(self.saveper / self.step, 1.0), self.steps + 1.0)
        if abs(ratio - round(ratio)) <= _TOLERANCE:
            return tuple(range(0, last + 1, round(ratio)))
        saves = np.floor(np.arange(int((last + 0.5) / ratio) + 1) * ratio + 0.5).astype(int)
        return tuple(int(k) for k in saves if k <= last)

    def times(self) -> np.ndarray:
        """Return the saving times."""
        return self.initial + np.asarray(self.save_steps(), dtype=float) * self.step

    def override(self, time: Any) -> TimeSpec:
        """Return this grid with what `time` says: a TimeSpec, a mapping of fields, or a sequence of saving times."""
        if time is None:
            return self
        if isinstance(time, TimeSpec):
            return time
        if isinstance(time, Mapping):
            unknown = [k for k in time if k not in (*_FIELDS, "saving")]
            if unknown:
                near, said = nearest(str(unknown[0]), _FIELDS), f"one of {', '.join(_FIELDS)}"
                raise UsageError(Problem("time", f"unknown field {unknown[0]!r}", said, near, "time={'final': 2030.0}"))
            fields: dict[str, Any] = {k: _numbers(v) if k == "saving" else _numbers([v])[0] for k, v in time.items()}
            return replace(self, **fields)
        if not isinstance(time, str) and np.ndim(time) == 1 and np.size(time):
            saving = _numbers(time)
            if list(saving) != sorted(set(saving)) or saving[0] < self.initial:
                found, said = "saving times out of order or before the start", f"rising times, from {self.initial:g}"
                raise UsageError(Problem("time", found, said, fix="sort them, each once"))
            return replace(self, final=max(saving[-1], self.final), saving=saving)
        said = "a TimeSpec, a mapping of its fields or a list of saving times"
        raise UsageError(Problem("time", _short(time), said, fix="time={'final': 2030.0} or time=[2025.0, 2030.0]"))

    def check(self) -> None:
        """Raise UsageError where the grid does not fit together."""
        if not self.step > 0 or self.final < self.initial:
            raise UsageError(Problem("time", f"from {self.initial:g} to {self.final:g} by {self.step:g}",
                                     "a positive step and a final time after the initial one",
                                     fix="time={'initial': ..., 'final': ..., 'step': ...}"))  # fmt: skip
        if not self.saveper > 0 and self.saving is None:
            raise UsageError(Problem("time", f"saveper is {self.saveper:g}", "a positive number",
                                     fix=f"give the step, {self.step:g}, or a multiple of it"))  # fmt: skip
        steps = (self.final - self.initial) / self.step
        if not steps <= _MOST_STEPS:  # nor inf or nan
            raise UsageError(Problem("time", f"{steps:g} steps of {self.step:g}", f"at most {_MOST_STEPS} steps",
                                     fix="choose a longer step"))  # fmt: skip
        if self.saving is not None and (not self.saving or min(self.saving) < self.initial):
            raise UsageError(Problem("time", "no saving time, or one before the start", f"times from {self.initial:g}",
                                     fix="leave the earlier ones out"))  # fmt: skip
        _ = self.save_steps()


def _numbers(values: Any) -> tuple[float, ...]:
    """Return times as numbers; what is none is a UsageError."""
    try:
        return tuple(float(t) for t in values)
    except (TypeError, ValueError) as error:
        fix = "give numbers, such as 2025.25"
        raise UsageError(Problem("time", _short(values), "numbers, in the model's time unit", fix=fix)) from error


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _whole(number: float, what: str, spec: TimeSpec) -> int:
    if not np.isfinite(number) or abs(number - round(number)) > _TOLERANCE:
        raise UsageError(
            Problem("time", f"{what} is {number:g} steps of {spec.step:g}", "a whole number of steps",
                    fix="choose a step that divides the interval")
        )  # fmt: skip
    return round(number)


def read_clock(model: ModelDef) -> dict[str, float]:
    """Return the control values of a model file, evaluated."""
    lacking = [n for n in ("initial time", "final time", "time step") if n not in model.variables]
    if lacking:
        raise ModelFileError(Problem(model.file, f"{lacking[0].upper()} is not defined", "INITIAL TIME, FINAL TIME and "
                                     "TIME STEP", fix="add it to the .Control group"))  # fmt: skip
    reader = _Controls(model)
    found = {name: reader.clock(name) for name in ("initial time", "time step", "saveper")}
    try:
        found["final time"] = reader.value("final time")
    except (KeyError, RecursionError):
        from egendekning.engine.ending import first_end

        model.clock.update(found)
        found["final time"] = first_end(model)
    model.timing.update({n: v for n, v in reader.known.items() if n not in _FIELDS.values()})
    _check_clock(model, found)
    return found


class _Controls:
    """Evaluates the control variables of a model, and the constants and tables that they are made from."""

    def __init__(self, model: ModelDef) -> None:
        self.model = model
        self.known: dict[str, np.ndarray] = {}
        self.env = Env(np, self._variable, _no_state, self.clock, self._table, "run", {})

    def clock(self, which: str) -> float:
        """Return a control value; ModelFileError where it is not a constant."""
        if which not in self.model.variables and which != "time":
            return self.clock("time step")
        try:
            return self.value(which)
        except (KeyError, RecursionError) as error:
            if which not in self.model.variables or which == "final time":
                raise KeyError(which) from error
            item = self.model.variables[which]
            raise ModelFileError(Problem(f"{self.model.file}:{item.line}", f"{item.name} is not a constant",
                                         "a number or an expression of constants")) from error  # fmt: skip

    def value(self, name: str) -> float:
        """Return the value of a variable without dims; KeyError where it depends on time or states."""
        return float(self._variable(name)[0])

    def _variable(self, name: str) -> np.ndarray:
        if name not in self.known:
            item = self.model.variables[name]
            pieces = [Evaluator(self.env, c.labels).component(c) for c in item.components]
            self.known[name] = np.asarray(assemble(np, item, pieces), dtype=float)
        return self.known[name]

    def _table(self, name: str) -> tuple[LookupTable, np.ndarray]:
        item = self.model.inline[name] if "#" in name else self.model.variables[name].lookup
        if item is None:
            raise KeyError(name)
        if "#" not in name:
            self.known[name] = item.y[..., None]
        return item, item.y[..., None]


def _check_clock(model: ModelDef, found: Mapping[str, float]) -> None:
    """Raise ModelFileError, at the line, where the time grid of a file does not fit together."""
    grid = TimeSpec(found["initial time"], found["final time"], found["time step"], found["saveper"])
    if not grid.step > 0:
        name, said = "time step", "a positive number"
    elif not grid.final > grid.initial:
        name, said = "final time", f"a time after INITIAL TIME, {grid.initial:g}"
    elif not grid.saveper > 0:
        name, said = "saveper", f"TIME STEP, {grid.step:g}, or a multiple of it"
    else:
        try:
            grid.check()
        except UsageError as error:
            where = f"{model.file}:{model.variables['time step'].line}"
            raise ModelFileError(
                [Problem(where, p.found, p.expected, p.nearest, p.fix) for p in error.problems]
            ) from error
        return
    where = f"{model.file}:{model.variables[name].line}"
    raise ModelFileError(Problem(where, f"{name.upper()} is {found[name]:g}", said, fix="correct the number"))


def _no_state(name: str) -> Any:
    raise KeyError(name)
