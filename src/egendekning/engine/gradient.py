"""The value of an outcome of a run and its slope by parameters, from one run forwards and one back.

Divisions, logarithms and powers are guarded in the traced run, so that a branch that IF THEN ELSE does not take cannot
turn a slope into NaN. The module refuses to choose the outcome: that is a function of output arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from egendekning.engine.inputs import Inputs, read_inputs
from egendekning.engine.kernel import tracer
from egendekning.engine.packed import unpack
from egendekning.engine.plan import make_plan
from egendekning.engine.pointwise import start_values
from egendekning.engine.runtime import compile_lowered, jax_module
from egendekning.engine.simulate import Job, arguments, make_request
from egendekning.errors import Problem, UsageError
from egendekning.names import key, nearest

Gradient = Callable[..., tuple[float, dict[str, np.ndarray]]]


def value_and_grad(
    job: Job, outcome: str | Callable[[dict[str, Any]], Any], names: list[str], wrt: dict[str, str]
) -> Gradient:
    """Return the function described at `egendekning.engine.Model.value_and_grad`."""
    compiled: dict[Any, Any] = {}

    def function(parameters: Mapping[str, Any] | None = None) -> tuple[float, dict[str, np.ndarray]]:
        known = job.model.variables
        if not isinstance(parameters, Mapping | None):
            found = f"a {type(parameters).__name__}"
            raise UsageError(Problem("value_and_grad", found, "a mapping of name to value", fix="f({'name': 1.0})"))
        parameters = parameters or {}
        stocks = {n for n in parameters if _key(n) in known and known[_key(n)].kind == "stock"}
        inputs = read_inputs(
            job.model,
            {n: v for n, v in parameters.items() if n not in stocks},
            {n: parameters[n] for n in stocks},
        )
        if inputs.draws not in (None, 1):
            fix = "call it once for each draw"
            raise UsageError(
                Problem("value_and_grad", f"{inputs.draws} draws", "one set of parameters at a time", fix=fix)
            )
        _start_stocks(job, inputs, wrt)
        here = replace(job, inputs=inputs)
        request = replace(make_request(here, guarded=True), lanes=1)
        jax = jax_module()
        with jax.default_device(jax.devices("cpu")[0]):
            plan = make_plan(job.model, job.graph, request)
            args = arguments(here, plan)
            wanted = {n: "start:" + k if "start:" + k in args else k for n, k in wrt.items()}
            chosen = {w: args[w] for w in wanted.values() if w in args}
            _check_slopes(job, wrt, {n for n, w in wanted.items() if w in chosen})
            asked = (request, tuple(sorted(chosen)))
            if asked not in compiled:
                compiled[asked] = _compile(jax, here, plan, outcome, names, chosen, args)
            value, slopes = compiled[asked](chosen, {n: v for n, v in args.items() if n not in chosen})
        zero = {n: np.zeros(job.model.variables[k].shape) for n, k in wrt.items()}
        found = {n: np.asarray(slopes[w])[..., 0] if w in slopes else zero[n] for n, w in wanted.items()}
        return float(value), found

    return function


def _check_slopes(job: Job, wrt: dict[str, str], chosen: set[str]) -> None:
    """Raise UsageError for a name by which nothing can be differentiated."""
    for name, k in wrt.items():
        kind = job.model.variables[k].kind
        if name not in chosen and kind not in ("constant", "lookup", "stock"):
            fix = "name what it depends on, or give it a value in the parameters"
            raise UsageError(Problem("wrt", f"{name} is a {kind}", "a constant, a table function or a stock", fix=fix))


def _start_stocks(job: Job, inputs: Inputs, wrt: dict[str, str]) -> None:
    """Give the stocks to differentiate by their initial values, so that they are arguments of the run."""
    stocks = [k for k in wrt.values() if job.model.variables[k].kind == "stock" and k not in inputs.starts]
    if stocks:
        starts = start_values(job.model, job.graph, inputs, job.grid, stocks)
        inputs.starts.update({k: starts[k] for k in stocks})


def _key(name: str) -> str:
    return key(str(name))


def _compile(
    jax: Any, job: Job, plan: Any, outcome: Any, names: list[str], chosen: dict[str, Any], args: dict[str, Any]
) -> Any:
    run = tracer(jax, job.model, plan)
    keys = {n: _key(n) for n in names}
    saves = np.asarray(plan.places())

    def scalar(varied: dict[str, Any], fixed: dict[str, Any]) -> Any:
        constant, packed = run({**varied, **fixed})
        series = unpack(job.model, plan, packed)
        arrays = {}
        for name, k in keys.items():
            if k in series:
                arrays[name] = series[k][..., 0][saves]
            else:
                arrays[name] = jax.numpy.broadcast_to(constant[k][..., 0], (len(saves), *constant[k].shape[:-1]))
        return arrays[outcome][-1].sum() if isinstance(outcome, str) else _number(jax, outcome(_Arrays(arrays)))

    others = {n: v for n, v in args.items() if n not in chosen}
    try:
        lowered = jax.jit(jax.value_and_grad(scalar)).lower(chosen, others)
    except jax.errors.JAXTypeError as error:  # NumPy, or a branch on a value
        found, said = "the outcome turns an array into plain numbers", "jax.numpy or plain arithmetic"
        fix = "use jax.numpy in the place of numpy, and jax.numpy.where in the place of if"
        raise UsageError(Problem("value_and_grad", found, said, fix=fix)) from error
    return compile_lowered(jax, lowered)


class _Arrays(dict[str, Any]):
    """The outputs that an outcome reads; a name that is not among them is told."""

    def __missing__(self, name: str) -> Any:
        near, fix = nearest(str(name), list(self)), "name it in outputs=[...]"
        raise UsageError(Problem("value_and_grad", f"the outcome reads {name!r}", "one of the outputs", near, fix))


def _number(jax: Any, found: Any) -> Any:
    """Return what an outcome gives, which has to be one number."""
    array = jax.numpy.asarray(found, dtype=float)
    if array.size != 1:
        fix = "reduce it, as in d['name'][-1].sum()"
        raise UsageError(Problem("value_and_grad", f"an outcome of shape {array.shape}", "one number", fix=fix))
    return array.reshape(())
