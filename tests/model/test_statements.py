"""Every statement of the shipped `checks.yaml` holds; each is a test of its own name."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from egendekning.ensemble import Bound
from egendekning.validate import Verdict, check_statements

CHECKS = Path(__file__).parents[2] / "model" / "checks.yaml"
STATEMENTS = yaml.safe_load(CHECKS.read_text(encoding="utf-8"))["checks"]
LEAST = 25  # extreme conditions and conservation that a reviewer will ask for


def test_there_are_enough_statements_of_every_kind() -> None:
    kinds = Counter(statement["kind"] for statement in STATEMENTS)
    assert kinds["extreme"] >= LEAST
    assert set(kinds) == {"extreme", "conservation", "identity", "equilibrium", "loop", "behaviour", "reference"}


def test_every_statement_says_in_both_languages_what_it_asks() -> None:
    for statement in STATEMENTS:
        assert statement["statement_nb"] != statement["statement_en"]
        assert statement["statement_nb"].endswith("."), statement["id"]
        assert statement["statement_en"].endswith("."), statement["id"]


@pytest.fixture(scope="module")
def verdicts(bound: Bound) -> dict[str, Verdict]:
    """Return the verdict on every statement."""
    return {verdict.id: verdict for verdict in check_statements(bound)}


@pytest.mark.slow
@pytest.mark.parametrize("name", [statement["id"] for statement in STATEMENTS])
def test_the_statement_holds(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[name]
    failed = [finding for finding in verdict.findings if not finding.passed]
    assert verdict.not_finite is None
    assert failed == []
