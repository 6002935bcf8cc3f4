"""From a statement to what its run is given: full arrays for constants, tables, replaced variables and starting values.

The order is the study's: model file, scenario, levers of the statement, factors, values given. The module refuses
values that do not fit the variable, with the line of `checks.yaml` that gives them, and it runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from egendekning.errors import Problem, StudyError
from egendekning.names import key, split
from egendekning.study import Setting

if TYPE_CHECKING:
    from egendekning.engine import Variable
    from egendekning.ensemble import Bound
    from egendekning.study import Check, Study

Floats = NDArray[np.float64]

FILE: Final = "model/checks.yaml"
_HELD: Final = ("constant", "lookup")


@dataclass(frozen=True)
class Conditions:
    """What one run is given.

    Attributes
    ----------
    held : dict
        Array (subscripts), or (point) for a table, by name of a constant or table.
    replaced : dict
        Array (subscripts) by name of a flow or auxiliary that is held whatever its equation says.
    starts : dict
        Array (subscripts) by name of a stock.
    step : float or None
        Time step, year; None for the model's own.
    """

    held: dict[str, Floats] = field(default_factory=dict)
    replaced: dict[str, Floats] = field(default_factory=dict)
    starts: dict[str, Floats] = field(default_factory=dict)
    step: float | None = None

    @property
    def signature(self) -> tuple[float | None, tuple[str, ...], tuple[str, ...]]:
        """What must be the same for two runs to be draws of one call of the engine."""
        return self.step, tuple(sorted(self.replaced)), tuple(sorted(self.starts))


class Values:
    """The values of a model's constants and tables, national rules included, looked up in any spelling.

    Parameters
    ----------
    bound : Bound
        A study and its model.
    """

    def __init__(self, bound: Bound) -> None:
        self.model = bound.model
        self._bound = bound

    def of(self, variable: Variable) -> Floats:
        """Return the value (subscripts) of a constant, or the y-values (point) of a table."""
        if variable.name in self._bound.rules:
            return self._bound.rules[variable.name]
        if variable.kind == "lookup":
            return self._bound.table(variable.name)[1]
        return self._bound.values[variable.name]

    @property
    def rules(self) -> tuple[str, ...]:
        """Names of the tables that hold national rules."""
        return tuple(self._bound.rules)

    def shape(self, variable: Variable) -> tuple[int, ...]:
        """Return the shape that a value of the variable must have."""
        if variable.kind in _HELD:
            return self.of(variable).shape
        return tuple(len(self.model.subscripts[dim]) for dim in variable.dims)

    def position(self, variable: Variable, elements: tuple[str, ...]) -> tuple[int, ...]:
        """Return the indices of subscript elements."""
        ranges = [self.model.subscripts[dim] for dim in variable.dims]
        labels = [[key(label) for label in found] for found in ranges]
        return tuple(known.index(key(element)) for known, element in zip(labels, elements, strict=True))


def scenario_conditions(study: Study, values: Values, scenario: str) -> Conditions:
    """Return what a scenario of the study is given."""
    found = Conditions()
    for written, number in study.overrides(scenario).items():
        _hold(found, values, written, number)
    return found


def statement_conditions(study: Study, values: Values, place: int) -> Conditions:
    """Return what the statement at index `place` is given.

    Raises
    ------
    StudyError
        With every value that does not fit its variable.
    """
    check = study.checks[place]
    found = Conditions(step=check.step)
    levers = [Setting(name, amount) for name, amount in check.levers.items()]
    for written, number in study.overrides(check.scenario, levers).items():
        _hold(found, values, written, number)
    problems = [
        *_scaled(study, values, place, found),
        *_given(study, values, place, found),
        *_started(study, values, place, found),
    ]
    if problems:
        raise StudyError(problems)
    return found


def _hold(found: Conditions, values: Values, written: str, number: float) -> None:
    """Put one number into a constant, or into one element of it."""
    name, elements = split(written)
    variable = values.model.variable(name)
    array = found.held.get(variable.name, values.of(variable)).copy()
    array[values.position(variable, elements) if elements else ...] = number
    found.held[variable.name] = array


def _scaled(study: Study, values: Values, place: int, found: Conditions) -> Iterator[Problem]:
    """Multiply constants and tables by the factors of a statement."""
    for written, factor in study.checks[place].scale.items():
        variable = values.model.variable(written)
        if variable.kind not in _HELD:
            where = study.where(FILE, "checks", place, "scale", written)
            yield Problem(where, f"{variable.name} is a {variable.kind}", "a constant or a table of the model")
            continue
        found.held[variable.name] = found.held.get(variable.name, values.of(variable)) * factor


def _given(study: Study, values: Values, place: int, found: Conditions) -> Iterator[Problem]:
    """Hold variables at the values that a statement gives."""
    check = study.checks[place]
    for written, amount in check.given.items():
        name, elements = split(written)
        variable = values.model.variable(name)
        where = study.where(FILE, "checks", place, "given", written)
        if variable.kind == "stock":
            yield Problem(where, f"{variable.name} is a stock", "a constant, table, flow or auxiliary",
                          fix="give its starting value under 'initial', or hold its flows")  # fmt: skip
        elif elements and variable.kind not in _HELD:
            yield Problem(where, f"one element of the {variable.kind} {variable.name}", "the whole variable",
                          fix=f"give {variable.name} a number, or a list with all elements")  # fmt: skip
        elif elements:
            _hold(found, values, written, float(np.asarray(amount)))
        else:
            target = found.held if variable.kind in _HELD else found.replaced
            yield from _fit(target, values, variable, amount, where)


def _started(study: Study, values: Values, place: int, found: Conditions) -> Iterator[Problem]:
    """Start stocks from the values that a statement gives."""
    for written, amount in study.checks[place].initial.items():
        variable = values.model.variable(written)
        where = study.where(FILE, "checks", place, "initial", written)
        yield from _fit(found.starts, values, variable, amount, where)


def _fit(
    target: dict[str, Floats], values: Values, variable: Variable, amount: object, where: str
) -> Iterator[Problem]:
    """Store an amount that is one number or has the variable's own shape."""
    shape = values.shape(variable)
    array = np.asarray(amount, dtype=float)
    if array.ndim and array.shape != shape:
        expected = f"one number or {' x '.join(map(str, shape)) or 'no more'} of them"
        yield Problem(where, f"{variable.name} is given {' x '.join(map(str, array.shape))} numbers", expected)
        return
    target[variable.name] = np.broadcast_to(array, shape).copy()


def conditions_of(study: Study, values: Values) -> list[Conditions]:
    """Return the conditions of every statement of a study, or every problem that they have."""
    found: list[Conditions] = []
    problems: list[Problem] = []
    for place in range(len(study.checks)):
        try:
            found.append(statement_conditions(study, values, place))
        except StudyError as error:
            problems += error.problems
    if problems:
        raise StudyError(problems)
    return found


def references_of(checks: tuple[Check, ...]) -> tuple[str, ...]:
    """Return the scenarios that statements are compared with."""
    named = {expect.compare.to for check in checks for expect in check.expect if expect.compare is not None}
    return tuple(sorted(named | {"baseline"}))


def names_of(checks: tuple[Check, ...]) -> frozenset[str]:
    """Return the normal forms of all variables that expectations name."""
    found = set[str]()
    for check in checks:
        for expect in check.expect:
            if expect.compare is not None:
                found.add(key(split(expect.compare.variable)[0]))
            elif expect.comparison is not None:
                found |= {key(name.name) for name in expect.comparison.names()}
    return frozenset(found - {"time"})


def stacked(group: Mapping[str, None], runs: list[Conditions], values: Values) -> dict[str, Floats]:
    """Return the constants and tables named in `group` over runs, (draw, subscripts), defaults filled in."""
    found = {}
    for name in group:
        default = values.of(values.model.variable(name))
        found[name] = np.stack([run.held.get(name, default) for run in runs])
    return found
