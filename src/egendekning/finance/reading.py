"""Reading the department's own figures from a workbook or a CSV file, cell by cell.

Every figure keeps its address, and every problem names the cell: an unknown id, text where a number should be, a year
that no rule has, a rate beyond its bounds. The module refuses to guess units, and to pass over a figure that stands
where the template has no place for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from egendekning.errors import Problem, UsageError
from egendekning.finance.cells import Filled, Page, number, read_pages
from egendekning.finance.judging import Entry, judged
from egendekning.finance.lines import BY_ID
from egendekning.finance.own import Own
from egendekning.finance.prices import BASE, DEFLATOR
from egendekning.finance.workbook.template import ACCOUNT, HEAD, NATIONAL, current_figures, headings
from egendekning.names import find, nearest
from egendekning.study import Study
from egendekning.study.tables import read_table

_TEMPLATE: Final = "egendekning finance --template"
_NEW: Final = f"make a new one with {_TEMPLATE} and copy the figures"
_COLUMNS: Final = ("table", "id", "year", "value")
_TABLES: Final = ("account", "national")
_LAST_ACCOUNT: Final = 2025
_YEAR_CELL: Final = (4, 4)
_ID, _LABEL, _BESIDE, _OWN, _FIRST_YEAR = 1, 2, 4, 4, 5
"""Columns: ids, labels, what a row of national figures is, own account figures, the first year of national figures."""

_SAME: Final = 1e-9
_MOST: Final = 2**26
"""Bytes that a file may have."""


@dataclass
class _Reading:
    """What has been read so far.

    Attributes
    ----------
    year : int
        Account year.
    entries : list of Entry
        Filled cells.
    problems : list of Problem
        What is wrong.
    """

    year: int
    entries: list[Entry]
    problems: list[Problem]


def read_own(path: Path, study: Study) -> Own:
    """Read own figures.

    Parameters
    ----------
    path : Path
        An ``.xlsx`` file made from the template, or a ``.csv`` file with the columns table (account or national), id,
        year and value.
    study : Study
        Whose rules can be replaced.

    Returns
    -------
    Own
        The figures; at least one.

    Raises
    ------
    UsageError
        With every problem, each at its cell.
    """
    suffix = _suffix(path)
    read = _from_workbook(path, study) if suffix == ".xlsx" else _from_csv(path)
    own = judged(read.year, read.entries, read.problems, study, str(path))
    if read.problems:
        raise UsageError(read.problems)
    if not own.account and not own.estimates:
        raise UsageError(
            Problem(str(path), "no figure is filled in", "at least one own figure", fix="fill in the yellow cells")
        )
    return own


def _suffix(path: Path) -> str:
    """Return the suffix of a file that is there and of a size and kind that can be read."""
    where, expected = f"--override {path}", "an .xlsx or .csv file"
    suffix = path.suffix.lower()
    try:
        if not path.is_file():
            found = "is a folder" if path.is_dir() else "the file does not exist"
        elif suffix not in (".xlsx", ".csv"):
            found = f"the suffix is {path.suffix!r}"
        elif path.stat().st_size > _MOST:
            found = f"has more than {_MOST >> 20} MiB"
        else:
            return suffix
    except OSError as error:
        found = f"cannot be read ({error.strerror or error})"
    raise UsageError(Problem(where, found, expected, fix=f"make one with {_TEMPLATE}, and save it as .xlsx"))


def _from_workbook(path: Path, study: Study) -> _Reading:
    """Return what a workbook holds."""
    account, national = read_pages(path, (ACCOUNT, NATIONAL), "a workbook made from the template", _NEW)
    year, problems = _account_year(account.value(*_YEAR_CELL), account.at(*_YEAR_CELL))
    read = _Reading(year, [], problems)
    own = [headings(lang)[0] for lang in ("nb", "en")]
    moved = _moved(account, _ID, ["id"]) + _moved(account, _OWN, own) + _moved(national, _ID, ["id"])
    if moved:
        raise UsageError([*problems, *moved])
    for row, cells in account.rows(HEAD + 1):
        read.problems += _other_label(account, row) if _OWN in cells else []
        _take(read, account, row, cells, {_OWN: year}, "account")
    _national(read, national, study)
    return read


def _moved(page: Page, column: int, expected: Sequence[str]) -> list[Problem]:
    """Return a problem where a heading of the template is not in its place: figures would be read of another column."""
    at = HEAD + 1, column
    if page.text(*at) in expected:
        return []
    found = f"the heading is {page.text(*at)!r}" if page.text(*at) else "no heading"
    fix = f"undo moved, added and removed rows and columns, or {_NEW}"
    return [Problem(page.at(*at), found, " or ".join(map(repr, dict.fromkeys(expected))), fix=fix)]


def _other_label(page: Page, row: int) -> list[Problem]:
    """Return a problem where the words beside an id are those of another line: one of the two columns was sorted."""
    name, label = find(page.text(row, _ID), BY_ID), page.text(row, _LABEL)
    other = next((line for line in BY_ID.values() if label in (line.nb, line.en)), None)
    if name is None or other is None or other.id == name:
        return []
    found, expected = f"{label!r} beside {name}", f"{BY_ID[name].nb!r} or {BY_ID[name].en!r}"
    return [Problem(page.at(row, _LABEL), found, expected, fix=f"undo the sorting of single columns, or {_NEW}")]


def _take(
    read: _Reading, page: Page, row: int, cells: dict[int, Filled], years: dict[int, int | None], table: str
) -> None:
    """Add the own figures of a row; a figure without an id, and a formula that was never calculated, are problems."""
    name = page.text(row, _ID)
    for column, cell in sorted(cells.items()):
        if column not in years:
            continue
        where = page.at(row, column)
        if not name:
            found = f"{cell.told()} in a row without an id"
            fix = "write the id, or delete what is not a figure of a line"
            read.problems.append(Problem(where, found, f"the id of the line in {page.at(row, _ID)}", fix=fix))
        elif cell.value is None:
            fix = "open the file in a spreadsheet and save it, or write the number"
            found = f"a formula without a value ({cell.formula})"
            read.problems.append(Problem(where, found, "a number", fix=fix))
        else:
            read.entries.append(Entry(table, name, years[column], cell, page.at(row, _ID), where, where))


def _national(read: _Reading, page: Page, study: Study) -> None:
    """Add the own national estimates, and what is wrong where the current figures stand."""
    years = _heading_years(read, page)
    rows = dict(page.rows(HEAD + 1))
    last = max((max(cells) for cells in rows.values()), default=0)
    everywhere = {column: years.get(column) for column in range(_FIRST_YEAR, last + 1)}
    currents = [headings(lang)[1] for lang in ("nb", "en")]
    for row, cells in rows.items():
        if page.text(row, _BESIDE) in currents and not page.text(row, _ID):
            _current(read, page, row, years, study)
        else:
            _take(read, page, row, cells, everywhere, "national")


def _current(read: _Reading, page: Page, row: int, years: dict[int, int], study: Study) -> None:
    """Add a problem for each current figure that was written over: nothing is read there."""
    tables = {name: name for name in (*study.rules, DEFLATOR)}
    name = find(page.text(row + 1, _ID), tables)
    if name is None:
        return
    figures = current_figures(study, name)
    for column, year in years.items():
        told, current = number(page.value(row, column)), figures.get(year)
        if page.value(row, column) is None or year not in figures:
            continue
        if current is None or not math.isclose(told, current, rel_tol=_SAME):
            where, cell = page.at(row, column), Filled(page.value(row, column))
            found = f"{name}, {year}: {cell.told()} in place of the current figure"
            fix = (
                f"write own figures in the row below ({page.at(row + 1, column)}); if the rules are others now, {_NEW}"
            )
            read.problems.append(Problem(where, found, f"{current:.10g}", fix=fix))


def _heading_years(read: _Reading, page: Page) -> dict[int, int]:
    """Return the year of each column of the national estimates."""
    found: dict[int, int] = {}
    for (row, column), cell in sorted(page.cells.items()):
        if row != HEAD + 1 or column < _FIRST_YEAR:
            continue
        value = number(cell.value)
        if math.isfinite(value) and value.is_integer():
            found[column] = int(value)
        else:
            wrong = f"{cell.told()} is no year"
            read.problems.append(Problem(page.at(row, column), wrong, "a year as in the template", fix=_NEW))
    return found


def _account_year(value: object, where: str) -> tuple[int, list[Problem]]:
    """Return the account year, or the year of the model's kroner and a problem."""
    told = number(value)
    if math.isfinite(told) and told.is_integer() and BASE <= told <= _LAST_ACCOUNT:
        return int(told), []
    expected = f"the year of the account, {BASE} to {_LAST_ACCOUNT}"
    found = "empty" if value is None else Filled(value).told()
    return BASE, [Problem(where, found, expected, fix=f"write for example {BASE}")]


def _from_csv(path: Path) -> _Reading:
    """Return what a CSV file holds."""
    table, problems = read_table(path, _COLUMNS, separators=",;\t", whole=True)
    if problems:
        raise UsageError(problems)
    read = _Reading(BASE, [], [])
    years: dict[int, str] = {}
    for line, row in table.rows:
        if not row["value"]:
            continue
        at = {name: f"{path}:{line} ({name})" for name in _COLUMNS}
        which, year = (row["table"] or "").casefold(), number(row["year"])
        if which not in _TABLES:
            found, like = repr(row["table"] or ""), nearest(which, _TABLES)
            read.problems.append(Problem(at["table"], found, " or ".join(_TABLES), like, f"write {like or 'account'}"))
        if not (math.isfinite(year) and year.is_integer()):
            found, fix = f"{row['year'] or ''!r} is no year", "write the year with four digits"
            read.problems.append(Problem(at["year"], found, "a calendar year", fix=fix))
        elif which in _TABLES:
            if which == "account":
                years.setdefault(int(year), at["year"])
            cell = Filled(row["value"])
            read.entries.append(Entry(which, row["id"] or "", int(year), cell, at["id"], at["value"], at["year"]))
    if len(years) > 1:
        expected, fix = "one account year", "keep the account of one year"
        read.problems += [Problem(where, f"an account of {year}", expected, fix=fix) for year, where in years.items()]
    for year, where in years.items():
        read.year, wrong = _account_year(year, where)
        read.problems += wrong
    return read


__all__ = ["read_own"]
