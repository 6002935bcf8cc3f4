"""Decide what a run has to compute, and when: once, once per time, or at every step for every draw.

From the outputs that are wanted the plan works backwards, so that nothing else is computed; then it sorts expressions
by what they depend on. What depends on constants alone is computed before the run; what depends on time alone, and is
the same in every draw, is tabulated over the grid. The module refuses to compute any number.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import gcd
from threading import Lock
from weakref import WeakKeyDictionary

from egendekning.engine.clock import TimeSpec
from egendekning.engine.graph import Graph, Node, references
from egendekning.engine.ir import (
    ActiveInitial,
    Apply,
    Clock,
    Expr,
    LookupCall,
    Memory,
    ModelDef,
    Num,
    Random,
    Reduce,
    Ref,
    State,
    Table,
    Vector,
    children,
)  # fmt: skip

CONST, TIME, DYNAMIC = 0, 1, 2
DRAWS, SEED, STATES = "#draw", "#seed", "#states"
"""Arguments of kernels with random functions (numbers of the draws, seed), and the mark of states that vary."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a kernel is compiled for; values of parameters are no part of it.

    `series` are variables given for every step; a run that is `resumed` goes on from states at step `begin`; one that
    is told to `keep` returns the states at its end in place of outputs.
    """

    outputs: tuple[str, ...]
    replaced: frozenset[str]
    started: frozenset[str]
    varying: frozenset[str]
    grid: TimeSpec
    lanes: int
    pipes: tuple[tuple[str, int, bool], ...] = ()
    guarded: bool = False
    series: frozenset[str] = frozenset()
    method: str = "euler"
    begin: int = 0
    resumed: bool = False
    keep: bool = False


@dataclass(slots=True)
class Plan:
    """The orders and classes that the kernel follows; keys of variables unless said otherwise."""

    request: Request
    arguments: tuple[str, ...]
    tables: tuple[str, ...]
    states: tuple[str, ...]
    initials: tuple[str, ...]
    start: tuple[Node, ...]
    const: tuple[str, ...]
    timed: tuple[str, ...]
    for_outputs: tuple[str, ...]
    for_moves: tuple[str, ...]
    hoist_const: tuple[tuple[Expr, str], ...]
    hoist_time: tuple[tuple[Expr, str], ...]
    varies: frozenset[Node]
    every: int
    saves: int
    rate: dict[str, int] = field(default_factory=dict)

    def places(self) -> list[int]:
        """Return which of the kernel's saves are wanted."""
        begin = self.request.begin
        return [(s - begin) // self.every for s in self.request.grid.save_steps() if s >= begin]


_MOST = 16
_made: WeakKeyDictionary[Graph, OrderedDict[Request, Plan]] = WeakKeyDictionary()
_lock = Lock()


def make_plan(model: ModelDef, graph: Graph, request: Request) -> Plan:
    """Return the plan of `request`, made once for as long as the model's `graph` lives; it must not be changed."""
    with _lock:
        known = _made.setdefault(graph, OrderedDict())
        if request not in known:
            known[request] = _Planner(model, graph, request).plan()
        known.move_to_end(request)
        while len(known) > _MOST:
            known.popitem(last=False)
        return known[request]


class _Planner:
    def __init__(self, model: ModelDef, graph: Graph, request: Request) -> None:
        self.model, self.graph, self.request = model, graph, request
        self.rates: dict[int, int] = {}
        self.rate: dict[str, int] = {}

    def leaf(self, node: Node) -> bool:
        """Whether a node's value is given to the kernel."""
        kind, name = node
        if kind == "state":
            return self.model.states[name].owner in self.request.started and self._is_stock(name)
        return name in self.request.replaced or self.model.working[name].kind in ("constant", "lookup")

    def _is_stock(self, state: str) -> bool:
        return is_stock_state(self.model, state)

    def needed(self) -> tuple[list[Node], list[str]]:
        """Return everything the run reads, in order, and the states among it."""
        graph, order = self.graph, list[Node]()
        todo: list[Node] = [("variable", name) for name in self.request.outputs]
        seen: set[str] = set()
        while True:
            order = graph.order(todo, graph.run, lambda n: n[0] == "variable" and self.leaf(n))
            fresh = [n for n in order if n[0] == "state" and n[1] not in seen]
            if not fresh:
                return order, [n[1] for n in order if n[0] == "state"]
            for _, name in fresh:
                seen.add(name)
                todo += [m for m in graph.moves(name) if m not in todo]

    def plan(self) -> Plan:
        order, states = self.needed()
        start = self.graph.order([("state", s) for s in states], self.graph.start, self.leaf)
        self.varies = self._varying([*order, *start])
        names = [n for kind, n in order if kind == "variable"]
        for name in names:
            constant = DYNAMIC if name in self.request.series else CONST
            self.rate[name] = constant if self.leaf(("variable", name)) else self._variable_rate(name)
        initials = [s for s in states if self.model.states[s].kind == "initial"]
        moving = [s for s in states if s not in initials]
        computed = [n for n in names if not self.leaf(("variable", n))]
        outputs = self._closure([("variable", n) for n in self.request.outputs])
        moves = self._closure([m for s in moving for m in self.graph.moves(s)])
        dynamic = [n for n in computed if self.rate[n] == DYNAMIC]
        begun = self.request.begin
        every, saves = _rhythm(tuple(k - begun for k in self.request.grid.save_steps() if k >= begun))
        hoist_const, hoist_time = self._hoists(dynamic, moving)
        given = [n for kind, n in dict.fromkeys([*order, *start]) if kind == "variable" and self.leaf((kind, n))]
        return Plan(
            request=self.request,
            arguments=(*(n for n in given if self.model.working[n].kind != "lookup"), *self._chance([*order, *start])),
            tables=tuple(n for n in given if self.model.working[n].kind == "lookup"),
            states=tuple(moving), initials=tuple(initials), start=tuple(start),
            const=tuple(n for n in computed if self.rate[n] == CONST),
            timed=tuple(n for n in computed if self.rate[n] == TIME),
            for_outputs=tuple(n for n in dynamic if ("variable", n) in outputs),
            for_moves=tuple(n for n in dynamic if ("variable", n) in moves),
            hoist_const=tuple(hoist_const), hoist_time=tuple(hoist_time),
            varies=frozenset(self.varies), every=every, saves=saves, rate=self.rate,
        )  # fmt: skip

    def _chance(self, nodes: list[Node]) -> tuple[str, ...]:
        return (DRAWS, SEED) if any(n in self.graph.chance for n in nodes) else ()

    def _closure(self, roots: Iterable[Node]) -> set[Node]:
        return set(self.graph.order(roots, self.graph.run, lambda n: n[0] == "variable" and self.leaf(n)))

    def _varying(self, nodes: list[Node]) -> set[Node]:
        """Return the nodes that can differ between draws: all that is reached from a varying argument."""
        readers: dict[Node, list[Node]] = {}
        for node in nodes:
            if self.leaf(node) and node[0] == "variable":
                continue
            sources = [*self.graph.run[node], *self.graph.start[node]]
            if node[0] == "state":
                sources += self.graph.moves(node[1])
            for source in sources:
                readers.setdefault(source, []).append(node)
        reached: set[Node] = set()
        stack = [n for n in nodes if n[0] == "variable" and n[1] in self.request.varying and self.leaf(n)]
        stack += [
            n for n in nodes if n[0] == "state" and self.leaf(n)
            and "start:" + self.model.states[n[1]].owner in self.request.varying
        ]  # fmt: skip
        if STATES in self.request.varying:
            stack += [n for n in nodes if n[0] == "state"]
        if DRAWS in self.request.varying:
            stack += [n for n in nodes if n in self.graph.chance and not (n[0] == "variable" and self.leaf(n))]
        while stack:
            node = stack.pop()
            if node not in reached:
                reached.add(node)
                stack.extend(readers.get(node, []))
        return reached

    def _variable_rate(self, name: str) -> int:
        rate = max((self._rate(c.expr) for c in self.model.working[name].components), default=CONST)
        return DYNAMIC if rate == TIME and ("variable", name) in self.varies else rate

    def _rate(self, expr: Expr) -> int:
        known = self.rates.get(id(expr))
        if known is None:
            known = self.rates[id(expr)] = self._find_rate(expr)
        return known

    def _find_rate(self, expr: Expr) -> int:
        match expr:
            case Num() | Table():
                return CONST
            case Clock(which=which):
                return TIME if which == "time" else CONST
            case Ref(key=name):
                return self.rate.get(name, CONST)
            case State(key=name):
                return CONST if self.model.states[name].kind == "initial" else DYNAMIC
            case ActiveInitial(running=running):
                return self._rate(running)
            case Random():
                return DYNAMIC
            case _:
                return max((self._rate(c) for c in children(expr)), default=CONST)

    def _varies(self, expr: Expr) -> bool:
        return any(node in self.varies for node in references(expr, "run"))

    def _hoists(self, dynamic: list[str], moving: list[str]) -> tuple[list[tuple[Expr, str]], list[tuple[Expr, str]]]:
        """Return the largest parts of per-step expressions that need not be computed at every step."""
        const: dict[int, tuple[Expr, str]] = {}
        timed: dict[int, tuple[Expr, str]] = {}
        roots = [(c.expr, n) for n in dynamic for c in self.model.working[n].components]
        roots += [(self.model.states[s].move, s) for s in moving]
        while roots:
            expr, owner = roots.pop()
            rate = self._rate(expr)
            solid = isinstance(expr, (Apply, Reduce, LookupCall, Vector))
            if solid and rate == CONST:
                const[id(expr)] = (expr, owner)
            elif solid and rate == TIME and not self._varies(expr):
                timed[id(expr)] = (expr, owner)
            elif isinstance(expr, ActiveInitial):
                roots.append((expr.running, owner))
            elif isinstance(expr, Memory):
                roots.append((expr.body, owner))
            else:
                roots.extend((c, owner) for c in children(expr))
        return list(const.values()), list(timed.values())


def is_stock_state(model: ModelDef, state: str) -> bool:
    """Whether a hidden state is the stock of an INTEG equation, as opposed to a stage of a delay or smooth."""
    item = model.variables[model.states[state].owner]
    return any(isinstance(c.expr, Memory) and c.expr.fn == "integ" and isinstance(c.expr.body, State)
               and c.expr.body.key == state for c in item.components)  # fmt: skip


def _rhythm(steps: tuple[int, ...]) -> tuple[int, int]:
    """Return the steps between saves, and how many saves, that cover all wanted saving steps."""
    every = 0
    for step in steps:
        every = gcd(every, step)
    every = max(every, 1)
    return every, steps[-1] // every + 1
