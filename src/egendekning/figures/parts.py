"""What a change in egendekning is made of: jobs by class, and employed residents by population, age and employment.

More jobs lift egendekning, more employed residents lower it; the parts add up to the change. Two figures: how the
baseline gets from the first year to the horizon, part by part, and how each scenario differs from the baseline there.
The numbers come from the growth accounting of `egendekning.ensemble`; nothing is decomposed here.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from egendekning.figures import style
from egendekning.figures.context import Context
from egendekning.figures.reading import BASELINE, HORIZON
from egendekning.figures.ticks import numbers

PART: Final = "part"
"""Axis over the parts of a change."""

CHANGE: Final = "change"
"""Axis over changes: the baseline over time, and each scenario against the baseline; holds scenario ids."""

_PER_CENT = 100.0
_PAINT: Final = (
    (style.BLUE, ""),
    (style.SKY, "////"),
    ("#0B3C5D", ""),
    ("#9CC9E3", "...."),
    (style.VERMILLION, ""),
    (style.ORANGE, "\\\\\\\\"),
    ("#7A2E00", "xxxx"),
    (style.GREY, ""),
)
"""Colour and hatch of each part, in the order of the parts."""


def waterfall(changes: xr.DataArray, ax: Axes, *, start: int, context: Context | None = None) -> Axes:
    """Draw the baseline's change from one year to the horizon, a bar a part, and the total.

    Parameters
    ----------
    changes : xr.DataArray
        (change, part), share: 0.01 is one percentage point.
    ax : Axes
        Where to draw.
    start : int
        Year that the change begins in.
    context : Context, optional
        Language.

    Returns
    -------
    Axes
        The same axes.
    """
    known = context or Context()
    row = changes.sel({CHANGE: BASELINE})
    sizes = _PER_CENT * row.values
    names = [str(name) for name in row[PART].values]
    begin = 0.0
    for y, (name, size) in enumerate(zip(names, sizes, strict=True)):
        colour, hatch = _paint(names, name)
        ax.barh(y, size, left=begin, height=0.62, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5)
        _write(ax, known, y, begin, begin + size, size)
        ax.plot([begin + size, begin + size], [y + 0.31, y + 0.69], color=style.QUIET, linewidth=0.7)
        begin += size
    ax.barh(len(names), begin, height=0.62, color=style.INK)
    _write(ax, known, len(names), 0.0, begin, begin, bold=True)
    labels = [style.wrapped(ax, known.words.label("part", name), 44, 22) for name in names]
    ax.set_yticks(range(len(names) + 1), [*labels, known.words.text("parts.total")], fontsize=8.5)
    ax.get_yticklabels()[-1].set_fontweight("bold")
    ax.set_ylim(len(names) + 0.6, -0.6)
    _points_axis(ax, known)
    low, high = ax.get_xlim()
    ax.set_xlim(low - 0.12 * (high - low), high + 0.12 * (high - low))
    style.title(ax, known.words.text("parts.title_baseline", start=start, end=HORIZON))
    return ax


def stacks(changes: xr.DataArray, ax: Axes, *, context: Context | None = None) -> Axes:
    """Draw how each scenario differs from the baseline in the horizon year, its parts stacked about zero.

    Parameters
    ----------
    changes : xr.DataArray
        (change, part), share; the row of the baseline is left out.
    ax, context
        As in `waterfall`.
    """
    known = context or Context()
    parts = [str(name) for name in changes[PART].values]
    rows = _order(changes, known)
    places = [y for y, name in enumerate(rows) if name is not None]
    names = [name for name in rows if name is not None]
    sizes = _PER_CENT * changes.sel({CHANGE: names}).values
    for column, part in enumerate(parts):
        values, before = sizes[:, column], sizes[:, :column]
        left = np.where(values >= 0, np.maximum(before, 0).sum(axis=1), np.minimum(before, 0).sum(axis=1))
        colour, hatch = _paint(parts, part)
        ax.barh(places, values, left=left, height=0.6, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4,
                label=known.words.label("part", part))  # fmt: skip
    totals = sizes.sum(axis=1)
    ax.plot(totals, places, linestyle="none", marker="D", markersize=6, color="white", markeredgecolor=style.INK,
            markeredgewidth=1.5, label=known.words.text("parts.total"))  # fmt: skip
    for y, total in zip(places, totals, strict=True):
        ax.annotate(known.words.number(total, 1, sign=True), (1.0, y), xycoords=("axes fraction", "data"),
                    xytext=(4, 0), textcoords="offset points", va="center", fontsize=8.5)  # fmt: skip
    style.row_names(
        ax, [None if name is None else known.title(name) for name in rows], known.words.text("ranking.events")
    )
    _points_axis(ax, known)
    _key(ax)
    style.title(ax, known.words.text("parts.title_scenarios", year=HORIZON))
    return ax


def _order(changes: xr.DataArray, known: Context) -> list[str | None]:
    """Return the scenarios from the top: measures by their sum, a gap (None), events by their sum."""
    rows = [str(name) for name in changes[CHANGE].values if str(name) != BASELINE]
    rows.sort(key=lambda name: -float(changes.sel({CHANGE: name}).sum()))
    return known.apart(rows)


def _paint(names: list[str], name: str) -> tuple[str, str]:
    """Return colour and hatch of a part."""
    return _PAINT[min(names.index(name), len(_PAINT) - 1)]


def _write(ax: Axes, known: Context, y: float, begin: float, end: float, size: float, *, bold: bool = False) -> None:
    """Write a bar's size beside the end that it points to."""
    right = size >= 0
    ax.annotate(known.words.number(size, 1, sign=True), (end if right == (end >= begin) else begin, y),
                xytext=(4 if right else -4, 0), textcoords="offset points", va="center",
                ha="left" if right else "right", fontsize=8.5, fontweight="bold" if bold else "normal")  # fmt: skip


def _points_axis(ax: Axes, known: Context) -> None:
    """Dress an axis of percentage points."""
    style.vertical_grid(ax)
    ax.axvline(0, color=style.INK, linewidth=1.0)
    numbers(ax.xaxis, known.words, 4 if style.narrow(ax) else 7, sign=True)
    ax.set_xlabel(known.words.text("parts.axis"), fontsize=8.5, loc="left")


def _key(ax: Axes) -> None:
    """Put the key at the foot of the figure."""
    handles, labels = ax.get_legend_handles_labels()
    columns = 1 if style.narrow(ax) else 2
    style.figure_of(ax).legend(handles, labels, loc="outside lower left", ncols=columns, fontsize=8.5, handlelength=2.0)
