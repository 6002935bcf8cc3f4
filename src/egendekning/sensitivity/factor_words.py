"""From the words of a user to factors, with every mistake in them.

The module refuses to sample and to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from egendekning.engine import Model
from egendekning.ensemble.bind import Bound
from egendekning.ensemble.laws import LAWS
from egendekning.errors import EgendekningError, Problem, UsageError
from egendekning.names import find, nearest, split
from egendekning.sensitivity.factors import SETS, WHERE, Factor, catalogue, spelled_elements

_GROUP: Final = "GROUP=FACTOR,FACTOR"
_KINDS: Final = {"lookup": "a table", "control": "the clock of the run", "data": "a series of data"}
_WIDE: Final = 1e300
_LEAST: Final = 1e-290
_NARROW: Final = 1e-12
"""A range narrower than this, beside its ends, has too few numbers in it to be sampled."""


def resolve(subject: Bound | Model, words: Sequence[str], groups: Sequence[str] = ()) -> tuple[Factor, ...]:
    """Return the factors that words name.

    Parameters
    ----------
    subject : Bound or Model
        A study with its model, or a model alone, whose factors need ranges.
    words : sequence of str
        Each ``NAME``, ``NAME=LOW:HIGH`` or ``NAME=LOW:HIGH:LAW``; NAME is a lever, a driver, a constant, an element of
        one (``name[element]``), a pattern with ``*``, or a word of `SETS`. A range that is given is spread evenly
        unless LAW says otherwise. A later word overrides an earlier one for the same factor.
    groups : sequence of str
        Each ``GROUP=NAME,NAME``: factors, by name or pattern, that are varied together.

    Returns
    -------
    tuple of Factor
        In the order of the words.

    Raises
    ------
    UsageError
        With every unknown name, contradictory range, constant column and group.
    """
    problems: list[Problem] = []
    found: dict[str, Factor] = {}
    for word in words:
        try:
            found.update({factor.id: factor for factor in _of_word(subject, word)})
        except EgendekningError as error:
            problems += error.problems
    factors = tuple(found.values())
    problems += clashes(factors)
    if not problems:
        factors = _grouped(factors, groups, problems)
    if problems:
        raise UsageError(problems)
    return factors


def clashes(factors: Iterable[Factor]) -> Iterator[Problem]:
    """Yield a problem for each factor that would write where another one does."""
    seen: dict[str, list[Factor]] = {}
    for factor in factors:
        others = seen.setdefault(factor.target, [])
        for other in others:
            if other.elements == factor.elements or not (other.elements and factor.elements):
                found = f"{factor.id} and {other.id} both set {factor.target}"
                fix = f"leave out {factor.id} or {other.id}"
                yield Problem(WHERE, found, "one factor for each constant", fix=fix)
        others.append(factor)


def _of_word(subject: Bound | Model, word: str) -> list[Factor]:
    """Return the factors of one word, checked."""
    name, equals, said = word.partition("=")
    name = name.strip()
    known = catalogue(subject) if isinstance(subject, Bound) else {}
    chosen = _chosen(subject, name, known, ranged=bool(equals))
    if not equals:
        return [_checked(factor, word) for factor in chosen]
    low, high, law = _range(word, said)
    if law not in LAWS:
        found = f"unknown distribution {law!r}"
        near = nearest(law, LAWS)
        fix = f"--factor '{name}={low:g}:{high:g}:{near or 'uniform'}'"
        raise UsageError(Problem(f"{WHERE} {word}", found, ", ".join(LAWS), near, fix))
    return [_checked(replace(f, low=low, high=high, law=law), word, subject) for f in chosen]


def _chosen(subject: Bound | Model, name: str, known: Mapping[str, Factor], *, ranged: bool) -> list[Factor]:
    """Return the factors that a name, a pattern or a word of `SETS` stands for."""
    if name in SETS and isinstance(subject, Bound):
        kind = {"levers": "lever", "drivers": "driver", "uncertain": "constant"}[name]
        return [factor for factor in known.values() if factor.kind == kind]
    spelled = find(name, known)
    if spelled is not None:
        return [known[spelled]]
    whole = [factor for factor in known.values() if factor.id.startswith(f"{find_target(known, name)}[")]
    matching = [factor for factor in known.values() if "*" in name and fnmatchcase(factor.id, name)] or whole
    if matching:
        return matching
    model = subject.model if isinstance(subject, Bound) else subject
    return [plain(model, name, known, ranged=ranged)]


def find_target(known: Mapping[str, Factor], name: str) -> str:
    """Return the model's spelling of a constant whose elements are factors, or `name` itself."""
    return find(name, {factor.target: None for factor in known.values() if factor.elements}) or name


def plain(model: Model, name: str, known: Mapping[str, Factor], *, ranged: bool) -> Factor:
    """Return a factor for any constant of a model, whose range has yet to be given."""
    head, elements = split(name)
    constants = {n: v for n, v in model.variables.items() if v.kind in ("constant", "stock")}
    spelled = find(head, constants)
    if spelled is None:
        raise UsageError(_unknown(model, name, known))
    item = constants[spelled]
    places = spelled_elements(model, spelled, elements)
    if not ranged:
        fix = f"--factor '{name}=LOW:HIGH'"
        raise UsageError(Problem(WHERE, f"{spelled} has no range of its own", "a range", fix=fix))
    return Factor(
        f"{spelled}[{', '.join(places)}]" if places else spelled, "constant", spelled, np.nan, np.nan, np.nan, places,
        unit=item.unit, label_nb=spelled, label_en=spelled,
    )  # fmt: skip


def _unknown(model: Model, name: str, known: Mapping[str, Factor]) -> Problem:
    """Say what is wrong with a name that is no factor: another kind of variable, a title, or nothing that is known."""
    expected = "a lever, a driver or a constant of the model, or one of " + ", ".join(SETS)
    fix = "'egendekning levers' lists levers and drivers; a constant is named as in the model"
    if not known:
        expected, fix = "a constant of the model", "name a constant as in the model file"
    other = find(split(name)[0], model.variables)
    if other is not None:
        found = f"{other} is no constant but {_KINDS.get(model.variables[other].kind, 'computed by the model')}"
        return Problem(WHERE, found, expected, fix="name a constant that it depends on, with a range")
    if "*" in name:
        return Problem(WHERE, f"no factor fits the pattern {name!r}", expected, fix=fix)
    constants = [n for n, v in model.variables.items() if v.kind == "constant"]
    titles = {title: factor.id for factor in known.values() for title in (factor.label_nb, factor.label_en) if title}
    near = nearest(name, [*known, *(SETS if known else ()), *constants]) or titles.get(nearest(name, titles) or "")
    return Problem(WHERE, f"unknown name {name!r}", expected, near, f"--factor '{near}'" if near else fix)


def _range(word: str, said: str) -> tuple[float, float, str]:
    """Read ``LOW:HIGH`` or ``LOW:HIGH:LAW``."""
    parts = said.split(":")
    try:
        low, high = float(parts[0]), float(parts[1])
        law = parts[2].strip() if len(parts) > 2 else "uniform"
    except (ValueError, IndexError):
        low = high = np.nan
        law = ""
    if not (np.isfinite(low) and np.isfinite(high)) or len(parts) > 3:
        fix = f"--factor '{word.partition('=')[0]}=0:10'"
        raise UsageError(Problem(f"{WHERE} {word}", f"the range is {said!r}", "LOW:HIGH or LOW:HIGH:LAW", fix=fix))
    return low, high, law


def _checked(factor: Factor, word: str, subject: Bound | Model | None = None) -> Factor:
    """Return a factor, its mode set, whose range makes sense; otherwise say what is wrong with it."""
    where = f"{WHERE} {word}"
    if factor.low > factor.high:
        fix = f"swap them: {factor.high:g}:{factor.low:g}"
        found = f"{factor.id}: the low end {factor.low:g} is above the high end {factor.high:g}"
        raise UsageError(Problem(where, found, "LOW below HIGH", fix=fix))
    if factor.low == factor.high:
        found = f"{factor.id}: both ends are {factor.low:g}, so its column would be constant"
        raise UsageError(Problem(where, found, "a range with a width", fix="leave the factor out, or widen its range"))
    if not _NARROW * max(abs(factor.low), abs(factor.high), _LEAST) < factor.high - factor.low < _WIDE:
        found = f"{factor.id}: {factor.low:.17g} to {factor.high:.17g} cannot be divided in floating point"
        fix = "scale the constant, or choose a range that means something"
        raise UsageError(Problem(where, found, f"a width below {_WIDE:g}, and not lost in rounding", fix=fix))
    if factor.law == "lognormal" and factor.low <= 0:
        fix = f"raise the low end, or --factor '{factor.id}={factor.low:g}:{factor.high:g}:uniform'"
        raise UsageError(Problem(where, f"{factor.id}: a lognormal from {factor.low:g}", "a low end above 0", fix=fix))
    if isinstance(subject, Bound) and factor.kind != "constant":
        lever = subject.study.settable[factor.id]
        if factor.low < lever.low or factor.high > lever.high:
            found = f"{factor.id}: {factor.low:g} to {factor.high:g} leaves its range"
            fix = f"--factor '{factor.id}={max(factor.low, lever.low):g}:{min(factor.high, lever.high):g}'"
            if factor.high <= lever.low or factor.low >= lever.high:
                fix = f"--factor {factor.id}"
            raise UsageError(Problem(where, found, f"within {lever.low:g} to {lever.high:g} {lever.unit}", fix=fix))
    mode = factor.mode if np.isfinite(factor.mode) else (factor.low + factor.high) / 2.0
    return replace(factor, mode=min(max(mode, factor.low), factor.high))


def _grouped(factors: tuple[Factor, ...], groups: Sequence[str], problems: list[Problem]) -> tuple[Factor, ...]:
    """Return the factors with their groups; one that is named in none is a group of its own."""
    if not groups:
        return factors
    member: dict[str, str] = {}
    ids = [f.id for f in factors]
    for text in groups:
        where, (title, _, names) = f"--group {text}", text.partition("=")
        if not title.strip() or not names.strip():
            problems.append(Problem(where, "is no group", _GROUP, fix=f"--group 'land={','.join(ids[:2])}'"))
            continue
        for name in (part.strip() for part in names.split(",")):
            chosen = [one for one in ids if find(name, {one: None}) or fnmatchcase(one, name)]
            if not chosen:
                fix = f"name factors of this sweep: {', '.join(ids[:5])}{', ...' if len(ids) > 5 else ''}"
                problems.append(Problem(where, f"no factor {name!r}", _GROUP, nearest(name, ids), fix))
            for one in chosen:
                if member.setdefault(one, title.strip()) != title.strip():
                    fix = f"name {one} in one of them"
                    problems.append(Problem(where, f"{one} is in two groups", "one group a factor", fix=fix))
    for name in dict.fromkeys(member.values()):  # the factor of that name is a group of its own, and would join it
        if name in ids and member.get(name) != name:
            fix = f"call the group something else, or put {name} in it"
            problems.append(Problem(f"--group {name}", "is the name of a factor outside it", _GROUP, fix=fix))
    return tuple(replace(f, group=member.get(f.id, f.id)) for f in factors)
