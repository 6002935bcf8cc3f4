"""Medians go into the model file as numbers; nothing else there changes, and a second calibration is not fooled."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from egendekning.calibrate.writeback import medians, rewritten
from egendekning.ensemble import Bound, bind
from egendekning.ensemble.modes import PRIOR_MODES, read_modes, write_modes
from egendekning.ensemble.posterior import Posterior, Process
from egendekning.errors import ModelFileError, StudyError
from egendekning.study import Study
from egendekning.validate.prior import prior_design

TEXT = """{UTF-8}
rate = 0.03 ~ 1/year ~ A rate of 3 percent; was = 4. |
"a (b)"[kind] = 1, 2.5 ~ person ~ By kind. |
share[kind, other] =
\t0.2, 0.8;
\t0.5, 0.5; ~ Dmnl ~ Shares. |
half rate = rate/2 ~ 1/year ~|
"""


def nothing() -> Process:
    empty = np.zeros((0, 0))
    return Process((), np.zeros(0), np.zeros(0, dtype=int), empty, empty, empty, np.zeros((0, 0, 0)))


def test_only_the_numbers_change() -> None:
    values = {"rate": np.array(0.0295), "a (b)": np.array([1.0, 3.0]), "share": np.array([[0.25, 0.75], [0.5, 0.5]])}
    expected = TEXT.replace("0.03 ~", "0.0295 ~").replace("1, 2.5", "1, 3").replace("0.2, 0.8", "0.25, 0.75")
    assert rewritten(TEXT, values, "x.mdl") == expected


def test_a_name_is_found_in_any_spelling() -> None:
    assert "= 7 ~" in rewritten("My_Rate = 3 ~ Dmnl ~|\n", {"my rate": np.array(7.0)}, "x.mdl")


@pytest.mark.parametrize(("name", "value"), [("half rate", 1.0), ("lacking", 1.0), ("a (b)", 1.0)])
def test_what_is_not_plain_numbers_is_refused_with_its_line(name: str, value: float) -> None:
    with pytest.raises(ModelFileError, match=r"x\.mdl:\d+: .*plain numbers"):
        rewritten(TEXT, {name: np.array(value)}, "x.mdl")


def test_rounded_shares_still_sum_to_one(line: Bound) -> None:
    thirds = np.array([[0.33333, 0.66667], [0.33335, 0.66665], [0.33331, 0.66669]])
    posterior = Posterior({"kind share": thirds, "growth": np.array([9.0, 9.87654, 11.0])}, nothing(), 3,
                          {"moved": "kind share|growth"})  # fmt: skip
    found = medians(line, posterior)
    assert found["growth"] == 9.877
    assert found["kind share"] == pytest.approx([0.3333, 0.6667], abs=1e-12)
    assert found["kind share"].sum() == pytest.approx(1.0, abs=1e-12)


def test_parameters_that_the_data_did_not_move_keep_their_value(line: Bound) -> None:
    posterior = Posterior({"growth": np.ones(3), "late effect": np.ones(3)}, nothing(), 3, {"moved": "growth"})
    assert list(medians(line, posterior)) == ["growth"]


def test_the_prior_stays_where_it_was_while_the_file_holds_what_calibration_wrote(line_copy: Path) -> None:
    model = line_copy / "model" / "line.mdl"
    modes = line_copy / "calibration" / PRIOR_MODES
    write_modes(modes, {"growth": np.array(10.0)}, {"growth": np.array(11.5)})
    assert read_modes(bind(Study.open(line_copy))) == {}  # the file holds 10, which calibration did not write
    model.write_text(model.read_text(encoding="utf-8").replace("growth = 10", "growth = 11.5"), encoding="utf-8")
    assert read_modes(bind(Study.open(line_copy))) == {"growth": np.array(10.0)}
    model.write_text(model.read_text(encoding="utf-8").replace("growth = 11.5", "growth = 12"), encoding="utf-8")
    assert read_modes(bind(Study.open(line_copy))) == {}  # a modeller's own opinion


def test_a_prediction_of_the_unseen_starts_from_the_prior_and_not_from_the_median_in_the_file(line_copy: Path) -> None:
    model = line_copy / "model" / "line.mdl"
    write_modes(line_copy / "calibration" / PRIOR_MODES, {"late effect": np.array(2.0)}, {"late effect": np.array(3.5)})
    text = model.read_text(encoding="utf-8")
    assert text.count("late effect = 2") == 1
    model.write_text(text.replace("late effect = 2", "late effect = 3.5"), encoding="utf-8")
    drawn = prior_design(bind(Study.open(line_copy)), 400, 1).parameters["late effect"].values
    assert drawn[0] == 3.5  # draw 0 is the model file
    assert drawn[1:].mean() == pytest.approx((1 + 2 + 4) / 3, abs=0.01)  # triangular, as before calibration


def test_a_broken_file_of_modes_is_told(line_copy: Path) -> None:
    path = line_copy / "calibration" / PRIOR_MODES
    path.write_text("parameter,place\ngrowth,zero\n", encoding="utf-8")
    with pytest.raises(StudyError, match=r"prior_modes\.csv: cannot be read"):
        read_modes(bind(Study.open(line_copy)))
