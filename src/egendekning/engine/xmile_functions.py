"""XMILE's functions in terms of the engine's: one table of spellings, arguments and meanings.

Meanings are those of XMILE 1.0, chapter 3.5, and of isee's manual for what goes beyond it. The module refuses to guess:
a name that is not in the table must be a graphical function or a macro of the model.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.isee_functions import DT, ISEE
from egendekning.engine.syntax import call


def _smooth(order: int) -> dict[int, Callable[..., Any]]:
    return {2: lambda x, t: ae.SmoothStructure(x, t, x, order), 3: lambda x, t, i: ae.SmoothStructure(x, t, i, order)}


def _delay(order: int) -> dict[int, Callable[..., Any]]:
    return {2: lambda x, t: ae.DelayStructure(x, t, x, order), 3: lambda x, t, i: ae.DelayStructure(x, t, i, order)}


def _plain(name: str, count: int) -> dict[int, Callable[..., Any]]:
    return {count: lambda *args: call(name, *args)}


def _many(name: str) -> Callable[..., Any]:
    def build(*args: Any) -> Any:
        found = args[0]
        for other in args[1:]:
            found = call(name, found, other)
        return found

    return build


TRANSLATED: dict[str, dict[int, Callable[..., Any]]] = {
    **ISEE,
    "init": {1: ae.InitialStructure},
    "previous": {2: lambda x, start: ae.DelayFixedStructure(x, DT, start)},
    "delay": {2: lambda x, t: ae.DelayFixedStructure(x, t, x), 3: ae.DelayFixedStructure},
    "delay1": _delay(1),
    "delay3": _delay(3),
    "delayn": {3: lambda x, t, n: ae.DelayNStructure(x, t, x, n), 4: lambda x, t, n, i: ae.DelayNStructure(x, t, i, n)},
    "smth1": _smooth(1),
    "smth3": _smooth(3),
    "smthn": {3: lambda x, t, n: ae.SmoothNStructure(x, t, x, n),
              4: lambda x, t, n, i: ae.SmoothNStructure(x, t, i, n)},
    "trend": {2: lambda x, t: ae.TrendStructure(x, t, 0.0), 3: ae.TrendStructure},
    "forcst": {3: lambda x, t, h: ae.ForecastStructure(x, t, h, 0.0), 4: ae.ForecastStructure},
    "safediv": {2: lambda a, b: call("xsafediv", a, b, 0.0), 3: lambda a, b, c: call("xsafediv", a, b, c)},
    "ramp": {2: lambda s, t: call("xramp", s, t), 3: lambda s, t, e: call("ramp", s, t, e)},
    "step": _plain("step", 2),
    "pulse": {1: lambda v: ae.ArithmeticStructure(["/"], (v, DT)), 2: lambda v, t: call("xpulse", t, v),
              3: lambda v, t, every: call("xpulse train", t, every, v)},
    "int": _plain("xint", 1),
    "log10": {1: lambda x: call("log", x, 10.0)},
    "percent": {1: lambda x: ae.ArithmeticStructure(["*"], (x, 100.0))},
    "inf": {0: lambda: float("inf")},
    "pi": {0: lambda: call("pi")},
    "if_then_else": _plain("if then else", 3),
    **{name: _plain(name, 1) for name in ("abs", "arccos", "arcsin", "arctan", "cos", "exp", "ln", "sin", "sqrt",
                                          "tan", "sinh", "cosh", "tanh")},
}  # fmt: skip
"""XMILE's name -> number of arguments -> what the engine makes of them."""

ARRAYS = {
    "sum": "sum",
    "prod": "prod",
    "max": "vmax",
    "min": "vmin",
    "mean": "mean",
    "stddev": "stddev",
    "size": "size",
    "arraysum": "sum",
    "arraymean": "mean",
    "arraystddev": "stddev",
    "arraymax": "vmax",
    "arraymin": "vmin",
}
"""Functions that take a whole array, and the engine's name for each."""

MANY: dict[str, Callable[..., Any]] = {"max": _many("max"), "min": _many("min")}

CONSTANTS = {"pi": call("pi"), "inf": float("inf")}
"""Names that are a value without brackets."""
