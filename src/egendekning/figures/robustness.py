"""Who beats whom, and what a wrong choice costs: two maps of the policies over the draws.

Policies are named; numbers are written in the cells or on a scale, so that colour is never the only key. The tables
come from `egendekning.sensitivity.robustness`; the module refuses to compute one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from egendekning.dims import SCENARIO, UNIT
from egendekning.figures import style
from egendekning.figures.context import Context
from egendekning.figures.sensitivity_runs import SHADES
from egendekning.figures.words import unit_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_PER_CENT: Final = 100.0
_DARK: Final = 0.6
"""Shade from which letters in a cell are white."""

_COLUMNS: Final = 200
"""Columns of the map of regret; with more draws, each is the mean of several."""


def wins(share: xr.DataArray, ax: Axes, *, context: Context | None = None) -> Axes:
    """Draw the share of draws in which the policy of the row is better than that of the column.

    Parameters
    ----------
    share : xarray.DataArray
        (scenario, other), from `pairwise`, in the order to draw.
    ax, context
        As in `egendekning.figures.curves.panel`.
    """
    known = context or Context()
    count = share.sizes[SCENARIO]
    ax.imshow(share.values, cmap=SHADES, vmin=0.0, vmax=1.0, aspect="auto")
    size = 8 if count <= 8 else 6.5
    for i in range(count):
        for j in range(count):
            value = float(share.values[i, j])
            if np.isfinite(value):
                colour = "white" if value > _DARK else style.INK
                text = known.words.number(_PER_CENT * value, 0)
                ax.annotate(text, (j, i), ha="center", va="center", fontsize=size, color=colour)
    names = [known.title(str(name)) for name in share[SCENARIO].values]
    slim = style.narrow(ax)
    ax.set_yticks(range(count), [style.wrapped(ax, f"{i + 1}  {name}", 42, 24) for i, name in enumerate(names)],
                  fontsize=7.5 if slim else 8.5)  # fmt: skip
    ax.set_xticks(range(count), [str(i + 1) for i in range(count)], fontsize=7.5 if slim else 8.5)
    ax.xaxis.tick_top()
    _bare(ax)
    style.title(ax, known.words.text("robust.wins_title", measure=label_of(share, known)) + " (%)")
    return ax


def regret_map(regret: xr.DataArray, level: xr.DataArray, ax: Axes, *, context: Context | None = None) -> Axes:
    """Draw the regret of every policy in every draw, the draws in order of how well the best policy does.

    Parameters
    ----------
    regret : xarray.DataArray
        (scenario, draw), from `regrets`, in the order to draw.
    level : xarray.DataArray
        (scenario, draw), what it is the regret of.
    ax, context
        As in `wins`.
    """
    known = context or Context()
    words = known.words
    best = level.sel({SCENARIO: regret[SCENARIO]}).where(regret == 0.0).max(SCENARIO).values
    order = np.argsort(best, kind="stable")
    share = str(regret.attrs.get(UNIT)) == "Dmnl"
    table = (_PER_CENT if share else 1.0) * regret.values[:, order]
    table = np.where(np.isfinite(table), table, np.nan)
    parts = np.array_split(np.arange(table.shape[1]), min(table.shape[1], _COLUMNS))
    table = np.stack([table[:, part].mean(axis=1) for part in parts], axis=1)
    extent = (0.0, float(len(order)), len(table) - 0.5, -0.5)
    drawn: Any = ax.imshow(table, cmap=SHADES, aspect="auto", vmin=0.0, extent=extent, interpolation="nearest")
    slim = style.narrow(ax)
    names = [known.title(str(name)) for name in regret[SCENARIO].values]
    ax.set_yticks(range(len(names)), [style.wrapped(ax, name, 38, 20) for name in names], fontsize=7.5 if slim else 8.5)
    ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: words.number(tick)))
    ax.set_xlabel(style.wrapped(ax, words.text("robust.regret_axis"), 90, 40), fontsize=8.5, loc="left")
    style.title(ax, words.text("robust.regret_title", measure=label_of(regret, known)))
    bar = style.figure_of(ax).colorbar(drawn, ax=ax, pad=0.03 if slim else 0.02,
                                       location="bottom" if slim else "right")  # fmt: skip
    unit = words.text("robust.points") if share else unit_of(str(regret.attrs.get(UNIT, "")), words.lang)
    bar.set_label(words.text("robust.regret_bar", unit=unit), fontsize=8.5)
    bar.locator = MaxNLocator(5)
    bar.formatter = FuncFormatter(lambda tick, _: words.number(tick, 0 if float(tick).is_integer() else 1))
    bar.update_ticks()
    bar.outline.set_visible(False)
    _bare(ax)
    return ax


def label_of(array: xr.DataArray, known: Context) -> str:
    """Return what a planner calls the measure, and that less of it is better where it is."""
    label = str(array.attrs.get(f"label_{known.words.lang}", array.attrs.get("measure", "")))
    return f"{label}; {known.words.text('robust.lower')}" if array.attrs.get("lowest") else label


def _bare(ax: Axes) -> None:
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
