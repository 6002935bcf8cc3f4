"""Direct greenhouse-gas emissions against the municipality's target, where it has one.

The level that the target stands for is worked out from the model's own emissions and cut, so that the base year's
emissions have one home.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from egendekning.figures import style
from egendekning.figures.context import Context
from egendekning.figures.curves import panel
from egendekning.figures.reading import BASELINE, Source, reference


def emissions(source: Source, ax: Axes, *, scenarios: Sequence[str] = (), context: Context | None = None) -> Axes:
    """Draw emissions over time with the target, if the study names one, as a mark in its year.

    Parameters
    ----------
    source : Comparison or xr.Dataset
        Results; ``emissions`` in kt CO2e/year and ``emission cut``, share (scenario, draw, time).
    ax, scenarios, context
        As in `egendekning.figures.curves.panel`.
    """
    known = context or Context()
    panel(source, ax, variable="emissions", scenarios=scenarios, context=known)
    ax.set_ylim(0, ax.get_ylim()[1])
    if known.municipality is not None and known.municipality.climate_target is not None:
        _mark(source, ax, known)
    ax.set_title("")
    style.title(ax, known.words.text("emissions.title"))
    return ax


def _mark(source: Source, ax: Axes, known: Context) -> None:
    """Draw the target: a line up to the end of its year, and what it says."""
    target = known.municipality.climate_target
    level = float((reference(source, "emissions", BASELINE) / (1 - reference(source, "emission cut", BASELINE)))[0])
    goal = level * (1 - target.cut)
    end = target.year + 1 - 1 / 8
    ax.plot([ax.get_xlim()[0], end], [goal, goal], color=style.INK, linewidth=0.9, linestyle=(0, (1, 2)))
    ax.plot(end, goal, marker="*", markersize=12, color=style.INK, linestyle="none")
    words = known.words
    text = words.text("emissions.target", cut=words.percent(target.cut, 0), level=words.number(goal), year=target.year,
                      base=target.base_year)  # fmt: skip
    ax.annotate(style.wrapped(ax, text, 28, 18), (end, goal), xytext=(-6, -7), textcoords="offset points", fontsize=8.5,
                ha="right", va="top")  # fmt: skip
