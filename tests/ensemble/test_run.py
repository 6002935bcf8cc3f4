"""Scenarios over common draws, with results worked out by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from egendekning.ensemble import Bound, bind, design, run_scenarios
from egendekning.ensemble.run import quarter_middles, scenario_parameters
from egendekning.errors import SimulationError, StudyError
from egendekning.study import Study

ALL = ["baseline", "land", "growth"]
DRAWS = 6


@pytest.fixture(scope="module")
def runs(village: Bound) -> xr.Dataset:
    return run_scenarios(
        village, ALL, DRAWS, 1, ["egendekning", "jobs", "jobs by class", "own tax", "total population"]
    )


def test_dims_come_in_the_order_of_the_contract(runs: xr.Dataset) -> None:
    assert runs["jobs by class"].dims == ("scenario", "draw", "time", "class")
    assert runs["scenario"].values.tolist() == ALL
    assert runs["draw"].values.tolist() == list(range(DRAWS + 1))


def test_saved_times_are_the_middles_of_quarters(runs: xr.Dataset) -> None:
    assert runs["time"].values[:4].tolist() == [2019.125, 2019.375, 2019.625, 2019.875]
    assert runs["time"].values[-1] == 2044.875


def test_the_reference_draw_does_what_the_model_file_says(runs: xr.Dataset) -> None:
    jobs = runs["jobs"].isel(draw=0).sel(time=2030.875).values
    # 900 + 5 a year for 11.875 years; with land 4 daa/year x 3 jobs/daa more from 2024, 6.875 years
    np.testing.assert_allclose(jobs, [959.375, 959.375 + 82.5, 959.375], rtol=1e-12)


def test_all_scenarios_use_the_same_draws(runs: xr.Dataset) -> None:
    before = runs["jobs"].sel(time=2023.875)
    assert (before.sel(scenario="land").values == before.sel(scenario="baseline").values).all()
    assert np.ptp(before.sel(scenario="land").values) > 0


def test_each_draw_follows_its_own_parameters(village: Bound, runs: xr.Dataset) -> None:
    drawn = design(village, DRAWS, 1).parameters
    expected = 4.0 * drawn["yield of land"].values * 6.875  # land from 2024 to 2030.875
    added = runs["jobs"].sel(time=2030.875)
    np.testing.assert_allclose(
        (added.sel(scenario="land") - added.sel(scenario="baseline")).values, expected, rtol=1e-9
    )


def test_a_national_rule_moves_the_model_without_touching_the_model_file(runs: xr.Dataset, village_copy: Path) -> None:
    file = village_copy / "model" / "national_rules.yaml"
    file.write_text(file.read_text("utf-8").replace("value: 0.2", "value: 0.4"), "utf-8")
    changed = run_scenarios(bind(Study.open(village_copy)), ["baseline"], 1, 1, ["own tax"])
    at = {"scenario": "baseline", "draw": 0, "time": 2030.875}
    assert float(changed["own tax"].sel(at)) == pytest.approx(2 * float(runs["own tax"].sel(at)), rel=1e-12)


def test_a_scenario_stands_above_the_draws(village: Bound) -> None:
    drawn = design(village, 3, 1)
    given = scenario_parameters(village, drawn, {"base new jobs": 7.0, "class share[public]": 0.9})
    assert given["base new jobs"].values.tolist() == [7.0] * 4
    assert given["class share"].values[:, 1].tolist() == [0.9] * 4
    assert drawn.parameters["base new jobs"].values[0] == 5.0


def test_settings_from_the_command_line_stand_above_the_scenario(village: Bound) -> None:
    extra = [village.study.parse_setting("land=8")]
    run = run_scenarios(village, ["land"], 0, 1, ["jobs"], [2019.0, 2026.0], extra=extra)
    assert run["jobs"].isel(time=-1).item() == pytest.approx(900 + 5 * 7 + 8 * 3 * 2, rel=1e-12)  # from 2024 as before


def test_threads_change_nothing(village: Bound) -> None:
    one, two = (run_scenarios(village, ALL, DRAWS, 1, ["jobs"], threads=n) for n in (1, 2))
    assert (one["jobs"].values == two["jobs"].values).all()


def test_progress_is_told_once_a_scenario(village: Bound) -> None:
    told: list[tuple[int, int, str]] = []
    run_scenarios(village, ALL, 1, 1, ["jobs"], progress=lambda *what: told.append(what))
    assert [done for done, _, _ in told] == [1, 2, 3]
    assert {name for _, _, name in told} == set(ALL)


def test_a_study_in_which_nothing_is_drawn_still_has_a_draw_axis(village_copy: Path) -> None:
    file = village_copy / "model" / "parameters.yaml"
    fixed = [
        line
        if "uncertain" not in line
        else f"{line.split(':')[0]}: {{role: fixed, basis: source, grade: A, source: x}}"
        for line in file.read_text("utf-8").splitlines()
    ]
    file.write_text("\n".join(fixed), "utf-8")
    run = run_scenarios(bind(Study.open(village_copy)), ["baseline"], 2, 1, ["jobs"], [2019.0, 2020.0])
    assert run["jobs"].shape == (1, 3, 2)
    assert set(run["jobs"].values[0, :, 1]) == {905.0}


def test_a_result_that_is_not_finite_names_scenario_variable_and_draw(village: Bound) -> None:
    with pytest.raises(SimulationError, match="scenario baseline: egendekning is inf") as caught:
        run_scenarios(village, ["baseline"], 2, 1, ["egendekning"], constants={"participation": 0.0})
    assert "draw 0" in str(caught.value)


def test_unknown_names_are_told_with_the_nearest(village: Bound) -> None:
    with pytest.raises(StudyError, match="did you mean: land"):
        run_scenarios(village, ["lnd"], 1, 1)
    with pytest.raises(SimulationError, match="did you mean: own tax"):
        run_scenarios(village, ["land"], 1, 1, ["own tx"])


def test_variables_carry_labels_and_the_dataset_its_origin(village: Bound, runs: xr.Dataset) -> None:
    assert runs["jobs"].attrs["long_name"] == "Arbeidsplasser"
    assert runs["jobs"].attrs["long_name_en"] == "Jobs"
    assert runs["jobs"].attrs["unit"] == "person"
    assert runs.attrs["seed"] == 1
    assert runs.attrs["draws"] == DRAWS
    assert runs.attrs["study_hash"] == village.study.hash
    assert village.study.files["scenarios/land.yaml"] in runs.attrs["scenario_files"]
    assert runs["title_nb"].values.tolist() == ["Referansebane", "Mer areal", "Folkevekst"]


def test_a_step_that_misses_the_middles_of_quarters_keeps_the_models_own_times(village_copy: Path) -> None:
    file = village_copy / "model" / "village.mdl"
    text = (
        file.read_text("utf-8")
        .replace("TIME STEP = 0.125", "TIME STEP = 0.25")
        .replace("SAVEPER = 0.125", "SAVEPER = 1")
    )
    file.write_text(text, "utf-8")
    bound = bind(Study.open(village_copy))
    assert quarter_middles(bound.model) is None
    run = run_scenarios(bound, ["baseline"], 1, 1, ["jobs"])
    assert run["time"].values[:2].tolist() == [2019.0, 2020.0]
