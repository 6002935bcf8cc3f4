"""A tidy table on disk as rows of text with their lines, however a spreadsheet wrote it.

Columns stand in any order under names in any case, apart by comma, semicolon or tab; others than those asked for are
left alone. Between semicolons or tabs a number may have a decimal comma, as Norwegian spreadsheets write it; between
commas it may not, because ``45,398`` could be either. The module refuses to know what a series is.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from egendekning.errors import Problem, UsageError
from egendekning.names import nearest

_SEPARATORS: Final = ",;\t"
_SPACES: Final = dict.fromkeys(map(ord, " \u00a0\u2009\u202f"))
_MINUS: Final = {ord("\N{MINUS SIGN}"): "-"}


@dataclass(frozen=True)
class Table:
    """The rows of a file.

    Attributes
    ----------
    rows : tuple of (int, dict)
        Line of the file, and text by column in small letters; no surrounding spaces.
    decimal_comma : bool
        Whether a comma in a number is a decimal one.
    """

    rows: tuple[tuple[int, dict[str, str]], ...]
    decimal_comma: bool

    def number(self, text: str) -> float:
        """Return a number with its thousands apart by spaces or not; NaN for anything else."""
        plain = text.translate(_SPACES).translate(_MINUS)
        if self.decimal_comma and plain.count(",") == 1 and "." not in plain:
            plain = plain.replace(",", ".")
        try:
            return float(plain) if "_" not in plain else math.nan
        except ValueError:
            return math.nan


def read_table(path: Path, columns: Sequence[str]) -> Table:
    """Read a table.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8, with or without a byte-order mark.
    columns : sequence of str
        Columns that it must have, in small letters.

    Raises
    ------
    UsageError
        Where it cannot be read, lacks a column or has no rows.
    """
    shape = f"a CSV file in UTF-8 with the columns {', '.join(columns)}"
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "the file does not exist"
        raise UsageError(Problem(str(path), found, shape, fix="give the path of a file"))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            separator = _separator(file.readline())
            file.seek(0)
            reader = csv.DictReader(file, delimiter=separator)
            header = [name.strip().casefold() for name in reader.fieldnames or ()]
            reader.fieldnames = header
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(Problem(str(path), f"cannot be read ({error})", shape)) from error
    lacking = [name for name in columns if name not in header]
    if lacking:
        raise UsageError(
            Problem(
                f"{path}:1", f"no column {name!r}", shape, nearest(name, header), "name the columns in the first row"
            )
            for name in lacking
        )
    if not rows:
        raise UsageError(Problem(str(path), "there are no rows", shape))
    # a row with too many cells keeps them under None, one with too few has None in the rest: neither is read
    read = tuple((line, {k: (v or "").strip() for k, v in row.items() if isinstance(k, str)}) for line, row in rows)
    return Table(read, separator != ",")


def _separator(header: str) -> str:
    """Return what stands between the names of the first row: the sign that is there most often."""
    return max(_SEPARATORS, key=header.count)
