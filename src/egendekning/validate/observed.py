"""Figures from a tidy table (`series, period, value, unit`), matched with what they are in the model.

Every row ends up as a figure to score, as a row that is left out with the reason, or as a problem; all problems are
reported at once. Rows of other regions, without a value, outside the years of the model, of series that the model has
no counterpart for, and that say the same again are left out. The module refuses to guess a unit or a date.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from egendekning.errors import Problem, UsageError
from egendekning.names import nearest
from egendekning.validate.periods import EXPECTED, Period, read_period
from egendekning.validate.series import Counterpart, SeriesMap
from egendekning.validate.tables import Table, read_table

COLUMNS: Final = ("series", "period", "value", "unit")
"""Columns that a table must have; `region` and `source` are read if they are there, others are left alone."""

_ALSO: Final = ("region", "source")
_SHOWN: Final = 200
"""Problems of one table that are told in full."""

_LARGEST: Final = 1e15
"""Figures beyond this are slips of a unit."""

_NONE: Final = ("", "missing", "na", "n/a", "nan", ".", "..", ":", "-")


@dataclass(frozen=True)
class Figure:
    """One figure that the model has a counterpart for.

    Attributes
    ----------
    row : int
        Line of the file.
    series, period : str
        As written.
    when : Period
        What the period means.
    value : float
        In the unit of the counterpart.
    given, given_unit : float, str
        As written.
    counterpart : Counterpart
        What it is in the model.
    """

    row: int
    series: str
    period: str
    when: Period
    value: float
    given: float
    given_unit: str
    counterpart: Counterpart

    @property
    def time(self) -> float:
        """The time it stands for, in model years: for a flow the middle of the period, for a state the date."""
        return date_of(self.counterpart, self.when)


@dataclass(frozen=True)
class LeftOut:
    """A row that is not scored, and why."""

    row: int
    series: str
    period: str
    reason: str


@dataclass(frozen=True)
class Observed:
    """What a table holds; `faults` are of rows that could not be read, which are in `left_out` too."""

    figures: tuple[Figure, ...]
    left_out: tuple[LeftOut, ...]
    faults: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Years:
    """The years that a run covers: figures of the start itself and before it are no test of the model."""

    start: float
    end: float


def date_of(counterpart: Counterpart, when: Period) -> float:
    """Return the time that a figure stands for."""
    if counterpart.reading == "end":
        return when.end
    if counterpart.reading in ("mean", "change"):
        return (when.start + when.end) / 2.0
    if when.kind == "year":
        middle = (when.start + when.end) / 2.0
        return {"start": when.start, "end": when.end, "fourth quarter": when.start + 0.875, "mean": middle}[
            counterpart.year or "mean"
        ]
    return when.instant


def read_observed(path: Path, known: SeriesMap, years: Years | None, *, lenient: bool = False) -> Observed:
    """Read a table of figures.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8 with at least `COLUMNS`.
    known : SeriesMap
        What series mean.
    years : Years or None
        The years of the model; None keeps figures of all years.
    lenient : bool
        Leave out rows that cannot be read instead of refusing the file.

    Raises
    ------
    UsageError
        With every fault of the file and of its rows.
    """
    table = read_table(path, COLUMNS, _ALSO)
    problems: list[Problem] = []
    figures: list[Figure] = []
    left_out: list[LeftOut] = []
    seen = _Seen({}, {})
    for line, row in table.rows:
        words = {name: row.get(name) or "" for name in (*COLUMNS, *_ALSO)}
        wrong = _cut_off(f"{path}:{line}", row)
        reason = None if wrong else _not_asked(words, known)
        found: Figure | None = None
        if reason is None and not wrong:
            found, wrong = _figure(f"{path}:{line}", line, words, known, table)
            reason = seen.same(found) if found is not None else None
        if reason is None and found is not None:
            wrong += seen.again(f"{path}:{line}", line, words)
        problems += wrong
        if wrong:
            said = [(p.found.removeprefix(f"{words['series']}: "), p.expected) for p in wrong]
            reason = "; ".join(f"{what} (expected {expected})" for what, expected in said)
        elif reason is None and found is not None and years is not None:
            reason = _outside(found, years)
        if reason is not None:
            left_out.append(LeftOut(line, words["series"], words["period"], reason))
        elif found is not None:
            figures.append(found)
    if problems and not lenient:
        raise UsageError(shortened(path, problems))
    return Observed(tuple(figures), tuple(left_out), tuple(problems))


def _cut_off(where: str, row: Mapping[str, str | None]) -> list[Problem]:
    """Say that a row ends before its last needed cell, as the last row of a broken download does."""
    lacking = [name for name in COLUMNS if row[name] is None]
    if not lacking:
        return []
    fix = "complete the row, or delete it; see whether the file is complete"
    return [Problem(where, f"the row ends before {lacking[0]!r}", f"{', '.join(COLUMNS)}", fix=fix)]


def shortened(path: Path, problems: Sequence[Problem]) -> list[Problem]:
    """Return so many problems that somebody can read them, and how many more there are."""
    if len(problems) <= _SHOWN:
        return list(problems)
    found = f"{len(problems) - _SHOWN} more problems in its rows"
    return [*problems[:_SHOWN], Problem(str(path), found, "rows that can be read", fix="mend the ones above first")]


def _not_asked(words: dict[str, str], known: SeriesMap) -> str | None:
    """Return why a row is left out before it is read, or None."""
    if words["region"] and not known.file.regions.holds(words["region"]):
        return f"another region ({words['region']})"
    if not words["series"]:
        return "no series"
    if known.counterpart(words["series"]) is None:
        return "the model has no counterpart"
    return "no value" if words["value"].casefold() in _NONE else None


def _figure(
    where: str, line: int, words: dict[str, str], known: SeriesMap, table: Table
) -> tuple[Figure | None, list[Problem]]:
    """Read a row of a known series."""
    counterpart = known.counterpart(words["series"])
    assert counterpart is not None, "rows of unknown series are left out before"
    problems = []
    when = read_period(words["period"])
    if when is None:
        problems.append(Problem(where, f"{words['series']}: period {words['period']!r}", EXPECTED,
                                fix="write the period in one of these forms"))  # fmt: skip
    else:
        problems += _unfit(where, words, counterpart, when)
    value = table.number(words["value"])
    if not math.isfinite(value):
        expected = "a number" if table.decimal_comma else "a number with a decimal point"
        problems.append(Problem(where, f"{words['series']}: value {words['value']!r}", expected,
                                fix="write 1234.5, or leave the cell empty"))  # fmt: skip
    factor, wrong = _factor(where, words, counterpart, known)
    problems += wrong
    if math.isfinite(value) and not abs(value) * factor <= _LARGEST:
        problems.append(Problem(where, f"{words['series']}: value {words['value']!r} {words['unit']}",
                                f"at most {_LARGEST:g} {counterpart.unit}", fix="mend value or unit"))  # fmt: skip
    if problems or when is None:
        return None, problems
    return Figure(line, words["series"], words["period"], when, value * factor, value, words["unit"], counterpart), []


def _unfit(where: str, words: dict[str, str], counterpart: Counterpart, when: Period) -> list[Problem]:
    """Say where a period does not fit what the series is."""
    said = f"{words['series']}: period {words['period']!r} is a {when.kind}"
    if counterpart.reading != "instant" and when.kind != "year":
        return [Problem(where, said, "a calendar year: the series adds up over one", fix="write for example 2022")]
    if counterpart.reading == "instant" and when.kind == "year" and counterpart.year is None:
        return [Problem(where, said, "a date, a month or a quarter", fix="write for example 2022-Q4")]
    return []


def _factor(
    where: str, words: dict[str, str], counterpart: Counterpart, known: SeriesMap
) -> tuple[float, list[Problem]]:
    """Return what a figure is multiplied by to be in the unit of its series."""
    spellings = known.file.units[counterpart.unit]
    plain = re.sub(r"\s*\(.*$", "", words["unit"]).strip()
    folded = {name.casefold(): factor for name, factor in spellings.items()}
    for written in (words["unit"], plain):
        if written.casefold() in folded:
            return folded[written.casefold()], []
    found = f"{words['series']}: unit {words['unit']!r}"
    expected = f"{counterpart.unit}, written {' or '.join(list(spellings)[:6])}"
    fix = f"give the figure in {counterpart.unit}, or add the spelling to calibration/series.yaml"
    return 1.0, [Problem(where, found, expected, nearest(plain, spellings), fix)]


@dataclass(frozen=True)
class _Seen:
    """Lines of the rows so far: by what they say of the model, and by what they are called."""

    figures: dict[tuple[str, float], Figure]
    names: dict[tuple[str, ...], int]

    def same(self, figure: Figure) -> str | None:
        """Return that the very figure is there already, perhaps by another name of its series, or None."""
        first = self.figures.setdefault((figure.counterpart.series, round(figure.time, 4)), figure)
        if first is figure or not math.isclose(first.value, figure.value, rel_tol=1e-9):
            return None
        return f"the same figure as on line {first.row}"

    def again(self, where: str, line: int, words: dict[str, str]) -> list[Problem]:
        """Say that a row is there twice with another value; from another source it is another figure."""
        this = tuple(words[name].casefold() for name in ("series", "region", "period", "source"))
        first = self.names.setdefault(this, line)
        if first == line:
            return []
        found = f"{words['series']} {words['period']} is on line {first} already, with another value"
        return [Problem(where, found, "each series and period once", fix=f"delete line {first} or line {line}")]


def _outside(figure: Figure, years: Years) -> str | None:
    """Return why a figure is outside the years of the model, or None."""
    first = figure.when.start if figure.counterpart.reading in ("mean", "change") else figure.time
    last = figure.when.end if figure.counterpart.reading in ("mean", "change", "end") else figure.time
    if last > years.end:
        return f"after the model's last year ({years.end:g})"
    flow = figure.counterpart.reading in ("mean", "change")
    if first < years.start or (first == years.start and not flow):
        return f"not after the start of the run ({years.start:g}): input, not prediction"
    return None


def history_of(paths: Iterable[Path], known: SeriesMap) -> dict[str, list[tuple[float, float]]]:
    """Return time and value of all figures of a study's own tables, by series.

    Parameters
    ----------
    paths : iterable of Path
        Tables as in `read_observed`; what they hold beside known series is left alone.
    known : SeriesMap
        What series mean.
    """
    found: dict[str, dict[float, float]] = {}
    for path in paths:
        for figure in read_observed(path, known, None, lenient=True).figures:
            found.setdefault(figure.counterpart.series, {})[figure.time] = figure.value
    return {name: sorted(points.items()) for name, points in found.items()}
