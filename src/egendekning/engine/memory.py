"""Functions with memory and functions of time, written out as plain states and algebra.

Each follows the equations of the Vensim reference manual. ``SMOOTH3(x, T)`` is three first-order states with time T/3;
``DELAY3`` three material stages that start in balance at ``initial * T / 3``; ``DELAY N`` the same with n stages and
the present delay time in every stage. The module refuses orders that are no whole numbers or change during the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from egendekning.engine.ir import (
    Apply,
    Clock,
    Expr,
    LookupCall,
    Memory,
    Num,
    Random,
    Ref,
    State,
    Table,
    walk,
)

if TYPE_CHECKING:
    from egendekning.engine.lower import Lowering


_MOST_STAGES = 1000  # a delay of more stages is a DELAY FIXED, and would fill the memory


def _op(fn: str, *args: Expr) -> Expr:
    return Apply(fn, args)


def integ(low: Lowering, ast: Any) -> Expr:
    """INTEG(flow, initial)."""
    flow, start = low.expr(ast.flow), low.expr(ast.initial)
    made = low.state("integ", start, flow, non_negative=bool(ast.non_negative))
    return Memory("integ", {"flow": flow, "initial": start}, State(made.key))


def initial(low: Lowering, ast: Any) -> Expr:
    """INITIAL(x): x at the initial time."""
    start = low.expr(ast.initial)
    made = low.state("initial", start, Num(0.0))
    return Memory("initial", {"initial": start}, State(made.key))


def _order(low: Lowering, ast: Any) -> np.ndarray:
    """Return the order of a delay or smooth for every element, (*labels)."""
    found = low.numbers(ast, "the order of a delay or smooth")
    if found is not None and (found >= 1).all() and (found == np.trunc(found)).all() and (found <= _MOST_STAGES).all():
        return found.astype(int)
    if found is not None:
        low.problem(f"the order of a delay or smooth is {np.unique(found).tolist()}", "1, 2, 3 ...")
    return np.ones((), dtype=int)


def _by_order(low: Lowering, order: np.ndarray) -> Expr:
    """Return the order as an expression: a number, or a table where elements differ."""
    if order.min() == order.max():
        return Num(float(order.max()))
    return Table(order.astype(float), (*low.scope.labels, *sorted(low.extra)))


def smooth(low: Lowering, ast: Any) -> Expr:
    """SMOOTH, SMOOTHI, SMOOTH3, SMOOTH3I, SMOOTH N: each stage closes its gap over time / order."""
    orders = _order(low, ast.order)
    order, least = int(orders.max()), int(orders.min())
    given, time = low.expr(ast.input), low.expr(ast.smooth_time)
    start = given if ast.initial is ast.input else low.expr(ast.initial)
    before, result = given, given
    for stage in range(1, order + 1):
        made = low.state("integ", start, Num(0.0))
        now = State(made.key)
        gap = _op("-", before, now)
        move = _op("/", gap if order == 1 else _op("*", gap, _by_order(low, orders)), time)
        _set_move(low, made.key, move)
        reached = stage > least and _op(">=", _by_order(low, orders), Num(float(stage)))
        result = _op("if then else", reached, now, result) if reached else now
        before = now
    return Memory("smooth", {"input": given, "time": time, "initial": start}, result)


def delay(low: Lowering, ast: Any) -> Expr:
    """DELAY1, DELAY1I, DELAY3, DELAY3I, DELAY N: material in `order` stages, each emptied over time / order."""
    orders = _order(low, ast.order)
    order, least = int(orders.max()), int(orders.min())
    given, time = low.expr(ast.input), low.expr(ast.delay_time)
    start = given if ast.initial is ast.input else low.expr(ast.initial)
    stage_time = time if order == 1 else _op("/", time, _by_order(low, orders))
    content = _op("*", start, stage_time)
    before, result = given, given
    for stage in range(1, order + 1):
        made = low.state("integ", content, Num(0.0))
        out = _op("/", State(made.key), stage_time)
        _set_move(low, made.key, _op("-", before, out))
        reached = stage > least and _op(">=", _by_order(low, orders), Num(float(stage)))
        result = _op("if then else", reached, out, result) if reached else out
        before = out
    return Memory("delay", {"input": given, "time": time, "initial": start}, result)


def delay_fixed(low: Lowering, ast: Any) -> Expr:
    """DELAY FIXED: what went in comes out, unchanged, a fixed time later."""
    given, time, start = low.expr(ast.input), low.expr(ast.delay_time), low.expr(ast.initial)
    made = low.state("pipe", start, given, delay=time)
    return Memory("delay fixed", {"input": given, "time": time, "initial": start}, State(made.key))


def steady(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """Return the transit time of a conveyor, which has to be the same throughout a run."""
    found = low.expr(arguments[0])
    for node in walk(found):
        moves = isinstance(node, (State, LookupCall, Random)) or (isinstance(node, Clock) and node.which == "time")
        if moves or (isinstance(node, Ref) and low.tables.constant(node.key) is None):
            return low.problem("the transit time of a conveyor changes during the run", "a constant transit time")
    return found


def sample_if_true(low: Lowering, ast: Any) -> Expr:
    """SAMPLE IF TRUE: the input while the condition holds, then the last such value."""
    when, given, start = low.expr(ast.condition), low.expr(ast.input), low.expr(ast.initial)
    made = low.state("hold", start, Num(0.0))
    value = _op("if then else", when, given, State(made.key))
    _set_move(low, made.key, value)
    return Memory("sample if true", {"condition": when, "input": given, "initial": start}, value)


def trend(low: Lowering, ast: Any) -> Expr:
    """TREND: fractional growth rate of the input against its exponential average."""
    given, time, start = low.expr(ast.input), low.expr(ast.average_time), low.expr(ast.initial_trend)
    made = low.state("integ", _op("/", given, _op("+", Num(1.0), _op("*", start, time))), Num(0.0))
    average = State(made.key)
    gap = _op("-", given, average)
    _set_move(low, made.key, _op("/", gap, time))
    value = _op("zidz", gap, _op("*", time, _op("abs", average)))
    return Memory("trend", {"input": given, "time": time, "initial": start}, value)


def forecast(low: Lowering, ast: Any) -> Expr:
    """FORECAST: the input carried on at its trend over the horizon."""
    given, time = low.expr(ast.input), low.expr(ast.average_time)
    horizon, start = low.expr(ast.horizon), low.expr(ast.initial_trend)
    made = low.state("integ", _op("/", given, _op("+", Num(1.0), _op("*", start, time))), Num(0.0))
    average = State(made.key)
    gap = _op("-", given, average)
    _set_move(low, made.key, _op("/", gap, time))
    growth = _op("*", _op("zidz", gap, _op("*", time, average)), horizon)
    value = _op("*", given, _op("+", Num(1.0), growth))
    return Memory("forecast", {"input": given, "time": time, "horizon": horizon, "initial": start}, value)


def time_value(low: Lowering, name: str, arguments: tuple[Any, ...]) -> Expr:
    """GET TIME VALUE in units of the model's time; the other measures need a calendar that the file does not give."""
    if len(arguments) != 3:
        return low.problem(f"{name.upper()} has {len(arguments)} arguments", "3 arguments")
    base, measure = (low.whole_number(arguments[k], f"argument {k + 1} of GET TIME VALUE") for k in (0, 2))
    if base not in (0, 1) or measure != 0:
        return low.problem(
            f"the function {name.upper()} with {base} and {measure} is not supported: it needs a calendar or a clock",
            "GET TIME VALUE(0 or 1, offset, 0)",
        )
    return _op("+", Clock("initial time" if base else "time"), low.expr(arguments[1]))


def _set_move(low: Lowering, name: str, move: Expr) -> None:
    import dataclasses

    low.tables.states[name] = dataclasses.replace(low.tables.states[name], move=move)


def timed(name: str, args: list[Expr]) -> Expr:
    """STEP, RAMP, PULSE and PULSE TRAIN as comparisons of the middle of the present step with their times."""
    now, dt = Clock("time"), Clock("time step")
    middle = _op("+", now, _op("/", dt, Num(2.0)))
    roles = dict(zip(_ROLES[name], args, strict=True))
    return Memory(name, roles, _TIMED[name](now, dt, middle, *args))


def _step(now: Expr, dt: Expr, middle: Expr, height: Expr, start: Expr) -> Expr:
    return _op("if then else", _op(">", middle, start), height, Num(0.0))


def _ramp(now: Expr, dt: Expr, middle: Expr, slope: Expr, start: Expr, finish: Expr | None = None) -> Expr:
    until = now if finish is None else _op("min", now, finish)
    return _op("if then else", _op(">", now, start), _op("*", slope, _op("-", until, start)), Num(0.0))


def _pulse(now: Expr, dt: Expr, middle: Expr, start: Expr, width: Expr) -> Expr:
    end = _op("+", start, _op("max", width, dt))
    inside = _op(":and:", _op(">", middle, start), _op("<", middle, end))
    return _op("if then else", inside, Num(1.0), Num(0.0))


def _pulse_train(now: Expr, dt: Expr, middle: Expr, start: Expr, every: Expr, width: Expr, end: Expr) -> Expr:
    phase = _op("modulo", _op("-", middle, start), every)
    inside = _op(":and:", _op(">", middle, start), _op("<", now, end))
    on = _op(":and:", inside, _op("<", phase, _op("max", width, dt)))
    return _op("if then else", on, Num(1.0), Num(0.0))


def _xmile_pulse(now: Expr, dt: Expr, middle: Expr, start: Expr, volume: Expr) -> Expr:
    return _op("/", _op("*", volume, _pulse(now, dt, middle, start, dt)), dt)


def _xmile_pulse_train(now: Expr, dt: Expr, middle: Expr, start: Expr, every: Expr, volume: Expr) -> Expr:
    train = _op("if then else", _op(">", every, Num(0.0)),
                _pulse_train(now, dt, middle, start, _op("max", every, dt), dt, Num(float("inf"))),
                _pulse(now, dt, middle, start, dt))  # fmt: skip
    return _op("/", _op("*", volume, train), dt)


_TIMED: dict[str, Any] = {
    "step": _step, "ramp": _ramp, "xramp": _ramp, "pulse": _pulse, "pulse train": _pulse_train, "xpulse": _xmile_pulse,
    "xpulse train": _xmile_pulse_train,
}  # fmt: skip
_ROLES: dict[str, tuple[str, ...]] = {
    "step": ("height", "start"), "ramp": ("slope", "start", "finish"), "xramp": ("slope", "start"),
    "pulse": ("start", "width"), "pulse train": ("start", "interval", "width", "end"), "xpulse": ("start", "volume"),
    "xpulse train": ("start", "interval", "volume"),
}  # fmt: skip
