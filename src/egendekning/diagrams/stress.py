"""Where bodies settle: stress against overlap, minimised; and the last push that keeps texts apart.

The module knows boxes and distances only. It refuses to know what is drawn in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from egendekning.diagrams.shapes import Channel, Placed, Structure

Floats: TypeAlias = NDArray[np.float64]

STEP: Final = 205.0
_FLAT: Final = 1.45
_PAD: Final = 30.0


@dataclass(frozen=True, slots=True)
class Body:
    """What moves as one: a row of stocks with its flows, or a single variable; `boxes` are obstacles (n, 4)."""

    placed: tuple[Placed, ...]
    channels: tuple[Channel, ...]
    boxes: Floats


class Stress:
    """The function to minimise, and its gradient, over the places of the bodies."""

    def __init__(self, bodies: list[Body], structure: Structure) -> None:
        self.count = len(bodies)
        owner: list[int] = []
        centre: list[tuple[float, float]] = []
        index: dict[str, int] = {}
        for b, body in enumerate(bodies):
            for place in body.placed:
                index[place.block.name] = len(owner)
                owner.append(b)
                centre.append((place.symbol.x, place.symbol.y * _FLAT))
        self.owner, self.centre = np.array(owner), np.array(centre, dtype=float)
        distance = self._distances(structure, index)
        i, j = np.triu_indices(len(owner), 1)
        keep = (self.owner[i] != self.owner[j]) & np.isfinite(distance[i, j])
        self.i, self.j = i[keep], j[keep]
        self.ideal = distance[self.i, self.j] * STEP
        self.weight = 1 / self.ideal**2
        self.box = np.concatenate([b.boxes for b in bodies])
        self.box_owner = np.concatenate([np.full(len(b.boxes), n) for n, b in enumerate(bodies)])
        bi, bj = np.triu_indices(len(self.box), 1)
        keep = self.box_owner[bi] != self.box_owner[bj]
        self.bi, self.bj = bi[keep], bj[keep]
        self.reach = (self.box[self.bi, 2:] + self.box[self.bj, 2:]) / 2 + _PAD

    @staticmethod
    def _distances(structure: Structure, index: dict[str, int]) -> Floats:
        """Return the number of steps between blocks over links and pipes."""
        from scipy.sparse.csgraph import shortest_path

        graph = np.zeros((len(index), len(index)))
        joins = [*structure.links, *((p.flow, s) for p in structure.pipes for s in (p.source, p.target) if s)]
        for a, b in joins:
            graph[index[a], index[b]] = graph[index[b], index[a]] = 1
        return np.asarray(shortest_path(graph, unweighted=True))

    def solve(self, start: Floats, overlaps: tuple[float, ...]) -> Floats:
        """Minimise, with the weight of overlaps growing from stage to stage."""
        at = start
        for weight in overlaps:
            found = minimize(self._value, at.ravel(), (weight,), jac=True, method="L-BFGS-B", options={"maxiter": 150})
            at = found.x.reshape(-1, 2)
        return at

    def _value(self, flat: Floats, overlap: float) -> tuple[float, Floats]:
        at = flat.reshape(-1, 2)
        slope = np.zeros_like(at)
        points = self.centre + at[self.owner] * (1.0, _FLAT)
        gap = points[self.i] - points[self.j]
        length = np.maximum(np.hypot(gap[:, 0], gap[:, 1]), 1e-6)
        miss = length - self.ideal
        value = float(np.sum(self.weight * miss**2))
        pull = (2 * self.weight * miss / length)[:, None] * gap * (1.0, _FLAT)
        np.add.at(slope, self.owner[self.i], pull)
        np.add.at(slope, self.owner[self.j], -pull)
        if overlap:
            apart = (self.box[self.bi, :2] + at[self.box_owner[self.bi]]) - (
                self.box[self.bj, :2] + at[self.box_owner[self.bj]]
            )
            depth = np.maximum(self.reach - np.abs(apart), 0)
            scale = overlap / 400
            value += scale * float(np.sum(depth[:, 0] * depth[:, 1]))
            push = -scale * np.sign(apart) * depth[:, ::-1] * (depth > 0)
            np.add.at(slope, self.box_owner[self.bi], push)
            np.add.at(slope, self.box_owner[self.bj], -push)
        return value, slope.ravel()

    def apart(self, at: Floats) -> Floats:
        """Push bodies apart until no texts overlap."""
        at = at.copy()
        for _ in range(400):
            gap = (self.box[self.bi, :2] + at[self.box_owner[self.bi]]) - (
                self.box[self.bj, :2] + at[self.box_owner[self.bj]]
            )
            depth = self.reach - np.abs(gap)
            hit = np.flatnonzero((depth > 0.5).all(axis=1))
            if not len(hit):
                break
            move = np.zeros_like(at)
            for k in hit:
                axis = int(np.argmin(depth[k]))
                step = 0.55 * depth[k, axis] * (1.0 if gap[k, axis] >= 0 else -1.0)
                a, b = self.box_owner[self.bi[k]], self.box_owner[self.bj[k]]
                for body, push in ((a, step), (b, -step)):
                    if abs(push) > abs(move[body, axis]):
                        move[body, axis] = push
            at += move
        return self._relocated(at)

    def _relocated(self, at: Floats) -> Floats:
        """Move single variables that still overlap something to the nearest free place."""
        for body in range(self.count):
            mine = np.flatnonzero(self.box_owner == body)
            others = np.flatnonzero(self.box_owner != body)
            if len(mine) != 1 or not len(others):
                continue
            obstacles = self.box[others, :2] + at[self.box_owner[others]]
            reach = (self.box[others, 2:] + self.box[mine[0], 2:]) / 2 + _PAD / 2
            for radius in range(0, 1200, 15):
                turns = np.arange(0, 2 * np.pi, 15 / max(radius, 15))
                spots = at[body] + self.box[mine[0], :2] + radius * np.c_[np.cos(turns), np.sin(turns)]
                gap = np.abs(spots[:, None] - obstacles[None])
                free = np.flatnonzero(~(gap < reach[None]).all(axis=2).any(axis=1))
                if len(free):
                    at[body] = spots[free[0]] - self.box[mine[0], :2]
                    break
        return at
