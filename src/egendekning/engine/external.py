"""Read what a model file keeps in other files: constants, lookups, data and subscripts in CSV, text or Excel sheets.

Vensim's rules for cells are settled here: a row number or a column letter says where times or x-values stand, a cell
or a named range where the values begin, ``*`` after a cell that the table lies on its side. The module refuses what is
not there: a missing file, sheet, cell or number is an error with the place, never a silent zero.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d*)")
_BOOKS = (".xlsx", ".xlsm")
_OTHERS = (".xls", ".xlsb", ".ods")


class ExternalProblem(Exception):
    """What is wrong with an external file: (found, expected)."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(found)
        self.found, self.expected = found, expected


@dataclass(slots=True)
class Files:
    """The files beside a model: `folder` is the model's; every file is read once and its hash kept."""

    folder: Path
    data: tuple[Path, ...] = ()
    hashes: dict[str, str] = field(default_factory=dict)
    sheets: dict[tuple[Path, str], list[list[Any]]] = field(default_factory=dict)
    books: dict[Path, Any] = field(default_factory=dict)
    columns: dict[str, tuple[Floats, Floats]] | None = None

    def path(self, name: str) -> Path:
        """Return the path of a file that the model names."""
        if name.startswith("?"):
            raise ExternalProblem(f"the file {name!r} is set in Vensim, not in the model", "a file name")
        found = self.folder / name.replace("\\", "/")
        if not found.is_file():
            raise ExternalProblem(f"there is no file {name!r} beside the model", "the file, or its right name")
        if str(found) not in self.hashes:
            self.hashes[str(found)] = hashlib.sha256(found.read_bytes()).hexdigest()
        return found

    def sheet(self, name: str, tab: str) -> list[list[Any]]:
        """Return the rows of a sheet of a workbook, or of a text file that `tab` separates."""
        path = self.path(name)
        where = (path, tab.lower())
        if where not in self.sheets:
            reader = {**dict.fromkeys(_BOOKS, self._book_rows), **dict.fromkeys(_OTHERS, _other_rows)}
            self.sheets[where] = reader.get(path.suffix.lower(), _text_rows)(path, tab)
        return self.sheets[where]

    def _book(self, path: Path) -> Any:
        if path not in self.books:
            from openpyxl import load_workbook

            try:
                self.books[path] = load_workbook(path, read_only=False, data_only=True)
            except Exception as error:  # openpyxl raises many kinds
                raise ExternalProblem(f"{path.name} cannot be read ({error})", "an Excel workbook") from error
        return self.books[path]

    def _book_rows(self, path: Path, tab: str) -> list[list[Any]]:
        book = self._book(path)
        match = next((n for n in book.sheetnames if n.lower() == tab.lower()), None)
        if match is None:
            raise ExternalProblem(f"{path.name} has no sheet {tab!r}", f"one of {', '.join(book.sheetnames)}")
        return [list(row) for row in book[match].iter_rows(values_only=True)]

    def named(self, name: str, tab: str, area: str) -> tuple[str, slice, slice]:
        """Return (sheet, rows, columns) of a named range of a workbook."""
        path = self.path(name)
        if path.suffix.lower() not in _BOOKS:
            raise ExternalProblem(f"{area!r} is no cell, and {path.name} has no named ranges", "a cell such as B2")
        book = self._book(path)
        here = {s.lower(): book[s].defined_names for s in book.sheetnames}.get(tab.lower(), {})
        names = {n.lower(): v for n, v in [*book.defined_names.items(), *here.items()]}
        if area.lower() not in names:
            raise ExternalProblem(f"{path.name} has no range named {area!r}", "a named range or a cell such as B2")
        sheet, cells = next(iter(names[area.lower()].destinations))
        corners = [_corner(c) for c in cells.split(":")]
        (top, left), (bottom, right) = corners[0], corners[-1]
        return sheet, slice(top, bottom + 1), slice(left, right + 1)

    def block(self, name: str, tab: str, cell: str, shape: tuple[int, int]) -> Floats:
        """Return the numbers of `shape` (rows, columns) that begin at `cell` or fill the named range."""
        at = _CELL.fullmatch(cell)
        if at is None:
            sheet, rows, columns = self.named(name, tab, cell)
            found = _numbers(self.sheet(name, sheet), rows, columns)
        else:
            top, left = _corner(cell)
            found = _numbers(self.sheet(name, tab), slice(top, top + shape[0]), slice(left, left + shape[1]))
        if found.shape != shape:
            raise ExternalProblem(f"{cell} of {name} has {found.shape[0]} x {found.shape[1]} cells",
                                  f"{shape[0]} x {shape[1]}")  # fmt: skip
        return found

    def constants(self, name: str, tab: str, cell: str, shape: tuple[int, ...]) -> Floats:
        """Return numbers of `shape`: the last dimension across columns, turned on its side by ``*`` after the cell."""
        turned = cell.endswith("*")
        long = [n for n in shape if n > 1]
        if len(long) > 2:
            raise ExternalProblem(f"a table of {len(long)} subscripts", "at most two subscripts that run")
        down, across = [1] * (2 - len(long)) + long
        block = self.block(name, tab, cell.rstrip("*"), (across, down) if turned else (down, across))
        block = block.T if turned else block
        if np.isnan(block).any():
            raise ExternalProblem(
                f"{cell} of {name} has {int(np.isnan(block).sum())} cells without a number", "numbers"
            )
        return block.reshape(shape)

    def series(self, name: str, tab: str, along: str, cell: str, count: int) -> tuple[Floats, Floats]:
        """Return x (point) and the values (count, point) of data or lookups; cells without a number are NaN."""
        if _CELL.fullmatch(cell) is None:
            x, y = self._named_series(name, tab, along, cell)
        else:
            x, y = self._placed_series(name, tab, along, cell, count)
        if y.shape[0] != count:
            raise ExternalProblem(f"{cell} of {name} has {y.shape[0]} series", f"{count}")
        good = ~np.isnan(x)
        if not good.any():
            raise ExternalProblem(f"{along} of {name} holds no times or x-values", "numbers")
        order = np.argsort(x[good], kind="stable")
        x, y = x[good][order], y[:, good][:, order]
        if (np.diff(x) == 0).any():
            raise ExternalProblem(f"{along} of {name} holds {x[:-1][np.diff(x) == 0][0]:g} twice", "rising numbers")
        return x, y

    def _placed_series(self, name: str, tab: str, along: str, cell: str, count: int) -> tuple[Floats, Floats]:
        rows, (top, left) = self.sheet(name, tab), _corner(cell)
        if along.strip().isdigit():
            line = int(along) - 1
            x = _numbers(rows, slice(line, line + 1), slice(left, None)).ravel()
            return _cut(x, _numbers(rows, slice(top, top + count), slice(left, None)))
        if not re.fullmatch(r"[A-Za-z]{1,3}", along.strip()):
            raise ExternalProblem(f"{along!r} is neither a row nor a column", "a row number or a column letter")
        column = _column(along.strip())
        x = _numbers(rows, slice(top, None), slice(column, column + 1)).ravel()
        return _cut(x, _numbers(rows, slice(top, None), slice(left, left + count)).T)

    def _named_series(self, name: str, tab: str, along: str, cell: str) -> tuple[Floats, Floats]:
        sheet, rows, columns = self.named(name, tab, along)
        x = _numbers(self.sheet(name, sheet), rows, columns)
        sheet, rows, columns = self.named(name, tab, cell)
        y = _numbers(self.sheet(name, sheet), rows, columns)
        if 1 not in x.shape:
            raise ExternalProblem(f"{along} of {name} is a table", "one row or one column of numbers")
        y = y if x.shape[0] == 1 and x.shape[1] > 1 else y.T
        if y.shape[1] != x.size:
            raise ExternalProblem(f"{cell} of {name} has {y.shape[1]} values", f"{x.size}, as many as {along}")
        return x.ravel(), y

    def elements(self, name: str, tab: str, first: str, last: str, prefix: str) -> list[str]:
        """Return subscript elements: from cell `first` to `last` (a cell, a row or a column), `prefix` before each."""
        if _CELL.fullmatch(first) is None:
            sheet, down, across = self.named(name, tab, first)
            rows = self.sheet(name, sheet)
        else:
            rows, (top, left) = self.sheet(name, tab), _corner(first)
            end = _end(last, top, left, rows)
            down, across = slice(top, end[0] + 1), slice(left, end[1] + 1)
        cells = [row[across] for row in rows[down]]
        texts = [_text(v) for row in cells for v in row if v is not None and _text(v)]
        if not texts:
            raise ExternalProblem(f"{first} to {last} of {name} holds no names", "names of elements")
        return [prefix + t for t in texts]

    def column(self, name: str) -> tuple[Floats, Floats] | None:
        """Return the times and values of a variable out of the data files of the run."""
        if self.columns is None:
            self.columns = {}
            for rank, path in reversed(list(enumerate(self.data))):
                if not path.is_file():
                    raise ExternalProblem(f"there is no data file {path}", "the file, or its right name")
                self.hashes[f"data {rank:09d}"] = hashlib.sha256(path.read_bytes()).hexdigest()  # the first goes first
                self.columns.update(_table_of_series(_text_rows(path, "")))
        return self.columns.get(_plain(name))


def _plain(name: str) -> str:
    return re.sub(r"\s*([\[\],])\s*", r"\1", " ".join(name.replace("_", " ").replace('"', "").split())).casefold()


def _table_of_series(rows: list[list[Any]]) -> dict[str, tuple[Floats, Floats]]:
    """Return the series of a table whose first cell says time: names across and times down, or the other way."""
    if len(rows) > 1 and np.isnan(_number(rows[1][0] if rows[1] else None)):
        width = max(map(len, rows))
        rows = [list(c) for c in zip(*(r + [None] * (width - len(r)) for r in rows), strict=True)]
    times = np.asarray([_number(r[0] if r else None) for r in rows[1:]])
    found = {}
    for at, head in enumerate(rows[0][1:], 1):
        values = np.asarray([_number(r[at] if at < len(r) else None) for r in rows[1:]])
        good = ~(np.isnan(times) | np.isnan(values))
        if head is not None and good.any():
            found[_plain(str(head))] = (times[good], values[good])
    return found


def _cut(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    count = min(len(x), y.shape[1])
    return x[:count], y[:, :count]


def _other_rows(path: Path, tab: str) -> list[list[Any]]:
    """Return the rows of a sheet of a workbook of Excel before 2007, of its binary kind, or of OpenDocument."""
    try:
        from python_calamine import CalamineWorkbook
    except ImportError as error:
        wanted = "an .xlsx or .csv file, or the package python-calamine"
        raise ExternalProblem(f"{path.name} is a workbook that needs python-calamine", wanted) from error
    try:
        book = CalamineWorkbook.from_path(str(path))
    except Exception as error:  # calamine raises a kind per format
        raise ExternalProblem(f"{path.name} cannot be read ({error})", "a workbook") from error
    match = next((n for n in book.sheet_names if n.lower() == tab.lower()), None)
    if match is None:
        raise ExternalProblem(f"{path.name} has no sheet {tab!r}", f"one of {', '.join(book.sheet_names)}")
    rows = book.get_sheet_by_name(match).to_python(skip_empty_area=False)
    return [[None if cell == "" else cell for cell in row] for row in rows]


def _text_rows(path: Path, tab: str) -> list[list[Any]]:
    separator = tab if len(tab) == 1 and not tab.isalnum() else "," if path.suffix.lower() == ".csv" else "\t"
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="latin-1")
    return [list(row) for row in csv.reader(text.splitlines(), delimiter=separator)]


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _corner(cell: str) -> tuple[int, int]:
    match = _CELL.fullmatch(cell.strip())
    if match is None:
        raise ExternalProblem(f"{cell!r} is no cell", "a cell such as B2")
    return int(match.group(2)) - 1, _column(match.group(1))


def _end(last: str, top: int, left: int, rows: list[list[Any]]) -> tuple[int, int]:
    last = last.strip()
    if last.isdigit():
        return int(last) - 1, left
    if re.fullmatch(r"[A-Za-z]{1,3}", last):
        return top, _column(last)
    return _corner(last) if last else (len(rows) - 1, left)


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _numbers(rows: list[list[Any]], down: slice, across: slice) -> Floats:
    """Return cells as numbers, NaN where there is none; rows and columns that are not there are left out."""
    chosen = rows[down]
    width = max((len(r) for r in rows), default=0)
    stop = across.stop if across.stop is not None else width
    columns = range(across.start or 0, stop)
    return np.asarray(
        [[_number(r[c]) if c < len(r) else np.nan for c in columns] for r in chosen], dtype=float
    ).reshape((len(chosen), len(columns)))
