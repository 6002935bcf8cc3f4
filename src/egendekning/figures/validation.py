"""Pictures of the validation report: runs against registers, loops cut, and what the uncertainty comes from.

Functions of what was found and an axes, as all figures. The module refuses to compute a finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import MaxNLocator

from egendekning.dims import DRAW, TIME
from egendekning.figures.style import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    QUIET,
    SKY,
    VERMILLION,
    horizontal_grid,
    title,
    vertical_grid,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_UNTIL: Final = 2025.0
"""Where the picture of history ends: a few years after the last figure."""

_BASES: Final = {"assumption": VERMILLION, "derived": SKY, "source": GREEN, "process noise": PURPLE}
_HATCHES: Final = {"assumption": "//", "derived": "", "source": "..", "process noise": "xx"}


def band_and_points(
    series: xr.DataArray, history: Sequence[tuple[float, float]], ax: Axes, name: str, *, scale: float = 1.0
) -> Axes:
    """Draw the band of a series over the draws and the figures of the registers.

    Parameters
    ----------
    series : xarray.DataArray
        (draw, time), in the unit of the model, the reference draw first.
    history : sequence of (float, float)
        Time and figure, in the unit shown.
    ax : Axes
        Where.
    name : str
        What it is, unit included.
    scale : float
        From the model's unit to the one shown.
    """
    series = series.sel({TIME: slice(None, _UNTIL)})
    times = series[TIME].values
    values = scale * series.transpose(DRAW, TIME).values
    low, median, high = np.quantile(values[1:], [0.1, 0.5, 0.9], axis=0)
    ax.fill_between(times, low, high, color=BLUE, alpha=0.2, linewidth=0, label="80 % of draws")
    ax.plot(times, median, color=BLUE, label="median")
    ax.plot(times, values[0], color=GREY, linestyle=(0, (5, 2)), linewidth=1.2, label="model file")
    if history:
        ax.plot(*zip(*history, strict=True), "o", color=INK, markersize=4.5, label="register")
    ax.set_xlim(right=_UNTIL)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(y=0.12)
    title(ax, name, 36, 36)
    horizontal_grid(ax)
    return ax


def loop_effects(names: Sequence[str], effects: Sequence[Sequence[float]], years: Sequence[int], ax: Axes) -> Axes:
    """Draw what cutting each loop does to egendekning, in percentage points, one bar a year."""
    places = np.arange(len(names))
    looks = ((SKY, ""), (BLUE, "//"))
    for k, year in enumerate(years):
        colour, hatch = looks[k % 2]
        ax.barh(places + 0.38 * (k - 0.5), [e[k] for e in effects], 0.36, color=colour, hatch=hatch, edgecolor="white",
                label=f"Q4 {year}")  # fmt: skip
    _dress(ax, names, 8.0, "percentage points of egendekning without the loop, less with it")
    ax.legend(loc="lower right", fontsize=8)
    return ax


def _dress(ax: Axes, names: Sequence[str], size: float, axis: str) -> None:
    """Name horizontal bars, the first on top, with a line at zero."""
    ax.axvline(0, color=QUIET, linewidth=0.8)
    ax.set_yticks(np.arange(len(names)), list(names), fontsize=size)
    ax.invert_yaxis()
    ax.set_xlabel(axis)
    vertical_grid(ax)


def correlations(names: Sequence[str], bases: Sequence[str], values: Sequence[float], ax: Axes) -> Axes:
    """Draw the rank correlation of the inputs that move the answer most."""
    places = np.arange(len(names))
    for basis in dict.fromkeys(bases):
        at = [i for i, b in enumerate(bases) if b == basis]
        colour, hatch = _BASES.get(basis, ORANGE), _HATCHES.get(basis, "")
        ax.barh(places[at], [values[i] for i in at], 0.7, color=colour, hatch=hatch, edgecolor="white", label=basis)
    _dress(ax, names, 7.5, "rank correlation with egendekning in 2040, baseline")
    ax.legend(loc="best", fontsize=8)
    return ax


def levels(names: Sequence[str], values: Sequence[np.ndarray], goal: float, ax: Axes) -> Axes:
    """Draw the distribution of the headline in each scenario, percent, with the goal."""
    looks = ((GREY, "-"), (BLUE, "--"), (VERMILLION, ":"))
    bins = np.linspace(100 * min(v.min() for v in values), 100 * max(v.max() for v in values), 36).tolist()
    for i, (name, value) in enumerate(zip(names, values, strict=True)):
        colour, line = looks[i % len(looks)]
        ax.hist(100 * value, bins=bins, density=True, histtype="stepfilled", alpha=0.25, color=colour)
        ax.hist(100 * value, bins=bins, density=True, histtype="step", color=colour, linestyle=line, label=name)
    ax.axvline(100 * goal, color=INK, linewidth=1)
    ax.set_yticks([])
    ax.set_ylim(top=1.25 * ax.get_ylim()[1])
    ax.set_xlabel("egendekning in Q4 2040, %: share of draws")
    ax.legend(loc="upper left", fontsize=8)
    ax.spines["left"].set_visible(False)
    ax.xaxis.grid(True, color=FAINT)
    return ax
