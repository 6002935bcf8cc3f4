"""Draw a diagram with Matplotlib: the same places as in the sketch, clear enough to print.

Colour is never the only key: stocks are boxes, flows have valves, shadows stand in angle brackets. The module
refuses to place anything.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path as Way

from egendekning.diagrams.route import curve
from egendekning.diagrams.shapes import (
    CLOUD,
    INDENT,
    ITEM_LINE,
    NAME_LINE,
    VALVE,
    Arrow,
    Channel,
    Diagram,
    Placed,
    Point,
)

DOTS: Final = 100.0
_INK: Final = "#1c2b33"
_STOCK: Final = "#dcebf2"
_EDGE: Final = "#1f6079"
_FLOW: Final = "#2f7f9b"
_LINK: Final = "#6d8894"
_GREY: Final = "#5b6870"
_CARD: Final = "#f3f6f7"
_TITLE: Final = 46.0
_NAME_POINTS: Final = 8.8
_ITEM_POINTS: Final = 7.2
_FONT: Final = "DejaVu Sans"


def draw(diagram: Diagram, title: str, note: str) -> Figure:
    """Return a figure of a diagram.

    Parameters
    ----------
    diagram : Diagram
        With everything in its place.
    title, note : str
        The heading and the line under it.

    Returns
    -------
    Figure
        One pixel of the diagram is a hundredth of an inch.
    """
    width = max(diagram.width, 9.0 * len(note) * 0.75)
    height = diagram.height + _TITLE
    figure = Figure(figsize=(width / DOTS, height / DOTS))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, width)
    ax.set_ylim(diagram.height, -_TITLE)
    ax.axis("off")
    ax.text(24, -_TITLE + 22, title, fontsize=14, color=_INK, weight="bold", va="center")
    ax.text(24, -_TITLE + 42, note, fontsize=8, color=_GREY, va="center", family=_FONT)
    for arrow in diagram.arrows:
        _arrow(ax, arrow)
    for channel in diagram.channels:
        _channel(ax, channel)
    for placed in diagram.placed.values():
        _block(ax, placed)
    return figure


def _arrow(ax: Axes, arrow: Arrow) -> None:
    points = curve(arrow.start, arrow.middle, arrow.end, np.linspace(0, 1, 24))
    way = Way([tuple(p) for p in points])
    ax.add_patch(
        FancyArrowPatch(path=way, arrowstyle="-|>,head_length=4.5,head_width=2.2", color=_LINK, lw=0.9, zorder=1)
    )


def _channel(ax: Axes, channel: Channel) -> None:
    """Draw a pipe as a double line with its arrowhead, valve and clouds."""
    for way in (channel.before, channel.after):
        x, y = zip(*way, strict=True)
        ax.plot(x, y, color=_FLOW, lw=4.6, solid_capstyle="butt", solid_joinstyle="miter", zorder=2, snap=False)
        ax.plot(x, y, color="white", lw=2.2, solid_capstyle="butt", solid_joinstyle="miter", zorder=3, snap=False)
    if channel.source is None:
        _cloud(ax, channel.before[0])
    if channel.target is None:
        _cloud(ax, channel.after[-1])
    (x0, y0), (x1, y1) = channel.after[-2], channel.after[-1]
    length = max(np.hypot(x1 - x0, y1 - y0), 1e-6)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    tip = (x1 - ux * CLOUD, y1 - uy * CLOUD) if channel.target is None else (x1, y1)
    base = (tip[0] - 11 * ux, tip[1] - 11 * uy)
    head = [tip, (base[0] - 7 * uy, base[1] + 7 * ux), (base[0] + 7 * uy, base[1] - 7 * ux)]
    ax.add_patch(Polygon(head, closed=True, color=_FLOW, lw=0, zorder=4))
    vx, vy = channel.valve
    if abs(channel.after[1][1] - vy) < 1:
        wings = [(vx - VALVE, vy - VALVE), (vx + VALVE, vy + VALVE), (vx + VALVE, vy - VALVE), (vx - VALVE, vy + VALVE)]
    else:
        wings = [(vx - VALVE, vy - VALVE), (vx + VALVE, vy - VALVE), (vx - VALVE, vy + VALVE), (vx + VALVE, vy + VALVE)]
    ax.add_patch(Polygon(wings, closed=True, facecolor="white", edgecolor=_EDGE, lw=1.3, zorder=5))


def _cloud(ax: Axes, at: Point) -> None:
    x, y = at
    puffs = [(-7, 2, 6), (-2, -4, 7), (5, -2, 6.5), (7, 4, 5), (0, 4, 6.5)]
    for dx, dy, r in puffs:
        ax.add_patch(Circle((x + dx, y + dy), r, facecolor="white", edgecolor=_FLOW, lw=1.0, zorder=4))
    for dx, dy, r in puffs:
        ax.add_patch(Circle((x + dx, y + dy), r - 0.8, facecolor="white", lw=0, zorder=4.1))


def _block(ax: Axes, placed: Placed) -> None:
    block, head = placed.block, placed.head
    if block.kind == "stock":
        s = placed.symbol
        ax.add_patch(
            Rectangle((s.x - s.w / 2, s.y - s.h / 2), s.w, s.h, facecolor=_STOCK, edgecolor=_EDGE, lw=1.7, zorder=5)
        )
    elif placed.listing and block.kind != "flow":
        c = placed.card
        ax.add_patch(
            Rectangle((c.x - c.w / 2 - 3, c.y - c.h / 2 - 2), c.w + 6, c.h + 4, facecolor=_CARD, lw=0, zorder=0.5)
        )
    top = head.y - head.h / 2
    for i, line in enumerate(block.lines):
        ax.text(
            head.x, top + (i + 0.5) * NAME_LINE, line, fontsize=_NAME_POINTS,
            color=_EDGE if block.kind == "flow" else _INK,
            weight="bold" if block.kind == "stock" else "normal",
            style="italic" if block.kind in ("constant", "lookup") else "normal",
            ha="center", va="center", zorder=6, family=_FONT,
        )  # fmt: skip
    if placed.listing:
        _listing(ax, placed)


def _listing(ax: Axes, placed: Placed) -> None:
    """Draw the small names under a block, joined to it by one bracket."""
    rect = placed.listing
    assert rect is not None
    x, y = rect.x - rect.w / 2 + INDENT, rect.y - rect.h / 2 + 4
    low = y
    for item in placed.block.items:
        low = y + ITEM_LINE / 2
        for line in item.lines:
            ax.text(
                x, y + ITEM_LINE / 2, line, fontsize=_ITEM_POINTS, color=_GREY, va="center", zorder=6, family=_FONT,
                style="normal" if item.kind == "shadow" else "italic",
            )  # fmt: skip
            y += ITEM_LINE
        ax.plot((x - 7, x - 2), (low, low), color=_LINK, lw=0.6, zorder=1)
    top = rect.y - rect.h / 2 + 1
    ax.add_patch(PathPatch(Way([(x - 7, low), (x - 7, top)]), edgecolor=_LINK, lw=0.6, facecolor="none", zorder=1))
    ax.add_patch(
        Polygon([(x - 7, top - 3), (x - 9.2, top + 3), (x - 4.8, top + 3)], closed=True, color=_LINK, lw=0, zorder=1)
    )
