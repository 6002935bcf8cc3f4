"""Check that the units of every equation balance, by algebra on the units that the file declares.

Rules. A number in an equation is dimensionless; 0 fits any unit. A number (or list, or WITH LOOKUP) that is the whole
equation has the unit of its variable; so have a bare number as initial value, and a bare number where a time is wanted
(STEP, RAMP, PULSE, SMOOTH, DELAY). Sums, branches, MIN, MAX and comparisons want equal units; EXP, LN, powers and
angles want numbers without unit; a rate of INTEG wants the unit of the stock per unit of time; delay and smoothing
times want the unit of TIME STEP; a table function gives its own unit and wants an argument of one unit in every call.
A word that is not known becomes a unit of its own, so ``person``, ``daa``, ``job`` and ``t CO2e`` never mix; a plural
in s is its singular. The module refuses to convert: MNOK and NOK are different units until an equation converts them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from egendekning.engine.ir import (
    ActiveInitial,
    Apply,
    Clock,
    Component,
    Expr,
    LookupCall,
    Memory,
    ModelDef,
    Num,
    Reduce,
    Ref,
    Table,
    VariableDef,
)  # fmt: skip
from egendekning.engine.model import Model
from egendekning.engine.unittext import NONE, Unit, UnitSyntaxError, parse_unit, show, spellings
from egendekning.errors import Problem


@dataclass(frozen=True, slots=True)
class UnitProblem:
    """Units that do not balance: where, and what stands on either side."""

    variable: str
    file: str
    line: int
    left: str
    right: str
    what: str

    def problem(self) -> Problem:
        """Return it as a message."""
        return Problem(f"{self.file}:{self.line}", f"{self.variable}: {self.what} has unit {self.right}", self.left,
                       fix="mend the equation or the declared unit")  # fmt: skip

    def __str__(self) -> str:
        return str(self.problem())


@dataclass(frozen=True, slots=True)
class UnitReport:
    """How many equations were checked, and every problem found."""

    equations: int
    problems: tuple[UnitProblem, ...]

    @property
    def ok(self) -> bool:
        """Whether every equation balances."""
        return not self.problems

    @property
    def balanced(self) -> int:
        """Number of equations without a problem."""
        return self.equations - len({(p.variable, p.line) for p in self.problems})


def check_units(model: Model) -> UnitReport:
    """Return the unit report of a model; every equation is checked, tables and ranges have none to check."""
    checker = _Checker(model.definition)
    count = 0
    for item in model.definition.variables.values():
        checker.declared(item)
    for item in model.definition.variables.values():
        for component in () if item.hidden else item.components:
            count += 1
            checker.equation(item, component)
    return UnitReport(count, tuple(checker.problems))


@dataclass(slots=True)
class _Checker:
    model: ModelDef
    problems: list[UnitProblem] = field(default_factory=list)
    units: dict[str, Unit] = field(default_factory=dict)
    arguments: dict[str, Unit] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    item: VariableDef | None = None
    line: int = 0

    def declared(self, item: VariableDef) -> None:
        """Read the declared unit of a variable; inside a macro, units are those of the call."""
        if item.hidden:
            self.units[item.key] = None
            return
        try:
            self.units[item.key] = parse_unit(item.unit)
            for name, word in spellings(item.unit).items():
                self.spelled.setdefault(name, word)
        except UnitSyntaxError as error:
            self.units[item.key] = None
            self.problems.append(
                UnitProblem(
                    item.name, self.model.file, item.line, "a unit", repr(item.unit), f"its declaration ({error})"
                )
            )

    @property
    def time(self) -> Unit:
        """The unit of time."""
        return self.units.get("time step")

    def equation(self, item: VariableDef, component: Component) -> None:
        """Check one equation."""
        self.item, self.line = item, component.line
        left = self.units[item.key]
        expr = component.expr
        if isinstance(expr, LookupCall) and "#" in expr.key:
            self.unit(expr.arg)
            return
        if not _bare(expr):
            self.equal(left, self.unit(expr, left), "the right-hand side")

    def equal(self, left: Unit, right: Unit, what: str) -> Unit:
        """Report if two units differ; return the one that is known."""
        if left is None or right is None:
            return right if left is None else left
        if left != right:
            assert self.item is not None
            self.problems.append(
                UnitProblem(
                    self.item.name,
                    self.model.file,
                    self.line,
                    show(left, self.spelled),
                    show(right, self.spelled),
                    what,
                )
            )
        return left

    def unit(self, expr: Expr, wanted: Unit = None) -> Unit:
        """Return the unit of `expr`; `wanted` is that of the variable, for a stock's equation."""
        match expr:
            case Num(value=value):
                return None if value == 0 or value != value else NONE
            case Table(values=values):
                return None if not values.any() else NONE
            case Clock():
                return self.time
            case Ref(key=name):
                return self.units[name]
            case Reduce(fn=fn, arg=arg, sizes=sizes):
                inner = self.unit(arg)
                count = 1
                for size in sizes:
                    count *= size
                return inner**count if fn == "prod" and inner is not None else inner
            case LookupCall():
                return self._lookup(expr)
            case ActiveInitial(running=running, initial=initial):
                now = self.unit(running)
                return now if _bare(initial) else self.equal(now, self.unit(initial), "the initial expression")
            case Memory():
                return self._memory(expr, wanted)
            case Apply(fn=fn, args=args):
                return self._apply(fn, args)
        return None

    def _lookup(self, expr: LookupCall) -> Unit:
        given = self.unit(expr.arg)
        if "#" in expr.key:
            return NONE
        name, own = self.model.variables[expr.key].name, self.units[expr.key]
        if expr.mode == "invert":
            self.equal(own, given, f"the value looked for in {name}")
            return self.arguments.get(expr.key)
        if expr.key in self.arguments:
            self.equal(self.arguments[expr.key], given, f"the argument of {name}, elsewhere of another unit,")
        elif given is not None:
            self.arguments[expr.key] = given
        if expr.mode == "integral" or expr.mode.startswith("slope"):
            ratio = None if own is None or given is None else own / given
            return own * given if expr.mode == "integral" and ratio is not None else ratio
        return own

    def _apply(self, fn: str, args: tuple[Expr, ...]) -> Unit:
        units = [self.unit(a) for a in args]
        if fn in ("+", "-", "min", "max", "quantum", "modulo", "xmod"):
            return self.equal(units[0], units[1], f"the second side of {fn.upper()}")
        if fn in ("negative", "abs", "integer", "xint", "xround"):
            return units[0]
        if fn == "xsign":
            return NONE
        if fn == "*":
            return None if None in units else units[0] * units[1]
        if fn in ("/", "zidz", "xidz", "xsafediv"):
            ratio = None if units[0] is None or units[1] is None else units[0] / units[1]
            return self.equal(ratio, units[2], "the alternative of XIDZ") if fn in ("xidz", "xsafediv") else ratio
        if fn in ("^", "power"):
            self.equal(NONE, units[1], "an exponent")
            return self._raised(units[0], args[1])
        if fn == "sqrt":
            return units[0] if units[0] is None else units[0] ** 0.5
        if fn == "if then else":
            return self.equal(units[1], units[2], "the other branch of IF THEN ELSE")
        if fn in ("<", "<=", ">", ">=", "=", "<>"):
            self.equal(units[0], units[1], f"the second side of {fn}")
            return NONE
        for unit in units:
            self.equal(NONE, unit, f"an argument of {fn.upper()}")
        return NONE

    def _raised(self, base: Unit, exponent: Expr) -> Unit:
        if base is None or not base:
            return base
        if isinstance(exponent, Num):
            return base**exponent.value
        return self.equal(NONE, base, "a base with a computed exponent")

    def _time(self, expr: Expr | None, what: str) -> None:
        if expr is not None and not _bare(expr):
            self.equal(self.time, self.unit(expr), what)

    def _memory(self, expr: Memory, wanted: Unit) -> Unit:
        args, fn = expr.args, expr.fn
        for role in ("start", "finish", "width", "interval", "end", "time", "horizon"):
            self._time(args.get(role), f"the {role} of {fn.upper()}")
        if fn == "integ":
            return self._integ(args, wanted)
        if fn in ("pulse", "pulse train"):
            return NONE
        if fn in ("ramp", "xramp", "xpulse", "xpulse train"):
            inner = self.unit(args["volume" if fn.startswith("xpulse") else "slope"])
            if inner is None or self.time is None:
                return None
            return inner / self.time if fn.startswith("xpulse") else inner * self.time
        if fn == "trend":
            self.unit(args["input"])
            return None if self.time is None else NONE / self.time
        if fn == "step":
            return self.unit(args["height"])
        start = args.get("initial")
        if fn == "initial":
            return self.unit(args["initial"])
        if "condition" in args:
            self.unit(args["condition"])
        inner = self.unit(args["input"])
        if start is None or _bare(start) or fn == "forecast":
            return inner
        return inner if start is args["input"] else self.equal(inner, self.unit(start), "the initial value")

    def _integ(self, args: dict[str, Expr], stock: Unit) -> Unit:
        rate = None if stock is None or self.time is None else stock / self.time
        self.equal(rate, self.unit(args["flow"]), "the rate of INTEG")
        if not _bare(args["initial"]):
            self.equal(stock, self.unit(args["initial"]), "the initial value of INTEG")
        return stock


def _bare(expr: Expr) -> bool:
    """Whether `expr` is a number or a list of numbers and nothing else."""
    return isinstance(expr, (Num, Table)) or (
        isinstance(expr, Apply) and expr.fn == "negative" and isinstance(expr.args[0], Num)
    )


__all__ = ["UnitProblem", "UnitReport", "UnitSyntaxError", "check_units", "parse_unit", "show"]
