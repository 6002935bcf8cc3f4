"""Sweeps in their stores: right numbers, the same bytes however they were run, and nothing lost, doubled or touched."""

from __future__ import annotations

import errno
import math
import os
import shutil
from collections import namedtuple
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

from egendekning.engine import Model
from egendekning.ensemble import Bound, bind, run_scenarios
from egendekning.ensemble.blockstore import Store
from egendekning.ensemble.place import guarded, opened
from egendekning.errors import OutputError, UsageError
from egendekning.sensitivity.block import Runner
from egendekning.sensitivity.design import Sampling
from egendekning.sensitivity.prepare import prepare
from egendekning.sensitivity.runner import run_sweep
from egendekning.study import Study

CUBE = [f"x{i}={-math.pi}:{math.pi}" for i in (1, 2, 3)]


def contents(store: Path) -> dict[str, bytes]:
    """Return every file of a store."""
    return {str(p.relative_to(store)): p.read_bytes() for p in store.rglob("*") if p.is_file()}


def cube(ishigami: Model, n: int = 128, chunk: int = 96, words: Sequence[str] = ("y", "total@all")) -> Runner:
    """Return a sweep of 5 n runs."""
    return prepare(ishigami, CUBE, words, Sampling("sobol", n), chunk=chunk)


def test_a_model_that_nobody_ties_to_drammen_gives_the_moments_in_the_books(ishigami: Model, tmp_path: Path) -> None:
    runner = prepare(ishigami, CUBE, ["y"], Sampling("lhs", 20_000))
    run_sweep(runner, str(tmp_path / "i.zarr"))
    y = xr.open_zarr(tmp_path / "i.zarr")["y"].values
    assert y.mean() == pytest.approx(3.5, abs=0.05)  # a/2
    variance = 7**2 / 8 + 0.1 * math.pi**4 / 5 + 0.1**2 * math.pi**8 / 18 + 0.5
    assert y.var() == pytest.approx(variance, rel=0.03)


def test_elements_of_a_subscripted_constant_are_factors(sobol_g: Model, tmp_path: Path) -> None:
    run_sweep(prepare(sobol_g, [f"x[i{i}]=0:1" for i in range(1, 9)], ["g"], Sampling("lhs", 300)), str(tmp_path / "g"))
    found = xr.open_zarr(tmp_path / "g").load()
    a = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])
    expected = np.prod((np.abs(4 * found["design"].values - 2) + a) / (1 + a), axis=1)
    np.testing.assert_allclose(found["g"].values, expected, rtol=1e-12)


def test_a_store_says_all_that_its_readers_need(village: Bound, tmp_path: Path) -> None:
    words = ["jobs@2030", "egendekning@all"]
    runner = prepare(village, ["land", "yield of land"], words, Sampling("sobol", 8, 3), scenario="growth")
    run_sweep(runner, str(tmp_path / "v.zarr"))
    found = xr.open_zarr(tmp_path / "v.zarr")
    assert found["design"].dims == ("run", "factor")
    assert found["factor"].values.tolist() == ["land", "yield of land"]
    assert found["jobs@2030"].dims == ("run",)
    assert found["egendekning@all"].dims == ("run", "time")
    assert found["time"].values[[0, -1]].tolist() == [2019.875, 2040.875]
    assert found["jobs@2030"].attrs["unit"] == "person"
    assert {"label_nb", "label_en"} <= set(found["jobs@2030"].attrs)
    assert found["done"].values.tolist() == [1]
    told = found.attrs
    assert told["problem"]["bounds"] == [[0, 20], [1, 5]]
    assert told["kinds"] == {"land": "lever", "yield of land": "constant"}
    assert (told["method"], told["n"], told["seed"], told["runs"], told["scenario"]) == ("sobol", 8, 3, 32, "growth")
    assert told["model_hash"] == village.model.hash
    assert told["study_hash"] == village.study.hash
    assert told["precedence"].endswith("< factors")


def test_a_factor_stands_above_the_scenario(village: Bound, tmp_path: Path) -> None:
    runner = prepare(village, ["land"], ["jobs@2030"], Sampling("grid", 3), scenario="land")
    run_sweep(runner, str(tmp_path / "v"))
    jobs = xr.open_zarr(tmp_path / "v")["jobs@2030"].values
    # 900 + 5 a year for 11.875 years, and 0, 10 or 20 daa a year of 3 jobs each from 2024
    np.testing.assert_allclose(jobs, 959.375 + np.array([0, 10, 20]) * 3 * 6.875)


def test_shares_that_are_varied_still_sum_to_one(village: Bound, tmp_path: Path) -> None:
    run_sweep(prepare(village, ["class share"], ["jobs@2019"], Sampling("lhs", 20)), str(tmp_path / "v"))
    np.testing.assert_allclose(xr.open_zarr(tmp_path / "v")["jobs@2019"].values, 904.375, rtol=1e-12)


def test_draws_are_those_of_a_comparison_with_the_same_seed(village: Bound, tmp_path: Path) -> None:
    run_sweep(prepare(village, [], ["jobs@2030"], Sampling("draws", 40, 7), scenario="land"), str(tmp_path / "d"))
    found = xr.open_zarr(tmp_path / "d")
    runs = run_scenarios(village, ["land"], 40, 7, ["jobs"], [2030.875])
    np.testing.assert_array_equal(found["jobs@2030"].values, runs["jobs"].values[0, 1:, 0])
    assert found["factor"].values.tolist() == [
        "class share[trade]", "class share[public]", "base new jobs", "yield of land",
    ]  # fmt: skip
    assert np.isfinite(found["design"].values).all()


def test_draws_beside_levers_fill_one_design(village: Bound, tmp_path: Path) -> None:
    run_sweep(prepare(village, ["land"], ["jobs@2030"], Sampling("draws", 300), chunk=128), str(tmp_path / "d"))
    found = xr.open_zarr(tmp_path / "d").load()
    land, base, yields = (found["design"].sel(factor=n).values for n in ("land", "base new jobs", "yield of land"))
    np.testing.assert_allclose(found["jobs@2030"].values, 900 + base * 11.875 + land * yields * 8.875, rtol=1e-9)
    assert len(np.unique(base)) == 300  # blocks have draws of their own


def test_bytes_do_not_depend_on_threads(ishigami: Model, tmp_path: Path) -> None:
    for threads in (1, 3):
        run_sweep(cube(ishigami), str(tmp_path / f"{threads}"), threads=threads)
    assert contents(tmp_path / "1") == contents(tmp_path / "3")


def test_numbers_do_not_depend_on_the_size_of_blocks(ishigami: Model, tmp_path: Path) -> None:
    for chunk in (37, 639, 4096):  # 640 runs: the second leaves a block of one run
        run_sweep(cube(ishigami, chunk=chunk), str(tmp_path / f"{chunk}"))
    one, *others = (xr.open_zarr(tmp_path / name).load() for name in ("37", "639", "4096"))
    for other in others:
        xr.testing.assert_identical(
            one[["y", "total@all", "design"]].drop_attrs(), other[["y", "total@all", "design"]].drop_attrs()
        )


def test_results_in_pieces_are_the_results(ishigami: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_sweep(cube(ishigami, chunk=4096), str(tmp_path / "whole"))
    monkeypatch.setattr("egendekning.sensitivity.block._PIECE", 1)
    run_sweep(cube(ishigami, chunk=4096), str(tmp_path / "pieces"))
    assert contents(tmp_path / "whole") == contents(tmp_path / "pieces")


def test_an_interrupted_sweep_resumes_to_the_same_bytes(ishigami: Model, tmp_path: Path) -> None:
    run_sweep(cube(ishigami), str(tmp_path / "whole"))

    def interrupt(done: int, total: int) -> None:
        if done > 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_sweep(cube(ishigami), str(tmp_path / "part"), threads=1, progress=interrupt)
    flags = xr.open_zarr(tmp_path / "part")["done"].values
    assert 0 < flags.sum() < len(flags)
    told: list[tuple[int, int]] = []
    done = run_sweep(cube(ishigami), str(tmp_path / "part"), resume=True, progress=lambda d, n: told.append((d, n)))
    assert done.before == flags.sum() * 96
    assert told[0] == (done.before, 640)
    assert told[-1] == (640, 640)
    assert contents(tmp_path / "whole") == contents(tmp_path / "part")


def test_data_without_a_flag_are_written_again(ishigami: Model, tmp_path: Path) -> None:
    for name in ("whole", "part"):
        run_sweep(cube(ishigami), str(tmp_path / name))
    group = zarr.open_group(tmp_path / "part", mode="r+", use_consolidated=False)
    group["done"][2:4] = 0  # type: ignore[index]
    group["y"][200:300] = 1e9  # type: ignore[index]  # what a process that was killed may leave
    assert run_sweep(cube(ishigami), str(tmp_path / "part"), resume=True).before == 640 - 2 * 96
    assert contents(tmp_path / "whole") == contents(tmp_path / "part")


def test_a_finished_sweep_is_resumed_at_once_and_not_begun_again(ishigami: Model, tmp_path: Path) -> None:
    run_sweep(cube(ishigami), str(tmp_path / "s"))
    before = contents(tmp_path / "s")
    with pytest.raises(OutputError, match="holds this sweep already"):
        run_sweep(cube(ishigami), str(tmp_path / "s"))
    assert run_sweep(cube(ishigami), str(tmp_path / "s"), resume=True).before == 640
    assert contents(tmp_path / "s") == before


@pytest.mark.parametrize("resume", [True, False])
def test_a_store_of_another_sweep_is_not_touched(ishigami: Model, tmp_path: Path, resume: bool) -> None:
    run_sweep(cube(ishigami), str(tmp_path / "s"))
    before = contents(tmp_path / "s")
    with pytest.raises(OutputError, match="another sweep") as failure:
        run_sweep(cube(ishigami, 64), str(tmp_path / "s"), resume=resume)
    assert "n 128, not 64" in str(failure.value)
    assert contents(tmp_path / "s") == before


def test_other_peoples_folders_are_not_touched(ishigami: Model, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear", encoding="utf-8")
    (tmp_path / "file").write_text("dear", encoding="utf-8")
    zarr.create_group(tmp_path / "group")
    before = contents(tmp_path)
    for name in ("mine", "file", "group"):
        with pytest.raises(OutputError):
            run_sweep(cube(ishigami), str(tmp_path / name), resume=True)
    assert contents(tmp_path) == before


def test_a_disk_that_is_too_small_is_found_out_before_anything_is_written(
    ishigami: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10_000, 0, 10_000))
    with pytest.raises(OutputError, match="the disk has"):
        run_sweep(cube(ishigami), str(tmp_path / "s"))
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_leaves_a_store_that_resumes(
    ishigami: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_sweep(cube(ishigami), str(tmp_path / "whole"))
    write = Store.write

    def full(self: Any, block: int, arrays: Any) -> None:
        if block > 2:
            error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            guarded(self.where, self.words, lambda: (_ for _ in ()).throw(error))
        write(self, block, arrays)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", full)
        with pytest.raises(OutputError, match="the disk is full") as failure:
            run_sweep(cube(ishigami), str(tmp_path / "part"), threads=1)
    assert "--resume goes on" in failure.value.left
    run_sweep(cube(ishigami), str(tmp_path / "part"), resume=True)
    assert contents(tmp_path / "whole") == contents(tmp_path / "part")


def test_a_folder_that_cannot_be_written_is_told(ishigami: Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be"):
        run_sweep(cube(ishigami), str(tmp_path / "file" / "s.zarr"))


def test_a_store_may_lie_behind_a_url(ishigami: Model, tmp_path: Path) -> None:
    run_sweep(cube(ishigami), str(tmp_path / "s"))
    where = "memory://test-sweep/s.zarr"
    run_sweep(cube(ishigami), where)
    behind = xr.open_zarr(opened(where, read_only=True)).load()
    xr.testing.assert_identical(xr.open_zarr(tmp_path / "s").load(), behind)
    with pytest.raises(OutputError, match="holds this sweep already"):
        run_sweep(cube(ishigami), where)
    with pytest.raises(OutputError, match="another sweep"):
        run_sweep(cube(ishigami, 64), where, resume=True)


def test_other_peoples_files_behind_a_url_are_not_touched(ishigami: Model) -> None:
    import fsspec

    files = fsspec.filesystem("memory")
    files.pipe("/test-others/deep/er/diary.txt", b"dear")
    for where in ("memory://test-others/deep", "memory://test-others"):
        with pytest.raises(OutputError, match="no Zarr store"):
            run_sweep(cube(ishigami), where)
    assert files.find("/test-others") == ["/test-others/deep/er/diary.txt"]


def test_runs_that_are_not_finite_are_kept_and_counted(ishigami: Model, tmp_path: Path) -> None:
    runner = prepare(ishigami, ["length=0:1"], ["total"], Sampling("grid", 3))
    done = run_sweep(runner, str(tmp_path / "s"))
    assert done.not_finite == 1  # a length of 0 years
    assert np.isfinite(xr.open_zarr(tmp_path / "s")["total"].values).tolist() == [False, True, True]


def test_every_mistake_of_a_sweep_is_told_at_once(village: Bound) -> None:
    with pytest.raises(UsageError) as failure:
        prepare(village, ["lnd"], ["jbs@2030"], Sampling("sobol", 100), scenario="lnad", rate=4.0, chunk=0)
    said = str(failure.value)
    for text in (
        "did you mean: land?",
        "did you mean: jobs?",
        "power of two",
        "unknown scenario",
        "as 0.04",
        "--chunk",
    ):
        assert text in said
    assert len(failure.value.problems) == 6


def test_a_shock_that_is_varied_cannot_measure_resilience() -> None:
    shipped = bind(Study.shipped())
    with pytest.raises(UsageError, match="standard_shock is varied"):
        prepare(shipped, ["drivers"], ["resilience lost"], Sampling("lhs", 10))
    assert prepare(shipped, ["levers"], ["resilience lost"], Sampling("lhs", 10)).needs.keys() == {"main", "shocked"}


def test_a_design_that_does_not_fit_in_memory_is_refused(village: Bound) -> None:
    with pytest.raises(UsageError, match="GiB for the design alone"):
        prepare(village, ["land", "migration"], ["jobs@2030"], Sampling("grid", 200_000))


def test_a_model_alone_has_no_posterior(ishigami: Model) -> None:
    with pytest.raises(UsageError, match="no posterior"):
        prepare(ishigami, [], ["y"], Sampling("draws", 10))
