"""Another municipality becomes a study of its own: what goes in, what stays out, and that it runs."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
import yaml

from egendekning.cli import main
from egendekning.derive import derive
from egendekning.derive.draft import slug
from egendekning.ensemble import Bound, bind, run_scenarios
from egendekning.study import Study
from egendekning.validate.family import members, read_overlay
from egendekning.validate.plan import read_plan
from egendekning.validate.series import read_series

pytestmark = pytest.mark.slow

LIER = Path(__file__).parents[2] / "examples" / "lier"


def call(*words: object) -> int:
    """Run the program and return its exit code."""
    try:
        return main(list(map(str, words)))
    except SystemExit as ending:
        return int(ending.code or 0)


@pytest.fixture(scope="module")
def drammen() -> Bound:
    return bind(Study.shipped())


@pytest.fixture(scope="module")
def files(drammen: Bound) -> dict[str, str]:
    overlay, problems = read_overlay(drammen, LIER / "overlay.yaml")
    assert overlay is not None, problems
    return {name: b.decode() for name, b in derive(drammen, overlay, LIER / "observations.csv", "lier").items()}


@pytest.fixture(scope="module")
def lier(tmp_path_factory: pytest.TempPathFactory) -> Bound:
    folder = tmp_path_factory.mktemp("new") / "lier"
    assert call("study", "new", folder, "--overlay", LIER / "overlay.yaml") == 0
    return bind(Study.open(folder))


def test_a_set_constant_carries_the_source_and_grade_of_the_overlay(files: dict[str, str]) -> None:
    said = yaml.safe_load(files["model/parameters.yaml"])["register jobs 2018"]
    assert said["source"] == "Statistics Norway, table 11618, 4th quarter 2018"
    assert (said["grade"], said["basis"]) == ("A", "source")


def test_a_scaled_constant_is_an_assumption_and_its_range_goes_along(files: dict[str, str], drammen: Bound) -> None:
    said = yaml.safe_load(files["model/parameters.yaml"])["base reserve of business land"]
    before = drammen.study.parameters["base reserve of business land"]
    assert (said["grade"], said["basis"]) == ("C", "assumption")
    assert said["low"] == pytest.approx(float(before.low) * 0.262205)  # type: ignore[arg-type]
    assert said["high"] == pytest.approx(float(before.high) * 0.262205)  # type: ignore[arg-type]
    assert "0.262205" in said["note"]


def test_evidence_that_the_overlay_does_not_touch_stays_to_the_letter(files: dict[str, str], drammen: Bound) -> None:
    before = drammen.study.contents()["model/parameters.yaml"].decode()
    entry = before[before.index("\nzoning delay:\n") : before.index("\n\n", before.index("\nzoning delay:\n"))]
    assert entry in files["model/parameters.yaml"]
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert comments == [line for line in files["model/parameters.yaml"].splitlines() if line.startswith("#")]


def test_nothing_that_only_the_other_municipality_has_goes_along(files: dict[str, str]) -> None:
    there = {name.removeprefix("calibration/") for name in files if name.startswith("calibration/")}
    assert there == {
        "observations.csv",
        "observation_model.yaml",
        "process_noise.yaml",
        "series.yaml",
        "validation.yaml",
    }
    assert "remarks" not in yaml.safe_load(files["calibration/validation.yaml"])
    assert "Drammen" not in files["calibration/observations.csv"] + files["calibration/validation.yaml"]
    assert "id: register_2019" not in files["model/checks.yaml"]
    assert "97" not in files["model/labels.yaml"]
    assert "accounts" not in yaml.safe_load(files["model/finance_rules.yaml"])


def test_every_figure_of_the_municipality_is_among_its_observations(files: dict[str, str]) -> None:
    with (LIER / "observations.csv").open(encoding="utf-8", newline="") as file:
        given = {(row["series"], row["period"]): float(row["value"]) for row in csv.DictReader(file)}
    made = csv.DictReader(files["calibration/observations.csv"].splitlines())
    assert {(row["series"], row["period"]): float(row["value"]) for row in made} == given


def test_the_readme_lists_what_is_still_the_other_municipalitys(files: dict[str, str]) -> None:
    todo = files["README.md"].partition("## To be replaced")[2]
    assert "`port limit`" in todo  # daa, no figure in the overlay
    assert "`zoning delay`" in todo  # its source is Drammen's case handling
    assert "`initial dwellings`" not in todo  # scaled


def test_an_overlay_of_another_study_is_refused(drammen: Bound, tmp_path: Path) -> None:
    path = Path(shutil.copy(LIER / "overlay.yaml", tmp_path))
    path.write_text(path.read_text("utf-8").replace("base: Drammen", "base: Asker"), encoding="utf-8")
    _, problems = read_overlay(drammen, path)
    assert [p.found for p in problems] == ["the overlay is of the study of Asker, and this is that of Drammen"]


def test_a_folder_with_anything_in_it_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".egendekning").touch()  # even earlier results
    assert call("study", "new", tmp_path / "out", "--name", "Lier") == 2
    assert "expected: an empty folder, or a new one" in capsys.readouterr().err
    assert call("study", "new", tmp_path / "other") == 2
    assert "neither --overlay nor --name" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_draft_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    shutil.copytree(LIER, tmp_path / "lier")
    table = tmp_path / "lier" / "observations.csv"
    table.write_text(table.read_text("utf-8").replace("14051", "many"), encoding="utf-8")
    assert call("study", "new", tmp_path / "new", "--overlay", tmp_path / "lier" / "overlay.yaml") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["lier"]


@pytest.mark.parametrize(("name", "file"), [("Øvre Eiker", "ovre_eiker"), ("Bærum", "baerum"), ("Ås", "as")])
def test_names_of_files_have_plain_letters(name: str, file: str) -> None:
    assert slug(name) == file


def test_a_draft_says_whom_it_is_about_and_plans_with_its_own_figures(lier: Bound) -> None:
    assert lier.study.municipality is not None
    assert lier.study.municipality.name == "Lier"
    assert lier.study.model_file.name == "lier.mdl"
    assert "posterior.nc" not in lier.study.calibration
    assert "in_commuters" not in read_plan(lier).reference.series  # the overlay's table has none


@pytest.mark.slow
def test_a_draft_runs_as_the_family_member_does_and_its_report_speaks_of_it(
    drammen: Bound, lier: Bound, tmp_path: Path
) -> None:
    (member,) = members(drammen, read_series(drammen), [LIER])
    outputs = ["jobs", "employed residents", "egendekning"]
    run = run_scenarios(lier, ["baseline", "business_land"], 0, 0, outputs, [2019.875, 2040.875])
    base = run.sel(scenario="baseline", time=2019.875).isel(draw=0)
    said = {f.counterpart.series: v for f, v in zip(member.figures, member.predicted, strict=True)
            if f.period == "2019-Q4"}  # fmt: skip
    # the model file holds ten digits
    assert float(base["jobs"]) == pytest.approx(said["jobs_by_workplace"], rel=1e-7)
    assert float(base["employed residents"]) == pytest.approx(said["employed_residents"], rel=1e-7)
    assert 100 * float(base["egendekning"]) == pytest.approx(said["self_coverage"], rel=1e-7)
    jobs = run["jobs"].sel(time=2040.875).isel(draw=0)
    assert float(jobs.sel(scenario="business_land")) > float(jobs.sel(scenario="baseline"))

    words = ("compare", "business_land", "--draws", 4, "--lang", "en", "--out", tmp_path / "out")
    assert call("--study", lier.study.root, *words) == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    text = re.sub(r'src(set)?="[^"]*"', "", page)
    assert "<h1>Egendekning in Lier:" in text
    assert "a model of Lier" in text
    assert "97 per cent" not in text
    # named once: where the numbers that are not Lier's come from
    assert re.findall(r"[^.<>]*Drammen[^.<>]*", text) == [
        "This is a first draft: the equations, and all constants without figures of their own, are those of Drammen, "
        "unchanged or scaled by size"
    ]
