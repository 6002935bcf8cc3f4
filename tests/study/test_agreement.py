"""A study and its model are held together name by name, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from egendekning.study import Study, disagreements


@dataclass(frozen=True)
class Info:
    name: str
    kind: str
    unit: str
    line: int = 1
    dims: tuple[str, ...] = ()


TOWN = {
    info.name: info
    for info in (
        Info("Population", "stock", "person", 2),
        Info("initial population", "constant", "person", 7),
        Info("net migration", "flow", "person/year", 12),
        Info("migration rate", "constant", "1/year", 17),
        Info("housing push", "constant", "person / year", 22),
        Info("housing start", "constant", "year", 27),
        Info("housing ramp", "constant", "year", 32),
        Info("cost per head", "constant", "NOK/person", 37),
        Info("world demand", "constant", "Dmnl", 42),
        Info("tax rate", "lookup", "Dmnl", 47),
        Info("FINAL TIME", "constant", "year", 52),
        Info("TIME STEP", "constant", "year", 57),
    )
}


@pytest.fixture
def study(town: Path) -> Study:
    return Study.open(town)


def told(study: Study, changes: Mapping[str, Info | None], **more: object) -> list[str]:
    """Return the messages about the town's model with some variables replaced or taken out."""
    variables = {name: info for name, info in {**TOWN, **changes}.items() if info is not None}
    return [str(problem) for problem in disagreements(study, variables, **more)]  # type: ignore[arg-type]


def test_a_study_that_fits_its_model_has_no_disagreement(study: Study) -> None:
    values = {"migration rate": 0.01, "cost per head": 3.0}
    assert told(study, {}, values=values) == []


def test_evidence_for_a_constant_that_is_gone_is_told_with_its_line(study: Study) -> None:
    lines = told(study, {"migration rate": None, "migration rates": Info("migration rates", "constant", "1/year", 17)})
    assert lines[0].startswith(study.where("model/parameters.yaml", "migration rate"))
    assert "did you mean: migration rates?" in lines[0]


def test_a_constant_without_evidence_is_told_with_its_line_in_the_model(study: Study) -> None:
    (line,) = told(study, {"wage": Info("wage", "constant", "NOK", 99)})
    assert line.startswith(f"{study.model_file}:99: constant 'wage' has no evidence")


def test_evidence_for_a_variable_that_is_calculated_is_refused(study: Study) -> None:
    lines = told(study, {"cost per head": Info("cost per head", "auxiliary", "NOK/person")})
    where = study.where("model/parameters.yaml", "cost per head")
    assert lines[0].startswith(f"{where}: 'cost per head' has kind auxiliary in the model")


def test_a_lever_in_another_unit_than_its_constant_is_told(study: Study) -> None:
    (line,) = told(study, {"housing push": Info("housing push", "constant", "dwelling/year")})
    assert line.startswith(study.where("scenarios/levers.yaml", "levers", "housing", "unit"))
    assert "'dwelling/year', the unit of 'housing push' in the model" in line


def test_a_lever_whose_constant_is_gone_is_told_where_the_lever_says_so(study: Study) -> None:
    lines = told(study, {"housing ramp": None})
    where = study.where("scenarios/levers.yaml", "levers", "housing", "constants", "ramp")
    assert any(line.startswith(f"{where}: the model has no variable 'housing ramp'") for line in lines)


def test_a_rule_in_another_unit_than_its_lookup_is_told(study: Study) -> None:
    (line,) = told(study, {"tax rate": Info("tax rate", "lookup", "percent")})
    assert line.startswith(study.where("model/national_rules.yaml", "series", "tax rate", "unit"))


def test_a_check_and_a_label_of_a_variable_that_is_gone_are_told(study: Study) -> None:
    lines = told(study, {"Population": None})
    assert any(line.startswith(study.where("model/labels.yaml", "population")) for line in lines)
    assert any(line.startswith(study.where("model/checks.yaml", "checks", 0, "expect", 0)) for line in lines)


def test_a_value_outside_its_range_is_told(study: Study) -> None:
    (line,) = told(study, {}, values={"Migration_Rate": 0.03})
    assert "the model's value 0.03 is outside its range 0.005 to 0.02" in line


def test_a_value_at_the_end_of_its_range_is_inside(study: Study) -> None:
    assert told(study, {}, values={"migration rate": 0.02}) == []


def test_every_element_of_an_array_is_compared_with_the_range(study: Study) -> None:
    (line,) = told(study, {}, values={"migration rate": [0.01, 0.001]})
    assert "0.001 is outside" in line


def test_a_target_with_an_unknown_element_is_told_with_the_nearest(town_copy: Path) -> None:
    levers = town_copy / "scenarios" / "levers.yaml"
    text = levers.read_text(encoding="utf-8").replace("target: housing push", 'target: "housing push[cenntre]"')
    levers.write_text(text, encoding="utf-8")
    variables = {"housing push": Info("housing push", "constant", "person/year", dims=("area",))}
    (line,) = told(Study.open(town_copy), variables, subscripts={"area": ("centre", "outskirts")})
    assert "'cenntre' is not in area" in line
    assert "did you mean: centre?" in line
