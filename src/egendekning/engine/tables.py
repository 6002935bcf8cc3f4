"""Table functions: find the segment an argument falls in, and the value there.

Short tables go by comparisons, which vectorise; in long ones the segment is looked for first (`segments`). Both
are linear between points and exact at them, and flat beyond the ends; ``extrapolate`` carries the end slopes on,
``forward`` takes the next point's value and ``hold_backward`` (LOOKUP BACKWARD) the last one's. The module refuses to
vary x: the points of a table stand where the file puts them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.segments import before, lines

Array = Any
Floats = NDArray[np.float64]

NOT_AVAILABLE = -(2.0**109)
"""What Vensim calls :NA:, a number that takes part in comparisons."""

_SAME = 1e-9  # relative distance at which a time counts as that of a data point
_LONG = 40  # points of a subscripted table beyond which one search is less code than a comparison per point
_SHORT = 12  # up to here four operations a point cost less than finding the segment


def interpolate(xp: Any, a: Array, x: Floats, y: Array, mode: str) -> Array:
    """Return the table function y(x) at `a`; x (point), y (point, draw or 1), a (*labels, draw or 1) or a number."""
    if mode in _OTHERS:
        return _OTHERS[mode](xp, a, x, y)
    count = len(x)
    if mode == "raw" or (mode == "forward" and count > _SHORT):
        return spread(xp, a, x, y, mode)
    if count <= _SHORT or mode == "forward" or isinstance(a, float):
        return chain(xp, a, x, y, mode)
    if mode in ("hold_backward", "backward"):
        return before(xp, a, x, y)
    return lines(xp, a, x, y, _inverse(x[:-1], x[1:]), beyond=mode == "extrapolate")


def chain(xp: Any, a: Array, x: Floats, y: Array, mode: str) -> Array:
    """Return y(x) at `a` by a comparison per point; x (*labels, point), y (*labels, point, draw), a (*labels, draw)."""
    n = x.shape[-1]

    def xpoint(k: int) -> Any:
        return float(x[k]) if x.ndim == 1 else x[..., k][..., None]

    def line(k: int, segment: int) -> Array:
        """Return the value at `a` of the line through point k with the slope of `segment`."""
        if not 0 <= segment < n - 1:
            return y[..., k, :]
        inverse = _inverse(x[..., segment], x[..., segment + 1])
        rise = y[..., segment + 1, :] - y[..., segment, :]
        slope = rise * (float(inverse) if inverse.ndim == 0 else inverse[..., None])
        return y[..., k, :] + (a - xpoint(k)) * slope

    beyond = mode == "extrapolate"
    result = line(0, 0) if beyond else y[..., 0, :]
    for k in range(n):
        if mode == "forward":
            result = xp.where(a > xpoint(k), y[..., min(k + 1, n - 1), :], result)
            continue
        flat = mode in ("hold_backward", "backward") or (k == n - 1 and not beyond)
        value = y[..., k, :] if flat else line(k, k if k < n - 1 else k - 1)
        result = xp.where(a >= xpoint(k), value, result)
    return result


def spread(xp: Any, a: Array, x: Floats, y: Array, mode: str) -> Array:
    """Return y(x) at `a` where points or values differ between elements, or only exact points count (``raw``).

    x (*labels, point), y (*labels, point, draw), a (*labels, draw) or a number.
    """
    if mode in _OTHERS:
        return _OTHERS[mode](xp, a, x, y)
    count = x.shape[-1]
    if mode == "extrapolate" or (mode != "raw" and count <= _LONG):
        return chain(xp, a, x, y, mode)
    a = xp.asarray(a, dtype=float)
    a = a if a.ndim else a[None]
    points = xp.asarray(x)[..., None]
    if mode == "raw":
        size = xp.maximum(1.0, xp.abs(xp.where(points < xp.inf, points, 0.0)))
        hit = xp.abs(a[..., None, :] - points) <= _SAME * size
        return xp.where(hit.any(axis=-2), xp.sum(xp.where(hit, y, 0.0), axis=-2), NOT_AVAILABLE)
    if mode == "forward":
        at = xp.minimum((a[..., None, :] > points).sum(axis=-2), _last(xp, x))
        return _along(xp, y, at)
    passed = (a[..., None, :] >= points).sum(axis=-2)
    at = xp.clip(passed - 1, 0, None)
    before = _along(xp, y, at)
    if mode in ("hold_backward", "backward"):
        return before
    after = xp.minimum(at + 1, _last(xp, x))
    start, end = _along(xp, points, at), _along(xp, points, after)
    inner = (passed > 0) & (end > start)
    share = xp.where(inner, (a - start) / xp.where(inner, end - start, 1.0), 0.0)
    return before + share * (_along(xp, y, after) - before)


def _last(xp: Any, x: Floats) -> Array:
    return xp.asarray(np.isfinite(x).sum(axis=-1) - 1)[..., None]


def _along(xp: Any, values: Array, at: Array) -> Array:
    """Return `values` (*labels, point, draw) at the points `at` (*labels, draw)."""
    ahead = np.broadcast_shapes(values.shape[:-2], at.shape[:-1])
    lanes = max(values.shape[-1], at.shape[-1])
    values = xp.broadcast_to(values, (*ahead, values.shape[-2], lanes))
    at = xp.broadcast_to(at, (*ahead, lanes))
    return xp.take_along_axis(values, at[..., None, :].astype(int), axis=-2)[..., 0, :]


def _inverse(start: Floats, end: Floats) -> Floats:
    """Return 1 / (end - start), and 0 for the empty and endless segments of steps and padding."""
    usable = np.isfinite(end) & (end > start)
    return np.asarray(np.where(usable, 1.0 / np.subtract(end, start, out=np.ones(np.shape(end)), where=usable), 0.0))


def _segments(x: Floats, y: Array) -> list[tuple[Any, Any, Array, Array]]:
    """Return start and end of every segment, x (*labels, 1) or a number and y (*labels, draw); padding is left out."""
    x = x if x.ndim == 1 else np.where(np.isfinite(x), x, _ends(x)[1])

    def at(k: int) -> Any:
        return float(x[k]) if x.ndim == 1 else x[..., k][..., None]

    return [(at(k), at(k + 1), y[..., k, :], y[..., k + 1, :]) for k in range(x.shape[-1] - 1)]


def _ends(x: Floats) -> tuple[Any, Any]:
    """Return the first and last x, (*labels, 1) or numbers."""
    last = np.where(np.isfinite(x), x, -np.inf).max(axis=-1)
    return (float(x[0]), float(last)) if x.ndim == 1 else (x[..., 0][..., None], last[..., None])


def inverse(xp: Any, a: Array, x: Floats, y: Array) -> Array:
    """Return the first x at which the table function is `a`; where it never is, the end that is nearer in value."""
    first, last = _ends(x)
    nearer = xp.abs(a - y[..., 0, :]) <= xp.abs(a - y[..., -1, :])
    result, found = xp.where(nearer, first, last), nearer & ~nearer
    for x0, x1, y0, y1 in _segments(x, y):
        inside = ((a - y0) * (a - y1) <= 0.0) & (y0 != y1) & ~found
        result = xp.where(inside, x0 + (x1 - x0) * (a - y0) / xp.where(y0 != y1, y1 - y0, 1.0), result)
        found = found | inside
    return result


def integral(xp: Any, a: Array, x: Floats, y: Array) -> Array:
    """Return the area under the table function from its first point to `a`, flat beyond the ends."""
    first, last = _ends(x)
    total = xp.minimum(a - first, 0.0) * y[..., 0, :] + xp.maximum(a - last, 0.0) * y[..., -1, :]
    for x0, x1, y0, y1 in _segments(x, y):
        run = xp.clip(a, x0, x1) - x0
        total = total + run * (y0 + 0.5 * run * (y1 - y0) * _inverse(np.asarray(x0), np.asarray(x1)))
    return total


def _slope(after: bool) -> Any:
    def slope(xp: Any, a: Array, x: Floats, y: Array) -> Array:
        """Return the slope just after or just before `a`, 0 beyond the ends."""
        total = 0.0 * a
        for x0, x1, y0, y1 in _segments(x, y):
            inside = (a >= x0) & (a < x1) if after else (a > x0) & (a <= x1)
            total = xp.where(inside, (y1 - y0) * _inverse(np.asarray(x0), np.asarray(x1)), total)
        return total

    return slope


_OTHERS: dict[str, Any] = {
    "invert": inverse, "integral": integral, "slope after": _slope(True), "slope before": _slope(False),
}  # fmt: skip
