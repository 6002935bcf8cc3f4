"""The language of checks reads what a modeller would write and nothing that could run."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egendekning.study.expressions import (
    FUNCTIONS,
    Binary,
    Call,
    ExpressionError,
    Name,
    Negative,
    Number,
    parse,
)


def test_names_hold_blanks_and_even_the_word_and() -> None:
    found = parse("live and work + in commuters == jobs")
    assert found.operands == (Binary("+", Name("live and work"), Name("in commuters")), Name("jobs"))
    assert found.operators == ("==",)


def test_multiplication_binds_before_addition_and_power_before_the_sign() -> None:
    assert parse("a + b * c > 0").operands[0] == Binary("+", Name("a"), Binary("*", Name("b"), Name("c")))
    assert parse("-a ^ 2 > 0").operands[0] == Negative(Binary("^", Name("a"), Number(2)))
    assert parse("2 ^ 3 ^ 2 > 0").operands[0] == Binary("^", Number(2), Binary("^", Number(3), Number(2)))


def test_subtraction_goes_from_the_left() -> None:
    assert parse("a - b - c > 0").operands[0] == Binary("-", Binary("-", Name("a"), Name("b")), Name("c"))


def test_brackets_change_the_order() -> None:
    assert parse("(a + b) * c > 0").operands[0] == Binary("*", Binary("+", Name("a"), Name("b")), Name("c"))


def test_comparisons_can_be_chained() -> None:
    found = parse("0 <= unemployment rate < 0.2")
    assert found.operators == ("<=", "<")
    assert found.operands == (Number(0), Name("unemployment rate"), Number(0.2))


def test_elements_of_a_subscripted_variable_stand_in_square_brackets() -> None:
    assert parse('jobs[trade, "16-22"] > 0').operands[0] == Name("jobs", ("trade", "16-22"))


def test_quotes_hold_names_with_unusual_signs() -> None:
    assert parse('"dwellings (all)" >= 0').operands[0] == Name("dwellings (all)")


def test_norwegian_letters_are_letters() -> None:
    assert parse("skattøre på årsbasis > 0").operands[0] == Name("skattøre på årsbasis")


def test_the_names_of_an_expectation_come_once_each_in_order() -> None:
    found = parse("population - initial(population) == integral(births - deaths[all])")
    assert found.names() == (Name("population"), Name("births"), Name("deaths", ("all",)))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_documented_function_is_read(function: str) -> None:
    assert parse(f"{function}(x) > 0").operands[0] == Call(function, (Name("x"),))


def test_a_bracket_in_a_long_text_is_missed_at_the_end() -> None:
    with pytest.raises(ExpressionError, match=r"'the end' instead of '\)'"):
        parse("0 < (population")


@pytest.mark.parametrize(
    "text", ["a > ", "> a", "a", "", "a b() > 0", "a[] > 0", "a > 0)", "a ; b > 0", "a > 0 b", "1 2 > 0"]
)
def test_what_is_not_in_the_language_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@settings(deadline=None)
@given(st.text(alphabet="ab 01.+-*/^()[]<>=!,\"'_øe", max_size=30))
def test_any_text_is_read_or_refused_and_never_fails_otherwise(text: str) -> None:
    found = None
    with suppress(ExpressionError):
        found = parse(text)
    assert found is None or len(found.operands) == len(found.operators) + 1
