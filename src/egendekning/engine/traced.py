"""A run as a pure function that JAX can trace: for inference, optimisation and whatever else differentiates or batches.

`Model.simulate` takes NumPy arrays and gives a Dataset; what is wanted here is a function of JAX arrays that may stand
inside another traced function, under ``jax.grad``, ``jax.vmap`` or ``jax.jit``. Divisions, logarithms and powers are
guarded as in `gradient`, so that a branch not taken cannot make a slope NaN. The module refuses to compile: that is
the caller's, who knows what else belongs into the same compiled function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from egendekning.engine.clock import TimeSpec
from egendekning.engine.graph import Graph
from egendekning.engine.inputs import Inputs
from egendekning.engine.kernel import tracer
from egendekning.engine.model import Model
from egendekning.engine.packed import unpack
from egendekning.engine.plan import make_plan
from egendekning.engine.pointwise import start_values
from egendekning.engine.runtime import jax_module
from egendekning.engine.simulate import Job, arguments, make_request
from egendekning.errors import Problem, SimulationError
from egendekning.names import key

Run = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Values (\\*dims[, point]) by name -> outputs (time, \\*dims) by name."""


def run_function(
    model: Model,
    outputs: Sequence[str],
    parameters: Sequence[str],
    time: TimeSpec | Mapping[str, float] | Sequence[float] | None = None,
    tables: Mapping[str, Any] | None = None,
) -> Run:
    """Return a run of a model as a function that JAX can trace.

    Parameters
    ----------
    model : Model
        The model.
    outputs : sequence of str
        Variables wanted.
    parameters : sequence of str
        Constants, table functions and stocks (their initial values) that the function takes.
    time : optional
        As in `Model.simulate`.
    tables : mapping, optional
        Values of other constants (\\*dims) and table functions (\\*dims, point) that differ from the file's.

    Returns
    -------
    callable
        ``run({name: (\\*dims[, point])}) -> {name: (time, \\*dims)}``, in the units of the model. A parameter that is
        left out has the value of the file; one that the outputs do not depend on is ignored. Wrap it in ``jax.vmap``
        for many draws.

    Raises
    ------
    SimulationError
        For unknown names and for parameters that cannot be given.
    """
    names = {name: _item(model, name, "parameters") for name in parameters}
    wanted = {name: _item(model, name, "outputs") for name in outputs}
    grid = model.time.override(time)
    grid.check()
    graph = Graph(model.definition)
    inputs = Inputs(values={_item(model, n, "tables"): np.asarray(v, dtype=float)[..., None]
                            for n, v in (tables or {}).items()})  # fmt: skip
    job = Job(model.definition, graph, inputs, tuple(dict.fromkeys(wanted.values())), grid)
    stocks = [k for k in names.values() if model.definition.variables[k].kind == "stock"]
    inputs.starts.update(start_values(model.definition, graph, inputs, grid, stocks) if stocks else {})
    request = replace(
        make_request(job, guarded=True), lanes=1, varying=frozenset(_argument(stocks, k) for k in names.values())
    )
    jax = jax_module()
    plan = make_plan(model.definition, graph, request)
    fixed = arguments(job, plan)
    kernel = tracer(jax, model.definition, plan)
    saves = np.asarray(plan.places())

    def run(values: Mapping[str, Any]) -> dict[str, Any]:
        given = {_argument(stocks, names[n]): jax.numpy.asarray(v)[..., None] for n, v in values.items()}
        constant, packed = kernel({**fixed, **{n: v for n, v in given.items() if n in fixed}})
        series = unpack(model.definition, plan, packed)
        return {n: _series(jax, constant, series, k, saves) for n, k in wanted.items()}

    return run


def _item(model: Model, name: str, where: str) -> str:
    """Return the key of a variable that may stand in a place."""
    item = model.variable(name)
    if where != "outputs" and item.kind not in ("constant", "lookup", "stock"):
        raise SimulationError(Problem(where, f"{item.name} is a {item.kind}", "a constant, table function or stock"))
    return key(name)


def _argument(stocks: Sequence[str], name: str) -> str:
    """Return what the kernel calls the value of a variable that is given."""
    return "start:" + name if name in stocks else name


def _series(jax: Any, constant: Mapping[str, Any], series: Mapping[str, Any], name: str, saves: Any) -> Any:
    """Return one output as (time, \\*dims), whether it moves or not."""
    if name in series:
        return series[name][..., 0][saves]
    return jax.numpy.broadcast_to(constant[name][..., 0], (len(saves), *constant[name].shape[:-1]))
