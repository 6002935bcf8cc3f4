"""The main job: scenarios beside the baseline, summed up.

The module refuses to write files and to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import xarray as xr

from egendekning.dims import SCENARIO
from egendekning.ensemble.accounting import between_dates, from_baseline
from egendekning.ensemble.bind import Bound, bind
from egendekning.ensemble.measures import OUTPUTS, TARGET
from egendekning.ensemble.run import Progress, run_scenarios
from egendekning.ensemble.summary import MEASURE, STATISTIC, VALUE, summarise
from egendekning.errors import Problem, StudyError, UsageError
from egendekning.names import nearest
from egendekning.study import BASELINE, Study

FIRST: Final = 2019.875
"""Fourth quarter of 2019: the last register figure before the pandemic, where the accounting of change begins."""

LAST: Final = 2040.875
"""Fourth quarter of 2040: where it ends."""


@dataclass(frozen=True)
class Comparison:
    """Scenarios over common draws, and their summary.

    Attributes
    ----------
    dataset : xarray.Dataset
        Dims (scenario, draw, time, \\*subscripts); the baseline first, draw 0 the reference.
    summary : xarray.Dataset
        ``value`` (scenario, measure, statistic).
    baseline : str
        Id of the scenario that the others are compared with.
    """

    dataset: xr.Dataset
    summary: xr.Dataset
    baseline: str = BASELINE

    @property
    def scenarios(self) -> list[str]:
        """Ids, the baseline first."""
        return [str(name) for name in self.dataset[SCENARIO].values]

    def title(self, scenario: str, lang: str = "nb") -> str:
        """Return the title of a scenario in a language, ``nb`` or ``en``."""
        return str(self.dataset[f"title_{lang}"].sel({SCENARIO: scenario}).item())

    def value(self, scenario: str, measure: str, statistic: str = "p50") -> float:
        """Return one number of the summary; an unknown measure is a UsageError with the nearest."""
        known = [str(name) for name in self.summary[MEASURE].values]
        if measure not in known:
            raise UsageError(
                Problem("measure", f"unknown measure {measure!r}", "one of the summary", nearest(measure, known))
            )
        return float(self.summary[VALUE].sel({SCENARIO: scenario, MEASURE: measure, STATISTIC: statistic}))

    @cached_property
    def decomposition(self) -> xr.DataArray:
        """Contributions to the change in egendekning from Q4 2019 to Q4 2040: (scenario, draw, part), share of one."""
        return between_dates(self.dataset, FIRST, LAST)

    @cached_property
    def from_baseline(self) -> xr.DataArray:
        """Contributions to the difference to the baseline in Q4 2040: (scenario, draw, part), share of one."""
        return from_baseline(self.dataset, LAST, self.baseline)


def compare(
    study: Study | Bound,
    scenarios: Sequence[str] | None = None,
    draws: int = 500,
    seed: int = 1,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Comparison:
    """Run scenarios beside the baseline and sum them up.

    Parameters
    ----------
    study : Study or Bound
        A study, or one already bound to its model.
    scenarios : sequence of str, optional
        Ids; all of the study if left out or empty. The baseline is always run.
    draws, seed : int
        Number of sampled draws, at least 1, and their seed.
    progress : callable, optional
        Called as scenarios are done.
    threads : int, optional
        Scenarios that run at the same time.

    Returns
    -------
    Comparison
        The runs and their summary.

    Raises
    ------
    UsageError, StudyError
        For bad numbers, unknown scenarios (all of them) and a model without egendekning.
    """
    if draws < 1:
        raise UsageError(Problem("draws", f"{draws}", "a number of draws, at least 1", fix="give for example 500"))
    bound = study if isinstance(study, Bound) else bind(study)
    chosen = selected(bound.study, scenarios)
    outputs = [name for name in OUTPUTS if name in bound.model.variables]
    if TARGET not in outputs:
        where = str(bound.study.model_file)
        raise StudyError(Problem(where, f"no variable {TARGET!r}", "the ratio of jobs to employed residents"))
    dataset = run_scenarios(bound, chosen, draws, seed, outputs, progress=progress, threads=threads)
    return Comparison(dataset, summarise(dataset, BASELINE), BASELINE)


def selected(study: Study, scenarios: Sequence[str] | None) -> list[str]:
    """Return the scenarios to run in the study's order, the baseline first.

    Raises
    ------
    StudyError
        With one problem for each unknown id.
    """
    expected = "a scenario of the study (see 'egendekning scenarios')"
    problems = [
        Problem("scenario", f"unknown scenario {name!r}", expected, nearest(name, study.scenarios))
        for name in scenarios or ()
        if name not in study.scenarios
    ]
    if problems:
        raise StudyError(problems)
    return [name for name in study.scenarios if not scenarios or name in scenarios or name == BASELINE]
