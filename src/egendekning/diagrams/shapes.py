"""The shapes that a stock-and-flow diagram is made of, before and after they have a place.

One description serves both the sketch in the model file and the pictures, so that what a modeller sees in Vensim is
what the report shows. Lengths are pixels at 100 to the inch, y grows downwards as in a sketch. The module refuses to
place or draw anything.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, Literal, TypeAlias

Point: TypeAlias = tuple[float, float]
ItemKind: TypeAlias = Literal["constant", "lookup", "initial", "shadow"]
BlockKind: TypeAlias = Literal["stock", "flow", "auxiliary", "constant", "lookup"]

NAME_LINE: Final = 15.0
ITEM_LINE: Final = 12.5
NAME_CHAR: Final = 7.5
ITEM_CHAR: Final = 6.1
NAME_WRAP: Final = 20
ITEM_WRAP: Final = 30
INDENT: Final = 12.0
VALVE: Final = 9.0
CLOUD: Final = 14.0


@dataclass(frozen=True, slots=True)
class Item:
    """A small name listed under the variable that uses it: a constant, a table, a value kept from the start, a shadow.

    A shadow stands for a variable that is drawn elsewhere, in another sector or further away in this one.
    """

    name: str
    kind: ItemKind

    @property
    def lines(self) -> tuple[str, ...]:
        """The text as drawn; a shadow stands in angle brackets."""
        text = f"<{self.name}>" if self.kind == "shadow" else self.name
        return tuple(textwrap.wrap(text, ITEM_WRAP, break_on_hyphens=False))

    @property
    def size(self) -> Point:
        """Width and height."""
        return max(len(line) for line in self.lines) * ITEM_CHAR, len(self.lines) * ITEM_LINE


@dataclass(frozen=True, slots=True)
class Block:
    """A variable with the small names listed under it; `ghost` marks a flow that belongs to another sector."""

    name: str
    kind: BlockKind
    items: tuple[Item, ...] = ()
    ghost: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The name as drawn."""
        text = f"<{self.name}>" if self.ghost else self.name
        return tuple(textwrap.wrap(text, NAME_WRAP, break_on_hyphens=False))

    @property
    def head(self) -> Point:
        """Width and height of the name."""
        return max(len(line) for line in self.lines) * NAME_CHAR, len(self.lines) * NAME_LINE

    @property
    def listing(self) -> Point:
        """Width and height of the list under the name; zero where there is none."""
        if not self.items:
            return 0.0, 0.0
        sizes = [item.size for item in self.items]
        return max(w for w, _ in sizes) + INDENT, sum(h for _, h in sizes) + 4

    @property
    def size(self) -> Point:
        """Width and height of name and list together."""
        (w, h), (lw, lh) = self.head, self.listing
        return max(w, lw), h + lh

    def with_shadow(self, name: str) -> Block:
        """Return the block with one more shadow in its list."""
        return replace(self, items=(*self.items, Item(name, "shadow")))


@dataclass(frozen=True, slots=True)
class Pipe:
    """A flow between two stocks of a sector; None is a cloud."""

    flow: str
    source: str | None
    target: str | None


@dataclass(frozen=True, slots=True)
class Structure:
    """What a sector's diagram must show.

    Attributes
    ----------
    sector : str
        Name of the sector.
    blocks : dict of Block
        By name, in the order of the file.
    pipes : tuple of Pipe
        Flows and the stocks they join.
    net : frozenset of str
        Stocks whose rate has no variable of its own.
    links : frozenset of (str, str)
        Information from block to block.
    """

    sector: str
    blocks: dict[str, Block]
    pipes: tuple[Pipe, ...]
    net: frozenset[str]
    links: frozenset[tuple[str, str]]

    def variables(self) -> set[str]:
        """Return the variables of the sector itself that the diagram shows, shadows apart."""
        own = {name for name, block in self.blocks.items() if not block.ghost}
        return own | {i.name for b in self.blocks.values() for i in b.items if i.kind != "shadow"}


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle by its centre and size."""

    x: float
    y: float
    w: float
    h: float

    def moved(self, dx: float, dy: float) -> Rect:
        """Return the rectangle shifted."""
        return Rect(self.x + dx, self.y + dy, self.w, self.h)


@dataclass(frozen=True, slots=True)
class Placed:
    """A block with its place.

    Attributes
    ----------
    symbol : Rect
        What arrows start and end at: the stock's box, the valve, or the name.
    head : Rect
        The name.
    listing : Rect or None
        The list under the name.
    """

    block: Block
    symbol: Rect
    head: Rect
    listing: Rect | None

    def moved(self, dx: float, dy: float) -> Placed:
        """Return it shifted."""
        listing = self.listing.moved(dx, dy) if self.listing else None
        return Placed(self.block, self.symbol.moved(dx, dy), self.head.moved(dx, dy), listing)

    @property
    def card(self) -> Rect:
        """What arrows end at: a stock's box, otherwise the valve, the name and its list together."""
        if self.block.kind == "stock":
            return self.symbol
        rects = self.rects()
        left, right = min(r.x - r.w / 2 for r in rects), max(r.x + r.w / 2 for r in rects)
        top, low = min(r.y - r.h / 2 for r in rects), max(r.y + r.h / 2 for r in rects)
        return Rect((left + right) / 2, (top + low) / 2, right - left, low - top)

    def rects(self) -> list[Rect]:
        """Return everything that must not be drawn over."""
        return [self.symbol, self.head, *([self.listing] if self.listing else [])]


@dataclass(frozen=True, slots=True)
class Channel:
    """A pipe with its way: `before` leads from the source to the valve, `after` from the valve to the target.

    `flow` is empty for the rate of a stock that has no flow variable; a source or target of None is a cloud.
    """

    flow: str
    source: str | None
    target: str | None
    before: tuple[Point, ...]
    after: tuple[Point, ...]

    def moved(self, dx: float, dy: float) -> Channel:
        """Return it shifted."""
        return replace(
            self,
            before=tuple((x + dx, y + dy) for x, y in self.before),
            after=tuple((x + dx, y + dy) for x, y in self.after),
        )

    @property
    def valve(self) -> Point:
        """Where the valve sits."""
        return self.after[0]

    def rects(self) -> list[Rect]:
        """Return the pipe and its clouds as obstacles."""
        found = []
        for way in (self.before, self.after):
            for (x0, y0), (x1, y1) in pairwise(way):
                found.append(Rect((x0 + x1) / 2, (y0 + y1) / 2, abs(x1 - x0) + 8, abs(y1 - y0) + 8))
        if self.source is None:
            found.append(Rect(*self.before[0], 2 * CLOUD, 2 * CLOUD))
        if self.target is None:
            found.append(Rect(*self.after[-1], 2 * CLOUD, 2 * CLOUD))
        return found


@dataclass(frozen=True, slots=True)
class Arrow:
    """Information from one block to another, bent through `middle`."""

    source: str
    target: str
    start: Point
    middle: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Diagram:
    """A sector's diagram with everything in its place; the upper left corner is (0, 0)."""

    sector: str
    width: float
    height: float
    placed: dict[str, Placed] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()
    arrows: tuple[Arrow, ...] = ()

    def structure_names(self) -> set[str]:
        """Return the sector's own variables that the diagram shows."""
        blocks = [p.block for p in self.placed.values()]
        own = {b.name for b in blocks if not b.ghost}
        return own | {i.name for b in blocks for i in b.items if i.kind != "shadow"}
