"""What a calibration left behind: diagnostics of the posterior, identifiability, the test with synthetic data.

Nothing here needs the sampler; what is not there is None. The module refuses to compute.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from egendekning.ensemble import Bound
from egendekning.ensemble.posterior import read_posterior

IDENTIFIABILITY: Final = "identifiability.csv"
SYNTHETIC: Final = "synthetic.csv"


@dataclass(frozen=True)
class Learnt:
    """Files of the calibration folder.

    Attributes
    ----------
    posterior : mapping or None
        Attributes of ``posterior.nc``: size, diagnostics, seed, hashes.
    identifiability : tuple of mapping or None
        Rows of ``identifiability.csv``.
    synthetic : mapping or None
        The run of ``synthetic.csv``: replicates, converged, level, coverage, standard_error and coordinates, the
        count of numbers that the data can move; where the sampler was held against the approximation, samplers, how
        often, and the worst of largest_shift_in_sd, smallest_sd_ratio and largest_sd_ratio.
    """

    posterior: Mapping[str, Any] | None
    identifiability: tuple[Mapping[str, str], ...] | None
    synthetic: Mapping[str, Any] | None


def read_learnt(bound: Bound) -> Learnt:
    """Read what there is.

    Raises
    ------
    StudyError
        Where the posterior belongs to another model or other observations.
    """
    found = read_posterior(bound)
    rows = None
    path = bound.study.calibration.get(IDENTIFIABILITY)
    if path is not None:
        with path.open(encoding="utf-8", newline="") as file:
            rows = tuple(csv.DictReader(file))
    return Learnt(None if found is None else dict(found.attrs), rows, _synthetic(bound))


def _synthetic(bound: Bound) -> Mapping[str, Any] | None:
    path = bound.study.calibration.get(SYNTHETIC)
    if path is None:
        return None
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    run = {row["name"]: float(row["value"]) for row in table if row["of"] == "run"}
    checks = [row for row in table if row["of"].startswith("sampler")]
    worst = {
        name: pick(values)
        for name, pick in (("largest_shift_in_sd", max), ("smallest_sd_ratio", min), ("largest_sd_ratio", max))
        if (values := [float(row["value"]) for row in checks if row["name"] == name])
    }
    samplers = len({row["of"] for row in checks})
    return {**run, **worst, "samplers": samplers, "coordinates": sum(row["of"] == "coverage" for row in table)}
