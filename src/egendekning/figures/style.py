"""The quiet look that all figures share: colours, line styles, fonts, and what to do when there is little room.

Colours are those of Okabe and Ito (2008), which people with the common kinds of colour blindness can tell apart; each
goes with a line style, a marker or a hatch of its own, so that a figure also reads in black and white. The font comes
with matplotlib and holds æ, ø and å. The module refuses to know what is drawn.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

INK: Final = "#1f2933"
"""Text and the markers that matter most."""

QUIET: Final = "#5c6670"
"""Axis labels and remarks; 5.6:1 against white."""

FAINT: Final = "#d5dade"
"""Grid and frames."""

GREY: Final = "#6b7280"
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
GREEN: Final = "#009E73"
ORANGE: Final = "#E69F00"
SKY: Final = "#56B4E9"
PURPLE: Final = "#AA4499"

_NARROW_BELOW_INCHES: Final = 5.5


@dataclass(frozen=True)
class Look:
    """How one scenario is told from the others: never by colour alone."""

    colour: str
    line: Any
    marker: str


BASELINE_LOOK: Final = Look(GREY, (0, (5, 2)), "s")
"""The baseline: grey, dashed, square."""

LOOKS: Final = (
    Look(BLUE, "-", "o"),
    Look(VERMILLION, (0, (1.2, 1.2)), "^"),
    Look(GREEN, (0, (6, 1.5, 1.2, 1.5)), "D"),
    Look(PURPLE, (0, (3, 1)), "v"),
)
"""The scenarios chosen for a figure, in order."""

RC: Final[dict[Any, Any]] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "text.color": INK,
    "axes.edgecolor": "#9aa5b1",
    "axes.labelcolor": QUIET,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlepad": 9.0,
    "axes.axisbelow": True,
    "axes.grid": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "hatch.linewidth": 0.6,
    "axes.unicode_minus": True,
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
    "text.usetex": False,
    "text.parse_math": False,
}
"""Settings in force while a figure is drawn."""


@contextmanager
def quiet() -> Iterator[None]:
    """Draw with the project's settings and nobody else's."""
    with mpl.rc_context():
        mpl.rcdefaults()
        for setting, choice in RC.items():
            mpl.rcParams[setting] = choice
        yield


def figure_of(ax: Axes) -> Figure:
    """Return the figure that an axes belongs to."""
    figure = ax.get_figure(root=True)
    assert figure is not None, "the axes is on no figure"
    return figure


def narrow(ax: Axes) -> bool:
    """Whether the figure is as narrow as a telephone, so that words must be few and lines short."""
    return float(figure_of(ax).get_figwidth()) < _NARROW_BELOW_INCHES


def wrapped(ax: Axes, text: str, wide: int, slim: int) -> str:
    """Break `text` into lines of at most `wide` characters, `slim` on a narrow figure."""
    return _filled(text, slim if narrow(ax) else wide)


def _filled(text: str, width: int) -> str:
    """Break into lines; what stands in parentheses stays on one line, if it is no longer than a line."""

    def whole(found: re.Match[str]) -> str:
        return found[0].replace(" ", "\N{NO-BREAK SPACE}") if len(found[0]) <= width else found[0]

    return textwrap.fill(re.sub(r"\([^)]*\)", whole, text), width, break_long_words=False)


def title(ax: Axes, text: str, wide: int = 84, slim: int = 42) -> None:
    """Put a title over the axes; at the left edge of the figure where the axes is alone on it."""
    figure = figure_of(ax)
    if len(figure.axes) > 1:
        ax.set_title(wrapped(ax, text, wide, slim))
    else:
        heading(figure, text, wide, slim)


def heading(figure: Figure, text: str, wide: int = 84, slim: int = 42) -> None:
    """Put a heading at the upper left of a figure."""
    width = slim if figure.get_figwidth() < _NARROW_BELOW_INCHES else wide
    figure.suptitle(_filled(text, width), x=0.012, ha="left", fontsize=10.5, fontweight="bold")


def halo(text: Text) -> Text:
    """Give a text a white edge, so that it reads where lines pass behind it."""
    text.set_path_effects([withStroke(linewidth=2.6, foreground="white", alpha=0.85)])
    return text


def row_names(ax: Axes, names: Sequence[str | None], gap: str) -> None:
    """Name the rows of a figure at the left, the first on top; a None is a gap with the heading `gap`.

    Parameters
    ----------
    ax : Axes
        With one row a unit.
    names : sequence of str or None
        From the top.
    gap : str
        Heading of what follows a gap.
    """
    places = [y for y, name in enumerate(names) if name is not None]
    texts = [wrapped(ax, name, 40, 24) for name in names if name is not None]
    ax.set_yticks(places, texts, fontsize=8 if narrow(ax) else 8.5)
    ax.set_ylim(len(names) - 0.4, -0.6)
    for y, name in enumerate(names):
        if name is None:
            ax.axhline(y, color=FAINT, linewidth=0.8)
            ax.annotate(gap, (0.0, y), xycoords=("axes fraction", "data"), xytext=(-4, 0), textcoords="offset points",
                        ha="right", va="center", fontsize=8, fontstyle="italic", color=QUIET,
                        annotation_clip=False)  # fmt: skip


def horizontal_grid(ax: Axes) -> None:
    """Draw faint lines at the ticks of the vertical axis."""
    ax.yaxis.grid(True)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def vertical_grid(ax: Axes) -> None:
    """Draw faint lines at the ticks of the horizontal axis."""
    ax.xaxis.grid(True)
    ax.tick_params(axis="both", length=0)
    ax.spines["bottom"].set_visible(False)
    ax.spines["left"].set_visible(False)
