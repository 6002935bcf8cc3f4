"""Egendekning over time with its bands: where it goes if nothing new is done, and where a scenario takes it.

The bands are quantiles over the draws at each time and are named for what they are, shares of the draws: not confidence
intervals, and no path follows an edge. The reference line at 100 % is as many jobs as employed residents.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

from egendekning.dims import TIME
from egendekning.figures import style
from egendekning.figures.context import Context
from egendekning.figures.reading import BASELINE, Source, dataset_of, draws, quantiles, ranked

RATIO: Final = "egendekning"
BANDS: Final = ((0.1, 0.9), (0.25, 0.75))
"""Lower and upper quantile of the two bands: 80 % and 50 % of the draws."""

_PER_CENT = 100.0
_BAND_OPACITY = (0.18, 0.28)
_ROOM_RIGHT = {False: 0.30, True: 0.06}


def fan(source: Source, ax: Axes, *, context: Context | None = None, scenarios: Sequence[str] | None = None) -> Axes:
    """Draw egendekning as fans: the baseline and the scenarios named.

    Parameters
    ----------
    source : Comparison or xr.Dataset
        Results; ``egendekning`` (scenario, draw, time), share.
    ax : Axes
        Where to draw.
    context : Context, optional
        Language, titles and the register history.
    scenarios : sequence of str, optional
        What to draw beside the baseline; the one with the largest effect if not given and a summary is there.

    Returns
    -------
    Axes
        The same axes.
    """
    known = context or Context()
    chosen = list(scenarios) if scenarios is not None else _best(source)
    ends: list[tuple[float, str, str]] = []
    for name, look in [(BASELINE, style.BASELINE_LOOK), *zip(chosen, style.LOOKS, strict=False)]:
        end = _one_fan(source, ax, name, look)
        ends.append((end, known.title(name), look.colour))
    _history(ax, known)
    _line_of_balance(ax, known, source)
    _name_the_bands(ax, known, source, [BASELINE, *chosen][-1])
    _axis(ax, known, source)
    _label_ends(ax, source, ends)
    if not chosen:
        style.title(ax, known.words.text("fan.title_baseline"))
    else:
        style.title(
            ax,
            known.words.text("fan.title", scenario=known.words.enumerate(map(known.quoted, chosen))),
        )
    return ax


def small_fan(source: Source, ax: Axes, *, scenario: str, context: Context | None = None) -> Axes:
    """Draw one scenario's 80 % band and median against the baseline's median, for a page of small figures.

    Parameters
    ----------
    source : Comparison or xr.Dataset
        Results; ``egendekning`` (scenario, draw, time), share.
    scenario : str
        Scenario id.
    ax, context
        As in `fan`.
    """
    known = context or Context()
    look = style.LOOKS[0]
    series = draws(source, RATIO, scenario)
    time = series[TIME].values
    low, middle, high = _PER_CENT * quantiles(series, (*BANDS[0], 0.5))[[0, 2, 1]]
    ax.fill_between(time, low, high, color=look.colour, alpha=0.25, linewidth=0)
    base = _PER_CENT * quantiles(draws(source, RATIO, BASELINE), (0.5,))[0]
    ax.plot(time, base, color=style.BASELINE_LOOK.colour, linestyle=style.BASELINE_LOOK.line, linewidth=1.3)
    ax.plot(time, middle, color=look.colour, linewidth=1.8)
    ax.axhline(_PER_CENT, color=style.INK, linewidth=0.9)
    style.horizontal_grid(ax)
    ax.set_xlim(time[0], time[-1])
    ax.set_xticks([2020, 2030, 2040])
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: known.words.percent(tick / _PER_CENT, 0)))
    ax.set_title(style.wrapped(ax, known.title(scenario), 25, 25), fontsize=8.5, pad=5)
    return ax


def _best(source: Source) -> list[str]:
    """Return the scenario with the largest effect, if that is known."""
    if dataset_of(source) is source:
        return []
    return ranked(source)[:1]


def _one_fan(source: Source, ax: Axes, scenario: str, look: style.Look) -> float:
    """Draw the bands and the median of a scenario; return where the median ends, in per cent."""
    series = draws(source, RATIO, scenario)
    time = series[TIME].values
    for (low, high), opacity in zip(BANDS, _BAND_OPACITY, strict=True):
        lower, upper = _PER_CENT * quantiles(series, (low, high))
        ax.fill_between(time, lower, upper, color=look.colour, alpha=opacity, linewidth=0)
    lower, upper = _PER_CENT * quantiles(series, BANDS[0])
    for edge in (lower, upper):
        ax.plot(time, edge, color=look.colour, linestyle=look.line, linewidth=0.6, alpha=0.8)
    middle = _PER_CENT * quantiles(series, (0.5,))[0]
    ax.plot(time, middle, color=look.colour, linestyle=look.line, linewidth=2.2)
    return float(middle[-1])


def _history(ax: Axes, known: Context) -> None:
    """Draw the register's own values as points, with a remark."""
    if not known.history:
        return
    time = np.array(sorted(known.history))
    share = _PER_CENT * np.array([known.history[when] for when in time])
    ax.plot(time, share, linestyle="none", marker="o", markersize=5, color=style.INK, zorder=5)
    remark = ax.annotate(known.words.text("fan.history"), (time[0], share[0]), xytext=(2, 9),
                         textcoords="offset points", fontsize=8, zorder=6)  # fmt: skip
    style.halo(remark)


def _line_of_balance(ax: Axes, known: Context, source: Source) -> None:
    """Draw the 100 % line and say what it is."""
    ax.axhline(_PER_CENT, color=style.INK, linewidth=1.1, zorder=1.5)
    time = dataset_of(source)[TIME].values
    x = time[0] + 0.02 * (time[-1] - time[0])
    remark = ax.annotate(
        style.wrapped(ax, known.words.text("fan.balance"), 34, 34),
        (x, _PER_CENT),
        xytext=(0, 4),
        textcoords="offset points",
        fontsize=8,
        va="bottom",
        zorder=6,
    )
    style.halo(remark)


def _name_the_bands(ax: Axes, known: Context, source: Source, scenario: str) -> None:
    """Add a key that says what the shades are."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    words = known.words
    handles: list[Patch | Line2D] = [
        Line2D([], [], color=style.INK, linewidth=2.2, label=words.text("band.median")),
        Patch(color=style.GREY, alpha=0.45, label=words.text("band.half")),
        Patch(color=style.GREY, alpha=0.2, label=words.text("band.most")),
    ]
    columns = 1 if style.narrow(ax) else 3
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, -0.09 if not style.narrow(ax) else -0.07),
        ncols=columns,
        fontsize=8,
        borderaxespad=0,
        handlelength=1.6,
    )


def _axis(ax: Axes, known: Context, source: Source) -> None:
    """Dress the axes: years below, per cent at the left, room for names at the right."""
    time = dataset_of(source)[TIME].values
    first = min([float(time[0]), *known.history]) if known.history else float(time[0])
    span = float(time[-1]) - first
    ax.set_xlim(first - 0.01 * span, float(time[-1]) + _ROOM_RIGHT[style.narrow(ax)] * span)
    ax.set_xticks([year for year in range(2020, 2051, 10 if style.narrow(ax) else 5) if year < time[-1] + 0.5])
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, _PER_CENT - 2), max(high, _PER_CENT + 2))
    ax.yaxis.set_major_locator(MultipleLocator(_step(*ax.get_ylim())))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda tick, _: known.words.percent(tick / _PER_CENT, 0)))
    style.horizontal_grid(ax)


def _step(low: float, high: float) -> float:
    """Return a spacing of ticks that gives some five to ten of them, in whole per cent."""
    return next((step for step in (1.0, 2.0, 5.0, 10.0, 20.0) if (high - low) / step <= 10), 50.0)


def _label_ends(ax: Axes, source: Source, ends: list[tuple[float, str, str]]) -> None:
    """Write each line's name where it ends, or above its end where there is no room at the side."""
    last = float(dataset_of(source)[TIME].values[-1])
    low, high = ax.get_ylim()
    apart = 0.085 * (high - low)
    placed: list[float] = []
    for y, text, colour in sorted(ends):
        where = max([y, *(earlier + apart for earlier in placed)])
        placed.append(where)
        slim = style.narrow(ax)
        above = y == max(ends)[0]
        name = ax.annotate(
            style.wrapped(ax, text, 24, 26),
            (last, where),
            xytext=((-2, 7 if above else -16) if slim else (6, 0)),
            textcoords="offset points",
            ha="right" if slim else "left",
            va="baseline" if slim else "center",
            fontsize=8.5,
            fontweight="bold",
            color=colour,
            zorder=6,
        )
        style.halo(name)
