"""A store of many runs: one Zarr group whose arrays are cut along the runs, with a flag for each block that is done.

A block's flag is set after its data are written, by one writer, so whoever was interrupted goes on at the blocks
without a flag: nothing is lost, and a block that was written but not flagged is written over with the same bytes.
Sweeps (`egendekning.sensitivity`) and streams of draws (`egendekning.ensemble.stream`) write the same kind of store.
The module refuses to know what the numbers mean, and to write over anything that lies there.
"""

from __future__ import annotations

import secrets
import shutil
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.place import Words, guarded, is_url, open_group, opened
from egendekning.ensemble.wholeness import check_whole, lost_blocks, readable, remove_leftovers
from egendekning.errors import OutputError

Array = NDArray[Any]

CHUNK: Final = "chunk"
"""Axis over blocks."""

_FLAGS: Final = 1024


@dataclass(frozen=True)
class Column:
    """An array cut along the runs.

    Attributes
    ----------
    name : str
        Where it lies in the group.
    dims, shape : tuple
        Its axes after the first.
    said : mapping
        Attributes.
    kind : str
        Type of its numbers.
    given : ndarray, optional
        What is known before any run, (run, first columns).
    """

    name: str
    dims: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "float64"
    given: Array | None = None


@dataclass(frozen=True)
class Layout:
    """What a store holds and how it is cut.

    Attributes
    ----------
    axis : str
        Name of the axis over runs.
    runs, chunk : int
        Number of runs, and of runs in a block.
    columns : tuple of Column
        Arrays over runs.
    fixed : mapping
        Arrays without runs: (dims, values, attributes) by name.
    attributes : mapping
        Provenance, with a fingerprint of all that the numbers come from.
    done : str
        Where the flags lie.
    note : tuple
        Name and width of an array of whole numbers, written with each flag; none where the name is empty.
    """

    axis: str
    runs: int
    chunk: int
    columns: tuple[Column, ...]
    fixed: Mapping[str, tuple[tuple[str, ...], Any, Mapping[str, Any]]]
    attributes: Mapping[str, Any]
    done: str = "done"
    note: tuple[str, int] = ("", 0)

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.runs // self.chunk)

    def rows(self, block: int) -> range:
        """Return the runs of a block."""
        return range(block * self.chunk, min((block + 1) * self.chunk, self.runs))

    @property
    def bytes(self) -> int:
        """What the store may need, uncompressed."""
        return self.runs * sum(np.dtype(c.kind).itemsize * int(np.prod(c.shape)) for c in self.columns)

    def expected(self) -> dict[str, tuple[tuple[int, ...], str]]:
        """Return shape and type of every array; no type where it is text."""
        found = {n: (np.shape(v), np.asarray(v).dtype.str if np.asarray(v).dtype.kind != "O" else "")
                 for n, (_, v, _) in self.fixed.items()}  # fmt: skip
        found |= {c.name: ((self.runs, *c.shape), c.kind) for c in self.columns}
        found[self.done] = ((self.blocks,), "uint8")
        if self.note[0]:
            found[self.note[0]] = ((self.blocks, self.note[1]), "int64")
        return found


class Store:
    """A store that is open for writing blocks.

    Parameters
    ----------
    where : str
        Folder or URL.
    layout : Layout
        What it holds.
    words : Words
        How messages call it.
    """

    def __init__(self, where: str, layout: Layout, words: Words) -> None:
        self.where, self.layout, self.words = where, layout, words
        self.group = guarded(where, words, lambda: open_group(where, "r+"))
        check_whole(where, words, self.group, layout.expected())
        self.done: NDArray[np.bool_] = self.read(layout.done, slice(None)) == 1
        self.notes = self.read(layout.note[0], slice(None)) if layout.note[0] else None
        if not is_url(where):
            arrays = {c.name: 1 + len(c.shape) for c in layout.columns if 0 not in c.shape}
            self.done[lost_blocks(where, map(int, np.flatnonzero(self.done)), arrays)] = False
            flags = {n: len(shape) for n, (shape, _) in layout.expected().items() if n not in arrays}
            remove_leftovers(where, map(int, np.flatnonzero(~self.done)), arrays | flags)

    def read(self, name: str, part: Any) -> Array:
        """Return part of an array."""
        return np.asarray(readable(self.where, self.words, name, lambda: self.group[name][part]))

    def write(self, block: int, arrays: Mapping[str, Array]) -> None:
        """Write the results of a block, without its flag; chunks without a number too, so that a lost one is told."""
        rows = self.layout.rows(block)
        for name, values in arrays.items():
            array = self.group[name].with_config({"write_empty_chunks": True})
            guarded(self.where, self.words, lambda a=array, v=values: a.__setitem__(slice(rows.start, rows.stop), v))  # type: ignore[misc]

    def flag(self, block: int, note: Array | None = None) -> None:
        """Say that a block is done, after its note; for one writer only."""
        self.done[block] = True
        first = block // _FLAGS * _FLAGS
        part = slice(first, min(first + _FLAGS, self.layout.blocks))
        if note is not None and self.notes is not None:
            self.notes[block] = note
            self._put(self.layout.note[0], part, self.notes[part])
        self._put(self.layout.done, part, self.done[part].astype(np.uint8))

    def _put(self, name: str, part: slice, values: Array) -> None:
        guarded(self.where, self.words, lambda: self.group[name].__setitem__(part, values))

    def tell(self, attributes: Mapping[str, Any]) -> None:
        """Add attributes to a store that is finished."""
        if any(self.group.attrs.get(n) != v for n, v in attributes.items()):
            guarded(self.where, self.words, lambda: self.group.attrs.update(dict(attributes)))
        guarded(self.where, self.words, lambda: _consolidate(opened(self.where, read_only=False)))


def create(where: str, layout: Layout, words: Words) -> None:
    """Make a store with what is known before any run: whole or not at all.

    Parameters
    ----------
    where : str
        Folder that does not exist or is empty, or URL.
    layout : Layout
        What it will hold.
    words : Words
        How messages call it.
    """
    if is_url(where):
        guarded(where, words, lambda: _fill(opened(where, read_only=False), layout), OutputError)
        return
    target = Path(where).absolute()
    stage = target.parent / f".{target.name}.{secrets.token_hex(4)}.part"

    def make() -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        _fill(str(stage), layout)
        if target.is_dir():
            target.rmdir()
        stage.rename(target)

    try:
        guarded(where, words, make, OutputError)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _fill(place: Any, layout: Layout) -> None:
    """Write metadata, and what is known before any run."""
    import zarr

    group = zarr.create_group(place, zarr_format=3)  # never over anything: Zarr would delete it
    for folder in sorted({n.rpartition("/")[0] for n in layout.expected()} - {""}):
        group.create_group(folder)
    for column in layout.columns:
        _column(group, column, layout)
    for name, (dims, values, said) in layout.fixed.items():
        text = np.asarray(values).dtype.kind == "O"
        array = group.create_array(name, shape=np.shape(values), dtype=str if text else np.asarray(values).dtype,
                                   dimension_names=dims, attributes=dict(said))  # fmt: skip
        array[:] = values
    group.create_array(layout.done, shape=(layout.blocks,), chunks=(_FLAGS,), dtype="u1", dimension_names=(CHUNK,))
    if layout.note[0]:
        name, width = layout.note
        group.create_array(name, shape=(layout.blocks, width), chunks=(_FLAGS, width), dtype="i8",
                           dimension_names=(CHUNK, "number"))  # fmt: skip
    group.attrs.update(dict(layout.attributes))
    _consolidate(place)


def _column(group: Any, column: Column, layout: Layout) -> None:
    """Make an array along the runs, what is not run yet NaN or 0, each chunk with a checksum."""
    from zarr.codecs import ZstdCodec

    array = group.create_array(
        column.name, shape=(layout.runs, *column.shape), chunks=(layout.chunk, *(max(n, 1) for n in column.shape)),
        dtype=column.kind, dimension_names=(layout.axis, *column.dims), attributes=dict(column.said),
        fill_value=np.nan if np.dtype(column.kind).kind == "f" else 0, compressors=ZstdCodec(level=0, checksum=True),
    )  # fmt: skip
    if column.given is None or not column.given.size:
        return
    for block in range(layout.blocks):
        rows = layout.rows(block)
        part = column.given[rows.start : rows.stop]
        array[rows.start : rows.stop, : part.shape[1]] = part


def _consolidate(place: Any) -> None:
    """Gather all metadata in one file, so that a reader need not look for them."""
    import zarr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # readers of Zarr 3 know consolidated metadata, its text does not yet
        zarr.consolidate_metadata(place)
