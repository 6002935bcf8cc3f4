"""Every mistake that a study can hold is told with its line, what was expected and how to mend it.

One file a mistake lies in `fixtures/broken`. Its first line says which file of the right study it replaces, its second
which words the message must hold, and a mark in the text shows the line that must be named.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from egendekning.errors import StudyError
from egendekning.study import Study

BROKEN = sorted((Path(__file__).parent / "fixtures" / "broken").glob("*.yaml"))
MARK = "# <-- here"


@pytest.mark.parametrize("mistake", BROKEN, ids=lambda path: path.stem)
def test_a_mistake_is_told_once_with_its_line_and_a_remedy(mistake: Path, town_copy: Path) -> None:
    text = mistake.read_text(encoding="utf-8")
    first, second, *_ = lines = text.splitlines()
    replaced = town_copy / first.removeprefix("# replaces: ")
    assert replaced.exists(), "the fixture names a file that the right study has"
    replaced.write_text(text, encoding="utf-8")

    with pytest.raises(StudyError) as caught:
        Study.open(town_copy)

    marked = [number for number, line in enumerate(lines, 1) if line.endswith(MARK)]
    assert [problem.where for problem in caught.value.problems] == [f"{replaced}:{number}" for number in marked]
    message = str(caught.value)
    for words in second.removeprefix("# says: ").split(" | "):
        assert words in message


def test_all_mistakes_of_all_files_are_told_at_once(town_copy: Path) -> None:
    for name in ("model/parameters.yaml", "model/labels.yaml", "scenarios/boom.yaml"):
        path = town_copy / name
        path.write_text(path.read_text(encoding="utf-8") + "\nnonsense: 1\n", encoding="utf-8")
    (town_copy / "model" / "checks.yaml").unlink()

    with pytest.raises(StudyError) as caught:
        Study.open(town_copy)

    at_fault = [re.sub(r":\d+$", "", problem.where) for problem in caught.value.problems]
    names = ("model/checks.yaml", "model/parameters.yaml", "model/labels.yaml", "scenarios/boom.yaml")
    assert at_fault == [str(town_copy / name) for name in names]


@pytest.mark.parametrize(
    "name",
    [
        "model/parameters.yaml",
        "model/national_rules.yaml",
        "model/labels.yaml",
        "model/checks.yaml",
        "scenarios/levers.yaml",
        "scenarios/baseline.yaml",
    ],
)
def test_a_missing_file_is_named(name: str, town_copy: Path) -> None:
    (town_copy / name).unlink()
    with pytest.raises(StudyError) as caught:
        Study.open(town_copy)
    assert [problem.where for problem in caught.value.problems] == [str(town_copy / name)]


def test_a_missing_model_file_is_told_with_the_suffixes_that_count(town_copy: Path) -> None:
    (town_copy / "model" / "town.mdl").unlink()
    with pytest.raises(StudyError, match=r"no model file\n.*\.mdl, \.xmile, \.stmx"):
        Study.open(town_copy)


def test_two_model_files_are_one_too_many(town_copy: Path) -> None:
    (town_copy / "model" / "village.mdl").write_text("", encoding="utf-8")
    with pytest.raises(StudyError, match=r"2 model files \(town\.mdl, village\.mdl\)"):
        Study.open(town_copy)


def test_a_file_that_nothing_reads_is_told_with_the_name_it_resembles(town_copy: Path) -> None:
    (town_copy / "model" / "parameter.yaml").write_text("a: 1\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"(?s)parameter\.yaml: nothing reads this.*did you mean: parameters\.yaml"):
        Study.open(town_copy)


def test_a_scenario_with_the_suffix_yml_is_not_passed_over_in_silence(town_copy: Path) -> None:
    (town_copy / "scenarios" / "boom.yaml").rename(town_copy / "scenarios" / "boom.yml")
    with pytest.raises(StudyError, match=r"(?s)boom\.yml: nothing reads this file.*boom\.yaml"):
        Study.open(town_copy)


def test_missing_folders_are_named(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(StudyError) as caught:
        Study.open(tmp_path)
    assert [problem.where for problem in caught.value.problems] == [
        str(tmp_path / "scenarios"),
        str(tmp_path / "calibration"),
    ]


def test_a_study_that_does_not_exist_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="does not exist"):
        Study.open(tmp_path / "nowhere")


def test_an_empty_file_is_told_with_what_belongs_in_it(town_copy: Path) -> None:
    (town_copy / "model" / "labels.yaml").write_text("# nothing yet\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"the file is empty\n.*Labels by model variable"):
        Study.open(town_copy)


def test_a_file_that_is_not_text_is_told_as_such(town_copy: Path) -> None:
    (town_copy / "model" / "labels.yaml").write_bytes(b"population: \xff\xfe\n")
    with pytest.raises(StudyError, match=r"labels\.yaml:1: byte 0xff is not UTF-8\n.*UTF-8"):
        Study.open(town_copy)


def test_scenarios_based_on_each_other_are_told_on_both_sides(town_copy: Path) -> None:
    path = town_copy / "scenarios" / "housing_push.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "base: [boom]\n", encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        Study.open(town_copy)
    assert [str(problem).split(": ", 1)[1].split("\n")[0] for problem in caught.value.problems] == [
        "boom: its base 'housing_push' is based on 'boom'",
        "housing_push: its base 'boom' is based on 'housing_push'",
    ]
