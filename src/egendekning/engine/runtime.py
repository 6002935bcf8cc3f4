"""Start JAX as the engine needs it, compile kernels once, and keep them in memory and on disk.

JAX is imported at the first run, never at import, and is then set to double precision. Kernels are kept by `store` in
the user's cache folder (``EGENDEKNING_CACHE`` chooses another; set to nothing it keeps none), so that a second process
need not compile. The module refuses to switch on JAX's own cache: what JAX restores from it cannot be stored again.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from functools import lru_cache
from math import prod
from pathlib import Path
from typing import Any

from egendekning.engine import store
from egendekning.engine.compiler import compile_kernel
from egendekning.engine.graph import Graph
from egendekning.engine.ir import ModelDef
from egendekning.engine.kernel import tracer
from egendekning.engine.plan import Plan, Request, make_plan

_KEEP = 64
_compiled: OrderedDict[Any, tuple[Plan, Any]] = OrderedDict()
_lock = threading.Lock()


def cache_folder() -> Path | None:
    """Return the folder for compiled kernels, or None where ``EGENDEKNING_CACHE`` is set to nothing."""
    chosen = os.environ.get("EGENDEKNING_CACHE")
    if chosen is not None:
        return Path(chosen) / "kernels" if chosen else None
    import platformdirs

    return Path(platformdirs.user_cache_dir("egendekning")) / "kernels"


@lru_cache(maxsize=1)
def jax_module() -> Any:
    """Return JAX, set to double precision."""
    import importlib

    jax: Any = importlib.import_module("jax")

    jax.config.update("jax_enable_x64", True)
    return jax


def compiled(model: ModelDef, graph: Graph, request: Request, shapes: dict[str, tuple[int, ...]]) -> tuple[Plan, Any]:
    """Return the plan and compiled kernel for `request`; `shapes` gives the argument shapes."""
    key = (model.hash, request, tuple(sorted(shapes.items())))
    with _lock:
        if key not in _compiled:
            _compiled[key] = _get(model, graph, request, shapes)
        _compiled.move_to_end(key)
        while len(_compiled) > _KEEP:
            _compiled.popitem(last=False)
        return _compiled[key]


def _get(model: ModelDef, graph: Graph, request: Request, shapes: dict[str, tuple[int, ...]]) -> tuple[Plan, Any]:
    plan = make_plan(model, graph, request)
    jax = jax_module()
    path = store.kernel_path(cache_folder(), model.hash, request, shapes)
    with jax.default_device(jax.devices("cpu")[0]):
        kernel = store.read(path)
        if kernel is None:
            spec = {n: jax.ShapeDtypeStruct(s, "float64") for n, s in shapes.items()}
            lowered = jax.jit(tracer(jax, model, plan)).lower(spec)
            kernel = compile_lowered(jax, lowered, path, _numbers(model, plan) if request.lanes > 1 else None)
    return plan, kernel


def _numbers(model: ModelDef, plan: Plan) -> int:
    """Return how many numbers a draw computes in a step."""
    shapes = [model.working[n].shape for n in plan.for_moves] + [model.states[n].shape for n in plan.states]
    return sum(prod(shape) for shape in shapes)


def forget(model: ModelDef, request: Request, shapes: dict[str, tuple[int, ...]]) -> None:
    """Drop a kernel that turned out not to run, in memory and on disk."""
    with _lock:
        _compiled.pop((model.hash, request, tuple(sorted(shapes.items()))), None)
        path = store.kernel_path(cache_folder(), model.hash, request, shapes)
        if path is not None:
            path.unlink(missing_ok=True)


def forget_all() -> None:
    """Drop all kernels in memory, those on disk stay: the next call is as the first of a process."""
    with _lock:
        _compiled.clear()


def compile_lowered(jax: Any, lowered: Any, path: Path | None = None, numbers: int | None = None) -> Any:
    """Compile and keep at `path`, or, without a path, at one found by the lowered code; `numbers` as in `compiler`."""
    if path is None:
        path = store.lowered_path(cache_folder(), lowered)
        kernel = store.read(path)
        if kernel is not None:
            return kernel
    kernel = compile_kernel(lowered, numbers)
    if jax.config.jax_compilation_cache_dir is None:
        store.write(path, kernel)
    return kernel
