"""The small study of the other tests, with its tax rate as a table that the national rules fill."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

GOOD_STUDY = Path(__file__).parents[1] / "study" / "fixtures" / "good"
WITHIN = "tax rate = WITH LOOKUP(Time, ((2019, 0.11), (2021, 0.12)))"
APART = """tax rate = tax rate table(Time)
	~	Dmnl
	~	Share of income that goes to the municipality.
	|

tax rate table((2019, 0.11), (2021, 0.12))"""


@pytest.fixture
def town_copy(tmp_path: Path) -> Path:
    """Return a small right study that a test may break."""
    root = Path(shutil.copytree(GOOD_STUDY, tmp_path / "town"))
    _replace(root / "model" / "town.mdl", WITHIN, APART)
    _replace(root / "model" / "national_rules.yaml", "  tax rate:", "  tax rate table:")
    return root


@pytest.fixture
def town(town_copy: Path) -> Path:
    """Return the same under the name that says it is not to be broken."""
    return town_copy


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
