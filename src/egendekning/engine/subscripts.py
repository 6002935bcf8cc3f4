"""Subscript ranges: expand them, map one to another, and say which positions of a variable an index means.

All of Vensim's subscript rules are settled here, once, so that the rest of the engine sees numbers. The module refuses
to guess: an index that no rule explains is an error with the variable and the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from egendekning.engine.external import ExternalProblem, Files
from egendekning.engine.ir import Along, Fixed, Index, RangeDef
from egendekning.engine.parse import RawRange, shown
from egendekning.errors import ModelFileError, Problem
from egendekning.names import key, nearest


class IndexProblem(Exception):
    """An index that cannot be resolved: (found, expected, nearest)."""

    def __init__(self, found: str, expected: str, near: str | None = None) -> None:
        super().__init__(found)
        self.found, self.expected, self.near = found, expected, near


def expand_ranges(raw: Mapping[str, RawRange], file: str, files: Files) -> dict[str, RangeDef]:
    """Return every range with its elements in order and its mappings as pairs of elements."""
    problems: list[Problem] = []
    members: dict[str, list[str]] = {}

    def elements(name: str, trail: tuple[str, ...]) -> list[str]:
        if name in members:
            return members[name]
        item = raw[name]
        if name in trail:
            problems.append(Problem(f"{file}:{item.line}", f"range {item.name} is defined by itself",
                                    "a list of elements"))  # fmt: skip
            return []
        if isinstance(item.definition, dict):
            members[name] = _read_elements(item, files, problems, f"{file}:{item.line}")
            return members[name]
        listed = [item.definition] if isinstance(item.definition, str) else item.definition
        found: list[str] = []
        for part in listed:
            found.extend(elements(key(part), (*trail, name)) if key(part) in raw else [shown(part)])
        members[name] = found
        return found

    for name in raw:
        elements(name, ())
    ranges = {
        name: RangeDef(name, shown(item.name), tuple(map(key, members[name])), tuple(members[name]))
        for name, item in raw.items()
        if name in members
    }
    for name, item in raw.items():
        for target, listed in item.maps:
            _add_map(ranges, ranges[name], target, listed, problems, f"{file}:{item.line}")
    if problems:
        raise ModelFileError(problems)
    return ranges


def _read_elements(item: RawRange, files: Files, problems: list[Problem], where: str) -> list[str]:
    try:
        asked = {n: str(v).strip("'") if v is not None else "" for n, v in item.definition.items()}
        return files.elements(asked["file"], asked["tab"], asked["firstcell"], asked["lastcell"], asked["prefix"])
    except ExternalProblem as error:
        problems.append(Problem(where, f"range {item.name}: {error.found}", error.expected))
        return []


def _add_map(
    ranges: dict[str, RangeDef], source: RangeDef, target: str, listed: list[str] | None,
    problems: list[Problem], where: str,
) -> None:  # fmt: skip
    aim = ranges.get(key(target))
    if aim is None:
        names = [r.name for r in ranges.values()]
        problems.append(Problem(where, f"{source.name} maps to unknown range {target}", "a subscript range",
                                nearest(target, names)))  # fmt: skip
        return
    slots: list[tuple[str, ...]] = (
        [(key(part),) for part in listed] if listed is not None else [(e,) for e in aim.elements]
    )
    slots = [ranges[s[0]].elements if s[0] in ranges else s for s in slots]
    if len(slots) != len(source.elements):
        problems.append(Problem(where, f"{source.name} has {len(source.elements)} elements, its map to {target} "
                                f"{len(slots)}", "as many on both sides"))  # fmt: skip
        return
    source.maps[aim.key] = tuple(
        (one, other) for one, group in zip(source.elements, slots, strict=True) for other in group
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One subscript of the left-hand side: a range (`label` set) or a single element."""

    label: str | None
    elements: tuple[str, ...]


class Scope:
    """The axes of one equation, and how indices inside it are resolved."""

    def __init__(self, ranges: Mapping[str, RangeDef], sides: list[Side]) -> None:
        self.ranges = ranges
        self.sides = sides
        self.labels = tuple(side.label for side in sides if side.label is not None)
        self.sizes = {side.label: len(side.elements) for side in sides if side.label is not None}

    def index(self, token: str, dim: RangeDef) -> Index:
        """Resolve subscript `token` (a range, ``range!`` or an element) against a variable's dimension `dim`."""
        bang = token.rstrip().endswith("!")
        name = key(token.rstrip(" !"))
        if name not in self.ranges:
            return Fixed(self._position(name, dim))
        if bang:
            members = self.ranges[name].elements
            self.sizes[name + "!"] = len(members)
            return self._along(name + "!", members, dim)
        for side in self.sides:
            if side.label == name:
                return self._along(name, side.elements, dim)
        return self._mapped(name, dim)

    def _mapped(self, name: str, dim: RangeDef) -> Index:
        target = self.ranges[name]
        for side in self.sides:
            reached = [self._partner(side, element, target) for element in side.elements]
            if all(r is not None for r in reached):
                members = tuple(r for r in reached if r is not None)
                if side.label is None:
                    return Fixed(self._position(members[0], dim))
                return self._along(side.label, members, dim)
        raise IndexProblem(
            f"subscript {target.name} is not on the left-hand side and no mapping leads to it",
            "a subscript of the left-hand side, a range mapped to one, an element, or range! inside SUM",
        )

    def _partner(self, side: Side, element: str, target: RangeDef) -> str | None:
        homes = [side.label] if side.label is not None else [n for n, r in self.ranges.items() if element in r.elements]
        for home in homes:
            forward = [b for a, b in self.ranges[home].maps.get(target.key, ()) if a == element]
            backward = [a for a, b in target.maps.get(home, ()) if b == element]
            for found in (forward, backward):
                if len(found) == 1:
                    return found[0]
        return element if element in target.elements else None

    def _position(self, element: str, dim: RangeDef) -> int:
        if element in dim.elements:
            return dim.elements.index(element)
        raise IndexProblem(
            f"{element} is not an element of {dim.name}",
            f"one of {_some(dim.names)}",
            nearest(element, [*dim.names, *(r.name for r in self.ranges.values())]),
        )

    def _along(self, label: str, members: tuple[str, ...], dim: RangeDef) -> Along:
        if members == dim.elements:
            return Along(label, None)
        return Along(label, tuple(self._position(member, dim) for member in members))


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:5])
    return shown + (", ..." if len(names) > 5 else "")
