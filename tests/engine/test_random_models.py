"""Random models agree with a plain evaluation: functions, tables, subscripts and stocks, over draws, in the kernel.

The evaluation below is Python's own arithmetic on one element, draw and time after the other, from the meaning that
Vensim's manual gives each function; it shares no line with the engine. What jumps (INTEGER, comparisons ...) is given
arguments that are exact in binary, so that no rounding decides on which side a jump falls.
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egendekning.engine import load

Tree = tuple[Any, ...]
"""An operation and what it is applied to."""

TABLE = [(-2.0, 0.5), (0.0, 1.0), (1.0, -1.0), (4.0, 2.0)]
STEPS, DT = 8, 0.25
ROUNDING = 1e-9
"""Relative: sums of some dozen terms, EXP and LN of other libraries, eight steps of a stock; far below any fault."""

eighths = st.integers(-24, 24).map(lambda k: k / 8)
LEAF = st.one_of(
    eighths.map(lambda x: ("number", x)), st.just(("time",)), st.just(("a",)), st.just(("b",)), st.just(("p",)),
    st.just(("level",)),
)  # fmt: skip
EXACT = st.recursive(
    st.one_of(eighths.map(lambda x: ("number", x)), st.sampled_from([("time",), ("a",), ("b",), ("p",)])),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "min", "max"]), inner, inner),
        st.tuples(st.just("abs"), inner), st.tuples(st.just("negative"), inner),
    ),
    max_leaves=5,
)  # fmt: skip
JUMP = st.one_of(
    st.tuples(st.just("integer"), EXACT), st.tuples(st.just("quantum"), EXACT), st.tuples(st.just("modulo"), EXACT),
    st.tuples(st.sampled_from(["<", "<=", ">", ">=", "=", "<>"]), EXACT, EXACT, EXACT, EXACT),
    st.tuples(st.sampled_from(["and", "or"]), EXACT, EXACT, EXACT, EXACT),
    st.tuples(st.just("not"), EXACT, EXACT, EXACT), st.tuples(st.just("zidz"), EXACT, EXACT),
    st.tuples(st.just("xidz"), EXACT, EXACT), st.sampled_from([("step",), ("ramp",), ("pulse",)]),
)  # fmt: skip
TREE = st.recursive(
    st.one_of(LEAF, EXACT, JUMP, st.tuples(st.sampled_from(["sum", "product", "highest", "lowest"]), EXACT)),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "min", "max", "power"]), inner, inner),
        st.tuples(st.sampled_from(["abs", "negative", "sin", "cos", "arctan", "exp", "ln", "sqrt", "table"]), inner),
    ),
    max_leaves=8,
)  # fmt: skip

WRITTEN = {
    "time": "Time", "a": "a", "b": "b", "p": "p[{r}]", "level": "level[{r}]",
    "min": "MIN({}, {})", "max": "MAX({}, {})",
    "abs": "ABS({})", "negative": "(-({}))", "integer": "INTEGER({})", "quantum": "QUANTUM({}, 0.75)",
    "modulo": "MODULO(ABS({}), 0.75)", "sin": "SIN({})", "cos": "COS({})", "arctan": "ARCTAN({})",
    "exp": "EXP(MIN({}, 2))", "ln": "LN(ABS({}) + 0.5)", "sqrt": "SQRT(ABS({}))", "table": "table(SIN({}) * 3)",
    "power": "((ABS({}) + 0.25) ^ SIN({}))", "zidz": "ZIDZ({}, {})", "xidz": "XIDZ({}, {}, 7)", "step": "STEP(3, 1)",
    "ramp": "RAMP(0.5, 0.5, 1.5)", "pulse": "PULSE(0.5, 0.75)",
    "and": "IF THEN ELSE({} > 0 :AND: {} > 0, {}, {})", "or": "IF THEN ELSE({} > 0 :OR: {} > 0, {}, {})",
    "not": "IF THEN ELSE(:NOT: {} > 0, {}, {})", "sum": "SUM({} + 0*p[Region!])",
    "product": "PROD({} / 8 + 0*p[Region!])", "highest": "VMAX({} + 0*p[Region!])",
    "lowest": "VMIN({} + 0*p[Region!])",
}  # fmt: skip
REDUCED = ("sum", "product", "highest", "lowest")


def written(tree: Tree, region: str = "Region") -> str:
    """Return a tree as Vensim writes it."""
    kind, *parts = tree
    if kind == "number":
        return f"({tree[1]!r})"
    inside = "Region!" if kind in REDUCED else region
    words = [written(part, inside) for part in parts]
    if kind in "+-*":
        return f"({words[0]} {kind} {words[1]})"
    if kind in ("<", "<=", ">", ">=", "=", "<>"):
        return f"IF THEN ELSE({words[0]} {kind} {words[1]}, {words[2]}, {words[3]})"
    return WRITTEN[kind].format(*words, r=inside)


def table(x: float) -> float:
    """Return the table at x: straight lines between points, flat beyond."""
    if x <= TABLE[0][0]:
        return TABLE[0][1]
    for (x0, y0), (x1, y1) in pairwise(TABLE):
        if x <= x1:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return TABLE[-1][1]


PLAIN = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "min": min, "max": max, "abs": abs,
    "negative": lambda x: -x, "integer": lambda x: float(math.trunc(x)),
    "quantum": lambda x: 0.75 * math.trunc(x / 0.75),
    "modulo": lambda x: math.fmod(abs(x), 0.75), "sin": math.sin, "cos": math.cos, "arctan": math.atan,
    "exp": lambda x: math.exp(min(x, 2)), "ln": lambda x: math.log(abs(x) + 0.5), "sqrt": lambda x: math.sqrt(abs(x)),
    "table": lambda x: table(3 * math.sin(x)), "power": lambda x, y: (abs(x) + 0.25) ** math.sin(y),
    "zidz": lambda x, y: x / y if abs(y) > 1e-6 else 0.0, "xidz": lambda x, y: x / y if abs(y) > 1e-6 else 7.0,
    "<": lambda x, y, u, v: u if x < y else v, "<=": lambda x, y, u, v: u if x <= y else v,
    ">": lambda x, y, u, v: u if x > y else v, ">=": lambda x, y, u, v: u if x >= y else v,
    "=": lambda x, y, u, v: u if x == y else v, "<>": lambda x, y, u, v: u if x != y else v,
    "and": lambda x, y, u, v: u if x > 0 and y > 0 else v, "or": lambda x, y, u, v: u if x > 0 or y > 0 else v,
    "not": lambda x, u, v: v if x > 0 else u,
}  # fmt: skip
AT = {
    "time": lambda w: w["time"], "a": lambda w: w["a"], "b": lambda w: w["b"], "p": lambda w: w["p"][w["r"]],
    "level": lambda w: w["level"][w["r"]], "step": lambda w: 3.0 if w["time"] >= 1 else 0.0,
    "ramp": lambda w: 0.5 * min(max(w["time"] - 0.5, 0.0), 1.0), "pulse": lambda w: float(0.5 <= w["time"] < 1.25),
}  # fmt: skip
OVER = {"sum": sum, "product": lambda xs: math.prod(x / 8 for x in xs), "highest": max, "lowest": min}


def plain(tree: Tree, world: dict[str, Any]) -> float:
    """Return the value of a tree for one element, draw and time."""
    kind, *parts = tree
    if kind == "number":
        return float(tree[1])
    if kind in AT:
        return float(AT[kind](world))
    if kind in OVER:
        return float(OVER[kind]([plain(parts[0], {**world, "r": r}) for r in range(2)]))  # type: ignore[operator]
    return float(PLAIN[kind](*(plain(part, world) for part in parts)))  # type: ignore[operator]


def expected(trees: list[Tree], a: float, b: float, p: list[float]) -> np.ndarray:
    """Return every tree at every step, (step, tree, element), by Euler's method for the stock."""
    level, found = [1.0, 2.0], []
    for k in range(STEPS + 1):
        world = {"time": k * DT, "a": a, "b": b, "p": p, "level": list(level)}
        now = [[plain(tree, {**world, "r": r}) for r in range(2)] for tree in trees]
        found.append(now)
        level = [old + DT * math.sin(flow) for old, flow in zip(level, now[0], strict=True)]
    return np.asarray(found)


@pytest.mark.slow
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    trees=st.lists(TREE, min_size=10, max_size=10),
    draws=st.lists(st.tuples(*[eighths] * 4), min_size=3, max_size=3),
)
def test_a_random_model_runs_as_python_computes_it(tmp_path: Path, trees: list[Tree], draws: list[Any]) -> None:
    lines = ["{UTF-8}", "Region: north, south ~ ~ |", "a = 0 ~ ~ |", "b = 0 ~ ~ |", "p[Region] = 0 ~ ~ |"]
    lines.append(f"table( {','.join(f'({x},{y})' for x, y in TABLE)} ) ~ ~ |")
    lines += [f"y{k}[Region] = {written(tree)} ~ ~ |" for k, tree in enumerate(trees)]
    lines.append("level[Region] = INTEG(SIN(y0[Region]), start[Region]) ~ ~ |\nstart[Region] = 1, 2 ~ ~ |")
    grid = f"INITIAL TIME = 0 ~ ~ |\nFINAL TIME = {STEPS * DT} ~ ~ |\nTIME STEP = {DT} ~ ~ |\nSAVEPER = {DT} ~ ~ |\n"
    (tmp_path / "random.mdl").write_text("\n".join([*lines, grid]), encoding="utf-8")
    given_ = np.asarray(draws)
    values = {"a": given_[:, 0], "b": given_[:, 1], "p": xr.DataArray(given_[:, 2:], dims=["draw", "Region"])}
    names = [f"y{k}" for k in range(len(trees))]
    found = load(tmp_path / "random.mdl").simulate(values, outputs=names)
    for n, (a, b, *p) in enumerate(draws):
        wanted = expected(trees, a, b, p)
        for k, name in enumerate(names):
            np.testing.assert_allclose(
                found[name].values[n], wanted[:, k], ROUNDING, ROUNDING, err_msg=written(trees[k])
            )
