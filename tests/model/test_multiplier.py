"""The local multiplier is no constant of the model: it emerges from suppliers, spending, migration and shortage.

Evidence: 0.5 local jobs per tradable job in Sweden (Moretti and Thulin 2013), 1.02 in the USA, corrected (van Dijk
2014); a labour market with 43 % out-commuting argues for the lower half. 0.3 to 1.0 is the range that the project
holds plausible.
"""

from __future__ import annotations

import pytest

from .conftest import Laboratory

pytestmark = pytest.mark.slow

LOW, HIGH = 0.3, 1.0
LONG_RUN = 2045.0


def multiplier(laboratory: Laboratory, push: str, time: float) -> float:
    """Return local private jobs (trade and regional market) per national-market job, all positions."""
    local = sum(laboratory.gain(push, "positions", time, **{"class": name}) for name in ("trade", "regional"))
    return local / laboratory.gain(push, "positions", time, **{"class": "national"})


def test_a_hundred_national_jobs_bring_30_to_100_local_private_jobs_in_the_long_run(laboratory: Laboratory) -> None:
    found = multiplier(laboratory, "hundred jobs", LONG_RUN)
    print(f"\nlocal private jobs per national-market job: {found:.3f} in {LONG_RUN:g}")
    assert LOW <= found <= HIGH


def test_the_multiplier_hardly_depends_on_the_size_of_the_push(laboratory: Laboratory) -> None:
    small, large = (multiplier(laboratory, push, LONG_RUN) for push in ("hundred jobs", "jobs"))
    assert large == pytest.approx(small, rel=0.1)


def test_the_multiplier_builds_up_over_years(laboratory: Laboratory) -> None:
    assert multiplier(laboratory, "hundred jobs", 2022.0) < multiplier(laboratory, "hundred jobs", 2030.0)
