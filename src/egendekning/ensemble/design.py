"""Which parameter values the runs use: rows of the posterior, or a Latin hypercube over `parameters.yaml`'s ranges.

Draw 0 holds the values of the model file and no process noise. Where the study has a posterior (`posterior`), draws 1
to N are rows of it, each with a path of process noise (`process`); parameters that it lacks, and all where there is
none, are sampled from their ranges. In sampling, every parameter (and every element that is drawn for itself) has a
stream of random numbers of its own, found from the seed and its name, so that a parameter more or less leaves the
draws of the others as they were. All scenarios use the same draws (common random numbers).

Three rules for subscripted constants:

- a range given as ``relative`` is one common factor for all elements: the level is uncertain, the profile is not;
- ``low`` and ``high`` are drawn element by element;
- ``sum_to_one``: a dimensionless constant whose elements sum to one along a dim in the model file (along the last such
  dim where there are more) is a set of shares; its elements are drawn one by one, whatever way the range is given, and
  then divided by their sum along that dim.

The module refuses to know what a parameter does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, POINT
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.laws import quantiles
from egendekning.ensemble.posterior import POSTERIOR, Posterior, read_posterior
from egendekning.ensemble.process import chosen_rows, noise_paths
from egendekning.ensemble.room import check_draws, memory
from egendekning.errors import Problem, UsageError
from egendekning.names import key
from egendekning.study import Parameter

Floats = NDArray[np.float64]

SUM_TOLERANCE: Final = 1e-6
"""Elements sum to one within this: the rounding of shares written with six decimals."""


FROM_RANGES: Final = "Latin hypercube over the ranges of model/parameters.yaml; draw 0 = the model file"
FROM_POSTERIOR: Final = "rows of calibration/{file} with process noise drawn on to the end; draw 0 = the model file"


@dataclass(frozen=True)
class Design:
    """The parameter values of a set of runs.

    Attributes
    ----------
    parameters, initial_values : Mapping[str, DataArray]
        (draw, \\*subscripts) or (draw, point) by model name: constants and tables, and starting values of stocks.
    draws : int
        Number of sampled draws; the draw axis is one longer, for draw 0.
    seed : int
        Where the random streams begin.
    source : str
        Where the draws come from, in words.
    """

    parameters: Mapping[str, xr.DataArray]
    initial_values: Mapping[str, xr.DataArray]
    draws: int
    seed: int
    source: str = FROM_RANGES


def design(bound: Bound, draws: int, seed: int) -> Design:
    """Draw the uncertain parameters of a study.

    Parameters
    ----------
    bound : Bound
        Study and model.
    draws : int
        Number of sampled draws, at least 1; 0 gives draw 0 alone, for which no posterior is needed.
    seed : int
        Not negative.

    Returns
    -------
    Design
        Every drawn parameter, draw 0 first.

    Raises
    ------
    UsageError
        For a negative number of draws or seed.
    StudyError
        Where the posterior cannot be read or belongs to another model.
    """
    _check(draws, seed)
    check_draws(bound.model, draws, memory())
    posterior = read_posterior(bound) if draws else None
    return from_ranges(bound, draws, seed) if posterior is None else from_posterior(bound, posterior, draws, seed)


def from_posterior(bound: Bound, posterior: Posterior, draws: int, seed: int) -> Design:
    """Take draws from a posterior: `design` for a study that has one.

    Parameters
    ----------
    bound : Bound
        Study and model.
    posterior : Posterior
        Its rows.
    draws, seed : int
        As in `design`. Rows are drawn without replacement while there are enough.

    Returns
    -------
    Design
        What the posterior holds, the process noise, and parameters that it lacks from their ranges; draw 0 first.
    """
    base = from_ranges(bound, draws, seed, without=frozenset(posterior.parameters))
    parameters, starts = dict(base.parameters), dict(base.initial_values)
    rows = chosen_rows(posterior.rows, draws, seed)
    for name, values in posterior.parameters.items():
        value, dims = model_value(bound, name)
        target = starts if bound.model.variables[name].kind == "stock" else parameters
        target[name] = xr.DataArray(np.concatenate([value[None], values[rows]]), dims=(DRAW, *dims))
    points = {name: bound.table(name)[0] for name in posterior.process.tables}
    for name, path in noise_paths(posterior.process, rows, points, seed).items():
        flat = np.asarray(bound.table(name)[1])
        parameters[name] = xr.DataArray(np.concatenate([flat[None], flat + path]), dims=(DRAW, POINT))
    return Design(parameters, starts, draws, seed, FROM_POSTERIOR.format(file=POSTERIOR))


def from_ranges(
    bound: Bound,
    draws: int,
    seed: int,
    without: frozenset[str] = frozenset(),
    modes: Mapping[str, Floats] | None = None,
) -> Design:
    """Sample from the ranges of `parameters.yaml`: `design` for a study without a posterior, and the prior of one with.

    Parameters
    ----------
    bound : Bound
        Study and model.
    draws, seed : int
        As in `design`.
    without : frozenset of str
        Parameters to leave out.
    modes : mapping, optional
        Most likely values, (\\*dims) by parameter, where they are not those of the model file (`modes.read_modes`).
    """
    parameters: dict[str, xr.DataArray] = {}
    starts: dict[str, xr.DataArray] = {}
    for written, parameter in bound.study.parameters.items():
        name = bound.name(written)
        if not parameter.drawn or name in without:
            continue
        value, dims = model_value(bound, name)
        mode = (modes or {}).get(name, value)
        drawn = np.concatenate(
            [value[None], sample(name, parameter, mode, draws, seed, summed_axis(bound, name, mode))]
        )
        target = starts if bound.model.variables[name].kind == "stock" else parameters
        target[name] = xr.DataArray(drawn, dims=(DRAW, *dims))
    return Design(parameters, starts, draws, seed)


def model_value(bound: Bound, name: str) -> tuple[Floats, tuple[str, ...]]:
    """Return what the model file says of a constant, table or stock at the start, (\\*dims[, point]), and its dims."""
    item = bound.model.variables[name]
    if item.kind == "lookup":
        return bound.table(name)[1], (*item.dims, POINT)
    value = bound.values[name] if name in bound.values else bound.model.evaluate([name])[name]
    return np.asarray(value, dtype=float), item.dims


def sample(
    name: str, parameter: Parameter, value: Floats, draws: int, seed: int, sum_axis: int | None = None
) -> Floats:
    """Return the draws of one parameter.

    Parameters
    ----------
    name : str
        Its name in the model.
    parameter : Parameter
        Its range and distribution.
    value : ndarray
        (\\*dims), the most likely value: that of the model file.
    draws, seed : int
        Number of draws, and where the random streams begin.
    sum_axis : int, optional
        The axis of `value` along which shares sum to one.

    Returns
    -------
    ndarray
        (draw, \\*dims), in the unit of the parameter.
    """
    if parameter.relative is not None and sum_axis is None:
        share = latin(draws, stream(seed, name, 0))
        factor = quantiles(parameter.law, share, 1.0 - parameter.relative, 1.0, 1.0 + parameter.relative)
        return factor.reshape((draws,) + (1,) * value.ndim) * value
    low, high = element_ranges(parameter, value)
    drawn = np.empty((draws, value.size))
    for i, (lowest, mode, highest) in enumerate(zip(low.ravel(), value.ravel(), high.ravel(), strict=True)):
        share = latin(draws, stream(seed, name, i))
        drawn[:, i] = quantiles(parameter.law, share, float(lowest), float(mode), float(highest))
    shaped = drawn.reshape((draws, *value.shape))
    if sum_axis is not None:
        shaped = shaped / shaped.sum(axis=sum_axis + 1, keepdims=True)
    return shaped


def stream(seed: int, name: str, element: int) -> np.random.Generator:
    """Return the generator of one element of one parameter."""
    return np.random.default_rng(np.random.SeedSequence([seed, crc32(key(name).encode()), element]))


def latin(draws: int, generator: np.random.Generator) -> Floats:
    """Return one share from each of `draws` equal slices of (0, 1), in random order: one dim of a Latin hypercube."""
    return (generator.permutation(draws) + generator.random(draws)) / max(draws, 1)


def shares_axis(value: Floats, unit: str) -> int | None:
    """Return the axis along which a dimensionless array sums to one everywhere, the last of them, or None."""
    if unit.strip().casefold() not in ("dmnl", "1", ""):
        return None
    for axis in reversed(range(value.ndim)):
        if value.shape[axis] > 1 and np.all(np.abs(value.sum(axis=axis) - 1.0) <= SUM_TOLERANCE):
            return axis
    return None


def summed_axis(bound: Bound, name: str, value: Floats) -> int | None:
    """Return the axis along which a parameter's values are divided by their sum, or None."""
    item = bound.model.variables[name]
    return None if item.kind == "lookup" else shares_axis(value, item.unit)


def element_ranges(parameter: Parameter, value: Floats) -> tuple[Floats, Floats]:
    """Return the ends of the range of every element, (\\*dims)."""
    if parameter.relative is not None:
        low, high = value * (1.0 - parameter.relative), value * (1.0 + parameter.relative)
        return np.minimum(low, high), np.maximum(low, high)
    ends = [np.asarray(end, dtype=float) for end in (parameter.low, parameter.high)]
    low, high = (np.broadcast_to(e if e.ndim == 0 else e.reshape(value.shape), value.shape) for e in ends)
    return low, high


def _check(draws: int, seed: int) -> None:
    problems = []
    if draws < 0:
        problems.append(Problem("draws", f"{draws}", "a number of draws, at least 1", fix="give for example 500"))
    if seed < 0:
        problems.append(Problem("seed", f"{seed}", "a whole number, at least 0", fix="give for example 1"))
    if problems:
        raise UsageError(problems)
