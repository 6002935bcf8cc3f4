"""What moves an outcome: a tornado, index bars with their intervals, and indices over time.

The figures draw what `egendekning.sensitivity.indices` returns, Datasets over (factor, [time], stat). Levers, drivers
and constants go by colour and by marker or hatch, and are named. The module refuses to compute an index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from egendekning.dims import TIME, UNIT
from egendekning.figures import style
from egendekning.figures.words import Words

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

FACTOR: Final = "factor"
STAT: Final = "stat"
MOST: Final = 12
"""Factors that a figure shows, the strongest first; the rest are counted."""

KINDS: Final = {
    "lever": (style.BLUE, "o", ""),
    "driver": (style.VERMILLION, "^", "////"),
    "constant": (style.GREEN, "D", "...."),
    "mixed": (style.GREY, "s", "xxxx"),
}
"""Colour, marker and hatch of each kind of factor."""

_UNITLESS: Final = ("Dmnl", "1")
_UNITS: Final = {
    "year": "år", "MNOK": "mill. kr", "person": "person", "dwelling": "bolig", "NOK": "kr", "daa": "dekar",
    "permille": "promille", "kt CO2e": "kt CO2-ekv.", "share of the model's value": "andel av modellens verdi",
}  # fmt: skip

_STACK: Final = (
    (style.BLUE, ""), (style.VERMILLION, "////"), (style.GREEN, "...."), (style.ORANGE, "\\\\\\\\"),
    (style.SKY, "xxxx"), (style.PURPLE, "++++"),
)  # fmt: skip
STEPS: Final = (1, 2, 5, 10)
"""Gaps between ticks that people count in."""

_CHANCE: Final = 0.05
_PER_CENT: Final = 100.0
_SHARES_BELOW: Final = 5.0
"""A dimensionless outcome whose values are all smaller than this is a share, shown in per cent."""


def scale_of(found: xr.Dataset, values: np.ndarray) -> tuple[float, str]:
    """Return what to multiply an outcome by to show it, and its unit as shown."""
    unit = str(found.attrs.get(UNIT, ""))
    known = np.abs(values[np.isfinite(values)])
    if unit in _UNITLESS:
        return (_PER_CENT, "%") if known.size and known.max() < _SHARES_BELOW else (1.0, "")
    return 1.0, unit


def label_of(found: xr.Dataset, lang: str) -> str:
    """Return what a planner calls the outcome."""
    return str(found.attrs.get(f"label_{lang}", found.attrs.get("outcome", "")))


def names_of(found: xr.Dataset, words: Words) -> list[str]:
    """Return what a planner calls the factors; ids that are not labelled stand as plain words, groups of a kind too."""
    coordinate = found.coords.get(f"factor_{words.lang}", found[FACTOR])
    return [
        words.text(f"sensitivity.kinds.{name}") if name in KINDS else words.element(str(name).replace("_", " "))
        for name in coordinate.values
    ]


def unit_of(unit: str, lang: str) -> str:
    """Return a unit as people of a language write it; empty where there is none."""
    if unit in _UNITLESS:
        return ""
    if lang == "en":
        return unit
    return "".join(_UNITS.get(part, part) for part in re.split(r"([*/()])", unit)).replace("*", "·")


def of_kinds(found: xr.Dataset, kinds: Sequence[str] | None) -> xr.Dataset:
    """Return the indices of the factors of some kinds; of all where none are given."""
    if kinds is None:
        return found
    return found.isel({FACTOR: [i for i, kind in enumerate(found["kind"].values) if kind in kinds]})


def at_time(found: xr.Dataset, time: float | None) -> tuple[xr.Dataset, float | None]:
    """Return indices at one time, the last if none is given, and that time; as they are where they have no time."""
    if TIME not in found.dims:
        return found, None
    chosen = found.isel({TIME: -1}) if time is None else found.sel({TIME: time}, method="nearest")
    return chosen, float(chosen[TIME])


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
    names, middle = names_of(one, said), scale * float(one["middle"])
    grey = may_be_chance(one)
    for y, i in enumerate(order):
        colour, marker = _look(one, i, grey)
        ends = scale * low[i], scale * high[i]
        ax.plot(ends, [y, y], color=colour, linewidth=6, alpha=0.35, solid_capstyle="butt")
        ax.plot(ends[0], y, marker=marker, color=colour, markerfacecolor="white", markersize=6, linestyle="none")
        ax.plot(ends[1], y, marker=marker, color=colour, markersize=6, linestyle="none")
    ax.axvline(middle, color=style.INK, linewidth=1.0, zorder=1.2)
    style.row_names(ax, [names[i] for i in order], "")
    style.vertical_grid(ax)
    _number_axis(ax, said, unit)
    tail = float(one.attrs["tail"])
    axis = said.text("sensitivity.tornado.axis" if tail else "sensitivity.tornado.levels", tail=said.percent(tail, 0))
    _below(ax, axis, _kind_key(one, order, said), _rest(one, said, grey[order]))
    what = label_of(one, said.lang)
    style.title(ax, said.text("sensitivity.tornado.title", outcome=what) + _in(when))
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
    ax : Axes
        Where to draw.
    index : str
        Variable to draw: ``ST``, ``mu_star``, ``PRCC``.
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
    names = names_of(one, said)
    style.row_names(ax, [names[i] for i in order], "")
    style.vertical_grid(ax)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=STEPS))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: said.number(tick, _decimals(ax))))
    level = float(one.attrs.get("level", np.nan))
    axis = said.text(f"sensitivity.index.{index}")
    if np.isfinite(low[order]).any():
        axis += " " + said.text("sensitivity.interval", level=said.percent(level, 0))
    _below(ax, axis, _kind_key(one, order, said), _rest(one, said, grey[order]))
    style.title(ax, said.text("sensitivity.bars.title", outcome=label_of(one, said.lang)) + _in(when))
    return ax


def areas(found: xr.Dataset, ax: Axes, *, index: str, words: Words | None = None) -> Axes:
    """Draw shares of variance over time, stacked: the strongest factors, the others, and what no factor has alone.

    Parameters
    ----------
    found : xarray.Dataset
        With ``S1`` or ``shapley`` (factor, time, stat), shares of the variance.
    ax : Axes
        Where to draw.
    index : str
        Which of them.
    words : Words, optional
        Language.

    Returns
    -------
    Axes
        The same axes.
    """
    said = words or Words()
    value = np.clip(found[index].sel({STAT: "value"}).transpose(FACTOR, TIME).values, 0.0, None)
    known = np.isfinite(value).all(axis=0)
    times, value = found[TIME].values[known], value[:, known]
    order = np.argsort(-value.mean(axis=1), kind="stable")
    shown, others = order[: len(_STACK)], order[len(_STACK) :]
    names = names_of(found, said)
    rows = [value[i] for i in shown]
    labels = [names[i] for i in shown]
    looks = list(_STACK[: len(rows)])
    if others.size:
        rows.append(value[others].sum(axis=0))
        labels.append(said.text("sensitivity.areas.others", count=len(others)))
        looks.append((style.FAINT, ""))
    total = np.sum(rows, axis=0)
    rows = [row / np.maximum(total, 1.0) for row in rows]  # estimates may add up to a little more than the whole
    rest = np.clip(1.0 - np.sum(rows, axis=0), 0.0, None)
    rows.append(rest)
    labels.append(said.text(f"sensitivity.areas.rest_{'shapley' if index == 'shapley' else 'sobol'}"))
    looks.append(("white", "...."))
    for area, (_, hatch) in zip(ax.stackplot(times, rows, colors=[c for c, _ in looks]), looks, strict=True):
        area.set(hatch=hatch, edgecolor="white" if hatch != "...." else style.FAINT, linewidth=0.5)
    ax.set_xlim(times[0], times[-1])
    ax.set_ylim(0, 1)
    ax.xaxis.set_major_locator(MultipleLocator(10 if style.narrow(ax) else 5))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: said.percent(tick, 0)))
    style.horizontal_grid(ax)
    handles = [Patch(facecolor=c, hatch=h, edgecolor=style.GREY if c == "white" else "white",
                     label=style.wrapped(ax, text, 30, 38))
               for text, (c, h) in zip(labels, looks, strict=True)]  # fmt: skip
    _key_beside(ax, handles[::-1], handlelength=1.8, handleheight=1.3)
    style.title(ax, said.text(f"sensitivity.areas.title_{index}", outcome=label_of(found, said.lang)))
    return ax


def lines(found: xr.Dataset, ax: Axes, *, index: str, words: Words | None = None) -> Axes:
    """Draw an index that is no share over time: the strongest factors as lines, named where they end.

    Parameters
    ----------
    found : xarray.Dataset
        Indices, (factor, time, stat).
    ax : Axes
        Where to draw.
    index : str
        Variable to draw.
    words : Words, optional
        Language.

    Returns
    -------
    Axes
        The same axes.
    """
    said = words or Words()
    value = found[index].sel({STAT: "value"}).transpose(FACTOR, TIME).values
    times = found[TIME].values
    order = np.argsort(-np.nanmax(np.abs(value), axis=1), kind="stable")[: len(_STACK)]
    dashes: tuple[Any, ...] = ("-", (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1)), (0, (5, 2)), (0, (1, 3)))
    names = names_of(found, said)
    handles = []
    for i, (colour, _), dash in zip(order, _STACK, dashes, strict=False):
        ax.plot(times, value[i], color=colour, linestyle=dash)
        label = style.wrapped(ax, names[i], 30, 38)
        handles.append(Line2D([], [], color=colour, linestyle=dash, label=label))
    ax.axhline(0, color=style.INK, linewidth=0.8)
    ax.set_xlim(times[0], times[-1])
    ax.xaxis.set_major_locator(MultipleLocator(10 if style.narrow(ax) else 5))
    ax.yaxis.set_major_locator(MaxNLocator(6, steps=STEPS))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: said.number(tick, _decimals(ax, vertical=True))))
    style.horizontal_grid(ax)
    _key_beside(ax, handles, handlelength=2.6)
    index_name = said.text(f"sensitivity.index.{index}")
    style.title(ax, said.text("sensitivity.lines.title", outcome=label_of(found, said.lang), index=index_name))
    return ax


def _number_axis(ax: Axes, words: Words, unit: str) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(3 if style.narrow(ax) else 6, steps=STEPS))
    end = f"\N{NO-BREAK SPACE}{unit}" if unit == "%" else ""
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: words.number(tick, _decimals(ax)) + end))


def _decimals(ax: Axes, *, vertical: bool = False) -> int:
    """Return how many decimals tell the ticks of an axis apart."""
    ticks = ax.get_yticks() if vertical else ax.get_xticks()
    gap = float(np.diff(ticks).min()) if len(ticks) > 1 else 1.0
    return next((d for d in range(4) if abs(gap * 10**d - round(gap * 10**d)) < 1e-6), 4)


def _in(when: float | None) -> str:
    return "" if when is None else f", {int(when)}"


def _rest(found: xr.Dataset, words: Words, grey: np.ndarray) -> str:
    count = found.sizes[FACTOR] - MOST
    said = [words.text("sensitivity.chance")] if grey.any() else []
    return ". ".join([*said, words.text("sensitivity.more", count=count)] if count > 0 else said)


def may_be_chance(found: xr.Dataset) -> np.ndarray:
    """Return which factors, at one time, are no farther from nothing than chance takes a factor that does nothing.

    A swing within the scatter of its two medians, a PAWN below the largest of shuffled factors, a distance whose p is
    above 0.05; other indices show their intervals. (factor), bool.
    """
    if "at_low" in found:
        low, high = found["at_low"], found["at_high"]
        halves = [(end.sel({STAT: "high"}) - end.sel({STAT: "low"})).values / 2.0 for end in (low, high)]
        gap = np.abs((high - low).sel({STAT: "value"}).values)
        return np.asarray(gap <= np.hypot(*halves))  # NaN, and so False, where there are no intervals
    if "PAWN_dummy" in found:
        return np.asarray(found["PAWN"].sel({STAT: "value"}).values <= float(found["PAWN_dummy"]))
    if "KS" in found:
        return np.asarray(found["p"].sel({STAT: "value"}).values > _CHANCE)
    return np.zeros(found.sizes[FACTOR], dtype=bool)


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


def _key_beside(ax: Axes, handles: Sequence[Any], **shape: float) -> None:
    """Put a key at the right of the axes, or below it on a telephone."""
    corner = (0.0, -0.09) if style.narrow(ax) else (1.01, 1.0)
    ax.legend(handles=list(handles), fontsize=8, borderaxespad=0, loc="upper left", bbox_to_anchor=corner, **shape)
