"""Functions with memory and functions of time, written out as plain states and algebra.

Each follows the equations of the Vensim reference manual. ``SMOOTH3(x, T)`` is three first-order states with time T/3;
``DELAY3`` three material stages that start in balance at ``initial * T / 3``; ``DELAY N`` the same with n stages and
the present delay time in every stage. The module refuses orders that are not whole numbers written in the equation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from egendekning.engine.ir import Apply, Clock, Expr, Memory, Num, State

if TYPE_CHECKING:
    from egendekning.engine.lower import Lowering


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


def _order(low: Lowering, ast: Any) -> int:
    if isinstance(ast, (int, float)) and float(ast) == int(ast) and ast >= 1:
        return int(ast)
    low.problem("the order of a delay or smooth is not a whole number written in the equation", "1, 2, 3 ...")
    return 1


def smooth(low: Lowering, ast: Any) -> Expr:
    """SMOOTH, SMOOTHI, SMOOTH3, SMOOTH3I, SMOOTH N: each stage closes its gap over time / order."""
    order = _order(low, ast.order)
    given, time = low.expr(ast.input), low.expr(ast.smooth_time)
    start = given if ast.initial is ast.input else low.expr(ast.initial)
    before, result = given, given
    for _ in range(order):
        made = low.state("integ", start, Num(0.0))
        result = State(made.key)
        gap = _op("-", before, result)
        move = _op("/", gap if order == 1 else _op("*", gap, Num(float(order))), time)
        _set_move(low, made.key, move)
        before = result
    return Memory("smooth", {"input": given, "time": time, "initial": start}, result)


def delay(low: Lowering, ast: Any) -> Expr:
    """DELAY1, DELAY1I, DELAY3, DELAY3I, DELAY N: material in `order` stages, each emptied over time / order."""
    order = _order(low, ast.order)
    given, time = low.expr(ast.input), low.expr(ast.delay_time)
    start = given if ast.initial is ast.input else low.expr(ast.initial)
    stage_time = time if order == 1 else _op("/", time, Num(float(order)))
    content = _op("*", start, stage_time)
    before = given
    for _ in range(order):
        made = low.state("integ", content, Num(0.0))
        out = _op("/", State(made.key), stage_time)
        _set_move(low, made.key, _op("-", before, out))
        before = out
    return Memory("delay", {"input": given, "time": time, "initial": start}, before)


def delay_fixed(low: Lowering, ast: Any) -> Expr:
    """DELAY FIXED: what went in comes out, unchanged, a fixed time later."""
    given, time, start = low.expr(ast.input), low.expr(ast.delay_time), low.expr(ast.initial)
    made = low.state("pipe", start, given, delay=time)
    return Memory("delay fixed", {"input": given, "time": time, "initial": start}, State(made.key))


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
    made = low.state("integ", _op("/", given, _op("+", Num(1.0), start)), Num(0.0))
    average = State(made.key)
    gap = _op("-", given, average)
    _set_move(low, made.key, _op("/", gap, time))
    growth = _op("*", _op("zidz", gap, _op("*", time, average)), horizon)
    value = _op("*", given, _op("+", Num(1.0), growth))
    return Memory("forecast", {"input": given, "time": time, "horizon": horizon, "initial": start}, value)


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


_TIMED: dict[str, Any] = {
    "step": _step, "ramp": _ramp, "xramp": _ramp, "pulse": _pulse, "pulse train": _pulse_train, "xpulse": _xmile_pulse,
}  # fmt: skip
_ROLES: dict[str, tuple[str, ...]] = {
    "step": ("height", "start"), "ramp": ("slope", "start", "finish"), "xramp": ("slope", "start"),
    "pulse": ("start", "width"), "pulse train": ("start", "interval", "width", "end"), "xpulse": ("start", "volume"),
}  # fmt: skip
