"""Fixtures that tests of more than one layer use."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

GOOD_STUDY = Path(__file__).parent / "study" / "fixtures" / "good"


@pytest.fixture
def town() -> Path:
    """Return a small right study: a town of 100 people, one lever, one driver, three scenarios. Do not write to it."""
    return GOOD_STUDY


@pytest.fixture
def town_copy(tmp_path: Path) -> Path:
    """Return a copy of `town` that a test may break."""
    return Path(shutil.copytree(GOOD_STUDY, tmp_path / "town"))
