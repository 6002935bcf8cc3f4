"""The municipality's economy: six panels from tax to result, for the finance department and the council.

Tax follows residence and is evened out between municipalities, so the figure shows it before and after, and what is
kept of one more krone. Money is in fixed 2020 kroner. The recommended result is a norm read from the package's list of
norms with its source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from egendekning.dims import TIME
from egendekning.figures import style
from egendekning.figures.context import Context
from egendekning.figures.curves import PER_CENT, dress, panel
from egendekning.figures.norms import norm
from egendekning.figures.reading import BASELINE, Source, draws, quantiles, yearly

_MILLIONS_IN_BILLION: Final = 1000.0


def tax(source: Source, ax: Axes, *, scenarios: Sequence[str] = (), context: Context | None = None) -> Axes:
    """Draw own tax before and after equalisation in the baseline, medians over the draws, billion NOK a year.

    Parameters
    ----------
    source : Comparison or xr.Dataset
        Results; ``own tax``, ``tax after equalisation`` (scenario, draw, time), MNOK/year.
    scenarios : sequence of str
        Scenarios whose tax after equalisation is drawn beside it.
    ax, context
        As in `egendekning.figures.curves.panel`.
    """
    known = context or Context()
    before = yearly(draws(source, "own tax", BASELINE))
    time = before[TIME].values
    after = yearly(draws(source, "tax after equalisation", BASELINE))
    lines = {"before": _median(before), "after": _median(after)}
    ax.plot(time, lines["before"], color=style.INK, linewidth=1.2, linestyle=":")
    ax.plot(time, lines["after"], color=style.BASELINE_LOOK.colour, linestyle=style.BASELINE_LOOK.line)
    for scenario, look in zip(scenarios, style.LOOKS, strict=False):
        line = _median(yearly(draws(source, "tax after equalisation", scenario)))
        ax.plot(time, line, color=look.colour, linestyle=look.line, linewidth=1.6)
    dress(ax, known, time)
    ax.set_title(style.wrapped(ax, known.words.text("economy.tax"), 34, 24), fontsize=8.8, pad=6)
    return ax


def _median(series: xr.DataArray) -> np.ndarray:
    """Return the median over draws in billions."""
    return np.asarray(quantiles(series, (0.5,))[0]) / _MILLIONS_IN_BILLION


def result(source: Source, ax: Axes, *, scenarios: Sequence[str] = (), context: Context | None = None) -> Axes:
    """Draw the net operating result as a share of income against the recommended share.

    Parameters
    ----------
    source : Comparison or xr.Dataset
        Results; ``net operating result share`` (scenario, draw, time), share.
    ax, scenarios, context
        As in `egendekning.figures.curves.panel`.
    """
    known = context or Context()
    panel(
        source,
        ax,
        variable="net operating result share",
        scenarios=scenarios,
        percent=True,
        by_year=True,
        context=known,
    )
    target = norm("net_operating_result_share").value
    ax.axhline(target * PER_CENT, color=style.INK, linewidth=1.0)
    text = known.words.text("economy.norm", share=known.words.percent(target, 2))
    remark = ax.annotate(text, (1.0, target * PER_CENT), xycoords=("axes fraction", "data"), xytext=(-2, 3),
                         textcoords="offset points", ha="right", fontsize=7.5, zorder=6)  # fmt: skip
    style.halo(remark)
    return ax


def kept(source: Source, ax: Axes, *, scenarios: Sequence[str] = (), context: Context | None = None) -> Axes:
    """Draw how many øre the municipality keeps of one more krone of its own tax, after equalisation.

    Parameters
    ----------
    source : Comparison or xr.Dataset
        Results; ``share kept of own tax`` (scenario, draw, time), share.
    ax, scenarios, context
        As in `egendekning.figures.curves.panel`.
    """
    panel(
        source,
        ax,
        variable="share kept of own tax",
        scenarios=scenarios,
        scale=1 / PER_CENT,
        by_year=True,
        context=context,
    )
    ax.set_ylim(0, max(50.0, ax.get_ylim()[1]))
    return ax


def before_line(known: Context) -> list[Line2D]:
    """Return the entry of the key for tax before equalisation."""
    return [Line2D([], [], color=style.INK, linewidth=1.2, linestyle=":", label=known.words.text("economy.before"))]
