"""Reads the calibration folder of a study: observations, observation model, process noise.

Everything that is wrong is told at once, with file and line. The module refuses to compute.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel

from egendekning.calibrate.schemas import ObservationModel, ProcessNoise
from egendekning.errors import Problem, StudyError
from egendekning.names import nearest
from egendekning.study import Study, faults, yamltree

OBSERVATIONS: Final = "observations.csv"
OBSERVATION_MODEL: Final = "observation_model.yaml"
PROCESS_NOISE: Final = "process_noise.yaml"

NEEDED: Final = ("series", "region", "period", "time", "value", "measurement_error")

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
    """What the calibration folder says."""

    figures: tuple[Figure, ...]
    model: ObservationModel
    noise: ProcessNoise


def read_files(study: Study) -> Files:
    """Read the calibration folder of a study.

    Raises
    ------
    StudyError
        With every problem of every file.
    """
    problems: list[Problem] = []
    figures = _figures(study, problems)
    model = _yaml(study, OBSERVATION_MODEL, ObservationModel, problems)
    noise = _yaml(study, PROCESS_NOISE, ProcessNoise, problems)
    if model is not None:
        problems += _unknown_series(study, model, figures)
    if problems or model is None or noise is None:
        raise StudyError(problems)
    return Files(tuple(figures), model, noise)


def _path(study: Study, name: str, problems: list[Problem]) -> Path | None:
    path = study.calibration.get(name)
    if path is None:
        near = nearest(name, study.calibration)
        problems.append(Problem(f"{study.root}: calibration/{name}", "the file is missing", "a file of that name", near,
                                f"write {name}; the shipped study has an example"))  # fmt: skip
    return path


def _yaml(study: Study, name: str, schema: type[M], problems: list[Problem]) -> M | None:
    """Read one YAML file, adding to `problems`."""
    path = _path(study, name, problems)
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(str(path), f"cannot be read ({error})", "a text file in UTF-8"))
        return None
    document, found = yamltree.parse(text, str(path))
    problems += found
    if found:
        return None
    model, found = faults.read(document, schema)
    problems += found
    return model


def _figures(study: Study, problems: list[Problem]) -> list[Figure]:
    """Read the observations, adding to `problems`."""
    path = _path(study, OBSERVATIONS, problems)
    if path is None:
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            lacking = [c for c in NEEDED if c not in (reader.fieldnames or ())]
            if lacking:
                problems.append(Problem(f"{path}:1", f"no column {lacking[0]!r}", f"the columns {', '.join(NEEDED)}",
                                        nearest(lacking[0], reader.fieldnames or ())))  # fmt: skip
                return []
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(Problem(str(path), f"cannot be read ({error})", "a CSV file in UTF-8"))
        return []
    figures = []
    for line, row in rows:
        try:
            time, value, deviation = (float(row[c] or "") for c in ("time", "value", "measurement_error"))
        except (TypeError, ValueError):
            problems.append(Problem(f"{path}:{line}", "time, value or measurement_error is not a number", "numbers"))
            continue
        unit, where = row.get("unit") or "", f"{path}:{line}"
        figures.append(Figure(row["series"], row["region"], row["period"], time, value, deviation, unit, where))
    return figures


def _unknown_series(study: Study, model: ObservationModel, figures: list[Figure]) -> list[Problem]:
    """Say which series of the observation model the observations do not have."""
    known = sorted({figure.series for figure in figures})
    used = [name for group in model.groups.values() for name in group.series]
    path = study.calibration[OBSERVATION_MODEL]
    return [
        Problem(f"{path}", f"no series {name!r} in {OBSERVATIONS}", "a series of it", nearest(name, known))
        for name in dict.fromkeys([*used, *model.unused])
        if name not in known
    ]
