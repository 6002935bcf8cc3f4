"""Most likely values before calibration, for parameters whose model file holds a median of the posterior.

A prior is peaked at the value of the model file. Once calibration has written a median there, a second calibration
would use the data twice, and a prediction from that prior would have seen what it predicts. So what was there before is
kept in ``prior_modes.csv``, and stands as long as the file holds what calibration wrote; a modeller's own later edit
counts as a new opinion. The module refuses to write model files (`calibrate.writeback` does).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble.bind import Bound
from egendekning.errors import OutputError, Problem, StudyError

Floats = NDArray[np.float64]

PRIOR_MODES: Final = "prior_modes.csv"
COLUMNS: Final = ("parameter", "place", "mode", "written")

_SAME: Final = 1e-9


def read_modes(bound: Bound) -> dict[str, Floats]:
    """Return the most likely values before calibration, (\\*dims) by parameter, where they still stand.

    Raises
    ------
    StudyError
        Where the file cannot be read.
    """
    path = bound.study.calibration.get(PRIOR_MODES)
    if path is None:
        return {}
    modes: dict[str, dict[int, float]] = {}
    written: dict[str, dict[int, float]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                modes.setdefault(row["parameter"], {})[int(row["place"])] = float(row["mode"])
                written.setdefault(row["parameter"], {})[int(row["place"])] = float(row["written"])
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        fix = "delete it if the model file holds your own values, or restore it"
        expected = f"a CSV file with the columns {', '.join(COLUMNS)}"
        raise StudyError(Problem(str(path), f"cannot be read ({error})", expected, fix=fix)) from error
    found = {}
    for name, places in modes.items():
        value = bound.values.get(name)
        if value is None or sorted(places) != list(range(value.size)):
            continue
        ours = np.array([written[name][i] for i in range(value.size)])
        if np.all(np.abs(value.ravel() - ours) <= _SAME * np.maximum(np.abs(ours), 1.0)):
            found[name] = np.array([places[i] for i in range(value.size)]).reshape(value.shape)
    return found


def write_modes(path: Path, modes: Mapping[str, Floats], written: Mapping[str, Floats]) -> None:
    """Write the values before calibration beside those that calibration wrote; `path` is replaced whole."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for name in sorted(written):
                for i, (mode, value) in enumerate(zip(np.ravel(modes[name]), np.ravel(written[name]), strict=True)):
                    writer.writerow((name, i, repr(float(mode)), repr(float(value))))
        part.replace(path)
    except OSError as error:
        raise OutputError(Problem(str(path), f"cannot be written ({error.strerror})", "a writable file")) from error
    finally:
        part.unlink(missing_ok=True)
