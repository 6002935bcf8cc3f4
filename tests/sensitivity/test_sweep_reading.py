"""What is read from runs, against arithmetic by hand."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from egendekning.engine import Model
from egendekning.ensemble import Bound
from egendekning.errors import UsageError
from egendekning.sensitivity.outcome_words import parse_outcomes
from egendekning.sensitivity.outcomes import FISCAL, ROOM, Outcome, horizon
from egendekning.sensitivity.reading import MAIN, SHOCKED, WITHOUT, needs, read


def outcomes(subject: Bound | Model, *words: str, until: float | None = None) -> tuple[Outcome, ...]:
    return parse_outcomes(subject, words, horizon(subject, until))


def test_a_year_means_its_fourth_quarter_and_for_a_flow_its_mean(village: Bound) -> None:
    level, flow, moment = outcomes(village, "jobs@2030", "own tax@2030", "jobs@2030.5")
    assert level.times == (2030.875,)
    assert flow.times == (2030.125, 2030.375, 2030.625, 2030.875)
    assert (moment.times, moment.id) == ((2030.5,), "jobs@2030.5")


def test_a_subscripted_variable_gives_an_outcome_an_element(village: Bound) -> None:
    assert [o.id for o in outcomes(village, "jobs by class@2030")] == [
        "jobs by class[trade]@2030", "jobs by class[public]@2030",
    ]  # fmt: skip
    assert [o.id for o in outcomes(village, "jobs by class[public]@all")] == ["jobs by class[public]@all"]


def test_nothing_later_than_what_is_read_is_run(village: Bound) -> None:
    names, times = needs(outcomes(village, "jobs@2025", "probability@2030"))[MAIN]
    assert (times[-1], set(names)) == (2030.875, {"jobs", "egendekning"})


def test_words_for_people_come_in_both_languages_with_a_unit(village: Bound) -> None:
    by = outcomes(village, "probability@2030", "year of balance", "jobs@2030")
    assert [(o.unit, o.label_en) for o in by] == [
        ("Dmnl", "Reaches 100 % by the end of 2030"), ("year", "Year of 100 % egendekning"), ("person", "Jobs 2030"),
    ]  # fmt: skip
    assert by[2].label_nb.endswith("2030")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("jbs@2030", "did you mean: jobs?"),
        ("jobs@2060", "from 2019 to 2044"),
        ("jobs@soon", "'soon' is no time"),
        ("jobs@2030.3", "2030.3 is between two steps"),
        ("jobs[trade]@2030", "no brackets"),
        ("jobs by class[trad]@2030", "did you mean: trade?"),
        ("probability@1999", "probability@YEAR"),
        ("year of balance@2030", "--until 2030"),
        ("fiscal effect", "the study has no net operating result"),
        ("resilience depth", "the study has no standard_shock"),
    ],
)
def test_a_word_that_makes_no_sense_is_told_with_its_remedy(village: Bound, word: str, said: str) -> None:
    with pytest.raises(UsageError) as failure:
        outcomes(village, word)
    assert said in str(failure.value)


def test_a_horizon_outside_the_model_is_refused(village: Bound) -> None:
    with pytest.raises(UsageError, match="2019 to 2044"):
        horizon(village, 2070.0)


def test_time_of_a_model_alone_is_exact(ishigami: Model) -> None:
    end, series, early = outcomes(ishigami, "y", "total@all", "total@1")
    assert (end.times, series.times, early.times) == ((2.0,), (0.0, 1.0, 2.0), (1.0,))


def quarters(*years: int) -> np.ndarray:
    return np.array([y + 0.125 + 0.25 * i for y in years for i in range(4)])


def test_the_fiscal_effect_is_the_discounted_room_less_the_debt_left() -> None:
    times = quarters(2022, 2023)
    fiscal = Outcome(FISCAL, "fiscal", ROOM, tuple(times))

    def runs(result: float, level: float, debt: float) -> xr.Dataset:
        values = dict(zip(ROOM, (result, 100.0, level, debt), strict=True))
        return xr.Dataset(
            {name: (("draw", "time"), np.full((1, 8), value)) for name, value in values.items()}, {"time": times}
        )

    with_policy, without = runs(8.0, 1.25, 30.0), runs(5.0, 1.0, 0.0)
    found = read((fiscal,), {MAIN: with_policy, WITHOUT: without}, 1, 0.0)[FISCAL]
    # room is 8 + 100 (1 - 1/1.25) = 28 against 5: 23 a year for two years, less a debt of 30
    np.testing.assert_allclose(found, [2 * 23.0 - 30.0])
    discounted = read((fiscal,), {MAIN: with_policy, WITHOUT: without}, 1, 0.04)[FISCAL]
    np.testing.assert_allclose(discounted, [23 * (1.04 ** -(times - 2022)).sum() / 4 - 30 / 1.04**2])


def test_resilience_compares_a_run_with_itself_without_the_shock() -> None:
    times = quarters(2030, 2031)
    loss = np.array([0.0, 10.0, 8.0, 6.0, 4.0, 2.0, 0.5, 0.0])
    words = ("resilience depth", "resilience recovery", "resilience lost")
    wanted = tuple(Outcome(w, "resilience", ("jobs",), tuple(times)) for w in words)

    def runs(values: np.ndarray) -> xr.Dataset:
        return xr.Dataset({"jobs": (("draw", "time"), values[None])}, {"time": times})

    found = read(wanted, {MAIN: runs(np.full(8, 100.0)), SHOCKED: runs(100.0 - loss)}, 1, 0.0)
    assert found["resilience depth"].tolist() == [0.1]
    assert found["resilience recovery"].tolist() == [1.625]  # a tenth of the loss or less from 2031.625
    np.testing.assert_allclose(found["resilience lost"], [(loss[1:-1].sum() + (loss[0] + loss[-1]) / 2) / 4])


def test_balance_that_never_comes_is_missing_and_its_probability_zero(village: Bound) -> None:
    year, by = outcomes(village, "year of balance", "probability@2030", until=2031)
    times = quarters(*range(2022, 2032))
    values = np.stack([np.full(len(times), 0.9), np.where(times > 2026, 1.0, 0.9)])
    runs = {MAIN: xr.Dataset({"egendekning": (("draw", "time"), values)}, {"time": times})}
    found = read((year, by), runs, 2, 0.0)
    np.testing.assert_array_equal(found["year of balance"], [np.nan, 2026.125])
    assert found["probability@2030"].tolist() == [0.0, 1.0]
