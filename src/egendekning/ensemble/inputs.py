"""The uncertain numbers of a set of draws as a table: a column an input, grouped by what it rests on.

The groups are the `basis` of `parameters.yaml`, with process noise as a group of its own. The module refuses to know
what the inputs do.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import POINT
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import Design
from egendekning.names import find

Floats = NDArray[np.float64]

NOISE: Final = "process noise"
"""The group of inputs that stand for what each year may bring unforeseen."""


def inputs_of(bound: Bound, drawn: Design, end: float) -> tuple[dict[str, Floats], dict[str, list[str]]]:
    """Return the uncertain numbers of a design by what they rest on, (draw, input), and their labels.

    Parameters
    ----------
    bound : Bound
        Study and model.
    drawn : Design
        Draws.
    end : float
        Knots of process noise after it play no part.
    """
    blocks: dict[str, list[Floats]] = {}
    labels: dict[str, list[str]] = {}
    both: Mapping[str, xr.DataArray] = {**drawn.parameters, **drawn.initial_values}
    for name, array in both.items():
        written = find(name, bound.study.parameters)
        parameter = bound.study.parameters[written] if written is not None else None
        noise = POINT in array.dims and (parameter is None or not parameter.drawn)
        basis = NOISE if noise or parameter is None else parameter.basis
        values = array.values[1:].reshape(drawn.draws, -1)
        ends = _labels(bound, name, array)
        if noise:
            early = bound.table(name)[0] <= end + 1.0
            values, ends = values[:, early], [f"{name} {x:g}" for x in bound.table(name)[0][early]]
        if parameter is not None and parameter.relative is not None and values.shape[1] > 1 and _one_factor(values):
            values, ends = values[:, :1], [name]
        blocks.setdefault(basis, []).append(values)
        labels.setdefault(basis, []).extend(ends)
    return {basis: np.concatenate(parts, axis=1) for basis, parts in blocks.items()}, labels


def _labels(bound: Bound, name: str, array: xr.DataArray) -> list[str]:
    """Return a name for each element of an input."""
    if POINT in array.dims:
        return [f"{name} {i}" for i in range(array.sizes[POINT])]
    places = list(product(*(bound.model.subscripts[d] for d in bound.model.variables[name].dims)))
    return [f"{name}[{', '.join(p)}]" if p else name for p in places]


def _one_factor(values: Floats) -> bool:
    """Return whether all elements move together: one common factor."""
    alive = values[:, np.abs(values).max(axis=0) > 0]
    return bool(alive.size) and bool(np.allclose(alive / alive[:1], (alive / alive[:1])[:, :1], rtol=1e-5))
