"""What the store of a stream of draws holds: the Dataset of `Model.simulate`, the parameters drawn, and an account.

Outputs and their coordinates lie at the root, so that ``xarray.open_zarr`` gives what `simulate` gives; what differs
between draws lies in the group ``parameters``, and in the group ``blocks`` which blocks are done and what of them is
not finite. The module refuses to go on where a block's parameters are not those it was run with.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import egendekning
from egendekning.dims import DRAW, NON_FINITE, POINT, TIME
from egendekning.engine.account import FINITE, first_bad
from egendekning.engine.dataset import coordinates, dresses, shown, sound
from egendekning.engine.saved import SavedState
from egendekning.engine.simulate import Job, run_job
from egendekning.ensemble.blocks import Finished
from egendekning.ensemble.blockstore import Column, Layout, Store
from egendekning.ensemble.drawsource import Source, given_values, widened
from egendekning.ensemble.place import FINGERPRINT, Words
from egendekning.errors import OutputError, Problem, SimulationError

Floats = NDArray[np.float64]

WORDS: Final = Words("stream of draws", "choose another store", "make the same call again",
                     "stream again into a new store, or bring this one back from a copy")  # fmt: skip

BLOCKS: Final = "blocks"
PARAMETERS: Final = "parameters"
"""Groups of a store."""

COMPLETE: Final = "complete"
"""Attribute of a store: 1 where every draw is in it."""

_TOLD: Final = ("outputs", "times", "draws", "parameters", "seed", "method", "chunk", "given", "model_hash", "version")
NUMBERS: Final = 3  # draws of an output that are not finite, first save, first draw


class Plan:
    """A stream, fully said.

    Parameters
    ----------
    source : Source
        Gives the job of every block.
    chunk : int
        Draws in a block.
    """

    def __init__(self, source: Source, chunk: int) -> None:
        self.source, self.chunk, self.draws = source, chunk, source.draws
        self.first = source.job(range(min(chunk, self.draws)))
        self.dresses = dresses(self.first)
        self.varied = tuple(n for n, v in given_values(self.first).items() if v.shape[-1] > 1)
        self.fixed = {n: v for n, v in given_values(self.first).items() if n not in self.varied}
        self.groups = {g: g + "_" * any(key_of(d.name) == g for d in self.dresses.values())
                       for g in (BLOCKS, PARAMETERS)}  # fmt: skip
        self.layout = self._layout()

    def _layout(self) -> Layout:
        """Return the layout of the store."""
        own = coordinates(self.first)
        fixed = {n: v if isinstance(v, tuple) else ((n,), v, {}) for n, v in own.items()}
        fixed[TIME] = ((TIME,), *fixed[TIME][1:])
        first = self.first.first
        fixed[DRAW] = ((DRAW,), np.arange(first, first + self.draws), {})
        columns = [Column(key_of(d.name), d.dims, d.shape, d.attrs) for d in self.dresses.values()]
        columns.append(Column(FINITE, kind="bool"))
        columns += [self._parameter(n, fixed) for n in self.varied]
        fixed = {n: (d, v.astype(object) if v.dtype.kind == "U" else v, a) for n, (d, v, a) in fixed.items()}
        note = (f"{self.groups[BLOCKS]}/{NON_FINITE}", NUMBERS * len(self.dresses))
        return Layout(DRAW, self.draws, self.chunk, tuple(columns), fixed, self._attributes(),
                      f"{self.groups[BLOCKS]}/done", note)  # fmt: skip

    def _parameter(self, name: str, fixed: dict[str, Any]) -> Column:
        """Return where the values of a parameter go, (draw, ...); adds the coordinates that they need."""
        job, group = self.first, self.groups[PARAMETERS]
        item, series = job.model.variables[name], job.inputs.series.get(name)
        ranges = [job.model.ranges[d] for d in item.dims]
        dims = [r.name for r in ranges] + ([f"{item.name} {POINT}"] if item.lookup else [])
        for r in ranges:
            fixed[f"{group}/{r.name}"] = ((r.name,), np.asarray(r.names), {})
        if series is not None:
            dims.insert(0, f"{item.name} {TIME}")
            if series.times is not None:
                fixed[f"{group}/{key_of(dims[0])}"] = ((dims[0],), np.asarray(series.times, dtype=float), {})
        return Column(self.at(name), tuple(dims), given_values(job)[name].shape[:-1])

    def at(self, name: str) -> str:
        """Return where a parameter lies in the store."""
        return f"{self.groups[PARAMETERS]}/{key_of(self.first.model.variables[name].name)}"

    def _attributes(self) -> dict[str, Any]:
        """Return where the numbers come from."""
        job, names = self.first, self.first.model.variables
        found: dict[str, Any] = {
            "program": "egendekning", "version": egendekning.__version__, "model": self.source.model.path.name,
            "model_hash": job.model.hash, "draws": self.draws, "first_draw": job.first, "chunk": self.chunk,
            "seed": job.seed, "method": job.method, "outputs": [d.name for d in self.dresses.values()],
            "parameters": [names[n].name for n in self.varied],
            "given": {names[n].name: _said(v) for n, v in self.fixed.items()},
            "times": hashlib.sha256(job.grid.times()[job.skipped :].tobytes()).hexdigest(),
        }  # fmt: skip
        parts = {**found, "start": _start(self.source.call.start),
                 "grid": [job.grid.initial, job.grid.final, job.grid.step, job.grid.saveper],
                 "shapes": [given_values(job)[n].shape[:-1] for n in self.varied],
                 "series": {n: None if s.times is None else s.times.tolist() for n, s in job.inputs.series.items()},
                 "constants": {n: hashlib.sha256(v.tobytes()).hexdigest() for n, v in self.fixed.items()}}  # fmt: skip
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
        return {**found, "coordinates": FINITE, COMPLETE: 0, FINGERPRINT: hashlib.sha256(text.encode()).hexdigest()}

    def job(self, block: int) -> Job:
        """Return the job of a block.

        Raises
        ------
        SimulationError
            Where it varies other parameters than the first block, or gives one another value.
        """
        if block == 0:
            return self.first  # asked for when the stream was planned
        rows = self.layout.rows(block)
        job = self.source.job(rows)
        found, said = given_values(job), f"parameters of draw {rows.start} to {rows.stop - 1}"
        other = sorted(found.keys() ^ {*self.varied, *self.fixed})
        other += [n for n in self.varied if len(rows) > 1 and n in found and found[n].shape[-1] == 1]
        if other:
            name, expected = job.model.variables[other[0]].name, "the same parameters over draw in every block"
            fix = "give it in every block, one number per draw"
            raise SimulationError(Problem(said, f"{name} is not given as in the first block", expected, fix=fix))
        for name, value in self.fixed.items():
            if not np.array_equal(found[name], value, equal_nan=True):
                text = f"{job.model.variables[name].name} has another value"
                fix = "give one number per draw"
                raise SimulationError(Problem(said, text, "that of the first block", fix=fix))
        return widened(job, self.varied) if len(rows) == 1 and self.draws > 1 else job

    def parameters(self, job: Job, count: int) -> dict[str, Floats]:
        """Return what differs between the draws of a job, (draw, ...), by its place in the store."""
        found = given_values(job)
        return {self.at(n): np.moveaxis(found[n], -1, 0)[:count] for n in self.varied}

    def finished(self, block: int, job: Job, threads: int = 1) -> Finished:
        """Run a block."""
        del threads  # draws are run side by side by blocks
        count, rows = len(self.layout.rows(block)), job.inputs.draws or 1
        arrays = run_job(job)
        note = np.zeros((len(self.dresses), NUMBERS), dtype=np.int64)
        found: dict[str, NDArray[Any]] = self.parameters(job, count)
        for k, (name, dress) in enumerate(self.dresses.items()):
            array = arrays[name]
            note[k] = first_bad(array[:count], count)
            found[key_of(dress.name)] = np.broadcast_to(shown(array), (rows, *dress.shape))[:count]
        found[FINITE] = good = sound(arrays, rows)[:count]
        return Finished(found, int((~good).sum()), note.reshape(-1))

    def check_given(self, store: Store, block: int, job: Job) -> None:
        """Raise OutputError where the parameters of a block that is done are others than those now given."""
        rows = self.layout.rows(block)
        for name, values in self.parameters(job, len(rows)).items():
            if not np.array_equal(store.read(name, slice(rows.start, rows.stop)), values, equal_nan=True):
                found = f"draw {rows.start} to {rows.stop - 1} was run with another {name.partition('/')[2]!r}"
                fix = "give the same parameters, from a seed of their own, or choose another store"
                raise OutputError(Problem(store.where, found, "the parameters of the store", fix=fix))


def key_of(name: str) -> str:
    """Return the name of a variable's array: its own, without the sign that parts folders."""
    return name.replace("/", " per ")


def check_same(where: str, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise OutputError where a store holds another stream, saying in what it differs."""
    if there.get(FINGERPRINT) == wanted[FINGERPRINT]:
        return
    different = [name for name in _TOLD if there.get(name) != wanted.get(name)]
    said = ", ".join(different) or "the time grid, the start or values given over time"
    found = f"holds another {WORDS.thing} (another: {said})"
    raise OutputError(Problem(where, found, "a store of these draws, or nothing", fix=WORDS.elsewhere))


def _said(value: Floats) -> Any:
    """Return a value that is the same in every draw as a store tells it: a number, or a list."""
    one = value[..., 0]
    return float(one) if one.ndim == 0 else one.tolist() if one.size <= 100 else f"{one.size} values"


def _start(state: SavedState | None) -> str:
    """Return a hash of the state that a stream goes on from."""
    if state is None:
        return ""
    digest = hashlib.sha256(f"{state.model} {state.step}".encode())
    for name, value in sorted(state.values.items()):
        digest.update(name.encode() + np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()
