"""A study and its model meet, or every disagreement is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from egendekning.ensemble import Bound, bind
from egendekning.errors import StudyError
from egendekning.study import Study


def test_the_numbers_of_the_model_file_are_read(village: Bound) -> None:
    assert float(village.values["initial jobs"]) == 900.0
    assert village.values["share of new jobs"].tolist() == [0.75, 0.25]


def test_a_rule_goes_on_flat_to_the_last_point_of_its_table(village: Bound) -> None:
    assert village.rules["tax table"].tolist() == [0.1, 0.2, 0.2]  # 2019, 2021, and 2060 in the model


def test_a_rule_in_a_year_without_a_point_in_the_model_is_an_error(village_copy: Path) -> None:
    file = village_copy / "model" / "national_rules.yaml"
    file.write_text(file.read_text("utf-8") + '      2022: {value: 0.3, source: "Budget", grade: A}\n', "utf-8")
    with pytest.raises(StudyError, match="has no point at 2022") as caught:
        bind(Study.open(village_copy))
    assert "national_rules.yaml:10" in caught.value.problems[0].where


def test_every_disagreement_is_told_at_once(village_copy: Path) -> None:
    file = village_copy / "model" / "parameters.yaml"
    text = (
        file.read_text("utf-8").replace("cost of land:", "cost of lnd:").replace("low: 2, high: 8", "low: 6, high: 8")
    )
    file.write_text(text, "utf-8")
    with pytest.raises(StudyError) as caught:
        bind(Study.open(village_copy))
    said = str(caught.value)
    assert "cost of lnd" in said
    assert "did you mean: cost of land" in said
    assert "outside its range" in said


def test_a_table_gives_its_points(village: Bound) -> None:
    x, y = village.table("tax table")
    np.testing.assert_array_equal(x, [2019, 2021, 2060])
    np.testing.assert_array_equal(y, [0.1, 0.2, 0.2])
