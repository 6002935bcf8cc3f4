"""How what moves an outcome changes over time: shares of its variance as areas, other indices as lines.

The figures draw what `egendekning.sensitivity.indices` returns, Datasets over (factor, time, stat). The module refuses
to compute an index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MultipleLocator

from egendekning.dims import TIME
from egendekning.figures import style
from egendekning.figures.factors import FACTOR, STAT, label_of, names_of
from egendekning.figures.ticks import numbers
from egendekning.figures.words import Words

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_STACK: Final = (
    (style.BLUE, ""), (style.VERMILLION, "////"), (style.GREEN, "...."), (style.ORANGE, "\\\\\\\\"),
    (style.SKY, "xxxx"), (style.PURPLE, "++++"),
)  # fmt: skip


def areas(found: xr.Dataset, ax: Axes, *, index: str, words: Words | None = None) -> Axes:
    """Draw shares of variance over time, stacked: the strongest factors, the others, and what no factor has alone.

    Parameters
    ----------
    found : xarray.Dataset
        With ``S1`` or ``shapley`` (factor, time, stat), shares of the variance.
    index : str
        Which of them.
    ax, words
        As in `egendekning.figures.sensitivity.tornado`.
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
    index : str
        Variable to draw.
    ax, words
        As in `areas`.
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
    numbers(ax.yaxis, said, 6)
    style.horizontal_grid(ax)
    _key_beside(ax, handles, handlelength=2.6)
    index_name = said.text(f"sensitivity.index.{index}")
    style.title(ax, said.text("sensitivity.lines.title", outcome=label_of(found, said.lang), index=index_name))
    return ax


def _key_beside(ax: Axes, handles: Sequence[Any], **shape: float) -> None:
    """Put a key at the right of the axes, or below it on a telephone."""
    corner = (0.0, -0.09) if style.narrow(ax) else (1.01, 1.0)
    ax.legend(handles=list(handles), fontsize=8, borderaxespad=0, loc="upper left", bbox_to_anchor=corner, **shape)
