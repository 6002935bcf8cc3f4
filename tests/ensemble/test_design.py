"""Draws: draw 0 is the model file, each range is covered evenly, shares stay shares, streams do not meet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from egendekning.ensemble import Bound, bind, design
from egendekning.ensemble.design import latin, sample, shares_axis
from egendekning.errors import UsageError
from egendekning.study import Parameter, Study


def uncertain(**more: object) -> Parameter:
    given = {"role": "uncertain", "basis": "assumption", "grade": "C", "source": "test", **more}
    return Parameter.model_validate(given)


def test_draw_0_holds_the_values_of_the_model_file(village: Bound) -> None:
    drawn = design(village, 10, 1)
    assert float(drawn.parameters["base new jobs"][0]) == 5.0
    assert drawn.parameters["class share"][0].values.tolist() == [0.6, 0.4]


def test_only_uncertain_parameters_are_drawn(village: Bound) -> None:
    assert set(design(village, 3, 1).parameters) == {"class share", "base new jobs", "yield of land"}


def test_each_tenth_of_a_uniform_range_holds_one_of_ten_draws(village: Bound) -> None:
    values = design(village, 10, 3).parameters["yield of land"].values[1:]  # uniform on 1 to 5
    assert sorted(np.floor((values - 1.0) / 0.4).astype(int)) == list(range(10))


def test_latin_shares_lie_strictly_between_0_and_1() -> None:
    shares = latin(1000, np.random.default_rng(0))
    assert shares.min() > 0.0
    assert shares.max() < 1.0


def test_shares_that_sum_to_one_in_the_model_file_sum_to_one_in_every_draw(village: Bound) -> None:
    shares = design(village, 40, 1).parameters["class share"].values
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-14)
    assert np.ptp(shares[1:, 0]) > 0.01


def test_shares_may_sum_to_one_along_the_first_dim() -> None:
    columns = np.array([[0.25, 0.9], [0.75, 0.1]])
    assert shares_axis(columns, "Dmnl") == 0
    assert shares_axis(columns.T, "Dmnl") == 1
    assert shares_axis(columns, "person") is None
    assert shares_axis(np.array([0.5, 0.6]), "Dmnl") is None


def test_a_relative_range_of_an_array_is_one_common_factor() -> None:
    values = sample("rate", uncertain(relative=0.2), np.array([1.0, 10.0]), 50, 1)
    np.testing.assert_allclose(values[:, 1], 10.0 * values[:, 0], rtol=1e-14)
    assert values[:, 0].min() >= 0.8
    assert values[:, 0].max() <= 1.2


def test_a_range_of_an_array_is_drawn_element_by_element() -> None:
    values = sample("rate", uncertain(low=[0.0, 5.0], high=[1.0, 6.0]), np.array([0.5, 5.5]), 50, 1)
    assert (values[:, 0] <= 1.0).all()
    assert (values[:, 1] >= 5.0).all()
    assert abs(np.corrcoef(values.T)[0, 1]) < 0.9


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(village: Bound) -> None:
    first, again, other = (design(village, 20, seed).parameters["base new jobs"].values for seed in (7, 7, 8))
    assert (first == again).all()
    assert (first[1:] != other[1:]).all()


def test_one_more_parameter_leaves_the_draws_of_the_others_as_they_were(village: Bound, village_copy: Path) -> None:
    file = village_copy / "model" / "parameters.yaml"
    text = file.read_text("utf-8").replace(
        "participation: {role: fixed,", "participation: {role: uncertain, low: 0.5, high: 0.6,"
    )
    file.write_text(text, "utf-8")
    more = design(bind(Study.open(village_copy)), 20, 1).parameters
    assert "participation" in more
    assert (more["base new jobs"].values == design(village, 20, 1).parameters["base new jobs"].values).all()


def test_negative_numbers_are_refused_together(village: Bound) -> None:
    with pytest.raises(UsageError) as caught:
        design(village, -1, -1)
    assert [problem.where for problem in caught.value.problems] == ["draws", "seed"]


def test_draws_that_do_not_fit_in_memory_are_refused_before_any_is_made(village: Bound) -> None:
    with pytest.raises(UsageError, match="GiB of memory") as failure:
        design(village, 10**12, 1)
    assert "fix: choose fewer draws (--draws 500)" in str(failure.value)
