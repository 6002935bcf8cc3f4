"""The layout of results: one array for all outputs that vary over draws, one for those that do not.

One array is one write into the results at a saving time. The module refuses to know how outputs are computed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from egendekning.engine.ir import ModelDef
from egendekning.engine.plan import Plan

Values = dict[str, Any]

VARYING, FIXED = "varying", "fixed"


def rows(model: ModelDef, plan: Plan) -> dict[str, list[tuple[str, int, int]]]:
    """Return which rows of the packed results hold which output: ``{kind: [(name, first row, end row)]}``."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    for name in plan.request.outputs:
        if plan.rate[name] == 0:
            continue
        entries = found.setdefault(VARYING if ("variable", name) in plan.varies else FIXED, [])
        begin = entries[-1][2] if entries else 0
        entries.append((name, begin, begin + int(np.prod(model.working[name].shape))))
    return found


def unpack(model: ModelDef, plan: Plan, packed: Values) -> Values:
    """Return each output of `packed`, (save, *dims, draw), as views."""
    return {
        name: packed[kind][:, begin:end].reshape((-1, *model.working[name].shape, packed[kind].shape[-1]))
        for kind, entries in rows(model, plan).items()
        for name, begin, end in entries
    }


def pack(jax: Any, model: ModelDef, plan: Plan, values: Values) -> Values:
    """Return one array (row, draw) for outputs that vary over draws and one for those that do not.

    The barrier keeps the write of that array free of the arithmetic before it, without which the compiler copies all
    results at every save.
    """
    xp, lanes = jax.numpy, {VARYING: plan.request.lanes, FIXED: 1}
    packed = {}
    for kind, entries in rows(model, plan).items():
        parts = [
            xp.broadcast_to(values[n], (*values[n].shape[:-1], lanes[kind])).reshape((-1, lanes[kind]))
            for n, _, _ in entries
        ]
        packed[kind] = jax.lax.optimization_barrier(xp.concatenate(parts, axis=0))
    return packed
