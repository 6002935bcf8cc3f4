"""Stocks and the flows between them, set out as rigid rows: the backbone of a diagram.

Stocks that share a flow stand in one row, in the order that keeps flows short. Flows between neighbours run as lanes
between them; other flows run above the row; clouds lie at the ends of the row, above (sources) and below (sinks). The
module refuses to place auxiliaries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from egendekning.diagrams.shapes import INDENT, VALVE, Block, Channel, Pipe, Placed, Point, Rect, Structure

_GAP: Final = 46.0
_ROOM: Final = 16.0
_MANY: Final = 7


@dataclass(frozen=True, slots=True)
class Row:
    """A rigid row: blocks and channels in coordinates of their own."""

    placed: tuple[Placed, ...]
    channels: tuple[Channel, ...]


def rows(structure: Structure) -> list[Row]:
    """Return one row for each set of stocks joined by flows, in the order of the file."""
    stocks = [n for n, b in structure.blocks.items() if b.kind == "stock"]
    found, left = [], list(stocks)
    while left:
        group = _joined(left[0], structure.pipes)
        left = [s for s in left if s not in group]
        found.append(_Builder(structure, [s for s in stocks if s in group]).row())
    return found


def _joined(stock: str, pipes: tuple[Pipe, ...]) -> set[str]:
    """Return the stocks that pipes join to `stock`, itself included."""
    group, grew = {stock}, True
    while grew:
        ends = [{p.source, p.target} - {None} for p in pipes]
        more = {str(s) for end in ends if end & group for s in end} - group
        group |= more
        grew = bool(more)
    return group


def _order(stocks: list[str], pipes: list[Pipe]) -> list[str]:
    """Return the order with the shortest flows, most of them running to the right."""
    inner = [(p.source, p.target) for p in pipes if p.source and p.target]

    def cost(order: Iterable[str]) -> float:
        at = {s: i for i, s in enumerate(order)}
        steps = [at[str(b)] - at[str(a)] for a, b in inner]
        return sum((abs(d) - 1) * 3 + (0.2 if d < 0 else 0.0) for d in steps)

    return list(min(permutations(stocks), key=cost)) if len(stocks) <= _MANY else stocks


def text_places(block: Block, x: float, top: float) -> tuple[Rect, Rect | None]:
    """Return the places of a block's name, centred on `x` below `top`, and of its list."""
    (w, h), (lw, lh) = block.head, block.listing
    head = Rect(x, top + h / 2, w, h)
    return head, Rect(x, top + h + lh / 2, lw, lh) if block.items else None


def side_places(block: Block, x: float, y: float) -> tuple[Rect, Rect | None]:
    """Return the places of a block's name and list with their left edge at `x`, centred on height `y`."""
    (w, h), (lw, lh) = block.head, block.listing
    top = y - (h + lh) / 2
    head = Rect(x + w / 2, top + h / 2, w, h)
    return head, Rect(x + lw / 2, top + h + lh / 2, lw, lh) if block.items else None


class _Builder:
    """Builds one row from left to right."""

    def __init__(self, structure: Structure, stocks: list[str]) -> None:
        self.blocks = structure.blocks
        self.net = structure.net
        self.pipes = [p for p in structure.pipes if {p.source, p.target} & set(stocks)]
        self.order = _order(stocks, self.pipes)
        self.at = {s: i for i, s in enumerate(self.order)}
        self.placed: list[Placed] = []
        self.channels: list[Channel] = []

    def row(self) -> Row:
        """Set everything out."""
        last = len(self.order) - 1
        lanes = [self._between(i) for i in range(-1, last + 1)]
        heights = [sum(self._lane_height(p) for p in lane) for lane in lanes]
        slots = {s: self._slots(s) for s in self.order}
        x, edges = 0.0, {}
        for i, stock in enumerate(self.order):
            x += self._lane_width(lanes[i])
            above, below = slots[stock]
            block = self.blocks[stock]
            w = max(
                110.0, block.head[0] + 20, self._slots_width(above), self._slots_width(below) + self._list_room(stock)
            )
            edges[stock] = (x, x + w)
            x += w
        half = max(26.0, *(h / 2 + 2 for h in heights))
        for stock in self.order:
            self._stock(stock, edges[stock], half, bool(slots[stock][1]))
        for i, lane in enumerate(lanes):
            left = edges[self.order[i - 1]][1] if i > 0 else None
            right = edges[self.order[i]][0] if i <= last else None
            self._lay_lanes(lane, left, right)
        for stock in self.order:
            self._cloud_slots(slots[stock][0], edges[stock][0], -half, -1, right=edges[stock][1])
            self._cloud_slots(slots[stock][1], edges[stock][0] + self._list_room(stock), half, +1)
        self._detours(edges, half)
        return Row(tuple(self.placed), tuple(self.channels))

    def _between(self, i: int) -> list[Pipe | None]:
        """Return the lanes between stock `i` and the next; -1 is left of the first. None is a rate without a name."""
        left = self.order[i] if i >= 0 else None
        right = self.order[i + 1] if i + 1 < len(self.order) else None
        if left is None or right is None:
            end = self.order[0] if left is None else self.order[-1]
            clouds = [p for p in self.pipes if (p.target if left is None else p.source) == end]
            found: list[Pipe | None] = [p for p in clouds if (p.source if left is None else p.target) is None]
            return [None] if left is None and end in self.net else found
        return [p for p in self.pipes if {p.source, p.target} == {left, right}]

    def _slots(self, stock: str) -> tuple[list[Pipe], list[Pipe]]:
        """Return the clouds above (sources) and below (sinks) a stock."""
        first, last = self.order[0], self.order[-1]
        above = [p for p in self.pipes if p.target == stock and p.source is None and stock != first]
        below = [p for p in self.pipes if p.source == stock and p.target is None and stock != last]
        return above, below

    def _lane_height(self, pipe: Pipe | None) -> float:
        return 40.0 if pipe is None else self.blocks[pipe.flow].size[1] + 2 * VALVE + _ROOM

    def _lane_width(self, lane: list[Pipe | None]) -> float:
        widths = [self.blocks[p.flow].size[0] if p else 40.0 for p in lane]
        return max(widths) + _GAP if widths else 0.0

    def _slots_width(self, pipes: list[Pipe]) -> float:
        return sum(self.blocks[p.flow].size[0] + 44 for p in pipes)

    def _list_room(self, stock: str) -> float:
        return self.blocks[stock].listing[0] + 10 if self.blocks[stock].items else 0.0

    def _stock(self, stock: str, edge: Point, half: float, beside: bool) -> None:
        """Place a stock's box with its name inside and its list below, at the left where sinks lie below too."""
        block, middle = self.blocks[stock], sum(edge) / 2
        (w, h), (lw, lh) = block.head, block.listing
        listing = None
        if block.items:
            listing = Rect(edge[0] + lw / 2 if beside else middle, half + 6 + lh / 2, lw, lh)
        symbol = Rect(middle, 0, edge[1] - edge[0], 2 * half)
        self.placed.append(Placed(block, symbol, Rect(middle, 0, w, h), listing))

    def _lay_lanes(self, lane: list[Pipe | None], left: float | None, right: float | None) -> None:
        """Lay horizontal lanes in the gap between two stocks, or between a stock and clouds."""
        total = sum(self._lane_height(p) for p in lane)
        width = self._lane_width(lane)
        x0 = left if left is not None else (right or 0.0) - width
        x1 = right if right is not None else (left or 0.0) + width
        y = -total / 2 + VALVE + 4
        for pipe in lane:
            middle = (x0 + x1) / 2
            if pipe is None:
                end = self.order[0]
                self.channels.append(Channel("", None, end, ((x0, 0.0), (middle, 0.0)), ((middle, 0.0), (x1, 0.0))))
                continue
            forward = pipe.target is not None and (left is None or (right is not None and self._rightward(pipe)))
            forward = forward or pipe.target is None
            start, stop = (x0, x1) if forward else (x1, x0)
            level = y if len(lane) > 1 else 0.0
            self.channels.append(
                Channel(
                    pipe.flow,
                    pipe.source,
                    pipe.target,
                    ((start, level), (middle, level)),
                    ((middle, level), (stop, level)),
                )
            )
            self._flow_text(pipe.flow, middle, level)
            y += self._lane_height(pipe)

    def _rightward(self, pipe: Pipe) -> bool:
        return self.at[str(pipe.source)] < self.at[str(pipe.target)]

    def _flow_text(self, flow: str, x: float, y: float) -> None:
        """Place a flow's name and list below its valve."""
        head, listing = text_places(self.blocks[flow], x, y + VALVE + 2)
        self.placed.append(Placed(self.blocks[flow], Rect(x, y, 2 * VALVE, 2 * VALVE), head, listing))

    def _cloud_slots(self, pipes: list[Pipe], left: float, edge: float, side: int, right: float | None = None) -> None:
        """Hang vertical pipes with clouds above (-1) or below (+1) a stock, names at their right."""
        x = left + 24
        tall = max((self.blocks[p.flow].size[1] for p in pipes), default=0.0)
        reach = max(120.0, tall + 50)
        for pipe in pipes:
            cloud, valve = edge + side * reach, edge + side * reach / 2
            inward = side < 0
            before: tuple[Point, ...] = ((x, cloud), (x, valve)) if inward else ((x, edge), (x, valve))
            after: tuple[Point, ...] = ((x, valve), (x, edge)) if inward else ((x, valve), (x, cloud))
            self.channels.append(Channel(pipe.flow, pipe.source, pipe.target, before, after))
            block = self.blocks[pipe.flow]
            head, listing = side_places(block, x + VALVE + 5, valve)
            self.placed.append(Placed(block, Rect(x, valve, 2 * VALVE, 2 * VALVE), head, listing))
            x += block.size[0] + 44

    def _detours(self, edges: dict[str, Point], half: float) -> None:
        """Lead flows between stocks that are not neighbours above the row."""
        far = [p for p in self.pipes if p.source and p.target and abs(self.at[p.source] - self.at[p.target]) > 1]
        tops = [p.symbol.y - 70 for p in self.placed if p.block.kind == "flow" and p.symbol.y < -half]
        level = min([-half - 50, *tops])
        for n, pipe in enumerate(far):
            level -= self.blocks[pipe.flow].size[1] + 30
            a, b = edges[str(pipe.source)], edges[str(pipe.target)]
            start, stop = (a[1] - 14 - 14 * n, b[0] + 10) if a[0] < b[0] else (a[0] + 10 + 14 * n, b[1] - 14)
            middle = (start + stop) / 2
            before = ((start, -half), (start, level), (middle, level))
            after = ((middle, level), (stop, level), (stop, -half))
            self.channels.append(Channel(pipe.flow, pipe.source, pipe.target, before, after))
            self._flow_text(pipe.flow, middle, level)


def free_place(block: Block) -> Placed:
    """Return a block that stands alone: its name is its symbol (a flow without pipes keeps no valve)."""
    head, listing = text_places(block, 0.0, 0.0)
    return Placed(block, head, head, listing)


__all__ = ["INDENT", "Row", "free_place", "rows"]
