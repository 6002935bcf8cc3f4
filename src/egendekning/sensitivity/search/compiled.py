"""Batches of runs compiled together with what is read from them, with or without slopes.

What is read is computed inside the kernel, so that a batch hands back a few numbers a run and not its whole course.
Slopes come from one run forwards and one back for all draws of a batch: draws do not meet, so the slopes of their sum
are the slopes of each. The module refuses to choose what is read and what varies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.kernel import tracer
from egendekning.engine.packed import unpack
from egendekning.engine.plan import Plan, make_plan
from egendekning.engine.runtime import compile_lowered, jax_module
from egendekning.engine.simulate import LANES, Job, arguments, make_request

Floats = NDArray[np.float64]
Read = Callable[[Mapping[str, Any], Any], Any]
"""Series (time, lane) by variable, and ``jax.numpy`` -> (row, lane)."""

Call = Callable[[Floats, NDArray[np.intp]], tuple[Floats, Floats]]
"""Varied values (name, lane) and draws (lane) -> what is read (row, lane), and slopes (name, lane) of its first row."""


def compile_batch(job: Job, names: Sequence[str], read: Read, *, sloped: bool) -> Call:
    """Compile the runs of one batch.

    Parameters
    ----------
    job : Job
        The model, the draws in its inputs (last axis), and the variables to read.
    names : sequence of str
        Keys of the scalar constants that are given with each call.
    read : callable
        See `Read`.
    sloped : bool
        Whether to compute slopes; without, they come back empty.
    """
    request = make_request(job, guarded=sloped)
    request = replace(request, varying=request.varying | set(names), lanes=LANES)
    jax = jax_module()
    with jax.default_device(jax.devices("cpu")[0]):
        plan = make_plan(job.model, job.graph, request)
        args = {n: v for n, v in arguments(job, plan).items() if n not in names}
        drawn = {n: v for n, v in args.items() if v.shape[-1] > 1}
        still = {n: jax.device_put(np.ascontiguousarray(v)) for n, v in args.items() if v.shape[-1] == 1}
        places = {name: i for i, name in enumerate(names) if name in plan.arguments}
        run = _reading(jax, job, plan, read)

        def value(values: Any, lanes: Any, fixed: Any) -> Any:
            return run({**fixed, **lanes, **{n: values[i] for n, i in places.items()}})

        spec = {n: jax.ShapeDtypeStruct((*v.shape[:-1], LANES), "float64") for n, v in drawn.items()}
        varied = jax.ShapeDtypeStruct((len(names), LANES), "float64")
        lowered = jax.jit(_with_slopes(jax, value) if sloped else value).lower(varied, spec, still)
        kernel = compile_lowered(jax, lowered)

    def call(given: Floats, at: NDArray[np.intp]) -> tuple[Floats, Floats]:
        lanes = {n: np.ascontiguousarray(v[..., at]) for n, v in drawn.items()}
        found = kernel(np.ascontiguousarray(given), lanes, still)
        out, slopes = found if sloped else (found, np.zeros((0, LANES)))
        return np.asarray(out), np.asarray(slopes)

    return call


def _reading(jax: Any, job: Job, plan: Plan, read: Read) -> Callable[[Any], Any]:
    """Return the function of arguments that runs a plan and reads it."""
    run = tracer(jax, job.model, plan)
    saves = np.asarray([step // plan.every for step in job.grid.save_steps()])

    def reading(args: Any) -> Any:
        constant, packed = run(args)
        series = unpack(job.model, plan, packed)

        def of(name: str) -> Any:
            found = series[name][saves] if name in series else constant[name][None]
            total = found.reshape((found.shape[0], -1, found.shape[-1])).sum(axis=1)
            return jax.numpy.broadcast_to(total, (len(saves), LANES))

        return read({name: of(name) for name in job.outputs}, jax.numpy)

    return reading


def _with_slopes(jax: Any, value: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that gives what is read and the slopes of its first row."""

    def sloped(values: Any, lanes: Any, fixed: Any) -> Any:
        out, back = jax.vjp(lambda v: value(v, lanes, fixed), values)
        (slopes,) = back(jax.numpy.zeros_like(out).at[0].set(1.0))
        return out, slopes

    return sloped
