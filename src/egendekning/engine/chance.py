"""Random functions of models: a stream of its own for every place in the model, draw and element, reproducible.

A number depends on nothing but the seed, the place in the model, the draw, the step and the element: the block cipher
Threefry-2x32 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", 20 rounds) turns those counters into
64 random bits, so that neither batches nor threads nor other random functions move it. Distributions are quantile
functions of that one number. The module refuses to keep a generator's state.

Vensim's own streams are not public, so numbers agree with Vensim's in distribution only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from egendekning.engine.distributions import SEARCHED
from egendekning.engine.functions import special

Array = Any

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = 0x1BD11BDA
_WORD = 0xFFFFFFFF


def threefry(xp: Any, key: tuple[Array, Array], counter: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return two words of 32 random bits for `counter` under `key`; all arrays of unsigned 32-bit words."""
    keys = (key[0], key[1], key[0] ^ key[1] ^ xp.asarray(_PARITY, dtype="uint32"))
    x, y = counter[0] + keys[0], counter[1] + keys[1]
    for block in range(5):
        for shift in _ROTATIONS[block % 2]:
            x = x + y
            y = ((y << xp.asarray(shift, dtype="uint32")) | (y >> xp.asarray(32 - shift, dtype="uint32"))) ^ x
        x = x + keys[(block + 1) % 3]
        y = y + keys[(block + 2) % 3] + xp.asarray(block + 1, dtype="uint32")
    return x, y


def uniform(xp: Any, seed: Array, draw: Array, step: Array, site: int, shape: tuple[int, ...]) -> Array:
    """Return numbers above 0 and below 1, (*shape, draw).

    Parameters
    ----------
    seed, step : array of one number
        The seed of the run and the number of the step.
    draw : array (draw,)
        Numbers of the draws.
    site : int
        The place in the model.
    shape : tuple of int
        How many elements, per axis.
    """
    with np.errstate(over="ignore"):
        count = int(np.prod(shape, dtype=int))
        element = xp.asarray(np.arange(count, dtype="uint32").reshape((*shape, 1)))
        word = [xp.asarray(v).astype("uint32") for v in (seed, draw, step)]
        place = xp.asarray(np.asarray([site & _WORD], dtype="uint32"))
        key = threefry(xp, (word[0], place), (element, element ^ element))
        high, low = threefry(xp, key, (word[1] + element * xp.asarray(0, dtype="uint32"), word[2]))
    bits = (high >> xp.asarray(6, dtype="uint32")).astype(float) * 67108864.0 + (
        low >> xp.asarray(6, dtype="uint32")
    ).astype(float)
    return (bits + 0.5) / 2.0**52


def site_number(owner: str, ordinal: int) -> int:
    """Return a number for a place in the model: the variable, and which random function of it."""
    import zlib

    return zlib.crc32(f"{owner}|{ordinal}".encode())


def _normal_between(xp: Any, u: Array, low: Array, high: Array, mean: Array, spread: Array) -> Array:
    """Return a normal number cut off at `low` and `high` (no rejection: the quantile of the part that is left)."""
    functions = special(xp)
    still = spread <= 0.0
    width = xp.where(still, 1.0, spread)
    upper = (low - mean) / width > 0.0  # in the upper tail by its mirror image, where digits are kept
    a = xp.where(upper, -(high - mean) / width, (low - mean) / width)
    b = xp.where(upper, -(low - mean) / width, (high - mean) / width)
    begin, end = functions.ndtr(a), functions.ndtr(b)
    even = xp.where(upper, 1.0 - u, u)
    z = functions.ndtri(begin + even * (end - begin))
    return xp.where(still, mean, xp.clip(mean + width * xp.where(upper, -z, z), low, high))


def _exponential(xp: Any, u: Array, low: Array, high: Array, shift: Array, stretch: Array) -> Array:
    """Return shift + stretch * (exponential of mean 1), cut off at `low` and `high`."""
    begin = xp.maximum(low - shift, 0.0) / stretch
    end = xp.maximum(high - shift, 0.0) / stretch
    mass = -xp.expm1(-(end - begin))
    return xp.clip(shift + stretch * (begin - xp.log1p(-u * mass)), low, high)


def _triangular(xp: Any, u: Array, low: Array, high: Array, start: Array, peak: Array, stop: Array) -> Array:
    """Return a number of the triangle start, peak, stop, cut off at `low` and `high`."""
    whole = stop - start

    def below(x: Array) -> Array:
        left = (x - start) ** 2 / (whole * xp.maximum(peak - start, 1e-300))
        right = 1.0 - (stop - x) ** 2 / (whole * xp.maximum(stop - peak, 1e-300))
        return xp.where(x <= start, 0.0, xp.where(x >= stop, 1.0, xp.where(x < peak, left, right)))

    begin, end = below(low), below(high)
    v = begin + u * (end - begin)
    rising = v * whole < peak - start
    x = xp.where(rising, start + xp.sqrt(v * whole * xp.maximum(peak - start, 0.0)),
                 stop - xp.sqrt((1.0 - v) * whole * xp.maximum(stop - peak, 0.0)))  # fmt: skip
    return xp.clip(x, low, high)


def _weibull(xp: Any, u: Array, low: Array, high: Array, shape: Array, shift: Array, stretch: Array) -> Array:
    """Return shift + stretch * Weibull(shape), cut off at `low` and `high`."""
    begin = (xp.maximum(low - shift, 0.0) / stretch) ** shape
    end = (xp.maximum(high - shift, 0.0) / stretch) ** shape
    mass = -xp.expm1(-(end - begin))
    return xp.clip(shift + stretch * (begin - xp.log1p(-u * mass)) ** (1.0 / shape), low, high)


QUANTILES: dict[str, tuple[int, Callable[..., Array]]] = {
    "random 0 1": (0, lambda xp, u: u),
    "random uniform": (2, lambda xp, u, low, high: low + u * (high - low)),
    "random normal": (4, _normal_between),
    "random exponential": (4, _exponential),
    "random triangular": (5, _triangular),
    "random weibull": (5, _weibull),
    **SEARCHED,
    "xnormal": (2, lambda xp, u, mean, spread: mean + spread * special(xp).ndtri(u)),
    "xlognormal": (2, lambda xp, u, mean, spread: _lognormal(xp, u, mean, spread)),
    "xexprnd": (1, lambda xp, u, mean: -mean * xp.log1p(-u)),
}
"""Name -> (arguments without the seed, quantile function of a uniform number); those in x are XMILE's."""


def _lognormal(xp: Any, u: Array, mean: Array, spread: Array) -> Array:
    """Return a lognormal number with the given mean and standard deviation of the number itself."""
    variance = xp.log1p((spread / mean) ** 2)
    return mean * xp.exp(xp.sqrt(variance) * special(xp).ndtri(u) - variance / 2.0)
