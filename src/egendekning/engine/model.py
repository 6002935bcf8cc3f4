"""A model that runs: from a call to a Dataset, a saved state, single equations or a slope.

The module ties the parts of the engine together. It refuses to hold any state of a run: two calls never meet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from egendekning.engine.bounds import DEEPEST
from egendekning.engine.build import build
from egendekning.engine.call import Call, check_options, make_job
from egendekning.engine.clock import TimeSpec
from egendekning.engine.described import Description, Variable
from egendekning.engine.room import check_room
from egendekning.engine.saved import SavedState
from egendekning.engine.simulate import Job, run_job, waits
from egendekning.errors import ModelFileError, Problem, UsageError

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr


class Options(TypedDict, total=False):
    """How draws are run; every one may be left out.

    Attributes
    ----------
    draws : int
        Number of draws where no parameter says it: for models with random functions.
    seed : int
        Seed of the model's random functions. A draw of a seed has the same numbers in whatever company it runs.
    method : {"euler", "rk4"}
        How stocks are carried over a step; the file's own method if left out (Euler for Vensim files). With ``rk4``,
        delays of fixed length and samples move at whole steps.
    start : SavedState
        Go on from a state that `Model.state` returned; the grid stays the model's, earlier saving times are left out.
    batch, threads : int
        Draws per task, and tasks run side by side; neither changes a byte of the result.
    first_draw : int
        Number of the first draw, for a part of a larger set: its random numbers and its name are those of the set.
    """

    draws: int | None
    seed: int
    method: str | None
    start: SavedState | None
    batch: int
    threads: int
    first_draw: int


class Model(Description):
    """A checked model, ready to run; see `egendekning.engine.load`."""

    def simulate(
        self,
        parameters: Mapping[str, Any] | None = None,
        initial_values: Mapping[str, Any] | None = None,
        outputs: Sequence[str] | None = None,
        time: TimeSpec | Mapping[str, float] | Sequence[float] | None = None,
        *,
        engine: str = "jax",
        on_error: str = "keep",
        **options: Unpack[Options],
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
        on_error : {"keep", "raise"}
            What to do where an output is not finite: keep all draws and report, or raise SimulationError.
        **options
            ``draws, seed, method, start, batch, threads, first_draw``: see `Options`.

        Returns
        -------
        xarray.Dataset
            Variables under the model's own names, dims ([draw,] time, *subscripts), attributes unit, long_name and
            kind; what is not finite is told as `egendekning.engine.dataset` says.

        Raises
        ------
        SimulationError
            For unknown names and values of the wrong shape, all at once; for numbers that are not finite where
            `on_error` says so.
        """
        check_options(options, "simulate")
        return finished(make_job(self, Call(parameters, initial_values, outputs, time, **options)), engine, on_error)

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
        job = make_job(self, Call(parameters, initial_values, None, [at], threads=threads, draws=draws, seed=seed,
                                  method=method))  # fmt: skip
        values = {**run_job(replace(job, keep=True)), **waits(job)}
        step = job.grid.save_steps()[0]
        return SavedState(self.hash, job.grid.initial, job.grid.step, step, job.inputs.draws, values)

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

        names = [outputs] if isinstance(outputs, str) else outputs
        keys = {n: self.key(n, "outputs") for n in names}
        for what, value, kind in (("given", given, Mapping), ("time", time, Real)):
            if value is not None and not isinstance(value, kind):
                said = "a mapping of name to value" if what == "given" else "a number"
                raise UsageError(Problem("evaluate", f"{what}={value!r}", said, fix="leave it out"))
        return evaluate(self.definition, self.links, keys, given or {}, self.time, time)

    def value_and_grad(
        self,
        outcome: str | Callable[[dict[str, Any]], Any],
        wrt: Sequence[str] | None = None,
        time: TimeSpec | Mapping[str, float] | Sequence[float] | None = None,
        outputs: Sequence[str] | None = None,
        method: str | None = None,
    ) -> Callable[..., tuple[float, dict[str, np.ndarray]]]:
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
        method : {"euler", "rk4"}, optional
            As in `simulate`.

        Returns
        -------
        callable
            ``f(parameters=None) -> (value, {name: gradient})``; a gradient has the shape of its variable (*subscripts).
        """
        from egendekning.engine.gradient import value_and_grad

        names = [outcome] if isinstance(outcome, str) else list(outputs or ())
        if not names or not (isinstance(outcome, str) or callable(outcome)):
            said, fix = "a variable, or a function and the outputs that it reads", "value_and_grad(f, outputs=[...])"
            raise UsageError(Problem("value_and_grad", f"outcome {outcome!r}, outputs {outputs!r}", said, fix=fix))
        job = make_job(self, Call(outputs=names, time=time, method=method))
        if wrt is None:
            wrt = [v.name for v in self.definition.variables.values() if v.kind == "constant" and not v.hidden]
        chosen = [wrt] if isinstance(wrt, str) else wrt
        return value_and_grad(job, outcome, names, {n: self.key(n, "wrt") for n in chosen})


def finished(job: Job, engine: str, on_error: str) -> xr.Dataset:
    """Return what came of a job, run by `engine`."""
    from egendekning.engine.dataset import to_dataset

    if on_error not in ("keep", "raise"):
        raise UsageError(Problem("on_error", f"{on_error!r}", "'keep' or 'raise'", fix="leave it out"))
    if engine == "jax":
        check_room(job)
        return to_dataset(job, run_job(job), on_error)
    if engine == "pysd":
        from egendekning.engine.reference import run_reference

        return to_dataset(job, run_reference(job), on_error, rerun=False)
    raise UsageError(Problem("engine", f"{engine!r}", "'jax' or 'pysd'", fix="leave it out"))


def load(path: str | Path, data: str | Path | Sequence[str | Path] = ()) -> Model:
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
    files = [data] if isinstance(data, str | Path) else data
    try:
        return Model(build(Path(path), [Path(p) for p in files]))
    except ModelFileError as error:
        raise ModelFileError([p if p.fix else replace(p, fix=_fix(p)) for p in error.problems]) from error.__cause__
    except (TypeError, ValueError) as error:
        if not _no_name(path):
            raise
        found, expected = f"{path!r} is no name of a file", "a text or Path"
        raise ModelFileError(Problem("load", found, expected, fix="load('model.mdl')")) from error
    except RecursionError as error:
        found, expected = "equations are nested too deep", f"at most {DEEPEST} brackets or operators inside each other"
        raise ModelFileError(Problem(str(path), found, expected, fix="cut long equations into several")) from error


def _no_name(path: Any) -> bool:
    return not isinstance(path, str | Path) or "\0" in str(path)


def _fix(problem: Problem) -> str:
    """Return what can always be done about a fault of a file."""
    line = problem.where.rpartition(":")[2]
    return f"mend line {line} of the file" if line.isdigit() else "mend the file, or export it again"


__all__ = ["Model", "Options", "Variable", "load"]
