"""Direct greenhouse-gas emissions against the municipality's target.

The level that the target stands for is worked out from the model's own emissions and cut, so that the base year's
emissions have one home.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from egendekning.figures import style
from egendekning.figures.context import Context
from egendekning.figures.curves import panel
from egendekning.figures.norms import norm
from egendekning.figures.reading import BASELINE, Source, reference


def emissions(source: Source, ax: Axes, *, scenarios: Sequence[str] = (), context: Context | None = None) -> Axes:
    """Draw emissions over time with the target as a mark in its year.

    Parameters
    ----------
    source : Comparison or xr.Dataset
        Results; ``emissions`` in kt CO2e/year and ``emission cut``, share (scenario, draw, time).
    ax : Axes
        Where to draw.
    scenarios : sequence of str
        Scenarios drawn beside the baseline.
    context : Context, optional
        Language and titles.

    Returns
    -------
    Axes
        The same axes.
    """
    known = context or Context()
    panel(source, ax, variable="emissions", scenarios=scenarios, context=known)
    level = float((reference(source, "emissions", BASELINE) / (1 - reference(source, "emission cut", BASELINE)))[0])
    cut, year = norm("emission_cut_by_target_year").value, norm("emission_target_year").value
    goal = level * (1 - cut)
    ax.set_ylim(0, ax.get_ylim()[1])
    end = year + 1 - 1 / 8
    ax.plot([ax.get_xlim()[0], end], [goal, goal], color=style.INK, linewidth=0.9, linestyle=(0, (1, 2)))
    ax.plot(end, goal, marker="*", markersize=12, color=style.INK, linestyle="none")
    words = known.words
    text = words.text("emissions.target", cut=words.percent(cut, 0), level=words.number(goal), year=f"{year:.0f}",
                      base=f"{norm('emission_base_year').value:.0f}")  # fmt: skip
    ax.annotate(style.wrapped(ax, text, 28, 18), (end, goal), xytext=(-6, -7), textcoords="offset points", fontsize=8.5,
                ha="right", va="top")  # fmt: skip
    ax.set_title("")
    style.title(ax, words.text("emissions.title"))
    return ax
