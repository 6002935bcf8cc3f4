"""When a figure is from: periods as statistical offices write them, in model years.

`2022-Q4` (also `2022K4`), `2022-05` (also `2022M05`), `2023-01-01` and `2024`; a remark in brackets after it is left
alone. A quarter as an instant is its middle, so that the fourth is year + 0.875, the registers' third week of
November; a month as an instant is its end, when the unemployed are counted; 1 January is the year itself. The module
refuses anything that it would have to guess.
"""

from __future__ import annotations

import re
from calendar import isleap
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Kind = Literal["year", "quarter", "month", "date"]

EXPECTED: Final = "2022-Q4, 2022-05, 2023-01-01 or 2024"
"""The forms, for messages."""

_QUARTER: Final = re.compile(r"^(\d{4})[- ]?[QqKk]([1-4])$")
_MONTH: Final = re.compile(r"^(\d{4})(?:-|M)(\d{1,2})$")
_DATE: Final = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")
_YEAR: Final = re.compile(r"^\d{4}$")


@dataclass(frozen=True)
class Period:
    """A stretch of time, or a day.

    Attributes
    ----------
    kind : str
        How it was written.
    start, end : float
        Model years; equal for a day.
    """

    kind: Kind
    start: float
    end: float

    @property
    def instant(self) -> float:
        """The one time it stands for: the day, the end of a month, the middle of a quarter or year."""
        return self.end if self.kind in ("date", "month") else (self.start + self.end) / 2.0


def read_period(text: str) -> Period | None:
    """Read a period.

    Parameters
    ----------
    text : str
        As in a table of figures.

    Returns
    -------
    Period or None
        None where it is in none of the forms.

    Examples
    --------
    >>> read_period("2022-Q4").instant
    2022.875
    >>> read_period("2023-01-01").instant
    2023.0
    """
    word = re.sub(r"\s*\(.*\)\s*$", "", text.strip())
    if found := _QUARTER.match(word):
        start = int(found[1]) + (int(found[2]) - 1) / 4.0
        return Period("quarter", start, start + 0.25)
    if _YEAR.match(word):
        return Period("year", float(word), float(word) + 1.0)
    if found := _MONTH.match(word):
        month = int(found[2])
        start = int(found[1]) + (month - 1) / 12.0
        return Period("month", start, start + 1.0 / 12.0) if 1 <= month <= 12 else None
    if found := _DATE.match(word):
        try:
            day = date(*(int(part) for part in found.groups()))
        except ValueError:
            return None
        at = day.year + (day.timetuple().tm_yday - 1) / (366 if isleap(day.year) else 365)
        return Period("date", at, at)
    return None
