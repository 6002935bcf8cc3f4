"""`calibration/series.yaml`: which series of figures speaks of what in the model, in which unit, and read how.

Another municipality, or another publisher's names, is another file. An expression is in the language of `checks.yaml`,
without functions; a series of ages is a pattern. The module refuses unknown keys, expressions that name no variable of
the model, and to read figures.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Annotated, Final, Literal

from pydantic import Field, PlainValidator, Strict, WithJsonSchema, model_validator

from egendekning.engine import Model
from egendekning.ensemble import Bound
from egendekning.errors import Problem, StudyError
from egendekning.names import find, nearest
from egendekning.study import expressions, faults, yamltree
from egendekning.study.expressions import Binary, Call, Expectation, Name, Negative, Node
from egendekning.study.faults import fault
from egendekning.study.schemas.base import Closed, Frozen, Real, Text, Year

FILE: Final = "series.yaml"

Reading = Literal["instant", "mean", "change", "end"]
"""instant: at the date. mean: over the steps of the period. change: end less start. end: last step of the period."""

OfYear = Literal["start", "fourth quarter", "mean", "end"]
"""What a bare year means for a series that is read at an instant."""


def _value(text: object) -> Expectation:
    """Read an expression that has a value."""
    if not isinstance(text, str) or not text.strip():
        raise fault(f"it is {text!r}", "a model variable or an expression of some, for example 'jobs'")
    try:
        read = expressions.parse(f"{text} == 0")
    except expressions.ExpressionError as error:
        raise fault(error.found, error.expected, close=error.nearest) from None
    if len(read.operators) != 1:
        raise fault(f"a comparison in {text!r}", "an expression that has a value")
    if _calls(read.operands[0]):
        raise fault(f"a function in {text!r}", "variables, numbers and + - * / ^")
    return read


def _calls(node: Node) -> bool:
    """Return whether an expression calls a function."""
    match node:
        case Call():
            return True
        case Negative(operand=operand):
            return _calls(operand)
        case Binary(left=left, right=right):
            return _calls(left) or _calls(right)
    return False


Expression = Annotated[Expectation, PlainValidator(_value), WithJsonSchema({"type": "string", "minLength": 1})]

Share = Annotated[float, Strict(), Field(ge=0, lt=1)]
Size = Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False)]


class Error(Closed):
    """One standard error of a figure as a measurement of what the model's variable stands for."""

    relative: Share = 0.0
    """as a share of the figure"""
    absolute: Size = 0.0
    """in the unit of the series; it and the relative one add in squares"""
    yearly: Share = 0.0
    """what the relative one grows by in every year after the cut-off: errors that a run carries on"""

    def size(self, level: float, years: float = 0.0) -> float:
        """Return the standard error of a figure of this level, so many years after the cut-off, in the series' unit."""
        relative = self.relative + self.yearly * max(0.0, years)
        return math.hypot(self.absolute, relative * abs(level))


class Series(Closed):
    """How a series is read from a run."""

    also: tuple[Text, ...] = ()
    """other names of the same series"""
    model: Expression
    """what it is in the model"""
    reading: Reading
    """at which times"""
    year: OfYear | None = None
    """what a bare year means, for an instant; an error in the figure's period if not said"""
    unit: Text
    """its unit, one of `units`"""
    error: Error
    """measurement error"""
    trend: Annotated[bool, Strict()] = True
    """whether a straight line through its past is a sensible rule"""
    projection: Frozen[Year, Real] | None = None
    """an official projection: value by date, straight lines between"""
    note: Text | None = None
    """what a reader should know"""


class Ages(Closed):
    """Series of residents by age: one for each range of ages."""

    prefix: Text
    """the series name up to the ages, which are written 6-15, 80+ or 20"""
    also: tuple[str, ...] = ()
    """other beginnings of the same series, spaces at their end included"""
    variable: Text
    """the model variable by single age, with one subscript whose elements end in the age"""
    year: OfYear
    """what a bare year means"""
    unit: Text
    """one of `units`"""
    error: Error
    """measurement error"""
    note: Text | None = None
    """what a reader should know"""


class Regions(Closed):
    """Which rows of a table with several regions are this study's; patterns with *."""

    accept: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    """regions of the study"""
    refuse: tuple[Text, ...] = ()
    """those among them that are not"""

    def holds(self, region: str) -> bool:
        """Return whether a region is the study's."""
        name = region.casefold()
        return any(fnmatch(name, p.casefold()) for p in self.accept) and not any(
            fnmatch(name, p.casefold()) for p in self.refuse
        )


class SeriesFile(Closed):
    """What series of figures mean in the model."""

    regions: Regions
    """which rows are this study's"""
    cut_off: Year
    """benchmarks know figures up to this date"""
    trend_since: Year
    """the straight line goes through figures from this date on"""
    units: Frozen[Text, Frozen[Text, Annotated[float, Strict(), Field(gt=0)]]]
    """by unit: the spellings it may have, and the factor from each to the unit"""
    series: Frozen[Text, Series]
    """by name"""
    ages: Ages | None = None
    """the pattern of ages"""

    @model_validator(mode="after")
    def _units_known(self) -> SeriesFile:
        """Refuse a series in a unit that has no spellings, and a name that two series claim."""
        seen: dict[str, str] = {}
        for name, item in self.series.items():
            if item.unit not in self.units:
                raise fault(f"unit {item.unit!r}", f"one of {', '.join(self.units)}", at=("series", name, "unit"))
            for spelled in (name, *item.also):
                if spelled.casefold() in seen:
                    raise fault(f"the name {spelled!r} belongs to {seen[spelled.casefold()]} already", "each name once",
                                at=("series", name))  # fmt: skip
                seen[spelled.casefold()] = name
        if self.ages is not None and self.ages.unit not in self.units:
            raise fault(f"unit {self.ages.unit!r}", f"one of {', '.join(self.units)}", at=("ages", "unit"))
        return self


@dataclass(frozen=True)
class Counterpart:
    """What a series is in the model.

    Attributes
    ----------
    series : str
        Its name in `series.yaml`.
    reading, year, unit, error, trend : as there
    text : str
        For people.
    value : Expectation or None
        The expression, as the left side of a comparison; None for ages.
    variable, ages : str, (int, int)
        For ages: the variable, and the first and last.
    projection : tuple of (float, float)
        Date and value.
    """

    series: str
    reading: Reading
    year: OfYear | None
    unit: str
    error: Error
    text: str
    value: Expectation | None = None
    variable: str = ""
    ages: tuple[int, int] | None = None
    trend: bool = True
    projection: tuple[tuple[float, float], ...] = ()

    @property
    def variables(self) -> tuple[str, ...]:
        """Return the model variables that are read, as written."""
        return (self.variable,) if self.value is None else tuple(name.name for name in self.value.names())


class SeriesMap:
    """The series of a study, checked against its model."""

    def __init__(self, file: SeriesFile, model: Model) -> None:
        self.file = file
        self._names = {n.casefold(): name for name, item in file.series.items() for n in (name, *item.also)}
        self._oldest = len(model.subscripts[model.variable(file.ages.variable).dims[0]]) - 1 if file.ages else 0

    @property
    def known(self) -> list[str]:
        """Names of all series, patterns apart."""
        return [n for name, item in self.file.series.items() for n in (name, *item.also)]

    def counterpart(self, series: str) -> Counterpart | None:
        """Return what a series is in the model, or None where it has no counterpart."""
        name = self._names.get(series.strip().casefold())
        if name is None:
            return self._by_age(series.strip())
        s = self.file.series[name]
        return Counterpart(name, s.reading, s.year, s.unit, s.error, s.model.text.removesuffix(" == 0"), s.model,
                           trend=s.trend, projection=tuple(sorted((s.projection or {}).items())))  # fmt: skip

    def _by_age(self, series: str) -> Counterpart | None:
        ages = self.file.ages
        folded = series.casefold()
        starts = [] if ages is None else [p for p in (ages.prefix, *ages.also) if folded.startswith(p.casefold())]
        if ages is None or not starts:
            return None
        found = re.fullmatch(r"(\d{1,3})(?:(\+)|-(\d{1,3}))?", series[len(max(starts, key=len)) :])
        if found is None:
            return None
        first = int(found[1])
        last = self._oldest if found[2] else int(found[3] or first)
        if not first <= last <= self._oldest or (last == self._oldest and not found[2]):
            return None  # the model's oldest group is open-ended: only '+' means it
        text = f"{ages.variable}, ages {found[0]}"
        return Counterpart(
            f"{ages.prefix}{found[0]}",
            "instant",
            ages.year,
            ages.unit,
            ages.error,
            text,
            None,
            ages.variable,
            (first, last),
        )


def read_series(bound: Bound) -> SeriesMap:
    """Read `series.yaml` of a study.

    Raises
    ------
    StudyError
        With everything that is wrong: no file, unknown keys, variables that the model lacks.
    """
    path = bound.study.calibration.get(FILE)
    if path is None:
        found = f"the study has no calibration/{FILE}"
        fix = "copy the shipped one and change what differs"
        raise StudyError(Problem(bound.study.root, found, "a file that says what series mean in the model", fix=fix))
    document, problems = yamltree.read(path)
    file: SeriesFile | None = None
    if not problems:
        file, problems = faults.read(document, SeriesFile)
    if file is not None:
        problems = _strangers(bound.model, file, document)
    if problems or file is None:
        raise StudyError(problems)
    return SeriesMap(file, bound.model)


def _strangers(model: Model, file: SeriesFile, document: yamltree.Document) -> list[Problem]:
    """Return a problem for every name that is no variable of the model, or element of one."""
    asked: list[tuple[tuple[str, ...], Name]] = [
        (("series", series, "model"), name) for series, item in file.series.items() for name in item.model.names()
    ]
    if file.ages is not None:
        asked.append((("ages", "variable"), Name(file.ages.variable)))
    found = []
    known = [n for n, v in model.variables.items() if v.kind != "lookup"]
    for place, name in asked:
        spelled = find(name.name, model.variables)
        if spelled is None or spelled not in known:
            found.append(Problem(document.where(*place), f"no variable {name.name!r}", "a variable of the model",
                                 nearest(name.name, known)))  # fmt: skip
            continue
        dims = model.variables[spelled].dims
        for dim, element in zip(dims, name.elements, strict=False):
            elements = model.subscripts[dim]
            if find(element, dict.fromkeys(elements)) is None:
                found.append(Problem(document.where(*place), f"{name.name} has no element {element!r}",
                                     f"one of {', '.join(elements)}", nearest(element, elements)))  # fmt: skip
        if len(name.elements) != len(dims) and (name.elements or place[0] == "series"):
            found.append(Problem(document.where(*place), f"{name.name} varies over {', '.join(dims) or 'nothing'}",
                                 f"{len(dims)} elements in brackets"))  # fmt: skip
    return found
