"""A model file or a call that makes no sense is told as such, with the line or the argument at fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from egendekning.engine import Model, load
from egendekning.errors import ModelFileError, SimulationError, UsageError

TEXT = """{{UTF-8}}
rate = 2
	~	1/year
	~	Rate.	|
level = INTEG(rate, 1)
	~	Dmnl
	~	Level.	|
table((0,0),(5,1),(10,2))
	~	Dmnl
	~	Table.	|
read = table(level)
	~	Dmnl
	~	Reading.	|
FINAL TIME = {final}
	~	year
	~	End.	|
INITIAL TIME = 0
	~	year
	~	Start.	|
SAVEPER = {saveper}
	~	year
	~	Saving.	|
TIME STEP = {step}
	~	year
	~	Step.	|
"""
GOOD = {"final": "10", "saveper": "1", "step": "1"}


def written(folder: Path, **changed: str) -> Path:
    """Write the model with some numbers changed."""
    path = folder / "small.mdl"
    path.write_text(TEXT.format(**{**GOOD, **changed}), encoding="utf-8")
    return path


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return load(written(tmp_path))


@pytest.mark.parametrize(
    ("changed", "line", "words"),
    [
        ({"step": "0"}, 23, "TIME STEP is 0"),
        ({"step": "-1"}, 23, "TIME STEP is -1"),
        ({"step": "1e-12"}, 23, "at most 10000000 steps"),
        ({"final": "-5"}, 14, "FINAL TIME is -5"),
        ({"saveper": "0"}, 20, "SAVEPER is 0"),
        ({"saveper": "-1"}, 20, "SAVEPER is -1"),
    ],
)
def test_a_time_grid_that_does_not_fit_is_told_with_its_line(
    tmp_path: Path, changed: dict[str, str], line: int, words: str
) -> None:
    path = written(tmp_path, **changed)
    with pytest.raises(ModelFileError) as caught:
        load(path)
    assert [problem.where for problem in caught.value.problems] == [f"{path}:{line}"]
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "parameters",
    [
        {"rate": None},
        {"rate": np.ones(0)},
        {"rate": xr.DataArray(np.ones(0), dims="draw")},
        {"rate": xr.DataArray(["a"], dims="draw")},
        {3: 1.0},
        [1.0],
    ],
)
def test_a_parameter_that_is_no_number_is_an_error_of_ours(model: Model, parameters: Any) -> None:
    with pytest.raises(SimulationError, match="parameters"):
        model.simulate(parameters, outputs=["level"])


def test_an_output_that_is_no_name_is_an_error_of_ours(model: Model) -> None:
    outputs: Any = [3]
    with pytest.raises(SimulationError, match="outputs: a name of type int"):
        model.simulate(outputs=outputs)


@pytest.mark.parametrize(
    "time",
    [{"step": "a"}, {"step": None}, {"step": 1e-12}, {"saveper": 0}, {"saving": 5}, {"saving": (-3.0,)}, ["a"]],
)
def test_a_time_grid_that_makes_no_sense_is_an_error_of_ours(model: Model, time: Any) -> None:
    with pytest.raises(UsageError, match="time: "):
        model.simulate(outputs=["level"], time=time)


def test_a_gradient_takes_one_set_of_known_parameters(model: Model) -> None:
    slope = model.value_and_grad("level", ["rate"])
    with pytest.raises(SimulationError, match="unknown name"):
        slope({"nope": 1.0})
    with pytest.raises(UsageError, match="one set of parameters"):
        slope({"rate": np.ones(3)})
