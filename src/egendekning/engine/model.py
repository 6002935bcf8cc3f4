"""A model as its users see it: named variables with units and equations, and runs that return a Dataset.

The module ties the parts of the engine together. It refuses to hold any state of a run: two calls never meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from egendekning.engine.build import build
from egendekning.engine.clock import TimeSpec
from egendekning.engine.graph import Graph, memory_names
from egendekning.engine.inputs import read_inputs
from egendekning.engine.ir import ModelDef, VariableDef
from egendekning.engine.saved import SavedState
from egendekning.engine.simulate import BATCH, Job, resolve_outputs, run_job, with_draws
from egendekning.errors import Problem, SimulationError, UsageError
from egendekning.names import key, nearest

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Variable:
    """What a model file says about one variable.

    Attributes
    ----------
    name : str
        As the file spells it.
    kind : str
        ``stock``, ``flow``, ``auxiliary``, ``constant``, ``lookup``, ``data`` or ``control`` (the time grid).
    unit, documentation, equation, group : str
        As in the file; several equations of one name are joined by line breaks.
    dims : tuple of str
        Names of its subscript ranges.
    line : int
        Line of its first equation in `file`.
    limits : tuple
        Lower and upper limit stated beside the unit, None where there is none.
    """

    name: str
    kind: str
    unit: str
    documentation: str
    equation: str
    dims: tuple[str, ...]
    group: str
    line: int
    file: str
    limits: tuple[float | None, float | None] = (None, None)


class Model:
    """A checked model, ready to run; see `egendekning.engine.load`."""

    def __init__(self, definition: ModelDef) -> None:
        self.definition = definition
        self._graph = Graph(definition)

    @property
    def path(self) -> Path:
        """The file the model was read from."""
        return Path(self.definition.file)

    @property
    def hash(self) -> str:
        """SHA-256 of the file's text."""
        return self.definition.hash

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Every variable by its own name, in the order of the file."""
        return MappingProxyType({v.name: self._public(v) for v in self.definition.variables.values() if not v.hidden})

    def _public(self, item: VariableDef) -> Variable:
        dims = tuple(self.definition.ranges[d].name for d in item.dims)
        return Variable(item.name, item.kind, item.unit, item.documentation, item.equation, dims, item.group, item.line,
                        self.definition.file, item.limits)  # fmt: skip

    @cached_property
    def subscripts(self) -> Mapping[str, tuple[str, ...]]:
        """Elements of every subscript range."""
        return MappingProxyType({r.name: r.names for r in self.definition.ranges.values()})

    @property
    def time(self) -> TimeSpec:
        """The time grid that the file sets."""
        clock = self.definition.clock
        return TimeSpec(clock["initial time"], clock["final time"], clock["time step"], clock["saveper"])

    def variable(self, name: str) -> Variable:
        """Return a variable by any spelling of its name.

        Raises
        ------
        SimulationError
            If there is none; the nearest name is suggested.
        """
        return self.variables[self.definition.variables[self._key(name, "variable")].name]

    def _key(self, name: str, where: str) -> str:
        if not isinstance(name, str):
            raise SimulationError(Problem(where, f"a name of type {type(name).__name__}", "text"))
        wanted = key(name)
        if wanted not in self.definition.variables or self.definition.variables[wanted].hidden:
            known = list(self.variables)
            raise SimulationError(
                Problem(where, f"unknown name {name!r}", "a variable of the model", nearest(name, known))
            )
        return wanted

    @cached_property
    def graph(self) -> Mapping[str, frozenset[str]]:
        """For each variable, the variables its equations mention (rates, initial values and delay times included)."""
        names = {k: v.name for k, v in self.definition.variables.items() if not v.hidden}
        return MappingProxyType({names[k]: frozenset(names[n] for n in self._mentioned(k)) for k in names})

    def _mentioned(self, name: str) -> set[str]:
        """Return the variables that `name` mentions, those inside macros and not the macros' own."""
        found: set[str] = set()
        seen: set[str] = set()
        stack = [name]
        while stack:
            for used in memory_names(self.definition, stack.pop()):
                if not self.definition.variables[used].hidden:
                    found.add(used)
                elif used not in seen:
                    seen.add(used)
                    stack.append(used)
        return found

    def depends_on(self, name: str) -> frozenset[str]:
        """Return what the equations of `name` mention."""
        return self.graph[self.variable(name).name]

    def drives(self, name: str) -> frozenset[str]:
        """Return the variables whose equations mention `name`."""
        wanted = self.variable(name).name
        return frozenset(n for n, used in self.graph.items() if wanted in used)

    @cached_property
    def sectors(self) -> Mapping[str, tuple[str, ...]]:
        """Group names in the order of the file, each with its variables."""
        found: dict[str, list[str]] = {g: [] for g in self.definition.groups}
        for item in self.variables.values():
            found.setdefault(item.group, []).append(item.name)
        return MappingProxyType({g: tuple(v) for g, v in found.items() if v})

    def _needed(self, name: str, wanted: tuple[str, ...]) -> bool:
        seen, stack = set(wanted), list(wanted)
        while stack:
            fresh = memory_names(self.definition, stack.pop()) - seen
            seen |= fresh
            stack += fresh
        return name in seen

    def _job(self, parameters: Any, initial_values: Any, outputs: Any, time: Any, batch: int, threads: int) -> Job:
        inputs = read_inputs(self.definition, parameters, initial_values)
        if isinstance(outputs, str):
            outputs = [outputs]
        keys = {n: self._key(n, "outputs") for n in outputs or ()}
        wanted = resolve_outputs(self.definition, outputs, keys)
        tables = [n for n in wanted if self.definition.variables[n].kind == "lookup"]
        if tables:
            name = self.definition.variables[tables[0]].name
            raise SimulationError(Problem("outputs", f"{name} is a table function", "a variable that has a value"))
        for name in sorted(self.definition.lacking - set(inputs.values) - set(inputs.series)):
            if self._needed(name, wanted):
                shown = self.definition.variables[name].name
                raise SimulationError(
                    Problem("data", f"no values for the data variable {shown}", "a series",
                            fix="name a file in load(path, data=[...]) or give it in parameters")
                )  # fmt: skip
        grid = self.time.override(time)
        grid.check()
        return Job(self.definition, self._graph, inputs, wanted, grid, batch, threads)

    def simulate(
        self,
        parameters: Mapping[str, Any] | None = None,
        initial_values: Mapping[str, Any] | None = None,
        outputs: Sequence[str] | None = None,
        time: TimeSpec | Mapping[str, float] | Sequence[float] | None = None,
        *,
        engine: str = "jax",
        batch: int = BATCH,
        threads: int = 1,
        draws: int | None = None,
        seed: int = 0,
        method: str | None = None,
        start: SavedState | None = None,
        on_error: str = "keep",
    ) -> xr.Dataset:
        """Run the model once, or once per draw.

        Parameters
        ----------
        parameters : mapping, optional
            Name -> number, 1-D array over ``draw``, or DataArray with dims out of (draw, time, *subscripts); along
            ``time`` values are joined by straight lines and held beyond the ends. For a table function: y-values on
            its own x points (1-D, or a DataArray with dim ``point``). Naming a flow or auxiliary replaces it.
        initial_values : mapping, optional
            The same for stocks.
        outputs : sequence of str, optional
            Names of the variables wanted; all but table functions if left out.
        time : optional
            A TimeSpec, a mapping of ``initial, final, step, saveper``, or a rising sequence of saving times.
        engine : {"jax", "pysd"}
            The compiled kernel, or PySD as reference (one run at a time, slow).
        batch, threads : int
            Draws per task, and tasks run side by side; neither changes a byte of the result.
        draws : int, optional
            Number of draws where no parameter says it: for models with random functions.
        seed : int
            Seed of the model's random functions. A draw of a seed has the same numbers in whatever company it runs.
        method : {"euler", "rk4"}, optional
            How stocks are carried over a step; the file's own method if left out (Euler for Vensim files). With
            ``rk4``, delays of fixed length and samples move at whole steps.
        start : SavedState, optional
            Go on from a state that `state` returned; the grid stays the model's, earlier saving times are left out.
        on_error : {"keep", "raise"}
            What to do where an output is not finite: keep all draws and report, or raise SimulationError.

        Returns
        -------
        xarray.Dataset
            Variables under the model's own names, dims ([draw,] time, *subscripts), attributes unit, long_name and
            kind. ``attrs["non_finite"]`` is empty where every number is finite. Otherwise it says first which variable
            went wrong first, when, in which draw, how and with what values given, and then which outputs are not
            finite; ``attrs["first_non_finite"]`` has the first as JSON, and the coordinate ``finite`` over ``draw``
            which draws are sound, for ``ds.sel(draw=ds.finite)``. What the model itself calls :NA: is NaN in results
            and no fault.

        Raises
        ------
        SimulationError
            For unknown names and values of the wrong shape, all at once; for numbers that are not finite where
            `on_error` says so.
        """
        from egendekning.engine.dataset import to_dataset

        if on_error not in ("keep", "raise"):
            raise UsageError(Problem("on_error", f"{on_error!r}", "'keep' or 'raise'"))
        job = self._job(parameters, initial_values, outputs, time, batch, threads)
        job = with_draws(job, draws, seed)
        job = self._with_method(job, method, start)
        if engine == "jax":
            return to_dataset(job, run_job(job), on_error)
        if engine == "pysd":
            from egendekning.engine.reference import run_reference

            return to_dataset(job, run_reference(job), on_error, rerun=False)
        raise UsageError(Problem("engine", f"{engine!r}", "'jax' or 'pysd'"))

    def _with_method(self, job: Job, method: str | None, start: SavedState | None) -> Job:
        chosen = method or self.definition.method
        if chosen not in ("euler", "rk4"):
            raise UsageError(Problem("method", f"{chosen!r}", "'euler' or 'rk4'"))
        if start is not None:
            start.check(self.definition, job.grid, job.inputs.draws)
            job.inputs.draws = start.draws if job.inputs.draws is None else job.inputs.draws
        return replace(job, method=chosen, start=start)

    def state(
        self,
        at: float,
        parameters: Mapping[str, Any] | None = None,
        initial_values: Mapping[str, Any] | None = None,
        *,
        draws: int | None = None,
        seed: int = 0,
        method: str | None = None,
        threads: int = 1,
    ) -> SavedState:
        """Return what the model remembers at time `at`, to go on from in `simulate(start=...)`.

        Parameters
        ----------
        at : float
            A time of the model's grid.
        parameters, initial_values, draws, seed, method, threads
            As in `simulate`.
        """
        job = self._job(parameters, initial_values, None, {"saving": [at], "final": at}, BATCH, threads)
        job = replace(self._with_method(with_draws(job, draws, seed), method, None), keep=True)
        values = run_job(job)
        step = job.grid.save_steps()[0]
        return SavedState(self.hash, job.grid.initial, job.grid.step, step, job.inputs.draws, values)

    @cached_property
    def _loops(self) -> dict[tuple[int, int], tuple[tuple[str, ...], ...]]:
        return {}

    def loops(self, limit: int = 1000, longest: int = 40) -> tuple[tuple[str, ...], ...]:
        """Return feedback loops, the shortest first, each as the names on it in the direction of influence.

        Parameters
        ----------
        limit : int
            Most loops returned; a model of some hundred variables can have millions.
        longest : int
            Most variables on a loop.
        """
        from egendekning.engine.cycles import shortest_cycles

        known = self._loops
        if (limit, longest) not in known:
            drives = {n: sorted(m for m, used in self.graph.items() if n in used) for n in self.graph}
            known[limit, longest] = shortest_cycles(drives, limit, longest)
        return known[limit, longest]

    def evaluate(
        self, outputs: Sequence[str], given: Mapping[str, Any] | None = None, time: float | None = None
    ) -> dict[str, np.ndarray]:
        """Return variables at one time by algebra alone, with `given` in the place of the variables it names.

        Parameters
        ----------
        outputs : sequence of str
            Names wanted.
        given : mapping, optional
            Name -> value for constants, table functions, flows, auxiliaries and stocks, as in `simulate`; stocks that
            are needed and not given have their initial values.
        time : float, optional
            The time; the initial time if left out.

        Returns
        -------
        dict
            Name as asked -> array (*subscripts), with a leading draw axis if anything given has one.
        """
        from egendekning.engine.pointwise import evaluate

        keys = {n: self._key(n, "outputs") for n in outputs}
        return evaluate(self.definition, self._graph, keys, given or {}, self.time, time)

    def value_and_grad(
        self,
        outcome: str | Callable[[dict[str, Any]], Any],
        wrt: Sequence[str] | None = None,
        time: TimeSpec | Mapping[str, float] | Sequence[float] | None = None,
        outputs: Sequence[str] | None = None,
    ) -> Callable[[Mapping[str, Any]], tuple[float, dict[str, np.ndarray]]]:
        """Return a function of parameters that gives an outcome of a run and its gradient.

        Parameters
        ----------
        outcome : str or callable
            A variable (its last saved value, summed over subscripts), or a function of the dict name -> array (time,
            *subscripts) of `outputs` that returns one number, written with ``jax.numpy`` or plain arithmetic.
        wrt : sequence of str, optional
            Constants, table functions or (as initial values) stocks to differentiate by; every constant if left
            out.
        time : optional
            As in `simulate`.
        outputs : sequence of str, optional
            What a callable `outcome` reads.

        Returns
        -------
        callable
            ``f(parameters) -> (value, {name: gradient})``; the gradient has the shape of the variable (*subscripts).
        """
        from egendekning.engine.gradient import value_and_grad

        names = [outcome] if isinstance(outcome, str) else list(outputs or ())
        if not names:
            raise UsageError(Problem("value_and_grad", "no outputs named for the outcome", "outputs=[...]"))
        job = self._job(None, None, names, time, BATCH, 1)
        if wrt is None:
            wrt = [v.name for v in self.definition.variables.values() if v.kind == "constant"]
        return value_and_grad(job, outcome, names, {n: self._key(n, "wrt") for n in wrt})


def load(path: str | Path, data: Sequence[str | Path] = ()) -> Model:
    """Read and check a model file (.mdl, .xmile, .stmx).

    Parameters
    ----------
    path : str or Path
        The model file; files that it names (constants, data, lookups, subscripts) are looked for beside it.
    data : sequence of str or Path
        CSV or tab-separated files with series for data variables that have no equation, under their own names
        (``name`` or ``name[element]``), first cell ``time``.

    Raises
    ------
    ModelFileError
        With every fault of the file: what, where (file and line), what was expected.
    """
    return Model(build(Path(path), [Path(p) for p in data]))
