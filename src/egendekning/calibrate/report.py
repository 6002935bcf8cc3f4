"""What a calibration tells: tables as rows of text and numbers, for the screen and for files beside the posterior.

The module refuses to print and to compute.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from egendekning.calibrate.identifiability import LEARNT, TOUCHED, Pair, Row
from egendekning.calibrate.run import Calibration
from egendekning.calibrate.synthetic import LEVEL, Synthetic

COLUMNS: Final = (
    "parameter", "active", "prior_mean", "prior_sd", "posterior_mean", "posterior_sd", "p05", "p50", "p95",
    "contraction", "basis", "grade",
)  # fmt: skip
PAIRS: Final = 15


def identifiability_csv(rows: Sequence[Row]) -> str:
    """Return the table of contraction as CSV."""
    lines: list[Sequence[Any]] = [COLUMNS]
    for r in rows:
        numbers = (r.prior_mean, r.prior_sd, r.mean, r.sd, r.p05, r.p50, r.p95)
        active = "yes" if r.active else "no"
        lines.append((r.name, active, *(f"{x:.5g}" for x in numbers), f"{r.contraction:.3f}", r.basis, r.grade))
    return _csv(lines)


def pairs_csv(found: Sequence[Pair]) -> str:
    """Return the strongest correlations as CSV."""
    return _csv([("first", "second", "correlation"), *((p.first, p.second, f"{p.correlation:.3f}") for p in found)])


def fit_csv(run: Calibration, quantiles: np.ndarray) -> str:
    """Return figures beside the posterior's 5th, 50th and 95th percentile of them, (3, figure), as CSV."""
    data = run.target.data
    lines: list[Sequence[Any]] = [("figure", "group", "value", "error", "p05", "p50", "p95")]
    for i, label in enumerate(data.labels):
        lines.append((label, data.groups[i], *(f"{x:.7g}" for x in (data.values[i], data.errors[i], *quantiles[:, i]))))
    return _csv(lines)


def in_words(rows: Sequence[Row]) -> list[str]:
    """Return what rests on data and what on the prior, in sentences."""
    learnt = [r for r in rows if r.contraction >= LEARNT]
    touched = [r for r in rows if TOUCHED <= r.contraction < LEARNT]
    rest = [r for r in rows if r.contraction < TOUCHED]
    inactive = sum(not r.active for r in rest)
    assumed = sum(r.basis == "assumption" for r in rest)
    return [
        f"{len(learnt)} of {len(rows)} numbers are known from the data to a good part (contraction over {LEARNT:.0%}): "
        + (", ".join(r.name for r in learnt) or "none"),
        f"{len(touched)} are moved a little ({TOUCHED:.0%} to {LEARNT:.0%}): "
        + (", ".join(r.name for r in touched) or "none"),
        f"{len(rest)} rest on their prior; {inactive} of them touch no observation at all (levers, long-run effects), "
        f"{assumed} are assumptions without a source",
    ]


def synthetic_csv(found: Synthetic, seed: int) -> str:
    """Return the outcome of the test with synthetic data as CSV: of the run, of each coordinate, of each check."""
    share, error = found.coverage()
    converged = sum(r.converged for r in found.replicates)
    lines: list[Sequence[Any]] = [("of", "name", "value")]
    lines += [("run", "replicates", len(found.replicates)), ("run", "converged", converged), ("run", "seed", seed)]
    lines += [("run", "level", LEVEL), ("run", "coverage", f"{share:.4f}"), ("run", "standard_error", f"{error:.4f}")]
    each = found.inside.mean(axis=0)
    lines += [("coverage", found.labels[i], f"{each[i]:.3f}") for i in np.flatnonzero(found.moved)]
    for n, check in enumerate(found.agreements, 1):
        lines.append((f"sampler {n}", "largest_shift_in_sd", f"{check.shift:.3f}"))
        lines.append((f"sampler {n}", "smallest_sd_ratio", f"{check.ratio_low:.3f}"))
        lines.append((f"sampler {n}", "largest_sd_ratio", f"{check.ratio_high:.3f}"))
        lines.append((f"sampler {n}", "coverage", f"{check.coverage:.3f}"))
    return _csv(lines)


def _csv(lines: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
