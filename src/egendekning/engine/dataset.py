"""Dress the arrays of a run as an xarray Dataset under the model's own names.

The module refuses to change a number; it names axes, adds units and says what is not finite. What Vensim calls :NA: is
NaN here, and no fault.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, KIND, LONG_NAME, NON_FINITE, TIME, UNIT
from egendekning.engine.offender import find_offender
from egendekning.engine.simulate import Job
from egendekning.engine.tables import NOT_AVAILABLE
from egendekning.errors import Problem, SimulationError

Floats = NDArray[np.float64]

FINITE = "finite"
"""Coordinate over ``draw``, there where some draw is not finite: whether all outputs of a draw are."""

FIRST = "first_non_finite"
"""Attribute of a Dataset, JSON: the fields of `offender.Offender`, empty where all is finite."""


def to_dataset(job: Job, arrays: dict[str, Floats], on_error: str = "keep", rerun: bool = True) -> xr.Dataset:
    """Return the Dataset of `arrays`, each (draw or 1, save or 1, *dims).

    Raises
    ------
    SimulationError
        If a number is not finite and `on_error` is ``raise``.
    """
    model, times = job.model, job.grid.times()[job.skipped :]
    draws = job.inputs.draws
    data: dict[str, Any] = {}
    coords: dict[str, Any] = {TIME: times}
    if draws is not None:
        coords[DRAW] = np.arange(job.first, job.first + draws)
    bad: list[str] = []
    for name in job.outputs:
        item = model.variables[name]
        ranges = [model.ranges[d] for d in item.dims]
        array = arrays[name]
        bad += _not_finite(item.name, array, times, draws, job.first)
        array = np.where(missing, np.nan, array) if (missing := array == NOT_AVAILABLE).any() else array
        full = np.broadcast_to(array, (draws or 1, len(times), *item.shape))
        dims = [DRAW, TIME, *(r.name for r in ranges)]
        attrs = {UNIT: item.unit, LONG_NAME: item.documentation, KIND: item.kind}
        data[item.name] = (dims if draws is not None else dims[1:], full if draws is not None else full[0], attrs)
        coords.update({r.name: np.asarray(r.names) for r in ranges})
    dataset = xr.Dataset(data, coords)
    dataset[TIME].attrs[UNIT] = model.variables["time step"].unit
    dataset.attrs = {"model": model.file, "model_hash": model.hash, NON_FINITE: "\n".join(bad)}
    return _reported(dataset, job, arrays, bad, on_error, rerun) if bad else dataset


def _reported(
    dataset: xr.Dataset, job: Job, arrays: dict[str, Floats], bad: list[str], on_error: str, rerun: bool
) -> xr.Dataset:
    """Return the Dataset with a mask of the good draws and an account of the first number that is not finite."""
    draws = job.inputs.draws
    good = np.ones(draws or 1, dtype=bool)
    for array in arrays.values():
        good &= np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
    offender = find_offender(job, arrays, rerun)
    assert offender is not None
    text = offender.text(int((~good).sum()), draws)
    if on_error == "raise":
        raise SimulationError(
            Problem(f"{job.model.file}:{offender.line}", text, "finite numbers", _instead(offender.cause),
                    "give other values, mend the equation, or keep the other draws with on_error='keep'")
        )  # fmt: skip
    others = [line for line in bad if not text.startswith(line)]
    dataset.attrs |= {NON_FINITE: "\n".join([text, *others]), FIRST: json.dumps(offender.fields(), ensure_ascii=False)}
    taken = FINITE in dataset.variables or draws is None
    return dataset if taken else dataset.assign_coords({FINITE: (DRAW, good)})


def _instead(cause: str) -> str | None:
    return "ZIDZ(a, b) or XIDZ(a, b, otherwise)" if cause == "division by zero" else None


def _not_finite(name: str, array: Floats, times: Floats, draws: int | None, begin: int) -> list[str]:
    if np.isfinite(array).all():
        return []
    first = np.argwhere(~np.isfinite(array))
    first = first[np.lexsort((first[:, 0], first[:, 1]))][0]
    text = f"{name} is {array[tuple(first)]} at time {times[first[1]]:g}"
    affected = int((~np.isfinite(array)).any(axis=tuple(range(1, array.ndim))).sum())
    return [text + (f", draw {begin + first[0]} ({affected} of {draws} draws)" if draws is not None else "")]
