"""Dress the arrays of a run as an xarray Dataset under the model's own names.

The module refuses to change a number; it names axes, adds units and says what is not finite. What Vensim calls :NA: is
NaN here, and no fault.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, KIND, LONG_NAME, NON_FINITE, TIME, UNIT
from egendekning.engine.simulate import Job
from egendekning.engine.tables import NOT_AVAILABLE

Floats = NDArray[np.float64]


def to_dataset(job: Job, arrays: dict[str, Floats]) -> xr.Dataset:
    """Return the Dataset of `arrays`, each (draw or 1, save or 1, *dims)."""
    model, times = job.model, job.grid.times()[job.skipped :]
    draws = job.inputs.draws
    data: dict[str, Any] = {}
    coords: dict[str, Any] = {TIME: times}
    if draws is not None:
        coords[DRAW] = np.arange(draws)
    bad: list[str] = []
    for name in job.outputs:
        item = model.variables[name]
        ranges = [model.ranges[d] for d in item.dims]
        array = arrays[name]
        bad += _not_finite(item.name, array, times, draws)
        array = np.where(missing, np.nan, array) if (missing := array == NOT_AVAILABLE).any() else array
        full = np.broadcast_to(array, (draws or 1, len(times), *item.shape))
        dims = [DRAW, TIME, *(r.name for r in ranges)]
        attrs = {UNIT: item.unit, LONG_NAME: item.documentation, KIND: item.kind}
        data[item.name] = (dims if draws is not None else dims[1:], full if draws is not None else full[0], attrs)
        coords.update({r.name: np.asarray(r.names) for r in ranges})
    dataset = xr.Dataset(data, coords)
    dataset[TIME].attrs[UNIT] = model.variables["time step"].unit
    dataset.attrs = {"model": model.file, "model_hash": model.hash, NON_FINITE: "\n".join(bad)}
    return dataset


def _not_finite(name: str, array: Floats, times: Floats, draws: int | None) -> list[str]:
    if np.isfinite(array).all():
        return []
    first = np.argwhere(~np.isfinite(array))
    first = first[np.lexsort((first[:, 0], first[:, 1]))][0]
    text = f"{name} is {array[tuple(first)]} at time {times[first[1]]:g}"
    affected = int((~np.isfinite(array)).any(axis=tuple(range(1, array.ndim))).sum())
    return [text + (f", draw {first[0]} ({affected} of {draws} draws)" if draws is not None else "")]
