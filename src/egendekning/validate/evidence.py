"""Everything the validation report says, found out in one go from a study, a seed and the code.

The module refuses to write words and files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from egendekning.engine.units import UnitReport, check_units
from egendekning.ensemble import Bound, Design, design
from egendekning.validate import scores
from egendekning.validate.family import Member, members
from egendekning.validate.headline import Answer, answer
from egendekning.validate.knockouts import LoopResult, knock_outs
from egendekning.validate.learnt import Learnt, read_learnt
from egendekning.validate.leaveout import LeftOutTest, predict_unseen
from egendekning.validate.observed import Figure, LeftOut, Observed, history_of, read_observed
from egendekning.validate.plan import PlanFile, read_plan
from egendekning.validate.predict import predictions, years_of
from egendekning.validate.prior import prior_design
from egendekning.validate.scoring import Row, Scores, by_series, in_all, rows_of
from egendekning.validate.series import SeriesMap, read_series
from egendekning.validate.statements import check_statements
from egendekning.validate.theil import Theil, theil
from egendekning.validate.verdict import Verdict

Tell = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

TABLES: Final = ("observations.csv", "history.csv")
"""The study's own figures: what the run is compared with, and what simple rules know beside it."""

ALSO: Final = ("jobs", "employed residents", "total population", "net migration")
"""Variables whose bands the report draws beside the headline."""


MORE: Final = 8
"""Prior draws for prediction, relative to the others: most of them get no weight."""


@dataclass(frozen=True)
class Fit:
    """How a series is met: medians of the draws against the figures."""

    series: str
    unit: str
    rows: int
    mape: float
    rmspe: float
    theil: Theil | None
    coverage: tuple[float, ...]


@dataclass(frozen=True)
class Evidence:
    """The findings behind the report; names are those of the modules that find them."""

    bound: Bound
    plan: PlanFile
    drawn: Design
    units: UnitReport
    verdicts: tuple[Verdict, ...]
    scores: Scores
    fits: tuple[Fit, ...]
    left_out: tuple[LeftOutTest, ...]
    loops: tuple[LoopResult, ...]
    family: tuple[Member, ...] | None
    learnt: Learnt
    answer: Answer
    history: Mapping[str, Sequence[tuple[float, float]]]


def gather(bound: Bound, draws: int, seed: int, examples: Sequence[Path], tell: Tell) -> Evidence:
    """Run everything.

    Parameters
    ----------
    bound : Bound
        Study and model.
    draws, seed : int
        Of the draws.
    examples : sequence of Path
        Folders of family members; none leaves them out.
    tell : callable
        Told what is being done.
    """
    plan, known, learnt = read_plan(bound), read_series(bound), read_learnt(bound)
    own = [path for name in TABLES if (path := bound.study.calibration.get(name)) is not None]
    observed, history = _observed(own, bound, known), history_of(own, known)
    tell("units", 0, 1)
    units = check_units(bound.model)
    verdicts = check_statements(bound, progress=lambda done, total: tell("statements", done, total))
    tell("loops", 0, 1)
    loops = knock_outs(bound, plan.knock_outs, plan.headline.variable)
    tell("other municipalities", 0, 1)
    family = members(bound, known, examples) if examples else None
    drawn = design(bound, draws, seed)
    said = predictions(bound, observed.figures, drawn, plan.headline.scenarios[0],
                       progress=lambda done, total: tell("figures to 2020", done, total))  # fmt: skip
    rows = rows_of(observed.figures, said[1:], known, history, seed)
    hashes = {"model_hash": bound.model.hash, "study_hash": bound.study.hash, "seed": seed}
    return Evidence(
        bound, plan, drawn, units, verdicts,
        Scores(rows, observed.left_out, by_series(rows), in_all(rows), draws, hashes),
        fits_of(rows),
        _leave_out(bound, plan, known, observed.figures, history, draws, seed, tell),
        loops, family, learnt,
        answer(bound, plan, drawn, [n for n in ALSO if n in bound.model.variables], known.file.cut_off - 0.125,
               lambda done, total, _: tell("scenarios", done, total)),
        history,
    )  # fmt: skip


def _observed(paths: Sequence[Path], bound: Bound, known: SeriesMap) -> Observed:
    """Return the figures of the study itself that lie within the years of the model, each once."""
    found: dict[tuple[str, float], Figure] = {}
    left: list[LeftOut] = []
    for path in paths:
        table = read_observed(path, known, years_of(bound), lenient=True)
        left += table.left_out
        for figure in table.figures:
            found.setdefault((figure.counterpart.series, round(figure.time, 6)), figure)
    return Observed(tuple(found.values()), tuple(left))


def fits_of(rows: Sequence[Row]) -> tuple[Fit, ...]:
    """Return the fit of each series."""
    found = []
    for item in by_series(rows):
        mine = [row for row in rows if row.figure.counterpart.series == item.name]
        said = np.array([row.median for row in mine])
        figures = np.array([row.figure.value for row in mine])
        found.append(Fit(item.name, item.unit, item.rows, item.mape, scores.rmspe(said, figures), theil(said, figures),
                         item.coverage))  # fmt: skip
    return tuple(found)


def _leave_out(
    bound: Bound,
    plan: PlanFile,
    known: SeriesMap,
    figures: Sequence[Figure],
    history: Mapping[str, Sequence[tuple[float, float]]],
    draws: int,
    seed: int,
    tell: Tell,
) -> tuple[LeftOutTest, ...]:
    """Predict the late figures from the prior and the early ones, from each origin."""
    used = [f for f in figures if f.counterpart.series in plan.leave_out.series]
    prior = prior_design(bound, MORE * draws, seed)
    said = predictions(bound, used, prior, plan.headline.scenarios[0],
                       progress=lambda done, total: tell("prediction of what was not seen", done, total))  # fmt: skip
    return tuple(
        predict_unseen(said[1:], used, origin, history, known.file.trend_since, plan.leave_out.fit, seed)
        for origin in plan.leave_out.origins
    )
