"""Link scores: how much of the change in one variable another accounts for, at every step of a run.

After Schoenberg, Davidsen & Eberlein (2020), "Understanding model behavior using the Loops that Matter method", System
Dynamics Review 36(2): the score of a link x -> z within a step is ``|Dx(z)/D(z)| sign(Dx(z)/D(x))``, with ``D`` the
change over the step and ``Dx(z)`` the change that z would have had if x alone had moved. Into a stock, z is the net
rate of the stock (Schoenberg, Hayward & Eberlein 2023). Where x or z does not change the score is 0.

Arrays. An array between stocks carries the contribution of every element (a directional secant as long as the step
that the source really took, which for a single number is exactly the definition); an array of stocks counts as one
stock, the sum of its elements. Scores of single elements are not summed: an age group whose rate turns around has a
score without bound, and 91 of them hide everything else. The module refuses to choose a path.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.graph import references
from egendekning.errors import Problem, UsageError
from egendekning.names import find, key, nearest, split
from egendekning.sensitivity.loops.replay import OLD, Replay

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Node:
    """A variable on a path, or a stage hidden in a SMOOTH or DELAY of it.

    Attributes
    ----------
    key : str
        Key in `Replay.values`.
    stored : bool
        Whether it is a stock or a stage: reached through its rate.
    mask : ndarray
        (\\*dims), 1 where the path runs, 0 elsewhere.
    """

    key: str
    stored: bool
    mask: Floats


def expand(replay: Replay, chain: tuple[str, ...]) -> list[Node]:
    """Return the nodes of a closed chain, hidden stages in their places; the first follows the last.

    Parameters
    ----------
    replay : Replay
        The run, which knows the equations.
    chain : tuple of str
        Names, an element in brackets where the path runs through one alone.
    """
    nodes: list[Node] = []
    for source, target in zip((chain[-1], *chain[:-1]), chain, strict=True):
        nodes += _stages(replay, key(split(source)[0]), key(split(target)[0]))
        nodes.append(_node(replay, target))
    return nodes


def _node(replay: Replay, written: str) -> Node:
    """Return the node of a name, with its elements."""
    name, elements = split(written)
    item = replay.definition.variables[key(name)]
    mask = np.zeros(item.shape) if elements else np.ones(item.shape)
    if elements:
        place = []
        for dim, element in zip(item.dims, elements, strict=True):
            known = {e: i for i, e in enumerate(replay.definition.ranges[dim].names)}
            match = find(element, known)
            if match is None:
                raise UsageError(Problem(written, f"unknown element {element!r}", f"an element of {dim}",
                                         nearest(element, known), "write it as the model file does"))  # fmt: skip
            place.append(known[match])
        mask[tuple(place)] = 1.0
    return Node(key(name), item.kind == "stock", mask)


def _stages(replay: Replay, source: str, target: str) -> list[Node]:
    """Return the hidden stages that lead from `source` to `target`, none where the equation reads it at once."""
    item = replay.definition.variables[target]
    read = {_whole(node) for c in item.components for node in references(c.expr, "run")}
    if item.kind == "stock" or ("variable", source) in read:
        return []
    own = {n: s for n, s in replay.stages.items() if s.owner == target and s.kind == "integ"}
    moves = {n: {_whole(node) for node in references(s.move, "run")} for n, s in own.items()}
    queue = deque([n] for n in own if ("variable", source) in moves[n])
    while queue:
        path = queue.popleft()
        if ("state", path[-1]) in read:
            return [Node(n, True, np.ones(own[n].shape)) for n in path]
        queue.extend([*path, n] for n in own if n not in path and ("state", path[-1]) in moves[n])
    return []


def _whole(read: tuple[str, str]) -> tuple[str, str]:
    """Return what an equation reads, one element of an array told as the whole array."""
    kind, name = read
    return (kind, name.partition("#")[0]) if kind == "variable" else read


def change(replay: Replay, node: Node) -> Floats:
    """Return the change of a node over each step, (\\*dims, step - 1), in its unit."""
    return np.asarray(np.diff(replay.values[node.key], axis=-1) * node.mask[..., None])


def rate_change(replay: Replay, node: Node) -> Floats:
    """Return the change of the rate of a stock over each step, (\\*dims, step - 1), in its unit per time."""
    return np.asarray(np.diff(replay.rate(node.key, {}, slice(None)), axis=-1) * node.mask[..., None])


def carry(replay: Replay, source: Node, target: Node, part: Floats) -> Floats:
    """Return what a part of the change of `source` does to `target`, or to its rate where it is stored.

    Parameters
    ----------
    replay : Replay
        The run.
    source, target : Node
        Neighbours on a path.
    part : ndarray
        (\\*dims, step - 1) of the source: the part of its change that came by the path.

    Returns
    -------
    ndarray
        (\\*dims, step - 1) of the target, in its unit (per time where it is stored).
    """
    step = change(replay, source)
    axes = tuple(range(part.ndim - 1))
    size, whole = np.abs(part).max(axes, initial=0.0), np.abs(step).max(axes, initial=0.0)
    sign = np.where((part * step).sum(axes) < 0.0, -1.0, 1.0)
    live = (size > 0.0) & (whole > 0.0)
    stretch = np.where(live, sign * whole / np.where(live, size, 1.0), 0.0)
    old = replay.values[source.key][..., OLD]
    evaluate = replay.rate if target.stored else replay.algebra
    moved = evaluate(target.key, {source.key: old + part * stretch}, OLD) - evaluate(target.key, {}, OLD)
    return np.asarray(np.where(live, moved / np.where(live, stretch, 1.0), 0.0) * target.mask[..., None])


def ratio(effect: Floats, whole: Floats) -> Floats:
    """Return ``|effect / whole|``, 0 where the whole does not change."""
    still = whole == 0.0
    return np.asarray(np.where(still, 0.0, np.abs(effect / np.where(still, 1.0, whole))))


def total(array: Floats) -> Floats:
    """Return the sum over elements, (step - 1)."""
    return np.asarray(array.sum(axis=tuple(range(array.ndim - 1))))
