"""Find the feedback loops of a graph, shortest first, within bounds.

A loop is counted once, from its first variable in the order of the graph. Distances back to that variable prune the
search, so that time is spent on loops and not on dead ends. The module refuses to enumerate without end: both the
number of loops and their length are bounded.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

Graph = Mapping[str, Sequence[str]]

_MOST_VISITS = 2_000_000  # steps of the search, for graphs in which long loops are dense


def shortest_cycles(graph: Graph, limit: int, longest: int) -> tuple[tuple[str, ...], ...]:
    """Return simple cycles of `graph` (name -> names that it points at), by length and then by order of names."""
    order = {name: k for k, name in enumerate(graph)}
    back = {start: _distances(graph, order, start) for start in graph}
    found: list[tuple[str, ...]] = []
    visits = [0]
    for length in range(1, longest + 1):
        for start in graph:
            for cycle in _cycles(graph, order, start, length, back[start], visits):
                found.append(cycle)
                if len(found) >= limit:
                    return tuple(found)
        if visits[0] > _MOST_VISITS:
            break
    return tuple(found)


def _distances(graph: Graph, order: Mapping[str, int], start: str) -> dict[str, int]:
    """Return how many steps each later variable is away from `start`, along later variables."""
    reverse: dict[str, list[str]] = {}
    for name, targets in graph.items():
        for target in targets:
            if order[name] >= order[start] and order[target] >= order[start]:
                reverse.setdefault(target, []).append(name)
    away = {start: 0}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for name in reverse.get(here, ()):
            if name not in away:
                away[name] = away[here] + 1
                queue.append(name)
    return away


def _cycles(
    graph: Graph, order: Mapping[str, int], start: str, length: int, away: Mapping[str, int], visits: list[int]
) -> Iterator[tuple[str, ...]]:
    """Yield the cycles of just `length` through `start` and later variables."""
    path, used = [start], {start}
    stack = [iter(graph[start])]
    while stack and visits[0] <= _MOST_VISITS:
        name = next(stack[-1], None)
        visits[0] += 1
        left = length - len(path)
        if name is None:
            stack.pop()
            used.discard(path.pop())
        elif name == start and left == 0:
            yield tuple(path)
        elif name not in used and left > 0 and order[name] > order[start] and away.get(name, length + 1) <= left:
            path.append(name)
            used.add(name)
            stack.append(iter(graph[name]))
