"""Reads CSV tables that people make: what is wrong with one is said with its line and what to do about it.

Spreadsheets save UTF-16 and letters of older alphabets; downloads stop half-way. The module refuses to guess what such
a file means, to read numbers, and to know what the columns are about.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from egendekning.errors import Problem
from egendekning.names import nearest

MOST: Final = 2**28
"""Bytes that a table may have: millions of rows."""

_SAVE: Final = "save it as CSV in UTF-8 with commas ('CSV UTF-8 (comma delimited)' in a spreadsheet)"
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Table:
    """A table that was read.

    Attributes
    ----------
    rows : tuple of (int, Mapping)
        Line, and cells by column without spaces around them; None where the row ends before the column. Columns that
        were not asked for and rows without any content are left out.
    separator : str
        What stands between cells.
    """

    rows: tuple[tuple[int, Mapping[str, str | None]], ...] = ()
    separator: str = ","


def read_table(
    path: Path, needed: Sequence[str], also: Sequence[str] = (), separators: str = ",", *, whole: bool = False
) -> tuple[Table, list[Problem]]:
    """Read a table.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8, with or without a byte order mark, with any line ends.
    needed, also : sequence of str
        Columns that it must have, and those that are read if they are there; in small letters, the file's in any.
    separators : str
        What may stand between cells; the one that is most often in the first row counts.
    whole : bool
        Whether a row that goes on after the last column is a problem: a decimal comma makes two cells of a number.

    Returns
    -------
    Table
        Without rows where there are problems.
    list of Problem
        What is wrong with the file as a table.
    """
    shape = f"a CSV file in UTF-8 with the columns {', '.join(needed)}"
    text, problem = _text(path, shape)
    if problem is not None:
        return Table(), [problem]
    first = text.partition("\n")[0]
    separator = max(separators, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        problems = _wrong_columns(f"{path}:1", header, needed, also, shape)
        if problems:
            return Table(), problems
        places = [(name, header.index(name)) for name in (*needed, *also) if name in header]
        read = [(reader.line_num, [*map(str.strip, cells)]) for cells in reader]
    except csv.Error as error:
        fix = "close every quotation mark, and see whether the file is complete"
        return Table(), [Problem(f"{path}:{reader.line_num}", f"cannot be read as CSV ({error})", shape, fix=fix)]
    rows = [
        (line, {name: cells[i] if i < len(cells) else None for name, i in places}) for line, cells in read if any(cells)
    ]
    if not rows:
        fix = "add rows below the names of the columns"
        return Table(), [Problem(str(path), "there are no rows", shape, fix=fix)]
    if whole and (
        problems := [_too_long(path, line, cells, header) for line, cells in read if any(cells[len(header) :])]
    ):
        return Table(), problems
    return Table(tuple(rows), separator), []


def _too_long(path: Path, line: int, cells: Sequence[str], header: Sequence[str]) -> Problem:
    """Return the problem of a row that goes on after the last column."""
    beyond = " ".join(map(repr, filter(None, cells[len(header) :])))
    fix = "put quotation marks around a text or a number with the mark that parts cells in it, or use semicolons"
    return Problem(f"{path}:{line}", f"{beyond} after the last column", f"{len(header)} cells", fix=fix)


def _text(path: Path, shape: str) -> tuple[str, Problem | None]:
    """Return the text of a file, or what keeps it from being read."""
    try:
        if path.is_dir():
            return "", Problem(str(path), "is a folder", shape, fix="give the path of a file")
        if not path.exists():
            return "", Problem(str(path), "the file does not exist", shape, fix="give the path of a file")
        if not path.is_file():
            return "", Problem(str(path), "is no regular file", shape, fix="save it as a file first")
        with path.open("rb") as file:
            raw = file.read(MOST + 1)
    except OSError as error:
        found = f"cannot be read ({error.strerror or error})"
        return "", Problem(str(path), found, shape, fix="check the path and its permissions")
    if len(raw) > MOST:
        return "", Problem(str(path), f"has more than {MOST >> 20} MiB", shape, fix="divide the table")
    if raw.startswith(_UTF16):
        return "", Problem(str(path), "is in UTF-16", shape, fix=_SAVE)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return "", Problem(f"{path}:{line}", f"byte 0x{raw[error.start]:02x} is not UTF-8", shape, fix=_SAVE)
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        found = f"the control character U+{ord(control[0]):04X}"
        return "", Problem(f"{path}:{line}", found, shape, fix=f"delete it, or {_SAVE}")
    if not text.strip():
        return "", Problem(str(path), "the file is empty", shape, fix="write the table, or give another file")
    return text, None


def _wrong_columns(
    where: str, header: Sequence[str], needed: Sequence[str], also: Sequence[str], shape: str
) -> list[Problem]:
    """Return a problem for each column that is missing or there twice."""
    others = [name for mark, name in _SEPARATORS.items() if len(header) == 1 and mark in header[0]]
    if others and needed[0] not in header:
        return [Problem(where, f"the cells are apart by {others[0]}", shape, fix=_SAVE)]
    free = [name for name in header if name not in (*needed, *also)]
    fix = "name the columns in the first row"
    lacking = [
        Problem(where, f"no column {name!r}", shape, nearest(name, free), fix) for name in needed if name not in header
    ]
    return lacking + [
        Problem(where, f"{header.count(name)} columns {name!r}", "each column once", fix="delete or rename the others")
        for name in (*needed, *also)
        if header.count(name) > 1
    ]
