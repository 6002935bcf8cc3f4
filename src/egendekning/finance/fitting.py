"""Meeting the department's account: constants are scaled or moved until the model gives it in the base year.

Two runs are fitted, each by itself: that of the model file, and the mean of the draws, which is the figure that tables
show. All draws get the same scale, so that their spread stays. The module refuses figures far from the model's, which
are most often in another unit, and to leave a line nearly met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.dims import DRAW, SCENARIO
from egendekning.ensemble import Bound, Design
from egendekning.ensemble.design import model_value
from egendekning.errors import Problem, SimulationError, UsageError
from egendekning.finance.annual import YEAR, yearly
from egendekning.finance.lines import BY_ID
from egendekning.finance.plan import added_up, plan_leaves
from egendekning.study import BASELINE

CLOSE: Final = 1e-6
"""MNOK: an account line is met when the model is this near, a krone."""

SHOWN: Final = 0.0005
"""MNOK: a figure this near the model's is the model's own, as the template shows it, and asks for no change."""

_ROUNDS: Final = 40
_FAR: Final = 2.5
_SMALL_FAR: Final = 10.0
"""An account line that differs from the model by more than this factor is refused; the second is for small lines."""

_SMALL: Final = 0.01
_MOVED: Final = 0.05
"""Shares of the operating income: what a small line may differ by, and how far a line may be moved."""

_TOGETHER: Final = "lines that can hold together"
_MNOK: Final = 1e6

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """A figure and where it stands.

    Attributes
    ----------
    value : float
        The figure.
    where : str
        File and cell.
    """

    value: float
    where: str


@dataclass(frozen=True)
class Fit:
    """What is done to constants so that the account is met.

    Attributes
    ----------
    lines : tuple of str
        Lines of the account that are met by it.
    by_run : ndarray
        (run, line), a scale, or what is added where the line is moved; the run of the model file, then the draws.
    told : Mapping[str, tuple[float, float]]
        By line: the figure that tables show before and after, MNOK in the prices of the account year.
    """

    lines: tuple[str, ...] = ()
    by_run: Floats = field(default_factory=lambda: np.zeros((1, 0)))
    told: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def factors(self, run: int) -> dict[str, tuple[float, float]]:
        """Return by constant what it is multiplied with and what is added, in the run of the model file or the draws.

        Parameters
        ----------
        run : int
            0 for the run of the model file, 1 for the draws.
        """
        found = {}
        for name, amount in zip(self.lines, self.by_run[min(run, len(self.by_run) - 1)], strict=True):
            line = BY_ID[name]
            for constant in line.constants:
                found[constant] = (1.0, float(amount)) if line.shift else (float(amount), 0.0)
        return found

    def applied(self, bound: Bound, drawn: Design) -> Design:
        """Return the draws, that of the model file first, with the constants scaled and moved."""
        parameters = dict(drawn.parameters)
        first, others = self.factors(0), self.factors(1)
        for name in first:
            spelled = bound.name(name)
            if spelled not in parameters:
                value, dims = model_value(bound, spelled)
                parameters[spelled] = xr.DataArray(value, dims=dims)
            scale, shift = (
                xr.DataArray(np.r_[first[name][i], np.full(drawn.draws, others[name][i])], dims=DRAW) for i in (0, 1)
            )
            parameters[spelled] = parameters[spelled] * scale + shift
        return replace(drawn, parameters=parameters)


def fit(bound: Bound, drawn: Design, year: int, account: Mapping[str, Cell], level: float) -> Fit:
    """Fit the run of the model file and the mean of the draws to an account.

    Parameters
    ----------
    bound : Bound
        Study and model.
    drawn : Design
        The draws.
    year : int
        Account year.
    account : mapping
        MNOK in the prices of the year, by line of the plan.
    level : float
        Price level of the year, 2020 = 1.

    Raises
    ------
    UsageError
        For lines far from the model, and where the account cannot be met.
    """
    names = tuple(account)
    nothing = np.array([0.0 if BY_ID[name].shift else 1.0 for name in names])
    unchanged = Fit(names, nothing[None])
    before = _by_run(lines_of(bound, unchanged.applied(bound, drawn), year))
    first = {name: float(values[0]) for name, values in before.items()}
    _check_near(account, first, level)
    now = np.stack([before[name] for name in names], axis=1)
    given = np.array([account[name].value / level for name in names])
    goal = np.where(np.abs(given - now[0]) * level <= SHOWN, now, given)
    if np.array_equal(goal, now):  # the model's own figures
        return Fit(told={name: (float(v), float(v)) for name, v in zip(names, now[-1] * level, strict=True)})
    people = first["population_july"]
    slopes = [_MNOK / people if BY_ID[n].shift else 1.0 / first[n] if first[n] else 0.0 for n in names]
    solver = _Solver(bound, drawn, year, account, goal, level)
    scales, after = solver.solve(np.tile(nothing, (len(now), 1)), now, np.diag(slopes))
    told = np.stack([now[-1], after[-1]], axis=1) * level
    return Fit(names, scales, {name: (float(pair[0]), float(pair[1])) for name, pair in zip(names, told, strict=True)})


@dataclass(frozen=True)
class _Solver:
    """Broyden's method on the lines of both runs at once: the rates of change are learnt from the steps.

    Attributes
    ----------
    bound, drawn, year : Bound, Design, int
        The model, its draws and the account year.
    account : Mapping[str, Cell]
        The account.
    goal : ndarray
        (run, line), what lines shall be, MNOK of 2020.
    level : float
        Price level of the account year.
    """

    bound: Bound
    drawn: Design
    year: int
    account: Mapping[str, Cell]
    goal: Floats
    level: float

    def solve(self, guess: Floats, now: Floats, inverse: Floats) -> tuple[Floats, Floats]:
        """Return scales and moves that meet the goal, and the lines that they give, both (run, line).

        Parameters
        ----------
        guess, now : ndarray
            (run, line), scales and moves to begin with, and the lines that they give.
        inverse : ndarray
            (line, line), scale or move by MNOK, were each line alone.
        """
        inverses = [inverse] * len(guess)
        for _ in range(_ROUNDS):
            gaps = self.goal - now
            if np.max(np.abs(gaps)) * self.level < CLOSE:
                return guess, now
            steps = [self._allowed(guess[i], inverses[i] @ gap) for i, gap in enumerate(gaps)]
            then = self._lines(guess + steps)
            inverses = [_learnt(inverses[i], step, then[i] - now[i]) for i, step in enumerate(steps)]
            guess, now = guess + steps, then
        name, left = max(zip(self.account, gaps[-1] * self.level, strict=True), key=lambda pair: abs(pair[1]))
        fix = "leave this line out, or check the lines that it depends on"
        found = f"{BY_ID[name].en}: {left:+.3f} MNOK is left after fitting"
        raise UsageError(Problem(self.account[name].where, found, _TOGETHER, fix=fix))

    def _allowed(self, guess: Floats, step: Floats) -> Floats:
        """Return a step that leaves no scale below nothing."""
        moved = np.array([BY_ID[name].shift for name in self.account])
        return np.where(moved, step, np.maximum(step, -guess))

    def _lines(self, guess: Floats) -> Floats:
        """Return the lines with constants scaled and moved so, (run, line), MNOK of 2020."""
        done = Fit(tuple(self.account), guess).applied(self.bound, self.drawn)
        try:
            found = _by_run(lines_of(self.bound, done, self.year))
        except SimulationError as error:
            cells = ", ".join(cell.where for cell in self.account.values())
            said, fix = error.problems[0].found, "leave out lines until it runs, and look at the last one"
            raise UsageError(Problem(cells, f"the model cannot run so: {said}", _TOGETHER, fix=fix)) from error
        return np.stack([found[name] for name in self.account], axis=1)


def _learnt(inverse: Floats, step: Floats, change: Floats) -> Floats:
    """Return what is known of the rates after a step and the change that it made: Broyden's good update."""
    learnt = inverse @ change
    length = float(step @ learnt)
    return inverse + np.outer(step - learnt, step @ inverse) / length if length else inverse


def _by_run(lines: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return lines of the run of the model file and, where there are draws, of their mean, (run)."""
    return {name: np.array([v[0], v[1:].mean()] if len(v) > 1 else [v[0]]) for name, v in lines.items()}


def _check_near(account: Mapping[str, Cell], model: Mapping[str, float], level: float) -> None:
    """Raise with every line that is too far from the model to be the same thing in the same unit."""
    problems = []
    income = model["operating_income"] * level
    for name, cell in account.items():
        line, there = BY_ID[name], model[name] * level
        low, high = sorted((there / _FAR, there * _FAR))
        if line.shift:
            low, high = there - _MOVED * income, there + _MOVED * income
        if not low <= cell.value <= high and (line.shift or not _small(cell.value, there, income)):
            expected = f"MNOK near the model's {there:,.1f} ({low:,.1f} to {high:,.1f})"
            fix = "give million kroner in the prices of the year, or leave the cell empty"
            problems.append(Problem(cell.where, f"{line.en}: {cell.value:,.10g}", expected, fix=fix))
    if problems:
        raise UsageError(problems)


def _small(given: float, there: float, income: float) -> bool:
    """Whether a line differs by little of the whole: none at all, or not another unit."""
    near = given == 0 or (there != 0 and 1 / _SMALL_FAR <= given / there <= _SMALL_FAR)
    return near and abs(given - there) <= _SMALL * income


def lines_of(bound: Bound, drawn: Design, year: int) -> dict[str, Floats]:
    """Return the lines of the baseline in a year, (draw), MNOK of 2020.

    Parameters
    ----------
    bound : Bound
        Study and model.
    drawn : Design
        The draws.
    year : int
        Calendar year.
    """
    years = list(range(int(bound.model.time.initial), year + 1))
    read = yearly(bound, [BASELINE], drawn, years, lambda run: {"plan": plan_leaves(run)})["plan"]
    flat = {name: array.isel({SCENARIO: 0}, drop=True) for name, array in read.items()}
    zero = xr.zeros_like(flat["own_tax"])
    whole = added_up({**flat, "fund_revaluation": zero, "debt_revaluation": zero}, 0.0)
    return {name: np.asarray(array.sel({YEAR: year}).values, dtype=float) for name, array in whole.items()}


__all__ = ["CLOSE", "SHOWN", "Cell", "Fit", "fit", "lines_of"]
