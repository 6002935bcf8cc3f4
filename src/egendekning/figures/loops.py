"""Which named loops weigh most, year by year, and what each has done to egendekning.

Reinforcing loops are stacked above zero and balancing ones below, as shares of the strength of the named loops; colour
goes with a hatch. Beside it, what the outcome would lack without each loop. The scores, cuts and phases come from
`egendekning.sensitivity.loops`; the module refuses to score anything.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MultipleLocator

from egendekning.figures import style
from egendekning.figures.loop_words import short
from egendekning.figures.ticks import numbers

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from egendekning.figures.words import Words
    from egendekning.sensitivity.loops import Phase

_PAINT: Final = (
    (style.BLUE, ""),
    (style.SKY, "////"),
    (style.GREEN, "...."),
    ("#0B3C5D", "xxxx"),
    (style.PURPLE, "++++"),
)
"""Colour and hatch of reinforcing loops, in their order."""

_BRAKES: Final = (
    ("#7A2E00", "xxxx"),
    (style.GREY, "////"),
    ("#8C6D1F", "...."),
    (style.VERMILLION, ""),
    (style.ORANGE, "\\\\\\\\"),
    ("#F2B6A0", "++++"),
)
"""Colour and hatch of balancing loops, in their order."""

_LINES: Final = ("-", (0, (5, 2)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1)), (0, (8, 1, 1, 1, 1, 1)))
"""Line styles of the loops of one kind, in their order."""

_MARKERS: Final = {"reinforcing": "o", "balancing": "s"}
_MARK_YEARS: Final = 5.0
_PER_CENT: Final = 100.0
_ROOM: Final = 5.0
"""Percentage of the axis between labels at the ends of lines; a line that ends nearer to zero than this has none."""

_WIDE_PHASE: Final = {False: 0.22, True: 0.45}
"""Share of the axis, wide and narrow, from which a phase has room for more than the label of its loop."""


def paint(kinds: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return colour and hatch of each loop.

    Parameters
    ----------
    kinds : mapping
        ``reinforcing``, ``balancing`` or ``chain`` by label.
    """
    reinforcing = [n for n, kind in kinds.items() if kind != "balancing"]
    balancing = [n for n, kind in kinds.items() if kind == "balancing"]
    return {
        **{n: _PAINT[i % len(_PAINT)] for i, n in enumerate(reinforcing)},
        **{n: _BRAKES[i % len(_BRAKES)] for i, n in enumerate(balancing)},
    }


def shares(
    table: xr.DataArray, ax: Axes, *, kinds: Mapping[str, str], phases: Sequence[Phase], words: Words, title: str
) -> Axes:
    """Draw each loop's share of the strength of the named loops, a bar a year.

    Parameters
    ----------
    table : xarray.DataArray
        (loop, year), -1 to 1.
    ax : Axes
        Where to draw.
    kinds : mapping
        Kind of every named loop by label: what gives a loop its colour, drawn or not.
    phases : sequence of Phase
        Marked by lines, each with the label of its loop.
    words : Words
        Language.
    title : str
        Title of the scenario.
    """
    looks = paint(kinds)
    years = table["year"].values
    for sign in (1.0, -1.0):
        base = np.zeros(len(years))
        for label in map(str, table["loop"].values):
            part = _PER_CENT * np.clip(sign * table.sel(loop=label).values, 0.0, None)
            colour, hatch = looks[label]
            ax.bar(years + 0.5, sign * part, bottom=sign * base, width=0.92, color=colour, hatch=hatch,
                   edgecolor="white", linewidth=0.2)  # fmt: skip
            base += part
    ax.axhline(0, color=style.INK, linewidth=0.9)
    for phase in phases:
        if phase.start > years[0]:
            ax.axvline(phase.start, color=style.INK, linewidth=0.9, linestyle=(0, (2, 2)))
        wide = (phase.end + 1 - phase.start) / len(years) > _WIDE_PHASE[style.narrow(ax)]
        way = words.text("loops.up" if phase.ends > phase.begins else "loops.down") if wide else ""
        ax.annotate(f"{phase.loop} {way}".strip(), ((phase.start + phase.end + 1) / 2, 1.0),
                    xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points", ha="center",
                    fontsize=7.5 if style.narrow(ax) else 8.5)  # fmt: skip
    _year_axis(ax, years)
    ax.set_ylim(-100, 100)
    ax.yaxis.set_major_locator(MultipleLocator(50))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: words.percent(abs(tick) / _PER_CENT, 0)))
    ax.set_ylabel(words.text("loops.axis"), fontsize=8.5)
    style.horizontal_grid(ax)
    ax.set_title(style.wrapped(ax, title, 80, 36), pad=16)
    return ax


def key(
    figure: Figure, names: Mapping[str, str], kinds: Mapping[str, str], drawn: Sequence[str], *, lines: bool
) -> None:
    """Put the key of the loops drawn at the foot of the figure: label and name, beside a line or a bar."""
    looks, strokes = paint(kinds), _strokes(kinds)
    slim = figure.get_figwidth() < 5.5
    handles: list[Line2D | Patch] = []
    for n in drawn:
        colour, hatch = looks[n]
        label = textwrap.fill(f"{n}  {short(names[n])}", 54 if slim else 58, subsequent_indent="      ")
        if lines:
            handles.append(Line2D([], [], color=colour, label=label, markersize=4, **strokes[n]))
        else:
            handles.append(Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=label))
    figure.legend(handles=handles, loc="outside lower left", ncols=1 if slim else 2, fontsize=8.5, handlelength=2.2)


def _strokes(kinds: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return line style and marker of each loop: styles in order within a kind, a marker a kind."""
    found: dict[str, dict[str, Any]] = {}
    for kind in dict.fromkeys(kinds.values()):
        for i, n in enumerate(n for n, k in kinds.items() if k == kind):
            found[n] = {"linestyle": _LINES[i % len(_LINES)], "marker": _MARKERS.get(kind, "o")}
    return found


def cuts(effects: xr.DataArray, ax: Axes, *, kinds: Mapping[str, str], words: Words, title: str) -> Axes:
    """Draw what each loop has done to a share: with the loop less without it.

    Parameters
    ----------
    effects : xarray.DataArray
        (loop, time), share: 0.01 is one percentage point.
    ax : Axes
        Where to draw.
    kinds : mapping
        Kind of every named loop by label: what gives a loop its colour and line.
    words : Words
        Language.
    title : str
        Title of the scenario.
    """
    looks, strokes = paint(kinds), _strokes(kinds)
    time = effects["time"].values
    every = max(1, round(_MARK_YEARS / float(time[1] - time[0])))
    ends = []
    for label in map(str, effects["loop"].values):
        line = _PER_CENT * effects.sel(loop=label).values
        ax.plot(time, line, color=looks[label][0], linewidth=1.6, markersize=3.5, markevery=every, **strokes[label])
        ends.append((float(line[-1]), label))
    ax.axhline(0, color=style.INK, linewidth=0.9)
    _year_axis(ax, time)
    ax.margins(y=0.06)
    numbers(ax.yaxis, words, 6, sign=True)
    ax.set_ylabel(style.wrapped(ax, words.text("loops.cut_axis"), 60, 36), fontsize=8.5)
    style.horizontal_grid(ax)
    _label_ends(ax, ends, looks)
    ax.set_title(style.wrapped(ax, title, 80, 36))
    return ax


def _year_axis(ax: Axes, years: np.ndarray) -> None:
    """Put years below."""
    first, last = float(years[0]), float(years[-1]) + (0.0 if years.dtype.kind == "f" else 1.0)
    ax.set_xlim(first, last)
    step = 10 if style.narrow(ax) else 5
    ax.set_xticks([y for y in np.arange(step * np.ceil(first / step), last + 0.5, step) if y <= last])


def _label_ends(ax: Axes, ends: Sequence[tuple[float, str]], looks: Mapping[str, tuple[str, str]]) -> None:
    """Write the label of each line at its right end, pushed apart where they would meet."""
    low, high = ax.get_ylim()
    gap = (high - low) * _ROOM / _PER_CENT
    placed: list[float] = []
    ordered = [end for end in sorted(ends) if abs(end[0]) >= gap]
    for value, _ in ordered:
        placed.append(value if not placed else max(value, placed[-1] + gap))
    over = max(0.0, placed[-1] - high) if placed else 0.0
    for k in range(len(placed) - 1, -1, -1):
        ceiling = high if k == len(placed) - 1 else placed[k + 1] - gap
        placed[k] = min(placed[k] - (over if k == len(placed) - 1 else 0.0), ceiling)
    for y, (value, label) in zip(placed, ordered, strict=True):
        ax.annotate(label, (1.0, value), xycoords=("axes fraction", "data"), xytext=(1.012, y),
                    textcoords=("axes fraction", "data"), va="center", fontsize=8.5, fontweight="bold",
                    color=looks[label][0], annotation_clip=False)  # fmt: skip
