"""Whether a store still is what was written: every array there, in its shape and type, and readable.

Stores are copied, cut short and edited by hand. A sweep that went on with such a store would mix its results with
something else, so it refuses, and says what is wrong. The module refuses to repair: a store can be made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from egendekning.dims import TIME
from egendekning.errors import OutputError, Problem
from egendekning.sensitivity.sweep import Sweep

T = TypeVar("T")

_FIX: Final = "sweep again into a new --out, or bring the store back from a copy"
_WHOLE: Final = "the store as the sweep wrote it"


def damaged(where: str, found: str) -> OutputError:
    """Return the error for a store that is not what was written."""
    return OutputError(Problem(where, f"the store is damaged: {found}", _WHOLE, fix=_FIX))


def readable(where: str, name: str, action: Callable[[], T]) -> T:
    """Call `action`, which reads `name` of a store, telling whatever Zarr makes of damaged files as damage."""
    try:
        return action()
    except Exception as error:
        raise damaged(where, f"{name!r} cannot be read ({type(error).__name__}: {error})") from error


def check_whole(where: str, group: Any, sweep: Sweep, names: dict[str, str]) -> None:
    """Raise OutputError where a store lacks an array of its sweep, or has it in another shape or type.

    Parameters
    ----------
    where : str
        The store.
    group : zarr.Group
        It, opened.
    sweep : Sweep
        What it should hold.
    names : dict of str to str
        Array by outcome.
    """
    for name, (shape, kind) in _expected(sweep, names).items():
        array = readable(where, name, lambda n=name: group.get(n))  # type: ignore[misc]
        if array is None:
            raise damaged(where, f"{name!r} is missing")
        there = tuple(getattr(array, "shape", ()))
        if there != shape:
            raise damaged(where, f"{name!r} has the shape {there}, not {shape}")
        if kind and np.dtype(kind) != getattr(array, "dtype", None):
            raise damaged(where, f"{name!r} holds {getattr(array, 'dtype', 'nothing')}, not {kind}")
    factors = readable(where, "factor", lambda: [str(f) for f in group["factor"][:]])
    if factors != [f.id for f in sweep.columns]:
        raise damaged(where, f"its columns are {', '.join(factors[:5])}, not those of the sweep")


def _expected(sweep: Sweep, names: dict[str, str]) -> dict[str, tuple[tuple[int, ...], str]]:
    """Return the shape and type of every array of a store; no type where it is Zarr's own."""
    series = [o for o in sweep.outcomes if o.series]
    found = {
        "design": ((sweep.runs, len(sweep.columns)), "float64"),
        "done": ((sweep.blocks,), "uint8"),
        "factor": ((len(sweep.columns),), ""),
        **({TIME: ((len(series[0].times),), "float64")} if series else {}),
    }
    for outcome in sweep.outcomes:
        found[names[outcome.id]] = ((sweep.runs, *((len(outcome.times),) if outcome.series else ())), "float64")
    return found


def empty_blocks(where: str, blocks: Iterable[int], names: dict[str, str]) -> list[int]:
    """Return those of some blocks of which a folder has no result at all, whatever their flags say."""
    folders = [Path(where) / name / "c" for name in names.values()]
    return [b for b in blocks if not any((folder / str(b)).exists() for folder in folders)]
