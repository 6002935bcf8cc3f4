"""Whether a store still is what was written: every array there, in its shape and type, readable, and no chunk lost.

Stores are copied, cut short and edited by hand. Whoever went on with such a store would mix its results with something
else, so it is refused, and told what is wrong. A chunk is written even where all its numbers are missing, so that one
that is not there was lost. The module refuses to repair: a block can be run again, and a store made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from egendekning.ensemble.place import Words
from egendekning.errors import OutputError, Problem

T = TypeVar("T")

Expected = Mapping[str, tuple[tuple[int, ...], str]]
"""Shape and type of arrays by name; no type where it is Zarr's own."""


def damaged(where: str, words: Words, found: str) -> OutputError:
    """Return the error for a store that is not what was written."""
    expected = f"the store as the {words.thing} wrote it"
    return OutputError(Problem(where, f"the store is damaged: {found}", expected, fix=words.anew))


def readable(where: str, words: Words, name: str, action: Callable[[], T]) -> T:
    """Call `action`, which reads `name` of a store, telling whatever Zarr makes of damaged files as damage."""
    try:
        return action()
    except Exception as error:
        raise damaged(where, words, f"{name!r} cannot be read ({type(error).__name__}: {error})") from error


def check_whole(where: str, words: Words, group: Any, expected: Expected) -> None:
    """Raise OutputError where a store lacks an array, or has it in another shape or type."""
    for name, (shape, kind) in expected.items():
        array = readable(where, words, name, lambda n=name: group.get(n))  # type: ignore[misc]
        if array is None:
            raise damaged(where, words, f"{name!r} is missing")
        there = tuple(getattr(array, "shape", ()))
        if there != shape:
            raise damaged(where, words, f"{name!r} has the shape {there}, not {shape}")
        if kind and np.dtype(kind) != getattr(array, "dtype", None):
            raise damaged(where, words, f"{name!r} holds {getattr(array, 'dtype', 'nothing')}, not {kind}")


def lost_blocks(where: str, blocks: Iterable[int], arrays: Mapping[str, int]) -> list[int]:
    """Return those of some blocks of which a folder lacks a chunk; `arrays` has the number of dims by name."""
    tails = [(Path(where) / name / "c", "/".join("0" * (dims - 1))) for name, dims in arrays.items()]
    return [b for b in blocks if not all((folder / str(b) / tail).is_file() for folder, tail in tails)]


def remove_leftovers(where: str, blocks: Iterable[int], arrays: Mapping[str, int]) -> None:
    """Remove what a process that was killed while it wrote some blocks left beside their chunks, in a folder."""
    folders = [Path(where) / name / "c" for name, dims in arrays.items() if dims == 1]
    tails = [(Path(where) / name / "c", ["0"] * (dims - 2)) for name, dims in arrays.items() if dims > 1]
    folders += [folder.joinpath(str(b), *tail) for b in blocks for folder, tail in tails]
    for folder in folders:
        for left in folder.glob("*.partial"):  # Zarr's own files, renamed when they are whole
            left.unlink(missing_ok=True)
