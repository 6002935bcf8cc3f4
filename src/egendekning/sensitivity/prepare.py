"""From what a user asks to a sweep that can run; every mistake is found here, before anything is written.

The module refuses to run and to write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from egendekning.engine import Model
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.room import memory
from egendekning.errors import EgendekningError, Problem, UsageError
from egendekning.names import split
from egendekning.sensitivity.block import Runner
from egendekning.sensitivity.design import Sampling, run_count, sampling_problems
from egendekning.sensitivity.factor_words import resolve
from egendekning.sensitivity.factors import Factor, drawn_columns
from egendekning.sensitivity.outcome_words import parse_outcomes
from egendekning.sensitivity.outcomes import SHOCK, Horizon, Outcome, horizon
from egendekning.sensitivity.sweep import CHUNK, RATE, Sweep

T = TypeVar("T")

_COPIES: Final = 3.0
"""Arrays of the size of a design while it is made: SALib's own, its base sequence, and a column on its way."""

_SHARE: Final = 0.5
"""Share of the memory that making a design may take."""

_MOST_CHUNK: Final = 2**20


@dataclass
class _Attempts:
    """Collects the problems of several things that are tried."""

    problems: list[Problem] = field(default_factory=list)

    def __call__(self, action: Callable[[], T], otherwise: T) -> T:
        """Return what `action` returns, or `otherwise` where it fails."""
        try:
            return action()
        except EgendekningError as error:
            self.problems.extend(error.problems)
            return otherwise


def prepare(
    subject: Bound | Model,
    factors: Sequence[str],
    outcomes: Sequence[str],
    sampling: Sampling,
    *,
    scenario: str = "baseline",
    groups: Sequence[str] = (),
    until: float | None = None,
    rate: float = RATE,
    chunk: int = CHUNK,
) -> Runner:
    """Return a sweep, ready to run, or say everything that is wrong with it.

    Parameters
    ----------
    subject : Bound or Model
        A study with its model, or a model alone.
    factors, groups : sequence of str
        See `egendekning.sensitivity.factor_words.resolve`.
    outcomes : sequence of str
        See `egendekning.sensitivity.outcomes`; a choice for policy if empty.
    sampling : Sampling
        The design.
    scenario : str
        What the factors stand on; not used with a model alone.
    until : float, optional
        Horizon of outcomes without a date, see `egendekning.sensitivity.outcomes.horizon`.
    rate : float
        Discount rate, 1/year.
    chunk : int
        Runs in a block.

    Raises
    ------
    UsageError
        With every problem.
    """
    attempt = _Attempts()
    nothing: tuple[Factor, ...] = ()
    none: tuple[Outcome, ...] = ()
    chosen = attempt(lambda: resolve(subject, factors, groups), nothing)
    found = not attempt.problems
    span: Horizon | None = attempt(lambda: horizon(subject, until), None)
    kept = none if span is None else attempt(lambda: parse_outcomes(subject, outcomes, span), none)
    if isinstance(subject, Bound):
        attempt(lambda: _known(subject, scenario), "")
    attempt.problems += _option_problems(subject, sampling, rate, chunk)
    attempt.problems += sampling_problems(sampling, chosen if found else None)
    attempt.problems += _shock_problems(subject, chosen, kept)
    if attempt.problems or span is None:
        raise UsageError(attempt.problems)
    drawn = nothing
    if isinstance(subject, Bound) and sampling.method == "draws":
        drawn = drawn_columns(subject, {f.target for f in chosen})
    named = scenario if isinstance(subject, Bound) else ""
    sweep = Sweep(chosen, drawn, sampling, kept, span, named, chunk, rate)
    _check_memory(sweep)
    return Runner(subject, sweep)


def _known(bound: Bound, scenario: str) -> str:
    """Return the id of a scenario, or say that there is none, as an option."""
    try:
        return bound.study.scenario(scenario).id
    except EgendekningError as error:
        fix = "'egendekning scenarios' lists them"
        said = [Problem("--scenario", p.found, p.expected, p.nearest, p.fix or fix) for p in error.problems]
        raise UsageError(said) from error


def _option_problems(subject: Bound | Model, sampling: Sampling, rate: float, chunk: int) -> Iterator[Problem]:
    """Yield what is wrong with single options."""
    if not -1.0 < rate < 1.0:
        yield Problem("--discount-rate", f"{rate:g}", "a share a year, as 0.04", fix=f"--discount-rate {RATE:g}")
    if not 1 <= chunk <= _MOST_CHUNK:
        yield Problem("--chunk", f"{chunk}", f"1 to {_MOST_CHUNK} runs", fix=f"--chunk {CHUNK}")
    if sampling.method == "draws" and not isinstance(subject, Bound):
        found = "a model alone has no posterior"
        yield Problem("--method draws", found, "a study, or another method", fix="--method lhs")


def _shock_problems(
    subject: Bound | Model, factors: Sequence[Factor], outcomes: Sequence[Outcome]
) -> Iterator[Problem]:
    """Yield a problem for a factor that would undo the standard shock which an outcome asks for."""
    if not isinstance(subject, Bound) or not any(outcome.reading == "resilience" for outcome in outcomes):
        return
    shock = subject.study.drivers[SHOCK].constants
    taken = {subject.name(split(name)[0]) for name in (shock.target, shock.start) if name is not None}
    for factor in factors:
        if factor.target in taken:
            found = f"{factor.id} is varied, and resilience is measured by a standard shock of one size"
            fix = f"leave {factor.id} out; name the drivers that vary one by one"
            yield Problem("--factor", found, "factors beside the standard shock", fix=fix)


def _check_memory(sweep: Sweep) -> None:
    """Raise UsageError where the design alone would not fit in memory."""
    count = run_count(sweep.sampling, sweep.factors)
    needed, room = 8.0 * _COPIES * count * len(sweep.factors), _SHARE * memory()
    if needed > room:
        found = f"{count:.3g} runs of {len(sweep.factors)} factors need {needed / 2**30:.3g} GiB for the design alone"
        fix = "take fewer samples or factors, or several stores with seeds of their own"
        raise UsageError(Problem("--n", found, f"at most {room / 2**30:.3g} GiB", fix=fix))
