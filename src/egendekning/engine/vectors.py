"""Functions of whole axes: sorting, ranking, reordering, allocation of a supply, the inverse of a matrix.

Arrays come as (*outer, *own, draw) and results leave in the same order; each function says which axes are its own. One
implementation serves NumPy and JAX. The module refuses to raise in the middle of a run: what has no answer (a singular
matrix, an unknown priority profile) is NaN, which the run reports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from egendekning.engine.functions import repeat, special

Array = Any

_BISECTIONS = 60  # halves the range of prices down to rounding
_NEAR = 1e-6  # in widths: the slope of a demand curve is that between two prices so far to either side


def sort_order(xp: Any, vector: Array, direction: Array) -> Array:
    """Return the positions, from 0, that sort `vector` (*outer, n, draw): upwards where `direction` is above 0."""
    vector, direction = xp.broadcast_arrays(vector, direction[..., None, :])
    return xp.argsort(xp.where(direction > 0.0, vector, -vector), axis=-2, stable=True) * 1.0


def rank(xp: Any, vector: Array, direction: Array) -> Array:
    """Return the rank of each element, counted from 1."""
    return xp.argsort(sort_order(xp, vector, direction), axis=-2, stable=True) + 1.0


def ranked(xp: Any, vector: Array, wanted: Array) -> Array:
    """Return which element, counted from 1, of `vector` (*outer, n, draw) has the rank `wanted` (*outer, draw)."""
    order = sort_order(xp, vector, wanted * 0.0 + 1.0)
    wanted, _ = xp.broadcast_arrays(wanted, order[..., 0, :])
    return _at(xp, order, wanted[..., None, :] - 1.0)[..., 0, :] + 1.0


def reorder(xp: Any, vector: Array, order: Array) -> Array:
    """Return the elements of `vector` (*outer, n, draw) at the positions `order`, counted from 0."""
    vector, order = xp.broadcast_arrays(vector, order)
    return _at(xp, vector, order)


def element_map(xp: Any, vector: Array, place: Array) -> Array:
    """Return the elements of `vector` (*dims, draw) at the flat positions `place` (*outer, draw), NaN outside."""
    whole_size = vector.shape[:-1]
    vector = vector.reshape((int(np.prod(whole_size)), vector.shape[-1]))
    count = vector.shape[-2]
    flat = place.reshape((-1, place.shape[-1]))
    whole, flat = xp.broadcast_to(vector, (count, max(vector.shape[-1], flat.shape[-1]))), flat
    found = _at(xp, whole, xp.broadcast_to(flat, (flat.shape[0], whole.shape[-1])))
    return found.reshape((*place.shape[:-1], found.shape[-1]))


def _at(xp: Any, vector: Array, place: Array) -> Array:
    count = vector.shape[-2]
    whole = xp.floor(place + 0.5)
    inside = (whole >= 0.0) & (whole < count)
    found = xp.take_along_axis(vector, xp.clip(whole, 0, count - 1).astype(int), axis=-2)
    return xp.where(inside, found, xp.nan)


def inverse(xp: Any, matrix: Array) -> Array:
    """Return the inverse of `matrix` (*outer, n, n, draw)."""
    front = xp.moveaxis(matrix, -1, 0)
    try:
        found = xp.linalg.inv(front)
    except np.linalg.LinAlgError:
        found = front * np.nan
    return xp.moveaxis(found, 0, -1)


def allocate_available(xp: Any, request: Array, profile: Array, supply: Array) -> Array:
    """Share a supply by the demand curves of priority profiles, at the one price at which they sum to it.

    Fixed requests come first, whatever the price; where they are more than there is, each gets the same part of its.

    Parameters
    ----------
    request : array (*outer, n, draw)
        What each target asks for.
    profile : array (*outer, n, 4, draw)
        Kind (0 fixed, 1 rectangle, 2 triangle, 3 normal, 4 exponential), priority, width and extra of each target.
    supply : array (*outer, draw)
        What there is.
    """
    kind, priority, width = profile[..., 0, :], profile[..., 1, :], profile[..., 2, :]
    request, kind, priority, width = xp.broadcast_arrays(request, kind, priority, width)
    fixed = kind == 0.0
    kind, priority, width = (xp.where(fixed, other, x) for x, other in ((kind, 1.0), (priority, 0.0), (width, 1.0)))
    first = xp.sum(xp.where(fixed, request, 0.0), axis=-2)
    part = xp.where(first > supply, xp.maximum(supply, 0.0) / xp.where(first > 0.0, first, 1.0), 1.0)
    served, request, supply = request * part[..., None, :], xp.where(fixed, 0.0, request), supply - first
    reach = xp.where(kind == 3.0, 8.3, xp.where(kind == 4.0, 37.0, 0.5))
    known = (kind == 1.0) | (kind == 2.0) | (kind == 3.0) | (kind == 4.0)
    width = xp.where(known & (width > 0.0), width, xp.nan)
    shared = _allocate(xp, request, supply, priority, width, reach * width, lambda z: _left(xp, kind, z))
    return xp.where(fixed, served, shared)


def allocate_by_priority(xp: Any, request: Array, priority: Array, width: Array, supply: Array) -> Array:
    """Share a supply by priority, all profiles rectangles of one `width`."""
    span = xp.where(width > 0.0, width, xp.nan)[..., None, :]
    return _allocate(xp, request, supply, priority, span, span * 0.5, lambda z: xp.clip(0.5 - z, 0.0, 1.0))


def _left(xp: Any, kind: Array, z: Array) -> Array:
    """Return the share still asked for at a price `z` widths above the priority, by kind of profile."""
    triangle = xp.where(z < 0.0, 1.0 - 2.0 * xp.maximum(z + 0.5, 0.0) ** 2, 2.0 * xp.maximum(0.5 - z, 0.0) ** 2)
    tail = 0.5 * xp.exp(-xp.abs(z))
    normal = special(xp).ndtr(-z)
    curved = xp.where(kind == 3.0, normal, xp.where(z < 0.0, 1.0 - tail, tail))
    return xp.where(kind == 1.0, xp.clip(0.5 - z, 0.0, 1.0), xp.where(kind == 2.0, triangle, curved))


def _allocate(
    xp: Any, request: Array, supply: Array, priority: Array, width: Array, reach: Array, share: Callable[[Array], Array]
) -> Array:
    supply = supply[..., None, :]
    request, priority, width, reach, wanted = xp.broadcast_arrays(request, priority, width, reach, supply)
    low = xp.broadcast_to(xp.min(priority - reach, axis=-2, keepdims=True), request.shape)
    high = xp.broadcast_to(xp.max(priority + reach, axis=-2, keepdims=True), request.shape)

    def halve(_: Any, bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        middle = 0.5 * (low + high)
        given = xp.sum(request * share((middle - priority) / width), axis=-2, keepdims=True)
        more = given > wanted
        return xp.where(more, middle, low), xp.where(more, high, middle)

    low, high = repeat(xp, _BISECTIONS, halve, (_stop(xp, low), _stop(xp, high)))
    price = 0.5 * (low + high)
    if getattr(xp, "guarded", False):
        price = price + _drift(xp, request, wanted, share, (price - priority) / width, width)
    given = request * share((price - priority) / width)
    total = xp.sum(request, axis=-2, keepdims=True)
    return xp.where(wanted >= total, request, xp.where(wanted <= 0.0, request * 0.0, given))


def _drift(xp: Any, request: Array, wanted: Array, share: Any, z: Array, width: Array) -> Array:
    """Return 0 with the slope of the price: by how much it moves to keep the sum at what there is."""
    lack = wanted - xp.sum(request * share(z), axis=-2, keepdims=True)
    tilt = (share(xp.stop(z) + _NEAR) - share(xp.stop(z) - _NEAR)) / (2.0 * _NEAR * width)
    slope = xp.stop(xp.sum(request * tilt, axis=-2, keepdims=True))
    move = xp.where(slope < 0.0, lack / xp.where(slope < 0.0, slope, -1.0), 0.0)
    return move - xp.stop(move)


def _stop(xp: Any, array: Array) -> Array:
    return xp.stop(array) if hasattr(xp, "stop") else array


VECTORS: dict[str, Callable[..., Array]] = {
    "vector sort order": sort_order,
    "vector rank": rank,
    "xrank": ranked,
    "vector reorder": reorder,
    "vector elm map": element_map,
    "invert matrix": inverse,
    "allocate available": allocate_available,
    "allocate by priority": allocate_by_priority,
}
"""Name -> implementation on an array namespace."""
