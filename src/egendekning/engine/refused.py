"""Functions of the tools that the engine refuses, with the reason: most of them have no meaning in a file alone.

The module refuses nothing itself; it is the list that messages and the page of functions are made from.
"""

from __future__ import annotations

_EQUATION = "says only what the variable depends on: its equation is not written yet"
_IMPLICIT = "solves an equation by iteration within a step, which is not supported"
_QUEUE = "keeps a queue or a batch, whose contents are more than a number, which is not supported"
_PROGRAM = "asks another program or the computer's clock"
_BINARY = "reads a file that only Vensim can read"
_PERSON = "speaks to the person at the screen"
_MOVES = "moves the contents of stocks between elements outside their rates, which is not supported"
_SERIES = "asks for more of a series of data than its value now, which is not supported"
_MARKET = "has meanings that could not be checked against Vensim, and is not supported"

VENSIM: dict[str, tuple[str, ...]] = {
    _EQUATION: ("a function of",),
    _IMPLICIT: ("simultaneous", "find zero", "internal rate of return"),
    _QUEUE: ("delay batch", "delay conveyor", "delay profile", "queue fifo", "queue age average", "queue age in range",
             "queue age oldest", "queue attrib average", "queue attrib in range", "queue attrib max",
             "queue attrib min", "queue attrib qmax", "queue attrib qmin", "queue fifo attrib",
             "queue attrib average in range"),
    _PROGRAM: ("get 123 constants", "get 123 data", "get 123 lookups", "get dde data", "get odbc data",
               "get odbc constants"),
    _BINARY: ("get vdf constants", "get vdf data", "get vdf lookups"),
    _PERSON: ("message", "simulation pause"),
    _MOVES: ("shift if true", "depreciate by schedule", "depreciate straightline"),
    _SERIES: ("get data max", "get data mean", "get data median", "get data min", "get data stdv", "time shift"),
    _MARKET: ("find market price", "demand at price", "supply at price", "delay information", "delay material"),
}  # fmt: skip
"""Reason -> Vensim's functions."""

XMILE: dict[str, tuple[str, ...]] = {
    _QUEUE: ("cooktime", "ctflow", "ctmax", "ctmean", "ctmin", "ctstddev", "cyclethru", "qelem", "oxstate", "thruput"),
    "asks for a value of an earlier run": ("endval",),
    "of a time other than TIME less a span is not supported": ("history",),
    _IMPLICIT: ("irr", "solve"),
    _PERSON: ("pause", "stop"),
}
"""Reason -> functions of Stella and other XMILE tools."""

REFUSED = {name: reason for table in (VENSIM, XMILE) for reason, names in table.items() for name in names}
"""Name -> reason."""
