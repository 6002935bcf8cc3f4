"""What moves an outcome: a tornado, and index bars with their intervals.

The figures draw what `egendekning.sensitivity.indices` returns, Datasets over (factor, [time], stat). Levers, drivers
and constants go by colour and by marker or hatch, and are named. The module refuses to compute an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.lines import Line2D

from egendekning.figures import style
from egendekning.figures.factors import (
    FACTOR,
    KINDS,
    STAT,
    at_time,
    label_of,
    may_be_chance,
    names_of,
    of_kinds,
    percent_sign,
    scale_of,
)
from egendekning.figures.ticks import numbers
from egendekning.figures.words import Words

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

MOST: Final = 12
"""Factors that a figure shows, the strongest first; the rest are counted."""


def tornado(
    found: xr.Dataset,
    ax: Axes,
    *,
    words: Words | None = None,
    time: float | None = None,
    kinds: Sequence[str] | None = None,
) -> Axes:
    """Draw how far the median outcome swings between the low and the high end of each factor.

    Parameters
    ----------
    found : xarray.Dataset
        Of method ``swings``: ``at_low``, ``at_high`` (factor, [time], stat), ``middle`` ([time]).
    ax : Axes
        Where to draw.
    words : Words, optional
        Language.
    time : float, optional
        Year; the last if left out.
    kinds : sequence of str, optional
        Kinds of factors to draw; all if left out.

    Returns
    -------
    Axes
        The same axes.
    """
    said = words or Words()
    one, when = at_time(of_kinds(found, kinds), time)
    low, high = (one[name].sel({STAT: "value"}).values for name in ("at_low", "at_high"))
    scale, unit = scale_of(one, np.concatenate([low, high]))
    order = np.argsort(-np.abs(high - low), kind="stable")[:MOST]
    middle = scale * float(one["middle"])
    grey = may_be_chance(one)
    for y, i in enumerate(order):
        colour, marker = _look(one, i, grey)
        ends = scale * low[i], scale * high[i]
        ax.plot(ends, [y, y], color=colour, linewidth=6, alpha=0.35, solid_capstyle="butt")
        ax.plot(ends[0], y, marker=marker, color=colour, markerfacecolor="white", markersize=6, linestyle="none")
        ax.plot(ends[1], y, marker=marker, color=colour, markersize=6, linestyle="none")
    ax.axvline(middle, color=style.INK, linewidth=1.0, zorder=1.2)
    numbers(ax.xaxis, said, 3 if style.narrow(ax) else 6, end=percent_sign(unit))
    tail = float(one.attrs["tail"])
    axis = said.text("sensitivity.tornado.axis" if tail else "sensitivity.tornado.levels", tail=said.percent(tail, 0))
    _dress(ax, one, said, order, grey, axis)
    style.title(ax, said.text("sensitivity.tornado.title", outcome=label_of(one, said.lang)) + _in(when))
    return ax


def bars(
    found: xr.Dataset, ax: Axes, *, index: str, words: Words | None = None, time: float | None = None,
    kinds: Sequence[str] | None = None,
) -> Axes:  # fmt: skip
    """Draw an index of each factor with its interval, the largest on top.

    Parameters
    ----------
    found : xarray.Dataset
        Indices, (factor, [time], stat).
    index : str
        Variable to draw: ``ST``, ``mu_star``, ``PRCC``.
    ax, words, time, kinds
        As in `tornado`.
    """
    said = words or Words()
    one, when = at_time(of_kinds(found, kinds), time)
    value, low, high = (one[index].sel({STAT: stat}).values for stat in ("value", "low", "high"))
    order = np.argsort(-np.nan_to_num(np.abs(value)), kind="stable")[:MOST]
    grey = may_be_chance(one)
    for y, i in enumerate(order):
        colour, marker = _look(one, i, grey)
        ax.plot([0, value[i]], [y, y], color=colour, linewidth=5, alpha=0.35, solid_capstyle="butt")
        if np.isfinite(low[i]):
            ax.plot([low[i], high[i]], [y, y], color=style.INK, linewidth=1.1, zorder=3)
        ax.plot(value[i], y, marker=marker, color=colour, markersize=6, linestyle="none", zorder=4)
    ax.axvline(0, color=style.INK, linewidth=0.8)
    numbers(ax.xaxis, said, 5)
    level = float(one.attrs.get("level", np.nan))
    axis = said.text(f"sensitivity.index.{index}")
    if np.isfinite(low[order]).any():
        axis += " " + said.text("sensitivity.interval", level=said.percent(level, 0))
    _dress(ax, one, said, order, grey, axis)
    style.title(ax, said.text("sensitivity.bars.title", outcome=label_of(one, said.lang)) + _in(when))
    return ax


def _dress(ax: Axes, found: xr.Dataset, words: Words, order: np.ndarray, grey: np.ndarray, axis: str) -> None:
    """Name the rows, and say below what the axis means, what is grey and what is left out."""
    names = names_of(found, words)
    style.row_names(ax, [names[i] for i in order], "")
    style.vertical_grid(ax)
    _below(ax, axis, _kind_key(found, order, words), _rest(found, words, grey[order]))


def _in(when: float | None) -> str:
    return "" if when is None else f", {int(when)}"


def _rest(found: xr.Dataset, words: Words, grey: np.ndarray) -> str:
    count = found.sizes[FACTOR] - MOST
    said = [words.text("sensitivity.chance")] if grey.any() else []
    return ". ".join([*said, words.text("sensitivity.more", count=count)] if count > 0 else said)


def _look(found: xr.Dataset, place: int, grey: np.ndarray) -> tuple[str, str]:
    """Return colour and marker of a factor."""
    colour, marker, _ = KINDS[str(found["kind"].values[place])]
    return (style.GREY if grey[place] else colour), marker


def _kind_key(found: xr.Dataset, order: np.ndarray, words: Words) -> list[Line2D]:
    """Return a key of the kinds of factors that are drawn; nothing where all are of one kind."""
    kinds = list(dict.fromkeys(str(found["kind"].values[i]) for i in order))
    return [
        Line2D(
            [], [], color=KINDS[k][0], marker=KINDS[k][1], linestyle="none", label=words.text(f"sensitivity.kind.{k}")
        )
        for k in kinds
    ]


def _below(ax: Axes, text: str, handles: list[Line2D], note: str) -> None:
    """Write what the axis means below it, and below that a key of the kinds of factors."""
    said = f"{text}. {note}" if note else text
    ax.set_xlabel(style.wrapped(ax, said, 92, 40), fontsize=8.5, loc="left")
    figure = style.figure_of(ax)
    if len(figure.axes) == 1:
        figure.legend(handles=handles, loc="outside lower left", ncols=len(handles), fontsize=8, columnspacing=1.2)
    else:
        ax.legend(handles=handles, loc="lower right", fontsize=8, frameon=True, framealpha=0.9, edgecolor="none")
