"""YAML is read by version 1.2's rules, with the line of everything."""

from __future__ import annotations

from typing import Any

import pytest

from egendekning.study.yamltree import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-9", 1e-9),  # YAML 1.1 makes this text
        ("no", "no"),  # YAML 1.1 makes this false
        ("12:30", "12:30"),  # YAML 1.1 makes this 750
        ("2020-03-12", "2020-03-12"),  # YAML 1.1 makes this a date
        ("010", 10),  # YAML 1.1 makes this 8
        ("true", True),
        ("-0.5", -0.5),
        ("~", None),
        ("", None),
        ("'1'", "1"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, value: Any) -> None:
    document, problems = parse(f"key: {text}\n", "f")
    assert problems == []
    assert document.data == {"key": value}
    assert type(document.data["key"]) is type(value)


def test_the_line_of_an_entry_is_that_of_its_key() -> None:
    document, _ = parse("a:\n  b:\n    - 1\n    - c: 2\n", "f")
    assert document.where("a", "b") == "f:2"
    assert document.where("a", "b", 0) == "f:3"
    assert document.where("a", "b", 1, "c") == "f:4"


def test_the_line_of_something_missing_is_that_of_what_it_is_missing_from() -> None:
    document, _ = parse("a: 1\nb:\n  c: 2\n", "f")
    assert document.where("b", "d", "e") == "f:2"


def test_the_first_of_two_equal_keys_is_kept_and_the_second_told() -> None:
    document, problems = parse("a: 1\nb: 2\na: 3\n", "f")
    assert document.data == {"a": 1, "b": 2}
    assert [problem.where for problem in problems] == ["f:3"]
    assert "first on line 1, again on line 3" in problems[0].found


def test_an_alias_repeats_what_its_anchor_holds() -> None:
    document, problems = parse("a: &x {k: 1}\nb: *x\n", "f")
    assert problems == []
    assert document.data == {"a": {"k": 1}, "b": {"k": 1}}


def test_control_characters_are_told_and_not_raised() -> None:
    document, problems = parse("a: \x00\n", "f")
    assert document.data is None
    assert len(problems) == 1
