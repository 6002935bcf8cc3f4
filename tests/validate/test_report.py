"""The report of the shipped study: every test of the list is there, with figures and a verdict."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from egendekning.validate.markdown import number, percent, table
from egendekning.validate.prior import prior_design

REPORT = Path(__file__).parents[2] / "docs" / "validation.md"
TESTS = [str(n) for n in range(1, 18)]


@pytest.fixture(scope="module")
def text() -> str:
    return REPORT.read_text(encoding="utf-8")


def test_every_test_of_the_list_has_a_chapter_and_a_verdict(text: str) -> None:
    chapters = re.findall(r"^## (\d+b?)\. ", text, re.MULTILINE)
    assert sorted(chapters) == sorted([*TESTS, "5b"])
    verdicts = dict(re.findall(r"^\| (\d+b?) \|.*\| (\S[^|]*) \|$", text, re.MULTILINE))
    assert set(verdicts) == set(chapters)
    assert set(verdicts.values()) <= {"passed", "**FAILED**", "not yet run", "reported"}


def test_links_and_pictures_of_the_report_exist(text: str) -> None:
    targets = re.findall(r"\]\(([^)#]+)", text)
    assert targets
    for target in targets:
        assert (REPORT.parent / target).exists(), target


def test_anchors_of_the_list_are_headings(text: str) -> None:
    anchors = set(re.findall(r"\]\(#([^)]+)\)", text))
    made = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    assert anchors <= made


def test_the_report_says_the_headline_in_numbers(text: str) -> None:
    assert re.search(r"reaches 100 % by 2040", text)
    assert re.search(r"\*\*\d+ %( to \d+ %)? of the variance comes from assumptions without a source", text)


def test_a_table_keeps_its_columns_where_a_cell_holds_a_bar() -> None:
    assert table(["a", "b"], [["x|y", "1"]], [1]).splitlines()[1:] == ["| --- | --: |", "| x\\|y | 1 |"]


def test_numbers_are_shown_with_what_their_size_asks_for() -> None:
    assert [number(v) for v in (46151.4, 93.17, 0.123, -0.001, float("nan"), None)] == [
        "46 151", "93.2", "0.12", "0.00", "", "",
    ]  # fmt: skip
    assert percent(0.123, 1) == "12.3 %"


def test_the_prior_has_process_noise_that_is_zero_where_the_level_is_data() -> None:
    import numpy as np

    from egendekning.ensemble import bind
    from egendekning.study import Study

    drawn = prior_design(bind(Study.shipped()), 400, 1)
    shock = drawn.parameters["regional jobs shock"].values  # zero until 2021, sd of a year's step 0.007 to 0.017
    assert np.all(shock[0] == 0)
    assert np.all(shock[:, :3] == 0)
    assert 0.007 < shock[1:, 3].std() < 0.017
    moves = drawn.parameters["in migration shock"].values[1:]  # in equilibrium from the start: sd 120 to 330 and more
    assert 120 < moves[:, 0].std() < 500
