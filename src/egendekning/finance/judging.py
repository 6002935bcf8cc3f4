"""Whether own figures can be what they are said to be: known ids, numbers, and amounts in the unit of the rule.

Every figure that fails is told with its cell; the others are kept. The module refuses to mend a figure, and to judge
account lines by their size, for which the model must run (`egendekning.finance.own`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from egendekning.errors import Problem
from egendekning.finance.cells import Filled, number
from egendekning.finance.lines import BY_ID
from egendekning.finance.own import Cell, Own, fields
from egendekning.finance.prices import DEFLATOR, PRICE_TABLE
from egendekning.finance.workbook.template import current_figures, own_years
from egendekning.names import find, nearest
from egendekning.study import Study

_GROWTH: Final = (-10.0, 25.0)
"""Percent a year that a price growth may be."""

_LEAST: Final = 0.1
"""Percent: a smaller growth is a share that was meant as percent."""

_FAR: Final = 3.0
"""A national figure that differs from the present one by more than this factor is refused."""

_SHARES: Final = ("symmetric rate table", "supplement rate table")
_PERCENT: Final = (*_SHARES, "growth grant limit table")
"""Tables of shares: a cell that shows a hundredth as 1 % holds what they hold."""

_ANY_SIZE: Final = {"expenditure equalisation table": (-10_000.0, 10_000.0), "discretionary grant table": (0.0, 500.0)}
"""Tables whose figure may change manifold, or its sign, and the bounds beyond which it is in another unit."""

_IDS: Final = "the first column of the template of 'egendekning finance --template' lists the ids"


@dataclass(frozen=True)
class Entry:
    """A filled cell.

    Attributes
    ----------
    table : str
        ``account`` or ``national``.
    id : str
        Which figure it is said to be.
    year : int or None
        Its year; None where no year stands above it.
    cell : Filled
        What it holds.
    id_at, value_at, year_at : str
        Where id, figure and year stand.
    """

    table: str
    id: str
    year: int | None
    cell: Filled
    id_at: str
    value_at: str
    year_at: str = ""


def judged(year: int, entries: Iterable[Entry], problems: list[Problem], study: Study, source: str) -> Own:
    """Return own figures of the cells that are right, adding the rest to the problems.

    Parameters
    ----------
    year : int
        Account year.
    entries : iterable of Entry
        The filled cells.
    problems : list of Problem
        Those found before; more are added.
    study : Study
        Whose rules can be replaced.
    source : str
        The file.
    """
    account: dict[str, Cell] = {}
    estimates: dict[tuple[str, int], Cell] = {}
    known = {"account": {n: n for n in fields()}, "national": {n: n for n in (*study.rules, DEFLATOR)}}
    known["national"].pop(PRICE_TABLE, None)
    for entry in entries:
        name = find(entry.id, known[entry.table])
        value = number(entry.cell.value)
        if name is None:
            problems.append(_unknown(entry, known[entry.table]))
        elif not math.isfinite(value):
            fix = "write digits only, with one decimal mark and blanks between thousands"
            problems.append(Problem(entry.value_at, f"{entry.cell.told()} is no number", "a number", fix=fix))
        elif entry.cell.percent and name not in _PERCENT:
            found, fix = f"{name}: a cell in percent ({100 * value:g} %)", "give the cell a number format without %"
            problems.append(Problem(entry.value_at, found, "a plain number, such as 2.7", fix=fix))
        elif entry.table == "account":
            _put(account, name, Cell(value, entry.value_at), problems)
        else:
            problem = _estimate_problem(name, entry, value, study)
            if problem is not None:
                problems.append(problem)
            else:
                _put(estimates, (name, int(entry.year or 0)), Cell(value, entry.value_at), problems)
    return Own(year=year, account=account, estimates=estimates, source=source)


def _unknown(entry: Entry, known: dict[str, str]) -> Problem:
    """Return the problem of an id that is none, or of a line that follows from others."""
    expected = f"an id of the template ({', '.join(list(known)[:3])}, ...)"
    line = find(entry.id, BY_ID) if entry.table == "account" else None
    if line is not None:
        found, fix = f"{line} cannot be given: it follows from other lines and the rules", "give what it is made of"
        return Problem(entry.id_at, found, expected, fix=fix)
    return Problem(entry.id_at, f"unknown id {entry.id!r}", expected, nearest(entry.id, known), _IDS)


def _put(where: dict[Any, Cell], name: Any, cell: Cell, problems: list[Problem]) -> None:
    """Keep a cell; a second one for the same figure is a problem."""
    if name in where:
        said = name if isinstance(name, str) else " ".join(map(str, name))
        found = f"a second figure for {said}; the first is in {where[name].where}"
        problems.append(Problem(cell.where, found, "one figure", fix="remove one of them"))
    else:
        where[name] = cell


def _estimate_problem(name: str, entry: Entry, value: float, study: Study) -> Problem | None:
    """Return what is wrong with a national estimate."""
    years = own_years(study)
    if entry.year not in years:
        expected = f"a year with a figure in the rules, {years[0]} to {years[-1]}"
        found = f"{name}: year {entry.year}" if entry.year else f"{name}: no year stands above the figure"
        fix = "later years follow from the last one; remove the figure"
        return Problem(entry.year_at or entry.value_at, found, expected, fix=fix)
    if name == DEFLATOR:
        return _growth_problem(entry, value, years)
    if name in _SHARES:
        fix = "write 0.6 for 60 percent"
        return None if 0 <= value <= 1 else Problem(entry.value_at, f"{name}: {value:g}", "a share, 0 to 1", fix=fix)
    if name in _ANY_SIZE:
        low, high = _ANY_SIZE[name]
        expected, fix = f"{study.rules[name].unit}, {low:g} to {high:g}", "give it in the unit of the template"
        return None if low <= value <= high else Problem(entry.value_at, f"{name}: {value:g}", expected, fix=fix)
    now = current_figures(study, name)[entry.year]
    if (now == 0 and value != 0) or (now != 0 and not 1 / _FAR <= value / now <= _FAR):
        expected = f"a figure like the present {now:g} {study.rules[name].unit}"
        return Problem(entry.value_at, f"{name}: {value:g}", expected, fix="give it in the unit of the template")
    return None


def _growth_problem(entry: Entry, value: float, years: list[int]) -> Problem | None:
    """Return what is wrong with a price growth in percent."""
    low, high = _GROWTH
    small = 0 < abs(value) < _LEAST
    if low <= value <= high and not small and entry.year != years[0]:
        return None
    expected = f"growth in percent, {low:g} to {high:g}, after {years[0]}"
    found = f"{DEFLATOR}, {entry.year}: {value:g}" + (", which is a share rather than percent" if small else "")
    return Problem(entry.value_at, found, expected, fix="write 2.7 for 2.7 percent")


__all__ = ["Entry", "judged"]
