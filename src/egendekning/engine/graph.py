"""What depends on what: the order of evaluation, cycles, and what a wish for some outputs needs.

Two graphs are kept apart, as in every stock-and-flow simulator: within a time step (stocks are known) and at the start
(stocks come from their initial expressions). The module refuses models in which either has a cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from egendekning.engine.ir import ActiveInitial, Expr, LookupCall, Memory, ModelDef, Random, Ref, State, children, walk
from egendekning.errors import ModelFileError, Problem

_SHOWN = 10
"""Names told at either end of a long cycle."""

Node = tuple[str, str]
"""("variable" | "state", key)."""


def references(expr: Expr, stage: str) -> list[Node]:
    """Return what `expr` reads in `stage` (``run`` or ``start``), in order of appearance."""
    found: dict[Node, None] = {}
    stack = [expr]
    while stack:
        node = stack.pop()
        match node:
            case Ref(key=name):
                found[("variable", name)] = None
            case LookupCall(key=name, arg=arg):
                if "#" not in name:
                    found[("variable", name)] = None
                stack.append(arg)
            case State(key=name):
                found[("state", name)] = None
            case ActiveInitial(running=running, initial=initial):
                stack.append(running if stage == "run" else initial)
            case _:
                stack.extend(reversed(children(node)))
    return list(found)


class Graph:
    """Dependencies of one model; cheap to ask, computed once."""

    def __init__(self, model: ModelDef) -> None:
        self.model = model
        self.run = {
            ("variable", n): [r for c in v.components for r in references(c.expr, "run")]
            for n, v in model.working.items()
        }
        self.run.update({("state", n): [] for n in model.states})
        self.start = {
            ("variable", n): [r for c in v.components for r in references(c.expr, "start")]
            for n, v in model.working.items()
        }
        self.start.update({("state", n): references(s.initial, "start") for n, s in model.states.items()})

    @cached_property
    def chance(self) -> frozenset[Node]:
        """Variables and states with a random function in them."""
        exprs = [(("variable", n), c.expr) for n, v in self.model.working.items() for c in v.components]
        exprs += [(("state", n), e) for n, s in self.model.states.items() for e in (s.initial, s.move)]
        return frozenset(n for n, e in exprs if any(isinstance(node, Random) for node in walk(e)))

    def moves(self, state: str) -> list[Node]:
        """Return what the movement of a state reads."""
        item = self.model.states[state]
        delay = references(item.delay, "run") if item.delay is not None else []
        return references(item.move, "run") + delay

    def order(
        self, wanted: Iterable[Node], edges: Mapping[Node, list[Node]], stop: Callable[[Node], bool]
    ) -> list[Node]:
        """Return `wanted` and all they need by `edges`, needed first; nodes for which `stop` holds are leaves.

        Raises
        ------
        ModelFileError
            If there is a cycle; the names on it are given.
        """
        done: dict[Node, None] = {}
        for root in wanted:
            if root in done:
                continue
            trail: dict[Node, None] = {root: None}
            stack = [(root, iter([] if stop(root) else edges[root]))]
            while stack:
                node, rest = stack[-1]
                step = next((n for n in rest if n not in done), None)
                if step is None:
                    stack.pop()
                    trail.pop(node)
                    done[node] = None
                elif step in trail:
                    names = list(trail)
                    raise _Cycle([*names[names.index(step) :], step])
                else:
                    trail[step] = None
                    stack.append((step, iter([] if stop(step) else edges[step])))
        return list(done)


class _Cycle(Exception):
    def __init__(self, nodes: list[Node]) -> None:
        super().__init__(nodes)
        self.nodes = nodes


def check_cycles(model: ModelDef) -> None:
    """Raise ModelFileError, naming the variables, if the model has a cycle within a step or at the start."""
    graph = Graph(model)
    problems = []
    starts = [("state", n) for n in model.states]
    for roots, edges, when in (
        (list(graph.run), graph.run, "within one time step"),
        (starts, graph.start, "among the initial values"),
    ):
        try:
            graph.order(roots, edges, lambda node: False)
        except _Cycle as cycle:
            keys = [n[1] if n[0] == "variable" else model.states[n[1]].owner for n in cycle.nodes]
            items = [model.working[k] for i, k in enumerate(keys) if i == 0 or k != keys[i - 1]]
            names = [v.name for v in items]
            left = f"... ({len(names) - 2 * _SHOWN} more) ..."
            found = " -> ".join(names if len(names) <= 3 * _SHOWN else [*names[:_SHOWN], left, *names[-_SHOWN:]])
            problems.append(
                Problem(f"{model.file}:{items[0].line}", f"a cycle {when}: {found}", "a stock or a delay on every loop",
                        fix="put a stock on the loop, or ACTIVE INITIAL for initial values")
            )  # fmt: skip
    if problems:
        raise ModelFileError(problems)


def memory_names(model: ModelDef, name: str) -> frozenset[str]:
    """Return every variable that the equations of `name` mention: rates, initial values and delay times included."""
    found: set[str] = set()
    stack: list[Expr] = [c.expr for c in model.variables[name].components]
    while stack:
        node = stack.pop()
        if isinstance(node, Memory):
            stack.extend(node.args.values())
        elif isinstance(node, (Ref, LookupCall)) and "#" not in node.key:
            found.add(node.key)
        if not isinstance(node, Memory):
            stack.extend(children(node))
    return frozenset(found)
