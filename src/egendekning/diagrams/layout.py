"""Give a sector's diagram its places: rows of stocks stay rigid, the other variables settle around them.

The places minimise stress (distance on paper follows distance in the network) while texts keep apart; several starts
from a fixed seed compete, and the one with the fewest crossings wins, so the same model gives the same diagram. A link
that would run across other texts or far over the page becomes a shadow under the variable that uses it. The module
refuses to decide what is shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from egendekning.diagrams.chains import free_place, rows
from egendekning.diagrams.page import cut, framed, pack
from egendekning.diagrams.route import arrows
from egendekning.diagrams.shapes import Block, Channel, Diagram, Placed, Rect, Structure
from egendekning.diagrams.stress import STEP, Body, Stress

Floats: TypeAlias = NDArray[np.float64]

_STARTS: Final = 6
_FAR: Final = 760.0
_ROUNDS: Final = 5
_SEED: Final = 20190101


def lay_out(structure: Structure) -> Diagram:
    """Return the diagram of a sector.

    Parameters
    ----------
    structure : Structure
        What must be shown.

    Returns
    -------
    Diagram
        Everything in its place.
    """
    parts = [piece for part in _components(structure) for piece in _settled(part)]
    return pack(structure.sector, parts)


def _components(structure: Structure) -> list[Structure]:
    """Split a structure into parts that nothing joins, largest first."""
    parent = {n: n for n in structure.blocks}

    def root(n: str) -> str:
        while parent[n] != n:
            n = parent[n]
        return n

    joins = [*structure.links]
    for pipe in structure.pipes:
        joins += [(pipe.flow, s) for s in (pipe.source, pipe.target) if s]
    for a, b in joins:
        parent[root(a)] = root(b)
    groups: dict[str, list[str]] = {}
    for name in structure.blocks:
        groups.setdefault(root(name), []).append(name)
    found = []
    for names in sorted(groups.values(), key=len, reverse=True):
        inside = set(names)
        found.append(
            replace(
                structure,
                blocks={n: structure.blocks[n] for n in names},
                pipes=tuple(p for p in structure.pipes if p.flow in inside),
                net=structure.net & inside,
                links=frozenset(e for e in structure.links if e[0] in inside),
            )
        )
    return found


def _settled(structure: Structure) -> list[Diagram]:
    """Place one connected part; links that cannot be drawn well become shadows, and what these cut off comes apart."""
    places: dict[str, tuple[float, float]] | None = None
    for left in range(_ROUNDS, -1, -1):
        bodies = _bodies(structure)
        at = _best(bodies, structure, places)
        placed, channels = _moved(bodies, at)
        drawn, hidden = arrows(structure.links, placed, channels, longest=_FAR, force=left == 0)
        if not hidden:
            break
        places = {name: (p.symbol.x, p.symbol.y) for name, p in placed.items()}
        hidden.sort(key=lambda link: -_length(link, places))
        structure = _with_shadows(structure, hidden[: (len(hidden) + 1) // 2] if left > 3 else hidden)
    whole = Diagram(structure.sector, 0, 0, placed, channels, drawn)
    return [framed(cut(whole, set(part.blocks))) for part in _components(structure)]


def _length(link: tuple[str, str], places: dict[str, tuple[float, float]]) -> float:
    """Return how far apart the ends of a link lie."""
    (x0, y0), (x1, y1) = places[link[0]], places[link[1]]
    return abs(x1 - x0) + abs(y1 - y0)


def _with_shadows(structure: Structure, hidden: list[tuple[str, str]]) -> Structure:
    """Replace links by shadows under the variable that uses them."""
    blocks: dict[str, Block] = dict(structure.blocks)
    for source, target in hidden:
        blocks[target] = blocks[target].with_shadow(source)
    return replace(structure, blocks=blocks, links=structure.links - set(hidden))


def _bodies(structure: Structure) -> list[Body]:
    """Return the rows of stocks and the single variables."""
    found, done = [], set()
    for row in rows(structure):
        done |= {p.block.name for p in row.placed}
        rects = [r for p in row.placed for r in p.rects()] + [r for c in row.channels for r in c.rects()]
        found.append(Body(row.placed, row.channels, _array(rects)))
    for name, block in structure.blocks.items():
        if name not in done:
            place = free_place(block)
            found.append(Body((place,), (), _array([place.card])))
    return found


def _array(rects: list[Rect]) -> Floats:
    return np.array([(r.x, r.y, r.w, r.h) for r in rects], dtype=float)


def _best(bodies: list[Body], structure: Structure, places: dict[str, tuple[float, float]] | None) -> Floats:
    """Return the place of each body (body, 2): from given places, or the best of several starts."""
    problem = Stress(bodies, structure)
    if places is not None:
        start = np.array([_offset(body, places) for body in bodies])
        return problem.apart(problem.solve(start, (1.0,)))
    rng = np.random.default_rng(_SEED)
    best, lowest = np.zeros((len(bodies), 2)), np.inf
    for _ in range(_STARTS if len(bodies) > 2 else 1):
        spread = STEP * np.sqrt(len(bodies)) + 1
        at = problem.apart(problem.solve(rng.normal(0, spread, (len(bodies), 2)), (0.0, 0.1, 1.0)))
        placed, channels = _moved(bodies, at)
        drawn, hidden = arrows(structure.links, placed, channels, longest=_FAR)
        length = sum(abs(a.start[0] - a.end[0]) + abs(a.start[1] - a.end[1]) for a in drawn)
        size = np.ptp(at, axis=0)
        score = 4.0 * len(hidden) + length / 600 + float(size.sum()) / 400
        if score < lowest:
            best, lowest = at, score
    return best


def _offset(body: Body, places: dict[str, tuple[float, float]]) -> tuple[float, float]:
    """Return how far a body's own coordinates must move to come where it was."""
    first = body.placed[0]
    x, y = places[first.block.name]
    return x - first.symbol.x, y - first.symbol.y


def _moved(bodies: list[Body], at: Floats) -> tuple[dict[str, Placed], tuple[Channel, ...]]:
    """Return everything at its place."""
    placed: dict[str, Placed] = {}
    channels: list[Channel] = []
    for body, (dx, dy) in zip(bodies, at, strict=True):
        for item in body.placed:
            placed[item.block.name] = item.moved(float(dx), float(dy))
        channels += [c.moved(float(dx), float(dy)) for c in body.channels]
    return placed, tuple(channels)
