"""What is wrong with the contents of a posterior file, beyond its belonging to another model or other figures.

A file may have been edited, cut or joined by hand; what draws are made of must be numbers of the right shape, about
tables and knots that the model has. The module refuses to read files and to repair anything.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr

from egendekning.dims import DRAW
from egendekning.ensemble.bind import Bound

_SAME: Final = 1e-6
"""Years: knots this near each other are the same."""

_RANGES: Final = {"sd": (0.0, np.inf), "autocorrelation": (-1.0, 1.0), "correlation": (-1.0, 1.0)}


def faults(bound: Bound, root: xr.Dataset, process: xr.Dataset, table: str, knot: str) -> list[tuple[str, str]]:
    """Return what is found and what was expected, for each fault.

    Parameters
    ----------
    bound : Bound
        Study and model.
    root, process : xarray.Dataset
        The groups of the file.
    table, knot : str
        Dims of the process noise.
    """
    rows = root.sizes[DRAW]
    found = [] if rows else [("has no rows", "one row a draw")]
    for name in ("active", "moved"):
        lacking = [n for n in str(root.attrs.get(name, "?")).split("|") if n and n not in root]
        if lacking:
            found.append((f"{name} parameters are not in it ({', '.join(lacking[:3])})", "all that were sampled"))
    shapes = {"knots": (rows, process.sizes[table], process.sizes[knot]), "follows": (process.sizes[table],)}
    for name in ("knots", "follows", *_RANGES):
        low, high = _RANGES.get(name, (-np.inf, np.inf))
        values = process[name].values
        shape = shapes.get(name, (rows, process.sizes[table]))
        if values.shape != shape:
            found.append((f"{name} of the process noise has the shape {values.shape}", f"{shape}"))
        elif not sound(values) or np.any(values < low - _SAME) or np.any(values > high + _SAME):
            found.append((f"{name} of the process noise is out of bounds", f"finite numbers from {low:g} to {high:g}"))
    return found + _tables(bound, process, table, knot)


def sound(values: object) -> bool:
    """Return whether values are finite numbers."""
    array = np.asarray(values)
    return array.dtype.kind in "fiub" and bool(np.all(np.isfinite(array)))


def _tables(bound: Bound, process: xr.Dataset, table: str, knot: str) -> list[tuple[str, str]]:
    """Return what is wrong with tables, knots, and which table follows which."""
    found = []
    years = process[knot].values
    known = {n for n, v in bound.model.variables.items() if v.kind == "lookup" and not v.dims}
    for i, name in enumerate(process[table].values):
        if str(name) not in known:
            found.append((f"{str(name)!r} is no table of the model", "tables that the model has"))
            continue
        points = bound.table(str(name))[0]
        if not sound(years) or not all(np.any(np.abs(points - year) < _SAME) for year in years):
            found.append((f"the knots of {str(name)!r} are not those of the model", f"years among {points[0]:g}, ..."))
        other = process["follows"].values.ravel()[i : i + 1]
        if sound(other) and not all(-1 <= o < i for o in other):
            found.append((f"{str(name)!r} follows a table that comes later", "an earlier table, or -1"))
    return found
