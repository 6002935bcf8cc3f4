"""What a model file says, as its users see it: named variables with units and equations, and what depends on what.

Nothing here runs a model. The module refuses to hold any state of a run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from egendekning.engine.clock import TimeSpec
from egendekning.engine.graph import Graph, memory_names
from egendekning.engine.ir import ModelDef, VariableDef
from egendekning.errors import Problem, SimulationError
from egendekning.names import key, nearest, split


@dataclass(frozen=True, slots=True)
class Variable:
    """What a model file says about one variable.

    Attributes
    ----------
    name : str
        As the file spells it.
    kind : str
        ``stock``, ``flow``, ``auxiliary``, ``constant``, ``lookup``, ``data`` or ``control`` (the time grid).
    unit, documentation, equation, group : str
        As in the file; several equations of one name are joined by line breaks.
    dims : tuple of str
        Names of its subscript ranges.
    line : int
        Line of its first equation in `file`.
    limits : tuple
        Lower and upper limit stated beside the unit, None where there is none.
    """

    name: str
    kind: str
    unit: str
    documentation: str
    equation: str
    dims: tuple[str, ...]
    group: str
    line: int
    file: str
    limits: tuple[float | None, float | None] = (None, None)


class Description:
    """What a checked model file says.

    Attributes
    ----------
    definition : ModelDef
        The engine's own representation.
    links : Graph
        What depends on what within a step, and at the start.
    """

    def __init__(self, definition: ModelDef) -> None:
        self.definition = definition
        self.links = Graph(definition)
        self._loops: dict[tuple[int, int], tuple[tuple[str, ...], ...]] = {}

    def __repr__(self) -> str:
        return f"<Model {self.path.name}: {len(self.variables)} variables>"

    @property
    def path(self) -> Path:
        """The file the model was read from."""
        return Path(self.definition.file)

    @property
    def hash(self) -> str:
        """SHA-256 of the file's text, and of the files that it reads."""
        return self.definition.hash

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """Every variable by its own name, in the order of the file."""
        return MappingProxyType({v.name: self._public(v) for v in self.definition.variables.values() if not v.hidden})

    def _public(self, item: VariableDef) -> Variable:
        dims = tuple(self.definition.ranges[d].name for d in item.dims)
        return Variable(item.name, item.kind, item.unit, item.documentation, item.equation, dims, item.group, item.line,
                        self.definition.file, item.limits)  # fmt: skip

    @cached_property
    def subscripts(self) -> Mapping[str, tuple[str, ...]]:
        """Elements of every subscript range."""
        return MappingProxyType({r.name: r.names for r in self.definition.ranges.values()})

    @property
    def time(self) -> TimeSpec:
        """The time grid that the file sets."""
        clock = self.definition.clock
        return TimeSpec(clock["initial time"], clock["final time"], clock["time step"], clock["saveper"])

    def variable(self, name: str) -> Variable:
        """Return a variable by any spelling of its name.

        Raises
        ------
        SimulationError
            If there is none; the nearest name is suggested.
        """
        return self.variables[self.definition.variables[self.key(name, "variable")].name]

    def key(self, name: str, where: str) -> str:
        """Return the key of a variable by any spelling of its name; `where` says in messages who asked."""
        fix = "model.variables lists the names"
        if not isinstance(name, str):
            raise SimulationError(Problem(where, f"a name of type {type(name).__name__}", "text", fix=fix))
        wanted = key(name)
        if wanted not in self.definition.variables or self.definition.variables[wanted].hidden:
            head, elements = split(name)
            found, near = f"unknown name {name!r}", nearest(head if elements else name, list(self.variables))
            if elements and near is not None and key(near) == key(head):
                fix = f"take {near!r} whole, and choose from it: found[{near!r}].sel(...)"
            raise SimulationError(Problem(where, found, "a variable of the model", near, fix))
        return wanted

    @cached_property
    def graph(self) -> Mapping[str, frozenset[str]]:
        """For each variable, the variables its equations mention (rates, initial values and delay times included)."""
        names = {k: v.name for k, v in self.definition.variables.items() if not v.hidden}
        return MappingProxyType({names[k]: frozenset(names[n] for n in self._mentioned(k)) for k in names})

    def _mentioned(self, name: str) -> set[str]:
        """Return the variables that `name` mentions, those inside macros and not the macros' own."""
        found: set[str] = set()
        seen: set[str] = set()
        stack = [name]
        while stack:
            for used in memory_names(self.definition, stack.pop()):
                if not self.definition.variables[used].hidden:
                    found.add(used)
                elif used not in seen:
                    seen.add(used)
                    stack.append(used)
        return found

    def depends_on(self, name: str) -> frozenset[str]:
        """Return what the equations of `name` mention."""
        return self.graph[self.variable(name).name]

    def drives(self, name: str) -> frozenset[str]:
        """Return the variables whose equations mention `name`."""
        wanted = self.variable(name).name
        return frozenset(n for n, used in self.graph.items() if wanted in used)

    @cached_property
    def sectors(self) -> Mapping[str, tuple[str, ...]]:
        """Group names in the order of the file, each with its variables."""
        found: dict[str, list[str]] = {g: [] for g in self.definition.groups}
        for item in self.variables.values():
            found.setdefault(item.group, []).append(item.name)
        return MappingProxyType({g: tuple(v) for g, v in found.items() if v})

    def loops(self, limit: int = 1000, longest: int = 40) -> tuple[tuple[str, ...], ...]:
        """Return feedback loops, the shortest first, each as the names on it in the direction of influence.

        Parameters
        ----------
        limit : int
            Most loops returned; a model of some hundred variables can have millions.
        longest : int
            Most variables on a loop.
        """
        from egendekning.engine.cycles import shortest_cycles

        if (limit, longest) not in self._loops:
            drives = {n: sorted(m for m, used in self.graph.items() if n in used) for n in self.graph}
            self._loops[limit, longest] = shortest_cycles(drives, limit, longest)
        return self._loops[limit, longest]
