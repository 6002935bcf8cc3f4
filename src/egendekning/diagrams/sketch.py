"""Write diagrams as the sketch section of a Vensim file: one view a sector.

The equations before the section stay as they are, byte for byte. Vensim, Stella and Simlin read the section; PySD and
this package's engine skip it. The module refuses to
touch an equation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from egendekning.diagrams.shapes import ITEM_CHAR, ITEM_LINE, Channel, Diagram, Placed, Point, Rect

START: Final = "\\\\\\---/// Sketch information - do not modify anything except names"
_WIDER: Final = 1.25
_TALLER: Final = 2.2  # programs other than Vensim draw a symbol above every name, so lists need room
_VERSION: Final = "V300  Do not put anything below this section - it will be ignored"
_STYLE: Final = "$192-192-192,0,Arial|9||0-0-0|0-0-0|0-0-255|-1--1--1|-1--1--1|96,96,100,0"
_SETTINGS: Final = (
    "///---\\\\\\",
    ":L\x7f<%^E!@",
    "15:0,0,0,0,0,0",
    "19:100,0",
    "27:0,",
    "34:0,",
    "4:Time",
    "35:Date",
    "36:YYYY-MM-DD",
    "37:2000",
    "38:1",
    "39:1",
    "40:2",
    "41:0",
    "42:0",
    "24:0",
    "25:0",
    "26:0",
)
_EQUIVALENT: Final = (
    ("year", "years", "Year", "Years", "yr"),
    ("person", "persons", "people"),
    ("dwelling", "dwellings"),
)


def with_sketch(text: str, diagrams: Iterable[Diagram]) -> str:
    """Return the text of a model file with its sketch section written anew.

    Parameters
    ----------
    text : str
        The file; what stands before the sketch is kept as it is.
    diagrams : iterable of Diagram
        One a sector, in the order of the views.

    Returns
    -------
    str
        Equations, sketch and Vensim's settings. Writing twice gives the same text.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    equations = equations_of(text)
    gap = "" if equations.endswith("\n") else newline
    lines = []
    for diagram in diagrams:
        lines += view(diagram)
    return equations + gap + newline.join([*lines, *_settings()]) + newline


def equations_of(text: str) -> str:
    """Return what stands before the sketch section, or the whole text where there is none."""
    at = text.find(START[:9])
    return text if at < 0 else text[:at]


def _settings() -> list[str]:
    """Return the settings after the views, with the units that mean the same."""
    return [*_SETTINGS, *("22:" + ",".join(names) for names in _EQUIVALENT)]


def view(diagram: Diagram) -> list[str]:
    """Return the lines of one view."""
    writer = _Writer(diagram)
    return [START, _VERSION, f"*{diagram.sector}", _STYLE, *writer.lines()]


def _name(name: str) -> str:
    """Return a name as Vensim writes it: quoted where it is not made of letters, digits and blanks."""
    plain = re.fullmatch(r"[^\W\d_][\w $'&%#]*", name)
    return name if plain or name.startswith('"') else f'"{name}"'


def _at(x: float, y: float) -> str:
    """Return a place of the diagram in pixels of the sketch."""
    return f"{round(x * _WIDER)},{round(y * _TALLER)}"


class _Writer:
    """Numbers the objects of a view and writes them in the order that Vensim wants: pipes before their valve."""

    def __init__(self, diagram: Diagram) -> None:
        self.diagram = diagram
        self.out: list[str] = []
        self.ids: dict[str, int] = {}
        self.count = 0

    def lines(self) -> list[str]:
        """Write everything."""
        placed = self.diagram.placed
        piped = {c.flow for c in self.diagram.channels if c.flow}
        for name, item in placed.items():
            if item.block.kind == "stock":
                self.ids[name] = self._variable(name, item.symbol, 3)
        for channel in self.diagram.channels:
            if channel.flow:
                self._channel(channel)
        for name, item in placed.items():
            if item.block.kind != "stock" and name not in piped:
                self.ids[name] = self._variable(name, item.head, 8)
        for name, item in placed.items():
            self._listing(name, item)
        for arrow in self.diagram.arrows:
            self._arrow(self.ids[arrow.source], self.ids[arrow.target], arrow.middle)
        return self.out

    def _next(self) -> int:
        self.count += 1
        return self.count

    def _variable(self, name: str, rect: Rect, shape: int, *, shadow: bool = False) -> int:
        """Write a variable; a shadow is one that is defined in another place."""
        number = self._next()
        half = _at(rect.w / 2, rect.h / 2) if shape == 3 else f"{round(rect.w / 2)},{round(rect.h / 2)}"
        tail = f"{shape},2,0,3,-1,0,0,0,128-128-128,0-0-0,|8||96-96-96" if shadow else f"{shape},3,0,0,0,0,0,0"
        if shape == 40:
            tail = f"40,{2 if shadow else 3},0,0,-1,0,0,0"
        self.out.append(f"10,{number},{_name(name)},{_at(rect.x, rect.y)},{half},{tail}")
        return number

    def _channel(self, channel: Channel) -> None:
        """Write clouds, the two halves of the pipe, the valve and the flow's name."""
        ends = []
        for stock, at in ((channel.source, channel.before[0]), (channel.target, channel.after[-1])):
            if stock is None:
                number = self._next()
                self.out.append(f"12,{number},48,{_at(at[0], at[1])},10,8,0,3,0,0,-1,0,0,0")
                ends.append(number)
            else:
                ends.append(self.ids[stock])
        to_target, to_source, valve = self._next(), self._next(), self._next()
        self.out.append(self._pipe(to_target, valve, ends[1], 4, channel.after))
        self.out.append(self._pipe(to_source, valve, ends[0], 100, tuple(reversed(channel.before))))
        x, y = channel.valve
        self.out.append(f"11,{valve},48,{_at(x, y)},8,8,34,3,0,0,1,0,0,0")
        item = self.diagram.placed[channel.flow]
        self.ids[channel.flow] = self._variable(channel.flow, item.head, 40, shadow=item.block.ghost)

    @staticmethod
    def _pipe(number: int, valve: int, end: int, shape: int, way: tuple[Point, ...]) -> str:
        """Write half a pipe; its bends are the points between valve and end."""
        points = way[1:-1] or (way[-1],)
        told = "".join(f"({_at(x, y)})|" for x, y in points)
        return f"1,{number},{valve},{end},{shape},0,0,22,0,0,0,-1--1--1,,{len(points)}|{told}"

    def _listing(self, name: str, item: Placed) -> None:
        """Write the small names under a block, each with its arrow."""
        if item.listing is None:
            return
        x, y = item.listing.x, item.listing.y - item.listing.h / 2 + 4
        left = item.listing.x - item.listing.w / 2
        for small in item.block.items:
            _, h = small.size
            rect = Rect(x, y + h / 2, (len(small.name) + 2) * ITEM_CHAR, ITEM_LINE)
            number = self._variable(small.name, rect, 8, shadow=small.kind == "shadow")
            way = rect.y - item.head.y
            self._arrow(
                number, self.ids[name], (x - min(0.3 * way, x - left + 8), item.head.y + way / 2), "192-192-192"
            )
            y += h

    def _arrow(self, source: int, target: int, middle: Point, colour: str = "-1--1--1") -> None:
        """Write an arrow bent through `middle`."""
        number = self._next()
        at = f"({_at(middle[0], middle[1])})"
        self.out.append(f"1,{number},{source},{target},1,0,0,0,0,64,0,{colour},,1|{at}|")


def shown(text: str) -> dict[str, set[str]]:
    """Return the variables that each view of a sketch shows as its own, shadows apart.

    Parameters
    ----------
    text : str
        A model file.

    Returns
    -------
    dict
        Names by view; empty where the file has no sketch.
    """
    found: dict[str, set[str]] = {}
    for section in text.replace("\r\n", "\n").split(START)[1:]:
        lines = section.split("///---")[0].splitlines()
        title = next((line[1:] for line in lines if line.startswith("*")), "")
        names = found.setdefault(title, set())
        for line in lines:
            match = re.match(r'10,\d+,("(?:[^"\\]|\\.)*"|[^,]*),-?\d+,-?\d+,\d+,\d+,\d+,3,', line)
            if match:
                names.add(match[1].strip('"'))
    return found
