"""Quantile functions that have no closed form: found by halving, so that each still is a function of one even number.

Poisson, binomial and negative binomial numbers are whole before they are stretched and shifted. The module refuses to
reject and draw again: a number between two bounds is the quantile of the part that is left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from egendekning.engine.functions import repeat, special

Array = Any
Below = Callable[[Array], Array]

_HALVINGS = 56  # down to rounding
_WHOLE = 26  # whole numbers up to some 30 million


def _search(xp: Any, below: Below, wanted: Array, low: Array, high: Array, whole: bool) -> Array:
    """Return the least number from `low` to `high`, whole or not, below which `wanted` of the probability lies."""
    wanted, low, high = xp.broadcast_arrays(wanted, low, high)
    if hasattr(xp, "stop"):
        wanted, low, high = xp.stop(wanted), xp.stop(low), xp.stop(high)

    def halve(_: Any, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        begin, end = ends
        middle = xp.floor(0.5 * (begin + end)) if whole else 0.5 * (begin + end)
        enough = below(middle) >= wanted
        return xp.where(enough, begin, middle), xp.where(enough, middle, end)

    start = (low - 1.0 if whole else low, high * 1.0)
    return repeat(xp, _WHOLE if whole else _HALVINGS, halve, start)[1]


def _between(xp: Any, u: Array, below: Below, low: Array, high: Array, most: Array, whole: bool = True) -> Array:
    """Return a number from `low` to `high`, never below 0 nor above `most`, of the distribution of `below`."""
    low, high = xp.maximum(low, 0.0), xp.minimum(high, most)
    if whole:
        low, high = -xp.floor(-low), xp.floor(high)
    begin = below(low - 1.0) if whole else below(low)
    return _search(xp, below, begin + u * (below(high) - begin), low, high, whole)


def _poisson(xp: Any, u: Array, low: Array, high: Array, mean: Array, shift: Array, stretch: Array) -> Array:
    def below(k: Array) -> Array:
        return xp.where(k < 0.0, 0.0, special(xp).gammaincc(xp.maximum(k, 0.0) + 1.0, mean))

    most = xp.floor(mean + 12.0 * xp.sqrt(mean) + 40.0)
    return shift + stretch * _between(xp, u, below, (low - shift) / stretch, (high - shift) / stretch, most)


def _binomial(
    xp: Any, u: Array, low: Array, high: Array, chance: Array, count: Array, shift: Array, stretch: Array
) -> Array:
    def below(k: Array) -> Array:
        inside = (k >= 0.0) & (k < count)
        at = xp.where(inside, k, 0.0)
        share = special(xp).betainc(xp.maximum(count - at, 1e-9), at + 1.0, 1.0 - chance)
        return xp.where(k < 0.0, 0.0, xp.where(inside, share, 1.0))

    return shift + stretch * _between(xp, u, below, (low - shift) / stretch, (high - shift) / stretch, count)


def _negative_binomial(
    xp: Any, u: Array, low: Array, high: Array, chance: Array, count: Array, shift: Array, stretch: Array
) -> Array:
    """Failures before the `count`-th success."""

    def below(k: Array) -> Array:
        return xp.where(k < 0.0, 0.0, special(xp).betainc(count, xp.maximum(k, 0.0) + 1.0, chance))

    mean = count * (1.0 - chance) / chance
    most = xp.floor(mean + 20.0 * xp.sqrt(mean / chance) + 40.0 / chance)
    return shift + stretch * _between(xp, u, below, (low - shift) / stretch, (high - shift) / stretch, most)


def _gamma(xp: Any, u: Array, low: Array, high: Array, order: Array, shift: Array, stretch: Array) -> Array:
    def below(x: Array) -> Array:
        return special(xp).gammainc(order, xp.maximum(x, 0.0))

    most = order + 15.0 * xp.sqrt(order) + 50.0
    ends = ((low - shift) / stretch, (high - shift) / stretch)
    return shift + stretch * _between(xp, u, below, *ends, most, whole=False)


def _beta(xp: Any, u: Array, low: Array, high: Array, alpha: Array, beta: Array, shift: Array, stretch: Array) -> Array:
    def below(x: Array) -> Array:
        return special(xp).betainc(alpha, beta, xp.clip(x, 0.0, 1.0))

    ends = ((low - shift) / stretch, (high - shift) / stretch)
    return shift + stretch * _between(xp, u, below, *ends, 1.0 + 0.0 * alpha, whole=False)


SEARCHED: dict[str, tuple[int, Callable[..., Array]]] = {
    "random poisson": (5, _poisson),
    "random gamma": (5, _gamma),
    "random beta": (6, _beta),
    "random binomial": (6, _binomial),
    "random negative binomial": (6, _negative_binomial),
    "xweibull": (2, lambda xp, u, shape, scale: scale * (-xp.log1p(-u)) ** (1.0 / shape)),
    "xpareto": (2, lambda xp, u, shape, scale: scale * xp.exp(-xp.log1p(-u) / shape)),
    "xlogistic": (2, lambda xp, u, mean, scale: mean + scale * (xp.log(u) - xp.log1p(-u))),
    "xmontecarlo": (1, lambda xp, u, chance: xp.where(u < chance, 1.0, 0.0)),
}
"""Name -> (arguments without the seed, quantile function); those in x are XMILE's."""
