"""User macros: every call becomes variables of its own, so that the rest of the engine never meets a macro.

A call ``F(a, b : c)`` in the equation of ``x`` makes one hidden variable per name inside the macro, with the subscripts
of x's left-hand side: the stocks of two calls are two stocks. Names inside a macro are its own, but for the time grid
and names that end in ``$``, which are the model's. The module refuses macros that call themselves and calls inside a
sum, whose axis the macro's stocks would have to carry.
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
        For calls with a wrong number of arguments, inside a sum, or that never end.
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
        if _marked(given[:wanted]):
            return self._problem(equation, f"{owner.name}: macro {macro.name} is called inside a sum",
                                 "a call in an equation of its own")  # fmt: skip
        self.count[macro.name] = number = self.count.get(macro.name, 0) + 1
        prefix = f"{owner.name} > {macro.name} {number} > "
        labels = [s for s in equation.subscripts if key(s) in self.model.ranges]
        for name, argument in zip(macro.inputs, given, strict=False):
            self._add(prefix + name, RawVariable(prefix + name), replace(equation, subscripts=labels, excepted=[],
                      ast=argument, form="equation"))  # fmt: skip
        local = {key(n) for n in macro.inputs} | set(macro.body.variables)
        for item in macro.body.variables.values():
            for part in item.equations:
                made = replace(item, name=prefix + item.name, equations=[], hidden=True)
                moved = replace(
                    part, subscripts=[*labels, *part.subscripts], ast=_renamed(part.ast, local, prefix, labels)
                )
                moved.ast = self.rewritten(moved.ast, made, replace(moved, subscripts=labels), depth + 1)
                self._add(made.name, made, moved)
        for name, target in zip(macro.outputs, given[wanted:], strict=False):
            self._output(target, prefix + name, labels, equation, owner)
        return _reference(prefix + macro.name, labels)

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


def _renamed(ast: Any, local: set[str], prefix: str, labels: list[str]) -> Any:
    """Return `ast` with the macro's own names made those of one call."""

    def visit(node: Any) -> Any:
        if isinstance(node, ae.ReferenceStructure):
            own = list(node.subscripts.subscripts) if node.subscripts else []
            if key(node.reference) in local:
                return _reference(prefix + node.reference, [*labels, *own])
            if node.reference.endswith("$"):
                return replace(node, reference=node.reference.rstrip("$"))
            return node
        return mapped(node, visit)

    return visit(ast)


def _marked(ast: Any) -> bool:
    """Whether a subscript inside `ast` is marked with ``!`` (a sum inside the argument itself is no harm)."""
    if isinstance(ast, ae.SubscriptsReferenceStructure):
        return any(s.rstrip().endswith("!") for s in ast.subscripts)
    if isinstance(ast, (tuple, list)):
        return any(map(_marked, ast))
    if isinstance(ast, ae.CallStructure) and key(ast.function.reference) in ("sum", "prod", "vmin", "vmax"):
        return False
    if isinstance(ast, ae.AbstractSyntax):
        return any(_marked(getattr(ast, f.name)) for f in fields(ast))
    return False
