"""A failure carries every problem, each with place and remedy."""

from __future__ import annotations

import pickle

import pytest

from egendekning import errors
from egendekning.errors import EgendekningError, Problem, StudyError

ONE = Problem("f.yaml:3", "unknown key 'grad'", "only role or grade", "grade", "rename it")
TWO = Problem("g.yaml:1", "the file is empty", "levers")


def test_a_problem_reads_from_place_to_remedy() -> None:
    assert str(ONE).splitlines() == [
        "f.yaml:3: unknown key 'grad'",
        "  expected: only role or grade",
        "  did you mean: grade?",
        "  fix: rename it",
    ]


def test_what_is_not_known_is_left_out() -> None:
    assert str(TWO) == "g.yaml:1: the file is empty\n  expected: levers"


def test_problems_may_come_one_by_one_or_as_a_list() -> None:
    assert StudyError(ONE, TWO).problems == StudyError([ONE, TWO]).problems == (ONE, TWO)


def test_the_message_holds_every_problem() -> None:
    assert str(StudyError(ONE, TWO)) == f"{ONE}\n{TWO}"


def test_a_failure_without_a_problem_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        StudyError([])


def test_a_failure_survives_the_way_between_processes() -> None:
    assert pickle.loads(pickle.dumps(StudyError(ONE, TWO))).problems == (ONE, TWO)


@pytest.mark.parametrize("name", ["StudyError", "ModelFileError", "SimulationError", "OutputError", "UsageError"])
def test_every_failure_is_of_the_one_family(name: str) -> None:
    assert issubclass(getattr(errors, name), EgendekningError)
