"""One variable over time, with the baseline's band and the medians of a few scenarios: the panels of the pages.

A panel has its variable's name as title and its unit beside it; the scenarios are told apart by colour and line style,
with one key a page. The module refuses to know which variables are worth showing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from egendekning.dims import TIME
from egendekning.figures import style
from egendekning.figures.context import Context
from egendekning.figures.fan import BANDS
from egendekning.figures.reading import BASELINE, Source, draws, quantiles, yearly
from egendekning.names import split

PER_CENT = 100.0


def pick(series: xr.DataArray, elements: tuple[str, ...]) -> xr.DataArray:
    """Return one element of a subscripted variable; the elements name themselves, whatever their axis is called."""
    for element in elements:
        axis = next(str(dim) for dim in series.dims if dim in series.coords and element in series[dim].values)
        series = series.sel({axis: element})
    return series


def _as_is(series: xr.DataArray) -> xr.DataArray:
    """Return a series as it was saved."""
    return series


def panel(
    source: Source,
    ax: Axes,
    *,
    variable: str,
    scenarios: Sequence[str] = (),
    scale: float = 1.0,
    percent: bool = False,
    by_year: bool = False,
    context: Context | None = None,
) -> Axes:
    """Draw one variable over time.

    Parameters
    ----------
    source : Comparison or xr.Dataset
        Results.
    ax : Axes
        Where to draw.
    variable : str
        Name in the model, with an element in brackets where it is subscripted.
    scenarios : sequence of str
        Scenarios whose medians are drawn beside the baseline.
    scale : float
        What one unit of the axis is, in the variable's unit.
    percent : bool
        Whether the variable is a share to be shown in per cent.
    by_year : bool
        Whether to draw the mean of each calendar year: for what is counted by the year.
    context : Context, optional
        Language and titles.

    Returns
    -------
    Axes
        The same axes.
    """
    known = context or Context()
    name, elements = split(variable)
    factor = PER_CENT if percent else 1.0 / scale
    pace = yearly if by_year else _as_is
    base = pace(pick(draws(source, name, BASELINE), elements))
    time = base[TIME].values
    low, middle, high = factor * quantiles(base, (BANDS[0][0], 0.5, BANDS[0][1]))
    ax.fill_between(time, low, high, color=style.BASELINE_LOOK.colour, alpha=0.22, linewidth=0)
    ax.plot(time, middle, color=style.BASELINE_LOOK.colour, linestyle=style.BASELINE_LOOK.line, linewidth=1.8)
    for scenario, look in zip(scenarios, style.LOOKS, strict=False):
        line = factor * quantiles(pace(pick(draws(source, name, scenario), elements)), (0.5,))[0]
        ax.plot(time, line, color=look.colour, linestyle=look.line, linewidth=1.7)
    dress(ax, known, time, percent=percent)
    ax.set_title(style.wrapped(ax, known.words.label("panel", variable), 34, 24), fontsize=8.8, pad=6)
    return ax


def dress(ax: Axes, known: Context, time: np.ndarray, *, percent: bool = False) -> None:
    """Put years below and plain numbers at the left."""
    ax.set_xlim(float(time[0]), float(time[-1]))
    ax.set_xticks([year for year in (2020, 2030, 2040, 2050) if time[0] - 1 < year < time[-1] + 0.5])
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))

    def show(tick: float, _: object = None) -> str:
        spacing = np.diff(ax.get_yticks())
        decimals = 0 if len(spacing) == 0 or spacing[0] >= 1 else 1 if spacing[0] >= 0.1 else 2
        return known.words.percent(tick / PER_CENT, decimals) if percent else known.words.number(tick, decimals)

    ax.yaxis.set_major_formatter(FuncFormatter(show))
    ax.tick_params(labelsize=8)
    style.horizontal_grid(ax)


def key(
    figure: Figure, known: Context, scenarios: Sequence[str], source: Source, *, extra: Sequence[Line2D] = ()
) -> None:
    """Put one key for a whole page at its foot: the lines, and what the shade is."""
    handles: list[Line2D | Patch] = [
        Line2D(
            [], [], color=style.BASELINE_LOOK.colour, linestyle=style.BASELINE_LOOK.line, label=known.title(BASELINE)
        )
    ]
    for scenario, look in zip(scenarios, style.LOOKS, strict=False):
        handles.append(Line2D([], [], color=look.colour, linestyle=look.line, label=known.title(scenario)))
    handles += extra
    band = known.words.text("band.most_of", scenario=known.title(BASELINE))
    handles.append(Patch(color=style.BASELINE_LOOK.colour, alpha=0.22, label=band))
    slim = figure.get_figwidth() < 5.5
    figure.legend(handles=handles, loc="outside lower left", ncols=1 if slim else 2, fontsize=8.5, handlelength=2.6)
