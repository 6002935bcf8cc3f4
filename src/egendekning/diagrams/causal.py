"""Draw the causal-loop diagram: the nodes of `loops.yaml`, signed links, and the labels of the loops.

A minus sign, a dashed line and a colour say the same thing, so that none of them is the only key. The module refuses to
decide which loops exist.
"""

from __future__ import annotations

import textwrap
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.path import Path as Way

from egendekning.diagrams.loops import Drawn, Loop, LoopFile, drawn_links
from egendekning.diagrams.route import bend, curve
from egendekning.diagrams.shapes import Arrow, Rect

_PLUS: Final = "#1f6079"
_MINUS: Final = "#b0452c"
_INK: Final = "#1c2b33"
_LINE: Final = 17.0
_CHAR: Final = 8.4
_WRAP: Final = 18
_SIZE: Final = (1560.0, 1130.0)
_LEGEND: Final = 230.0
_DOWN: Final = 45.0
_FONT: Final = "DejaVu Sans"
_HEAD: Final = {"nb": "Årsakssløyfene i modellen", "en": "The causal loops of the model"}
_NOTE: Final = {
    "nb": "+ (hel linje): mer av det første gir mer av det andre. − (stiplet): mer gir mindre. "
    "R forsterker, B bremser, M er en kjede.",
    "en": "+ (solid): more of the first gives more of the second. − (dashed): more gives less. "
    "R reinforces, B balances, M is a chain.",
}


def draw_loops(file: LoopFile, language: str) -> Figure:
    """Return the causal-loop diagram.

    Parameters
    ----------
    file : LoopFile
        The named loops.
    language : {"nb", "en"}
        Language of nodes, names and heading.
    """
    width, height = _SIZE
    figure = Figure(figsize=(width / 100, (height + _LEGEND) / 100))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_xlim(0, width)
    ax.set_ylim(height + _LEGEND, 0)
    ax.axis("off")
    ax.text(30, 34, _HEAD[language], fontsize=17, weight="bold", color=_INK, va="center")
    ax.text(30, 66, _NOTE[language], fontsize=10, color=_INK, va="center")
    lines = {n: textwrap.wrap(getattr(node, language), _WRAP) for n, node in file.nodes.items()}
    rects = {
        n: Rect(
            100 * node.at[0], 100 * node.at[1] + _DOWN, max(map(len, lines[n])) * _CHAR + 10, len(lines[n]) * _LINE + 8
        )
        for n, node in file.nodes.items()
    }
    for link in drawn_links(file):
        _link(ax, link, rects)
    for name, rect in rects.items():
        for i, line in enumerate(lines[name]):
            y = rect.y + (i - (len(lines[name]) - 1) / 2) * _LINE
            weight = "bold" if name == "egendekning" else "normal"
            ax.text(
                rect.x,
                y,
                line,
                fontsize=10.5,
                color=_INK,
                weight=weight,
                ha="center",
                va="center",
                zorder=5,
                family=_FONT,
            )
    for loop in file.loops:
        _badge(ax, loop, 100 * loop.at[0], 100 * loop.at[1] + _DOWN)
    _legend(ax, file, language, height)
    return figure


def _link(ax: Axes, link: Drawn, rects: dict[str, Rect]) -> None:
    """Draw one link, clear of other nodes where that can be, with its sign by the arrowhead."""
    others = np.array([(r.x, r.y, r.w, r.h) for n, r in rects.items() if n not in (link.source, link.target)])
    ends = (rects[link.source], rects[link.target])
    way: Arrow | None = bend(
        link.source,
        link.target,
        ends,
        others,
        np.zeros((0, 4)),
        np.inf,
        True,
        (0.14, 0.22, 0.08, 0.32, -0.14, -0.22, 0.42),
    )
    assert way is not None
    points = curve(way.start, way.middle, way.end, np.linspace(0, 1, 40))
    colour = _PLUS if link.sign > 0 else _MINUS
    ax.add_patch(
        FancyArrowPatch(
            path=Way([(float(x), float(y)) for x, y in points]), arrowstyle="-|>,head_length=6,head_width=3",
            color=colour, lw=1.6, linestyle="-" if link.sign > 0 else (0, (5, 2.5)), zorder=2, joinstyle="round",
        )
    )  # fmt: skip
    end, near = points[-1], points[-8]
    along = (end - near) / max(float(np.hypot(*(end - near))), 1e-6)
    x, y = end - 22 * along + 13 * np.array([along[1], -along[0]])
    ax.text(
        x,
        y,
        "+" if link.sign > 0 else "−",
        fontsize=14,
        weight="bold",
        color=colour,
        ha="center",
        va="center",
        zorder=4,
    )


def _badge(ax: Axes, loop: Loop, x: float, y: float) -> None:
    face = {"reinforcing": "#dcebf2", "balancing": "#f7e3dc", "chain": "#eceff0"}[loop.kind]
    ax.add_patch(Circle((x, y), 19, facecolor=face, edgecolor=_INK, lw=1.2, zorder=6))
    ax.text(x, y, loop.label, fontsize=11, weight="bold", color=_INK, ha="center", va="center", zorder=7)


def _legend(ax: Axes, file: LoopFile, language: str, top: float) -> None:
    """List the loops by label and name in two columns."""
    rows = (len(file.loops) + 1) // 2
    for i, loop in enumerate(file.loops):
        x, y = 50 + 770 * (i // rows), top + 24 + 42 * (i % rows)
        _badge(ax, loop, x, y)
        name = textwrap.fill(getattr(loop, f"name_{language}"), 78)
        ax.text(x + 30, y, name, fontsize=10, color=_INK, va="center", linespacing=1.3)
