"""Settle the names of an XMILE model: functions, arrays without subscripts, wildcards, modules, graphical functions.

In XMILE an array may stand without subscripts in an equation over the same dimensions, ``*`` runs over a dimension
inside SUM and its like, and a variable with a graph may be called as a function. After this module the equations say
all of it in full. It refuses to evaluate anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.macros import Macro, mapped
from egendekning.engine.parse import RawEquation, RawModel, RawVariable
from egendekning.engine.syntax import call
from egendekning.engine.xmile_functions import ARRAYS, CONSTANTS, MANY, TRANSLATED
from egendekning.names import key, nearest

Fault = Callable[[RawVariable, RawEquation, str, str], None]


@dataclass(slots=True)
class Names:
    """What is known of the names of a file: dimensions of arrays, names inside modules, graphs of variables."""

    dims: dict[str, list[str]] = field(default_factory=dict)
    local: dict[str, Mapping[str, str]] = field(default_factory=dict)
    graphs: dict[str, Any] = field(default_factory=dict)

    def add(self, item: RawVariable, dims: list[str], local: Mapping[str, str]) -> None:
        """Note a variable, its dimensions, and how names inside its module are spelled in full."""
        self.dims[key(item.name)] = dims
        self.local[key(item.name)] = local


def finished(
    names: Names, model: RawModel, item: RawVariable, equation: RawEquation, macros: Mapping[str, Macro], fault: Fault
) -> None:
    """Put the finished expression into `equation`."""
    if isinstance(equation.ast, (float, int)) or equation.form == "lookup":
        return
    worker = _Finisher(names, model, item, equation, macros, fault)
    equation.ast = worker.visit(equation.ast)


class _Finisher:
    def __init__(
        self, names: Names, model: RawModel, item: RawVariable, equation: RawEquation, macros: Mapping[str, Macro],
        fault: Fault,
    ) -> None:  # fmt: skip
        self.names, self.model, self.item, self.equation = names, model, item, equation
        self.macros, self.fault = macros, fault
        self.local = names.local.get(key(item.name), {})
        self.summing = False

    def visit(self, node: Any) -> Any:
        """Return `node` with its names in full."""
        if isinstance(node, ae.CallStructure):
            return self.call(node)
        if isinstance(node, ae.ReferenceStructure):
            return self.reference(node)
        return mapped(node, self.visit)

    def _full(self, name: str) -> str:
        """Return a name of the module in full; the path of another module's variable is full already."""
        head, dot, rest = name.partition(".")
        return self.local[key(head)] + dot + rest if key(head) in self.local else name

    def reference(self, node: ae.ReferenceStructure) -> Any:
        """Return a reference with all its subscripts."""
        name = self._full(node.reference)
        if key(name) not in self.names.dims and key(name) in CONSTANTS and node.subscripts is None:
            return CONSTANTS[key(name)]
        if key(name) == "self" and "self" not in self.names.dims:
            own = tuple(self.equation.subscripts)
            return ae.ReferenceStructure(self.item.name, ae.SubscriptsReferenceStructure(own) if own else None)
        dims = self.names.dims.get(key(name), [])
        if node.subscripts is not None:
            given = list(node.subscripts.subscripts)
            tokens = [self._token(t, dims[k] if k < len(dims) else "") for k, t in enumerate(given)]
        elif dims:
            tokens = [f"{d}!" if self.summing else d for d in dims]
        else:
            tokens = []
        return ae.ReferenceStructure(name, ae.SubscriptsReferenceStructure(tuple(tokens)) if tokens else None)

    def _token(self, token: str, dim: str) -> str:
        head, _, element = token.partition(".")
        if token == "*" or element == "*":
            return f"{dim if token == '*' else head}!"
        if element and key(head) in {key(d) for d in self.names_of_ranges()}:
            return element.replace("_", " ")
        if (
            self.summing
            and key(token) in self.names_of_ranges()
            and key(token) not in map(key, self.equation.subscripts)
        ):
            return f"{token}!"
        return token

    def names_of_ranges(self) -> set[str]:
        """Return the keys of all dimensions."""
        return set(self.model.ranges)

    def call(self, node: ae.CallStructure) -> Any:
        """Return what the engine makes of a function."""
        written = self._full(node.function.reference)
        name = key(written)
        builtin = name.replace(" ", "_") in (*TRANSLATED, *ARRAYS)  # which a variable may be called, too
        if (name in self.names.dims and not builtin) or name in self.names.graphs or name in self.macros:
            return self._own(name, written, node)
        name = name.replace(" ", "_")
        if name in ARRAYS and len(node.arguments) == 1:
            return self._array(name, node)
        if name == "rank" and len(node.arguments) == 2:
            before, self.summing = self.summing, True
            array = self.visit(node.arguments[0])
            self.summing = before
            return call("xrank", array, self.visit(node.arguments[1]))
        arguments = tuple(self.visit(a) for a in node.arguments)
        if name in ("xmod", "xsafediv", "xsteady"):  # made from operators
            return ae.CallStructure(node.function, arguments)
        if name in MANY and len(arguments) > 1:
            return MANY[name](*arguments)
        if name == "lookup" and len(node.arguments) == 2 and isinstance(node.arguments[0], ae.ReferenceStructure):
            target = node.arguments[0]
            return self.call(ae.CallStructure(target, node.arguments[1:]))
        forms = TRANSLATED.get(name)
        if forms is None:
            near = nearest(name, [*TRANSLATED, *ARRAYS])
            self.fault(self.item, self.equation, f"the function {written.upper()} is not supported",
                       f"a function of the engine's table{f' (such as {near.upper()})' if near else ''}")  # fmt: skip
            return float("nan")
        if len(arguments) not in forms:
            counts = " or ".join(str(n) for n in forms)
            self.fault(self.item, self.equation, f"{name.upper()} has {len(arguments)} arguments", counts)
            return float("nan")
        return forms[len(arguments)](*arguments)

    def _own(self, name: str, written: str, node: ae.CallStructure) -> Any:
        """Return a call of the model's own macro or graphical function."""
        arguments = tuple(self.visit(a) for a in node.arguments)
        graph = self.names.graphs.get(name)
        if graph is not None:  # a variable with a graph, called with another argument
            return ae.InlineLookupsStructure(arguments[0] if arguments else float("nan"), graph)
        function = node.function if name in self.macros else self.reference(
            ae.ReferenceStructure(node.function.reference, node.function.subscripts))  # fmt: skip
        return ae.CallStructure(function, arguments)

    def _array(self, name: str, node: ae.CallStructure) -> Any:
        before, self.summing = self.summing, True
        inner = self.visit(node.arguments[0])
        self.summing = before
        name = ARRAYS[name]
        if name == "size":
            return call("sum", _ones(inner))
        if name in ("mean", "stddev"):
            count, total = call("sum", _ones(inner)), call("sum", inner)
            if name == "mean":
                return ae.ArithmeticStructure(["/"], (total, count))
            square = call("sum", ae.ArithmeticStructure(["*"], (inner, inner)))
            less = ae.ArithmeticStructure(["/"], (ae.ArithmeticStructure(["*"], (total, total)), count))
            spread = call("max", ae.ArithmeticStructure(["-"], (square, less)), 0.0)
            return call("sqrt", ae.ArithmeticStructure(["/"], (spread, ae.ArithmeticStructure(["-"], (count, 1.0)))))
        return call(name, inner)


def _ones(inner: Any) -> Any:
    """Return an expression with the axes of `inner` that is 1 everywhere."""
    return call("if then else", ae.LogicStructure(["="], (inner, inner)), 1.0, 1.0)
