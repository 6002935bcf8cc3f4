"""A sweep, fully said: what varies, at which points, what is kept and of which scenario.

Everything that the bytes of a result depend on is here or in the study's files, so the fingerprint among the
attributes says whether a store belongs to a sweep. The module refuses to run and to write.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Final

import egendekning
from egendekning.engine import Model
from egendekning.ensemble.bind import Bound
from egendekning.sensitivity.design import Sampling, problem_of, run_count
from egendekning.sensitivity.factors import Factor
from egendekning.sensitivity.outcomes import SHOCK_SIZE, SHOCK_START, Horizon, Outcome

CHUNK: Final = 4096
"""Runs in a block: a few seconds of work, a few MiB on disk."""

RATE: Final = 0.04
"""Discount rate, 1/year: the state's for the first forty years (Finansdepartementet, rundskriv R-109/2021)."""


@dataclass(frozen=True)
class Sweep:
    """What a sweep varies, where, and what it keeps.

    Attributes
    ----------
    factors : tuple of Factor
        Varied by design.
    drawn : tuple of Factor
        Columns that the posterior gives, for ``draws``.
    sampling : Sampling
        The design.
    outcomes : tuple of Outcome
        What is kept.
    span : Horizon
        Times that can be read.
    scenario : str
        Of the study; empty for a model alone.
    chunk : int
        Runs in a block.
    rate : float
        Discount rate of the fiscal effect, 1/year.
    """

    factors: tuple[Factor, ...]
    drawn: tuple[Factor, ...]
    sampling: Sampling
    outcomes: tuple[Outcome, ...]
    span: Horizon
    scenario: str = ""
    chunk: int = CHUNK
    rate: float = RATE

    @property
    def columns(self) -> tuple[Factor, ...]:
        """The columns of the design."""
        return (*self.factors, *self.drawn)

    @property
    def runs(self) -> int:
        """Number of runs."""
        return run_count(self.sampling, self.factors)

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.runs // self.chunk)

    def rows(self, block: int) -> range:
        """Return the runs of a block."""
        return range(block * self.chunk, min((block + 1) * self.chunk, self.runs))


def attributes(subject: Bound | Model, sweep: Sweep) -> dict[str, Any]:
    """Return what a store says about where its numbers come from; plain numbers, texts, lists and dicts."""
    model = subject.model if isinstance(subject, Bound) else subject
    plan = sweep.sampling
    found: dict[str, Any] = {
        "program": "egendekning", "version": egendekning.__version__, "model": model.path.name,
        "model_hash": model.hash, "study_hash": subject.study.hash if isinstance(subject, Bound) else "",
        "scenario": sweep.scenario, "method": plan.method, "n": plan.n, "seed": plan.seed,
        "second_order": plan.second_order, "runs": sweep.runs, "chunk": sweep.chunk,
        "problem": problem_of(sweep.columns), "kinds": {f.id: f.kind for f in sweep.columns},
        "units": {f.id: f.unit for f in sweep.columns},
        "labels_nb": {f.id: f.label_nb for f in sweep.columns}, "labels_en": {f.id: f.label_en for f in sweep.columns},
        "outcomes": [o.id for o in sweep.outcomes], "until": sweep.span.until,
        "discount_rate": sweep.rate, "standard_shock": {"size": SHOCK_SIZE, "start": SHOCK_START},
        "precedence": f"{subject.study.PRECEDENCE} < factors" if isinstance(subject, Bound) else "model file < factors",
    }  # fmt: skip
    parts = {**found, "factors": [asdict(f) for f in sweep.columns], "read": [asdict(o) for o in sweep.outcomes]}
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return {**found, "fingerprint": hashlib.sha256(text.encode()).hexdigest()}
