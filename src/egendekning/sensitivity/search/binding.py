"""What holds the probability back: the budget, the ends of the levers' ranges, and limits of the model.

All from the slopes at one mix. The price of the budget is the probability that one more krone would buy; that of a
lever's limit what one more unit of range would bring, after paying for it; that of a limit of the model (land, port
area, plan reserve) what one more unit of it would bring, free of charge. A limit that is not in the way has the price
zero. The module refuses to change a mix.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from egendekning.engine import Model
from egendekning.names import find, key
from egendekning.sensitivity.search.climb import Climber, Mix, Tangent, solve
from egendekning.sensitivity.search.scaled import Scaled

Floats = NDArray[np.float64]
Place = Literal["high", "inside", "low"]

LIMITS: Final = ("port limit", "base reserve of business land", "base business land zoning", "initial plan reserve")
"""Constants that limit what levers can do, where the model has them: capacity, land and housing plans."""

_EDGE: Final = 0.005
"""A lever within this share of its range from an end is at the end."""

_NUDGE: Final = 0.01
"""Share of its range by which a lever in use is pushed up to see a limit that it just meets."""

_SHARE: Final = 0.02
"""The budget is moved by this share to find its price."""


@dataclass(frozen=True)
class LeverState:
    """One lever at a mix.

    Attributes
    ----------
    lever : str
        Id.
    value : float
        In its unit.
    cost : float
        Its part of the discounted cost, MNOK.
    place : str
        ``high`` or ``low``: at an end of its range, which binds; ``inside`` otherwise.
    per_unit : float
        Probability gained by one unit more, share of one.
    per_mnok : float
        Probability gained by one MNOK more spent on it; NaN where it costs nothing.
    price : float
        Probability gained by one more unit of range, after paying for it at the price of the budget.
    """

    lever: str
    value: float
    cost: float
    place: Place
    per_unit: float
    per_mnok: float
    price: float


@dataclass(frozen=True)
class Binding:
    """What binds at a mix.

    Attributes
    ----------
    budget : bool
        Whether the budget is spent and more of it would raise the probability.
    per_mnok : float
        Price of the budget: probability gained by one more MNOK.
    saved_per_mnok : float
        Probability lost by one MNOK less.
    levers : tuple of LeverState
        In the order of the search.
    limits : Mapping of str to float
        Probability gained by one more unit of each limit of the model.
    """

    budget: bool
    per_mnok: float
    saved_per_mnok: float
    levers: tuple[LeverState, ...]
    limits: dict[str, float]


def limits_of(model: Model) -> list[str]:
    """Return the limits that a model has as scalar constants."""
    found = [find(name, model.variables) for name in LIMITS]
    return [name for name in found if name is not None
            and model.variables[name].kind == "constant" and not model.variables[name].dims]  # fmt: skip


def binding(climber: Climber, model: Scaled, mix: Mix, budget: float, limits: list[str]) -> Binding:
    """Find what binds at a mix.

    Parameters
    ----------
    climber : Climber
        Where the mix comes from.
    model : Scaled
        The kernel, whose names hold `limits`.
    mix : Mix
        The best mix for `budget`.
    budget : float
        Discounted MNOK; infinite for none.
    limits : list of str
        Limits of the model, from `limits_of`.
    """
    every = model.every_slope(mix.at)
    span = model.space.high - model.space.low
    count = len(span)
    of_cost = every.of_cost[:, :count].mean(axis=0)
    tangent = Tangent(
        mix.at, every.highest, float(every.cost.mean()), every.of_highest[:, :count] * span, of_cost * span
    )
    z = (every.highest - climber.target) / climber.width
    density = np.exp(-0.5 * z**2) / (np.sqrt(2.0 * np.pi) * climber.width) / len(z)
    slope = density @ every.of_highest
    spent = np.isfinite(budget) and tangent.cost > 0.99 * budget
    more, less = _prices(tangent, climber) if spent else (0.0, 0.0)
    values = model.space.values(mix.at)
    states = []
    for i, lever in enumerate(model.space.levers):
        place: Place = "high" if mix.at[i] > 1.0 - _EDGE else "low" if mix.at[i] < _EDGE else "inside"
        net = slope[i] - more * of_cost[i]
        price = max(net, 0.0) if place == "high" else min(net, 0.0) if place == "low" else 0.0
        cost = float(of_cost[i] * (values[i] - model.space.default[i]))
        per_mnok = float(slope[i] / of_cost[i]) if of_cost[i] > 0 else np.nan
        states.append(LeverState(lever, float(values[i]), cost, place, float(slope[i]), per_mnok, float(price)))
    worth = _limits(model, mix, density, limits) if limits else {}
    return Binding(bool(spent and more > 0), more, less, tuple(states), worth)


def _limits(model: Scaled, mix: Mix, density: Floats, limits: list[str]) -> dict[str, float]:
    """Return what one more unit of each limit brings.

    A lever that just meets a limit stands on a kink, where the slope of the limit is that of either side: levers in use
    are pushed up a little, so that the side is seen on which the limit holds.
    """
    pushed = np.where(mix.at > _EDGE, np.minimum(mix.at + _NUDGE, 1.0), mix.at)
    of_limits = density @ model.every_slope(pushed).of_highest
    return {name: float(of_limits[model.kernel.names.index(key(name))]) for name in limits}


def _prices(tangent: Tangent, climber: Climber) -> tuple[float, float]:
    """Return the probability that one MNOK more buys, and that one less loses, on the tangent."""
    move = max(_SHARE * tangent.cost, 1.0)
    found = [
        solve(tangent, climber.target, climber.width, tangent.cost + sign * move, [tangent.at, climber.nothing])[1]
        for sign in (-1.0, 0.0, 1.0)
    ]
    return max((found[2] - found[1]) / move, 0.0), max((found[1] - found[0]) / move, 0.0)
