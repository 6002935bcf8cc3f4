"""Read what stands before the sign of a Vensim equation: name, subscripts, exceptions, and what kind of thing it is.

Subscript ranges are read whole, mappings and all, since there is nothing else in them. The module refuses to read
expressions and to look names up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from egendekning.engine.syntax import ExpressionError
from egendekning.engine.vensim_syntax import NAME, QUOTED, split_subscripts

_NAME = re.compile(rf"\s*({QUOTED}|{NAME}|[\w\u00a1-\U0010ffff][\w'$.\s\u00a1-\U0010ffff]*)\s*")
_BRACKETS = re.compile(rf"\[((?:{QUOTED}|[^\]\[\"])*)\]\s*")
_EXCEPT = re.compile(r":\s*EXCEPT\s*:\s*", re.IGNORECASE)
_KEYWORD = re.compile(r":\s*(INTERPOLATE|RAW|HOLD[\s_]+BACKWARD|LOOK[\s_]+FORWARD)\s*:\s*", re.IGNORECASE)
_CHECK = re.compile(r":\s*(THE[\s_]+CONDITION|TEST[\s_]+INPUT)\s*:", re.IGNORECASE)
_NUMBERED = re.compile(r"\(\s*(.*?)(\d+)\s*-\s*(.*?)(\d+)\s*\)")
_IMPORTED = re.compile(r"\s*GET[\s_]+(?:XLS|DIRECT)[\s_]+SUBSCRIPT\s*\(", re.IGNORECASE)
_ASKED = ("file", "tab", "firstcell", "lastcell", "prefix")

Maps = list[tuple[str, list[str] | None]]


@dataclass(frozen=True, slots=True)
class Head:
    """What an entry is: ``equation``, ``data``, ``lookup``, ``range`` or ``check`` (a reality check).

    `rest` is what follows the sign; for a range `definition` holds its elements, the range that it copies, or where a
    file has them, and `maps` its mappings.
    """

    name: str
    kind: str
    rest: str = ""
    subscripts: tuple[str, ...] = ()
    excepted: tuple[tuple[str, ...], ...] = ()
    keyword: str = ""
    definition: Any = None
    maps: tuple[tuple[str, list[str] | None], ...] = ()


def read_head(text: str) -> Head:
    """Return the head of an entry of a Vensim file.

    Raises
    ------
    ExpressionError
        Where it is none.
    """
    found = _NAME.match(text)
    if found is None:
        raise ExpressionError("a name expected", text, 0)
    name, at = found.group(1).strip(), found.end()
    subscripts: tuple[str, ...] = ()
    brackets = _BRACKETS.match(text, at)
    if brackets:
        subscripts, at = _tokens(brackets, text), brackets.end()
    excepted: list[tuple[str, ...]] = []
    marked = _EXCEPT.match(text, at)
    while marked:
        group = _BRACKETS.match(text, marked.end())
        if group is None:
            raise ExpressionError("[subscripts] expected", text, marked.end())
        excepted.append(_tokens(group, text))
        at = group.end()
        marked = re.compile(r",\s*").match(text, at)
    return _kind(text, at, name, subscripts, tuple(excepted))


def _tokens(match: re.Match[str], text: str) -> tuple[str, ...]:
    found = tuple(split_subscripts(match.group(1)))
    if not found or not all(found):
        raise ExpressionError("a subscript expected", text, match.start())
    return found


def _kind(text: str, at: int, name: str, subscripts: tuple[str, ...], excepted: tuple[tuple[str, ...], ...]) -> Head:
    keyword = _KEYWORD.match(text, at)
    if keyword:
        word, at = "_".join(keyword.group(1).lower().replace("_", " ").split()), keyword.end()
        rest = text[at:].removeprefix(":").removeprefix("=")
        return Head(name, "data", rest, subscripts, excepted, word)
    rest = text[at:]
    if not rest:
        return Head(name, "data", "", subscripts, excepted)
    if _CHECK.match(rest):
        return Head(name, "check")
    for sign, kind in ((":=", "data"), ("==", "equation"), ("=", "equation")):
        if rest.startswith(sign):
            return Head(name, kind, rest[len(sign) :], subscripts, excepted)
    if rest.startswith("("):
        return Head(name, "lookup", rest, subscripts, excepted)
    if rest.startswith("<->") and not subscripts:
        return Head(name, "range", definition=rest[3:].strip())
    if rest.startswith(":") and not subscripts:
        return _range(name, rest[1:])
    raise ExpressionError("= expected", text, at)


def _range(name: str, text: str) -> Head:
    listed, _, mapped = text.partition("->")
    imported = _IMPORTED.match(listed)
    definition: Any
    if imported:
        asked = re.findall(r"'([^']*)'", listed[imported.end() :])
        definition = dict(zip(_ASKED, [*asked, *[""] * len(_ASKED)], strict=False))
    else:
        definition = [element for part in split_subscripts(listed) for element in _elements(part, text)]
    if not definition:
        raise ExpressionError("elements expected", text, 0)
    return Head(name, "range", definition=definition, maps=tuple(_mappings(mapped)))


def _elements(part: str, text: str) -> list[str]:
    """Return one element, one range, or those of a numbered range, ``(a1-a9)``."""
    if not part.startswith("("):
        if not part or re.search(r"[()<>=:\[\]]", re.sub(QUOTED, "", part)):
            raise ExpressionError("an element expected", text, max(text.find(part), 0))
        return [part]
    found = _NUMBERED.fullmatch(part)
    if found is None or found.group(1).strip() != found.group(3).strip() or not found.group(1).strip():
        raise ExpressionError("(name1-name9) expected", text, text.find(part))
    first, last = int(found.group(2)), int(found.group(4))
    if last <= first:
        raise ExpressionError("a range that rises expected", text, text.find(part))
    return [f"{found.group(1).strip()}{k}" for k in range(first, last + 1)]


def _mappings(text: str) -> Maps:
    """Return what follows ``->`` in a range definition: target ranges, each with its elements if they are listed."""
    found: Maps = []
    for match in re.finditer(r"\(\s*([^():]+?)\s*:\s*([^()]*)\)|([^,()]+)", text):
        if match.group(1):
            found.append((match.group(1), [part.strip() for part in match.group(2).split(",")]))
        elif match.group(3).strip():
            found.append((match.group(3).strip(), None))
    return found
