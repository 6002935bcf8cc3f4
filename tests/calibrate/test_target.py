"""What the sampler sees is the model, its prior and its observations, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from egendekning.calibrate import Target, calibrate, make_target
from egendekning.calibrate.laplace import active_coordinates, laplace, linearised, restricted
from egendekning.ensemble import bind
from egendekning.ensemble.laws import quantiles
from egendekning.errors import SimulationError, StudyError
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


@pytest.mark.slow
def test_figures_are_what_euler_steps_by_hand_give(target: Target) -> None:
    offset, slopes = by_hand()
    z = np.random.default_rng(3).standard_normal(target.prior.size)
    small = np.array([z[target.prior.labels.index(name)] for name in MOVED])
    assert np.asarray(target.predict(z)) == pytest.approx(offset + slopes @ small, rel=1e-12)


@pytest.mark.parametrize("law", ["triangular", "uniform", "normal", "lognormal", "pert"])
@pytest.mark.slow
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


@pytest.mark.slow
def test_only_what_moves_a_figure_is_active(target: Target) -> None:
    points = np.random.default_rng(0).standard_normal((3, target.prior.size))
    active = active_coordinates(linearised(target), target.data.values, points)
    assert [name for name, yes in zip(target.prior.labels, active, strict=True) if yes] == MOVED


@pytest.mark.slow
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
    "nothing left": (MODEL, "until: 2021", "until: 2019.6", [f"{MODEL}:4", "no figure"]),
    "unknown region": (MODEL, "region: Here", "region: Her", [f"{MODEL}:1", "did you mean: Here?"]),
    "dates backwards": (MODEL, "until: 2021", "until: 2019", [f"{MODEL}:2", "the earlier date first"]),
    "unknown period": (
        MODEL,
        "reading: instant",
        "reading: instant\n    periods: ['2020-01-02']",
        ["no figure of the period '2020-01-02'", "did you mean: 2020-01-01?"],
    ),
    "used twice": (
        MODEL,
        "{mean_people:",
        "{people: stock of people, mean_people:",
        [f"{MODEL}:14", "people 2020-01-01 is used by 'counts' already"],
    ),
    "follows itself": (NOISE, "table: surprise", "table: echo", [f"{NOISE}:7", "follows itself"]),
    "unknown table": (NOISE, "surprise:\n", "surprize:\n", ["surprize", "did you mean: surprise?"]),
    "range backwards": (NOISE, "sd: [4, 4]", "sd: [4, 3]", ["sd from 4 to 3", f"{NOISE}:2"]),
    "too much memory": (NOISE, "correlation: [0.5, 0.5]", "correlation: [0.5, 1]", ["without 'zero_until'"]),
    "not a number": (DATA, "2020,114,", "2020,many,", [f"{DATA}:2", "value 'many'", "a number"]),
    "not finite": (DATA, "2020,114,", "2020,nan,", [f"{DATA}:2", "value 'nan'"]),
    "beyond any figure": (DATA, "2020,114,", "2020,1e300,", [f"{DATA}:2", "value '1e300'"]),
    "negative error": (DATA, "114,persons,3", "114,persons,-3", [f"{DATA}:2", "measurement_error '-3'"]),
    "other date than period": (DATA, "2020-01-01,2020,", "2020-01-01,2000,", [f"{DATA}:2", "2020 to 2021"]),
    "a figure twice": (DATA, "Elsewhere", "Here", [f"{DATA}:4", "each series, region and period once"]),
    "before the run": (DATA, "2020,2020.5,121", "2018,2018.5,121", [f"{DATA}:6", "outside the run"]),
    "no column": (DATA, "measurement_error", "mistake", ["no column 'measurement_error'"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_the_calibration_folder_is_told_with_its_place(mistake: str, line_copy: Path) -> None:
    name, old, new, words = MISTAKES[mistake]
    path = line_copy / "calibration" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    if mistake == "before the run":
        _replace(line_copy / "calibration" / MODEL, "since: 2019.5", "since: 2000")
    with pytest.raises(StudyError) as caught:
        make_target(bind(Study.open(line_copy)))
    assert all(problem.expected for problem in caught.value.problems)
    for word in words:
        assert word in str(caught.value)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (DATA, b"", "the file is empty"),
        (DATA, b"series;region;period;time;value;measurement_error\n", "apart by semicolons"),
        (DATA, "series,år\n".encode("latin-1"), f"{DATA}:1: byte 0xe5 is not UTF-8"),
        (DATA, b"\x00\x01", "control character U+0000"),
        (MODEL, b"region: H\xe5", f"{MODEL}:1: byte 0xe5 is not UTF-8"),
        (MODEL, b"", "the file is empty"),
    ],
)
def test_a_file_that_is_no_text_is_told_alone_and_not_through_what_it_lacks(
    name: str, content: bytes, words: str, line_copy: Path
) -> None:
    (line_copy / "calibration" / name).write_bytes(content)
    with pytest.raises(StudyError) as caught:
        make_target(bind(Study.open(line_copy)))
    (problem,) = caught.value.problems
    assert words in str(problem)


def test_a_byte_order_mark_and_other_line_ends_change_nothing(line_copy: Path, target: Target) -> None:
    path = line_copy / "calibration" / DATA
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert np.array_equal(make_target(bind(Study.open(line_copy))).data.values, target.data.values)


@pytest.mark.slow
def test_ranges_that_overflow_are_refused_before_anything_is_sampled(line_copy: Path, tmp_path: Path) -> None:
    _replace(line_copy / "calibration" / NOISE, "[4, 4]", "[1e300, 1e308]")
    with pytest.raises(SimulationError, match="figure people 2020-01-01"):
        calibrate(make_target(bind(Study.open(line_copy))), tmp_path / "work", chains=2, draws=4)
    assert not list((tmp_path / "work").glob("*.npz"))


def test_a_missing_file_is_told_with_what_to_do(line_copy: Path) -> None:
    (line_copy / "calibration" / "process_noise.yaml").unlink()
    (line_copy / "calibration" / "observation_model.yaml").unlink()
    with pytest.raises(StudyError) as caught:
        make_target(bind(Study.open(line_copy)))
    assert [p.where.rsplit("/", 1)[-1] for p in caught.value.problems] == [
        "observation_model.yaml",
        "process_noise.yaml",
    ]
