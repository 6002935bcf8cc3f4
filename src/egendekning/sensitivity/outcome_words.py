"""From the words of a user to outcomes, with every mistake in them; see `egendekning.sensitivity.outcomes`.

The module refuses to run anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final

import numpy as np

from egendekning.engine import Model
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.describe import label_of
from egendekning.ensemble.measures import ELEMENTS, FLOWS, NOT_BEFORE, TARGET
from egendekning.errors import EgendekningError, Problem, UsageError
from egendekning.names import find, nearest, split
from egendekning.sensitivity.outcomes import (
    FISCAL,
    FOURTH,
    PROBABILITY,
    RESILIENCE,
    ROOM,
    SHOCK,
    SHOCKED,
    YEAR_OF_BALANCE,
    Horizon,
    Outcome,
    Reading,
)

POLICY: Final = (
    "egendekning@2030", "egendekning@2035", "egendekning@2040", YEAR_OF_BALANCE, "probability@2030", "probability@2035",
    "probability@2040", FISCAL, "social costs@2030", "social costs@2040", "jobs@2030", "jobs@2040",
    "employed residents@2040", "total population@2040", "emissions@2030", "emissions@2040", "unemployment rate@2040",
    "net operating result share@2040", "lever cost@2040", "egendekning@all",
)  # fmt: skip
"""What is kept where nothing is asked for, of what the study can give."""

_RESILIENCE_WORDS: Final = {
    "resilience depth": ("Dmnl", "Standardsjokk: største tap av jobber", "Standard shock: greatest loss of jobs"),
    "resilience recovery": ("year", "Standardsjokk: år til 90 % er gjenvunnet", "Standard shock: years to regain 90 %"),
    "resilience lost": ("person*year", "Standardsjokk: tapte årsverk", "Standard shock: lost job-years"),
}  # fmt: skip
"""Unit and labels of what a shock does."""

_WHERE: Final = "--outcome"

_DIGITS: Final = 4
"""Of a year."""


def parse_outcomes(subject: Bound | Model, words: Sequence[str], span: Horizon) -> tuple[Outcome, ...]:
    """Return the outcomes that words ask for.

    Parameters
    ----------
    subject : Bound or Model
        A study with its model, or a model alone.
    words : sequence of str
        As the module says; `POLICY`, as far as the study can give it, where there are none.
    span : Horizon
        The times.

    Returns
    -------
    tuple of Outcome
        Each once, in the order asked.

    Raises
    ------
    UsageError
        With every unknown name and impossible time.
    """
    found: dict[str, Outcome] = {}
    problems: list[Problem] = []
    for word in words or _default(subject):
        try:
            found.update({outcome.id: outcome for outcome in _of_word(subject, word.strip(), span)})
        except EgendekningError as error:
            if words:
                problems += error.problems
    if problems or not found:
        raise UsageError(problems or [Problem(_WHERE, "no outcome", "at least one", fix="--outcome NAME@TIME")])
    return tuple(found.values())


def _default(subject: Bound | Model) -> Sequence[str]:
    """Return the outcomes kept where none are asked for: all stocks of a model that lacks egendekning."""
    if isinstance(subject, Bound) and TARGET in subject.model.variables:
        return POLICY
    model = subject.model if isinstance(subject, Bound) else subject
    return [name for name, item in model.variables.items() if item.kind == "stock"]


def _of_word(subject: Bound | Model, word: str, span: Horizon) -> Iterator[Outcome]:
    """Yield the outcomes of one word."""
    model = subject.model if isinstance(subject, Bound) else subject
    name, when = (part.strip() for part in (word.rpartition("@")[::2] if "@" in word else (word, "")))
    if isinstance(subject, Bound):
        special = _special(subject, name, when, span)
        if special is not None:
            yield special
            return
    head, asked = split(name)
    known = {n: v for n, v in model.variables.items() if v.kind not in ("lookup", "control")}
    spelled = find(head, known)
    if spelled is None:
        words = [YEAR_OF_BALANCE, PROBABILITY, FISCAL, *RESILIENCE] if isinstance(subject, Bound) else []
        expected = "a variable of the model" + (f", or {', '.join(words)}" if words else "")
        near = nearest(head, [*known, *words])
        fix = f"--outcome '{near}@{span.until:g}'" if near in known else "name it as in the model file"
        raise UsageError(Problem(_WHERE, f"unknown name {name!r}", expected, near, fix))
    reading, times = _times(spelled, word, when, span)
    for elements in _elements(model, spelled, asked, word):
        yield _described(subject, spelled, elements, when, reading, times)


def _times(name: str, word: str, when: str, span: Horizon) -> tuple[Reading, tuple[float, ...]]:
    """Return how a variable is read, and at which times."""
    if when == "all":
        return "series", span.series()
    try:
        time = float(when) if when else span.until
    except ValueError as error:
        fix = f"--outcome '{name}@{span.until:g}'"
        raise UsageError(Problem(f"{_WHERE} {word}", f"{when!r} is no time", "a number, or 'all'", fix=fix)) from error
    whole = span.calendar and float(time).is_integer()
    last = np.floor(span.final - FOURTH) if whole else span.final
    if not span.initial <= time <= last:
        expected = f"from {span.initial:g} to {last:g}"
        fix = f"--outcome '{name}@{last if time > last else span.initial if time < span.initial else span.until:g}'"
        raise UsageError(Problem(f"{_WHERE} {word}", f"{time:g} is outside the model's time", expected, fix=fix))
    steps = (time - span.initial) / span.step
    if not whole and abs(steps - round(steps)) > 1e-6:
        near = span.initial + round(steps) * span.step
        found, fix = f"{time:g} is between two steps", f"--outcome '{name}@{near:.10g}'"
        raise UsageError(Problem(f"{_WHERE} {word}", found, f"a step of {span.step:g}", fix=fix))
    if not whole:
        return "at", (time,)
    return ("year mean", span.year(int(time))) if name in FLOWS else ("at", (time + FOURTH,))


def _elements(model: Model, name: str, asked: tuple[str, ...], word: str) -> Iterator[tuple[str, ...]]:
    """Yield the elements that a word means: the one in brackets, or all."""
    dims = model.variables[name].dims
    ranges = [list(model.subscripts[dim]) for dim in dims]
    if asked and len(asked) != len(dims):
        expected = f"{len(dims)} elements, of {', '.join(dims)}" if dims else "no brackets"
        fix = f"leave the brackets of {name} out" + (" for all its elements" if dims else "")
        raise UsageError(Problem(f"{_WHERE} {word}", f"{len(asked)} elements", expected, fix=fix))
    for i, written in enumerate(asked):
        spelled = find(written, dict.fromkeys(ranges[i]))
        if spelled is None:
            near, fix = nearest(written, ranges[i]), f"name one of {', '.join(ranges[i])}"
            said = f"unknown element {written!r}"
            raise UsageError(Problem(f"{_WHERE} {word}", said, f"one of {dims[i]}", near, fix))
        ranges[i] = [spelled]
    yield from product(*ranges)


def _described(
    subject: Bound | Model, name: str, elements: tuple[str, ...], when: str, reading: Reading, times: tuple[float, ...]
) -> Outcome:
    """Return the outcome of a variable, in words."""
    model = subject.model if isinstance(subject, Bound) else subject
    label = label_of(subject, name) if isinstance(subject, Bound) else None
    inside = f"[{', '.join(elements)}]" if elements else ""
    at = f"@{when}" if when else ""
    texts = []
    for i, text in enumerate((label.nb, label.en) if label else (name, name)):
        said = ", ".join(ELEMENTS.get(e, (e, e))[i] for e in elements)
        texts.append(text + (f": {said}" if said else "") + (f" {when}" if when and when != "all" else ""))
    return Outcome(name + inside + at, reading, (name,), times, elements, model.variables[name].unit, *texts)


def _special(bound: Bound, name: str, when: str, span: Horizon) -> Outcome | None:
    """Return the outcome that is no variable of the model, or None where the word means one."""
    by = find(name, dict.fromkeys((YEAR_OF_BALANCE, PROBABILITY, FISCAL, *RESILIENCE)))
    if by is None or find(name, bound.model.variables) is not None:
        return None
    if not span.calendar:
        expected, fix = "a model whose step divides an eighth year", "leave it out, or change the model's TIME STEP"
        raise UsageError(Problem(_WHERE, f"{by} needs quarters of a year", expected, fix=fix))
    needs = {PROBABILITY: (TARGET,), YEAR_OF_BALANCE: (TARGET,), FISCAL: ROOM}.get(by, (SHOCKED,))
    lacking = [n for n in needs if find(n, bound.model.variables) is None]
    if lacking or (by in RESILIENCE and SHOCK not in bound.study.drivers):
        said = f"the study has no {', '.join(lacking) or SHOCK}"
        fix = "leave it out, or name a variable of this model"
        raise UsageError(Problem(_WHERE, f"{by}: {said}", "a study that has what the outcome reads", fix=fix))
    variables = tuple(bound.name(n) for n in needs)
    if by == PROBABILITY:
        return _probability(when, variables, span)
    if when:
        fix = f"--until {when} --outcome '{by}'"
        raise UsageError(Problem(f"{_WHERE} {name}@{when}", f"{by} has no date", by, fix=fix))
    year = int(span.until)
    if by == YEAR_OF_BALANCE:
        words = ("year", "År med 100 % egendekning", "Year of 100 % egendekning")
        return Outcome(by, "first", variables, span.quarters(NOT_BEFORE), (), *words)
    if by == FISCAL:
        words = ("MNOK", f"Neddiskontert nettovirkning på kommuneøkonomien til og med {year}",
                 f"Discounted net effect on the municipal economy to {year}")  # fmt: skip
        return Outcome(by, "fiscal", variables, span.quarters(NOT_BEFORE), (), *words)
    words = _RESILIENCE_WORDS[by]
    return Outcome(by, "resilience", variables, span.quarters(NOT_BEFORE), (), *words)


def _probability(when: str, variables: tuple[str, ...], span: Horizon) -> Outcome:
    """Return the outcome that is 1 where balance is reached by the end of a year."""
    year = int(when) if when.isdecimal() and len(when) <= _DIGITS else -1
    last = int(np.floor(span.final - FOURTH))
    if not NOT_BEFORE <= year <= last:
        expected = f"{PROBABILITY}@YEAR, from {NOT_BEFORE:g} to {last}"
        fix = f"--outcome {PROBABILITY}@{last if year > last or year < 0 else int(NOT_BEFORE)}"
        raise UsageError(Problem(f"{_WHERE} {PROBABILITY}@{when}", f"{when!r} is no such year", expected, fix=fix))
    words = (f"Når 100 % innen utgangen av {year}", f"Reaches 100 % by the end of {year}")
    times = tuple(t for y in range(int(NOT_BEFORE), year + 1) for t in span.year(y))
    return Outcome(f"{PROBABILITY}@{year}", "reached", variables, times, (), "Dmnl", *words)
