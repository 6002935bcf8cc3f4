"""The accepted posterior of a study: ``calibration/posterior.nc``, read and checked against model and observations.

A row of it is one draw of every uncertain parameter together with the properties and last knots of the process noise.
It belongs to the equations it was fitted with: another structure of the model or other observations make it invalid,
other values of constants do not (calibration itself writes some). Nothing here needs the sampler. The module refuses
to repair a file.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW
from egendekning.engine import Model
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.posterior_faults import faults, sound
from egendekning.errors import Problem, StudyError
from egendekning.names import key

Floats = NDArray[np.float64]

POSTERIOR: Final = "posterior.nc"
OBSERVATIONS: Final = "observations.csv"
FORMAT: Final = "egendekning posterior 1"
PROCESS: Final = "process"
TABLE: Final = "table"
KNOT: Final = "knot"
NOTHING: Final = -1
"""In ``follows``: the table goes its own way."""

RERUN: Final = "egendekning calibrate --accept"

_FIGURES: Final = ("series", "region", "period", "time", "value", "unit", "measurement_error")


@dataclass(frozen=True)
class Process:
    """Process noise of every row.

    Attributes
    ----------
    tables : tuple of str
        Tables of the model.
    years : ndarray
        (knot), the calibrated knots.
    follows : ndarray
        (table), index of the table whose innovations a table moves with, or `NOTHING`.
    sd, autocorrelation, correlation : ndarray
        (row, table).
    knots : ndarray
        (row, table, knot), in the unit of each table.
    """

    tables: tuple[str, ...]
    years: Floats
    follows: NDArray[np.int_]
    sd: Floats
    autocorrelation: Floats
    correlation: Floats
    knots: Floats


@dataclass(frozen=True)
class Posterior:
    """Rows of a posterior.

    Attributes
    ----------
    parameters : Mapping[str, ndarray]
        (row, \\*dims) by name in the model.
    process : Process
        Process noise.
    rows : int
        How many.
    attrs : Mapping
        Where it comes from: seed, hashes, diagnostics.
    """

    parameters: Mapping[str, Floats]
    process: Process
    rows: int
    attrs: Mapping[str, Any]

    @property
    def active(self) -> frozenset[str]:
        """Parameters that the observations could move; the others hold draws from the prior."""
        return frozenset(str(self.attrs["active"]).split("|"))

    @property
    def moved(self) -> frozenset[str]:
        """Those of them that the observations did move; their medians stand in the model file."""
        return frozenset(str(self.attrs["moved"]).split("|"))


def structure_hash(model: Model) -> str:
    """Return a hash of names, kinds, subscripts and equations; values of constants and tables are left out."""
    lines = []
    for name, item in sorted(model.variables.items()):
        equation = "" if item.kind in ("constant", "lookup") else " ".join(item.equation.split())
        lines.append("\t".join((key(name), item.kind, ",".join(item.dims), equation)))
    lines += [f"{name}: {','.join(elements)}" for name, elements in sorted(model.subscripts.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def data_hash(path: Path) -> str:
    """Return a hash of the figures in a file of observations; sources and notes beside them are left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = ["\t".join(str(row.get(name)) for name in _FIGURES) for row in csv.DictReader(file)]
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def read_posterior(bound: Bound) -> Posterior | None:
    """Read the posterior of a study.

    Parameters
    ----------
    bound : Bound
        Study and model.

    Returns
    -------
    Posterior or None
        None where the study has none.

    Raises
    ------
    StudyError
        Where it cannot be read, or belongs to another model or other observations.
    """
    path = bound.study.calibration.get(POSTERIOR)
    if path is None:
        return None
    root, process = _open(path)
    problems = list(_stale(bound, root, path))
    parameters, wrong = _parameters(bound, root, path)
    wrong += [
        Problem(str(path), found, expected, fix=f"restore the file, or calibrate again ('{RERUN}')")
        for found, expected in faults(bound, root, process, TABLE, KNOT)
    ]
    if problems or wrong:
        raise StudyError(problems or wrong)
    made = Process(
        tables=tuple(str(t) for t in process[TABLE].values), years=_floats(process[KNOT]),
        follows=process["follows"].values.astype(int),
        **{n: _floats(process[n]) for n in ("sd", "autocorrelation", "correlation", "knots")},
    )  # fmt: skip
    return Posterior(parameters, made, root.sizes[DRAW], root.attrs)


def _open(path: Path) -> tuple[xr.Dataset, xr.Dataset]:
    """Return the two groups of a file, in memory."""
    wrong = Problem(str(path), "is not a posterior", f"a NetCDF file that '{RERUN}' wrote", fix=f"run '{RERUN}'")
    try:
        with xr.open_dataset(path, engine="netcdf4") as file:
            root = file.load()
        with xr.open_dataset(path, engine="netcdf4", group=PROCESS) as file:
            process = file.load()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise StudyError(wrong) from error
    needed = {"sd", "autocorrelation", "correlation", "knots", "follows", TABLE, KNOT}
    if root.attrs.get("format") != FORMAT or DRAW not in root.sizes or not needed <= set(process.variables):
        raise StudyError(wrong)
    return root, process


def _stale(bound: Bound, root: xr.Dataset, path: Path) -> list[Problem]:
    """Say why a posterior no longer holds."""
    fix = f"calibrate again ('{RERUN}'), or move the file away to draw from the ranges of parameters.yaml"
    problems = []
    if root.attrs.get("structure_hash") != structure_hash(bound.model):
        found = "was fitted with other equations than those of the model file"
        problems.append(Problem(str(path), found, "a posterior of this model", fix=fix))
    data = bound.study.calibration.get(OBSERVATIONS)
    try:
        other = data is None or root.attrs.get("data_hash") != data_hash(data)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        said = Problem(str(data), f"cannot be read ({error})", "a CSV file in UTF-8", fix="restore the file")
        return [*problems, said]
    if other:
        found = f"was fitted to other figures than those of {OBSERVATIONS}"
        problems.append(Problem(str(path), found, "a posterior of these observations", fix=fix))
    return problems


def _parameters(bound: Bound, root: xr.Dataset, path: Path) -> tuple[dict[str, Floats], list[Problem]]:
    """Return the parameters that the study draws; those it draws no longer are left out."""
    found, problems = {}, []
    for written, parameter in bound.study.parameters.items():
        name = bound.name(written)
        if not parameter.drawn or name not in root:
            continue
        dims = bound.model.variables[name].dims
        shape = (root.sizes[DRAW], *(len(bound.model.subscripts[d]) for d in dims))
        if root[name].shape != shape or not sound(root[name].values):
            expected = f"finite values over {(DRAW, *dims)}"
            problems.append(Problem(str(path), f"{name} has the wrong shape or is not finite", expected,
                                    fix=f"calibrate again: '{RERUN}'"))  # fmt: skip
            continue
        found[name] = _floats(root[name])
    return found, problems


def _floats(array: xr.DataArray) -> Floats:
    return np.asarray(array.values, dtype=np.float64)
