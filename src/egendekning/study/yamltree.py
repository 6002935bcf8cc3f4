"""YAML in, plain data and line numbers out.

A message about a study must name the line at fault, and a key written twice must not silently win over the first; the
usual loaders give neither. Scalars follow YAML 1.2 rather than 1.1: ``no`` is a word, ``1e-9`` a number and
``2020-03-12`` text. The module refuses to know what the data mean, to follow merge keys (``<<``) and to build
anything but dicts, lists, text, numbers, booleans and None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

import yaml

from egendekning.errors import Problem

Path_ = tuple[str | int | float, ...]
"""Keys and indices from the top of a document down to a value."""

_DIGITS: Final = 300
"""Whole numbers of more digits are beyond any float and become infinite, which no schema accepts."""

_STR: Final = "tag:yaml.org,2002:str"
_SCALARS: Final = (
    ("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$")),
    ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")),
    ("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$")),
    ("tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")),
)


_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DEPTH: Final = 50
"""Values lie at most this deep in each other; the deepest file of a study needs ten."""
_DEEP: Final = re.compile(rf"(?:[\[{{][ \t]*){{{_DEPTH + 1},}}")
_MOST: Final = 1_000_000
"""Values in one file, aliases written out; more is an alias of aliases that would fill the memory."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A loader whose plain scalars are told apart by YAML 1.2's core rules."""

    yaml_implicit_resolvers: ClassVar[dict[str | None, list[Any]]] = {None: list(_SCALARS)}


@dataclass(frozen=True)
class Document:
    """One YAML file as plain data, with the line of every key and item.

    Attributes
    ----------
    file : str
        The file as it should be named in messages.
    data : object
        Dicts, lists and scalars; None for an empty file.
    lines : dict
        Line number (1-based) by path; the line of a mapping entry is that of its key.
    """

    file: str
    data: Any
    lines: dict[Path_, int] = field(repr=False)

    def line(self, path: Path_) -> int:
        """Return the line of `path`, or of the nearest enclosing value that has one."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def where(self, *path: str | int | float) -> str:
        """Return ``file:line`` of `path`, for `Problem.where`."""
        return f"{self.file}:{self.line(path)}"


def read(path: Path, shown: str | None = None) -> tuple[Document, list[Problem]]:
    """Read a file that should be one YAML document.

    Parameters
    ----------
    path : Path
        The file.
    shown : str, optional
        Its name, as messages should show it; the path if not given.

    Returns
    -------
    Document, list of Problem
        As `parse`; a file that cannot be read, or not as UTF-8, is a problem too.
    """
    file = shown or str(path)
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8")
    except OSError as error:
        found = f"cannot be read ({error.strerror})"
        problem = Problem(file, found, "a file that you may read", fix="check its permissions")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        found = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        problem = Problem(f"{file}:{line}", found, "a text file in UTF-8", fix="save the file as UTF-8")
    else:
        return parse(text, file)
    return Document(file, None, {}), [problem]


def parse(text: str, file: str) -> tuple[Document, list[Problem]]:
    """Read one YAML document.

    Parameters
    ----------
    text : str
        The content of the file.
    file : str
        Its name, as messages should show it.

    Returns
    -------
    Document
        The data; where a key is repeated, its first value.
    list of Problem
        Syntax errors, repeated keys and keys that are not text or numbers; empty if all is well.
    """
    lines: dict[Path_, int] = {}
    problem = _unreadable(text, file)
    if problem is not None:
        return Document(file, None, lines), [problem]
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        return Document(file, None, lines), [_syntax_problem(error, file)]
    except yaml.YAMLError as error:
        problem = Problem(file, f"cannot be read as YAML: {error}", "a YAML document in UTF-8")
        return Document(file, None, lines), [problem]
    builder = _Builder(file, lines)
    data = None if node is None else builder.build(node, (), ())
    return Document(file, None if builder.endless else data, lines), builder.problems


def _unreadable(text: str, file: str) -> Problem | None:
    """Return what makes a text unfit for the parser: a control character, or brackets in brackets without end."""
    control = _CONTROL.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        found = f"the control character U+{ord(control[0]):04X}"
        return Problem(f"{file}:{line}", found, "text without control characters", fix="delete it")
    deep = _DEEP.search(text)
    if deep:
        line = text.count("\n", 0, deep.start()) + 1
        return Problem(f"{file}:{line}", f"more than {_DEPTH} brackets in a row", "a YAML document", fix="delete them")
    return None


def _syntax_problem(error: yaml.MarkedYAMLError, file: str) -> Problem:
    """Turn the parser's complaint into a Problem with its line."""
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark else 1
    said = ", ".join(part for part in (error.context, error.problem) if part)
    fix = "check indentation, colons and quotes on this line and the one above; put text that holds ': ' in quotes"
    return Problem(f"{file}:{line}", f"not valid YAML ({said})", "a YAML document", fix=fix)


class _Builder:
    """Turns a tree of YAML nodes into data, noting lines and repeated keys on the way."""

    def __init__(self, file: str, lines: dict[Path_, int]) -> None:
        self.file = file
        self.lines = lines
        self.problems: list[Problem] = []
        self.endless = False
        self.count = 0

    def build(self, node: yaml.Node, path: Path_, above: tuple[int, ...]) -> Any:
        """Return the data of `node`; `above` holds the ids of the nodes it lies in."""
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in above:
            self._say(node, "an alias that contains itself", "data that ends")
            self.endless = True
            return None
        self.count += 1
        if self.endless or self.count > _MOST or len(above) > _DEPTH:
            if not self.endless:
                what = f"more than {_MOST} values" if self.count > _MOST else f"values more than {_DEPTH} levels deep"
                self._say(node, what, "a smaller document", fix="write the aliases out, or divide the file")
            self.endless = True
            return None
        above = (*above, id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, above)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, i), above) for i, child in enumerate(node.value)]
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_, above: tuple[int, ...]) -> dict[Any, Any]:
        """Build a dict, keeping the first of two equal keys and reporting the second."""
        result: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if key is None or isinstance(key, bool):
                self._say(key_node, "a key that is not text or a number", "a name or a year as key")
                continue
            here = (*path, key)
            if key in result:
                first = self.lines[here]
                line = key_node.start_mark.line + 1
                self._say(
                    key_node,
                    f"duplicate key {key!r}: first on line {first}, again on line {line}",
                    "each key once",
                    fix=f"keep one of lines {first} and {line} and delete or rename the other",
                )
                continue
            self.lines[here] = key_node.start_mark.line + 1
            result[key] = self.build(value_node, here, above)
        return result

    def _say(self, node: yaml.Node, found: str, expected: str, fix: str = "") -> None:
        """Note a problem at the line of `node`."""
        self.problems.append(Problem(f"{self.file}:{node.start_mark.line + 1}", found, expected, fix=fix))


def _scalar(node: yaml.Node) -> Any:
    """Return the value of a scalar node; a tag that is not a basic one leaves the text as it is."""
    text = str(node.value)
    if node.tag.endswith(":null"):
        return None
    if node.tag.endswith(":bool"):
        return text.lower() == "true"
    if node.tag.endswith(":int"):
        return int(text) if len(text) <= _DIGITS else float(text)
    if node.tag.endswith(":float"):
        return float(text)
    return text
