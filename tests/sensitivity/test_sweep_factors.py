"""What a sweep may vary, and what is said of words that make no sense."""

from __future__ import annotations

import pytest

from egendekning.engine import Model
from egendekning.ensemble import Bound
from egendekning.errors import UsageError
from egendekning.sensitivity.factor_words import resolve
from egendekning.sensitivity.factors import drawn_columns


def test_levers_drivers_and_constants_are_typed_apart(village: Bound) -> None:
    found = {f.id: f for f in resolve(village, ["levers", "drivers", "uncertain"])}
    assert {name: f.kind for name, f in found.items()} == {
        "land": "lever", "migration": "driver", "class share[trade]": "constant", "class share[public]": "constant",
        "base new jobs": "constant", "yield of land": "constant",
    }  # fmt: skip


def test_a_factor_has_the_range_and_law_of_the_study(village: Bound) -> None:
    land, jobs, yields = resolve(village, ["land", "Base_new jobs", "yield of land"])
    assert (land.low, land.high, land.law, land.target, land.unit) == (
        0,
        20,
        "uniform",
        "business land lever",
        "daa/year",
    )
    assert (jobs.low, jobs.mode, jobs.high, jobs.law) == (2, 5, 8, "triangular")
    assert (yields.law, yields.label_nb) == ("uniform", "yield of land")


def test_a_range_that_is_given_is_even_unless_a_law_is_given(village: Bound) -> None:
    plain, shaped = (resolve(village, [word])[0] for word in ("base new jobs=3:6", "base new jobs=3:6:triangular"))
    assert (plain.low, plain.high, plain.law) == (3, 6, "uniform")
    assert (shaped.law, shaped.mode) == ("triangular", 5)


def test_a_pattern_stands_for_all_that_match_it(village: Bound) -> None:
    assert [f.id for f in resolve(village, ["class share*"])] == ["class share[trade]", "class share[public]"]
    assert [f.id for f in resolve(village, ["class share"])] == ["class share[trade]", "class share[public]"]


def test_any_constant_varies_where_a_range_is_given(village: Bound, sobol_g: Model) -> None:
    assert resolve(village, ["initial jobs=800:1000"])[0].target == "initial jobs"
    factor = resolve(sobol_g, ["X[I3]=0:1"])[0]
    assert (factor.id, factor.elements) == ("x[i3]", ("i3",))


def test_factors_of_a_group_carry_its_name_and_others_are_alone(village: Bound) -> None:
    found = resolve(village, ["levers", "drivers", "yield of land"], ["policy=land,migr*"])
    assert [f.group for f in found] == ["policy", "policy", "yield of land"]


def test_columns_of_draws_are_every_element_that_an_ensemble_draws(village: Bound) -> None:
    found = [f.id for f in drawn_columns(village, {"yield of land"})]
    assert found == ["class share[trade]", "class share[public]", "base new jobs"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("lnd", ["unknown name 'lnd'", "did you mean: land?"]),
        ("yeild of land", ["did you mean: yield of land?"]),
        ("base new jobs=8:2", ["the low end 8 is above the high end 2", "swap them: 2:8"]),
        ("base new jobs=2:2", ["its column would be constant"]),
        ("base new jobs=2", ["the range is '2'", "LOW:HIGH"]),
        ("base new jobs=2:inf", ["the range is '2:inf'"]),
        ("base new jobs=2:3:triangle", ["unknown distribution 'triangle'", "did you mean: triangular?"]),
        ("base new jobs=0:3:lognormal", ["a low end above 0"]),
        ("land=-1:5", ["leaves its range", "within 0 to 20 daa/year"]),
        ("initial jobs", ["has no range of its own", "=LOW:HIGH"]),
        ("class share[trad]=0:1", ["unknown element 'trad'", "did you mean: trade?"]),
        ("jobs=1:2", ["jobs is no constant but computed by the model", "fix: name a constant that it depends on"]),
        ("tax table=0:1", ["tax table is no constant but a table"]),
        ("FINAL TIME=2030:2040", ["FINAL TIME is no constant but the clock of the run"]),
        ("Flytting=0:0.01", ["did you mean: migration?"]),
        ("q?*=0:1", ["no factor fits the pattern 'q?*'"]),
        ("initial jobs=-1.79e308:1.79e308", ["cannot be divided in floating point"]),
        ("initial jobs=1:1.0000000000000002", ["cannot be divided in floating point"]),
        ("", ["unknown name ''", "fix: "]),
    ],
)
def test_a_word_that_makes_no_sense_is_told_with_its_remedy(village: Bound, word: str, said: list[str]) -> None:
    with pytest.raises(UsageError) as failure:
        resolve(village, [word])
    for text in said:
        assert text in str(failure.value)


def test_every_mistake_is_told_at_once(village: Bound) -> None:
    with pytest.raises(UsageError) as failure:
        resolve(village, ["lnd", "base new jobs=8:2", "jbs"])
    assert len(failure.value.problems) == 3


def test_two_factors_of_one_constant_are_refused(village: Bound) -> None:
    with pytest.raises(UsageError, match="both set business land lever"):
        resolve(village, ["land", "business land lever=0:3"])


def test_a_group_of_unknown_factors_is_refused(village: Bound) -> None:
    with pytest.raises(UsageError, match="did you mean: land"):
        resolve(village, ["land", "migration"], ["policy=lnd"])


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("a", "is no group"),
        ("=land", "is no group"),
        ("a=", "is no group"),
        ("a=lnd", "did you mean: land?"),
        ("land=migration", "is the name of a factor outside it"),
    ],
)
def test_a_group_that_makes_no_sense_is_told_with_its_remedy(village: Bound, group: str, said: str) -> None:
    with pytest.raises(UsageError, match="fix: ") as failure:
        resolve(village, ["land", "migration", "yield of land"], [group])
    assert said in str(failure.value)


def test_a_factor_that_lends_its_name_to_its_own_group_is_no_mistake(village: Bound) -> None:
    found = resolve(village, ["land", "migration", "yield of land"], ["land=land,migration"])
    assert [factor.group for factor in found] == ["land", "land", "yield of land"]
