"""A study that opens is complete, frozen and traceable to its files."""

from __future__ import annotations

import copy
import hashlib
import pickle
import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from egendekning.errors import StudyError
from egendekning.study import Setting, Study


@pytest.fixture
def study(town: Path) -> Study:
    return Study.open(town)


def test_scenarios_come_in_their_order_of_display(study: Study) -> None:
    assert list(study.scenarios) == ["baseline", "housing_push", "boom"]  # orders 0, 1 and 2 in the files


def test_a_clause_sets_the_constants_of_its_lever(study: Study) -> None:
    assert study.overrides("housing_push") == {"housing push": 20, "housing start": 2022, "housing ramp": 3}


def test_a_later_clause_overrides_the_value_and_keeps_the_start_of_its_base(study: Study) -> None:
    assert study.overrides("boom") == {
        "housing push": 30,
        "housing start": 2022,
        "housing ramp": 3,
        "world demand": 1.5,
    }
    assert study.settings("boom")["housing"] == Setting("housing", 30, 2022, 3, "boom")


def test_the_command_line_overrides_a_scenario(study: Study) -> None:
    extra = [study.parse_setting("housing=5 person/year")]
    assert study.overrides("housing_push", extra)["housing push"] == 5


def test_the_baseline_changes_nothing(study: Study) -> None:
    assert study.overrides("baseline") == {}


def test_precedence_is_one_line_and_ends_with_the_command_line() -> None:
    assert Study.PRECEDENCE.split(" < ") == [
        "model file",
        "national_rules.yaml",
        "parameter draws",
        "scenario clauses",
        "command line",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("huosing=3", "did you mean: housing?"),
        ("housing", "lever=value"),
        ("housing=many", "lever=value"),
        ("housing=nan", "lever=value"),
        ("housing=51", "from 0 to 50 person/year"),
        ("housing=3 dwellings", "'person/year'"),
    ],
)
def test_a_wrong_setting_is_told_as_typed(text: str, words: str, study: Study) -> None:
    with pytest.raises(StudyError) as caught:
        study.parse_setting(text)
    assert text in str(caught.value)
    assert words in str(caught.value)


def test_an_unknown_scenario_is_told_with_the_nearest(study: Study) -> None:
    with pytest.raises(StudyError, match=r"did you mean: boom\?"):
        study.overrides("bom")


def test_a_study_cannot_be_changed(study: Study) -> None:
    with pytest.raises(TypeError, match="frozen"):
        study.parameters["migration rate"] = study.parameters["cost per head"]  # type: ignore[index]
    with pytest.raises(TypeError, match="frozen"):
        study.rules["tax rate"].values[2022] = study.rules["tax rate"].values[2021]  # type: ignore[index]
    with pytest.raises(ValidationError, match="frozen"):
        study.levers["housing"].default = 1
    with pytest.raises(AttributeError):
        study.hash = ""  # type: ignore[misc]


def test_a_study_survives_pickling_and_copying(study: Study) -> None:
    assert pickle.loads(pickle.dumps(study)) == study
    assert copy.deepcopy(study) == study


def test_each_file_carries_its_sha256(study: Study, town: Path) -> None:
    names = {str(path.relative_to(town)) for path in town.rglob("*") if path.is_file()}
    assert dict(study.files) == {name: hashlib.sha256((town / name).read_bytes()).hexdigest() for name in names}


def test_the_hash_follows_the_contents_and_not_the_place(study: Study, town_copy: Path) -> None:
    assert Study.open(town_copy).hash == study.hash
    with (town_copy / "model" / "town.mdl").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert Study.open(town_copy).hash != study.hash


def test_readmes_do_not_change_the_hash(study: Study, town_copy: Path) -> None:
    (town_copy / "model" / "README.md").write_text("words", encoding="utf-8")
    assert Study.open(town_copy).hash == study.hash


def test_the_current_folder_does_not_matter(town_copy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = Study.open(town_copy)
    monkeypatch.chdir(shutil.copytree(town_copy, tmp_path / "elsewhere"))
    assert Study.open(town_copy) == before


def test_the_line_of_a_value_can_be_asked_for(study: Study, town: Path) -> None:
    file = "model/parameters.yaml"
    lines = (town / file).read_text(encoding="utf-8").splitlines()
    assert study.where(file, "migration rate", "high") == f"{town / file}:{lines.index('  high: 0.02') + 1}"


def test_only_constants_with_a_range_are_drawn(study: Study) -> None:
    assert {name for name, parameter in study.parameters.items() if parameter.drawn} == {
        "migration rate",
        "cost per head",
    }
    assert study.parameters["migration rate"].law == "pert"
    assert study.parameters["cost per head"].law == "triangular"


def test_a_national_rule_gives_the_points_of_its_lookup(study: Study) -> None:
    assert study.rules["tax rate"].points() == ((2019, 2021), (0.11, 0.12))
