"""The store of a sweep: one Zarr group, design and results side by side, with a flag for each block that is done.

Arrays are cut along ``run`` in blocks of one size. A block's flag is set after its data are written, by one writer, so
an interrupted sweep resumes at the blocks without a flag: nothing is lost, and a block that was written but not flagged
is written over with the same bytes. Everything about where the numbers come from is in the group's attributes. A store
is a folder, or a URL that fsspec knows (``s3://bucket/sweep.zarr``). The module refuses to write into anything that is
not a store of the same sweep.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from egendekning.dims import LABEL_EN, LABEL_NB, TIME, UNIT
from egendekning.errors import OutputError, Problem
from egendekning.sensitivity.damage import check_whole, damaged, empty_blocks, readable
from egendekning.sensitivity.sweep import Sweep

Floats = NDArray[np.float64]
T = TypeVar("T")

RUN, FACTOR, CHUNK = "run", "factor", "chunk"
"""Axes of a store."""

DESIGN, DONE = "design", "done"
"""The points, (run, factor); and 1 for each block that is written, (chunk)."""

_FLAGS: Final = 1024
_BYTES: Final = 8
_TOLD: Final = ("scenario", "method", "n", "seed", "second_order", "problem", "outcomes", "until", "chunk",
                "discount_rate", "model_hash", "study_hash", "version")  # fmt: skip
"""Attributes in which two sweeps may differ, in the order in which they are told."""


class Interrupted(OutputError):
    """A block could not be written; those before it are in the store."""

    left: ClassVar[str] = "blocks that are written stay, and --resume goes on"


class Store:
    """A store that is open for writing blocks.

    Parameters
    ----------
    where : str
        Folder or URL.
    sweep : Sweep
        What it holds.
    """

    def __init__(self, where: str, sweep: Sweep) -> None:
        self.where, self.sweep = where, sweep
        self.group = guarded(where, lambda: open_group(where, "r+"))
        names = {outcome.id: key_of(outcome.id) for outcome in sweep.outcomes}
        check_whole(where, self.group, sweep, names)
        self.done: NDArray[np.bool_] = readable(where, DONE, lambda: self.group[DONE][:]) == 1
        if not is_url(where):
            self.done[empty_blocks(where, map(int, np.flatnonzero(self.done)), names)] = False

    def points(self, block: int) -> Floats:
        """Return the design of a block, (run, factor), of the factors varied by design."""
        rows = self.sweep.rows(block)
        count = len(self.sweep.factors)
        found = readable(self.where, DESIGN, lambda: self.group[DESIGN][rows.start : rows.stop, :count])
        points = np.asarray(found, dtype=float)
        if not np.isfinite(points).all():
            raise damaged(self.where, f"the design of run {rows.start} to {rows.stop - 1} holds no numbers")
        return points

    def write(self, block: int, arrays: Mapping[str, Floats]) -> None:
        """Write the results of a block, without its flag."""
        rows = self.sweep.rows(block)
        for name, values in arrays.items():
            array = self.group[key_of(name)]
            guarded(self.where, lambda a=array, v=values: a.__setitem__(slice(rows.start, rows.stop), v))  # type: ignore[misc]

    def flag(self, block: int) -> None:
        """Say that a block is done; for one writer only."""
        self.done[block] = True
        first = block // _FLAGS * _FLAGS
        part = slice(first, min(first + _FLAGS, self.sweep.blocks))
        guarded(self.where, lambda: self.group[DONE].__setitem__(part, self.done[part].astype(np.uint8)))


def runs_done(where: str, sweep: Sweep) -> int:
    """Return how many runs of a sweep are in its store; none where there is no store."""
    try:
        flags = open_group(where)[DONE][:]
    except Exception:  # whatever Zarr makes of a store that is not whole
        return 0
    return sum(len(sweep.rows(int(b))) for b in np.flatnonzero(flags))


def key_of(name: str) -> str:
    """Return the name of an outcome's array: the outcome's own, without the sign that parts folders."""
    return name.replace("/", " per ")


def is_url(where: str) -> bool:
    """Whether a store is reached through fsspec rather than as a folder."""
    return "://" in where


def opened(where: str, *, read_only: bool) -> Any:
    """Return the Zarr store behind a folder or URL."""
    if not is_url(where):
        return where
    from zarr.storage import FsspecStore

    own = {"auto_mkdir": True} if where.startswith(("file://", "local://")) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a synchronous file system, as memory://, works too
        return FsspecStore.from_url(where, storage_options=own, read_only=read_only)


def open_group(where: str, mode: str = "r") -> Any:
    """Open the group of a store."""
    import zarr

    return zarr.open_group(opened(where, read_only=mode == "r"), mode=mode, use_consolidated=False)  # type: ignore[arg-type]


def existing(where: str) -> Mapping[str, Any] | None:
    """Return the attributes of what lies at a place, or None where nothing does.

    Raises
    ------
    OutputError
        Where something else than a sweep lies there.
    """
    fix = "choose another --out"
    if not is_url(where):
        path = Path(where)
        if not os.path.lexists(path) or (path.is_dir() and not any(path.iterdir())):
            return None
    try:
        attributes = dict(open_group(where).attrs)
    except FileNotFoundError as error:
        if is_url(where) and not _holds_something(where):
            return None
        raise OutputError(Problem(where, "is there and is no Zarr store", "a sweep, or nothing", fix=fix)) from error
    except ImportError as error:
        found = f"needs a package that is not installed ({error})"
        fix = "install it beside egendekning (s3fs for s3://, gcsfs for gs://, aiohttp for http://), or name a folder"
        raise OutputError(Problem(where, found, "a folder, or a URL that fsspec can reach", fix=fix)) from error
    except Exception as error:  # whatever Zarr makes of other people's files
        found = f"cannot be read as a Zarr store ({type(error).__name__}: {error})"
        raise OutputError(Problem(where, found, "a sweep, or nothing", fix=fix)) from error
    if "fingerprint" not in attributes:
        raise OutputError(Problem(where, "is a Zarr store, but no sweep", "a sweep, or nothing", fix=fix))
    return attributes


def _holds_something(where: str) -> bool:
    """Whether there are files behind a URL, of whatever kind."""
    core: Any = import_module("fsspec.core")
    system, path = core.url_to_fs(where)
    try:
        return bool(system.ls(path, detail=False))
    except FileNotFoundError:
        return False


def check_same(where: str, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise OutputError where a store holds another sweep, saying in what it differs."""
    if there.get("fingerprint") == wanted["fingerprint"]:
        return
    different = [name for name in _TOLD if there.get(name) != wanted.get(name)]
    if there.get("kinds", {}).keys() == wanted["kinds"].keys():
        different = [name for name in different if name != "problem"]
    said = "; ".join(f"{n} {_short(there.get(n))}, not {_short(wanted.get(n))}" for n in different[:4])
    found = f"holds another sweep ({said or 'ranges, units or labels differ'})"
    raise OutputError(Problem(where, found, "a store of this sweep", fix="choose another --out"))


def _short(value: Any) -> str:
    """Return a value in a few letters."""
    text = ", ".join(map(str, value.get("names", value))) if isinstance(value, dict) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."


def size_of(sweep: Sweep) -> int:
    """Return the bytes that a store may need, uncompressed."""
    numbers = len(sweep.columns) + sum(len(o.times) if o.series else 1 for o in sweep.outcomes)
    return _BYTES * sweep.runs * numbers


def check_disk(where: str, sweep: Sweep) -> None:
    """Raise OutputError where a folder cannot be written or its disk has no room for a sweep."""
    if is_url(where):
        return
    parent = Path(where).absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        fix = "choose another --out"
        raise OutputError(Problem(where, f"{parent} cannot be written", "a folder that you may write to", fix=fix))
    room, needed = shutil.disk_usage(parent).free, size_of(sweep)
    if needed > room:
        found = f"{sweep.runs} runs may need {needed / 2**30:.2g} GiB and the disk has {room / 2**30:.2g} GiB left"
        fix = "ask for fewer runs or outcomes, or another disk"
        raise OutputError(Problem(where, found, "room on the disk", fix=fix))


def create(where: str, sweep: Sweep, attributes: Mapping[str, Any], points: Floats) -> None:
    """Make a store with its design and no results: whole or not at all.

    Parameters
    ----------
    where : str
        Folder that does not exist or is empty, or URL.
    sweep : Sweep
        What it will hold.
    attributes : mapping
        Provenance, see `egendekning.sensitivity.sweep.attributes`.
    points : ndarray
        (run, factor), of `Sweep.factors`.
    """
    if is_url(where):
        guarded(where, lambda: _fill(opened(where, read_only=False), sweep, attributes, points), OutputError)
        return
    target = Path(where).absolute()
    stage = target.parent / f".{target.name}.{secrets.token_hex(4)}.part"

    def make() -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        _fill(str(stage), sweep, attributes, points)
        if target.is_dir():
            target.rmdir()
        stage.rename(target)

    try:
        guarded(where, make, OutputError)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _fill(place: Any, sweep: Sweep, attributes: Mapping[str, Any], points: Floats) -> None:
    """Write metadata and design."""
    import zarr

    group = zarr.create_group(place, zarr_format=3)  # never over anything: Zarr would delete it
    columns = len(sweep.columns)
    design = _array(group, DESIGN, (sweep.runs, columns), (RUN, FACTOR), sweep, {})
    count = len(sweep.factors)
    for block in range(sweep.blocks if count else 0):
        rows = sweep.rows(block)
        design[rows.start : rows.stop, :count] = points[rows.start : rows.stop]
    names = group.create_array(FACTOR, shape=(columns,), dtype=str, dimension_names=(FACTOR,))
    names[:] = np.array([f.id for f in sweep.columns], dtype=object)
    group.create_array(DONE, shape=(sweep.blocks,), chunks=(_FLAGS,), dtype="u1", dimension_names=(CHUNK,))
    series = next((o.times for o in sweep.outcomes if o.series), None)
    if series is not None:
        unit: dict[str, Any] = {UNIT: "year" if sweep.span.calendar else ""}
        times = group.create_array(TIME, shape=(len(series),), dtype="f8", dimension_names=(TIME,), attributes=unit)
        times[:] = np.asarray(series)
    for outcome in sweep.outcomes:
        said = {UNIT: outcome.unit, LABEL_NB: outcome.label_nb, LABEL_EN: outcome.label_en, "reading": outcome.reading}
        shape = (sweep.runs, len(outcome.times)) if outcome.series else (sweep.runs,)
        dims = (RUN, TIME) if outcome.series else (RUN,)
        _array(group, key_of(outcome.id), shape, dims, sweep, said)
    group.attrs.update(dict(attributes))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # readers of Zarr 3 know consolidated metadata, its text does not yet
        zarr.consolidate_metadata(place)


def _array(
    group: Any, name: str, shape: tuple[int, ...], dims: tuple[str, ...], sweep: Sweep, said: dict[str, Any]
) -> Any:
    """Make an array along ``run``, empty values NaN."""
    chunks = (sweep.chunk, *(max(n, 1) for n in shape[1:]))
    return group.create_array(
        name, shape=shape, chunks=chunks, dtype="f8", dimension_names=dims, fill_value=np.nan, attributes=said
    )


def guarded(where: str, action: Callable[[], T], kind: type[OutputError] = Interrupted) -> T:
    """Call `action`, telling a failure of the storage as a problem with the store."""
    try:
        return action()
    except OSError as error:
        again = "free some room, then run the same command with --resume"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise kind(Problem(where, "the disk is full", "room for the results", fix=again)) from error
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            fix = "let that one end, or choose another --out"
            raise kind(Problem(where, "another sweep has begun here", "a place of its own", fix=fix)) from error
        found = f"cannot be written ({error.strerror or error})"
        raise kind(Problem(where, found, "a place that you may write to", fix="choose another --out")) from error
