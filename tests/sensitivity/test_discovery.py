from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from egendekning.cli import main
from egendekning.errors import UsageError
from egendekning.sensitivity.discovery import PARTS, discover, inside
from egendekning.sensitivity.failing import Failure, failing, parse_failure

pytestmark = pytest.mark.slow

NAMES = [f"x{i}" for i in range(8)]


def draws(count: int = 1500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return draws that fail, nine times in ten, where x0 is above 0.7 and x1 below 0.5; one in fifty elsewhere."""
    rng = np.random.default_rng(seed)
    table = rng.random((count, len(NAMES)))
    hit = (table[:, 0] > 0.7) & (table[:, 1] < 0.5)
    return table, rng.random(count) < np.where(hit, 0.9, 0.02)


def limits(found: Any, box: int = 1) -> dict[tuple[str, str], float]:
    chosen = found["limit"].sel(box=box)
    return {
        (str(f), str(e)): float(chosen.sel(factor=f, end=e))
        for f in found["factor"].values
        for e in found["end"].values
        if np.isfinite(chosen.sel(factor=f, end=e))
    }


def test_prim_finds_the_box_in_which_failures_lie_and_nothing_else() -> None:
    found = discover(*_arguments())
    first = limits(found)
    assert set(first) == {("x0", "low"), ("x1", "high")}
    # peeling takes 5 % of the draws at a time: edges are right within two peels
    assert first["x0", "low"] == pytest.approx(0.7, abs=0.06)
    assert first["x1", "high"] == pytest.approx(0.5, abs=0.06)
    assert (found["quasi_p"].sel(box=1).max() < 0.05).all()


def test_coverage_and_density_are_what_counting_gives_and_hold_in_the_draws_held_back() -> None:
    table, fails = draws()
    found = discover(table, NAMES, fails)
    held = found["held_back"].values
    box = found["limit"].sel(box=1).values
    order = [NAMES.index(str(f)) for f in found["factor"].values]
    for part, chosen in zip(PARTS, (~held, held), strict=True):
        within = inside(table[chosen][:, order], box)
        assert float(found["density"].sel(box=1, part=part)) == pytest.approx(fails[chosen][within].mean())
        assert float(found["coverage"].sel(box=1, part=part)) == pytest.approx(
            fails[chosen][within].sum() / fails[chosen].sum()
        )
    assert float(found["density"].sel(box=1, part="held back")) > 0.75
    assert held.mean() == pytest.approx(1 / 3, abs=0.01)  # a third of the draws, to the draw that does not divide


def test_cart_finds_the_same_corner() -> None:
    first = limits(discover(*_arguments(), method="cart"))
    # a tree cuts where one draw parts from the next, and one draw in ten and in fifty falls on the wrong side
    assert first["x0", "low"] == pytest.approx(0.7, abs=0.08)
    assert first["x1", "high"] == pytest.approx(0.5, abs=0.08)


def test_failures_that_hang_on_nothing_give_no_box_that_holds() -> None:
    rng = np.random.default_rng(3)
    table = rng.random((600, 8))
    found = discover(table, NAMES, rng.random(600) < 0.3)
    assert found.attrs["base"] == pytest.approx(0.3, abs=0.06)  # three standard errors of 600 draws
    for box in found["box"].values:
        held = float(found["density"].sel(box=box, part="held back"))
        assert held < 0.55, "the draws held back show that such a box is chance"


def test_a_box_of_chance_is_said_to_be_one_and_a_real_box_is_not() -> None:
    from egendekning.cli.discover_words import sentences

    real = discover(*_arguments())
    assert float(real["held_back_p"].sel(box=1)) < 1e-6
    assert "may be chance" not in sentences(real, "prim", "en")[0]
    flagged = boxes = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        found = discover(rng.random((300, 8)), NAMES, rng.random(300) < 0.5, "cart")
        boxes += found.sizes["box"]
        flagged += sum("may be chance" in line for line in sentences(found, "cart", "en"))
    assert flagged >= 0.8 * boxes > 8  # at least nine in ten in the long run: 24 boxes, three of one tree


def test_a_box_is_as_improbable_as_fisher_says() -> None:
    from scipy.stats import fisher_exact

    found = discover(*_arguments())
    held = found["held_back"].values
    within = inside(found["value"].values[held], found["limit"].sel(box=1).values)
    fails = found["fails"].values[held]
    table = [[(within & fails).sum(), (within & ~fails).sum()], [(~within & fails).sum(), (~within & ~fails).sum()]]
    assert float(found["held_back_p"].sel(box=1)) == pytest.approx(fisher_exact(table, "greater").pvalue)


def test_two_corners_give_two_boxes() -> None:
    rng = np.random.default_rng(1)
    table = rng.random((2000, 8))
    fails = ((table[:, 0] > 0.8) & (table[:, 1] > 0.5)) | ((table[:, 2] < 0.2) & (table[:, 3] < 0.5))
    found = discover(table, NAMES, fails)
    inputs = [{name for name, _ in limits(found, int(box))} for box in found["box"].values[:2]]
    assert {"x0", "x1"} in inputs
    assert {"x2", "x3"} in inputs


def test_the_same_seed_gives_the_same_boxes_and_the_global_generator_is_left_alone() -> None:
    np.random.seed(4)  # noqa: NPY002
    wanted = np.random.random(3)  # noqa: NPY002
    for method in ("prim", "cart"):
        np.random.seed(4)  # noqa: NPY002
        once = discover(*_arguments(), method=method, seed=2)
        assert np.random.random(3) == pytest.approx(wanted)  # noqa: NPY002
        assert once.identical(discover(*_arguments(), method=method, seed=2))


def test_the_warnings_of_the_workbench_are_not_heard_and_filters_stay_as_they_were() -> None:
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        discover(*_arguments())
    assert not heard
    assert list(warnings.filters) == before


def test_without_the_workbench_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ema_workbench.analysis.cart", None)
    with pytest.raises(UsageError, match="discover") as error:
        discover(*_arguments())
    assert "egendekning[discover]" in error.value.problems[0].fix


def test_inputs_that_do_not_vary_are_left_out() -> None:
    table, fails = draws(400)
    table[:, 5] = 1.0
    assert "x5" not in discover(table, NAMES, fails)["factor"].values


def test_numbers_that_are_not_finite_are_refused() -> None:
    table, fails = draws(400)
    table[0, 0] = np.nan
    with pytest.raises(UsageError, match="not finite"):
        discover(table, NAMES, fails)


def _arguments() -> tuple[np.ndarray, list[str], np.ndarray]:
    table, fails = draws()
    return table, NAMES, fails


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("egendekning@2040 < 1", Failure("egendekning@2040", "<", 1.0)),
        ("egendekning@2040<100 %", Failure("egendekning@2040", "<", 1.0)),
        ("net operating result@2030 <= -50,5", Failure("net operating result@2030", "<=", -50.5)),
        ("social costs@2040 > baseline", Failure("social costs@2040", ">", None, "baseline")),
    ],
)
def test_a_failure_is_read_as_it_is_written(text: str, wanted: Failure) -> None:
    assert parse_failure(text, ["baseline"]) == wanted


@pytest.mark.parametrize("text", ["egendekning@2040", "egendekning@2040 < 1 < 2", "< 1", "egendekning@2040 <"])
def test_what_is_no_comparison_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is no comparison") as error:
        parse_failure(text, ["baseline"])
    assert "egendekning@2040 < 1" in error.value.problems[0].fix


def test_an_unknown_scenario_on_the_right_gets_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown 'baselin'") as error:
        parse_failure("egendekning@2040 < baselin", ["baseline"])
    assert error.value.problems[0].nearest == "baseline"


def runs(values: np.ndarray) -> xr.Dataset:
    times = np.arange(2039.125, 2041.0, 0.25)
    data = np.repeat(values[:, :, None], len(times), axis=2)
    coords = {"scenario": ["baseline", "policy"], "draw": np.arange(values.shape[1]), "time": times}
    return xr.Dataset({"egendekning": (("scenario", "draw", "time"), data, {"unit": "Dmnl"})}, coords)


def test_a_policy_fails_in_the_draws_in_which_the_statement_is_true() -> None:
    own = np.linspace(0.9, 1.1, 101)
    dataset = runs(np.stack([np.full(101, 0.95), own]))
    assert failing(dataset, "policy", Failure("egendekning@2040", "<", 1.0)).sum() == 49  # draws 1 to 49; 0 is apart
    worse = failing(dataset, "policy", Failure("egendekning@2040", "<", None, "baseline"))
    assert worse.sum() == (own[1:] < 0.95).sum()


def test_a_policy_that_never_fails_is_refused_with_the_count() -> None:
    dataset = runs(np.ones((2, 101)))
    with pytest.raises(UsageError, match="fails in 0 of 100 draws"):
        failing(dataset, "policy", Failure("egendekning@2040", "<", 0.5))


@pytest.mark.parametrize(("words", "said"), [(["--method", "primm"], "did you mean: prim?"), ([], "pip install")])
def test_what_no_draw_is_needed_to_find_out_is_told_before_any_is_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str], said: str
) -> None:
    village = Path(__file__).parents[1] / "ensemble" / "fixtures" / "village"
    monkeypatch.setattr("egendekning.cli.policies.run_policies", lambda *_: pytest.fail("draws were run"))
    if not words:
        monkeypatch.setitem(sys.modules, "ema_workbench.analysis.prim", None)
    common = ["--study", str(village), "discover", "land", "--fails", "jobs@2040 < 900", "--out", str(tmp_path / "o")]
    assert main([*common, *words]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
