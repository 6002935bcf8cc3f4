"""Whether a study and its model agree, name by name, both ways.

The study layer lies below the engine, so the parsed model comes in as plain data: anything with a name, a kind, a
unit and a line. The caller that has both (`egendekning.ensemble`) makes them meet. The module refuses to read files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

from egendekning.errors import Problem
from egendekning.names import find, key, nearest, split
from egendekning.study.expressions import Name
from egendekning.study.schemas import Parameter
from egendekning.study.schemas.base import flat
from egendekning.study.study import Study

TIME_CONTROLS: Final = frozenset(key(name) for name in ("INITIAL TIME", "FINAL TIME", "TIME STEP", "SAVEPER"))
"""Constants that control the simulation and need no evidence."""

_HELD: Final = ("constant", "lookup", "data")
_ROUNDING: Final = 1e-9  # relative slack for a value that equals an end of its range


class VariableInfo(Protocol):
    """What this module needs to know of a model variable; the engine's `Variable` fits."""

    @property
    def name(self) -> str:
        """Its name, as spelled in the model."""

    @property
    def kind(self) -> str:
        """Stock, flow, auxiliary, constant, lookup or data."""

    @property
    def unit(self) -> str:
        """Its unit, as written in the model."""

    @property
    def line(self) -> int:
        """Its line in the model file."""

    @property
    def dims(self) -> Sequence[str]:
        """Its subscript ranges."""


class _Names:
    """The variables of a model, looked up in any spelling."""

    def __init__(self, variables: Mapping[str, VariableInfo], subscripts: Mapping[str, Sequence[str]]) -> None:
        self.variables = variables
        self.by_key = {key(name): info for name, info in variables.items()}
        self.subscripts = subscripts

    def missing(self, written: str, where: str, kinds: Sequence[str] = ()) -> Iterator[Problem]:
        """Yield a problem where `written` is no variable, of another kind, or has elements that it lacks."""
        name, elements = split(written)
        info = self.by_key.get(key(name))
        known = [n for n, other in self.variables.items() if not kinds or other.kind in kinds]
        if info is None:
            yield Problem(
                where, f"the model has no variable {name!r}", "a name of the model file", nearest(name, known)
            )
        elif kinds and info.kind not in kinds:
            expected = f"the name of a {' or '.join(kinds)}"
            yield Problem(where, f"{name!r} has kind {info.kind} in the model", expected)
        elif elements:
            yield from self._elements(info, elements, where)

    def _elements(self, info: VariableInfo, elements: tuple[str, ...], where: str) -> Iterator[Problem]:
        """Yield a problem where the elements do not fit the variable's subscript ranges."""
        if len(elements) != len(info.dims):
            expected = f"{len(info.dims)} element(s), one of each of {', '.join(info.dims) or 'nothing'}"
            yield Problem(where, f"{info.name} with {len(elements)} subscript element(s)", expected)
            return
        for element, dim in zip(elements, info.dims, strict=True):
            known = self.subscripts.get(dim, ())
            if known and find(element, dict.fromkeys(known)) is None:
                found = f"{info.name}: {element!r} is not in {dim}"
                yield Problem(where, found, f"one of {', '.join(known)}", nearest(element, known))

    def unit(self, written: str) -> str | None:
        """Return the unit of a variable, or None where there is no such variable."""
        info = self.by_key.get(key(split(written)[0]))
        return info.unit if info else None


def disagreements(
    study: Study,
    variables: Mapping[str, VariableInfo],
    *,
    subscripts: Mapping[str, Sequence[str]] | None = None,
    values: Mapping[str, float | Sequence[float]] | None = None,
) -> tuple[Problem, ...]:
    """Return everything in which a study and its model disagree.

    Parameters
    ----------
    study : Study
        The study.
    variables : mapping
        The variables of its model by name.
    subscripts : mapping, optional
        Elements by subscript range; without it elements are not checked.
    values : mapping, optional
        Value by constant, or a flat sequence in the order of the elements; without it ranges are not compared with
        values.

    Returns
    -------
    tuple of Problem
        Empty if they agree.
    """
    names = _Names(variables, subscripts or {})
    found = [
        *_parameters(study, names),
        *_without_evidence(study, variables),
        *_rules(study, names),
        *_levers(study, names),
        *_labels(study, names),
        *_checks(study, names),
        *_ranges(study, values or {}),
    ]
    return tuple(found)


def _parameters(study: Study, names: _Names) -> Iterator[Problem]:
    """Every entry of parameters.yaml is a constant or lookup of the model; an initial value may be a stock."""
    for name, parameter in study.parameters.items():
        kinds = (*_HELD, "stock") if parameter.role == "initial" else _HELD
        yield from names.missing(name, study.where("model/parameters.yaml", name), kinds)


def _without_evidence(study: Study, variables: Mapping[str, VariableInfo]) -> Iterator[Problem]:
    """Every constant and lookup of the model has evidence."""
    evidence = {key(name) for name in (*study.parameters, *study.rules)} | TIME_CONTROLS
    for info in variables.values():
        if info.kind in _HELD and key(info.name) not in evidence:
            expected = "an entry in model/parameters.yaml or, for a national rule, in model/national_rules.yaml"
            close = nearest(
                info.name, [n for n in (*study.parameters, *study.rules) if key(n) not in map(key, variables)]
            )
            yield Problem(
                f"{study.model_file}:{info.line}", f"{info.kind} {info.name!r} has no evidence", expected, close
            )


def _rules(study: Study, names: _Names) -> Iterator[Problem]:
    """Every national rule is a lookup of the model, in the model's unit."""
    for name, series in study.rules.items():
        where = study.where("model/national_rules.yaml", "series", name)
        yield from names.missing(name, where, ("lookup", "data"))
        yield from _unit(
            names, name, series.unit, study.where("model/national_rules.yaml", "series", name, "unit"), name
        )


def _levers(study: Study, names: _Names) -> Iterator[Problem]:
    """Every lever and driver names constants of the model, in the model's unit."""
    file = "scenarios/levers.yaml"
    for section, table in (("levers", study.levers), ("drivers", study.drivers)):
        for lever, entry in table.items():
            for part in ("target", "start", "ramp"):
                constant = getattr(entry.constants, part)
                if constant is not None:
                    yield from names.missing(
                        constant, study.where(file, section, lever, "constants", part), ("constant",)
                    )
            where = study.where(file, section, lever, "unit")
            yield from _unit(names, entry.constants.target, entry.unit, where, lever)
            yield from _role(study, lever, entry.constants.target, "lever" if section == "levers" else "driver")
    for lever, entry in study.levers.items():
        for part in ("operating", "investment"):
            constant = getattr(entry.cost, part)
            if constant is not None:
                yield from names.missing(constant, study.where(file, "levers", lever, "cost", part), ("constant",))


def _role(study: Study, lever: str, target: str, role: str) -> Iterator[Problem]:
    """The target of a lever has the role lever, that of a driver the role driver."""
    spelled = find(split(target)[0], study.parameters)
    if spelled is not None and study.parameters[spelled].role != role:
        where = study.where("model/parameters.yaml", spelled, "role")
        found = f"{spelled!r} has role {study.parameters[spelled].role} but is the target of the {role} {lever}"
        yield Problem(where, found, f"role {role}")


def _unit(names: _Names, name: str, unit: str, where: str, owner: str) -> Iterator[Problem]:
    """A unit written in the study is the model's, but for blanks."""
    model_unit = names.unit(name)
    if model_unit is not None and unit.replace(" ", "") != model_unit.replace(" ", ""):
        expected = f"{model_unit!r}, the unit of {split(name)[0]!r} in the model"
        yield Problem(where, f"{owner}: the unit is {unit!r}", expected)


def _labels(study: Study, names: _Names) -> Iterator[Problem]:
    """Every label belongs to a variable of the model."""
    for name in study.labels:
        yield from names.missing(name, study.where("model/labels.yaml", name))


def _checks(study: Study, names: _Names) -> Iterator[Problem]:
    """Every name in a check is a variable of the model, of a kind that can be given, scaled or restarted."""
    file = "model/checks.yaml"
    for i, check in enumerate(study.checks):
        for name in check.given:
            yield from names.missing(name, study.where(file, "checks", i, "given", name))
        for name in check.scale:
            yield from names.missing(name, study.where(file, "checks", i, "scale", name), _HELD)
        for name in check.initial:
            yield from names.missing(name, study.where(file, "checks", i, "initial", name), ("stock",))
        for j, expect in enumerate(check.expect):
            where = study.where(file, "checks", i, "expect", j)
            if expect.compare is not None:
                yield from names.missing(expect.compare.variable, where)
            for part in expect.comparison.names() if expect.comparison else ():
                if key(part.name) != "time":
                    yield from names.missing(_written(part), where)


def _written(part: Name) -> str:
    """Return a name with its elements in brackets."""
    return f"{part.name}[{', '.join(part.elements)}]" if part.elements else part.name


def _ranges(study: Study, values: Mapping[str, float | Sequence[float]]) -> Iterator[Problem]:
    """The value in the model file lies inside the range that is drawn from."""
    for name, parameter in study.parameters.items():
        spelled = find(name, values)
        if spelled is None or parameter.low is None or parameter.high is None:
            continue
        value = values[spelled]
        numbers = [float(v) for v in value] if isinstance(value, Sequence) else [float(value)]
        yield from _range(name, parameter, numbers, study.where("model/parameters.yaml", name, "low"))


def _range(name: str, parameter: Parameter, numbers: list[float], where: str) -> Iterator[Problem]:
    """Compare the values of one constant with its range, element by element."""
    lows, highs = (_spread(end, len(numbers)) for end in (parameter.low, parameter.high))
    if not len(lows) == len(highs) == len(numbers):
        yield Problem(where, f"{name}: {len(lows)} ends for {len(numbers)} values", "one, or one per subscript element")
        return
    for low, value, high in zip(lows, numbers, highs, strict=True):
        slack = _ROUNDING * max(abs(low), abs(high), abs(value))
        if not low - slack <= value <= high + slack:
            found = f"{name}: the model's value {value:g} is outside its range {low:g} to {high:g}"
            yield Problem(where, found, "a range that holds the value", fix="correct the range or the model file")


def _spread(end: object, count: int) -> list[float]:
    """Return one number per element; a single number counts for all."""
    numbers: Iterable[float] = flat(end)  # type: ignore[arg-type]
    listed = list(numbers)
    return listed * count if len(listed) == 1 else listed
