"""Reads the calibration folder of a study: observations, observation model, process noise.

Everything that is wrong is told at once, with file and line. The module refuses to compute.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel

from egendekning.calibrate.schemas import ObservationModel, ProcessNoise
from egendekning.errors import Problem, StudyError
from egendekning.names import nearest
from egendekning.study import Study, faults, yamltree
from egendekning.study.tables import read_table

OBSERVATIONS: Final = "observations.csv"
OBSERVATION_MODEL: Final = "observation_model.yaml"
PROCESS_NOISE: Final = "process_noise.yaml"

NEEDED: Final = ("series", "region", "period", "time", "value", "measurement_error")

_LARGEST: Final = 1e15
"""Figures and errors beyond this are slips of a unit."""

_YEAR: Final = re.compile(r"(\d{4})(?!\d)", re.ASCII)

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Figure:
    """One row of ``observations.csv``; `value` and `error` in the unit of the row, `time` in model years."""

    series: str
    region: str
    period: str
    time: float
    value: float
    error: float
    unit: str
    where: str


@dataclass(frozen=True)
class Files:
    """What the calibration folder says, and on which lines."""

    figures: tuple[Figure, ...]
    model: ObservationModel
    noise: ProcessNoise
    documents: Mapping[str, yamltree.Document] = field(default_factory=dict, repr=False)

    def where(self, file: str, *path: str) -> str:
        """Return ``file:line`` of a value of one of the YAML files."""
        return self.documents[file].where(*path) if file in self.documents else file


def read_files(study: Study) -> Files:
    """Read the calibration folder of a study.

    Raises
    ------
    StudyError
        With every problem of every file.
    """
    problems: list[Problem] = []
    documents: dict[str, yamltree.Document] = {}
    figures = _figures(study, problems)
    model = _yaml(study, OBSERVATION_MODEL, ObservationModel, documents, problems)
    noise = _yaml(study, PROCESS_NOISE, ProcessNoise, documents, problems)
    if model is not None and figures:
        problems += _unknown_series(documents[OBSERVATION_MODEL], model, figures)
    if problems or model is None or noise is None:
        raise StudyError(problems)
    return Files(tuple(figures), model, noise, documents)


def _path(study: Study, name: str, problems: list[Problem]) -> Path | None:
    path = study.calibration.get(name)
    if path is None:
        there = [other for other in study.calibration if Path(other).suffix == Path(name).suffix]
        problems.append(Problem(f"{study.root}: calibration/{name}", "the file is missing", "a file of that name",
                                nearest(name, there), f"write {name}; the shipped study has an example"))  # fmt: skip
    return path


def _yaml(
    study: Study, name: str, schema: type[M], documents: dict[str, yamltree.Document], problems: list[Problem]
) -> M | None:
    """Read one YAML file, adding to `documents` and `problems`."""
    path = _path(study, name, problems)
    if path is None:
        return None
    document, found = yamltree.read(path)
    documents[name] = document
    model = None
    if not found:
        model, found = faults.read(document, schema)
    problems += found
    return model


def _figures(study: Study, problems: list[Problem]) -> list[Figure]:
    """Read the observations, adding to `problems`."""
    path = _path(study, OBSERVATIONS, problems)
    if path is None:
        return []
    table, found = read_table(path, NEEDED, ("unit",))
    problems += found
    figures = []
    seen: dict[tuple[str, str, str], str] = {}
    for line, row in table.rows:
        figure, wrong = _figure(f"{path}:{line}", {name: cell or "" for name, cell in row.items()})
        if figure is not None:
            this = (figure.series, figure.region, figure.period)
            if seen.setdefault(this, figure.where) != figure.where:
                wrong.append(Problem(figure.where, f"{figure.series} {figure.period} is on {seen[this]} already",
                                     "each series, region and period once", fix="delete one of the two"))  # fmt: skip
            figures.append(figure)
        problems += wrong
    return figures


def _figure(where: str, row: dict[str, str]) -> tuple[Figure | None, list[Problem]]:
    """Read one row."""
    problems = [
        Problem(where, f"no {name}", "text", fix="fill the cell, or delete the row")
        for name in ("series", "region", "period")
        if not row[name]
    ]
    numbers = {}
    for name in ("time", "value", "measurement_error"):
        numbers[name] = _number(row[name])
        if not abs(numbers[name]) <= _LARGEST:
            problems.append(Problem(where, f"{name} {row[name]!r}", "a number with a decimal point",
                                    fix="write for example 1234.5; count the commas of the row"))  # fmt: skip
    if numbers["measurement_error"] < 0:
        problems.append(Problem(where, f"measurement_error {row['measurement_error']!r}",
                                "one standard error: 0 or more", fix="write it without a sign"))  # fmt: skip
    year = _YEAR.match(row["period"])
    if year and math.isfinite(numbers["time"]) and not 0.0 <= numbers["time"] - int(year[1]) <= 1.0:
        problems.append(Problem(where, f"time {row['time']} for the period {row['period']!r}",
                                f"{year[1]} to {int(year[1]) + 1}", fix="mend the one that is wrong"))  # fmt: skip
    if problems:
        return None, problems
    return Figure(row["series"], row["region"], row["period"], numbers["time"], numbers["value"],
                  numbers["measurement_error"], row.get("unit", ""), where), []  # fmt: skip


def _number(text: str) -> float:
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return math.nan


def _unknown_series(document: yamltree.Document, model: ObservationModel, figures: list[Figure]) -> list[Problem]:
    """Say which series and periods of the observation model the observations do not have."""
    known = sorted({figure.series for figure in figures})
    places: dict[str, tuple[str, ...]] = {name: ("unused", name) for name in model.unused}
    places |= {name: ("groups", group, "series", name) for group, item in model.groups.items() for name in item.series}
    problems = [
        Problem(document.where(*place), f"no series {name!r} in {OBSERVATIONS}", "a series of it",
                nearest(name, known), "name a series of it, or delete the line")
        for name, place in places.items()
        if name not in known
    ]  # fmt: skip
    regions = sorted({figure.region for figure in figures})
    if model.region not in regions:
        problems.append(Problem(document.where("region"), f"no region {model.region!r} in {OBSERVATIONS}",
                                f"one of {', '.join(regions[:6])}", nearest(model.region, regions),
                                "name a region of it"))  # fmt: skip
    for group, item in model.groups.items():
        periods = sorted({figure.period for figure in figures if figure.series in item.series})
        problems += [
            Problem(document.where("groups", group, "periods"), f"no figure of the period {name!r} in {OBSERVATIONS}",
                    "a period of the group's series", nearest(name, periods), "name a period of them")
            for name in item.periods or () if periods and name not in periods
        ]  # fmt: skip
    return problems
