"""Lower one parsed equation to the frozen form: names resolved, indices numeric, memory made into hidden states.

Every function with memory becomes plain first-order states and algebra here, so that what runs later knows only four
kinds of state. Unknown names, unknown functions, wrong numbers of arguments and unresolvable indices are all
collected as problems; lowering goes on so that the user sees every one. It refuses to warn: what is not supported is
an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine import arrays, bounds, dataseries, feeds, lookups, memory
from egendekning.engine.chance import QUANTILES
from egendekning.engine.evaluate import Env, Evaluator
from egendekning.engine.external import Files
from egendekning.engine.functions import FUNCTIONS, REDUCERS, STATEFUL_NAMES, TIMED
from egendekning.engine.ir import (
    ActiveInitial,
    Apply,
    Clock,
    Expr,
    Index,
    LookupTable,
    Num,
    RangeDef,
    Reduce,
    Ref,
    StateDef,
    Table,
)  # fmt: skip
from egendekning.engine.refused import REFUSED
from egendekning.engine.subscripts import IndexProblem, Scope
from egendekning.engine.tables import NOT_AVAILABLE
from egendekning.errors import Problem
from egendekning.names import key, nearest

CLOCKS = {
    "time": "time", "time step": "time step", "initial time": "initial time", "final time": "final time",
    "saveper": "saveper", "dt": "time step", "starttime": "initial time", "stoptime": "final time",
}  # fmt: skip
"""Names that mean a quantity of the time grid (the last three are XMILE's)."""


@dataclass(slots=True)
class Tables:
    """What lowering knows of the rest of the model, and what it adds to it."""

    ranges: Mapping[str, RangeDef]
    dims: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    lookups: frozenset[str]
    states: dict[str, StateDef] = field(default_factory=dict)
    inline: dict[str, LookupTable] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    files: Files = field(default_factory=lambda: Files(Path()))
    lacking: set[str] = field(default_factory=set)
    sites: dict[str, int] = field(default_factory=dict)
    structural: set[str] = field(default_factory=set)
    missing: dict[str, np.ndarray] = field(default_factory=dict)
    constant: Callable[[str], np.ndarray | None] = lambda name: None
    series: Callable[[str], LookupTable | None] = lambda name: None


class Lowering:
    """Lowers the expressions of one equation of variable `owner`."""

    def __init__(self, tables: Tables, scope: Scope, owner: str, where: str, keyword: str = "") -> None:
        self.tables, self.scope, self.owner, self.where = tables, scope, owner, where
        self.keyword = keyword
        self.extra: tuple[str, ...] = ()

    def problem(self, found: str, expected: str, near: str | None = None, fix: str = "") -> Expr:
        """Record a problem at this equation and return a stand-in."""
        name = self.tables.names.get(self.owner, self.owner)
        self.tables.problems.append(Problem(self.where, f"{name}: {found}", expected, near, fix))
        return Num(float("nan"))

    def expr(self, ast: Any) -> Expr:
        """Lower `ast`."""
        if isinstance(ast, (int, float, np.floating, np.integer)):
            return Num(float(ast) if ast == ast else NOT_AVAILABLE)
        if isinstance(ast, np.ndarray):
            return self._table(ast)
        handler = _HANDLERS.get(type(ast))
        if handler is None:
            return self.problem(
                f"uses {type(ast).__name__.removesuffix('Structure')}, which is not supported", "a supported function"
            )
        return handler(self, ast)

    def state(self, kind: str, initial: Expr, move: Expr, **more: Any) -> StateDef:
        """Register a hidden state of this equation."""
        name = f"{self.owner}#{len(self.tables.states)}"
        labels = self.scope.labels + tuple(sorted(self.extra))
        shape = tuple(self.scope.sizes[label] for label in labels)
        made = StateDef(name, kind, self.owner, labels, shape, initial, move, **more)
        self.tables.states[name] = made
        return made

    def _table(self, values: np.ndarray) -> Expr:
        if values.ndim == 0:
            return Num(float(values))
        shape = tuple(self.scope.sizes[label] for label in self.scope.labels)
        used = [i for i, size in enumerate(shape) if size > 1] if values.ndim < len(shape) else list(range(len(shape)))
        if values.size != int(np.prod(shape)) or (values.ndim > 1 and values.shape != tuple(shape[i] for i in used)):
            return self.problem(
                f"{values.size} numbers {list(values.shape)} for {int(np.prod(shape))} elements {list(shape)}",
                "one number per element of the left-hand side",
            )
        return Table(np.asarray(values, dtype=float).reshape(shape), self.scope.labels)

    def arithmetic(self, ast: ae.ArithmeticStructure) -> Expr:
        """Lower a chain of operators of one precedence; ``^`` binds from the right, the others from the left."""
        args = [self.expr(a) for a in ast.arguments]
        if ast.operators == ["negative"]:
            return Num(-args[0].value) if isinstance(args[0], Num) else Apply("negative", (args[0],))
        if ast.operators[0] == "^" and len(args) > bounds.DEEPEST:
            return self.problem(f"a tower of {len(args)} powers", f"at most {bounds.DEEPEST}")
        if ast.operators[0] == "^":
            result = args[-1]
            for arg in reversed(args[:-1]):
                result = Apply("^", (arg, result))
            return result
        if len(args) > bounds.DEEPEST:
            return self._long_chain(args, list(ast.operators))
        result = args[0]
        for operator, arg in zip(ast.operators, args[1:], strict=True):
            result = Apply(operator, (result, arg))
        return result

    def _long_chain(self, args: list[Expr], operators: list[str]) -> Expr:
        def make(operator: str, left: Expr | None, right: Expr) -> Expr:
            if left is not None:
                return Apply(operator, (left, right))
            return Apply("negative", (right,)) if operator == "-" else Apply("/", (Num(1.0), right))

        sign, other = ("+", "-") if operators[0] in "+-" else ("*", "/")
        found: Expr = bounds.shallow(sign, other, args, operators, make)
        return found

    def logic(self, ast: ae.LogicStructure) -> Expr:
        """Lower comparisons and logic; ``:AND:`` binds before ``:OR:``."""
        operators = [_word(op) for op in ast.operators]
        args = [self.expr(a) for a in ast.arguments]
        if operators == [":not:"]:
            return Apply(":not:", (args[0],))
        if operators[0] not in (":and:", ":or:"):
            return Apply(operators[0], (args[0], args[1]))
        groups: list[Expr] = [args[0]]
        for operator, arg in zip(operators, args[1:], strict=True):
            if operator == ":and:":
                groups[-1] = Apply(":and:", (groups[-1], arg))
            else:
                groups.append(arg)
        result = groups[0]
        for group in groups[1:]:
            result = Apply(":or:", (result, group))
        return result

    def reference(self, ast: ae.ReferenceStructure) -> Expr:
        """Lower a name, with subscripts or not."""
        name = key(ast.reference)
        tokens = list(ast.subscripts.subscripts) if ast.subscripts else []
        if name in CLOCKS and name not in self.tables.dims:
            return Clock(CLOCKS[name])
        if name in CLOCKS and CLOCKS[name] != name:
            pass  # a variable of the model that happens to be called, say, dt
        elif name in CLOCKS:
            return Clock(name)
        if name not in self.tables.dims:
            return self._subscript_number(name) or self.problem(
                f"unknown name {ast.reference.replace('_', ' ')!r}", "a variable of the model",
                nearest(name, self.tables.names.values()), "define it or mend the spelling",
            )  # fmt: skip
        if name in self.tables.lookups:
            return self.problem(f"table function {self.tables.names[name]} is used as a number", "name(argument)")
        index = self.index(name, tokens)
        return Ref(name, index) if index is not None else Num(float("nan"))

    def _subscript_number(self, name: str) -> Expr | None:
        """Return the place of a subscript, counted from 1 in its family: the largest range that holds it."""
        running = name in self.scope.labels
        wanted = self.tables.ranges[name].elements if running else (name,)
        around = [r.elements for r in self.tables.ranges.values() if set(wanted) <= set(r.elements)]
        if not around:
            return None
        family = max(around, key=len)  # the first of those of one length
        places = [family.index(e) + 1.0 for e in wanted]
        return Table(np.asarray(places), (name,)) if running else Num(places[0])

    def index(self, name: str, tokens: list[str]) -> tuple[Index, ...] | None:
        """Resolve the subscripts `tokens` of variable `name`."""
        dims = self.tables.dims[name]
        shown = self.tables.names[name]
        if len(tokens) != len(dims):
            want = f"[{', '.join(self.tables.ranges[d].name for d in dims)}]" if dims else "no subscripts"
            self.problem(f"{shown} is given {len(tokens)} subscripts", f"{shown} with {want}")
            return None
        try:
            found = tuple(self.scope.index(t, self.tables.ranges[d]) for t, d in zip(tokens, dims, strict=True))
        except IndexProblem as error:
            self.problem(f"{shown}[{', '.join(tokens)}]: {error.found}", error.expected, error.near)
            return None
        return found

    def call(self, ast: ae.CallStructure) -> Expr:
        """Lower a function call or a table-function call."""
        name = key(ast.function.reference) if isinstance(ast.function, ae.ReferenceStructure) else ""
        if name in self.tables.lookups:
            return lookups.read(self, ast.function, "interpolate", ast.arguments)
        if name == "ramp" and len(ast.arguments) == 2:
            name = "xramp"  # a ramp without end
        if name in TIMED:
            return self._timed(name, ast.arguments)
        if name in _CALLS:
            return _CALLS[name](self, name, ast.arguments)
        if name in FUNCTIONS and name[0].isalpha():
            return self._function(name, ast.arguments)
        return self._unsupported(name, ast)

    def _timed(self, name: str, arguments: tuple[Any, ...]) -> Expr:
        if len(arguments) != TIMED[name]:
            return self.problem(f"{name.upper()} has {len(arguments)} arguments", f"{TIMED[name]} arguments")
        return memory.timed(name, [self.expr(a) for a in arguments])

    def _count(self, name: str, arguments: tuple[Any, ...]) -> Expr:
        """Lower ELMCOUNT."""
        wanted = key(arguments[0].reference) if arguments and isinstance(arguments[0], ae.ReferenceStructure) else ""
        if wanted not in self.tables.ranges:
            return self.problem(f"{name.upper()} has no subscript range as argument", "ELMCOUNT(range)")
        return Num(float(len(self.tables.ranges[wanted].elements)))

    def _active_initial(self, name: str, arguments: tuple[Any, ...]) -> Expr:
        if len(arguments) != 2:
            return self.problem(f"{name.upper()} has {len(arguments)} arguments", "2 arguments")
        return ActiveInitial(self.expr(arguments[0]), self.expr(arguments[1]))

    def _function(self, name: str, arguments: tuple[Any, ...]) -> Expr:
        wanted = FUNCTIONS[name][0]
        if name == "log" and len(arguments) == 1:
            arguments = (*arguments, 10.0)
        if len(arguments) != wanted:
            return self.problem(
                f"{name.upper()} has {len(arguments)} arguments", f"{wanted} argument{'s' * (wanted > 1)}"
            )
        return Apply(name, tuple(self.expr(a) for a in arguments))

    def _unsupported(self, name: str, ast: ae.CallStructure) -> Expr:
        for argument in ast.arguments:
            if not isinstance(argument, str):
                self.expr(argument)
        if name in self.tables.dims:
            return self.problem(f"{self.tables.names[name]} is called like a function", "a table function")
        if name in REFUSED:
            return self.problem(f"{name.upper()} {REFUSED[name]}", "a function of the engine's table")
        known = [*(n.upper() for n in (*FUNCTIONS, *TIMED, *_CALLS) if n[0].isalpha()), *STATEFUL_NAMES,
                 *(self.tables.names[n] for n in self.tables.lookups)]  # fmt: skip
        return self.problem(
            f"the function {name.upper()} is not supported", "a function of the engine's table",
            nearest(name, known), "write it with supported functions",
        )  # fmt: skip

    def _reduce(self, name: str, arguments: tuple[Any, ...]) -> Expr:
        if len(arguments) != 1:
            return self.problem(f"{name.upper()} has {len(arguments)} arguments", "one argument")
        outer = self.extra
        labels = tuple(sorted(_bangs(arguments[0])))
        for label in labels:
            if label[:-1] not in self.tables.ranges:
                return self.problem(f"{label} is not a subscript range", "range!",
                                    nearest(label[:-1], [r.name for r in self.tables.ranges.values()]))  # fmt: skip
            self.scope.sizes[label] = len(self.tables.ranges[label[:-1]].elements)
        self.extra = self.beside(labels)
        arg = self.expr(arguments[0])
        self.extra = outer
        if not labels:
            return self.problem(f"{name.upper()} has no subscript marked with !", "a range followed by !")
        return Reduce(name, arg, labels, tuple(self.scope.sizes[label] for label in labels))

    def new_bangs(self, arguments: Any) -> tuple[str, ...]:
        """Return the ``range!`` labels inside `arguments`, those of a sum inside them left out."""
        labels = tuple(n for n in sorted(_bangs(tuple(arguments))) if n[:-1] in self.tables.ranges)
        for label in labels:
            self.scope.sizes[label] = len(self.tables.ranges[label[:-1]].elements)
        return labels

    def beside(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Return the labels that functions around run over, and `labels`, each once."""
        return tuple(dict.fromkeys((*self.extra, *labels)))

    def numbers(self, ast: Any, what: str) -> np.ndarray | None:
        """Return the value of an expression of constants that decides the structure of the model, (*labels)."""
        labels = (*self.scope.labels, *sorted(self.extra))
        shape = tuple(self.scope.sizes[n] for n in labels)
        try:
            env = Env(np, self._structural, _unknown, _unknown, _unknown, "run", {})
            return np.asarray(Evaluator(env, labels).filled(self.expr(ast), labels, shape))[..., 0]
        except (KeyError, RecursionError):
            self.problem(f"{what} changes during the run", "a number or an expression of constants")
            return None

    def _structural(self, name: str) -> np.ndarray:
        found = self.tables.constant(name)
        if found is None:
            raise KeyError(name)
        self.tables.structural.add(name)
        return found

    def whole_number(self, ast: Any, what: str) -> int:
        """Return one whole number that decides the structure of the model."""
        found = self.numbers(ast, what)
        if found is None:
            return 0
        values = np.unique(found)
        if len(values) == 1 and float(values[0]).is_integer():
            return int(values[0])
        self.problem(f"{what} is {values.tolist()}", "one whole number")
        return 0


def _unknown(name: str) -> Any:
    raise KeyError(name)


def _word(operator: str) -> str:
    """Return a logic operator in one spelling (XMILE writes ``and``, Vensim ``:AND:``)."""
    word = operator.strip().lower()
    return f":{word}:" if word in ("and", "or", "not") else word


def _bangs(ast: Any) -> set[str]:
    """Return the labels of the ``range!`` subscripts inside `ast`, but those that a function inside runs over."""
    if isinstance(ast, ae.CallStructure) and key(ast.function.reference) in (*REDUCERS, "vector select"):
        return set()
    if isinstance(ast, ae.SubscriptsReferenceStructure):
        return {key(s.rstrip(" !")) + "!" for s in ast.subscripts if s.rstrip().endswith("!")}
    if isinstance(ast, (tuple, list)):
        return set().union(*map(_bangs, ast)) if ast else set()
    if isinstance(ast, ae.AbstractSyntax):
        return set().union(*(_bangs(getattr(ast, name)) for name in ast.__dataclass_fields__))
    return set()


_HANDLERS: dict[type, Callable[[Lowering, Any], Expr]] = {
    ae.ArithmeticStructure: Lowering.arithmetic,
    ae.LogicStructure: Lowering.logic,
    ae.ReferenceStructure: Lowering.reference,
    ae.CallStructure: Lowering.call,
    ae.InlineLookupsStructure: lookups.inline,
    ae.GameStructure: lambda low, ast: low.expr(ast.expression),
    ae.InitialStructure: memory.initial,
    ae.IntegStructure: memory.integ,
    ae.DelayStructure: memory.delay,
    ae.DelayNStructure: memory.delay,
    ae.DelayFixedStructure: memory.delay_fixed,
    ae.SmoothStructure: memory.smooth,
    ae.SmoothNStructure: memory.smooth,
    ae.SampleIfTrueStructure: memory.sample_if_true,
    ae.TrendStructure: memory.trend,
    ae.ForecastStructure: memory.forecast,
    ae.GetConstantsStructure: feeds.constants,
    ae.GetDataStructure: feeds.data,
    ae.DataStructure: feeds.named_data,
    ae.AllocateAvailableStructure: arrays.allocate_available,
    ae.AllocateByPriorityStructure: arrays.allocate_by_priority,
}

_CALLS: dict[str, Callable[[Lowering, str, tuple[Any, ...]], Expr]] = {
    **arrays.VECTOR_CALLS,
    **lookups.CALLS,
    **dataseries.CALLS,
    **dict.fromkeys(QUANTILES, arrays.random),
    **dict.fromkeys(REDUCERS, Lowering._reduce),
    "elmcount": Lowering._count,
    "active initial": Lowering._active_initial,
    "pi": lambda low, name, arguments: Num(float(np.pi)),
    "reinitial": lambda low, name, arguments: memory.initial(low, ae.InitialStructure(arguments[0])),
    "get time value": memory.time_value,
    "xsteady": memory.steady,
}
"""Functions that the parser delivers as plain calls and that are more than arithmetic on their arguments."""
