"""What a calibration left behind: diagnostics of the posterior, identifiability, the test with synthetic data.

Nothing here needs the sampler; what is not there is None. The module refuses to compute.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from egendekning.ensemble import Bound
from egendekning.ensemble.posterior import read_posterior

IDENTIFIABILITY: Final = "identifiability.csv"
SYNTHETIC: Final = "synthetic.json"


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
        ``synthetic.json``.
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
    folder = next(iter(bound.study.calibration.values())).parent if bound.study.calibration else None
    synthetic = folder / SYNTHETIC if folder is not None else None
    data = json.loads(synthetic.read_text(encoding="utf-8")) if synthetic is not None and synthetic.is_file() else None
    return Learnt(None if found is None else dict(found.attrs), rows, data)
