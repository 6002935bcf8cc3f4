from __future__ import annotations

import string

import pytest

from egendekning.errors import UsageError
from egendekning.figures.catalogue import LANGUAGES, catalogue
from egendekning.figures.words import HARD_SPACE, MINUS, THIN_SPACE, Words

PACKAGES = ("egendekning.figures", "egendekning.report")


@pytest.mark.parametrize("package", PACKAGES)
def test_both_languages_have_the_same_texts(package: str) -> None:
    nb, en = (set(catalogue(package, lang)) for lang in LANGUAGES)
    assert nb == en


@pytest.mark.parametrize("package", PACKAGES)
def test_a_text_has_the_same_places_in_both_languages(package: str) -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    nb, en = (catalogue(package, lang) for lang in LANGUAGES)
    assert {key: places(nb[key]) for key in nb} == {key: places(en[key]) for key in nb}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_text_is_left_in_the_other_language(package: str) -> None:
    nb, en = (catalogue(package, lang) for lang in LANGUAGES)
    same = {key for key in nb if nb[key] == en[key] and any(letter.isalpha() for letter in nb[key].format_map(Blank()))}
    allowed = {"definitions.a.word", "definitions.f.word", "definitions.h.word", "table.scenario", "table.ratio",
               "table.share"}  # fmt: skip
    assert same <= allowed


class Blank(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def test_norwegian_numbers_have_a_decimal_comma_and_a_thin_space_between_thousands() -> None:
    assert Words("nb").number(1234567.891, 2) == f"1{THIN_SPACE}234{THIN_SPACE}567,89"


def test_english_numbers_have_a_point_and_a_comma() -> None:
    assert Words("en").number(1234567.891, 2) == "1,234,567.89"


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "+0,3"), (-0.25, f"{MINUS}0,3"), (0.04, "0,0"), (-0.04, "0,0"), (0.0, "0,0")]
)
def test_halves_go_away_from_zero_and_nought_has_no_sign(value: float, text: str) -> None:
    assert Words("nb").number(value, 1, sign=True) == text


def test_a_share_is_written_in_per_cent_with_a_space_that_does_not_break() -> None:
    assert Words("nb").percent(0.93172) == f"93,2{HARD_SPACE}%"


def test_a_number_that_is_not_there_is_a_dash() -> None:
    assert Words("nb").percent(float("nan")) == "–"


def test_a_list_reads_as_a_sentence() -> None:
    assert Words("nb").enumerate(["a", "b", "c"]) == "a, b og c"
    assert Words("en").enumerate(["a"]) == "a"


def test_an_unknown_language_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="one of nb, en"):
        Words("nn")
