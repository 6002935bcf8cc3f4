"""Dress the arrays of a run as an xarray Dataset under the model's own names.

Where every number is finite, ``attrs["non_finite"]`` is empty. Otherwise it says first which variable went wrong
first, when, in which draw, how and with what values given, and then which outputs are not finite;
``attrs["first_non_finite"]`` has the first as JSON, and the coordinate ``finite`` over ``draw`` which draws are sound,
for ``ds.sel(draw=ds.finite)``. What Vensim calls :NA: is NaN in results, and no fault. The module refuses to change any
other number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, KIND, LONG_NAME, NON_FINITE, TIME, UNIT
from egendekning.engine.account import FINITE, failure, first_bad, line, told
from egendekning.engine.offender import find_offender
from egendekning.engine.simulate import Job
from egendekning.engine.tables import NOT_AVAILABLE

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dress:
    """What an output is called in a Dataset: its name, its axes after ``draw`` and their lengths, its attributes."""

    name: str
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    attrs: dict[str, str]


def dresses(job: Job) -> dict[str, Dress]:
    """Return what the outputs of a job are called, by key."""
    found, saves = {}, len(job.grid.save_steps()) - job.skipped
    for name in job.outputs:
        item = job.model.variables[name]
        dims = (TIME, *(job.model.ranges[d].name for d in item.dims))
        attrs = {UNIT: item.unit, LONG_NAME: item.documentation, KIND: item.kind}
        found[name] = Dress(item.name, dims, (saves, *item.shape), attrs)
    return found


def coordinates(job: Job) -> dict[str, Any]:
    """Return the coordinates of the results of a job: times, numbers of draws, elements of subscript ranges."""
    unit = {UNIT: job.model.variables["time step"].unit}
    found: dict[str, Any] = {TIME: (TIME, job.grid.times()[job.skipped :], unit)}
    if job.inputs.draws is not None:
        counted = np.arange(job.first, job.first + job.inputs.draws)
        found[DRAW] = counted if job.inputs.labels is None else job.inputs.labels
    ranges = [job.model.ranges[d] for name in job.outputs for d in job.model.variables[name].dims]
    return found | {r.name: np.asarray(r.names) for r in ranges}


def shown(array: Floats) -> Floats:
    """Return an output with NaN for what is not available."""
    return np.where(missing, np.nan, array) if (missing := array == NOT_AVAILABLE).any() else array


def to_dataset(job: Job, arrays: dict[str, Floats], on_error: str = "keep", rerun: bool = True) -> xr.Dataset:
    """Return the Dataset of `arrays`, each (draw or 1, save or 1, *dims).

    Raises
    ------
    SimulationError
        If a number is not finite and `on_error` is ``raise``.
    """
    draws, data = job.inputs.draws, {}
    for name, dress in dresses(job).items():
        full = np.broadcast_to(shown(arrays[name]), (draws or 1, *dress.shape))
        dims, values = (dress.dims, full[0]) if draws is None else ((DRAW, *dress.dims), full)
        data[dress.name] = (dims, values, dress.attrs)
    dataset = xr.Dataset(data, coordinates(job))
    dataset.attrs = {"model": job.model.file, "model_hash": job.model.hash, NON_FINITE: ""}
    lines = _lines(job, arrays)
    return _reported(dataset, job, arrays, lines, on_error, rerun) if lines else dataset


def _reported(
    dataset: xr.Dataset, job: Job, arrays: dict[str, Floats], lines: list[str], on_error: str, rerun: bool
) -> xr.Dataset:
    """Return the Dataset with a mask of the good draws and an account of the first number that is not finite."""
    draws = job.inputs.draws
    good = sound(arrays, draws or 1)
    offender = find_offender(job, arrays, rerun)
    assert offender is not None
    affected = int((~good).sum())
    if on_error == "raise":
        raise failure(job.model, offender, affected, draws)
    dataset.attrs |= told(offender, affected, draws, lines)
    taken = FINITE in dataset.variables or draws is None
    return dataset if taken else dataset.assign_coords({FINITE: (DRAW, good)})


def sound(arrays: dict[str, Floats], draws: int) -> NDArray[np.bool_]:
    """Return of which draws every output is finite, (draw)."""
    good = np.ones(draws, dtype=bool)
    for array in arrays.values():
        good &= np.isfinite(array).all(axis=tuple(range(1, array.ndim)))
    return good


def _lines(job: Job, arrays: dict[str, Floats]) -> list[str]:
    """Return a line for each output that is not finite."""
    found, times = [], job.grid.times()[job.skipped :]
    for name in job.outputs:
        affected, save, draw = first_bad(arrays[name], job.inputs.draws or 1)
        if affected:
            here = arrays[name][draw, save]
            value = here[~np.isfinite(here)].flat[0]
            found.append(line(job.model.variables[name].name, value, times[save], job.number(draw), affected,
                              job.inputs.draws))  # fmt: skip
    return found
