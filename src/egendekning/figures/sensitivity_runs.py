"""Runs of a sweep as they are: a scatter with its trend, and a map of two levers with the contour of 100 %.

The figures draw the Dataset of a sweep itself, dims (run, factor, [time]). The module refuses to draw a map of a design
that is no grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.lines import Line2D

from egendekning.errors import Problem, UsageError
from egendekning.figures import style
from egendekning.figures.factors import KINDS, percent_sign, scale_of
from egendekning.figures.ticks import numbers
from egendekning.figures.words import Words, unit_of
from egendekning.names import nearest
from egendekning.sensitivity.indices import Sweep, outcome_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHADES: Final = LinearSegmentedColormap.from_list("plain", ["#F7FBFF", "#9ECAE1", "#3182BD", "#08306B"])
"""Light to dark in one hue: reads in black and white too."""

_BINS: Final = 20
_DOTS: Final = 2000
"""Dots of a scatter; more hide each other. The trend uses all runs."""

_BALANCE: Final = 1.0


def scatter(sweep: Sweep, ax: Axes, *, outcome: str, factor: str, words: Words | None = None) -> Axes:
    """Draw an outcome against a factor, run by run, with the median and the middle 80 % of the runs along it.

    Parameters
    ----------
    sweep : Sweep
        Any sample.
    outcome, factor : str
        Names in the sweep; of an outcome over time, its last time.
    ax, words
        As in `egendekning.figures.sensitivity.tornado`.
    """
    said = words or Words()
    place = _place(sweep, factor)
    found = outcome_of(sweep, outcome)
    x, y = sweep.design[:, place], found.values[:, -1]
    kept = np.isfinite(y)
    x, y = x[kept], y[kept]
    scale, unit = scale_of(sweep.dataset[found.name].to_dataset().assign_attrs(unit=found.unit), y)
    y = scale * y
    colour, marker, _ = KINDS[sweep.kinds[place]]
    few = np.unique(np.linspace(0, len(x) - 1, min(len(x), _DOTS)).astype(int))
    ax.plot(x[few], y[few], linestyle="none", marker=marker, markersize=2.4, color=colour, alpha=0.25)
    middles, bands = _trend(x, y)
    ax.fill_between(middles, bands[:, 0], bands[:, 2], color=style.GREY, alpha=0.25, linewidth=0)
    ax.plot(middles, bands[:, 1], color=style.INK, linewidth=2.0)
    if unit == "%" and y.min() < 100.0 < y.max() and found.name.startswith("egendekning"):
        ax.axhline(100.0, color=style.INK, linewidth=0.9, linestyle=(0, (5, 2)))
    style.horizontal_grid(ax)
    _axes(ax, said, _factor_label(sweep, place, said), unit)
    handles = [
        Line2D([], [], color=style.INK, linewidth=2.0, label=said.text("sensitivity.scatter.median")),
        Line2D([], [], color=style.GREY, linewidth=7, alpha=0.35, label=said.text("sensitivity.scatter.band")),
    ]
    ax.legend(handles=handles, fontsize=8, loc="best", frameon=True, framealpha=0.85, edgecolor="none")
    style.title(ax, _title(found.label_nb if said.lang == "nb" else found.label_en, found.times))
    return ax


def heat(sweep: Sweep, ax: Axes, *, outcome: str, factors: tuple[str, str], words: Words | None = None) -> Axes:
    """Draw an outcome over a grid of two factors, with the contour along which it is 100 %.

    Parameters
    ----------
    sweep : Sweep
        Of method grid; factors beyond the two are averaged over.
    factors : (str, str)
        Along and up.
    ax, outcome, words
        As in `scatter`.

    Raises
    ------
    UsageError
        Where the sweep is no grid.
    """
    said = words or Words()
    if sweep.method != "grid":
        fix = "sweep again with --method grid, or look at a scatter"
        raise UsageError(Problem("map of two levers", f"a sweep of method {sweep.method}", "a full grid", fix=fix))
    first, second = (_place(sweep, name) for name in factors)
    found = outcome_of(sweep, outcome)
    along, up, table = _table(sweep.design[:, first], sweep.design[:, second], found.values[:, -1])
    scale, unit = scale_of(sweep.dataset[found.name].to_dataset().assign_attrs(unit=found.unit), table)
    shown: Any = ax.pcolormesh(along, up, scale * table, cmap=SHADES, shading="nearest")
    style.title(ax, _title(found.label_nb if said.lang == "nb" else found.label_en, found.times))
    bar = style.figure_of(ax).colorbar(shown, ax=ax, shrink=0.9, pad=0.02)
    numbers(bar.ax.yaxis, said, 5, end=percent_sign(unit))
    bar.outline.set_visible(False)
    note = ""
    if found.name.startswith("egendekning"):
        note = _balance(ax, said, along, up, table)
    _axes(ax, said, _factor_label(sweep, first, said) + note, "", vertical=False)
    ax.set_ylabel(style.wrapped(ax, _factor_label(sweep, second, said), 44, 34), fontsize=8.5)
    numbers(ax.yaxis, said, 5)
    return ax


def _balance(ax: Axes, words: Words, along: np.ndarray, up: np.ndarray, table: np.ndarray) -> str:
    """Draw the contour of 100 %; return what to say where the map does not reach it."""
    low, high = float(np.nanmin(table)), float(np.nanmax(table))
    if not low < _BALANCE < high:
        key = "never" if high <= _BALANCE else "always"
        return ". " + words.text(f"sensitivity.heat.{key}", edge=words.percent(high if key == "never" else low))
    lines: Any = ax.contour(along, up, table, levels=[_BALANCE], colors=[style.VERMILLION], linewidths=2.2)
    for text in ax.clabel(lines, fmt=lambda _: words.percent(_BALANCE, 0), fontsize=9):
        style.halo(text)
        text.set_fontweight("bold")
    return ". " + words.text("sensitivity.heat.contour")


def _table(x: np.ndarray, y: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the levels along and up, and the mean outcome of the runs at each, (up, along)."""
    along, column = np.unique(x, return_inverse=True)
    up, row = np.unique(y, return_inverse=True)
    known = np.isfinite(values)
    sums = np.zeros((len(up), len(along)))
    counts = np.zeros_like(sums)
    np.add.at(sums, (row[known], column[known]), values[known])
    np.add.at(counts, (row[known], column[known]), 1.0)
    return along, up, np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)


def _trend(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return middles of bins of equally many runs, (bin), and the 10, 50 and 90 % quantiles there, (bin, 3)."""
    parts = np.array_split(np.argsort(x, kind="stable"), max(1, min(_BINS, len(x) // 10)))
    middles = np.array([np.median(x[part]) for part in parts])
    return middles, np.stack([np.quantile(y[part], [0.1, 0.5, 0.9]) for part in parts])


def _place(sweep: Sweep, factor: str) -> int:
    if factor not in sweep.factors:
        expected = "a factor of the sweep"
        raise UsageError(Problem("factor", f"unknown factor {factor!r}", expected, nearest(factor, sweep.factors)))
    return sweep.factors.index(factor)


def _factor_label(sweep: Sweep, place: int, words: Words) -> str:
    name = sweep.factors[place]
    label = words.element(sweep.labels[words.lang].get(name) or name.replace("_", " "))
    unit = unit_of(sweep.units.get(name, ""), words.lang)
    return f"{label} ({unit})" if unit else label


def _title(label: str, times: np.ndarray | None) -> str:
    return label if times is None else f"{label}, {int(times[-1])}"


def _axes(ax: Axes, words: Words, label: str, unit: str, *, vertical: bool = True) -> None:
    ax.set_xlabel(style.wrapped(ax, label, 90, 46), fontsize=8.5, loc="left")
    numbers(ax.xaxis, words, 5)
    if vertical:
        numbers(ax.yaxis, words, 6, end=percent_sign(unit))
