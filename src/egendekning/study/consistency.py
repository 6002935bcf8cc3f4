"""Whether the files of a study agree with each other.

Each file is right by itself when this module sees it. It looks at what one file says of another (a scenario of a
lever, a base of a scenario) and at names that are one name to the model. What needs the parsed model is in
`egendekning.study.agreement`; this module refuses to know any model variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from egendekning.errors import Problem
from egendekning.names import key, nearest
from egendekning.study.schemas import (
    BASELINE,
    Check,
    Driver,
    FinanceRules,
    Label,
    Lever,
    Municipality,
    Parameter,
    RuleSeries,
    Scenario,
)
from egendekning.study.settings import setting_problems
from egendekning.study.yamltree import Document


@dataclass(frozen=True)
class Contents:
    """All that the files of a study say, each valid by itself, and where they say it.

    `documents` is keyed by the name of the file within the study.
    """

    parameters: Mapping[str, Parameter]
    rules: Mapping[str, RuleSeries]
    labels: Mapping[str, Label]
    levers: Mapping[str, Lever]
    drivers: Mapping[str, Driver]
    scenarios: Mapping[str, Scenario]
    checks: tuple[Check, ...]
    documents: Mapping[str, Document]
    finance: FinanceRules | None = None
    municipality: Municipality | None = None

    @property
    def settable(self) -> dict[str, Lever | Driver]:
        """All levers and drivers by id; an id used for both means the lever."""
        return {**self.levers, **{name: entry for name, entry in self.drivers.items() if name not in self.levers}}

    def scenario_document(self, name: str) -> Document:
        """Return the document of a scenario."""
        return self.documents[f"scenarios/{name}.yaml"]


def contradictions(contents: Contents) -> list[Problem]:
    """Return everything in which the files contradict each other or themselves.

    Parameters
    ----------
    contents : Contents
        The files, each valid by itself.

    Returns
    -------
    list of Problem
        Empty if they agree.
    """
    documents = contents.documents
    problems = [
        *_same_names(contents.parameters, documents["model/parameters.yaml"], ()),
        *_same_names(contents.rules, documents["model/national_rules.yaml"], ("series",)),
        *_same_names(contents.labels, documents["model/labels.yaml"], ()),
        *_in_two_tables(contents),
        *_lever_ids(contents),
        *_check_ids(contents),
    ]
    if BASELINE not in contents.scenarios:
        where = documents["scenarios/levers.yaml"].file.replace("levers.yaml", f"{BASELINE}.yaml")
        problems.append(Problem(where, "there is no baseline", f"a scenario with id {BASELINE}"))
    for name in contents.scenarios:
        problems += _bases(name, contents) + _clauses(name, contents)
    return problems + _orders(contents)


def _same_names(names: Iterable[str], document: Document, above: tuple[str, ...]) -> list[Problem]:
    """Report keys that are spelled differently but are one name to the model."""
    first: dict[str, str] = {}
    problems = []
    for name in names:
        before = first.setdefault(key(name), name)
        if before != name:
            found = f"{name!r} and {before!r} (line {document.line((*above, before))}) are one name to the model"
            problems.append(Problem(document.where(*above, name), found, "each name once", fix="delete one of the two"))
    return problems


def _in_two_tables(contents: Contents) -> list[Problem]:
    """Report a name with evidence both as a parameter and as a national rule."""
    rules = {key(name): name for name in contents.rules}
    document = contents.documents["model/parameters.yaml"]
    return [
        Problem(document.where(name), f"{name!r} is in national_rules.yaml too", "its evidence in one of the two files")
        for name in contents.parameters
        if key(name) in rules
    ]


def _lever_ids(contents: Contents) -> list[Problem]:
    """Report an id used for a lever and a driver, and constants that two of them set."""
    document = contents.documents["scenarios/levers.yaml"]
    problems = [
        Problem(
            document.where("drivers", name), f"{name!r} is a lever too", "an id of its own for each lever and driver"
        )
        for name in contents.drivers
        if name in contents.levers
    ]
    owners: dict[str, str] = {}
    for name, setting in contents.settable.items():
        section = "levers" if name in contents.levers else "drivers"
        target = setting.constants.target
        owner = owners.setdefault(key(target), name)
        if owner != name:
            where = document.where(section, name, "constants", "target")
            problems.append(
                Problem(where, f"{name}: {target!r} is set by {owner} too", "one lever or driver a constant")
            )
    return problems


def _bases(name: str, contents: Contents) -> list[Problem]:
    """Report unknown bases and bases that lead back to the scenario."""
    document = contents.scenario_document(name)
    scenarios = contents.scenarios
    problems = []
    for i, base in enumerate(scenarios[name].base):
        where = document.where("base", i)
        if base not in scenarios:
            found = f"{name}: unknown scenario {base!r}"
            problems.append(Problem(where, found, "the id of another scenario", nearest(base, scenarios)))
        elif name in _ancestors(base, scenarios):
            found = f"{name}: its base {base!r} is based on {name!r}"
            problems.append(Problem(where, found, "bases that do not lead back", fix="remove one of the two"))
    return problems


def _ancestors(name: str, scenarios: Mapping[str, Scenario]) -> set[str]:
    """Return a scenario and all that it is based on; unknown ids are left out."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        current = waiting.pop()
        if current in scenarios and current not in seen:
            seen.add(current)
            waiting += scenarios[current].base
    return seen


def _clauses(name: str, contents: Contents) -> list[Problem]:
    """Report settings that the levers do not allow."""
    document = contents.scenario_document(name)
    problems: list[Problem] = []
    for i, clause in enumerate(contents.scenarios[name].clauses):
        timed = tuple(what for what in ("start", "ramp") if getattr(clause, what) is not None)
        for lever, amount in clause.set.items():
            where = document.where("clauses", i, "set", lever)
            problems += setting_problems(lever, amount, timed, contents.settable, where)
    return problems


def _orders(contents: Contents) -> list[Problem]:
    """Report two scenarios with one place in lists."""
    places: dict[int, str] = {}
    problems = []
    for name, scenario in contents.scenarios.items():
        other = places.setdefault(scenario.order, name)
        if other != name:
            where = contents.scenario_document(name).where("order")
            problems.append(Problem(where, f"{name}: order {scenario.order} is {other}'s", "a number of its own"))
    return problems


def _check_ids(contents: Contents) -> list[Problem]:
    """Report repeated ids, and scenarios and levers that a check names but the study lacks."""
    document = contents.documents["model/checks.yaml"]
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for i, check in enumerate(contents.checks):
        before = first.setdefault(check.id, i)
        if before != i:
            line = document.line(("checks", before, "id"))
            problems.append(
                Problem(document.where("checks", i, "id"), f"id {check.id!r} is on line {line} too", "its own id")
            )
        wanted: list[tuple[str, tuple[str | int, ...]]] = [(check.scenario, ("scenario",))]
        wanted += [(e.compare.to, ("expect", j, "compare", "to")) for j, e in enumerate(check.expect) if e.compare]
        for name, path in wanted:
            if name not in contents.scenarios and name != BASELINE:
                where = document.where("checks", i, *path)
                found = f"{check.id}: unknown scenario {name!r}"
                problems.append(Problem(where, found, "the id of a scenario", nearest(name, contents.scenarios)))
        for lever, value in check.levers.items():
            known = contents.settable
            if lever not in known:  # a check may go beyond a lever's range: that is what an extreme condition is
                where = document.where("checks", i, "levers", lever)
                found = f"{check.id}: unknown lever or driver {lever!r} (set to {value:g})"
                problems.append(Problem(where, found, "an id of scenarios/levers.yaml", nearest(lever, known)))
    return problems
