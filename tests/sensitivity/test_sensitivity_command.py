"""`egendekning sensitivity`, `robust` and `discover` at the command line; a model file all the way to its indices."""

from __future__ import annotations

import csv
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from egendekning.cli import main

MODELS = Path(__file__).parent / "models"
VILLAGE = Path(__file__).parents[1] / "ensemble" / "fixtures" / "village"
ISHIGAMI = [f"--factor=x{i}={-np.pi!r}:{np.pi!r}" for i in (1, 2, 3)]


def program(*words: str) -> int:
    """Run the program and return its exit code."""
    try:
        return main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)


def swept(tmp_path: Path, *words: str) -> str:
    store = str(tmp_path / "sweep.zarr")
    assert program("sweep", "--out", store, "--threads", "1", *words) == 0
    return store


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_ishigami_as_a_model_file_gives_its_analytic_indices_through_sweep_and_sensitivity(
    tmp_path: Path, analytic: ModuleType
) -> None:
    store = swept(tmp_path, "--model", str(MODELS / "ishigami.mdl"), *ISHIGAMI, "--outcome=total@1", "--second-order",
                  "--method", "sobol", "--n", "4096")  # fmt: skip
    assert program("sensitivity", store, "--out", str(tmp_path / "found"), "--resamples", "50") == 0
    known = analytic.ishigami_shares()
    found = rows(tmp_path / "found" / "indices.csv")
    for index in ("S1", "ST"):
        value = {row["factor"]: float(row["value"]) for row in found if row["index"] == index}
        # standard error of these estimates at 4096 base samples: about 0.013
        assert [value[f"x{i}"] for i in (1, 2, 3)] == pytest.approx(known[index], abs=0.04)
    pair = next(r for r in found if (r["index"], r["factor"], r["factor2"]) == ("S2", "x1", "x3"))
    assert float(pair["value"]) == pytest.approx(known["S13"], abs=0.06)
    assert float(pair["low"]) < known["S13"] < float(pair["high"])


@pytest.mark.slow
def test_the_g_function_as_a_model_file_gives_its_analytic_indices(tmp_path: Path, analytic: ModuleType) -> None:
    constants = (0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0)  # as in the file
    names = [f"--factor=x[i{i}]=0:1" for i in range(1, 9)]
    store = swept(tmp_path, "--model", str(MODELS / "sobol_g.mdl"), *names, "--outcome=g@1", "--n", "4096")
    assert program("sensitivity", store, "--out", str(tmp_path / "found"), "--resamples", "50") == 0
    known = analytic.sobol_g_shares(constants)
    found = rows(tmp_path / "found" / "indices.csv")
    for index in ("S1", "ST"):  # 4096 quasi-random base samples: errors of a few thousandths
        value = [float(row["value"]) for row in found if row["index"] == index]
        assert value == pytest.approx(known[index], abs=0.03)


@pytest.mark.slow
def test_the_folder_holds_indices_and_figures_that_show_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = swept(tmp_path, "--study", str(VILLAGE), "--factor=levers", "--factor=uncertain", "--method=lhs", "--n=400",
                  "--outcome=egendekning@all", "--outcome=jobs@2024")  # fmt: skip
    out = tmp_path / "found"
    words = ("--method=regression", "--method=shapley", "--resamples=20", "--lang=en", "--out", str(out))
    assert program("sensitivity", store, *words) == 0
    told = capsys.readouterr().out
    assert "levers" in told
    assert "uncertain constants" in told
    assert "Other outcomes in the store: jobs@2024" in told
    pictures = sorted((out / "figures").iterdir())
    stems = {path.name for path in pictures}
    for name in (
        "tornado_levers",
        "tornado_uncertain",
        "regression_levers",
        "regression_time",
        "shapley_time",
        "scatter",
    ):
        assert f"egendekning_all_{name}_en.png" in stems
        assert f"egendekning_all_{name}_en_narrow.png" in stems
    for path in pictures:
        with Image.open(path) as image:
            assert np.asarray(image.convert("L")).std() > 5, f"{path.name} is empty"
    with xr.open_dataset(out / "indices.nc", group="egendekning_all/regression") as found:
        assert found["PRCC"].dims == ("factor", "time", "stat")


@pytest.mark.slow
def test_a_grid_gives_a_map(tmp_path: Path) -> None:
    model = str(MODELS / "ishigami.mdl")
    store = swept(tmp_path, "--model", model, *ISHIGAMI[:2], "--outcome=total@1", "--method=grid", "--n=7")
    out = tmp_path / "found"
    assert program("sensitivity", store, "--resamples=20", "--out", str(out)) == 0
    assert (out / "figures" / "total_1_map_nb.png").exists()


def test_all_methods_leaves_out_what_cannot_serve_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(MODELS / "ishigami.mdl")
    store = swept(tmp_path, "--model", model, *ISHIGAMI[:2], "--outcome=total@1", "--method=grid", "--n=6")
    asked = ("sensitivity", store, "--resamples=20", "--lang=en")
    assert program(*asked, "--method=all", "--out", str(tmp_path / "all")) == 0
    assert "rsa of total@1 is left out: 36 runs with numbers" in capsys.readouterr().err
    assert {row["method"] for row in rows(tmp_path / "all" / "indices.csv")} == {"regression", "shapley", "swings"}
    assert program(*asked, "--method=rsa", "--out", str(tmp_path / "one")) == 2
    assert not (tmp_path / "one").exists()


def test_few_runs_give_what_was_asked_without_a_tornado(tmp_path: Path) -> None:
    model = str(MODELS / "ishigami.mdl")
    store = swept(tmp_path, "--model", model, *ISHIGAMI, "--outcome=total@1", "--method=lhs", "--n=60")
    assert program("sensitivity", store, "--method=regression", "--out", str(tmp_path / "found")) == 0
    assert not [path for path in (tmp_path / "found" / "figures").iterdir() if "tornado" in path.name]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.zarr"], ["does not exist", "egendekning sweep --out STORE.zarr"]),
        ([str(Path(__file__))], ["is a file"]),
        ([str(VILLAGE)], ["cannot be read as a Zarr store"]),
        (["x.zarr", "--resamples", "1"], ["at least 10"]),
        (["x.zarr", "--group", "land"], ["is no group", "GROUP=NAME,NAME"]),
        (["x.zarr", "--group", "a=b", "--group", "c=b"], ["in two groups"]),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(
    words: list[str], said: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert program("sensitivity", *words, "--out", str(tmp_path / "found")) == 2
    told = capsys.readouterr().err
    assert [piece for piece in said if piece not in told] == []
    assert not (tmp_path / "found").exists()


@pytest.mark.slow
def test_every_unknown_outcome_and_method_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = swept(tmp_path, "--model", str(MODELS / "ishigami.mdl"), *ISHIGAMI, "--outcome=total@1", "--method=lhs",
                  "--n=50")  # fmt: skip
    assert program("sensitivity", store, "--outcome=totl@1", "--method=sobol", "--method=regresion") == 2
    told = capsys.readouterr().err
    assert "did you mean: total@1" in told
    assert "sobol of a sweep of method lhs" in told
    assert "did you mean: regression" in told
    assert "3 problems" in told


@pytest.mark.slow
def test_robust_writes_who_beats_whom_and_what_it_costs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "robust"
    words = ("--measure=egendekning@2030", "--draws=40", "--lang=en", "--out", str(out))
    assert program("robust", "--study", str(VILLAGE), *words) == 0
    told = capsys.readouterr().out
    assert "Kendall's tau" in told
    shares = {(r["scenario"], r["other"]): float(r["share of draws in which scenario is better"])
              for r in rows(out / "pairwise.csv")}  # fmt: skip
    assert all(shares[a, b] + shares[b, a] <= 1.0 + 1e-9 for a, b in shares)
    assert len(list((out / "figures").iterdir())) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["robust", "--draws", "3"], ["--draws", "at least 20"]),
        (["robust", "baselin"], ["did you mean: baseline"]),
        (["robust", "--measure", "egendeckning@2040"], ["did you mean: egendekning"]),
        (["discover", "full_tolbox"], ["did you mean: full_toolbox"]),
        (["discover", "--fails", "egendekning@2040"], ["is no comparison"]),
        (["discover", "--fails", "egendekning@2040 < basline"], ["did you mean: baseline"]),
        (["discover", "--seed", "-1"], ["--seed"]),
    ],
)
def test_mistakes_with_policies_are_told_before_anything_runs(
    words: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert program(*words) == 2
    told = capsys.readouterr().err
    assert [piece for piece in said if piece not in told] == []


@pytest.mark.slow
def test_discover_says_in_words_where_a_policy_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "found"
    words = ("--fails", median_statement(), "--draws=300", "--lang=en", "--out", str(out))
    assert program("discover", "baseline", "--study", str(VILLAGE), *words) == 0
    told = capsys.readouterr().out
    assert "PRIM, box 1: where " in told
    assert "of those held back" in told
    found = rows(out / "boxes.csv")
    assert {row["method"] for row in found} == {"prim", "cart"}
    assert all(float(row["density"]) >= 0.5 for row in found)
    assert (out / "figures" / "peeling_en.png").exists()


def median_statement() -> str:
    """Return a statement that is true in about half of the draws."""
    from egendekning.ensemble import bind, run_scenarios
    from egendekning.ensemble.measures import in_year
    from egendekning.study import Study

    runs = run_scenarios(bind(Study.open(VILLAGE)), ["baseline"], 100, 1, ["egendekning"])
    last = runs["egendekning"].values[0, 1:, in_year(runs, 2030)[-1]]
    return f"egendekning@2030 < {np.median(last):.6f}"
