"""What a call costs as runs, steps and equations grow: three panels, with the straight line through the points of each.

The module refuses to measure anything.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from egendekning.ensemble.curves import CURVES, line
from egendekning.figures import style
from egendekning.figures.raster import png_of

_SIZE = (10.0, 3.6)


def draw_cost(points: xr.DataArray, ax: Axes) -> Axes:
    """Draw the points of one curve and the line through them.

    Parameters
    ----------
    points : xarray.DataArray
        (size), s of processor time; one variable of what `egendekning.ensemble.curves.measure` returns.
    ax : Axes
        Where to draw.
    """
    (axis,) = map(str, points.dims)
    x, y = points[axis].values.astype(float), points.values
    fitted = line(x, y)
    told = f"{1e3 * fitted['fixed']:.2g} ms + {1e6 * fitted['each']:.3g} µs each"
    ends = np.array([0.0, x[-1]])
    ax.plot(ends, fitted["fixed"] + fitted["each"] * ends, color=style.VERMILLION, linewidth=1.2, label=told)
    ax.plot(x, y, "o", color=style.BLUE, label="measured")
    ax.set(xlabel=axis, xlim=(0.0, None), ylim=(0.0, None))
    ax.legend(frameon=False, fontsize=8, loc="upper left")
    return ax


def cost_png(measured: xr.Dataset, curves: Mapping[str, str] = CURVES) -> bytes:
    """Return the panels of all curves, as the bytes of a PNG file."""
    with style.quiet():
        made = Figure(figsize=_SIZE, layout="constrained")
        for ax, name in zip(made.subplots(1, len(curves)), curves.values(), strict=True):
            draw_cost(measured[name], ax)
        made.axes[0].set_ylabel("processor time of a call, s")
        return png_of(made)
