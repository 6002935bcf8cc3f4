"""Figures of a policy search: what probability costs, which levers the best mixes use, what would have to be true.

Functions of what was found and an axes. Scenarios of the study stand as points under the front, so that a reader sees
how far each is from the best mix at its cost. The module refuses to search and to write.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from egendekning.figures import style
from egendekning.figures.raster import file_name, rendered
from egendekning.figures.search_words import Names

if TYPE_CHECKING:
    from egendekning.sensitivity.search.found import Found, Point

_INPUTS: Final = 8
"""Uncertain numbers shown, the strongest."""

_COLUMNS: Final = 9
"""Mixes shown beside each other at most; fewer on a narrow figure."""

_NEAR: Final = 0.2
"""Shares nearer each other than this have no room for their names side by side."""

_USED: Final = 0.01
"""Share of its range from which a lever counts as used."""


def front(found: Found, ax: Axes, names: Names) -> Axes:
    """Draw cost against probability: the best mixes, the same on fresh draws, and the scenarios of the study.

    Parameters
    ----------
    found : Found
        What was found.
    ax : Axes
        Where to draw.
    names : Names
        Language and titles.
    """
    words, goal = names.words, found.goal
    cost = [point.cost for point in found.front]
    ax.plot(cost, [p.probability for p in found.front], color=style.BLUE, marker="o", markersize=4.5,
            label=words.text("search.front.found"))  # fmt: skip
    ax.plot(cost, [p.fresh for p in found.front], color=style.BLUE, linewidth=1.2, linestyle=(0, (4, 2)), marker="o",
            markersize=3.5, markerfacecolor="white", label=words.text("search.front.fresh"))  # fmt: skip
    rivals = [(names.scenario(r.scenario), r.point) for r in found.rivals]
    ax.plot([p.cost for _, p in rivals], [p.probability for _, p in rivals], linestyle="none", marker="D",
            color=style.VERMILLION, markersize=5, label=words.text("search.front.rivals"))  # fmt: skip
    ax.plot(found.answer.cost, found.answer.probability, linestyle="none", marker="*", markersize=13,
            color=style.INK, label=words.text("search.front.answer"))  # fmt: skip
    top = max(goal.probability, max(p.probability for p in found.front)) * 1.08
    ax.set_ylim(0.0, min(top, 1.04))
    widest = max([*cost, *(p.cost for _, p in rivals), 1.0])
    ax.set_xlim(-0.02 * widest, 1.06 * widest)
    _line(ax, goal.probability, words.text("search.front.wanted", probability=words.percent(goal.probability, 0)))
    if np.isfinite(goal.budget) and goal.budget <= widest:
        ax.axvline(goal.budget, color=style.GREY, linewidth=1.0, linestyle=(0, (2, 2)))
        style.halo(ax.annotate(words.text("search.front.budget"), (goal.budget, 0.985), (3, 0), va="top", fontsize=8,
                               xycoords=("data", "axes fraction"), textcoords="offset points",
                               color=style.QUIET))  # fmt: skip
    _name_rivals(ax, rivals, widest)
    style.horizontal_grid(ax)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: words.percent(y, 0)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: words.number(x)))
    ax.xaxis.set_major_locator(MaxNLocator(4 if style.narrow(ax) else 8))
    ax.set_xlabel(style.wrapped(ax, names.head(found, "search.front.axis_cost"), 90, 44), fontsize=8.5, loc="left")
    ax.set_title(words.text("search.front.axis_probability"), fontsize=8.5, fontweight="normal", color=style.QUIET)
    _legend(ax, 2 if style.narrow(ax) else 4)
    style.heading(style.figure_of(ax), names.head(found, "search.front.title"))
    return ax


def _legend(ax: Axes, columns: int) -> None:
    """Put the legend under the figure."""
    handles, labels = ax.get_legend_handles_labels()
    style.figure_of(ax).legend(handles, labels, loc="outside lower left", ncols=columns, fontsize=8, columnspacing=1.2,
                               handletextpad=0.5)  # fmt: skip


def _line(ax: Axes, height: float, text: str) -> None:
    """Draw the wanted probability."""
    ax.axhline(height, color=style.INK, linewidth=1.0, linestyle=(0, (5, 3)))
    style.halo(ax.annotate(text, (0.995, height), (0, -3), xycoords=("axes fraction", "data"), va="top", ha="right",
                           textcoords="offset points", fontsize=8))  # fmt: skip


def _name_rivals(ax: Axes, rivals: list[tuple[str, Point]], widest: float) -> None:
    """Write titles beside the scenarios' points, where there is room; on a narrow figure only the dearest one's."""
    order = sorted(rivals, key=lambda item: -item[1].cost)
    taken: list[tuple[float, float]] = []
    for name, point in order[: 1 if style.narrow(ax) else len(order)]:
        right = point.cost > 0.55 * widest
        reach = 0.36 * widest
        span = (point.cost - reach, point.cost) if right else (point.cost, point.cost + reach)
        height = point.probability / ax.get_ylim()[1]
        others = [(p.cost, p.probability / ax.get_ylim()[1]) for _, p in rivals if p is not point]
        if any(abs(height - y) < 0.04 and span[0] < x < span[1] for x, y in others) or any(
            abs(height - y) < 0.045 and span[0] < x + reach and x < span[1] for x, y in taken
        ):
            continue
        taken.append((span[0], height))
        style.halo(ax.annotate(name, (point.cost, point.probability), (-6 if right else 6, -1), fontsize=7.5,
                               textcoords="offset points", ha="right" if right else "left", va="center",
                               color=style.VERMILLION))  # fmt: skip


def mix(found: Found, ax: Axes, names: Names) -> Axes:
    """Draw how much of each lever the mixes along the front use: a column a mix, a row a lever.

    Parameters
    ----------
    found, ax, names
        As in `front`.
    """
    words = names.words
    points = _spread([p for p in found.front if p.cost > 0], 5 if style.narrow(ax) else _COLUMNS)
    levers = list(found.answer.values)
    ends = {name: names.study.levers[name].range for name in levers}
    shares = np.array([[(p.values[n] - ends[n][0]) / (ends[n][1] - ends[n][0]) for p in points] for n in levers])
    order = [i for i in np.argsort(-shares.sum(axis=1), kind="stable") if shares[i].max() > _USED]
    unused = [levers[i] for i in range(len(levers)) if i not in order]
    for y, row in enumerate(order):
        for x in range(len(points)):
            share = float(shares[row, x])
            ax.barh(y, 0.88, left=x + 0.06, height=0.72, color="#eef1f4")
            if share > _USED:
                ax.barh(y, 0.88 * share, left=x + 0.06, height=0.72, color=style.BLUE, alpha=0.75)
                style.halo(ax.annotate(words.number(100 * share), (x + 0.5, y), ha="center", va="center", fontsize=7.5))
    style.row_names(ax, [names.setting(levers[i]) for i in order], "")
    ax.set_xlim(0, max(len(points), 1))
    heads = [f"{words.number(p.cost)}\n{words.percent(p.probability, 0)}" for p in points]
    ax.set_xticks([x + 0.5 for x in range(len(points))], heads, fontsize=8)
    ax.xaxis.tick_top()
    ax.tick_params(axis="both", length=0)
    for side in ax.spines.values():
        side.set_visible(False)
    left_out = f". {words.text('search.place.low').capitalize()}: {words.enumerate(map(names.setting, unused))}"
    note = f"{words.text('search.mix.axis')}. {words.text('search.mix.note')}{left_out if unused else ''}."
    figure = style.figure_of(ax)
    figure.supxlabel(style.wrapped(ax, note, 118, 60), x=0.012, ha="left", fontsize=8, color=style.QUIET)
    style.heading(figure, words.text("search.mix.title"))
    return ax


def _spread(points: list[Point], most: int) -> list[Point]:
    """Return at most so many of the points, from the first to the last, evenly spread over probability."""
    if len(points) <= most:
        return points
    at = np.array([p.probability for p in points])
    wanted = np.linspace(at[0], at[-1], most)
    return [points[i] for i in sorted({int(np.argmin(np.abs(at - w))) for w in wanted})]


def truth(found: Found, ax: Axes, names: Names) -> Axes:
    """Draw how likely the target is under conditions: worst and best quarters of uncertain numbers, and drivers.

    Parameters
    ----------
    found, ax, names
        As in `front`.
    """
    words, told = names.words, found.truth
    inputs = told.inputs[:_INPUTS]
    rows: list[str | None] = [names.condition(item) for item in inputs]
    for y, item in enumerate(inputs):
        ax.plot([item.worse, item.better], [y, y], color=style.BLUE, linewidth=4, alpha=0.3, solid_capstyle="butt")
        _mark(ax, y, item.worse, "o", "white", words.text("search.truth.worse") if not y else "_")
        _mark(ax, y, item.better, "o", style.BLUE, words.text("search.truth.better") if not y else "_")
        _number(ax, y, item.better, words.percent(item.better, 0))
    if told.pushes:
        rows.append(None)
    drivers = [(names.setting(p.driver), names.size(p.driver, p.best), p.probability) for p in told.pushes]
    for name, value, share in drivers:
        _mark(ax, len(rows), share, "D", style.GREEN, words.text("search.truth.pushed") if rows[-1] is None else "_")
        _number(ax, len(rows), share, words.percent(share, 0))
        rows.append(words.text("search.truth.driver", name=name, value=value))
    if len(drivers) > 1:
        _mark(ax, len(rows), told.all_pushes, "D", style.GREEN, "_")
        _number(ax, len(rows), told.all_pushes, words.percent(told.all_pushes, 0))
        rows.append(words.text("search.truth.all"))
    now = 0.5 * (found.answer.probability + found.answer.fresh)
    for height, key, line in ((now, "now", "-"), (found.goal.probability, "wanted", (0, (5, 3)))):
        text = words.text(f"search.truth.{key}", probability=words.percent(height, 0))
        ax.axvline(height, color=style.INK, linewidth=1.0, linestyle=line, zorder=1.0)
        near = style.narrow(ax) or abs(now - found.goal.probability) < _NEAR
        rise = 14 if key == "wanted" and near else 3
        ax.annotate(text, (height, 1.0), (0, rise), xycoords=("data", "axes fraction"), textcoords="offset points",
                    ha="center", va="bottom", fontsize=8)  # fmt: skip
    style.row_names(ax, rows, words.text("search.truth.drivers"))
    for label in ax.get_yticklabels():
        label.set_linespacing(0.95)
    style.vertical_grid(ax)
    ax.set_xlim(-0.02, 1.06)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: words.percent(x, 0)))
    ax.xaxis.set_major_locator(MaxNLocator(4 if style.narrow(ax) else 6))
    ax.set_xlabel(style.wrapped(ax, words.text("search.truth.axis"), 90, 26), fontsize=8.5, loc="left")
    _legend(ax, 1 if style.narrow(ax) else 3)
    style.heading(style.figure_of(ax), names.head(found, "search.truth.title"))
    return ax


def _mark(ax: Axes, y: float, x: float, marker: str, face: str, label: str) -> None:
    edge = style.BLUE if marker == "o" else style.GREEN
    ax.plot(x, y, linestyle="none", marker=marker, markersize=6.5, color=edge, markerfacecolor=face, label=label)


def _number(ax: Axes, y: float, x: float, text: str) -> None:
    style.halo(ax.annotate(text, (x, y), (7, 0), textcoords="offset points", va="center", fontsize=8))


def pictures(found: Found, names: Names) -> dict[str, bytes]:
    """Draw the figures of a search in both shapes.

    Returns
    -------
    dict
        File name to PNG bytes; mixes are left out where none costs anything, and what would have
        to be true where nothing is told.
    """
    rows = len(found.answer.values)
    told = min(len(found.truth.inputs), _INPUTS) + len(found.truth.pushes) + 2
    pages: list[tuple[str, Callable[[Found, Axes, Names], Axes], float, float]] = [("search_front", front, 5.0, 5.2)]
    if any(point.cost > 0 for point in found.front):  # a target that is met without levers has no mix to draw
        pages.append(("search_mix", mix, 1.6 + 0.3 * rows, 2.0 + 0.36 * rows))
    if found.truth.inputs or found.truth.pushes:
        pages.append(("search_truth", truth, 1.7 + 0.4 * told, 2.2 + 0.62 * told))
    made = {}
    for name, draw, wide, slim in pages:
        for narrow in (False, True):
            height = slim if narrow else wide
            made[file_name(name, names.words.lang, slim=narrow)] = rendered(
                partial(_on, draw, found, names), height, slim=narrow
            )
    return made


def _on(draw: Callable[[Found, Axes, Names], Axes], found: Found, names: Names, ax: Axes) -> Axes:
    """Draw on the axes that comes last."""
    return draw(found, ax, names)
