"""The functions that models may use: both spellings, the meaning, and which tiny model tests each.

The table of `docs/functions.md` is made from here, and a test holds it against the tables that the engine works by. The
module refuses to describe what is not tested: a function without a model is a failing test.

``python -m egendekning.engine.catalogue tests/engine/models > docs/functions.md`` writes the page.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """One function: how Vensim and XMILE write it (empty: not at all), and what it means."""

    vensim: str
    xmile: str
    meaning: str


def _e(vensim: str, xmile: str, meaning: str) -> Entry:
    return Entry(vensim, xmile, meaning)


CATALOGUE: dict[str, tuple[Entry, ...]] = {
    "Operators": (
        _e("a + b, a - b, a * b, a / b", "a + b, a - b, a * b, a / b", "arithmetic"),
        _e("a ^ b, POWER(a, b)", "a ^ b", "power; binds before a minus sign, from the right: -2^2 is -4"),
        _e("=, <>, <, <=, >, >=", "=, <>, !=, <, <=, >, >=", "comparisons"),
        _e(":AND:, :OR:, :NOT:", "AND, OR, NOT", "logic; AND binds before OR; any number but 0 is true"),
        _e("MODULO(a, b)", "a MOD b", "remainder; Vensim's has the sign of a, XMILE's that of b"),
        _e("ZIDZ(a, b)", "a // b", "a / b, 0 where b is zero (Vensim: nearer to zero than 1e-6)"),
        _e("XIDZ(a, b, c)", "SAFEDIV(a, b, c)", "a / b, c where b is zero (Vensim: nearer to zero than 1e-6)"),
        _e("IF THEN ELSE(c, a, b)", "IF c THEN a ELSE b", "a where c is true, else b"),
        _e(":NA:", "", "-2^109, as in Vensim, so that it can be compared with; NaN in results"),
    ),
    "Arithmetic": (
        _e("ABS(x)", "ABS(x)", "size without sign"),
        _e("MIN(a, b)", "MIN(a, b, ...)", "the smaller"),
        _e("MAX(a, b)", "MAX(a, b, ...)", "the larger"),
        _e("EXP(x)", "EXP(x)", "e to the x"),
        _e("LN(x)", "LN(x)", "natural logarithm"),
        _e("LOG(x, base)", "LOG10(x)", "logarithm to a base"),
        _e("SQRT(x)", "SQRT(x)", "square root"),
        _e("SIN(x)", "SIN(x)", "sine"),
        _e("COS(x)", "COS(x)", "cosine"),
        _e("TAN(x)", "TAN(x)", "tangent"),
        _e("ARCSIN(x)", "ARCSIN(x)", "inverse sine"),
        _e("ARCCOS(x)", "ARCCOS(x)", "inverse cosine"),
        _e("ARCTAN(x)", "ARCTAN(x)", "inverse tangent"),
        _e("SINH(x)", "SINH(x)", "hyperbolic sine"),
        _e("COSH(x)", "COSH(x)", "hyperbolic cosine"),
        _e("TANH(x)", "TANH(x)", "hyperbolic tangent"),
        _e("INTEGER(x)", "INT(x)", "whole number; INTEGER goes towards zero, INT downwards"),
        _e("QUANTUM(a, b)", "", "b INTEGER(a / b), a where b is not above 0"),
        _e("PI()", "PI", "3.14159..."),
        _e("", "INF", "infinity"),
        _e("GAME(x)", "", "x"),
    ),
    "Time": (
        _e("Time, TIME STEP, INITIAL TIME, FINAL TIME, SAVEPER", "TIME, DT, STARTTIME, STOPTIME", "the time grid"),
        _e("STEP(height, start)", "STEP(height, start)", "height from the step nearest to start on"),
        _e("RAMP(slope, start, end)", "RAMP(slope, start, end)", "slope (t - start) from start to end"),
        _e("PULSE(start, width)", "PULSE(volume, start, interval)",
           "Vensim: 1 for width, at least a step; XMILE: volume / DT in one step, once or at every interval"),
        _e("PULSE TRAIN(start, width, interval, end)", "", "PULSE again and again until end"),
        _e("GET TIME VALUE(0 or 1, offset, 0)", "", "the present or initial time moved by offset"),
    ),
    "Memory": (
        _e("INTEG(rate, start)", "stock", "a stock: moves by rate times TIME STEP (Euler), or by Runge-Kutta"),
        _e("INITIAL(x)", "INIT(x)", "x at the initial time"),
        _e("REINITIAL(x)", "", "INITIAL"),
        _e("ACTIVE INITIAL(x, start)", "", "x in the run, start while initial values are found"),
        _e("", "PREVIOUS(x, start)", "x one step before"),
        _e("SMOOTH(x, t)", "SMTH1(x, t)", "first-order smooth that starts at x"),
        _e("SMOOTHI(x, t, start)", "SMTH1(x, t, start)", "first-order smooth"),
        _e("SMOOTH3(x, t)", "SMTH3(x, t)", "third-order smooth that starts at x"),
        _e("SMOOTH3I(x, t, start)", "SMTH3(x, t, start)", "third-order smooth"),
        _e("SMOOTH N(x, t, start, n)", "SMTHN(x, t, n, start)", "smooth of order n, a constant"),
        _e("DELAY1(x, t)", "DELAY1(x, t)", "first-order material delay that starts in balance"),
        _e("DELAY1I(x, t, start)", "DELAY1(x, t, start)", "first-order material delay"),
        _e("DELAY3(x, t)", "DELAY3(x, t)", "third-order material delay that starts in balance"),
        _e("DELAY3I(x, t, start)", "DELAY3(x, t, start)", "third-order material delay"),
        _e("DELAY N(x, t, start, n)", "DELAYN(x, t, n, start)", "material delay of order n"),
        _e("DELAY FIXED(x, t, start)", "DELAY(x, t, start)", "x a time t before; t is fixed, per element and draw"),
        _e("SAMPLE IF TRUE(c, x, start)", "", "x while c is true, then the last such x"),
        _e("TREND(x, t, start)", "TREND(x, t, start)", "fractional growth rate against the average over t"),
        _e("FORECAST(x, t, horizon)", "FORCST(x, t, horizon)", "x carried on at its trend"),
    ),
    "Tables": (
        _e("name((x1,y1),(x2,y2),...)", "<gf>", "table function: straight lines between points, flat beyond the ends"),
        _e("WITH LOOKUP(x, (points))", "<gf> in a variable", "table function of one argument"),
        _e("LOOKUP FORWARD(name, x)", "", "the value of the next point"),
        _e("LOOKUP BACKWARD(name, x)", '<gf type="discrete">', "the value of the last point"),
        _e("LOOKUP EXTRAPOLATE(name, x)", "<gf type=\"extrapolate\">", "the end slopes carried on"),
    ),
    "Arrays": (
        _e("SUM(x[a!])", "SUM(x[*])", "sum"),
        _e("PROD(x[a!])", "PROD(x[*])", "product"),
        _e("VMIN(x[a!])", "MIN(x[*])", "smallest"),
        _e("VMAX(x[a!])", "MAX(x[*])", "largest"),
        _e("", "MEAN(x[*])", "mean"),
        _e("", "STDDEV(x[*])", "standard deviation of a sample"),
        _e("ELMCOUNT(a)", "SIZE(x[*])", "number of elements"),
        _e("VECTOR SELECT(s[a!], x[a!], missing, action, error)", "",
           "what action says of the x with s not 0; an error that Vensim would raise is NaN"),
        _e("VECTOR SORT ORDER(x[a], direction)", "", "positions from 0 that sort x; equal ones keep their order"),
        _e("VECTOR RANK(x[a], direction)", "", "rank from 1"),
        _e("VECTOR REORDER(x[a], order[a])", "", "x at the positions of order"),
        _e("VECTOR ELM MAP(x[e], offset)", "", "the element offset places after e; NaN outside"),
        _e("INVERT MATRIX(x[a, b], n)", "", "inverse over the last two subscripts"),
        _e("ALLOCATE AVAILABLE(request[a], profile[a, kind], supply)", "",
           "a supply shared by profiles 1 to 4 (rectangle, triangle, normal, exponential); others are NaN"),
        _e("ALLOCATE BY PRIORITY(request[a], priority[a], n, width, supply)", "", "the same, all profiles rectangles"),
    ),
    "Chance": (
        _e("RANDOM 0 1()", "", "even from 0 to 1"),
        _e("RANDOM UNIFORM(low, high, seed)", "RANDOM(low, high)", "even from low to high"),
        _e("RANDOM NORMAL(low, high, mean, sd, seed)", "NORMAL(mean, sd)", "normal, cut off at low and high"),
        _e("RANDOM EXPONENTIAL(low, high, shift, stretch, seed)", "EXPRND(mean)", "exponential, cut off"),
        _e("RANDOM TRIANGULAR(low, high, start, peak, stop, seed)", "TRIANGULAR(start, peak, stop)", "triangle"),
        _e("RANDOM WEIBULL(low, high, shape, shift, stretch, seed)", "", "Weibull, cut off"),
        _e("", "LOGNORMAL(mean, sd)", "lognormal with that mean and standard deviation"),
    ),
    "Other files": (
        _e("GET DIRECT CONSTANTS(file, tab, cell)", "", "constants, XLS as DIRECT; * after the cell turns the table"),
        _e("GET DIRECT DATA(file, tab, times, cell)", "", "data over time"),
        _e("GET DIRECT LOOKUPS(file, tab, x, cell)", "", "table functions"),
        _e("GET DIRECT SUBSCRIPT(file, tab, first, last, prefix)", "", "elements of a subscript"),
        _e(":INTERPOLATE:", "", "data joined by straight lines (the default), held beyond the ends"),
        _e(":HOLD BACKWARD:", "", "the last data point"),
        _e(":LOOK FORWARD:", "", "the next data point"),
        _e(":RAW:", "", ":NA: but at the times of data points"),
    ),
    "Structure": (
        _e("range: a, b, (c1-c9)", "<dim>", "subscripts, subranges and numbered ranges"),
        _e("range: a, b -> (other: x, y)", "", "mapping, element by element or to ranges"),
        _e("range <-> other", "", "copy of a range"),
        _e(":EXCEPT:", "", "all elements but some"),
        _e("TABBED ARRAY(...)", "", "numbers of a table, row by row"),
        _e(":MACRO: name(in : out)", "<macro>", "macro: every call has stocks of its own"),
        _e("", "<module>", "module: its variables are Module.name"),
        _e("", "<non_negative/>", "a stock is held at 0; a flow is never below 0"),
        _e(":THE CONDITION:, :TEST INPUT:", "", "reality checks: read and left out of the run"),
    ),
}  # fmt: skip

_HEAD = (
    "Made by `python -m egendekning.engine.catalogue tests/engine/models`; a test keeps it fresh. Each model is a file",
    "of `tests/engine/models`, with expectations worked out by hand in `tests/engine`.",
)

_DIFFERENCES = """## Where the engine follows the tools and PySD does not

- A smooth or delay whose input is an ACTIVE INITIAL starts from the initial expression.
- STEP and PULSE compare the middle of the step with their time, so a start off the grid by rounding hits its step; a
  PULSE lasts at least one step.
- `:NA:` can be compared with; in PySD it is NaN, which equals nothing.
- `a :OR: b :AND: c` binds AND first; `-2^2` is -4, with numbers as with names.
- FORECAST and TREND with an initial trend start from input / (1 + trend * time).
- In XMILE, INT goes downwards, MOD has the sign of the divisor and `//` takes only 0 for zero.
- Fixed delays may differ between elements; orders of delays may be constants; macros may have several results.
- Functions that PySD only warns of are errors here, with the variable and the line.

Random numbers agree with Vensim's in distribution only: each depends on the seed of the run, the place in the model,
the draw, the step and the element, and on nothing else.
"""


def patterns(spelling: str) -> list[str]:
    """Return what to look for in a model to find a function: the names before brackets, or the signs as written."""
    names = re.findall(r"([A-Z][A-Z0-9 ]*)\(", spelling)
    if names:
        return [r"(?<![\w ])\s*" + r"\s+".join(map(re.escape, n.split())) + r"\s*\(" for n in names]
    if "c1-c9" in spelling:
        return [r"\(\w+-\w+\)"]
    marks = re.findall(r":[A-Z ]+:", spelling) or re.findall(r"<[a-z_]{2,}(?: type=\S+?(?=>))?", spelling)
    words = [w for w in re.split(r"[\s,]+", spelling) if w and not re.fullmatch(r"[a-z]\w*:?|\.+", w)]
    return [rf"(?<!\w){w}(?!\w)" if w.isalpha() else re.escape(w) for w in marks or words]


def tested_by(entry: Entry, texts: dict[str, str]) -> list[str]:
    """Return the models of `texts` (file name -> text) in which a function stands, in its own language."""
    found = []
    for name, text in texts.items():
        spelling = entry.vensim if name.endswith(".mdl") else entry.xmile
        if spelling and any(re.search(p, text, re.IGNORECASE) for p in patterns(spelling)):
            found.append(name)
    return found


def render(folder: Path) -> str:
    """Return the page, with the models of `folder` as tests."""
    files = sorted(p for p in folder.iterdir() if p.suffix in (".mdl", ".stmx"))
    texts = {p.name: p.read_text(encoding="utf-8") for p in files}
    lines = ["# Functions of the engine", "", *_HEAD, ""]
    for title, entries in CATALOGUE.items():
        lines += [f"## {title}", "", "| Vensim | XMILE | meaning | tested by |", "|---|---|---|---|"]
        for entry in entries:
            models = ", ".join(n for n in tested_by(entry, texts)[:4])
            cells = [f"`{s}`" if s else "" for s in (entry.vensim, entry.xmile)]
            lines.append("| " + " | ".join([*cells, entry.meaning, models]) + " |")
        lines.append("")
    return "\n".join([*lines, _DIFFERENCES])


if __name__ == "__main__":
    sys.stdout.write(render(Path(sys.argv[1])))
