"""Where a stream of draws takes its parameters from: arrays over all draws, a function of a block, or an iterator.

Whatever they come from, a block of draws becomes a job of the engine with the draws' own numbers. The module refuses
blocks that vary other constants than the first, since they would need another kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW
from egendekning.engine import Model
from egendekning.engine.call import Call, make_job
from egendekning.engine.inputs import Inputs, read_inputs
from egendekning.engine.simulate import Job
from egendekning.errors import Problem, SimulationError, UsageError

Floats = NDArray[np.float64]

Block: TypeAlias = Mapping[str, Any]
"""Parameters of some draws, as `Model.simulate` takes them."""

Given: TypeAlias = Block | Callable[[range], Block] | Iterable[Block] | None
"""Parameters of all draws; a function of a range of draws; or an iterator over pieces, of whatever length."""

_LEAST = 2
"""A draw alone would have no axis of draws, and so a kernel of its own; it is run twice."""


class Source:
    """Gives the job of every block.

    Parameters
    ----------
    model : Model
        What is run.
    parameters, starts : Given
        Parameters and initial values.
    call : Call
        What else is asked.
    """

    def __init__(self, model: Model, parameters: Given, starts: Given, call: Call) -> None:
        self.model, self.call = model, call
        parameters, starts = _columns(parameters), _columns(starts)
        self.parameters, self.starts = parameters, starts
        self.pieces: Pieces | None = None
        self.whole = read_inputs(model.definition, _mapping(parameters), _mapping(starts))
        if parameters is not None and not callable(parameters) and not isinstance(parameters, Mapping):
            self.pieces = Pieces(_iterator(parameters))
        self.draws = self._count()

    def _count(self) -> int:
        """Return how many draws there are."""
        said, found = self.call.draws, self.whole.draws
        if self.call.start is not None and found is None:
            found = self.call.start.draws
        if found is None and said is None:
            fix = "stream(..., draws=1_000_000)"
            raise UsageError(Problem("draws", "nothing says how many", "a parameter over draw, or a number", fix=fix))
        if found is None or said not in (None, found):
            given = {"found": f"{said!r}", "expected": "a whole number above 0", "fix": "draws=1000"}
            if found is not None:
                given = {"found": f"{said!r}", "expected": f"{found}, as in the parameters", "fix": f"draws={found}"}
            elif isinstance(said, int | np.integer) and said > 0:
                return int(said)
            raise UsageError(Problem("draws", **given))
        return found

    def job(self, rows: range) -> Job:
        """Return the job of some draws, counted from 0; of an iterator, blocks have to be asked for in order."""
        inputs = self._inputs(rows)
        start = self.call.start
        if start is not None and start.draws is not None:
            held = {n: v[..., rows.start : rows.stop] if v.shape[-1] > 1 else v for n, v in start.values.items()}
            start = replace(start, draws=len(rows), values=held)
        call = replace(self.call, draws=len(rows), first_draw=self.call.first_draw + rows.start, start=start)
        return make_job(self.model, call, inputs)

    def _inputs(self, rows: range) -> Inputs:
        found = sliced(self.whole, rows)
        block = self.pieces.take(rows) if self.pieces is not None else _called(self.parameters, rows)
        starts = _called(self.starts, rows)
        if block is None and starts is None:
            return found
        made = read_inputs(self.model.definition, block, starts)
        if made.draws not in (None, len(rows)):
            text = f"{made.draws} draws for draw {rows.start} to {rows.stop - 1}"
            raise SimulationError(Problem("parameters", text, f"{len(rows)} draws", fix="return as many as are asked"))
        return Inputs({**found.values, **made.values}, {**found.starts, **made.starts}, len(rows),
                      {**found.series, **made.series})  # fmt: skip


class Pieces:
    """Cuts an iterator's pieces, of whatever length, anew."""

    def __init__(self, pieces: Iterator[Block]) -> None:
        self.pieces = pieces
        self.held: dict[str, xr.DataArray] = {}
        self.alone: dict[str, Any] = {}
        self.at = 0

    def take(self, rows: range) -> Block:
        """Return the next draws, which have to be `rows`."""
        assert rows.start == self.at
        while self._length() < len(rows):
            piece = next(self.pieces, None)
            if piece is None:
                found = f"the iterator ends after {self.at + self._length()} draws"
                raise SimulationError(Problem("parameters", found, f"at least {rows.stop}", fix="give fewer draws"))
            self._add(piece)
        self.at = rows.stop
        taken = {n: a.isel({DRAW: slice(0, len(rows))}) for n, a in self.held.items()}
        self.held = {n: a.isel({DRAW: slice(len(rows), None)}) for n, a in self.held.items()}
        return {**self.alone, **taken}

    def _length(self) -> int:
        return min((a.sizes[DRAW] for a in self.held.values()), default=0)

    def _add(self, piece: Block) -> None:
        """Put a piece behind what is held."""
        if not isinstance(piece, Mapping):
            raise SimulationError(
                Problem("parameters", f"a piece of type {type(piece).__name__}", "a mapping of names")
            )
        drawn, alone = _parted(piece)
        if not drawn:
            fix = "give an array over draw in every piece"
            raise SimulationError(Problem("parameters", "a piece in which nothing varies", "draws", fix=fix))
        self._check(drawn, alone)
        self.alone = alone
        for name, array in drawn.items():
            held = self.held.get(name)
            self.held[name] = array if held is None else xr.concat([held, array], DRAW)

    def _check(self, drawn: Mapping[str, xr.DataArray], alone: Mapping[str, Any]) -> None:
        """Raise SimulationError where a piece has draws of several lengths, or is not of a kind with those before."""
        lengths = sorted({a.sizes[DRAW] for a in drawn.values()})
        if len(lengths) > 1:
            found = f"a piece of {lengths[0]} and of {lengths[-1]} draws"
            raise SimulationError(Problem("parameters", found, "as many of each name", fix="cut all names alike"))
        if not self.held:
            return
        other = sorted((drawn.keys() ^ self.held.keys()) | (alone.keys() ^ self.alone.keys()))
        other += [n for n in alone if n in self.alone and not np.array_equal(alone[n], self.alone[n])]
        if other:
            found, fix = f"{other[0]} is not given as in the piece before", "give it in every piece, one per draw"
            raise SimulationError(Problem("parameters", found, "the same parameters in every piece", fix=fix))


def _parted(piece: Mapping[str, Any]) -> tuple[dict[str, xr.DataArray], dict[str, Any]]:
    """Return what of a piece differs between draws, and what does not."""
    drawn: dict[str, xr.DataArray] = {}
    alone: dict[str, Any] = {}
    for name, value in piece.items():
        array = value if isinstance(value, xr.DataArray) else None
        if array is None and np.ndim(value) == 1:
            array = xr.DataArray(np.asarray(value), dims=[DRAW])
        if array is None or DRAW not in array.dims:
            alone[name] = value
        else:
            drawn[name] = array.drop_vars(DRAW, errors="ignore")
    return drawn, alone


def _columns(given: Any) -> Any:
    """Return a DataFrame, a row a draw, as a mapping; anything else unchanged."""
    frame = hasattr(given, "columns") and hasattr(given, "iloc")
    return {name: given[name].to_numpy() for name in given.columns} if frame else given


def _mapping(given: Given) -> Block | None:
    return given if isinstance(given, Mapping) else None


def _called(given: Given, rows: range) -> Block | None:
    return given(rows) if callable(given) and not isinstance(given, Mapping) else None


def _iterator(given: Any) -> Iterator[Block]:
    try:
        return iter(given)
    except TypeError as error:
        found = f"a {type(given).__name__}"
        expected = "a mapping or Dataset, a function of a range of draws, or an iterator over mappings"
        raise SimulationError(Problem("parameters", found, expected)) from error


def sliced(inputs: Inputs, rows: range) -> Inputs:
    """Return the values of some draws."""

    def part(value: Floats) -> Floats:
        return value[..., rows.start : rows.stop] if value.shape[-1] > 1 else value

    return Inputs(
        {n: part(v) for n, v in inputs.values.items()}, {n: part(v) for n, v in inputs.starts.items()},
        None if inputs.draws is None else len(rows),
        {n: replace(s, values=part(s.values)) for n, s in inputs.series.items()},
    )  # fmt: skip


def given_values(job: Job) -> dict[str, Floats]:
    """Return everything that a job is given, (..., draw or 1), by key."""
    return {**job.inputs.values, **job.inputs.starts, **{n: s.values for n, s in job.inputs.series.items()}}


def widened(job: Job, names: Iterable[str]) -> Job:
    """Return a job of one draw as one of the same draw twice, so that it has the kernel of the others.

    Parameters
    ----------
    job : Job
        Of one draw.
    names : iterable of str
        Keys of what differs between draws.
    """
    known = frozenset(names)

    def twice(values: dict[str, Floats]) -> dict[str, Floats]:
        return {n: np.repeat(v, _LEAST, axis=-1) if n in known else v for n, v in values.items()}

    given = job.inputs
    series = {n: replace(s, values=np.repeat(s.values, _LEAST, axis=-1)) if n in known else s
              for n, s in given.series.items()}  # fmt: skip
    return replace(job, inputs=Inputs(twice(given.values), twice(given.starts), _LEAST, series))
