"""Put the results of batches together: each output as one array over all draws.

Little is done a batch, because batches are short: where an output lies is found once. The module refuses to know how
results are computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.engine.ir import ModelDef
from egendekning.engine.packed import rows
from egendekning.engine.plan import Plan

Floats = NDArray[np.float64]


class Collected:
    """Outputs of a run over `draws`; what does not vary over draws is kept once."""

    def __init__(self, model: ModelDef, plan: Plan, draws: int) -> None:
        self.draws = draws
        wanted = plan.places()
        self.keep = None if wanted == list(range(plan.saves)) else wanted
        self.shapes = {n: tuple(model.working[n].shape) for n in plan.request.outputs}
        self.places = [(kind, *place) for kind, places in rows(model, plan).items() for place in places]
        self.found: dict[str, Floats] = {}

    def add(self, constant: Mapping[str, Any], packed: Mapping[str, Any], begin: int) -> None:
        """Store one batch: `constant` (*dims, lane) by name and `packed` (save, row, lane) by kind."""
        for name, value in constant.items():
            array = np.asarray(value)
            self._put(name, array.reshape((1, -1, array.shape[-1])), begin)
        arrays = {kind: np.asarray(value) for kind, value in packed.items()}
        if self.keep is not None:
            arrays = {kind: value[self.keep] for kind, value in arrays.items()}
        for kind, name, first, end in self.places:
            self._put(name, arrays[kind][:, first:end], begin)

    def _put(self, name: str, value: Floats, begin: int) -> None:
        lanes = value.shape[-1]
        if lanes == 1:
            self.found.setdefault(name, value.transpose(2, 0, 1))
            return
        if name not in self.found:
            self.found[name] = np.empty((self.draws, *value.shape[:2]))
        count = min(self.draws - begin, lanes)
        self.found[name][begin : begin + count] = value.transpose(2, 0, 1)[:count]

    def finished(self) -> dict[str, Floats]:
        """Return every output as (draw or 1, save, *dims); outputs that never change have save length 1."""
        return {n: v.reshape((*v.shape[:2], *self.shapes[n])) for n, v in self.found.items()}


class States:
    """States at the end of a run over `draws`, (..., draw); what does not vary keeps one."""

    def __init__(self, draws: int) -> None:
        self.draws = draws
        self.found: dict[str, Floats] = {}

    def add(self, constant: Mapping[str, Any], states: Mapping[str, Any], begin: int) -> None:
        """Store one batch of `states` (..., lane)."""
        for name, state in states.items():
            value = np.asarray(state)
            if value.shape[-1] == 1:
                self.found.setdefault(name, value)
                continue
            if name not in self.found:
                self.found[name] = np.empty((*value.shape[:-1], self.draws))
            count = min(self.draws - begin, value.shape[-1])
            self.found[name][..., begin : begin + count] = value[..., :count]

    def finished(self) -> dict[str, Floats]:
        """Return every state by its key."""
        return self.found
