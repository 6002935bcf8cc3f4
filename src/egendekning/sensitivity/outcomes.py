"""What a sweep keeps of each run: a few named numbers or yearly series, each with a unit and a label.

An outcome is written as a word. In a study, whose time is the calendar:

- ``variable@2040``: as in `egendekning compare`, the fourth quarter (2040.875), or the mean of the year for flows;
- ``variable@2040.5``: at that time exactly; ``variable@all``: one value a year;
- ``variable[element]@...``: one element; without it, one outcome for each;
- ``year of balance``: when egendekning reaches 100 percent, NaN where it does not before the horizon;
- ``probability@2040``: 1 where it does so by the end of that year, otherwise 0: the mean over runs is the probability;
- ``fiscal effect``: see `egendekning.sensitivity.reading`;
- ``resilience depth``, ``resilience recovery``, ``resilience lost``: what the standard shock does, against the same run
  without it.

For a model alone, ``variable@TIME`` is exact, ``variable@all`` is every saved time, and ``variable`` its end. The
module refuses to run anything: `egendekning.sensitivity.reading` computes these from runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from egendekning.engine import Model
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.run import QUARTER
from egendekning.errors import Problem, UsageError

Reading = Literal["at", "year mean", "series", "first", "reached", "fiscal", "resilience"]

FOURTH: Final = 1.0 - QUARTER / 2.0
"""The middle of the fourth quarter, in years after the turn of the year."""

YEAR_OF_BALANCE: Final = "year of balance"
PROBABILITY: Final = "probability"
FISCAL: Final = "fiscal effect"
RESILIENCE: Final = {"resilience depth": "depth", "resilience recovery": "recovery time", "resilience lost": "lost"}
"""Outcome by word, and what `egendekning.ensemble.resilience` calls it."""

ROOM: Final = ("net operating result", "total service cost", "service level", "policy debt")
"""What the fiscal effect reads."""

SHOCKED: Final = "jobs"
"""What the standard shock is measured on."""

SHOCK: Final = "standard_shock"
"""The driver of a study that makes the standard shock."""


SHOCK_SIZE: Final = 0.1
"""Share of private positions that the standard shock closes, as in `egendekning resilience`."""

SHOCK_START: Final = 2030.0
"""Year in which the standard shock begins, as in `egendekning resilience`."""

_UNTIL: Final = 2040.0
"""The plan's horizon: the last year of the measures of `egendekning compare`."""


@dataclass(frozen=True)
class Outcome:
    """One thing kept of each run.

    Attributes
    ----------
    id : str
        The word that asks for it, one element at a time.
    reading : str
        How it is read from a run, see `Reading`.
    variables : tuple of str
        What is read, in the model's spelling.
    elements : tuple of str
        The element read, empty where there is no subscript.
    times : tuple of float
        Times read: of ``at`` and ``series``; the four quarters of each year for means.
    unit, label_nb, label_en : str
        For people.
    """

    id: str
    reading: Reading
    variables: tuple[str, ...]
    times: tuple[float, ...]
    elements: tuple[str, ...] = ()
    unit: str = ""
    label_nb: str = ""
    label_en: str = ""

    @property
    def series(self) -> bool:
        """Whether it has a time axis."""
        return self.reading == "series"

    @property
    def may_lack(self) -> bool:
        """Whether a run may have none, as the year of something that does not come; it is NaN then."""
        return self.reading == "first" or RESILIENCE.get(self.id) == "recovery time"


@dataclass(frozen=True)
class Horizon:
    """Which times a sweep can read.

    Attributes
    ----------
    calendar : bool
        Whether a whole number means a year, read by quarters.
    initial, final, step, saveper : float
        The model's grid.
    until : float
        Last year (calendar) or time that outcomes without a date of their own look at.
    """

    calendar: bool
    initial: float
    final: float
    step: float
    saveper: float
    until: float

    def year(self, year: int) -> tuple[float, ...]:
        """Return the middles of a year's quarters."""
        return tuple(year + QUARTER * (i + 0.5) for i in range(4))

    def quarters(self, since: float) -> tuple[float, ...]:
        """Return the middles of all quarters from a year on."""
        return tuple(t for y in range(int(since), int(self.until) + 1) for t in self.year(y))

    def series(self) -> tuple[float, ...]:
        """Return the times of a series: each fourth quarter, or each saved time."""
        if self.calendar:
            return tuple(y + FOURTH for y in range(int(np.ceil(self.initial)), int(self.until) + 1))
        count = int(np.floor((self.until - self.initial) / self.saveper + 1e-9))
        return tuple(self.initial + i * self.saveper for i in range(count + 1))


def horizon(subject: Bound | Model, until: float | None) -> Horizon:
    """Return the times that a sweep of a study or a model can read.

    Parameters
    ----------
    subject : Bound or Model
        A study's time is the calendar where its step meets the quarters.
    until : float, optional
        2040, or the last whole year before the end, for a study; the model's end for a model alone.

    Raises
    ------
    UsageError
        Where `until` is outside the model's time.
    """
    model = subject.model if isinstance(subject, Bound) else subject
    grid = model.time
    whole = abs(QUARTER / 2.0 / grid.step - round(QUARTER / 2.0 / grid.step)) < 1e-9
    calendar = isinstance(subject, Bound) and whole and grid.final - grid.initial >= 1.0
    last = np.floor(grid.final - FOURTH) if calendar else grid.final
    chosen = (min(_UNTIL, last) if calendar else last) if until is None else float(until)
    if not grid.initial <= chosen <= last:
        expected, fix = f"{grid.initial:g} to {last:g}", f"--until {last:g}, or leave it out"
        raise UsageError(Problem(f"--until {chosen:g}", "outside the model's time", expected, fix=fix))
    return Horizon(calendar, grid.initial, grid.final, grid.step, grid.saveper, float(chosen))
