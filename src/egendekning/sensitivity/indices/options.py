"""What can be asked of a method of index, in one place; every method takes what concerns it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from egendekning.errors import Problem, UsageError

_LEAST_RESAMPLES = 10


@dataclass(frozen=True)
class Options:
    """How indices are computed.

    Parameters
    ----------
    resamples : int
        Bootstrap resamples, at least 10.
    level : float
        Of the intervals, between 0 and 1.
    seed : int
        Of the resamples; not negative.
    threshold : float, optional
        What parts the runs in two in regional sensitivity, in the unit of the outcome; the median if left out.
    groups : Mapping[str, str], optional
        Group by factor, for Shapley effects.
    """

    resamples: int = 200
    level: float = 0.95
    seed: int = 1
    threshold: float | None = None
    groups: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense, all at once."""
        problems = []
        if self.resamples < _LEAST_RESAMPLES:
            expected = f"a whole number, at least {_LEAST_RESAMPLES}"
            problems.append(Problem("resamples", f"{self.resamples}", expected, fix="leave it out for 200"))
        if not 0.0 < self.level < 1.0:
            problems.append(Problem("level", f"{self.level:g}", "a share between 0 and 1", fix="give for example 0.95"))
        if self.seed < 0:
            problems.append(Problem("seed", f"{self.seed}", "a whole number, at least 0", fix="give for example 1"))
        if problems:
            raise UsageError(problems)
