"""User macros: every call becomes variables of its own, so that the rest of the engine never meets a macro.

A call ``F(a, b : c)`` in the equation of ``x`` makes one hidden variable per name inside the macro, with the subscripts
of x's left-hand side, and those that a sum around the call runs over: the stocks of two calls are two stocks. Names
inside a macro are its own, but for the time grid and names that end in ``$``, which are the model's. A table function
that goes in is that table inside. The module refuses macros that call themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.parse import RawEquation, RawModel, RawVariable
from egendekning.errors import ModelFileError, Problem
from egendekning.names import key

_DEEPEST = 20  # macros that call macros; more is a circle
_MOST_CALLS = 10_000  # macros that call two macros each double with every level


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro as written: names of what goes in, of what comes out besides its own name, and its equations."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    body: RawModel
    line: int


def expand(model: RawModel, macros: Mapping[str, Macro], file: str) -> None:
    """Replace every macro call in `model` by references to variables made for it.

    Raises
    ------
    ModelFileError
        For calls with a wrong number of arguments, or that never end.
    """
    expander = _Expander(model, macros, file)
    for item in list(model.variables.values()):
        for equation in item.equations:
            equation.ast = expander.rewritten(equation.ast, item, equation, 0)
    if expander.problems:
        raise ModelFileError(expander.problems)


class _Expander:
    def __init__(self, model: RawModel, macros: Mapping[str, Macro], file: str) -> None:
        self.model, self.macros, self.file = model, macros, file
        self.problems: list[Problem] = []
        self.count: dict[str, int] = {}

    def rewritten(self, ast: Any, owner: RawVariable, equation: RawEquation, depth: int) -> Any:
        """Return `ast` with every call of a macro replaced by a reference."""

        def visit(node: Any) -> Any:
            node = mapped(node, visit)
            name = key(node.function.reference) if isinstance(node, ae.CallStructure) else ""
            return self.call(self.macros[name], node, owner, equation, depth) if name in self.macros else node

        return visit(ast)

    def call(self, macro: Macro, node: Any, owner: RawVariable, equation: RawEquation, depth: int) -> Any:
        """Make the variables of one call and return a reference to its result."""
        wanted, given = len(macro.inputs), node.arguments
        if not wanted <= len(given) <= wanted + len(macro.outputs):
            return self._problem(equation, f"{owner.name}: macro {macro.name} has {len(given)} arguments", f"{wanted}")
        if depth > _DEEPEST:
            return self._problem(equation, f"{owner.name}: macro {macro.name} calls itself", "macros without a circle")
        if sum(self.count.values()) >= _MOST_CALLS:
            raise ModelFileError(Problem(f"{self.file}:{equation.line}", f"{owner.name}: macros are called more than "
                                         f"{_MOST_CALLS} times", "fewer, counting calls inside macros"))  # fmt: skip
        labels = [s for s in equation.subscripts if key(s) in self.model.ranges]
        summed = sorted(_marked(given[:wanted]))
        if set(map(key, summed)) & set(map(key, equation.subscripts)):
            return self._problem(equation, f"{owner.name}: macro {macro.name} is called in a sum over a range of the "
                                 "left-hand side", "a call in an equation of its own")  # fmt: skip
        self.count[macro.name] = number = self.count.get(macro.name, 0) + 1
        prefix = f"{owner.name} > {macro.name} {number} > "
        axes = [*labels, *summed]
        tables: dict[str, Any] = {}
        for name, argument in zip(macro.inputs, given, strict=False):
            if self._is_table(argument):
                tables[key(name)] = argument
                continue
            self._add(prefix + name, RawVariable(prefix + name), replace(equation, subscripts=axes, excepted=[],
                      ast=_opened(argument), form="equation"))  # fmt: skip
        self._body(macro, prefix, axes, tables, depth)
        for name, target in zip(macro.outputs, given[wanted:], strict=False):
            self._output(target, prefix + name, labels, equation, owner)
        return _reference(prefix + macro.name, [*labels, *(f"{s}!" for s in summed)])

    def _body(self, macro: Macro, prefix: str, axes: list[str], tables: Mapping[str, Any], depth: int) -> None:
        """Add the equations inside a macro, its own names under `prefix`, over the subscripts `axes`."""
        local = ({key(n) for n in macro.inputs} | set(macro.body.variables)) - set(tables)
        for item in macro.body.variables.values():
            for part in item.equations:
                made = replace(item, name=prefix + item.name, equations=[], hidden=True)
                ast = _renamed(part.ast, local, prefix, axes, tables)
                moved = replace(part, subscripts=[*axes, *part.subscripts], ast=ast)
                moved.ast = self.rewritten(moved.ast, made, replace(moved, subscripts=axes), depth + 1)
                self._add(made.name, made, moved)

    def _is_table(self, argument: Any) -> bool:
        if not isinstance(argument, ae.ReferenceStructure):
            return False
        known = self.model.variables.get(key(argument.reference))
        return known is not None and known.equations[0].form == "lookup"

    def _output(self, target: Any, source: str, labels: list[str], equation: RawEquation, owner: RawVariable) -> None:
        """Give a variable of the model the value of a further output."""
        if not isinstance(target, ae.ReferenceStructure):
            self._problem(equation, f"{owner.name}: an output of a macro is no name", "the name of a variable")
            return
        name = key(target.reference)
        known = self.model.variables.get(name)
        item = RawVariable(known.name if known else " ".join(target.reference.replace("_", " ").split()), owner.unit,
                           group=owner.group)  # fmt: skip
        item.equations.append(replace(equation, subscripts=list(labels), excepted=[], ast=_reference(source, labels)))
        self.model.variables[name] = item

    def _add(self, name: str, item: RawVariable, equation: RawEquation) -> None:
        item.hidden = True
        self.model.variables.setdefault(key(name), item).equations.append(equation)

    def _problem(self, equation: RawEquation, found: str, expected: str) -> float:
        self.problems.append(Problem(f"{self.file}:{equation.line}", found, expected))
        return float("nan")


def _reference(name: str, labels: list[str]) -> Any:
    subscripts = ae.SubscriptsReferenceStructure(tuple(labels)) if labels else None
    return ae.ReferenceStructure(name, subscripts)


def mapped(node: Any, visit: Callable[[Any], Any]) -> Any:
    """Return a copy of `node` with `visit` applied to everything directly inside it."""
    if isinstance(node, (tuple, list)):
        return type(node)(visit(n) for n in node)
    if not isinstance(node, ae.AbstractSyntax) or isinstance(node, ae.LookupsStructure):
        return node
    made = object.__new__(type(node))
    for part in fields(node):
        setattr(made, part.name, visit(getattr(node, part.name)))
    return made


def _renamed(ast: Any, local: set[str], prefix: str, labels: list[str], tables: Mapping[str, Any]) -> Any:
    """Return `ast` with the macro's own names made those of one call, and tables that go in those of the model."""

    def visit(node: Any) -> Any:
        if isinstance(node, ae.ReferenceStructure):
            own = list(node.subscripts.subscripts) if node.subscripts else []
            if key(node.reference) in tables:
                return tables[key(node.reference)]
            if key(node.reference) in local:
                return _reference(prefix + node.reference, [*labels, *own])
            if node.reference.endswith("$"):
                return replace(node, reference=node.reference.rstrip("$"))
            return node
        return mapped(node, visit)

    return visit(ast)


def _sums(node: Any) -> bool:
    """Whether `node` is a reduction, which runs over its marked subscripts itself."""
    return isinstance(node, ae.CallStructure) and key(node.function.reference) in ("sum", "prod", "vmin", "vmax")


def _marked(ast: Any) -> set[str]:
    """Return the ranges marked with ``!`` inside `ast`, those of a sum inside the argument itself left out."""
    if isinstance(ast, ae.SubscriptsReferenceStructure):
        return {s.rstrip(" !") for s in ast.subscripts if s.rstrip().endswith("!")}
    if isinstance(ast, (tuple, list)):
        return set().union(*map(_marked, ast))
    if isinstance(ast, ae.AbstractSyntax) and not _sums(ast):
        return set().union(*(_marked(getattr(ast, f.name)) for f in fields(ast)))
    return set()


def _opened(ast: Any) -> Any:
    """Return `ast` with marked subscripts made plain ones, but inside a sum of its own."""
    if isinstance(ast, ae.SubscriptsReferenceStructure):
        return ae.SubscriptsReferenceStructure(tuple(s.rstrip(" !") for s in ast.subscripts))
    return ast if _sums(ast) else mapped(ast, _opened)
