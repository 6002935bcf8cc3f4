"""Cells of a workbook that people have filled in, as they are: value, formula and address.

A workbook can be damaged, locked, and written by any program; what cannot be read is one problem, never a traceback.
The module refuses to know what a cell means, and to read numbers that could be two.
"""

from __future__ import annotations

import math
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Final

from egendekning.errors import Problem, UsageError
from egendekning.names import nearest

_MOST: Final = 2**27
"""Bytes that a workbook may unfold to."""

_OLD: Final = b"\xd0\xcf\x11\xe0"
"""How a file begins that is locked with a password, or an ``.xls``."""

_KINDS: Final = {_OLD: "it is locked with a password, or is an old .xls", b"%PDF": "it is a PDF",
                 b"\x89PNG": "it is a picture"}  # fmt: skip
_SAVE: Final = "save it as an Excel workbook (.xlsx) without a password"
_BLANKS: Final = {0x20: " ", 0xA0: " ", 0x2009: " ", 0x202F: " ", 0x2212: "-"}
_SPOKEN: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""What a number format only writes out."""

_NUMBER: Final = re.compile(r"[+-]?(\d+|\d{1,3}( \d{3})+)([.,]\d+)?", re.ASCII)


@dataclass(frozen=True)
class Filled:
    """A cell with something in it.

    Attributes
    ----------
    value : object
        What it shows: a number, text, a date; None for a formula that was never calculated.
    formula : str
        The formula, empty where there is none.
    percent : bool
        Whether it shows a hundredth as 1 %.
    """

    value: object
    formula: str = ""
    percent: bool = False

    def told(self) -> str:
        """Return what the cell shows, for people."""
        value, said = self.value, f", of the formula {self.formula}" if self.formula else ""
        if isinstance(value, (date, time, timedelta)):
            return f"the date or time {value}{said}"
        return f"{value:.10g}{said}" if isinstance(value, float) else f"{value!r}{said}"


@dataclass(frozen=True)
class Page:
    """A sheet.

    Attributes
    ----------
    name : str
        What it is called, with the file: ``egne.xlsx[Regnskap``.
    cells : Mapping[tuple[int, int], Filled]
        By row and column from 1; only those with something in them.
    """

    name: str
    cells: Mapping[tuple[int, int], Filled]

    def at(self, row: int, column: int) -> str:
        """Return the address of a cell: ``egne.xlsx[Regnskap!D7]``."""
        from openpyxl.utils import get_column_letter

        return f"{self.name}!{get_column_letter(column)}{row}]"

    def value(self, row: int, column: int) -> object:
        """Return what a cell shows, None where it is empty."""
        cell = self.cells.get((row, column))
        return cell.value if cell is not None else None

    def text(self, row: int, column: int) -> str:
        """Return what a cell shows as text without blanks around it, empty where it is empty."""
        value = self.value(row, column)
        return "" if value is None else str(value).strip()

    def rows(self, after: int) -> Iterator[tuple[int, dict[int, Filled]]]:
        """Yield the rows below one, in order, with their cells by column; rows without any are left out."""
        found: dict[int, dict[int, Filled]] = {}
        for (row, column), cell in self.cells.items():
            if row > after:
                found.setdefault(row, {})[column] = cell
        yield from sorted(found.items())


def read_pages(path: Path, names: tuple[str, ...], expected: str, fix: str) -> list[Page]:
    """Read sheets of a workbook.

    Parameters
    ----------
    path : Path
        An ``.xlsx`` file.
    names : tuple of str
        The sheets.
    expected, fix : str
        What the file should be, and how to make one.

    Raises
    ------
    UsageError
        Where the file is no workbook, cannot be read, or lacks a sheet.
    """
    wrong = _no_workbook(path)
    if wrong:
        raise UsageError(Problem(str(path), f"cannot be read ({wrong})", expected, fix=_SAVE))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of extensions that openpyxl leaves out
            shown, written = _open(path, shown=True), _open(path, shown=False)
            lacking = [name for name in names if name not in shown.sheetnames]
            if not lacking:
                return [Page(f"{path}[{name}", _cells(shown[name], written[name])) for name in names]
    except Exception as error:  # openpyxl raises whatever a damaged part of the file leads to
        found = f"cannot be read ({type(error).__name__}: {error})"
        raise UsageError(Problem(str(path), found, expected, fix=_SAVE)) from error
    raise UsageError(
        Problem(str(path), f"no sheet {n!r}", expected, nearest(n, shown.sheetnames), fix) for n in lacking
    )


def _no_workbook(path: Path) -> str:
    """Return what keeps a file from being a workbook, empty where nothing does."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
        if not start:
            return "the file is empty"
        if not zipfile.is_zipfile(path):
            return next((said for mark, said in _KINDS.items() if start.startswith(mark)), "it is no workbook")
        with zipfile.ZipFile(path) as parts:
            size = sum(item.file_size for item in parts.infolist())
            locked = any(item.flag_bits & 1 for item in parts.infolist())
            inside = parts.namelist()
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        return str(getattr(error, "strerror", None) or error)
    if locked:
        return "it is locked with a password"
    if size > _MOST:
        return f"it unfolds to more than {_MOST >> 20} MiB"
    return "" if "[Content_Types].xml" in inside else "it is a folder of other files (.zip)"


def _open(path: Path, *, shown: bool) -> Any:
    """Open a workbook with what its cells show, or with their formulas."""
    from openpyxl import load_workbook

    return load_workbook(path, read_only=True, data_only=shown)


def _cells(shown: Any, written: Any) -> dict[tuple[int, int], Filled]:
    """Return the cells of a sheet; one with blanks alone counts as empty."""
    formulas = {at: _formula(cell.value) for at, cell in _filled(written)}
    found = {at: Filled(None, formula) for at, formula in formulas.items() if formula}
    for at, cell in _filled(shown):
        if not isinstance(cell.value, str) or cell.value.translate(_BLANKS).strip():
            found[at] = Filled(cell.value, formulas.get(at, ""), "%" in _SPOKEN.sub("", cell.number_format))
    return found


def _filled(sheet: Any) -> Iterator[tuple[tuple[int, int], Any]]:
    """Yield the cells of a sheet that hold something, as they stand in the file, whatever it says of its size."""
    sheet.reset_dimensions()
    for row in sheet.rows:
        for cell in row:
            if cell.value is not None:
                yield (cell.row, cell.column), cell


def _formula(value: object) -> str:
    """Return the formula of a cell, empty where it has none."""
    text = getattr(value, "text", None) or getattr(value, "ref", None)  # an array formula, a data table
    if isinstance(value, str):
        return value if value.startswith("=") else ""
    return f"={str(text).removeprefix('=')}" if text is not None else ""


def number(value: object) -> float:
    """Return a cell as a number; NaN for anything that is none or could be two.

    Parameters
    ----------
    value : object
        A number, or text such as ``3 010,5``, ``3010.5`` or ``-12,1``: thousands apart by blanks of any kind, and one
        decimal mark, which is a comma or a point.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    plain = str(value).translate(_BLANKS).strip() if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(plain):
        return math.nan
    return float(plain.replace(" ", "").replace(",", "."))


__all__ = ["Filled", "Page", "number", "read_pages"]
