"""Find the segment of a long table function that an argument lies in, and the straight line there.

Points that stand evenly are found by one multiplication; others by counting the points passed, or, where there are
hundreds, by halving. Start, value and slope of the segment are then picked from memory, so that the cost does not grow
with the table. The module refuses tables of a few points, for which comparing with each is cheaper, and tables whose
points differ between elements.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = Any
Floats = NDArray[np.float64]

_COUNTED: Final = 128
"""Points up to which counting is cheaper than halving, which reads memory once a level."""

_ULPS: Final = 4
"""Units in the last place by which an argument may lie before a point and count as on it, where points are even.

The line through the next point then gives the value of an argument that is moved by less than its own rounding.
"""


def lines(xp: Any, a: Array, x: Floats, y: Array, inverse: Floats, *, beyond: bool) -> Array:
    """Return the table function at `a`, straight between its points.

    Parameters
    ----------
    xp : namespace
        NumPy, or JAX under NumPy's names.
    a : array
        Arguments (..., draw or 1).
    x, y : array
        Points, rising, and values (point,), (point, draw or 1).
    inverse : array
        1 / width of every segment, 0 for one without width.
    beyond : bool
        Carry the end slopes on beyond the ends, where the values are flat otherwise.
    """
    a = xp.asarray(a)
    at = _even(xp, a, x) if _stands_evenly(x) else _counted(xp, a, x) if len(x) <= _COUNTED else _halved(xp, a, x)
    slopes = (y[1:] - y[:-1]) * inverse[:, None]
    start = xp.take(xp.asarray(x), at, mode="clip")
    result = _pick(xp, y, at) + (a - start) * _pick(xp, slopes, at)
    first, last = ((v[k] if v.shape[-1] > 1 else v[k, 0]) for v, k in ((y, 0), (y, -1)))
    if beyond:
        end = slopes[-1] if y.shape[-1] > 1 else slopes[-1, 0]
        return xp.where(a >= float(x[-1]), last + (a - float(x[-1])) * end, result)
    return xp.where(a < float(x[0]), first, xp.where(a >= float(x[-1]), last, result))


def before(xp: Any, a: Array, x: Floats, y: Array) -> Array:
    """Return the value at the last point that is not after `a`, the first value where there is none."""
    a = xp.asarray(a)
    at = _counted(xp, a, x) if len(x) <= _COUNTED else _halved(xp, a, x)
    last = y[-1] if y.shape[-1] > 1 else y[-1, 0]
    return xp.where(a >= float(x[-1]), last, _pick(xp, y, at))


def _pick(xp: Any, values: Array, at: Array) -> Array:
    """Return `values` (point, draw or 1) at the points `at` (..., draw or 1)."""
    lanes = values.shape[-1]
    if lanes == 1:
        return xp.take(values[:, 0], at, mode="clip")
    return xp.take(values.reshape(-1), at * lanes + np.arange(lanes, dtype=np.int32), mode="clip")


def _rounding(x: Floats) -> float:
    return float(_ULPS * np.spacing(np.abs(x).max()))


def _stands_evenly(x: Floats) -> bool:
    """Whether every point is where equal steps put it, within half of what an argument may lie before it."""
    if not np.isfinite(x).all() or not x[-1] > x[0]:
        return False
    steps = (x - x[0]) * ((len(x) - 1) / (x[-1] - x[0]))
    return bool((np.abs(steps - np.arange(len(x))) * (x[-1] - x[0]) / (len(x) - 1) <= _rounding(x) / 2).all())


def _even(xp: Any, a: Array, x: Floats) -> Array:
    """Return the number of the segment, 0 for NaN; `x` stands evenly."""
    where = (a - float(x[0] - _rounding(x))) * ((len(x) - 1) / (x[-1] - x[0]))
    return xp.where(where > 0.0, xp.minimum(where, len(x) - 2.0), 0.0).astype("int32")


def _counted(xp: Any, a: Array, x: Floats) -> Array:
    """Return the number of the segment from a comparison per point within."""
    found: Array = (a >= float(x[1])).astype("int32") if len(x) > 2 else (a != a).astype("int32") * 0
    for point in x[2:-1]:
        found = found + (a >= float(point)).astype("int32")
    return found


def _halved(xp: Any, a: Array, x: Floats) -> Array:
    """Return the number of the segment by halving the points that are left."""
    size = 1 << (len(x) - 1).bit_length()
    points = xp.asarray(np.concatenate([x[:-1], np.full(size - len(x) + 2, np.inf)]))
    found: Array = (a != a).astype("int32") * 0
    while size > 1:
        size //= 2
        middle = found + np.int32(size)
        found = xp.where(a >= xp.take(points, middle, mode="clip"), middle, found)
    return found
