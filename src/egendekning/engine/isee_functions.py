"""Functions of Stella beyond XMILE's own, and XMILE's random functions, in terms of the engine's.

Meanings are those of isee's manual; a seed is taken and left out, since streams are the engine's own. The module
refuses to guess: what it does not hold is an error where it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.syntax import call

DT = ae.ReferenceStructure("time_step")
_TIME, _START = ae.ReferenceStructure("time"), ae.ReferenceStructure("initial_time")
_INF = float("inf")

Form = Callable[..., Any]


def op(sign: str, *parts: Any) -> Any:
    """Return `parts` joined by an operator."""
    return ae.ArithmeticStructure([sign] * (len(parts) - 1), parts)


def _drawn(count: int, plain: Form, bounded: Form | None = None) -> dict[int, Form]:
    """Return the forms of a random function of `count` arguments: alone, with a seed, with a seed and two bounds."""
    forms: dict[int, Form] = {count: plain, count + 1: lambda *args: plain(*args[:-1])}
    if bounded is not None:
        forms[count + 3] = lambda *args: bounded(args[-2], args[-1], *args[:count])
    return forms


def _cut(name: str, count: int) -> dict[int, Form]:
    """Return the forms of a random function that the engine cuts off at two bounds, then shifts and stretches."""

    def bounded(low: Any, high: Any, *args: Any) -> Any:
        return call(name, low, high, *args, 0.0, 1.0)

    return _drawn(count, lambda *args: bounded(-_INF, _INF, *args), bounded)


def _wave(name: str) -> Form:
    def wave(size: Any, period: Any) -> Any:
        return op("*", size, call(name, op("/", op("*", 2.0, call("pi"), _TIME), period)))

    return wave


def _counter(begin: Any, end: Any) -> Any:
    span = op("-", end, begin)
    return op("+", begin, call("xmod", op("-", _TIME, _START), span))


def _compound(percent: Any) -> Any:
    grown = op("^", op("+", 1.0, op("/", percent, 100.0)), DT)
    return op("/", op("-", grown, 1.0), DT)


def _change(x: Any, order: Any = 1.0) -> Any:
    found = x
    for _ in range(int(order) if isinstance(order, float) else 1):
        found = op("/", op("-", found, ae.DelayFixedStructure(found, DT, found)), DT)
    return found


def _history(x: Any, time: Any) -> Any:
    """Return HISTORY(x, TIME - span): x a span before, 0 before the start."""
    if isinstance(time, ae.ArithmeticStructure) and time.operators == ["-"]:
        now, span = time.arguments
        if isinstance(now, ae.ReferenceStructure) and now.reference.lower() == "time":
            return ae.DelayFixedStructure(x, span, 0.0)
    return call("history", x, time)


def _factorial(n: Any) -> Any:
    return call("xround", call("exp", call("gamma ln", op("+", n, 1.0))))


def _permutations(n: Any, k: Any) -> Any:
    top, bottom = (call("gamma ln", op("+", part, 1.0)) for part in (n, op("-", n, k)))
    return call("xround", call("exp", op("-", top, bottom)))


def _combinations(n: Any, k: Any) -> Any:
    top, other, chosen = (call("gamma ln", op("+", part, 1.0)) for part in (n, op("-", n, k), k))
    return call("xround", call("exp", op("-", top, other, chosen)))


def _normal_cdf(low: Any, high: Any, mean: Any = 0.0, spread: Any = 1.0) -> Any:
    return call("xnormalcdf", *(op("/", op("-", end, mean), spread) for end in (low, high)))


ISEE: dict[str, dict[int, Form]] = {
    "cgrowth": {1: _compound},
    "combinations": {2: _combinations},
    "coswave": {2: _wave("cos")},
    "counter": {2: _counter},
    "derivn": {1: _change, 2: _change},
    "factorial": {1: _factorial},
    "fv": {4: lambda *args: call("fv", *args)},
    "gammaln": {1: lambda x: call("gamma ln", x)},
    "history": {2: _history},
    "invnorm": {1: lambda p: call("xinvnorm", p), 3: lambda p, m, s: op("+", m, op("*", s, call("xinvnorm", p)))},
    "log": {1: lambda x: call("log", x, 10.0), 2: lambda x, base: call("log", x, base)},
    "normalcdf": {2: _normal_cdf, 4: _normal_cdf},
    "npv": {2: lambda x, rate: call("npv", x, rate, 0.0, 1.0), 3: lambda x, rate, i: call("npv", x, rate, i, 1.0)},
    "permutations": {2: _permutations},
    "pmt": {4: lambda *args: call("pmt", *args)},
    "pv": {4: lambda *args: call("pv", *args)},
    "rootn": {2: lambda x, n: op("^", x, op("/", 1.0, n))},
    "round": {1: lambda x: call("xround", x)},
    "sign": {1: lambda x: call("xsign", x)},
    "sinwave": {2: _wave("sin")},
    "beta": _cut("random beta", 2),
    "binomial": _drawn(2, lambda n, p: call("random binomial", -_INF, _INF, p, n, 0.0, 1.0),
                       lambda low, high, n, p: call("random binomial", low, high, p, n, 0.0, 1.0)),
    "exprnd": _drawn(1, lambda mean: call("xexprnd", mean),
                     lambda low, high, mean: call("random exponential", low, high, 0.0, mean)),
    "gamma": _drawn(2, lambda order, size: call("random gamma", -_INF, _INF, order, 0.0, size),
                    lambda low, high, order, size: call("random gamma", low, high, order, 0.0, size)),
    "logistic": _drawn(2, lambda mean, scale: call("xlogistic", mean, scale)),
    "lognormal": _drawn(2, lambda mean, spread: call("xlognormal", mean, spread)),
    "montecarlo": _drawn(1, lambda percent: call("xmontecarlo", op("/", op("*", percent, DT), 100.0))),
    "negbinomial": _drawn(2, lambda n, p: call("random negative binomial", -_INF, _INF, p, n, 0.0, 1.0)),
    "normal": _drawn(2, lambda mean, spread: call("xnormal", mean, spread),
                     lambda low, high, mean, spread: call("random normal", low, high, mean, spread)),
    "pareto": _drawn(2, lambda shape, scale: call("xpareto", shape, scale)),
    "poisson": _cut("random poisson", 1),
    "random": _drawn(2, lambda low, high: call("random uniform", low, high)),
    "triangular": _drawn(3, lambda a, peak, b: call("random triangular", a, b, a, peak, b)),
    "uniform": _drawn(2, lambda low, high: call("random uniform", low, high)),
    "weibull": _drawn(2, lambda shape, scale: call("xweibull", shape, scale)),
}  # fmt: skip
"""Name -> number of arguments -> what the engine makes of them."""
