"""A figure as the bytes of a PNG file: one size for the page, one for the telephone.

The files carry no date and no name of a program, so the same results give the same bytes. The module refuses to write
files and to know what is drawn.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from egendekning.figures import style

DOTS_PER_INCH: Final = 170
WIDE: Final = 8.2
"""Inches; the width of a page."""

NARROW: Final = 4.3
"""Inches; shown on a telephone, the letters keep their size."""


def file_name(page: str, lang: str, *, slim: bool) -> str:
    """Return the file name of a figure: ``fan_nb.png``, and ``fan_nb_narrow.png`` for the telephone."""
    return f"{page}_{lang}{'_narrow' if slim else ''}.png"


def png_of(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG file."""
    buffer = io.BytesIO()
    with style.quiet():
        figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return buffer.getvalue()


def rendered(draw: Callable[[Axes], object], height: float, *, slim: bool) -> bytes:
    """Draw a figure of one axes.

    Parameters
    ----------
    draw : callable
        Draws on the axes that it is given.
    height : float
        Inches.
    slim : bool
        Whether it is for the telephone.

    Returns
    -------
    bytes
        Of a PNG file.
    """
    with style.quiet():
        figure = Figure(figsize=(NARROW if slim else WIDE, height), layout="constrained")
        draw(figure.add_subplot())
        return png_of(figure)
