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
from egendekning.validate.scoring import BANDS, with_error

Floats = NDArray[np.float64]

LEAST: Final = 30
"""Effective draws below which a weighted prediction is not to be trusted."""


@dataclass(frozen=True)
class Prediction:
    """One figure that was not seen; all values in its unit, None where a rule says nothing.

    The bands are the predictive intervals of `BANDS`, with the error of the figure as a measurement.
    """

    figure: Figure
    origin: float
    median: float
    bands: tuple[tuple[float, float], ...]
    last: float | None
    trend: float | None

    @property
    def errors(self) -> tuple[float, float | None, float | None]:
        """Absolute errors of the model, the last value and the straight line."""
        value = self.figure.value
        last, trend = (None if rule is None else abs(rule - value) for rule in (self.last, self.trend))
        return abs(self.median - value), last, trend

    def inside(self, band: int) -> bool:
        """Return whether the figure lies in an interval of `BANDS`, its ends included."""
        low, high = self.bands[band]
        return low <= self.figure.value <= high


@dataclass(frozen=True)
class Rivals:
    """Mean absolute errors over the predictions of a series from all origins, in its unit.

    Attributes
    ----------
    series : str
        Which.
    count : int
        Number of predictions.
    model : float
        Error of the model over all of them.
    rules : tuple of (float, float) or None
        For the last value and the straight line: error of the model and of the rule over the figures that the rule
        speaks of; None where it speaks of none.
    """

    series: str
    count: int
    model: float
    rules: tuple[tuple[float, float] | None, ...]

    @property
    def better(self) -> bool:
        """Whether the model's error is smaller than that of every rule, where the rule speaks."""
        return all(model < rule for model, rule in (pair for pair in self.rules if pair is not None))


@dataclass(frozen=True)
class LeftOutTest:
    """All predictions from one origin.

    Attributes
    ----------
    origin : float
        Last date of figures that are used.
    predictions : tuple of Prediction
        Of the late figures.
    effective : float
        Number of draws that carry the weight; `draws` is that of all.
    used : tuple of Figure
        Early figures that weigh the draws; where there are none, the draws are the prior.
    """

    origin: float
    predictions: tuple[Prediction, ...]
    effective: float
    draws: int
    used: tuple[Figure, ...]


def rivals(tests: Sequence[LeftOutTest]) -> tuple[Rivals, ...]:
    """Return how the model and the rules did on each series, over all origins."""
    found: dict[str, list[Prediction]] = {}
    for prediction in (p for test in tests for p in test.predictions):
        found.setdefault(prediction.figure.counterpart.series, []).append(prediction)
    return tuple(
        Rivals(name, len(ps), float(np.mean([p.errors[0] for p in ps])), (_against(ps, 1), _against(ps, 2)))
        for name, ps in found.items()
    )


def _against(found: Sequence[Prediction], rule: int) -> tuple[float, float] | None:
    """Return the mean errors of the model and of a rule over the figures that the rule speaks of."""
    pairs = [(p.errors[0], error) for p in found if (error := p.errors[rule]) is not None]
    if not pairs:
        return None
    model, other = np.mean(pairs, axis=0)
    return float(model), float(other)


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
    origin: float,
    history: Mapping[str, Sequence[tuple[float, float]]],
    since: float,
    fit: Sequence[str],
    seed: int,
) -> LeftOutTest:
    """Weight the draws with the early figures and predict the late ones.

    Parameters
    ----------
    draws : ndarray
        (draw, figure), without errors of measurement.
    figures : sequence of Figure
        Early and late.
    origin : float
        Last date that is used.
    history : mapping
        Time and value by series, for the simple rules.
    since : float
        First date of the straight line.
    fit : sequence of str
        Series whose early figures weight the draws: no two that are sums of each other.
    seed : int
        Of the errors of measurement in the bands.
    """
    early = [i for i, f in enumerate(figures) if f.time <= origin and f.counterpart.series in fit]
    late = [i for i, f in enumerate(figures) if f.time > origin]
    weight = weights(draws[:, early], [figures[i] for i in early])
    effective = 1.0 / float((weight**2).sum())
    rows = np.searchsorted(np.cumsum(weight), (np.arange(len(draws)) + 0.5) / len(draws))
    chosen = draws[np.minimum(rows, len(draws) - 1)]
    found = []
    for i in late:
        figure = figures[i]
        said = with_error(chosen[:, i], figure, seed, origin)
        bands = tuple((float(a[0]), float(b[0])) for a, b in (scores.interval(said[:, None], s) for s in BANDS))
        past = history.get(figure.counterpart.series, ())
        found.append(Prediction(
            figure, origin, float(np.median(said)), bands, benchmarks.last_value(past, origin),
            benchmarks.linear_trend(past, origin, since, figure.time),
        ))  # fmt: skip
    return LeftOutTest(origin, tuple(found), effective, len(draws), tuple(figures[i] for i in early))
