"""Which figures a sweep gives, and each as PNG bytes, wide and narrow.

What can be drawn hangs on the design: a tornado of a sample, a map of a grid, areas where an index is a share.
Levers and what is uncertain are drawn apart. The module refuses to write files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from egendekning.dims import TIME
from egendekning.figures.raster import rendered
from egendekning.figures.sensitivity import MOST, bars, tornado
from egendekning.figures.sensitivity_runs import heat, scatter
from egendekning.figures.sensitivity_time import areas, lines
from egendekning.figures.words import Words
from egendekning.sensitivity.indices import METHODS, Sweep

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

Drawing = Callable[..., "Axes"]
"""(axes, words=Words) -> the same axes."""

PARTS: Final = {"levers": ("lever",), "uncertain": ("constant", "driver"), "groups": ("mixed",)}
"""Kinds of factors that stand in one figure."""

_SHARES: Final = ("S1", "shapley")
_DRAWN: Final = {
    "sobol": "ST", "fast": "ST", "morris": "mu_star", "ff": "effect", "regression": "PRCC", "rsa": "KS",
    "shapley": "shapley", "delta": "delta", "pawn": "PAWN",
}  # fmt: skip
"""The index that stands for a method in a figure."""

_ROW: Final = 0.36
_SQUARE: Final = 8
_REST: Final = 1.7


def drawings(sweep: Sweep, outcome: str, found: Mapping[str, xr.Dataset]) -> dict[str, tuple[Drawing, int]]:
    """Return the figures of one outcome.

    Parameters
    ----------
    sweep : Sweep
        The runs.
    outcome : str
        Name in the sweep.
    found : Mapping[str, Dataset]
        Indices by method, `swings` among them where the design allows it.

    Returns
    -------
    dict
        Name to what draws it and its number of rows.
    """
    made: dict[str, tuple[Drawing, int]] = {}
    for method, indices in found.items():
        made.update(_by_kind(method, indices))
        if method == "swings":
            continue
        if TIME in indices.dims and indices.sizes[TIME] > 1:
            share = next((name for name in _SHARES if name in indices), None)
            over_time: Drawing = areas if share else lines
            made[f"{method}_time"] = (partial(over_time, indices, index=share or _DRAWN[method]), MOST)
    made.update(_of_runs(sweep, outcome, found))
    return made


def _by_kind(method: str, indices: xr.Dataset) -> dict[str, tuple[Drawing, int]]:
    """Return a tornado, or bars of the method's index, for levers and for what is uncertain; of groups in one."""
    drawing: Drawing = tornado if method == "swings" else partial(bars, index=_DRAWN[method])
    name = "tornado" if method == "swings" else method
    if method == "shapley":
        return {name: (partial(drawing, indices), min(MOST, indices.sizes["factor"]))}
    counts = {part: int(np.isin(indices["kind"].values, kinds).sum()) for part, kinds in PARTS.items()}
    return {
        f"{name}_{part}": (partial(drawing, indices, kinds=PARTS[part]), min(MOST, count))
        for part, count in counts.items()
        if count
    }


def png(drawing: Drawing, rows: int, words: Words, *, slim: bool) -> bytes:
    """Return a figure as the bytes of a PNG file."""
    height = max(2.6, _REST + _ROW * rows + (0.9 if slim else 0.0))
    return rendered(partial(drawing, words=words), height, slim=slim)


def _of_runs(sweep: Sweep, outcome: str, found: Mapping[str, xr.Dataset]) -> dict[str, tuple[Drawing, int]]:
    """Return a map of the two strongest factors of a grid, or a scatter of the strongest of a sample."""
    order = strongest(found)
    if sweep.method == "grid" and len(sweep.factors) > 1:
        levers = [f for f in order if sweep.kinds[sweep.factors.index(f)] == "lever"]
        pair = (*levers, *(f for f in order if f not in levers))[:2]
        return {"map": (partial(heat, sweep, outcome=outcome, factors=(pair[0], pair[1])), _SQUARE)}
    if sweep.method in ("lhs", "draws", "sobol") and order:
        return {"scatter": (partial(scatter, sweep, outcome=outcome, factor=order[0]), _SQUARE)}
    return {}


def strongest(found: Mapping[str, xr.Dataset]) -> list[str]:
    """Return the factors by the leading index of the first method that is about factors, the strongest first."""
    for method, indices in found.items():
        if method == "shapley":
            continue
        last = indices.isel({TIME: -1}) if TIME in indices.dims else indices
        if method == "swings":
            size = np.abs((last["at_high"] - last["at_low"]).sel(stat="value").values)
        else:
            size = np.abs(last[METHODS[method].leading].sel(stat="value").values)
        return [str(indices["factor"].values[i]) for i in np.argsort(-np.nan_to_num(size), kind="stable")]
    return []
