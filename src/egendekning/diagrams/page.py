"""Frame finished parts of a diagram and set them side by side on one page.

The module refuses to move anything within a part.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from egendekning.diagrams.shapes import Arrow, Channel, Diagram, Placed

_MARGIN: Final = 36.0


def cut(diagram: Diagram, names: set[str]) -> Diagram:
    """Return the part of a diagram that holds these blocks."""
    return replace(
        diagram,
        placed={n: p for n, p in diagram.placed.items() if n in names},
        channels=tuple(c for c in diagram.channels if {c.flow, c.source, c.target} & names),
        arrows=tuple(a for a in diagram.arrows if a.source in names),
    )


def framed(diagram: Diagram) -> Diagram:
    """Shift a diagram so that its upper left corner is (0, 0), margin included."""
    rects = [r for p in diagram.placed.values() for r in p.rects()] + [r for c in diagram.channels for r in c.rects()]
    left, top = min(r.x - r.w / 2 for r in rects), min(r.y - r.h / 2 for r in rects)
    right, low = max(r.x + r.w / 2 for r in rects), max(r.y + r.h / 2 for r in rects)
    moved = _shifted(diagram, -left, -top)
    return replace(moved, width=right - left, height=low - top)


def _shifted(diagram: Diagram, dx: float, dy: float) -> Diagram:
    return replace(
        diagram,
        placed={n: p.moved(dx, dy) for n, p in diagram.placed.items()},
        channels=tuple(c.moved(dx, dy) for c in diagram.channels),
        arrows=tuple(
            replace(
                a,
                start=(a.start[0] + dx, a.start[1] + dy),
                middle=(a.middle[0] + dx, a.middle[1] + dy),
                end=(a.end[0] + dx, a.end[1] + dy),
            )
            for a in diagram.arrows
        ),
    )


def pack(sector: str, parts: list[Diagram]) -> Diagram:
    """Set the parts beside and below each other on one page."""
    area = sum((p.width + 50) * (p.height + 50) for p in parts)
    limit = max(max(p.width for p in parts), 1.5 * float(np.sqrt(area)))
    x = y = shelf = 0.0
    placed: dict[str, Placed] = {}
    channels: list[Channel] = []
    drawn: list[Arrow] = []
    for part in sorted(parts, key=lambda p: p.height, reverse=True):
        if x > 0 and x + part.width > limit:
            x, y, shelf = 0.0, y + shelf + 50, 0.0
        here = _shifted(part, _MARGIN + x, _MARGIN + y)
        placed |= here.placed
        channels += here.channels
        drawn += here.arrows
        x, shelf = x + part.width + 50, max(shelf, part.height)
    width = max(r.x + r.w / 2 for p in placed.values() for r in p.rects())
    width = max([width, *(r.x + r.w / 2 for c in channels for r in c.rects())])
    return Diagram(sector, width + _MARGIN, y + shelf + 2 * _MARGIN, placed, tuple(channels), tuple(drawn))
