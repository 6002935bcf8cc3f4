"""A run played back: any equation at every step at once, with some of its inputs changed.

A link score asks what an equation would have given had one input moved and the others not. The run is simulated once,
with every value that the equations of the loops read kept at every integration step; the equations are then evaluated
with time in the place of draws. Stages hidden in SMOOTH and DELAY are stocks too, and are stepped again from the
inputs that the run had. The module refuses DELAY FIXED and SAMPLE IF TRUE on a loop: they have no rate of change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, TIME
from egendekning.engine import Model
from egendekning.engine.evaluate import Env, Evaluator, assemble
from egendekning.engine.graph import references
from egendekning.engine.ir import Memory, StateDef, VariableDef
from egendekning.errors import Problem, UsageError
from egendekning.names import key

Floats = NDArray[np.float64]
Arrays = dict[str, Floats]

OLD = slice(0, -1)
"""The start of every step."""


class Replay:
    """One run of a model at every integration step.

    Parameters
    ----------
    model : Model
        The model.
    targets : iterable of str
        Variables whose equations will be asked for.
    parameters : mapping, optional
        As in `Model.simulate`; where they vary over draws, the first draw is taken.
    watch : iterable of str
        Other variables to keep.

    Attributes
    ----------
    times : ndarray
        (step), year or the model's unit of time.
    values : dict
        Value by key of variable, (\\*dims, step), in the variable's unit; stages hidden in SMOOTH and DELAY by their
        own keys.
    """

    def __init__(
        self,
        model: Model,
        targets: Iterable[str],
        parameters: Mapping[str, Any] | None = None,
        watch: Iterable[str] = (),
    ) -> None:
        self.model, self.definition = model, model.definition
        self.step = model.time.step
        asked = [key(n) for n in targets]
        self.stages = {s.key: s for s in self.definition.states.values() if s.owner in asked and not self._plain(s)}
        run = self._simulate(parameters or {}, [*asked, *(key(n) for n in watch)])
        self.times = np.asarray(run[TIME].values, dtype=float)
        self.tables = _tables(self.definition.variables, parameters or {})
        self.values: Arrays = {key(str(n)): np.moveaxis(a.values, 0, -1) for n, a in run.data_vars.items()}
        self._step_stages()

    # -- the run ------------------------------------------------------------------------------------------------------
    def _simulate(self, parameters: Mapping[str, Any], asked: list[str]) -> xr.Dataset:
        """Run the model, keeping at every step whatever the equations of `asked` read."""
        variables, wanted = self.definition.variables, dict.fromkeys(asked)
        for name in asked:
            item = variables[name]
            exprs = [c.expr for c in item.components]
            exprs += [e for s in self.definition.states.values() if s.owner == name for e in (s.move, s.initial)]
            for expr in exprs:
                for stage in ("run", "start"):
                    wanted.update(dict.fromkeys(n.split("#")[0] for k, n in references(expr, stage) if k == "variable"))
        names = [variables[n].name for n in wanted if variables[n].kind not in ("lookup", "control")]
        grid = {"saveper": self.step}
        run = self.model.simulate(parameters, outputs=names, time=grid)
        return run.isel({DRAW: 0}) if DRAW in run.dims else run

    def _plain(self, state: StateDef) -> bool:
        """Whether a state is the stock of an INTEG equation, whose value is the variable's own."""
        return self.definition.variables[state.owner].kind == "stock"

    def _step_stages(self) -> None:
        """Fill in the stages of SMOOTH and DELAY by Euler's rule, as the run did."""
        for state in self.stages.values():
            if state.kind not in ("integ", "initial"):
                name = self.definition.variables[state.owner].name
                raise UsageError(
                    Problem(name, "DELAY FIXED or SAMPLE IF TRUE on a loop that is scored", "a stock, SMOOTH or DELAY",
                            fix="use DELAY N of a high order, or leave the loop out")
                )  # fmt: skip
        begin = self._environment(slice(0, 1), {}, "start")
        count = len(self.times)
        for name, state in self.stages.items():
            first = Evaluator(begin, state.labels).filled(state.initial, state.labels, state.shape)
            self.values[name] = np.repeat(np.asarray(first, dtype=float), count, axis=-1)
        moving = {n: s for n, s in self.stages.items() if s.kind == "integ"}
        with np.errstate(all="ignore"):
            for t in range(count - 1):
                env = self._environment(slice(t, t + 1), {}, "run")
                for name, state in moving.items():
                    rate = self._move(env, state)
                    self.values[name][..., t + 1] = self.values[name][..., t] + self.step * rate[..., 0]

    # -- evaluation ---------------------------------------------------------------------------------------------------
    def _environment(self, span: slice, changed: Mapping[str, Floats], stage: str) -> Env:
        """Return where an evaluation over the steps of `span` finds things; `changed` goes before the run."""

        def read(name: str) -> Floats:
            return changed[name] if name in changed else self.values[name][..., span]

        def variable(name: str) -> Floats:
            if name in ("time", "time step", "initial time", "final time", "saveper"):
                return clock(name)
            base, _, cell = name.partition("#")
            array = read(base)
            return array[tuple(int(i) for i in cell.split(","))] if cell else array

        def state(name: str) -> tuple[Floats, tuple[str, ...]]:
            item = self.definition.states[name]
            return self._stock(item, read) if self._plain(item) else read(name), item.labels

        def clock(which: str) -> Floats:
            grid = self.model.time
            known = {"time step": grid.step, "initial time": grid.initial, "final time": grid.final,
                     "saveper": grid.saveper}  # fmt: skip
            return self.times[span] if which == "time" else np.array([known[which]])

        return Env(np, variable, state, clock, self._table, stage, {})

    def _stock(self, state: StateDef, read: Callable[[str], Floats]) -> Floats:
        """Return the part of a stock variable that one of its equations fills, (\\*labels, step)."""
        item = self.definition.variables[state.owner]
        for component in item.components:
            if isinstance(component.expr, Memory) and getattr(component.expr.body, "key", None) == state.key:
                array = read(state.owner)
                for axis, positions in enumerate(component.index):
                    array = np.take(array, np.asarray(positions), axis=axis)
                return array.reshape((*state.shape, array.shape[-1]))
        raise AssertionError(state.key)

    def _table(self, name: str) -> Any:
        if "#" in name:
            item = self.definition.inline[name]
            return item, item.y[..., None]
        table = self.definition.variables[name].lookup
        assert table is not None
        return table, self.tables.get(name, table.y[..., None])

    def algebra(self, name: str, changed: Mapping[str, Floats], span: slice) -> Floats:
        """Return a variable by its equation, (\\*dims, step), with `changed` in the place of what the run had."""
        item = self.definition.variables[name]
        env = self._environment(span, changed, "run")
        memo: dict[int, Any] = {}
        with np.errstate(all="ignore"):
            pieces = [Evaluator(env, c.labels, memo).component(c) for c in item.components]
            return self._full(assemble(np, item, pieces), span)

    def rate(self, name: str, changed: Mapping[str, Floats], span: slice) -> Floats:
        """Return the rate of change of a stock or of a hidden stage, (\\*dims, step), per unit of time."""
        env = self._environment(span, changed, "run")
        with np.errstate(all="ignore"):
            if name in self.stages:
                return self._full(self._move(env, self.stages[name]), span)
            item = self.definition.variables[name]
            return self._full(assemble(np, item, self._moves(env, item)), span)

    def _moves(self, env: Env, item: VariableDef) -> list[Floats]:
        """Return the rate of each equation of a stock."""
        states = [self.definition.states[getattr(getattr(c.expr, "body", None), "key", "")] for c in item.components]
        return [self._move(env, s) for s in states]

    def _move(self, env: Env, state: StateDef) -> Floats:
        return np.asarray(Evaluator(env, state.labels).filled(state.move, state.labels, state.shape))

    def _full(self, array: Floats, span: slice) -> Floats:
        """Spread a value that does not change over the steps asked for."""
        return np.broadcast_to(array, (*array.shape[:-1], len(self.times[span])))


def _tables(variables: Mapping[str, VariableDef], parameters: Mapping[str, Any]) -> Arrays:
    """Return the y-values of table functions that are given, (\\*dims, point, 1)."""
    found = {}
    for name, given in parameters.items():
        if variables[key(name)].kind == "lookup":
            array = given.isel({DRAW: 0}) if isinstance(given, xr.DataArray) and DRAW in given.dims else given
            found[key(name)] = np.asarray(array, dtype=float)[..., None]
    return found
