"""Numbers along an axis, as the reader's language writes them and with the decimals that tell them apart."""

from __future__ import annotations

from typing import Final

import numpy as np
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, MaxNLocator

from egendekning.figures.words import Words

STEPS: Final = (1, 2, 5, 10)
"""Gaps between ticks that people count in."""

_MOST: Final = 4
"""Decimals at most."""


def numbers(axis: Axis, words: Words, most: int | None = None, *, end: str = "", sign: bool = False) -> None:
    """Put numbers along an axis.

    Parameters
    ----------
    axis : Axis
        Of the figure.
    words : Words
        Language.
    most : int, optional
        Gaps between ticks at most; the ticks stay where they are if left out.
    end : str
        What follows each number.
    sign : bool
        Whether a positive number gets a plus.
    """
    if most is not None:
        axis.set_major_locator(MaxNLocator(most, steps=STEPS))
    axis.set_major_formatter(FuncFormatter(lambda tick, _: words.number(tick, decimals(axis), sign=sign) + end))


def decimals(axis: Axis) -> int:
    """Return how many decimals tell the ticks of an axis apart."""
    ticks = axis.get_ticklocs()
    gap = float(np.diff(ticks).min()) if len(ticks) > 1 else 1.0
    return next((d for d in range(_MOST) if abs(gap * 10**d - round(gap * 10**d)) < 1e-6), _MOST)
