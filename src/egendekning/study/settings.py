"""From scenario clauses to numbers in the model.

A scenario is its bases' clauses, then its own; a later clause overrides an earlier one for the levers it sets (its
start and ramp only where it gives them), and a setting from the command line overrides them all. The module works out
which constants that changes, and refuses values that are outside a lever's range or in another unit, with the line
that says so. It draws nothing and runs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from egendekning.errors import Problem
from egendekning.names import nearest
from egendekning.study.schemas import Amount, Clause, Driver, Lever, Scenario


@dataclass(frozen=True)
class Setting:
    """What a scenario, or the command line, does to one lever or driver.

    Attributes
    ----------
    id : str
        The lever or driver.
    value : float
        In the lever's unit.
    start, ramp : float or None
        Year of the beginning and years to full value; None leaves the model's own.
    origin : str
        The scenario whose clause says so, or ``command line``.
    """

    id: str
    value: float
    start: float | None = None
    ramp: float | None = None
    origin: str = "command line"


def constants(setting: Setting, lever: Lever | Driver) -> dict[str, float]:
    """Return the model constants that a setting changes, and to what.

    Parameters
    ----------
    setting : Setting
        A valid one (`setting_problems` finds nothing).
    lever : Lever or Driver
        The one it sets.

    Returns
    -------
    dict
        Value by constant, in the lever's unit for the target and years for start and ramp.
    """
    result = {lever.constants.target: setting.value}
    if setting.start is not None and lever.constants.start is not None:
        result[lever.constants.start] = setting.start
    if setting.ramp is not None and lever.constants.ramp is not None:
        result[lever.constants.ramp] = setting.ramp
    return result


def clause_settings(clause: Clause, origin: str) -> Iterator[Setting]:
    """Yield one setting for each lever or driver that a clause sets."""
    for name, amount in clause.set.items():
        yield Setting(name, amount.value, clause.start, clause.ramp, origin)


def merged(earlier: Setting | None, later: Setting) -> Setting:
    """Return what holds when `later` follows `earlier`: its value, and start and ramp of the last that gave them."""
    if earlier is None:
        return later
    start = earlier.start if later.start is None else later.start
    ramp = earlier.ramp if later.ramp is None else later.ramp
    return replace(later, start=start, ramp=ramp)


def lineage(name: str, scenarios: Mapping[str, Scenario]) -> list[Scenario]:
    """Return a scenario after all scenarios it is based on, each once, in the order in which their clauses apply."""
    found: dict[str, Scenario] = {}

    def visit(current: str) -> None:
        if current in found:
            return
        for base in scenarios[current].base:
            visit(base)
        found[current] = scenarios[current]

    visit(name)
    return list(found.values())


def setting_problems(
    name: str, amount: Amount, timed: tuple[str, ...], known: Mapping[str, Lever | Driver], where: str
) -> list[Problem]:
    """Return what is wrong with setting one lever or driver.

    Parameters
    ----------
    name : str
        The id as written.
    amount : Amount
        The value and, where written, the unit.
    timed : tuple of str
        Which of ``start`` and ``ramp`` are given with it.
    known : mapping
        All levers and drivers by id.
    where : str
        Place for the messages.
    """
    lever = known.get(name)
    if lever is None:
        expected = "a lever or driver of scenarios/levers.yaml (see 'egendekning levers')"
        return [Problem(where, f"unknown lever or driver {name!r}", expected, nearest(name, known))]
    problems = []
    if amount.unit is not None and amount.unit.split() != lever.unit.split():
        found = f"{name}: the unit is {amount.unit!r}"
        problems.append(Problem(where, found, f"{lever.unit!r}", fix=f"give the value in {lever.unit}"))
    elif not lever.low <= amount.value <= lever.high:
        expected = f"from {lever.low:g} to {lever.high:g} {lever.unit}"
        problems.append(Problem(where, f"{name}: {amount.value:g} is outside its range", expected))
    for what in timed:
        if getattr(lever.constants, what) is None:
            fix = f"leave out {what}, or give {name} its own clause without it"
            problems.append(
                Problem(where, f"{name} has no {what} that could be set", f"no {what} in this clause", fix=fix)
            )
    return problems
