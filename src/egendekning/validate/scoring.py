"""Scores of a study's draws against figures: row by row, series by series, and in all.

The predictive distribution of a figure is what the draws say of it plus its error of measurement. Each series is
compared with what anybody could have said from figures up to the cut-off of `series.yaml`: the last value, a straight
line, and an official projection where there is one. The module refuses to read files and to print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from egendekning.ensemble import Bound, Design
from egendekning.study import BASELINE
from egendekning.validate import benchmarks, scores
from egendekning.validate.observed import Figure, LeftOut, Observed
from egendekning.validate.predict import predictions
from egendekning.validate.series import SeriesMap

Floats = NDArray[np.float64]
History = Mapping[str, Sequence[tuple[float, float]]]

RULES: Final = ("last value", "linear trend", "projection")
"""Benchmarks."""

BANDS: Final = (0.8, 0.95)
"""Shares of the predictive intervals."""

_PERFECT: Final = 0.01
"""Ratio of scores from which a series counts as perfect beside the others."""


@dataclass(frozen=True)
class Row:
    """The score of one figure, in the unit of its series.

    Attributes
    ----------
    figure : Figure
        What was observed.
    seen : bool
        Whether it lies before the cut-off, where the model was fitted.
    median : float
        Of the predictive distribution; `error` is it less the figure.
    bands : tuple of (float, float)
        The intervals of `BANDS`.
    crps : float
        Continuous ranked probability score.
    rules : Mapping[str, float or None]
        What each benchmark says; None where it says nothing.
    """

    figure: Figure
    seen: bool
    median: float
    bands: tuple[tuple[float, float], ...]
    crps: float
    rules: Mapping[str, float | None]

    @property
    def error(self) -> float:
        """Median less figure."""
        return self.median - self.figure.value

    @property
    def percent(self) -> float:
        """Error in percent of the figure; NaN for a figure of zero."""
        return 100.0 * self.error / abs(self.figure.value) if self.figure.value else float("nan")

    def inside(self, band: int) -> bool:
        """Return whether the figure lies in an interval of `BANDS`, its ends included."""
        low, high = self.bands[band]
        return low <= self.figure.value <= high


@dataclass(frozen=True)
class Summary:
    """Scores over several figures of one unit, or of all."""

    name: str
    unit: str
    rows: int
    bias: float
    mae: float
    mape: float
    crps: float
    coverage: tuple[float, ...]
    skill_crps: Mapping[str, float]
    skill_mae: Mapping[str, float]
    compared: Mapping[str, int]


@dataclass(frozen=True)
class Scores:
    """Everything that is said of a table of figures."""

    rows: tuple[Row, ...]
    left_out: tuple[LeftOut, ...]
    series: tuple[Summary, ...]
    overall: tuple[Summary, ...]
    draws: int
    provenance: Mapping[str, Any]


def score(
    bound: Bound,
    observed: Observed,
    known: SeriesMap,
    history: History,
    drawn: Design,
    *,
    scenario: str = BASELINE,
    progress: Callable[[int, int], None] | None = None,
) -> Scores:
    """Score the draws of a study.

    Parameters
    ----------
    bound : Bound
        Study and model.
    observed : Observed
        Figures within the years of the model.
    known : SeriesMap
        What series mean.
    history : mapping
        Time and value of the study's own figures, by series.
    drawn : Design
        The draws; draw 0 takes no part.
    scenario : str
        Which scenario they are run in.
    progress : callable, optional
        Called with draws done and draws in all.
    """
    figures = observed.figures
    said = np.empty((drawn.draws + 1, 0))
    if figures:
        said = predictions(bound, figures, drawn, scenario, progress=progress)
    rows = rows_of(figures, said[1:], known, history, drawn.seed)
    provenance = {
        "model_hash": bound.model.hash,
        "study_hash": bound.study.hash,
        "seed": drawn.seed,
        "scenario": scenario,
        "source_of_draws": drawn.source,
    }
    return Scores(rows, observed.left_out, by_series(rows), in_all(rows), drawn.draws, provenance)


def rows_of(figures: Sequence[Figure], said: Floats, known: SeriesMap, history: History, seed: int) -> tuple[Row, ...]:
    """Return the score of each figure.

    Parameters
    ----------
    figures : sequence of Figure
        What was observed.
    said : ndarray
        (draw, figure), what the draws say, without errors of measurement.
    known, history : SeriesMap, mapping
        As in `score`.
    seed : int
        Where the random stream of the errors begins.
    """
    found = []
    for i, figure in enumerate(figures):
        draws = with_error(said[:, i], figure, seed, known.file.cut_off)
        value = np.array([figure.value])
        bands = tuple((float(a[0]), float(b[0])) for a, b in (scores.interval(draws[:, None], s) for s in BANDS))
        found.append(Row(
            figure, figure.time <= known.file.cut_off, float(np.median(draws)), bands,
            float(scores.crps(draws[:, None], value)[0]), _rules(figure, known, history),
        ))  # fmt: skip
    return tuple(found)


def with_error(draws: Floats, figure: Figure, seed: int, cut_off: float = np.inf) -> Floats:
    """Return draws of a figure with its normal error of measurement added, (draw).

    The error is an even spread of normal quantiles in random order, one order a figure: the same seed gives the same
    numbers, and the spread of the errors does not vary by chance. Some errors grow from the cut-off on.
    """
    size = figure.counterpart.error.size(float(np.median(draws)), figure.time - cut_off)
    if size == 0.0:
        return draws
    count = len(draws)
    normal = NormalDist()
    even = np.array([normal.inv_cdf((i + 0.5) / count) for i in range(count)])
    stream = crc32(f"{figure.counterpart.series} {figure.time:.6f}".encode())
    generator = np.random.default_rng(np.random.SeedSequence([seed, stream]))
    return np.asarray(draws + size * generator.permutation(even))


def _rules(figure: Figure, known: SeriesMap, history: History) -> dict[str, float | None]:
    """Return what each benchmark says of a figure; a figure before the cut-off is not told of itself."""
    item, file = figure.counterpart, known.file
    past = history.get(item.series, ())
    cut_off = min(file.cut_off, figure.time - 1e-6)
    trend = benchmarks.linear_trend(past, cut_off, file.trend_since, figure.time) if item.trend else None
    official = benchmarks.projection(item.projection, figure.time) if item.projection else None
    if item.projection and figure.time <= item.projection[0][0]:
        official = None  # the projection starts from this figure
    return dict(zip(RULES, (benchmarks.last_value(past, cut_off), trend, official), strict=True))


def by_series(rows: Sequence[Row]) -> tuple[Summary, ...]:
    """Return the scores of each series, in order of appearance."""
    names = dict.fromkeys(row.figure.counterpart.series for row in rows)
    return tuple(summary(name, [r for r in rows if r.figure.counterpart.series == name]) for name in names)


def in_all(rows: Sequence[Row]) -> tuple[Summary, ...]:
    """Return the scores of all figures, of those after the cut-off and of those before it.

    Units differ, so that every error is first divided by the size of its figure. Skill is that of the geometric mean
    over series of the ratio of scores: a result near zero, whose error in percent is huge, counts no more than another
    series.
    """
    parts = {"all figures": list(rows), "after the cut-off": [r for r in rows if not r.seen],
             "before the cut-off": [r for r in rows if r.seen]}  # fmt: skip
    found = []
    for name, part in parts.items():
        if part:
            each = by_series(part)
            crps, mae = _typical([s.skill_crps for s in each]), _typical([s.skill_mae for s in each])
            found.append(replace(summary(name, part, relative=True), skill_crps=crps, skill_mae=mae))
    return tuple(found)


def _typical(skills: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the skill of the geometric mean ratio over series, by rule; NaN where no series has one."""
    found = {}
    for rule in RULES:
        ratios = np.array([1.0 - skill[rule] for skill in skills])
        logs = np.log(np.maximum(ratios[np.isfinite(ratios)], _PERFECT))
        found[rule] = 1.0 - float(np.exp(_mean(logs)))
    return found


def summary(name: str, rows: Sequence[Row], *, relative: bool = False) -> Summary:
    """Return the scores over some figures.

    Parameters
    ----------
    name : str
        What they are.
    rows : sequence of Row
        At least one.
    relative : bool
        Divide each error by its figure and give percent; figures of zero are left out then.
    """
    used = [r for r in rows if r.figure.value] if relative else list(rows)
    scale = np.array([100.0 / abs(r.figure.value) if relative else 1.0 for r in used])
    errors = scale * np.array([r.error for r in used])
    crps = scale * np.array([r.crps for r in used])
    skills = {rule: _skills(rule, used, errors, crps, scale) for rule in RULES}
    percents = np.array([abs(r.percent) for r in used])
    return Summary(
        name=name,
        unit="%" if relative else rows[0].figure.counterpart.unit,
        rows=len(rows),
        bias=_mean(errors),
        mae=_mean(np.abs(errors)),
        mape=_mean(percents),
        crps=_mean(crps),
        coverage=tuple(float(np.mean([r.inside(b) for r in rows])) for b in range(len(BANDS))),
        skill_crps={rule: found[0] for rule, found in skills.items()},
        skill_mae={rule: found[1] for rule, found in skills.items()},
        compared={rule: found[2] for rule, found in skills.items()},
    )


def _skills(rule: str, rows: Sequence[Row], errors: Floats, crps: Floats, scale: Floats) -> tuple[float, float, int]:
    """Return the skill of CRPS and of the median against a rule, and how many figures the rule speaks of."""
    said = [(i, value) for i, row in enumerate(rows) if (value := row.rules[rule]) is not None]
    at = [i for i, _ in said]
    gaps = _mean(np.array([scale[i] * abs(value - rows[i].figure.value) for i, value in said]))
    return scores.skill(_mean(crps[at]), gaps), scores.skill(_mean(np.abs(errors[at])), gaps), len(at)


def _mean(values: Floats) -> float:
    """Return the mean, NaN of nothing."""
    return float(values.mean()) if len(values) else float("nan")


__all__ = [
    "BANDS",
    "RULES",
    "Row",
    "Scores",
    "Summary",
    "by_series",
    "in_all",
    "rows_of",
    "score",
    "summary",
    "with_error",
]
