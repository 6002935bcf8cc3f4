"""The main job on the village: baseline first, every unknown name told, results on disk as in memory."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from egendekning.ensemble import Bound, Comparison, compare
from egendekning.ensemble.store import COLUMNS, write_results, write_summary
from egendekning.errors import StudyError, UsageError
from egendekning.study import Study


@pytest.fixture(scope="module")
def comparison(village: Bound) -> Comparison:
    return compare(village, draws=8, seed=2)


def test_the_baseline_is_always_there_and_first(village: Bound) -> None:
    assert compare(village, ["growth"], draws=1).scenarios == ["baseline", "growth"]


def test_all_scenarios_are_run_when_none_is_named(comparison: Comparison) -> None:
    assert comparison.scenarios == ["baseline", "land", "growth"]
    assert comparison.title("growth", "nb") == "Folkevekst"


def test_the_reference_is_what_hand_arithmetic_gives(comparison: Comparison) -> None:
    # 900 + 5 x 21.875 jobs over 2000 x 0.55 x 0.9 employed residents in Q4 2040
    assert comparison.value("baseline", "egendekning@2040", "reference") == pytest.approx(1009.375 / 990.0, rel=1e-12)
    # 990 needs 18 years of five jobs: first at 2037
    assert comparison.value("baseline", "year of balance", "reference") == 2037.125


def test_growth_of_residents_alone_lowers_egendekning(comparison: Comparison) -> None:
    assert comparison.value("growth", "egendekning@2040", "diff_p90") < 0
    parts = comparison.from_baseline.sel(scenario="growth")
    np.testing.assert_allclose(parts.sel(part="population"), parts.sum("part"), rtol=1e-12)


def test_every_unknown_scenario_is_told(village: Bound) -> None:
    with pytest.raises(StudyError) as caught:
        compare(village, ["lnd", "grwth"], draws=1)
    assert [problem.nearest for problem in caught.value.problems] == ["land", "growth"]


def test_no_draws_are_refused(village: Bound) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        compare(village, draws=0)


def test_a_model_without_egendekning_is_refused(village_copy: Path) -> None:
    for file in ("model/village.mdl", "model/labels.yaml"):
        path = village_copy / file
        path.write_text(path.read_text("utf-8").replace("egendekning", "coverage"), "utf-8")
    with pytest.raises(StudyError, match="no variable 'egendekning'"):
        compare(Study.open(village_copy), draws=1)


def test_an_unknown_measure_names_the_nearest(comparison: Comparison) -> None:
    with pytest.raises(UsageError, match="did you mean: jobs@2040"):
        comparison.value("baseline", "jobs@204")


def test_the_csv_has_one_number_a_row(comparison: Comparison, tmp_path: Path) -> None:
    with write_summary(comparison, tmp_path / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == comparison.summary["value"].size
    row = next(
        r for r in rows if (r["scenario"], r["measure"], r["statistic"]) == ("land", "jobs@2030", "diff_reference")
    )
    assert (float(row["value"]), row["unit"], row["label_en"]) == (82.5, "person", "Jobs 2030")


def test_what_is_not_known_is_an_empty_cell(comparison: Comparison, tmp_path: Path) -> None:
    text = write_summary(comparison, tmp_path / "s.csv").read_text("utf-8")
    assert "nan" not in text
    assert "growth,year of balance,p50,,year," in text


def test_names_on_disk_are_names_in_memory(comparison: Comparison, tmp_path: Path) -> None:
    path = write_results(comparison, tmp_path / "results.nc")
    with xr.open_dataset(path) as found, xr.open_dataset(path, group="summary") as summary:
        assert set(found.data_vars) == set(comparison.dataset.data_vars)
        assert found["jobs by class"].dims == ("scenario", "draw", "time", "class")
        assert (found["time"].values % 1 == 0.875).all()
        assert found.attrs == comparison.dataset.attrs
        same = comparison.dataset["jobs"].sel(time=found["time"].values)
        np.testing.assert_allclose(found["jobs"], same, rtol=5e-6)  # half a unit of the sixth digit
        xr.testing.assert_identical(summary["value"].load(), comparison.summary["value"])


def test_the_same_seed_gives_the_same_bytes(village: Bound, comparison: Comparison, tmp_path: Path) -> None:
    again = compare(village, draws=8, seed=2)
    first, second = (write_summary(c, tmp_path / n).read_bytes() for c, n in ((comparison, "a"), (again, "b")))
    assert first == second
