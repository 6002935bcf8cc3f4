"""What the sampler sees is the model, its prior and its observations, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from egendekning.calibrate import Target, make_target
from egendekning.calibrate.laplace import active_coordinates, laplace, linearised, restricted
from egendekning.ensemble import bind
from egendekning.ensemble.laws import quantiles
from egendekning.errors import StudyError
from egendekning.study import Study

from .conftest import ERRORS, FIGURES, by_hand, exact

MOVED = ["people at the start", "growth", "surprise 2019", "surprise 2020", "surprise 2021"]


def test_only_figures_of_the_region_and_the_dates_are_used(target: Target) -> None:
    assert target.data.labels == ("people 2020-01-01", "people 2021-01-01", "mean_people 2020")
    assert target.data.values == pytest.approx(FIGURES)


def test_errors_of_measurement_and_structure_add_in_squares(target: Target) -> None:
    assert target.data.errors == pytest.approx(ERRORS)


def test_the_run_ends_where_the_last_figure_is_known(target: Target) -> None:
    assert target.data.grid["final"] == 2021.0


def test_coordinates_have_names_of_parameters_elements_and_knots(target: Target) -> None:
    assert [*MOVED[:2], "late effect", "kind share[big]", "kind share[small]"] == target.prior.labels[:5]
    assert target.prior.labels[-3:] == MOVED[2:]


def test_figures_are_what_euler_steps_by_hand_give(target: Target) -> None:
    offset, slopes = by_hand()
    z = np.random.default_rng(3).standard_normal(target.prior.size)
    small = np.array([z[target.prior.labels.index(name)] for name in MOVED])
    assert np.asarray(target.predict(z)) == pytest.approx(offset + slopes @ small, rel=1e-12)


@pytest.mark.parametrize("law", ["triangular", "uniform", "normal", "lognormal", "pert"])
def test_a_parameter_has_the_distribution_that_the_ensemble_draws(law: str, line_copy: Path) -> None:
    path = line_copy / "model" / "parameters.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("low: 1, high: 4,", f"low: 1, high: 4, distribution: {law},"), encoding="utf-8")
    prior = make_target(bind(Study.open(line_copy))).prior
    at = prior.labels.index("late effect")
    for z in (-2.5, -0.5, 0.0, 0.3, 3.0):
        point = np.zeros(prior.size)
        point[at] = z
        expected = quantiles(law, np.array([norm.cdf(z)]), 1.0, 2.0, 4.0)[0]
        assert float(prior.values(point)[0]["late effect"]) == pytest.approx(expected, rel=1e-5)  # pert: interpolated


def test_shares_sum_to_one_in_every_draw(target: Target) -> None:
    for z in np.random.default_rng(1).standard_normal((5, target.prior.size)):
        assert np.asarray(target.prior.values(z)[0]["kind share"]).sum() == pytest.approx(1.0, abs=1e-12)


def test_only_what_moves_a_figure_is_active(target: Target) -> None:
    points = np.random.default_rng(0).standard_normal((3, target.prior.size))
    active = active_coordinates(linearised(target), target.data.values, points)
    assert [name for name, yes in zip(target.prior.labels, active, strict=True) if yes] == MOVED


def test_the_normal_approximation_of_a_linear_problem_is_exact(target: Target) -> None:
    active = np.array([name in MOVED for name in target.prior.labels])
    found = laplace(restricted(linearised(target), active), target.data.values, np.zeros(5))
    mean, covariance = exact()
    assert found.converged
    assert found.mode == pytest.approx(mean, abs=1e-6)
    assert found.covariance == pytest.approx(covariance, abs=1e-9)


def test_most_likely_values_may_come_from_before_a_calibration(line: object) -> None:
    target = make_target(line, modes={"late effect": np.array(3.0)})  # type: ignore[arg-type]
    at = target.prior.labels.index("late effect")
    assert target.prior.laws.mode[at] == 3.0


MODEL, NOISE, DATA = "observation_model.yaml", "process_noise.yaml", "observations.csv"
MISTAKES = {
    "unknown series": (MODEL, "{people: stock", "{poeple: stock", ["poeple", "did you mean: people?"]),
    "unknown variable": (MODEL, "stock of people", "stock of pople", ["of pople", "did you mean: stock of people?"]),
    "unknown element": (MODEL, "people: stock of people", 'people: "people by kind[huge]"', ["huge"]),
    "two errors": (MODEL, "{absolute: 4}", "{absolute: 4, relative: 0.1}", ["one of the two"]),
    "unknown key": (MODEL, "    why: Judged.", "    colour: red", ["colour", f"{MODEL}:8", "why is missing"]),
    "nothing left": (MODEL, "region: Here", "region: There", ["no figure"]),
    "unknown table": (NOISE, "surprise:\n", "surprize:\n", ["surprize", "did you mean: surprise?"]),
    "range backwards": (NOISE, "sd: [4, 4]", "sd: [4, 3]", ["sd from 4 to 3", f"{NOISE}:2"]),
    "too much memory": (NOISE, "correlation: [0.5, 0.5]", "correlation: [0.5, 1]", ["without 'zero_until'"]),
    "not a number": (DATA, "2020,114,", "2020,many,", [f"{DATA}:2", "not a number"]),
    "no column": (DATA, "measurement_error", "mistake", ["no column 'measurement_error'"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_calibration_folder_is_told_with_its_place(mistake: str, line_copy: Path) -> None:
    name, old, new, words = MISTAKES[mistake]
    path = line_copy / "calibration" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        make_target(bind(Study.open(line_copy)))
    for word in words:
        assert word in str(caught.value)


def test_a_missing_file_is_told_with_what_to_do(line_copy: Path) -> None:
    (line_copy / "calibration" / "process_noise.yaml").unlink()
    (line_copy / "calibration" / "observation_model.yaml").unlink()
    with pytest.raises(StudyError) as caught:
        make_target(bind(Study.open(line_copy)))
    assert [p.where.rsplit("/", 1)[-1] for p in caught.value.problems] == [
        "observation_model.yaml",
        "process_noise.yaml",
    ]
