"""The prior as a map from independent standard normal numbers to values of the model: what a sampler can work with.

Every element that `parameters.yaml` lets vary, every property of the process noise and every latent knot is one
standard normal coordinate z. A parameter is the inverse of its own distribution at Phi(z); shares are divided by their
sum as in `egendekning.ensemble.design`, whose rules these are. So the prior density of z is the same for all, bounds
are never crossed, and the posterior of what the data do not move is the prior exactly. The module refuses to know any
data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from egendekning.calibrate.noise import Noise
from egendekning.engine.runtime import jax_module
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.design import element_ranges, model_value, summed_axis
from egendekning.ensemble.laws import TAIL, quantiles
from egendekning.study import Parameter

Floats = NDArray[np.float64]

_GRID: Final = np.linspace(-8.0, 8.0, 3201)
"""z-values at which a law without a closed form is tabulated: 0.005 apart, to beyond any draw."""

_TINY: Final = 1e-300


@dataclass(frozen=True)
class Slot:
    """Where the coordinates of one parameter lie, and how they make its value.

    Attributes
    ----------
    name : str
        The parameter's name in the model.
    shape : tuple of int
        Of its value, (\\*dims).
    start, stop : int
        Its coordinates.
    profile : ndarray or None
        For one common factor: the value it multiplies, (\\*dims).
    sum_axis : int or None
        The axis along which shares are divided by their sum.
    """

    name: str
    shape: tuple[int, ...]
    start: int
    stop: int
    profile: Floats | None
    sum_axis: int | None


class Prior:
    """The prior of a study; `labels` names its coordinates."""

    def __init__(self, bound: Bound, noise: Noise, modes: Mapping[str, Floats] | None = None) -> None:
        """Lay out the coordinates: parameters as in `parameters.yaml`, then the process noise."""
        self.noise = noise
        self.slots: list[Slot] = []
        self.labels: list[str] = []
        rows: list[tuple[str, float, float, float]] = []
        for written, parameter in bound.study.parameters.items():
            name = bound.name(written)
            if parameter.drawn and bound.model.variables[name].kind != "lookup":
                mode = (modes or {}).get(name, model_value(bound, name)[0])
                self._add(bound, name, parameter, np.asarray(mode, dtype=float), rows)
        self.parameters = tuple(slot.name for slot in self.slots)
        self.parameter_size = len(rows)
        for label, low, high in noise.ranges():
            self.labels.append(label)
            rows.append(("uniform", low, low, high))
        self.range_size = len(rows)
        self.labels += noise.latent_labels()
        self.size = len(self.labels)
        self.laws = _Laws(rows)

    def _add(self, bound: Bound, name: str, parameter: Parameter, mode: Floats, rows: list[Any]) -> None:
        axis = summed_axis(bound, name, mode)
        start = len(rows)
        if parameter.relative is not None and axis is None:
            share = parameter.relative
            rows.append((parameter.law, 1.0 - share, 1.0, 1.0 + share))
            self.labels.append(name if mode.ndim == 0 else f"{name} (all)")
            self.slots.append(Slot(name, mode.shape, start, len(rows), mode, None))
            return
        low, high = element_ranges(parameter, mode)
        rows += [(parameter.law, *ends) for ends in zip(low.ravel(), mode.ravel(), high.ravel(), strict=True)]
        dims = bound.model.variables[name].dims
        places = product(*(bound.model.subscripts[d] for d in dims))
        self.labels += [f"{name}[{', '.join(p)}]" if p else name for p in places]
        self.slots.append(Slot(name, mode.shape, start, len(rows), None, axis))

    def values(self, z: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what a vector of coordinates means; traceable by JAX.

        Parameters
        ----------
        z : array
            (coordinate), standard normal.

        Returns
        -------
        dict
            Value by parameter, (\\*dims), in the unit of the model.
        dict
            Process noise: ``sd``, ``autocorrelation``, ``correlation`` (table) and ``knots`` (table, knot).
        """
        jnp = jax_module().numpy
        numbers = self.laws.of(z[: self.range_size])
        found = {slot.name: _assemble(jnp, slot, numbers[slot.start : slot.stop]) for slot in self.slots}
        return found, self.noise.latent(numbers[self.parameter_size :], z[self.range_size :])


def _assemble(jnp: Any, slot: Slot, numbers: Any) -> Any:
    """Return the value of one parameter."""
    if slot.profile is not None:
        return numbers[0] * jnp.asarray(slot.profile)
    value = numbers.reshape(slot.shape)
    return value if slot.sum_axis is None else value / value.sum(axis=slot.sum_axis, keepdims=True)


class _Laws:
    """Inverse distributions of many coordinates at once."""

    def __init__(self, rows: Sequence[tuple[str, float, float, float]]) -> None:
        self.laws = [law if high > low else "constant" for law, low, _, high in rows]
        self.low, self.high = (np.array([row[i] for row in rows], dtype=float) for i in (1, 3))
        modes = np.array([row[2] for row in rows], dtype=float)
        self.mode = np.clip(modes, self.low, self.high)
        self.tables = {
            i: quantiles("pert", norm.cdf(_GRID), self.low[i], self.mode[i], self.high[i])
            for i, law in enumerate(self.laws)
            if law == "pert"
        }

    def of(self, z: Any) -> Any:
        """Return the values, (coordinate)."""
        jnp = jax_module().numpy
        found = jnp.asarray(self.low)
        for law in sorted(set(self.laws) - {"constant", "pert"}):
            at = np.array([i for i, name in enumerate(self.laws) if name == law])
            found = found.at[at].set(_CLOSED[law](z[at], self.low[at], self.mode[at], self.high[at]))
        for i, table in self.tables.items():
            found = found.at[i].set(jnp.interp(z[i], _GRID, table))
        return found


def _cdf(z: Any) -> Any:
    return jax_module().scipy.special.ndtr(z)


def _triangular(z: Any, low: Floats, mode: Floats, high: Floats) -> Any:
    jnp = jax_module().numpy
    width = high - low
    rising = low + jnp.sqrt(jnp.maximum(_cdf(z) * width * (mode - low), _TINY))
    falling = high - jnp.sqrt(jnp.maximum(_cdf(-z) * width * (high - mode), _TINY))
    return jnp.where(_cdf(z) * width < mode - low, rising, falling)


def _uniform(z: Any, low: Floats, mode: Floats, high: Floats) -> Any:
    return low + _cdf(z) * (high - low)


def _normal(z: Any, low: Floats, mode: Floats, high: Floats) -> Any:
    return (low + high) / 2.0 + (high - low) / (2.0 * norm.isf(TAIL)) * z


def _lognormal(z: Any, low: Floats, mode: Floats, high: Floats) -> Any:
    return jax_module().numpy.exp(_normal(z, np.log(low), mode, np.log(high)))


_CLOSED: Final = {"triangular": _triangular, "uniform": _uniform, "normal": _normal, "lognormal": _lognormal}
