"""Functions of the tools that are written as macros: their equations, in Vensim's own language.

The tools' manuals define these functions by stocks and auxiliaries, and so does this module; a call makes the stocks of
a macro. A macro of the same name in the model goes first. The module refuses functions that need more than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine.macros import Macro
from egendekning.engine.parse import RawModel, vensim_macros
from egendekning.names import key

_TEXT = """
:MACRO: NPV(stream, discount rate, initial value, factor)
NPV = (accumulated + stream * TIME STEP * discount) * factor ~~|
accumulated = INTEG(stream * discount, initial value) ~~|
discount = INTEG(-discount * discount rate, 1) ~~|
:END OF MACRO:
:MACRO: NPVE(stream, discount rate, initial value, factor)
NPVE = (accumulated + stream * TIME STEP * discount) * factor ~~|
accumulated = INTEG(stream * discount, initial value) ~~|
discount = INTEG(-discount * discount rate / (1 + discount rate * TIME STEP), 1 / (1 + discount rate * TIME STEP)) ~~|
:END OF MACRO:
:MACRO: DELAYP(input, delay time : pipeline)
DELAYP = third / (delay time / 3) ~~|
first = INTEG(input - first / (delay time / 3), input * delay time / 3) ~~|
second = INTEG(first / (delay time / 3) - second / (delay time / 3), first) ~~|
third = INTEG(second / (delay time / 3) - DELAYP, second) ~~|
pipeline = first + second + third ~~|
:END OF MACRO:
:MACRO: SAMPLE UNTIL(last time, input, initial value)
SAMPLE UNTIL = SAMPLE IF TRUE(Time <= last time, input, initial value) ~~|
:END OF MACRO:
:MACRO: PMT(rate, periods, present, future)
PMT = IF THEN ELSE(rate = 0, -(present + future) / periods,
    -(future + present * (1 + rate) ^ periods) * XIDZ(rate, (1 + rate) ^ periods - 1, 1)) ~~|
:END OF MACRO:
:MACRO: PV(rate, periods, payment, future)
PV = IF THEN ELSE(rate = 0, -(future + payment * periods),
    -(future + payment * ZIDZ((1 + rate) ^ periods - 1, rate)) / (1 + rate) ^ periods) ~~|
:END OF MACRO:
:MACRO: FV(rate, periods, payment, present)
FV = IF THEN ELSE(rate = 0, -(present + payment * periods),
    -(present * (1 + rate) ^ periods + payment * ZIDZ((1 + rate) ^ periods - 1, rate))) ~~|
:END OF MACRO:
"""


@cache
def library() -> Mapping[str, Macro]:
    """Return the functions that are macros, by key."""
    found, problems = vensim_macros(_TEXT, Path("library"))
    assert not problems, problems
    return found[1]


def wanted(model: RawModel, macros: Mapping[str, Macro]) -> dict[str, Macro]:
    """Return the macros of a model with those of the library that it calls."""
    called: set[str] = set()
    for body in (model, *(m.body for m in macros.values())):
        for item in body.variables.values():
            for equation in item.equations:
                called |= _calls(equation.ast)
    names = [n for n in library() if n in called and n not in macros]
    more = {n: library()[n] for n in names}
    return {**macros, **more}


def _calls(ast: Any) -> set[str]:
    """Return the keys of all functions called inside `ast`."""
    if isinstance(ast, (tuple, list)):
        return set().union(*map(_calls, ast))
    if not isinstance(ast, ae.AbstractSyntax) or isinstance(ast, ae.LookupsStructure):
        return set()
    found = set().union(*(_calls(getattr(ast, part.name)) for part in fields(ast)))
    return found | {key(ast.function.reference)} if isinstance(ast, ae.CallStructure) else found
