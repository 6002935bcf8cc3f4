from __future__ import annotations

import string

import pytest
import yaml

from egendekning.engine import load
from egendekning.errors import UsageError
from egendekning.figures.catalogue import LANGUAGES, catalogue
from egendekning.figures.search_words import Names
from egendekning.figures.words import HARD_SPACE, MINUS, THIN_SPACE, Words
from egendekning.sensitivity.search.truth import Input
from egendekning.study import Study

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


@pytest.fixture(scope="module")
def shipped() -> Study:
    return Study.shipped()


def test_every_uncertain_number_and_every_process_noise_has_words_in_both_languages(shipped: Study) -> None:
    names = [name for name, parameter in shipped.parameters.items() if parameter.drawn]
    noise = yaml.safe_load(shipped.calibration["process_noise.yaml"].read_text(encoding="utf-8"))
    names += noise
    assert len(names) > 180  # 184 drawn constants when the labels were written
    assert [name for name in names if name not in shipped.labels] == []
    same = [name for name in names if shipped.labels[name].nb.casefold() == name.casefold()]
    assert same == []
    # within a sentence the first letter becomes small, which is right for all but names
    assert [name for name in names if not shipped.labels[name].nb[:2].istitle()] == []


def test_every_element_of_a_drawn_number_has_words(shipped: Study) -> None:
    model = load(shipped.model_file)
    dims = {dim for name, p in shipped.parameters.items() if p.drawn for dim in model.variable(name).dims}
    elements = {
        one for dim in dims for one in model.subscripts[dim] if len(model.subscripts[dim]) < 20
    }  # ages are numbers
    assert {"logistics", "university", "road"} <= elements
    for lang in LANGUAGES:
        assert elements <= {
            key.partition(".")[2] for key in catalogue("egendekning.figures", lang) if key.startswith("element.")
        }


def test_elements_stand_in_words_after_the_label() -> None:
    assert Words("nb").element("Utslipp i 2019[road]") == "Utslipp i 2019 (veitrafikk)"
    assert Words("en").element("Split[trade, university]") == "Split (trade and visits, higher education)"
    assert Words("en").element("Split[north]") == "Split (north)"
    assert Words("en").element("Split") == "Split"


def number(name: str, *, noise: bool = False) -> Input:
    return Input(name, "Dmnl", noise, 1.0, 1.0, 0.0, 0.5, 0.9, 0.1)


def test_a_search_calls_an_uncertain_number_by_its_label_and_an_unknown_one_by_its_own_name(shipped: Study) -> None:
    names = Names(Words("nb"), shipped)
    assert names.input(number("zoning delay")) == "tid for detaljregulering"
    assert names.input(number("jobs per daa[office]")) == "arbeidsplasser per dekar nytt næringsareal (kontor)"
    assert names.input(number("private demand shock", noise=True)) == (
        "etterspørsel i private næringer (uforutsett, snitt over årene)"
    )
    assert names.input(number("my own number")) == "«my own number»"
    assert names.condition(number("zoning delay")).startswith("Tid for detaljregulering over ")
