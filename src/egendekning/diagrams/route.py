"""Draw the way of an arrow: straight or bent, from edge to edge, clear of texts where that is possible.

The module refuses to move anything; an arrow that finds no clear way is handed back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from egendekning.diagrams.shapes import Arrow, Channel, Placed, Point, Rect

Floats: TypeAlias = NDArray[np.float64]

_BENDS: Final = (0.0, 0.12, -0.12, 0.25, -0.25, 0.4, -0.4, 0.55, -0.55)
_SAMPLES: Final = np.linspace(0.0, 1.0, 41)


def curve(start: Point, middle: Point, end: Point, t: Floats) -> Floats:
    """Return points (t, 2) on the parabola through `start`, `middle` (half way) and `end`."""
    a, m, b = np.array(start), np.array(middle), np.array(end)
    control = 2 * m - (a + b) / 2
    s = t[:, None]
    return np.asarray((1 - s) ** 2 * a + 2 * s * (1 - s) * control + s**2 * b)


def arrows(
    links: Iterable[tuple[str, str]],
    placed: dict[str, Placed],
    channels: tuple[Channel, ...],
    *,
    longest: float,
    force: bool = False,
) -> tuple[tuple[Arrow, ...], list[tuple[str, str]]]:
    """Find a way for every link.

    Parameters
    ----------
    links : iterable of (str, str)
        From block to block.
    placed : dict of Placed
        Blocks at their places.
    channels : tuple of Channel
        Pipes, which arrows may cross but prefer not to.
    longest : float
        Pixels; a longer arrow counts as not drawable.
    force : bool
        Draw every arrow, through texts where there is no other way.

    Returns
    -------
    tuple of Arrow
        Those that run clear.
    list of (str, str)
        Links without a clear way.
    """
    names = list(placed)
    owner = np.array([i for i, n in enumerate(names) for _ in placed[n].rects()])
    boxes = _array([r for n in names for r in placed[n].rects()])
    pipes = _array([r for c in channels for r in c.rects()])
    drawn, hidden = [], []
    for source, target in sorted(links):
        blocked = boxes[~np.isin(owner, [names.index(source), names.index(target)])]
        found = _way(source, target, placed, blocked, pipes, np.inf if force else longest, force)
        if found is None:
            hidden.append((source, target))
        else:
            drawn.append(found)
    return tuple(drawn), hidden


def _way(
    source: str, target: str, placed: dict[str, Placed], blocked: Floats, pipes: Floats, longest: float, force: bool
) -> Arrow | None:
    """Return the least bent way that runs clear of texts: between valves where that can be, else between cards."""
    ends = (placed[source], placed[target])
    if any(p.block.kind == "flow" for p in ends):
        texts = [r for p in ends for r in p.rects()[1:] if p.block.kind in ("stock", "flow")]
        texts = [r for r in texts if not any(r.x == p.symbol.x and r.y == p.symbol.y for p in ends)]
        first = tuple(p.symbol if p.block.kind == "flow" else p.card for p in ends)
        found = bend(source, target, first, np.concatenate([blocked, _array(texts)]), pipes, longest, False)
        if found is not None:
            return found
    lists = [p.listing for p in ends if p.block.kind == "stock" and p.listing]
    cards = (ends[0].card, ends[1].card)
    return bend(source, target, cards, np.concatenate([blocked, _array(lists)]), pipes, longest, force)


def bend(
    source: str,
    target: str,
    ends: tuple[Rect, ...],
    blocked: Floats,
    pipes: Floats,
    longest: float,
    force: bool,
    bows: tuple[float, ...] = _BENDS,
) -> Arrow | None:
    """Return the least bent way between two rectangles, None where every way is blocked.

    Parameters
    ----------
    source, target : str
        Names that the arrow carries.
    ends : tuple of Rect
        Where it starts and ends.
    blocked, pipes : array (rectangle, 4), pixels
        What it must not, and what it had better not, run through.
    longest : float
        Longest way, pixels.
    force : bool
        Draw it through `blocked` where there is no other way.
    bows : tuple of float
        How far to bend, relative to the distance; earlier ones are preferred where all are drawable.
    """
    a, b = ends
    best, lowest = None, np.inf
    for rank, bow in enumerate(bows):
        middle = ((a.x + b.x) / 2 - bow * (b.y - a.y), (a.y + b.y) / 2 + bow * (b.x - a.x))
        points = curve((a.x, a.y), middle, (b.x, b.y), _SAMPLES)
        out = ~(_inside(points, a, 2) | _inside(points, b, 4))
        if out.sum() < 2:
            continue
        free = points[out]
        through = _hits(free, blocked, 1.0)
        if float(np.hypot(*np.diff(free, axis=0).T).sum()) > longest or (through and not force):
            continue
        cost = 10 * through + 0.1 * rank + 0.3 * _hits(free, pipes, 0.0)
        if cost < lowest:
            first, last = np.flatnonzero(out)[[0, -1]]
            t = np.array([(_SAMPLES[first] + _SAMPLES[last]) / 2])
            mid = curve((a.x, a.y), middle, (b.x, b.y), t)[0]
            best, lowest = Arrow(source, target, _pt(points[first]), _pt(mid), _pt(points[last])), cost
    return best


def _array(rects: list[Rect]) -> Floats:
    return np.array([(r.x, r.y, r.w, r.h) for r in rects] or np.zeros((0, 4)), dtype=float)


def _pt(row: Floats) -> Point:
    return float(row[0]), float(row[1])


def _inside(points: Floats, rect: Rect, pad: float) -> NDArray[np.bool_]:
    """Say which points lie within a rectangle."""
    inside = (np.abs(points[:, 0] - rect.x) <= rect.w / 2 + pad) & (np.abs(points[:, 1] - rect.y) <= rect.h / 2 + pad)
    return np.asarray(inside)


def _hits(points: Floats, boxes: Floats, pad: float) -> int:
    """Count the boxes that a way runs through."""
    if not len(boxes):
        return 0
    dx = np.abs(points[:, None, 0] - boxes[None, :, 0]) <= boxes[None, :, 2] / 2 + pad
    dy = np.abs(points[:, None, 1] - boxes[None, :, 1]) <= boxes[None, :, 3] / 2 + pad
    return int((dx & dy).any(axis=0).sum())
