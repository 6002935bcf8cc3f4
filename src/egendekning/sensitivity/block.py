"""One block of a sweep, run.

A block (`Runner.block`) is a pure function of the sweep and the block's number: which process or machine runs it,
beside how many others, and after how many interruptions, changes nothing. Runs are cut into pieces whose results fit
in memory, so that the size of a block does not matter either. The module refuses to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from zlib import crc32

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, POINT
from egendekning.engine import Model
from egendekning.engine.simulate import LANES
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.blocks import Finished
from egendekning.ensemble.design import Design, design, shares_axis
from egendekning.ensemble.run import layered, place_of
from egendekning.names import key
from egendekning.sensitivity.factors import Factor
from egendekning.sensitivity.outcomes import SHOCK, SHOCK_SIZE, SHOCK_START
from egendekning.sensitivity.reading import SHOCKED, WITHOUT, needs, read
from egendekning.sensitivity.sweep import Sweep
from egendekning.sensitivity.zarrstore import key_of
from egendekning.study.settings import constants

Floats = NDArray[np.float64]

_LEAST: Final = 2
"""A row alone would have no axis of draws, and so a kernel of its own; it is run twice."""

_PIECE: Final = 128 * 2**20
"""Bytes of results that a block keeps in memory at once."""


class Runner:
    """A sweep with the study or model that it is about, ready to run blocks.

    Parameters
    ----------
    subject : Bound or Model
        What is run.
    sweep : Sweep
        What is asked.
    """

    def __init__(self, subject: Bound | Model, sweep: Sweep) -> None:
        self.subject, self.sweep = subject, sweep
        self.bound = subject if isinstance(subject, Bound) else None
        self.model = subject.model if isinstance(subject, Bound) else subject
        self.needs = needs(sweep.outcomes)
        names = {factor.target for factor in sweep.factors}
        self.own = {name: own_value(self.model, name) for name in sorted(names)}

    def block(self, block: int, points: Floats, threads: int = 1) -> dict[str, Floats]:
        """Run one block.

        Parameters
        ----------
        block : int
            Its number.
        points : ndarray
            (run, factor), the design of the block, of `Sweep.factors`.
        threads : int
            Batches that run side by side; no byte depends on it.

        Returns
        -------
        dict
            (run,) or (run, time) by outcome, and under ``design`` (run, column) where some columns are drawn.
        """
        drawn = self._draws(block)
        found = self._outcomes(points, drawn, threads)
        if self.sweep.drawn:
            columns = [self._column(drawn, factor) for factor in self.sweep.drawn]
            found["design"] = np.concatenate([points, np.stack(columns, axis=1)], axis=1)
        return found

    def finished(self, block: int, points: Floats, threads: int = 1) -> Finished:
        """Run one block and count what is no number, see `block`."""
        arrays = self.block(block, points, threads)
        wanted = [o.id for o in self.sweep.outcomes if not o.may_lack]
        bad = sum(int((~np.isfinite(arrays[name])).sum()) for name in wanted)
        return Finished({key_of(name): values for name, values in arrays.items()}, bad)

    def _outcomes(self, points: Floats, drawn: Design | None, threads: int) -> dict[str, Floats]:
        """Run the rows in pieces that fit in memory, each a whole number of the kernel's rows."""
        size = max(LANES, self._piece() // LANES * LANES)
        pieces = []
        for begin in range(0, len(points), size):
            rows = list(range(begin, min(begin + size, len(points))))
            given = rows * _LEAST if len(rows) < _LEAST else rows
            part = None if drawn is None else _sliced(drawn, given)
            runs = {variant: self._run(variant, points[given], part, threads) for variant in self.needs}
            made = read(self.sweep.outcomes, runs, len(given), self.sweep.rate)
            pieces.append({name: values[: len(rows)] for name, values in made.items()})
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}

    def _piece(self) -> int:
        """Return how many runs keep their results within `_PIECE` bytes."""
        items = self.model.definition.variables
        each = sum(
            8 * len(times) * sum(int(np.prod(items[key(name)].shape)) for name in names)
            for names, times in self.needs.values()
        )
        return int(_PIECE // max(each, 1))

    def _run(self, variant: str, points: Floats, drawn: Design | None, threads: int) -> xr.Dataset:
        """Run the rows once, with or without policy and shock."""
        names, times = self.needs[variant]
        parameters, starts = self.inputs(variant, points, drawn)
        found: xr.Dataset = self.model.simulate(parameters, starts, list(names), list(times), threads=threads)
        return found

    def inputs(
        self, variant: str, points: Floats, drawn: Design | None = None
    ) -> tuple[dict[str, xr.DataArray], dict[str, xr.DataArray]]:
        """Return the parameters and starting values of some rows: draws, the scenario, then the factors.

        Parameters
        ----------
        variant : str
            `MAIN`; `WITHOUT`, in which no lever is used; or `SHOCKED`, with the standard shock on top.
        points : ndarray
            (run, factor).
        drawn : Design, optional
            The same rows of the posterior.
        """
        parameters: dict[str, xr.DataArray] = {}
        starts = dict(drawn.initial_values) if drawn is not None else {}
        if self.bound is not None:
            parameters = layered(self.bound, drawn or Design({}, {}, 0, 0), self._overrides(variant))
        touched: dict[str, xr.DataArray] = {}
        for i, factor in enumerate(self.sweep.factors):
            store = starts if self.model.variables[factor.target].kind == "stock" else parameters
            idle = variant == WITHOUT and factor.kind == "lever"
            column = np.asarray(self._idle(factor)) if idle else points[:, i]
            before = touched.get(factor.target, store.get(factor.target))
            base = self.own[factor.target] if before is None else before
            touched[factor.target] = store[factor.target] = self._placed(factor, base, column)
        for name, array in touched.items():
            store = starts if self.model.variables[name].kind == "stock" else parameters
            store[name] = self._summed(name, array)
        return parameters, starts

    def _placed(self, factor: Factor, base: xr.DataArray, column: Floats) -> xr.DataArray:
        """Return the value of a constant with a factor in it, ([draw,] \\*dims); `column` is (draw) or a number."""
        dims = self.own[factor.target].dims
        drawn = [DRAW] if column.ndim or DRAW in base.dims else []
        values = base.transpose(..., *dims).values
        values = values if DRAW in base.dims else values[None]
        shaped = column.reshape((-1,) + (1,) * len(dims))
        if factor.relative:
            full = values * shaped
        else:
            full = np.broadcast_to(values, (max(len(values), column.size), *values.shape[1:])).copy()
            place = place_of(self.model, base, factor.target, factor.elements)
            index = tuple(slice(place[d], place[d] + 1) if d in place else slice(None) for d in map(str, dims))
            full[(slice(None), *index)] = shaped
        return xr.DataArray(full if drawn else full[0], dims=(*drawn, *dims))

    def _summed(self, name: str, array: xr.DataArray) -> xr.DataArray:
        """Return shares divided by their sum, as an ensemble's are."""
        own = self.own[name]
        if POINT in own.dims or not any(f.target == name and f.elements for f in self.sweep.factors):
            return array
        axis = shares_axis(np.asarray(own.values), self.model.variables[name].unit)
        return array if axis is None else array / array.sum(str(own.dims[axis]))

    def _overrides(self, variant: str) -> Mapping[str, float]:
        """Return the constants that the scenario sets in a variant."""
        assert self.bound is not None
        study = self.bound.study
        settings = study.settings(self.sweep.scenario)
        found: dict[str, float] = {}
        for setting in settings.values():
            if variant != WITHOUT or setting.id not in study.levers:
                found.update(constants(setting, study.settable[setting.id]))
        if variant == SHOCKED:
            driver = study.drivers[SHOCK].constants
            found[driver.target] = SHOCK_SIZE
            if driver.start is not None:
                found[driver.start] = SHOCK_START
        return found

    def _idle(self, factor: Factor) -> float:
        """Return the value of a lever that is not used."""
        assert self.bound is not None
        return float(self.bound.study.levers[factor.id].default)

    def _draws(self, block: int) -> Design | None:
        """Return the draws of a block; those of the first are the draws of `egendekning compare` with the same seed."""
        if self.sweep.sampling.method != "draws":
            return None
        assert self.bound is not None
        seed = block_seed(self.sweep.sampling.seed, block)
        return _sliced(design(self.bound, len(self.sweep.rows(block)), seed), slice(1, None))

    def _column(self, drawn: Design | None, factor: Factor) -> Floats:
        """Return what was drawn of one element of a constant, (run)."""
        assert drawn is not None
        array = drawn.parameters.get(factor.target, drawn.initial_values.get(factor.target))
        assert array is not None
        place = place_of(self.model, array, factor.target, factor.elements)
        return np.asarray(array.isel(place).values, dtype=float)


def block_seed(seed: int, block: int) -> int:
    """Return the seed of a block's draws: the sweep's own for the first."""
    if not block:
        return seed
    words = np.random.SeedSequence([seed, crc32(b"block"), block]).generate_state(2)
    return int(words[0]) << 31 | int(words[1]) >> 1


def own_value(model: Model, name: str) -> xr.DataArray:
    """Return what the model file says of a constant, table or stock at the start, (\\*dims[, point])."""
    item = model.variables[name]
    lookup = model.definition.variables[key(name)].lookup
    if lookup is not None:
        return xr.DataArray(np.asarray(lookup.y, dtype=float), dims=(*item.dims, POINT))
    return xr.DataArray(np.asarray(model.evaluate([name])[name], dtype=float), dims=item.dims)


def _sliced(drawn: Design, rows: slice | list[int]) -> Design:
    """Return some rows of a design."""
    parameters = {n: a.isel({DRAW: rows}) for n, a in drawn.parameters.items()}
    starts = {n: a.isel({DRAW: rows}) for n, a in drawn.initial_values.items()}
    return replace(drawn, parameters=parameters, initial_values=starts)
