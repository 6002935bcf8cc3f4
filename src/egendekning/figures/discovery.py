"""When a policy fails: the peeling of the first box, the box among the draws, and its limits within the ranges.

The figures draw what `egendekning.sensitivity.discovery.discover` returns. Failing draws are filled, others open. The
module refuses to look for boxes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from egendekning.figures import style
from egendekning.figures.ticks import numbers
from egendekning.figures.words import Words, unit_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

_DOTS: Final = 1500
_MARGIN: Final = 0.04
_LEFT: Final = 0.3
"""Coverage from which the chosen box has room for its name at the left."""


def peeling(found: xr.Dataset, ax: Axes, *, policy: str, words: Words | None = None) -> Axes:
    """Draw coverage against density along the peeling of the first box, with the number of limits at each step.

    Parameters
    ----------
    found : xarray.Dataset
        Of method prim.
    policy : str
        Title of the policy.
    ax, words
        As in `egendekning.figures.sensitivity.tornado`.
    """
    said = words or Words()
    coverage, density, limits = (found[f"path_{name}"].values for name in ("coverage", "density", "limits"))
    base = float(found.attrs["base"])
    ax.plot(coverage, density, color=style.BLUE, linewidth=1.2, zorder=2)
    ax.scatter(coverage, density, s=26, color=style.BLUE, zorder=3)
    if found.sizes["box"]:
        first = found.isel(box=0).sel(part="fit")
        place = (float(first["coverage"]), float(first["density"]))
        ax.plot(*place, marker="D", markersize=10, color=style.VERMILLION, linestyle="none", zorder=4)
        left = place[0] > _LEFT  # the path comes down from there to the lower right
        style.halo(ax.annotate(said.text("discover.chosen"), place, xytext=(-9 if left else 9, -4), fontsize=8.5,
                               textcoords="offset points", ha="right" if left else "left", fontweight="bold",
                               color=style.VERMILLION, zorder=5))  # fmt: skip
    for i in np.flatnonzero(np.diff(np.maximum.accumulate(limits), prepend=-1) != 0):
        text = ax.annotate(f"{int(limits[i])}", (coverage[i], density[i]), xytext=(-4, -13), ha="right",
                           textcoords="offset points", fontsize=8, color=style.INK)  # fmt: skip
        style.halo(text)
    ax.axhline(base, color=style.GREY, linestyle=(0, (5, 2)), linewidth=1.0)
    style.halo(ax.annotate(said.text("discover.base", share=said.percent(base, 0)), (0.0, base), xytext=(2, 4),
                           textcoords="offset points", fontsize=8, color=style.QUIET))  # fmt: skip
    ax.set_xlim(-0.03, 1.06)
    ax.set_ylim(0, 1.05)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda tick, _: said.percent(tick, 0)))
    ax.set_xlabel(style.wrapped(ax, f"{said.text('discover.coverage')}. {said.text('discover.numbers')}", 90, 44),
                  fontsize=8.5, loc="left")  # fmt: skip
    ax.set_ylabel(style.wrapped(ax, said.text("discover.density"), 60, 34), fontsize=8.5)
    style.horizontal_grid(ax)
    ax.xaxis.grid(True)
    style.title(ax, said.text("discover.path_title", policy=policy))
    return ax


def box(found: xr.Dataset, ax: Axes, *, number: int = 1, words: Words | None = None) -> Axes:
    """Draw a box among the draws, along the two inputs with its most certain limits.

    Parameters
    ----------
    found : xarray.Dataset
        Boxes and draws.
    number : int
        Of the box, from 1.
    ax, words
        As in `peeling`.
    """
    said = words or Words()
    one = found.sel(box=number)
    first, second = _two_inputs(one)
    fails = found["fails"].values
    x, y = found["value"].values[:, first], found["value"].values[:, second]
    few = np.unique(np.linspace(0, len(x) - 1, min(len(x), _DOTS)).astype(int))
    calm, bad = few[~fails[few]], few[fails[few]]
    ax.scatter(x[calm], y[calm], s=14, facecolor="none", edgecolor=style.GREY, linewidth=0.7,
               label=said.text("discover.holds"))  # fmt: skip
    ax.scatter(x[bad], y[bad], s=14, marker="^", color=style.VERMILLION, alpha=0.75, linewidth=0,
               label=said.text("discover.fails"))  # fmt: skip
    (left, right), (low, high) = (_ends(one, i) for i in (first, second))
    ax.add_patch(Rectangle((left, low), right - left, high - low, facecolor=style.BLUE, alpha=0.10))
    ax.add_patch(Rectangle((left, low), right - left, high - low, facecolor="none", edgecolor=style.BLUE, linewidth=2.2,
                           label=said.text("discover.box")))  # fmt: skip
    for axis, i in ((ax.xaxis, first), (ax.yaxis, second)):
        axis.set_major_locator(MaxNLocator(5))
        numbers(axis, said)
        axis.set_label_text(style.wrapped(ax, named(found, i, said), 60, 38), fontsize=8.5)
    corner = (0.0, -0.14 if style.narrow(ax) else -0.12)
    ax.legend(fontsize=8, ncols=3, loc="upper left", bbox_to_anchor=corner, borderaxespad=0, handletextpad=0.4)
    density = said.percent(float(one["density"].sel(part="fit")), 0)
    base = said.percent(float(found.attrs["base"]), 0)
    held = said.percent(float(one["density"].sel(part="held back")), 0)
    style.title(ax, said.text("discover.box_title", box=number, density=density, held=held, base=base))
    return ax


def called(found: xr.Dataset, place: int, words: Words) -> str:
    """Return what a planner calls an input."""
    return words.element(str(found.coords.get(f"factor_{words.lang}", found["factor"]).values[place]))


def named(found: xr.Dataset, place: int, words: Words) -> str:
    """Return what a planner calls an input, with its unit."""
    name = called(found, place, words)
    unit = unit_of(str(found["unit"].values[place]), words.lang) if "unit" in found.coords else ""
    return f"{name} ({unit})" if unit else name


def _two_inputs(one: xr.Dataset) -> tuple[int, int]:
    """Return the two inputs with the most certain limits; an input without limits fills in where there is but one."""
    limits, certain = one["limit"].values, one["quasi_p"].values
    bound = np.isfinite(limits).any(axis=1)
    p = np.where(np.isfinite(certain), certain, np.where(np.isfinite(limits), 0.5, np.inf)).min(axis=1)
    order = np.argsort(np.where(bound, p, np.inf), kind="stable")
    return int(order[0]), int(order[1] if len(order) > 1 else order[0])


def _ends(one: xr.Dataset, place: int) -> tuple[float, float]:
    """Return where a box begins and ends along an input; a little beyond the range where it has no limit."""
    low, high = (float(v) for v in one["range"].values[place])
    margin = _MARGIN * (high - low)
    limits = one["limit"].values[place]
    return (low - margin if np.isnan(limits[0]) else float(limits[0]),
            high + margin if np.isnan(limits[1]) else float(limits[1]))  # fmt: skip
