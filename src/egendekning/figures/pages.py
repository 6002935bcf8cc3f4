"""The list of figures: name, size on a screen and on a telephone, and how to draw each on an empty page.

Each figure exists in two shapes with the same content: wide, for a laptop and paper, and narrow, for a telephone, where
the wide one would be too small to read. The module refuses to write files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from egendekning.figures import economy, parts, style
from egendekning.figures.accounts import start_of
from egendekning.figures.context import Context
from egendekning.figures.curves import key, panel
from egendekning.figures.emissions import emissions
from egendekning.figures.fan import fan, small_fan
from egendekning.figures.needs import CLASSES
from egendekning.figures.ranking import chances, ranking
from egendekning.figures.raster import NARROW, WIDE
from egendekning.figures.reading import BASELINE, Comparison, ranked, scenarios

Drawing = Callable[[Figure, Comparison, Context, xr.DataArray], None]
"""(empty figure, results, context, changes) -> nothing; the figure is drawn on."""


@dataclass(frozen=True)
class Page:
    """One figure of the set.

    Parameters
    ----------
    name : str
        First part of the file name, and key of its texts.
    wide, narrow : callable
        (number of scenarios beside the baseline) -> height in inches.
    draw : callable
        Draws on an empty figure.
    """

    name: str
    wide: Callable[[int], float]
    narrow: Callable[[int], float]
    draw: Drawing


def featured(comparison: Comparison, context: Context) -> list[str]:
    """Return the scenarios that the figures over time show: the best measure, the best single one, the weakest.

    Parameters
    ----------
    comparison : Comparison
        Results.
    context : Context
        Which scenarios are events and which combine others.

    Returns
    -------
    list of str
        At most three ids; events only where there are no measures.
    """
    order = [name for name in ranked(comparison) if not context.is_event(name)] or ranked(comparison)
    single = [name for name in order if name not in context.mixes] or order
    picked = [*order[:1], *[name for name in single if name not in order[:1]][:1], *order[-1:]]
    return list(dict.fromkeys(picked))


def _one(function: Callable[..., Axes]) -> Drawing:
    """Return a drawing with a single axes."""

    def draw(figure: Figure, comparison: Comparison, context: Context, _: xr.DataArray) -> None:
        function(comparison, figure.add_subplot(), context=context)

    return draw


def _fan(figure: Figure, comparison: Comparison, context: Context, _: xr.DataArray) -> None:
    """Draw the main fan: the baseline and the measure that does most."""
    fan(comparison, figure.add_subplot(), context=context, scenarios=featured(comparison, context)[:1])


def _all_fans(figure: Figure, comparison: Comparison, context: Context, _: xr.DataArray) -> None:
    """Draw one small fan a scenario, measures first."""
    order = ranked(comparison)
    rows = [name for name in order if not context.is_event(name)] + [name for name in order if context.is_event(name)]
    axes = _grid(figure, len(rows), wide=4, narrow=2, share_y=True)
    for ax, name in zip(axes, rows, strict=True):
        small_fan(comparison, ax, scenario=name, context=context)
    words = context.words
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    look = style.BASELINE_LOOK
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=style.BLUE, label=words.text("fans.median")),
        Patch(color=style.BLUE, alpha=0.25, label=words.text("band.most")),
        Line2D([], [], color=look.colour, linestyle=look.line, linewidth=1.3, label=context.title(BASELINE)),
    ]
    figure.legend(handles=handles, loc="outside lower left", ncols=1 if _slim(figure) else 3, fontsize=8.5)
    style.heading(figure, words.text("fans.title"))


def _waterfall(figure: Figure, comparison: Comparison, context: Context, changes: xr.DataArray) -> None:
    """Draw the parts of the baseline's change."""
    parts.waterfall(changes, figure.add_subplot(), start=start_of(comparison), context=context)


def _stacks(figure: Figure, _: Comparison, context: Context, changes: xr.DataArray) -> None:
    """Draw the parts of each scenario's difference."""
    parts.stacks(changes, figure.add_subplot(), context=context)


def _labour(figure: Figure, comparison: Comparison, context: Context, _: xr.DataArray) -> None:
    """Draw jobs by class, people, commuting and unemployment."""
    chosen = featured(comparison, context)
    names = [*(f"jobs by class[{name}]" for name in CLASSES), "total population", "employed residents", "in commuters",
             "out commuters", "unemployment rate"]  # fmt: skip
    axes = _grid(figure, len(names), wide=3, narrow=2)
    for ax, name in zip(axes, names, strict=True):
        rate = name == "unemployment rate"
        panel(comparison, ax, variable=name, scenarios=chosen, scale=1 if rate else 1000, percent=rate, context=context)
    key(figure, context, chosen, comparison)
    style.heading(figure, context.words.text("labour.title"))


def _economy(figure: Figure, comparison: Comparison, context: Context, _: xr.DataArray) -> None:
    """Draw tax, grants, costs, result and what is kept of a krone."""
    chosen = featured(comparison, context)
    axes = _grid(figure, 6, wide=3, narrow=2)
    economy.tax(comparison, axes[0], scenarios=chosen, context=context)
    panel(comparison, axes[1], variable="block grant", scenarios=chosen, scale=1000, by_year=True, context=context)
    panel(comparison, axes[2], variable="social costs", scenarios=chosen, by_year=True, context=context)
    panel(comparison, axes[3], variable="lever cost", scenarios=chosen, by_year=True, context=context)
    economy.result(comparison, axes[4], scenarios=chosen, context=context)
    economy.kept(comparison, axes[5], scenarios=chosen, context=context)
    key(figure, context, chosen, comparison, extra=economy.before_line(context))
    style.heading(figure, context.words.text("economy.title"))


def _emissions(figure: Figure, comparison: Comparison, context: Context, _: xr.DataArray) -> None:
    """Draw emissions with their key."""
    chosen = _greenest(comparison, featured(comparison, context))
    emissions(comparison, figure.add_subplot(), scenarios=chosen, context=context)
    key(figure, context, chosen, comparison)


def _greenest(comparison: Comparison, chosen: list[str]) -> list[str]:
    """Return the featured scenarios, with the one that cuts emissions most among them."""
    table = comparison.dataset["emissions"].isel(draw=0, time=-1)
    best = min(scenarios(comparison), key=lambda name: float(table.sel(scenario=name)))
    return list(dict.fromkeys([*chosen[:2], *([best] if best != BASELINE else [])]))


def _slim(figure: Figure) -> bool:
    """Whether the figure is of the narrow shape."""
    return float(figure.get_figwidth()) < (WIDE + NARROW) / 2


def _grid(figure: Figure, count: int, *, wide: int, narrow: int, share_y: bool = False) -> list[Axes]:
    """Lay out `count` axes on a figure."""
    columns = min(narrow if _slim(figure) else wide, max(count, 1))
    rows = -(-count // columns)
    made: list[Axes] = []
    for place in range(count):
        made.append(figure.add_subplot(rows, columns, place + 1, sharey=made[0] if share_y and made else None))
        if share_y and place % columns:
            made[-1].tick_params(labelleft=False)
    return made


def _fixed(height: float) -> Callable[[int], float]:
    """Return a height that does not depend on the number of scenarios."""
    return lambda _: height


def _per_row(base: float, each: float) -> Callable[[int], float]:
    """Return a height that grows with the number of scenarios."""
    return lambda count: base + each * count


def _rows_of(columns: int, base: float, each: float) -> Callable[[int], float]:
    """Return a height that grows with the rows of a grid of scenarios."""
    return lambda count: base + each * -(-count // columns)


PAGES: Final = (
    Page("fan", _fixed(4.9), _fixed(5.4), _fan),
    Page("ranking", _per_row(1.3, 0.3), _per_row(1.5, 0.37), _one(ranking)),
    Page("chances", _per_row(1.3, 0.3), _per_row(1.5, 0.37), _one(chances)),
    Page("fans", _rows_of(4, 1.0, 1.75), _rows_of(2, 1.5, 1.75), _all_fans),
    Page("change", _fixed(4.1), _fixed(4.6), _waterfall),
    Page("differences", _per_row(2.1, 0.32), _per_row(3.0, 0.37), _stacks),
    Page("labour", _fixed(7.0), _fixed(9.8), _labour),
    Page("economy", _fixed(5.2), _fixed(7.6), _economy),
    Page("emissions", _fixed(4.6), _fixed(5.2), _emissions),
)
"""All figures, in the order of the report."""


def drawn(page: Page, comparison: Comparison, context: Context, changes: xr.DataArray, *, slim: bool) -> Figure:
    """Draw one figure.

    Parameters
    ----------
    page : Page
        Which.
    comparison : Comparison
        Results.
    context : Context
        Language, titles, kinds and history.
    changes : xr.DataArray
        (change, part), from `egendekning.figures.accounts.changes`.
    slim : bool
        Whether the narrow shape is wanted.

    Returns
    -------
    Figure
        Ready to be saved; it belongs to no window.
    """
    count = len(scenarios(comparison)) - 1
    size = (NARROW, page.narrow(count)) if slim else (WIDE, page.wide(count))
    with style.quiet():
        figure = Figure(figsize=size, layout="constrained")
        page.draw(figure, comparison, context, changes)
        return figure
