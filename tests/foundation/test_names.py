"""Names are compared as Vensim compares them."""

from __future__ import annotations

import pytest

from egendekning.names import find, key, nearest, split


@pytest.mark.parametrize(
    "spelling",
    ["Zoning Delay", "zoning_delay", " zoning \t delay ", "ZONING__DELAY", '"zoning delay"', "zoning\n\tdelay"],
)
def test_case_blanks_underscores_and_quotes_make_no_difference(spelling: str) -> None:
    assert key(spelling) == key("zoning delay")


def test_norwegian_letters_are_letters_of_their_own() -> None:
    assert key("Åpne Jobber") == key("åpne jobber")
    assert len({key("båt"), key("bat"), key("bøt"), key("bot")}) == 4


def test_a_sign_inside_a_name_makes_another_name() -> None:
    assert key("in-commuters") != key("in commuters")


def test_the_nearest_name_is_shown_as_its_author_spelled_it() -> None:
    assert nearest("ZONING_DEALY", ["household size", "Zoning delay"]) == "Zoning delay"


def test_a_name_that_resembles_nothing_has_no_nearest() -> None:
    assert nearest("tax", ["zoning delay", "household size"]) is None
    assert nearest("tax", []) is None


def test_a_name_is_found_in_any_spelling() -> None:
    table = {"Zoning delay": 1}
    assert find("zoning_delay", table) == "Zoning delay"
    assert find("zoning", table) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("land", ("land", ())),
        ("land[logistics]", ("land", ("logistics",))),
        ("land [ logistics , east ]", ("land", ("logistics", "east"))),
        ("land]", ("land]", ())),
    ],
)
def test_elements_are_split_from_the_name(text: str, parts: tuple[str, tuple[str, ...]]) -> None:
    assert split(text) == parts
