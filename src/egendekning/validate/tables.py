"""A tidy table on disk as rows of text with their lines, however a spreadsheet wrote it.

Columns stand in any order under names in any case, apart by comma, semicolon or tab; others than those asked for are
left alone. Between semicolons or tabs a number may have a decimal comma, as Norwegian spreadsheets write it; between
commas it may not, because ``45,398`` could be either. The module refuses to know what a series is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from egendekning.errors import UsageError
from egendekning.study import tables

_SEPARATORS: Final = ",;\t"
_SPACES: Final = dict.fromkeys(map(ord, " \u00a0\u2009\u202f"))
_MINUS: Final = {ord("\N{MINUS SIGN}"): "-"}
_PLAIN: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True)
class Table:
    """The rows of a file.

    Attributes
    ----------
    rows : tuple of (int, dict)
        Line of the file, and text by column in small letters, None where the row ends before the column; no
        surrounding spaces.
    decimal_comma : bool
        Whether a comma in a number is a decimal one.
    """

    rows: tuple[tuple[int, Mapping[str, str | None]], ...]
    decimal_comma: bool

    def number(self, text: str) -> float:
        """Return a number with its thousands apart by spaces or not; NaN for anything else."""
        plain = text.translate(_SPACES).translate(_MINUS)
        if self.decimal_comma and plain.count(",") == 1 and "." not in plain:
            plain = plain.replace(",", ".")
        return float(plain) if _PLAIN.fullmatch(plain) else math.nan


def read_table(path: Path, columns: Sequence[str], also: Sequence[str] = ()) -> Table:
    """Read a table.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8, with or without a byte-order mark.
    columns, also : sequence of str
        Columns that it must have, and those that are read if they are there; in small letters.

    Raises
    ------
    UsageError
        Where it cannot be read, lacks a column or has no rows.
    """
    table, problems = tables.read_table(path, columns, also, _SEPARATORS)
    if problems:
        raise UsageError(problems)
    return Table(table.rows, table.separator != ",")
