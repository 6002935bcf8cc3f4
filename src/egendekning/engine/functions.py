"""The functions that equations may use: Vensim's name, how many arguments, and how each is computed on arrays.

One table, used by the lowering (is it supported?), by the NumPy evaluator and by the JAX kernel: every implementation
takes the array namespace first and works on both. It refuses to know about variables, time or state.

Semantics follow Vensim. They differ from PySD in that: INTEGER and QUANTUM of an infinite value stay infinite instead
of failing; ``a :OR: b :AND: c`` binds AND first; PULSE and STEP compare ``Time + TIME STEP/2`` with the start, so a
start that is off the grid by rounding still hits its step, and a PULSE is never narrower than one step; a DELAY is
never given a lower order than written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SMALL = 1e-6
"""Below this a denominator counts as zero (Vensim manual, XIDZ and ZIDZ)."""

Array = Any


def special(xp: Any) -> Any:
    """Return the special functions that go with an array namespace."""
    if hasattr(xp, "special"):
        return xp.special
    import scipy.special

    return scipy.special


def repeat(xp: Any, count: int, step: Callable[[Any, Any], Any], start: Any) -> Any:
    """Return ``step(k, ...step(0, start))`` after `count` steps, as one loop where the namespace has one."""
    if hasattr(xp, "fori_loop"):
        return xp.fori_loop(0, count, step, start)
    for number in range(count):
        start = step(number, start)
    return start


def _safe_divide(xp: Any, a: Array, b: Array, otherwise: Array) -> Array:
    zero = xp.abs(b) < SMALL
    return xp.where(zero, otherwise, a / xp.where(zero, 1.0, b))


def divide(xp: Any, a: Array, b: Array) -> Array:
    """Return a / b; where b is zero the gradient is cut, so that a branch that is not taken cannot spread NaN."""
    if not getattr(xp, "guarded", False):
        return a / b
    zero = b == 0.0
    return xp.where(zero, xp.stop(a / b), a / xp.where(zero, 1.0, b))


def _guard(name: str, valid: Callable[[Any, Array], Array], inside: float) -> Callable[..., Array]:
    def function(xp: Any, x: Array) -> Array:
        plain = getattr(xp, name)
        if not getattr(xp, "guarded", False):
            return plain(x)
        good = valid(xp, x)
        return xp.where(good, plain(xp.where(good, x, inside)), xp.stop(plain(x)))

    return function


def power(xp: Any, x: Array, y: Array) -> Array:
    """Return x to the y as exp(y log|x|), with the sign and the zero cases of a true power."""
    if isinstance(y, float) and y.is_integer() and abs(y) <= 8:
        return _whole_power(xp, x, int(y))
    size = xp.abs(x)
    nothing = size == 0.0  # what is no number is not nothing: it stays none
    safe = xp.where(nothing, 1.0, size)
    grown = xp.exp(y * xp.log(safe))
    at_zero = xp.where(y == 0.0, 1.0, xp.where(y > 0.0, 0.0, xp.inf))
    result = xp.where(nothing, at_zero, grown)
    if isinstance(x, float) and x > 0:
        return result
    whole = xp.trunc(y) == y
    odd = xp.abs(y - 2.0 * xp.trunc(y / 2.0)) == 1.0
    signed = xp.where(whole, xp.where(odd, -result, result), xp.nan)
    return xp.where(x < 0.0, signed, result)


def _whole_power(xp: Any, x: Array, n: int) -> Array:
    if n < 0:
        return divide(xp, 1.0, _whole_power(xp, x, -n))
    result: Array = 1.0
    for _ in range(n):
        result = result * x
    return result if n else x * 0.0 + 1.0


def quantum(xp: Any, a: Array, b: Array) -> Array:
    """Return b * INTEGER(a/b), or a where b is not above zero."""
    whole = b > 0.0
    step = xp.where(whole, b, 1.0)
    return xp.where(whole, step * xp.trunc(a / step), a)


def _integer(xp: Any, x: Array) -> Array:
    return xp.trunc(x)


def is_truth(x: Array) -> bool:
    """Whether `x` is an array of truth values."""
    dtype = getattr(x, "dtype", None)
    return dtype is not None and dtype.kind == "b"


def _logic(xp: Any, x: Array) -> Array:
    """Return x as truth values: Vensim takes any number but zero as true."""
    return x if is_truth(x) or isinstance(x, bool) else x != 0.0


FUNCTIONS: dict[str, tuple[int, Callable[..., Array]]] = {
    "+": (2, lambda xp, a, b: a + b),
    "-": (2, lambda xp, a, b: a - b),
    "*": (2, lambda xp, a, b: a * b),
    "/": (2, divide),
    "^": (2, power),
    "negative": (1, lambda xp, a: -a),
    "<": (2, lambda xp, a, b: a < b),
    "<=": (2, lambda xp, a, b: a <= b),
    ">": (2, lambda xp, a, b: a > b),
    ">=": (2, lambda xp, a, b: a >= b),
    "=": (2, lambda xp, a, b: a == b),
    "<>": (2, lambda xp, a, b: a != b),
    ":and:": (2, lambda xp, a, b: xp.logical_and(_logic(xp, a), _logic(xp, b))),
    ":or:": (2, lambda xp, a, b: xp.logical_or(_logic(xp, a), _logic(xp, b))),
    ":not:": (1, lambda xp, a: xp.logical_not(_logic(xp, a))),
    "if then else": (3, lambda xp, c, a, b: xp.where(_logic(xp, c), a, b)),
    "min": (2, lambda xp, a, b: xp.minimum(a, b)),
    "max": (2, lambda xp, a, b: xp.maximum(a, b)),
    "abs": (1, lambda xp, a: xp.abs(a)),
    "exp": (1, lambda xp, a: xp.exp(a)),
    "ln": (1, _guard("log", lambda xp, x: x > 0.0, 1.0)),
    "log": (2, lambda xp, a, b: divide(xp, FUNCTIONS["ln"][1](xp, a), FUNCTIONS["ln"][1](xp, b))),
    "sqrt": (1, _guard("sqrt", lambda xp, x: x > 0.0, 1.0)),
    "power": (2, power),
    "sin": (1, lambda xp, a: xp.sin(a)),
    "cos": (1, lambda xp, a: xp.cos(a)),
    "tan": (1, lambda xp, a: xp.tan(a)),
    "arcsin": (1, lambda xp, a: xp.arcsin(a)),
    "arccos": (1, lambda xp, a: xp.arccos(a)),
    "arctan": (1, lambda xp, a: xp.arctan(a)),
    "sinh": (1, lambda xp, a: xp.sinh(a)),
    "cosh": (1, lambda xp, a: xp.cosh(a)),
    "tanh": (1, lambda xp, a: xp.tanh(a)),
    "integer": (1, _integer),
    "quantum": (2, quantum),
    "modulo": (2, lambda xp, a, b: a - quantum(xp, a, b)),
    "zidz": (2, lambda xp, a, b: _safe_divide(xp, a, b, 0.0)),
    "xidz": (3, lambda xp, a, b, x: _safe_divide(xp, a, b, x)),
    "gamma ln": (1, lambda xp, a: special(xp).gammaln(a)),
    "xsafediv": (3, lambda xp, a, b, x: xp.where(b == 0.0, x, a / xp.where(b == 0.0, 1.0, b))),
    "xmod": (2, lambda xp, a, b: a - b * xp.floor(divide(xp, a, b))),
    "xint": (1, lambda xp, a: xp.floor(a)),
    "xround": (1, lambda xp, a: xp.floor(a + 0.5)),
    "xsign": (1, lambda xp, a: xp.where(a > 0.0, 1.0, xp.where(a < 0.0, -1.0, 0.0))),
    "xnormalcdf": (2, lambda xp, a, b: special(xp).ndtr(b) - special(xp).ndtr(a)),
    "xinvnorm": (1, lambda xp, a: special(xp).ndtri(a)),
}
"""Name -> (number of arguments, implementation on an array namespace)."""

TIMED: dict[str, int] = {
    "step": 2, "ramp": 3, "xramp": 2, "pulse": 2, "pulse train": 4, "xpulse": 2, "xpulse train": 3,
}  # fmt: skip
"""Functions that read the clock, with the number of arguments; they are written out in `FUNCTIONS` terms."""

REDUCERS: dict[str, str] = {"sum": "sum", "prod": "prod", "vmin": "min", "vmax": "max"}
"""Reductions over ``!`` subscripts, with the array method each uses."""

STATEFUL_NAMES: tuple[str, ...] = (
    "INTEG",
    "INITIAL",
    "ACTIVE INITIAL",
    "SMOOTH",
    "SMOOTHI",
    "SMOOTH3",
    "SMOOTH3I",
    "SMOOTH N",
    "DELAY1",
    "DELAY1I",
    "DELAY3",
    "DELAY3I",
    "DELAY N",
    "DELAY FIXED",
    "SAMPLE IF TRUE",
    "TREND",
    "FORECAST",
)
"""Functions with memory, for messages and documentation."""
