"""A village of two job classes whose numbers can be worked out by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from egendekning.ensemble import Bound, bind
from egendekning.study import Study

VILLAGE = Path(__file__).parent / "fixtures" / "village"


@pytest.fixture(scope="session")
def village() -> Bound:
    return bind(Study.open(VILLAGE))


@pytest.fixture
def village_copy(tmp_path: Path) -> Path:
    """Return a copy that a test may change."""
    return Path(shutil.copytree(VILLAGE, tmp_path / "village"))
