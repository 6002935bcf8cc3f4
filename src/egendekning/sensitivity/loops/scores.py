"""Loop scores of named loops over a run, and their shares of one another.

The score of a loop is the product of its link scores (see `links`); the relative score is its share of the sum of the
absolute scores of the named loops in the same cycle partition, the stocks that feedback ties together. A loop in a
partition of its own has relative score 1 or -1 by construction and is not compared with the others. Loops that nobody
named are not in the sum: a share says how the named loops stand to each other, not how much of the movement they make.
The netted score divides by what reaches each stock from outside instead (see `minor`); where nothing does, the two are
the same. The module refuses to enumerate loops.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import TIME
from egendekning.engine import Model
from egendekning.engine.graph import references
from egendekning.names import key, split
from egendekning.sensitivity.loops.links import Node, carry, change, expand, rate_change, ratio, total
from egendekning.sensitivity.loops.minor import between, own_effect
from egendekning.sensitivity.loops.named import NamedLoop, check_loops
from egendekning.sensitivity.loops.replay import Replay

Floats = NDArray[np.float64]

LOOP: Final = "loop"
"""Axis over loops; its coordinate holds their labels."""

_NOTHING: Final = 1e-9
"""Share of the change of a rate below which what comes from outside the stock is rounding."""


def loop_scores(
    model: Model,
    loops: Sequence[NamedLoop],
    parameters: Mapping[str, Any] | None = None,
    watch: Sequence[str] = (),
) -> xr.Dataset:
    """Score named loops at every integration step of one run.

    Parameters
    ----------
    model : Model
        The model.
    loops : sequence of NamedLoop
        What to score.
    parameters : mapping, optional
        As in `Model.simulate`; the first draw where they vary over draws.
    watch : sequence of str
        Variables to keep beside the scores.

    Returns
    -------
    xarray.Dataset
        ``score`` and ``relative``, ``netted`` and ``share`` (loop, time), without unit; coordinates ``kind`` and
        ``partition`` (loop; the number of the cycle partition); the watched variables (time, \\*dims).

    Raises
    ------
    UsageError
        For loops that the model does not have.
    """
    check_loops(model, loops)
    names = [model.variable(split(n)[0]).name for loop in loops for n in loop.chain]
    stocks = [key(n) for n in names if model.variable(n).kind == "stock"]
    names += [n for stock in stocks for n in between(model.definition, stock)]
    replay = Replay(model, dict.fromkeys(map(key, names)), parameters, watch)
    both = np.stack([_score(replay, expand(replay, loop.chain)) for loop in loops])
    scores, netted = both[:, 0], both[:, 1]
    found = _partitions(model)
    partition = np.array([found[_first_stock(replay, loop)] for loop in loops])
    partition = np.unique(partition, return_inverse=True)[1].reshape(-1)
    axes = (LOOP, TIME)
    data = {
        "score": (axes, scores), "relative": (axes, relative(scores, partition)),
        "netted": (axes, netted), "share": (axes, relative(netted, partition)),
    }  # fmt: skip
    coords = {
        LOOP: [loop.label for loop in loops], TIME: replay.times,
        "kind": (LOOP, [loop.kind for loop in loops]), "partition": (LOOP, partition),
    }  # fmt: skip
    result = xr.Dataset(data, coords)
    for name in watch:
        item = model.variable(name)
        result[item.name] = ((TIME, *item.dims), np.moveaxis(replay.values[key(name)], -1, 0))
    return result


def relative(scores: Floats, partition: NDArray[np.int_]) -> Floats:
    """Return each loop's share of its partition's absolute scores.

    Parameters
    ----------
    scores : ndarray
        (loop, time), without unit.
    partition : ndarray
        (loop), the number of each loop's cycle partition.

    Returns
    -------
    ndarray
        (loop, time), between -1 and 1; 0 where no loop of the partition moves anything.
    """
    result = np.zeros_like(scores)
    for number in np.unique(partition):
        rows = partition == number
        whole = np.abs(scores[rows]).sum(axis=0)
        result[rows] = np.where(whole > 0.0, scores[rows] / np.where(whole > 0.0, whole, 1.0), 0.0)
    return result


def _score(replay: Replay, nodes: list[Node]) -> Floats:
    """Return the score of a closed path at every step, plain and with minor loops netted out, (2, step)."""
    first = next(i for i, node in enumerate(nodes) if node.stored)
    turned = [*nodes[first:], *nodes[:first], nodes[first]]
    scores = np.ones((2, len(replay.times) - 1))
    part = change(replay, turned[0])
    moved = total(part)
    for source, target in pairwise(turned):
        part = carry(replay, source, target, part)
        if target.stored:
            effect, whole, step = total(part), total(rate_change(replay, target)), change(replay, target)
            own = total(own_effect(replay, target.key, step) * target.mask[..., None])
            alone = np.abs(whole - own) <= _NOTHING * (np.abs(whole) + np.abs(own))
            outside = np.where(alone, whole, whole - own)
            scores *= np.stack([ratio(effect, whole), ratio(effect, outside)]) * np.sign(effect) * np.sign(moved)
            part, moved = step, total(step)
    return np.concatenate([np.zeros((2, 1)), scores], axis=1)


def _first_stock(replay: Replay, loop: NamedLoop) -> str:
    """Return a stock of the loop: the owner of its first stored node."""
    node = next(node for node in expand(replay, loop.chain) if node.stored)
    return replay.stages[node.key].owner if node.key in replay.stages else node.key


def _partitions(model: Model) -> dict[str, int]:
    """Return the number of the strongly connected part of the equations that each variable belongs to."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    definition = model.definition
    place = {name: i for i, name in enumerate(definition.variables)}
    edges: set[tuple[int, int]] = set()
    for name, item in definition.variables.items():
        exprs = [c.expr for c in item.components]
        exprs += [s.move for s in definition.states.values() if s.owner == name]
        for expr in exprs:
            used = {n.split("#")[0] for kind, n in references(expr, "run") if kind == "variable"}
            edges |= {(place[n], place[name]) for n in used if n in place}
    rows, columns = zip(*edges, strict=True)
    matrix = csr_matrix((np.ones(len(edges)), (rows, columns)), shape=(len(place), len(place)))
    _, labels = connected_components(matrix, directed=True, connection="strong")
    return {name: int(labels[i]) for name, i in place.items()}
