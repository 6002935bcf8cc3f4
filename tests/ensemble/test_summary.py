"""The summary of a hand-made comparison of two scenarios and five draws."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from egendekning.ensemble.measures import first_time, measures
from egendekning.ensemble.summary import STATISTICS, summarise

TIMES = [y + q for y in (2021, 2025, 2030, 2035, 2040) for q in (0.125, 0.375, 0.625, 0.875)]


@pytest.fixture
def runs() -> xr.Dataset:
    """Draws 0..5; jobs 10 x draw, 7 more in the scenario; egendekning reaches one in draws 0 and 1 of the scenario."""
    times = np.array(TIMES)
    jobs = 100.0 + 10.0 * np.arange(6)[None, :, None] + 7.0 * np.arange(2)[:, None, None] + 0.0 * times
    ratio = np.full((2, 6, times.size), 0.9)
    ratio[1, 0, times > 2030] = 1.0
    ratio[1, 1, times > 2035.5] = 1.01
    ratio[1, 2, times < 2022] = 1.2  # the past does not count
    tax = np.broadcast_to(times - 2000.0, jobs.shape).copy()
    dims = ("scenario", "draw", "time")
    return xr.Dataset(
        {
            "egendekning": (dims, ratio, {"unit": "Dmnl"}),
            "jobs": (dims, jobs, {"unit": "person", "label_nb": "Jobber", "label_en": "Jobs"}),
            "own tax": (dims, tax, {"unit": "MNOK/year"}),
        },
        {"scenario": ["baseline", "policy"], "draw": np.arange(6), "time": times},
    )


def get(summary: xr.Dataset, scenario: str, measure: str) -> dict[str, float]:
    row = summary["value"].sel(scenario=scenario, measure=measure)
    return dict(zip(STATISTICS, map(float, row.values), strict=True))


def test_quantiles_leave_the_reference_draw_out(runs: xr.Dataset) -> None:
    found = get(summarise(runs, "baseline"), "baseline", "jobs@2030")
    assert found["reference"] == 100.0
    # draws 1-5 hold 110, 120, 130, 140, 150: the median is the third, the tenth percentile 0.4 of the way to the second
    assert (found["p10"], found["p50"], found["p90"]) == (114.0, 130.0, 146.0)


def test_a_difference_is_taken_within_a_draw_before_any_quantile(runs: xr.Dataset) -> None:
    found = get(summarise(runs, "baseline"), "policy", "jobs@2030")
    assert {found[f"diff_{name}"] for name in ("reference", "p10", "p50", "p90")} == {7.0}


def test_the_baseline_differs_from_itself_by_nothing(runs: xr.Dataset) -> None:
    found = get(summarise(runs, "baseline"), "baseline", "jobs@2040")
    assert {value for name, value in found.items() if name.startswith("diff_")} == {0.0}


def test_the_probability_is_the_share_of_draws_that_got_there_in_time(runs: xr.Dataset) -> None:
    summary = summarise(runs, "baseline")
    # of draws 1-5 only draw 1 reaches balance, in 2035.625; draw 0 does in 2030
    by_2030 = get(summary, "policy", "probability@2030")
    assert (by_2030["reference"], by_2030["p50"], by_2030["diff_p50"]) == (1.0, 0.0, 0.0)
    by_2035 = get(summary, "policy", "probability@2035")
    assert (by_2035["p10"], by_2035["p50"], by_2035["p90"], by_2035["diff_p50"]) == (0.2, 0.2, 0.2, 0.2)
    assert get(summary, "policy", "share reaching")["p50"] == 0.2


def test_never_is_later_than_every_year(runs: xr.Dataset) -> None:
    found = get(summarise(runs, "baseline"), "policy", "year of balance")
    assert found["reference"] == 2030.125
    assert found["p10"] == 2035.625  # the first of five
    assert np.isnan([found["p50"], found["p90"]]).all()


def test_balance_before_2022_does_not_count(runs: xr.Dataset) -> None:
    first = first_time(runs["egendekning"])
    assert first[1, 2] == np.inf
    assert first[1, 0] == 2030.125


def test_a_level_is_that_of_the_fourth_quarter_and_a_flow_the_mean_of_the_year(runs: xr.Dataset) -> None:
    summary = summarise(runs.assign(jobs=runs["own tax"].assign_attrs(unit="person")), "baseline")
    assert get(summary, "baseline", "jobs@2030")["reference"] == 30.875
    assert get(summary, "baseline", "own tax@2030")["reference"] == 30.5


def test_measures_are_those_that_the_runs_can_give(runs: xr.Dataset) -> None:
    ids = [m.id for m in measures(runs.sel(time=slice(None, 2036)))]
    assert "jobs@2030" in ids
    assert "jobs@2040" not in ids
    assert "probability@2040" not in ids
    assert "social costs@2030" not in ids


def test_measures_say_what_they_are_in_both_languages(runs: xr.Dataset) -> None:
    summary = summarise(runs, "baseline").sel(measure="jobs@2040")
    said = [summary[name].item() for name in ("label_nb", "label_en", "unit", "variable", "year")]
    assert said == ["Jobber 2040", "Jobs 2040", "person", "jobs", 2040]


def test_elements_of_a_class_have_words_of_their_own(runs: xr.Dataset) -> None:
    split = xr.concat([runs["jobs"], runs["jobs"]], "class").assign_coords({"class": ["trade", "public"]})
    split = split.transpose("scenario", "draw", "time", "class").assign_attrs(unit="person", label_nb="Jobber")
    found = {m.id: m.label_nb for m in measures(runs.assign({"jobs by class": split}))}
    assert found["jobs by class[public]@2030"] == "Jobber: offentlig sektor 2030"
