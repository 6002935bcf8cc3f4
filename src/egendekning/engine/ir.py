"""The small frozen form of a model: what a file says, with every name resolved and every index a number.

Everything that the engine does (order, run, differentiate, check units, explain) reads these dataclasses and nothing
of the parser's. The module refuses to evaluate anything and to know which file format a model came from.

An expression lives inside one *component* (one equation of a variable). Its axes are *labels*: the subscript ranges on
the left-hand side, and ranges closed by ``!`` inside a sum.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Num:
    """A number written in an equation."""

    value: float


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A list of numbers; `values` has one dimension per label of `labels`."""

    values: NDArray[np.float64]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clock:
    """A quantity of the time grid: ``time``, ``time step``, ``initial time``, ``final time`` or ``saveper``."""

    which: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """One element of a variable's dimension, by position."""

    position: int


@dataclass(frozen=True, slots=True)
class Along:
    """Positions of a variable's dimension that run along the axis `label`; ``None`` means all, in order."""

    label: str
    positions: tuple[int, ...] | None


Index: TypeAlias = Fixed | Along


@dataclass(frozen=True, eq=False, slots=True)
class Ref:
    """The value of variable `key`, one index per dimension of it."""

    key: str
    index: tuple[Index, ...]


@dataclass(frozen=True, eq=False, slots=True)
class State:
    """The present value of hidden state `key` (the stock behind INTEG, SMOOTH, DELAY, INITIAL ...), at `index`."""

    key: str
    index: tuple[Index, ...] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Apply:
    """Operator or function `fn` of `args`; the names are those of `functions.FUNCTIONS`."""

    fn: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Reduce:
    """SUM, PROD, VMIN or VMAX of `arg` over the axes `labels`, which are `sizes` long."""

    fn: str
    arg: Expr
    labels: tuple[str, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class LookupCall:
    """Table function `key` at `arg`; `mode` is interpolate, extrapolate, forward or backward."""

    key: str
    index: tuple[Index, ...]
    mode: str
    arg: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Memory:
    """A function with memory as written (`fn`, `args` by role) and the `body` over hidden states that computes it."""

    fn: str
    args: dict[str, Expr]
    body: Expr


@dataclass(frozen=True, eq=False, slots=True)
class ActiveInitial:
    """`running` in a run, `initial` while initial values are found."""

    running: Expr
    initial: Expr


@dataclass(frozen=True, eq=False, slots=True)
class Vector:
    """Function `fn` of whole axes, such as a sort, an allocation or the inverse of a matrix.

    ``axes[k]`` are the labels that the function takes from argument k as its own, `out` those that the result has
    instead; `sizes` says how long each is. All other labels of the arguments are run over. `options` are plain numbers.
    """

    fn: str
    args: tuple[Expr, ...]
    axes: tuple[tuple[str, ...], ...]
    out: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]
    options: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Random:
    """A number drawn anew in every step, element and draw: quantile function `fn` of a uniform number and `args`.

    `site` tells the stream of this place in the model from all others; `labels` and `sizes` are its axes.
    """

    fn: str
    args: tuple[Expr, ...]
    site: int
    labels: tuple[str, ...]
    sizes: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Pick:
    """The values of `arg` at one place along each of some axes: pairs of label and position."""

    arg: Expr
    places: tuple[tuple[str, int], ...]


Expr: TypeAlias = (
    Num | Table | Clock | Ref | State | Apply | Reduce | LookupCall | ActiveInitial | Memory | Vector | Random | Pick
)


@dataclass(frozen=True, eq=False, slots=True)
class StateDef:
    """A hidden state, starting at `initial`; `kind` says what `move` is.

    ``integ``: rate of change. ``hold``: next value. ``pipe``: what goes in, to come out `delay` later. ``initial``:
    nothing, it never moves.
    """

    key: str
    kind: str
    owner: str
    labels: tuple[str, ...]
    shape: tuple[int, ...]
    initial: Expr
    move: Expr
    delay: Expr | None = None
    non_negative: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Component:
    """One equation: it fills positions `index` (per dimension) of its variable, except the cells in `skip`.

    The equation's own axes are `labels`, `shape` long; label k runs along dimension ``axes[k]`` of the variable.
    """

    labels: tuple[str, ...]
    axes: tuple[int, ...]
    shape: tuple[int, ...]
    index: tuple[tuple[int, ...], ...]
    skip: frozenset[tuple[int, ...]]
    expr: Expr
    line: int
    text: str


@dataclass(frozen=True, eq=False, slots=True)
class LookupTable:
    """A table function: x (*dims, point) and y (*dims, point); short tables are padded with x = inf."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    mode: str


@dataclass(frozen=True, eq=False, slots=True)
class VariableDef:
    """A variable of the model with all its equations; `dims` are keys of `ModelDef.ranges`."""

    key: str
    name: str
    kind: str
    unit: str
    documentation: str
    equation: str
    group: str
    line: int
    dims: tuple[str, ...]
    shape: tuple[int, ...]
    components: tuple[Component, ...]
    lookup: LookupTable | None = None
    limits: tuple[float | None, float | None] = (None, None)
    hidden: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class RangeDef:
    """A subscript range; `maps` holds, for each range it maps to, pairs of element keys."""

    key: str
    name: str
    elements: tuple[str, ...]
    names: tuple[str, ...]
    maps: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class ModelDef:
    """A whole model, checked: every reference resolves, every equation covers its variable, nothing is cyclic.

    `variables` is what the file says; `working` is what runs, with some arrays taken apart (see `untangle`).
    `structural` are constants that decide how many states there are; `lacking` are data variables without data;
    `timing` is what the time grid is computed from, with its values, (*dims, 1).
    """

    file: str
    hash: str
    variables: dict[str, VariableDef]
    working: dict[str, VariableDef]
    states: dict[str, StateDef]
    ranges: dict[str, RangeDef]
    inline: dict[str, LookupTable]
    clock: dict[str, float]
    groups: tuple[str, ...]
    structural: frozenset[str] = frozenset()
    lacking: frozenset[str] = frozenset()
    timing: dict[str, np.ndarray] = field(default_factory=dict)
    method: str = "euler"


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the expressions directly inside `expr`."""
    match expr:
        case Apply(args=args) | Vector(args=args) | Random(args=args):
            return args
        case Reduce(arg=arg) | LookupCall(arg=arg) | Pick(arg=arg):
            return (arg,)
        case ActiveInitial(running=running, initial=initial):
            return (running, initial)
        case Memory(body=body):
            return (body,)
        case _:
            return ()


def walk(expr: Expr) -> list[Expr]:
    """Return `expr` and everything inside it, outermost first."""
    found, stack = [], [expr]
    while stack:
        node = stack.pop()
        found.append(node)
        stack.extend(reversed(children(node)))
    return found
