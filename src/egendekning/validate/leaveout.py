"""Prediction without having seen: prior draws weighted with early figures say what later ones will be.

Each draw's weight is the likelihood of the figures up to a date, with their errors of measurement (sequential
importance sampling); the weighted draws are then resampled evenly. The last value and a straight line know the same
figures. What the run takes from outside, as restrictions and national activity of 2020, it is told. The module refuses
to use a figure after the date, and says how many draws carry the weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from egendekning.validate import benchmarks, scores
from egendekning.validate.observed import Figure

Floats = NDArray[np.float64]

LEAST: Final = 30
"""Effective draws below which a weighted prediction is not to be trusted."""


@dataclass(frozen=True)
class Prediction:
    """One figure that was not seen; all values in its unit, None where a rule says nothing."""

    figure: Figure
    median: float
    low: float
    high: float
    last: float | None
    trend: float | None

    @property
    def errors(self) -> tuple[float, float | None, float | None]:
        """Absolute errors of the model, the last value and the straight line."""
        value = self.figure.value
        last, trend = (None if rule is None else abs(rule - value) for rule in (self.last, self.trend))
        return abs(self.median - value), last, trend

    @property
    def better(self) -> bool:
        """Whether the model's error is smaller than that of every rule."""
        model, *rules = self.errors
        return all(model < rule for rule in rules if rule is not None)


@dataclass(frozen=True)
class LeftOutTest:
    """All predictions, and the effective number of draws behind them.

    Attributes
    ----------
    predictions : tuple of Prediction
        Of the late figures.
    effective : float
        Number of draws that carry the weight; `draws` is that of all.
    used : tuple of Figure
        Early figures that weigh the draws.
    prior_inside : tuple of float
        Share of all these figures in the central 80 and 95 % of the draws before any figure is used: a prior predictive
        check.
    """

    predictions: tuple[Prediction, ...]
    effective: float
    draws: int
    used: tuple[Figure, ...]
    prior_inside: tuple[float, float]


def weights(draws: Floats, figures: Sequence[Figure]) -> Floats:
    """Return the weight of each draw, (draw), summing to one.

    Parameters
    ----------
    draws : ndarray
        (draw, figure), what each draw says of the figures that are known.
    figures : sequence of Figure
        With their errors.
    """
    log = np.zeros(len(draws))
    for i, figure in enumerate(figures):
        size = figure.counterpart.error.size(figure.value)
        if size > 0:
            log -= 0.5 * ((draws[:, i] - figure.value) / size) ** 2
    raw = np.exp(log - log.max())
    return np.asarray(raw / raw.sum())


def predict_unseen(
    draws: Floats,
    figures: Sequence[Figure],
    known_to: float,
    history: Mapping[str, Sequence[tuple[float, float]]],
    since: float,
    fit: Sequence[str],
) -> LeftOutTest:
    """Weight the draws with the early figures and predict the late ones.

    Parameters
    ----------
    draws : ndarray
        (draw, figure), without errors of measurement.
    figures : sequence of Figure
        Early and late.
    known_to : float
        Last date that is used.
    history : mapping
        Time and value by series, for the simple rules.
    since : float
        First date of the straight line.
    fit : sequence of str
        Series whose early figures weight the draws: no two that are sums of each other.
    """
    early = [i for i, f in enumerate(figures) if f.time <= known_to and f.counterpart.series in fit]
    late = [i for i, f in enumerate(figures) if f.time > known_to]
    weight = weights(draws[:, early], [figures[i] for i in early])
    effective = 1.0 / float((weight**2).sum())
    rows = np.searchsorted(np.cumsum(weight), (np.arange(len(draws)) + 0.5) / len(draws))
    chosen = draws[np.minimum(rows, len(draws) - 1)]
    found = []
    for i in late:
        figure = figures[i]
        low, median, high = np.quantile(chosen[:, i], [0.1, 0.5, 0.9])
        past = history.get(figure.counterpart.series, ())
        found.append(Prediction(
            figure, float(median), float(low), float(high), benchmarks.last_value(past, known_to),
            benchmarks.linear_trend(past, known_to, since, figure.time),
        ))  # fmt: skip
    return LeftOutTest(
        tuple(found), effective, len(draws), tuple(figures[i] for i in early), _inside(draws, figures, [*early, *late])
    )


def _inside(draws: Floats, figures: Sequence[Figure], at: Sequence[int]) -> tuple[float, float]:
    """Return the share of some figures in the central 80 and 95 % of draws of them, errors of measurement apart."""
    values = np.array([figures[i].value for i in at])
    narrow, wide = (float(scores.inside(draws[:, at], values, share).mean()) for share in (0.8, 0.95))
    return narrow, wide
