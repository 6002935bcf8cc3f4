"""Reading the department's own figures from a workbook or a CSV file, cell by cell.

Every figure keeps its address, and every problem names the cell: an unknown id, text where a number should be, a year
that no rule has, a rate beyond its bounds. The module refuses to guess units, and to read anything outside the places
that the template has.
"""

from __future__ import annotations

import csv
import math
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from egendekning.errors import Problem, UsageError
from egendekning.finance.own import DEFLATOR, Cell, Own, fields
from egendekning.finance.prices import BASE
from egendekning.finance.workbook.template import ACCOUNT, HEAD, NATIONAL, own_years
from egendekning.names import find, nearest
from egendekning.study import Study

_TEMPLATE: Final = "egendekning finance --template"
_COLUMNS: Final = ("table", "id", "year", "value")
_LAST_ACCOUNT: Final = 2025
_GROWTH: Final = (-10.0, 25.0)
_SHARES: Final = ("symmetric rate table", "supplement rate table")
_YEAR_CELL: Final = "D4"


@dataclass(frozen=True)
class _Entry:
    """A filled cell: which table, id, year and value, and where each stands."""

    table: str
    id: str
    year: int | None
    value: object
    id_at: str
    value_at: str
    year_at: str = ""


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
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "the file does not exist"
        raise UsageError(Problem(f"--override {path}", found, "an .xlsx or .csv file", fix=f"make one: {_TEMPLATE}"))
    suffix = path.suffix.lower()
    if suffix not in (".xlsx", ".csv"):
        raise UsageError(Problem(f"--override {path}", f"the suffix is {suffix!r}", ".xlsx or .csv"))
    year, entries, problems = _from_workbook(path) if suffix == ".xlsx" else _from_csv(path)
    own = _checked(year, entries, problems, study, str(path))
    if problems:
        raise UsageError(problems)
    if not own.account and not own.estimates:
        raise UsageError(
            Problem(str(path), "no figure is filled in", "at least one own figure", fix="fill in the yellow cells")
        )
    return own


def _from_workbook(path: Path) -> tuple[int, list[_Entry], list[Problem]]:
    """Return the account year, the filled cells and what is wrong with the file."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        values, written = load_workbook(path, data_only=True), load_workbook(path)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        expected = "a workbook made from the template"
        raise UsageError(Problem(str(path), f"cannot be read ({error})", expected, fix=_TEMPLATE)) from error
    problems = [
        Problem(
            str(path), f"no sheet {name!r}", "the sheets of the template", nearest(name, values.sheetnames), _TEMPLATE
        )
        for name in (ACCOUNT, NATIONAL)
        if name not in values.sheetnames
    ]
    if problems:
        raise UsageError(problems)
    entries: list[_Entry] = []
    account = values[ACCOUNT]
    year, year_problems = _account_year(account[_YEAR_CELL].value, f"{path}[{ACCOUNT}!{_YEAR_CELL}]")
    problems += year_problems
    for row in account.iter_rows(min_row=HEAD + 2, max_col=4):
        entries += _filled(path, ACCOUNT, "account", row[0], row[3:4], {row[3].column: year}, written, problems)
    national = values[NATIONAL]
    years = _heading_years(path, national, problems)
    for row in national.iter_rows(min_row=HEAD + 2):
        entries += _filled(path, NATIONAL, "national", row[0], row[4:], years, written, problems)
    return year, entries, problems


def _filled(
    path: Path, sheet: str, table: str, name: Any, cells: Iterable[Any], years: Mapping[int, int], written: Any,
    problems: list[Problem],
) -> Iterator[_Entry]:  # fmt: skip
    """Yield the filled cells of a row that has an id; a formula that was never calculated is a problem."""
    for cell in cells:
        where = f"{path}[{sheet}!{cell.coordinate}]"
        source = written[sheet][cell.coordinate].value
        if isinstance(source, str) and source.startswith("=") and cell.value is None:
            fix = "open the file in a spreadsheet and save it, or write the number"
            problems.append(Problem(where, f"a formula without a value ({source})", "a number", fix=fix))
        elif cell.value is not None and str(cell.value).strip() and name.value is not None:
            at = f"{path}[{sheet}!{name.coordinate}]"
            yield _Entry(table, str(name.value).strip(), years.get(cell.column), cell.value, at, where, where)


def _heading_years(path: Path, page: Any, problems: list[Problem]) -> dict[int, int]:
    """Return the year of each column of the national estimates."""
    found = {}
    for cell in page[HEAD + 1][4:]:
        if cell.value is None:
            continue
        if isinstance(cell.value, (int, float)) and float(cell.value).is_integer():
            found[cell.column] = int(cell.value)
        else:
            where = f"{path}[{NATIONAL}!{cell.coordinate}]"
            problems.append(Problem(where, f"{cell.value!r} is no year", "a year as in the template", fix=_TEMPLATE))
    return found


def _account_year(value: object, where: str) -> tuple[int, list[Problem]]:
    """Return the account year, or the year of the model's kroner and a problem."""
    number = _number(value)
    if math.isfinite(number) and number.is_integer() and BASE <= number <= _LAST_ACCOUNT:
        return int(number), []
    expected = f"the year of the account, {BASE} to {_LAST_ACCOUNT}"
    return BASE, [Problem(where, f"{value!r}", expected, fix=f"write for example {BASE}")]


def _from_csv(path: Path) -> tuple[int, list[_Entry], list[Problem]]:
    """Return the account year, the filled cells and what is wrong with the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(Problem(str(path), f"cannot be read ({error})", "a CSV file in UTF-8")) from error
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    lines = list(csv.reader(text.splitlines(), delimiter=separator))
    header = [name.strip().casefold() for name in lines[0]] if lines else []
    lacking = [name for name in _COLUMNS if name not in header]
    if lacking:
        shape = f"the columns {', '.join(_COLUMNS)}"
        raise UsageError(Problem(f"{path}:1", f"no column {n!r}", shape, nearest(n, header)) for n in lacking)
    entries, problems, years = [], [], {}
    for number, cells in enumerate(lines[1:], 2):
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if not row.get("value"):
            continue
        at = {name: f"{path}:{number} ({name})" for name in _COLUMNS}
        year = _number(row.get("year"))
        if not (math.isfinite(year) and year.is_integer()):
            problems.append(Problem(at["year"], f"{row.get('year')!r} is no year", "a calendar year"))
            continue
        if row["table"] == "account":
            years[int(year)] = at["year"]
        elif row["table"] != "national":
            expected = "account or national"
            problems.append(Problem(at["table"], repr(row["table"]), expected, nearest(row["table"], expected.split())))
            continue
        value = row["value"].replace(",", ".") if separator != "," else row["value"]
        entries.append(_Entry(row["table"], row["id"], int(year), value, at["id"], at["value"], at["year"]))
    if len(years) > 1:
        problems.append(Problem(max(years.values()), f"accounts of {sorted(years)}", "one account year"))
    chosen = next(iter(years), BASE)
    problems += _account_year(chosen, years.get(chosen, str(path)))[1]
    return chosen, entries, problems


def _checked(year: int, entries: Iterable[_Entry], problems: list[Problem], study: Study, source: str) -> Own:
    """Return own figures of cells that are right, adding the rest to the problems."""
    account: dict[str, Cell] = {}
    estimates: dict[tuple[str, int], Cell] = {}
    tables = {name: name for name in study.rules} | {DEFLATOR: DEFLATOR}
    tables.pop("price level table", None)
    for entry in entries:
        known: dict[str, str] = {n: n for n in fields()} if entry.table == "account" else tables
        name = find(entry.id, known)
        value = _number(entry.value)
        if name is None:
            expected = f"an id of the template ({', '.join(list(known)[:3])}, ...)"
            like = nearest(entry.id, known)
            problems.append(Problem(entry.id_at, f"unknown id {entry.id!r}", expected, like, _TEMPLATE))
        elif not math.isfinite(value):
            found = f"{entry.value!r} is no number"
            problems.append(Problem(entry.value_at, found, "a number", fix="write digits only"))
        elif entry.table == "account":
            _put(account, name, Cell(value, entry.value_at), problems)
        else:
            problem = _estimate_problem(name, entry, value, study)
            if problem is not None:
                problems.append(problem)
            else:
                _put(estimates, (name, int(entry.year or 0)), Cell(value, entry.value_at), problems)
    return Own(year=year, account=account, estimates=estimates, source=source)


def _put(where: dict[Any, Cell], name: Any, cell: Cell, problems: list[Problem]) -> None:
    """Keep a cell; a second one for the same figure is a problem."""
    if name in where:
        found = f"a second figure for {name}; the first is in {where[name].where}"
        problems.append(Problem(cell.where, found, "one figure", fix="remove one of them"))
    else:
        where[name] = cell


def _estimate_problem(name: str, entry: _Entry, value: float, study: Study) -> Problem | None:
    """Return what is wrong with a national estimate."""
    years = own_years(study)
    if entry.year not in years:
        expected = f"a year with a figure in the rules, {years[0]} to {years[-1]}"
        return Problem(entry.year_at or entry.value_at, f"{name}: year {entry.year}", expected)
    if name == DEFLATOR:
        low, high = _GROWTH
        if low <= value <= high and entry.year > years[0]:
            return None
        expected = f"growth in percent, {low:g} to {high:g}, after {years[0]}"
        return Problem(entry.value_at, f"{name}: {value:g}", expected, fix="write 2.7 for 2.7 percent")
    if name in _SHARES:
        fix = "write 0.6 for 60 percent"
        return None if 0 <= value <= 1 else Problem(entry.value_at, f"{name}: {value:g}", "a share, 0 to 1", fix=fix)
    now = study.rules[next(n for n in study.rules if n == name)].values[entry.year].value
    if now and not 1 / 3 <= value / now <= 3:
        expected = f"a figure like the present {now:g} {study.rules[name].unit}"
        return Problem(entry.value_at, f"{name}: {value:g}", expected, fix="give it in the unit of the template")
    return None


def _number(value: object) -> float:
    """Return a cell as a number; NaN for anything else. Text may have spaces, a decimal comma and a minus sign."""
    if isinstance(value, bool) or value is None:
        return math.nan
    if isinstance(value, (int, float)):
        return float(value)
    plain = str(value).translate({32: None, 0xA0: None, 0x202F: None, 0x2212: "-"})
    try:
        return float(plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain)
    except ValueError:
        return math.nan


__all__ = ["read_own"]
