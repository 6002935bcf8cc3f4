"""Which scenario does most, and how likely 100 % is: the two figures that compare all scenarios at a glance.

Every number shown is a number of the summary. Scenarios in which the world outside does something stand apart from
the municipality's own measures: they are not choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from egendekning.figures import style
from egendekning.figures.context import Context
from egendekning.figures.reading import BASELINE, HORIZON, Comparison, effect, probability, ranked
from egendekning.figures.ticks import numbers

_PER_CENT = 100.0
YEARS: Final = (2030, 2035, 2040)
"""Years by whose end the probability of 100 % is reported."""


def ranking(comparison: Comparison, ax: Axes, *, context: Context | None = None) -> Axes:
    """Draw each scenario's effect on egendekning in the horizon year: median and 80 % of the draws.

    Parameters
    ----------
    comparison : Comparison
        Results with a summary.
    ax : Axes
        Where to draw.
    context : Context, optional
        Language, titles and which scenarios are events.

    Returns
    -------
    Axes
        The same axes.
    """
    known = context or Context()
    rows = known.apart(ranked(comparison))
    slim = style.narrow(ax)
    for y, name in enumerate(rows):
        if name is None:
            continue
        low, middle, high = (
            _PER_CENT * effect(comparison, name, which) for which in ("diff_p10", "diff_p50", "diff_p90")
        )
        event = known.is_event(name)
        colour = style.GREY if event else style.BLUE
        ax.plot([low, high], [y, y], color=colour, linewidth=5, alpha=0.35, solid_capstyle="butt")
        face = "white" if event else colour
        ax.plot(middle, y, marker="D" if event else "o", markersize=6.5, color=colour, markerfacecolor=face)
        _value(ax, known, y, (low, middle, high))
    ax.axvline(0, color=style.INK, linewidth=1.0, zorder=1.2)
    _name_rows(ax, known, rows)
    style.vertical_grid(ax)
    numbers(ax.xaxis, known.words, 4 if slim else 7, sign=True)
    ax.set_xlabel(style.wrapped(ax, known.words.text("ranking.axis", year=HORIZON), 90, 40), fontsize=8.5, loc="left")
    style.title(ax, known.words.text("ranking.title", year=HORIZON))
    return ax


def _value(ax: Axes, known: Context, y: float, numbers: tuple[float, float, float]) -> None:
    """Write the numbers at the right of a row."""
    low, middle, high = (known.words.number(number, 1, sign=True) for number in numbers)
    text = middle if style.narrow(ax) else f"{middle}  ({known.words.text('range', low=low, high=high)})"
    ax.annotate(
        text,
        (1.0, y),
        xycoords=("axes fraction", "data"),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
    )


def _name_rows(ax: Axes, known: Context, rows: Sequence[str | None]) -> None:
    """Write the titles at the left."""
    titles = [None if name is None else known.title(name) for name in rows]
    style.row_names(ax, titles, known.words.text("ranking.events"))


def chances(comparison: Comparison, ax: Axes, *, context: Context | None = None) -> Axes:
    """Draw the probability of having reached 100 % by the end of 2030, 2035 and 2040, a column a year.

    Parameters
    ----------
    comparison, ax, context
        As in `ranking`.
    """
    known = context or Context()
    rows: list[str | None] = [BASELINE, *known.apart(ranked(comparison))]
    slim = style.narrow(ax)
    pitch = 1.55 if slim else 1.3
    for y, name in enumerate(rows):
        if name is None:
            continue
        for column, year in enumerate(YEARS):
            _cell(ax, known, (column * pitch, y), probability(comparison, name, year), known.is_event(name))
    for column, year in enumerate(YEARS):
        ax.annotate(
            known.words.text("chances.by", year=year),
            (column * pitch, -0.62),
            ha="left",
            va="bottom",
            fontsize=8.5,
            fontweight="bold",
            annotation_clip=False,
        )
    _name_rows(ax, known, rows)
    ax.tick_params(axis="y", length=0)
    for label, name in zip(ax.get_yticklabels(), [row for row in rows if row is not None], strict=True):
        label.set_fontweight("bold" if name == BASELINE else "normal")
    ax.set_xlim(-0.03, 2 * pitch + 1.0 + (0.5 if slim else 0.25))
    ax.set_xticks([])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    style.title(ax, known.words.text("chances.title"))
    return ax


def _cell(ax: Axes, known: Context, corner: tuple[float, float], share: float, event: bool) -> None:
    """Draw one probability as a bar in a frame of full length, with its number."""
    x, y = corner
    colour = style.GREY if event else style.BLUE
    ax.add_patch(Rectangle((x, y - 0.28), 1.0, 0.56, facecolor="#eef1f4", edgecolor="none"))
    ax.add_patch(Rectangle((x, y - 0.28), share, 0.56, facecolor=colour, alpha=0.75, edgecolor="none"))
    ax.annotate(known.words.percent(share, 0), (x + 1.03, y), va="center", fontsize=8 if style.narrow(ax) else 8.5)
