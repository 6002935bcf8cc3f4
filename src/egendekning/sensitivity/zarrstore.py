"""The store of a sweep: design and outcomes side by side along ``run``, in a `egendekning.ensemble.blockstore`.

Everything about where the numbers come from is in the group's attributes. The module refuses to go on with a store of
another sweep, and says in what it differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from egendekning.dims import LABEL_EN, LABEL_NB, TIME, UNIT
from egendekning.ensemble.blockstore import Column, Layout, Store
from egendekning.ensemble.place import FINGERPRINT, Interrupted, Words, open_group
from egendekning.ensemble.wholeness import damaged, readable
from egendekning.errors import OutputError, Problem
from egendekning.sensitivity.sweep import Sweep

Floats = NDArray[np.float64]

RUN, FACTOR = "run", "factor"
"""Axes of a store."""

DESIGN: Final = "design"
"""The points, (run, factor)."""

_TOLD: Final = ("scenario", "method", "n", "seed", "second_order", "problem", "outcomes", "until", "chunk",
                "discount_rate", "model_hash", "study_hash", "version")  # fmt: skip
"""Attributes in which two sweeps may differ, in the order in which they are told."""


class SweepInterrupted(Interrupted):
    """A block could not be written; those before it are in the store."""

    left: ClassVar[str] = "blocks that are written stay, and --resume goes on"


WORDS: Final = Words(
    "sweep", "choose another --out", "run the same command with --resume",
    "sweep again into a new --out, or bring the store back from a copy", SweepInterrupted,
)  # fmt: skip


def layout_of(sweep: Sweep, attributes: Mapping[str, Any] | None = None, points: Floats | None = None) -> Layout:
    """Return what the store of a sweep holds.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    attributes : mapping, optional
        Provenance, see `egendekning.sensitivity.sweep.attributes`; needed to make the store, as `points`.
    points : ndarray, optional
        (run, factor), of `Sweep.factors`.
    """
    given = np.empty((sweep.runs, 0)) if points is None else points
    columns = [Column(DESIGN, (FACTOR,), (len(sweep.columns),), given=given)]
    for outcome in sweep.outcomes:
        said = {UNIT: outcome.unit, LABEL_NB: outcome.label_nb, LABEL_EN: outcome.label_en, "reading": outcome.reading}
        dims, shape = ((TIME,), (len(outcome.times),)) if outcome.series else ((), ())
        columns.append(Column(key_of(outcome.id), dims, shape, said))
    fixed: dict[str, Any] = {FACTOR: ((FACTOR,), np.array([f.id for f in sweep.columns], dtype=object), {})}
    series = next((o.times for o in sweep.outcomes if o.series), None)
    if series is not None:
        unit = {UNIT: "year" if sweep.span.calendar else ""}
        fixed[TIME] = ((TIME,), np.asarray(series, dtype=float), unit)
    return Layout(RUN, sweep.runs, sweep.chunk, tuple(columns), fixed, attributes or {})


def sweep_store(where: str, sweep: Sweep) -> Store:
    """Open the store of a sweep for writing."""
    store = Store(where, layout_of(sweep), WORDS)
    there = readable(where, WORDS, FACTOR, lambda: [str(f) for f in store.group[FACTOR][:]])
    if there != [f.id for f in sweep.columns]:
        raise damaged(where, WORDS, f"its columns are {', '.join(there[:5])}, not those of the sweep")
    return store


def points_of(store: Store, sweep: Sweep, block: int) -> Floats:
    """Return the design of a block, (run, factor), of the factors varied by design."""
    rows = sweep.rows(block)
    points = store.read(DESIGN, (slice(rows.start, rows.stop), slice(0, len(sweep.factors)))).astype(float)
    if not np.isfinite(points).all():
        text = f"the design of run {rows.start} to {rows.stop - 1} holds no numbers"
        raise damaged(store.where, WORDS, text)
    return points


def runs_done(where: str, sweep: Sweep) -> int:
    """Return how many runs of a sweep are in its store; none where there is no store."""
    try:
        flags = open_group(where)["done"][:]
    except Exception:  # whatever Zarr makes of a store that is not whole
        return 0
    return sum(len(sweep.rows(int(b))) for b in np.flatnonzero(flags))


def key_of(name: str) -> str:
    """Return the name of an outcome's array: the outcome's own, without the sign that parts folders."""
    return name.replace("/", " per ")


def check_same(where: str, there: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Raise OutputError where a store holds another sweep, saying in what it differs."""
    if there.get(FINGERPRINT) == wanted[FINGERPRINT]:
        return
    different = [name for name in _TOLD if there.get(name) != wanted.get(name)]
    if there.get("kinds", {}).keys() == wanted["kinds"].keys():
        different = [name for name in different if name != "problem"]
    said = "; ".join(f"{n} {_short(there.get(n))}, not {_short(wanted.get(n))}" for n in different[:4])
    found = f"holds another sweep ({said or 'ranges, units or labels differ'})"
    raise OutputError(Problem(where, found, "a store of this sweep", fix=WORDS.elsewhere))


def _short(value: Any) -> str:
    """Return a value in a few letters."""
    text = ", ".join(map(str, value.get("names", value))) if isinstance(value, dict) else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
