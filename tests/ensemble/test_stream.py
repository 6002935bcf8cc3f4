"""Streams of draws: the Dataset of a simulation on disk, the same bytes however they were run, and nothing lost."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
import zarr

from egendekning.engine import Model, load
from egendekning.ensemble import open_stream, stream
from egendekning.ensemble.blockstore import Store
from egendekning.ensemble.place import guarded
from egendekning.errors import OutputError, SimulationError, UsageError

LAKE = """{UTF-8}
zone: shallow, deep ~ ~ |
inflow = 3 ~ kg/year ~ What the river brings. |
half life[zone] = 2, 9 ~ year ~ |
taken up( (0,1), (50,0.5), (100,0) ) ~ Dmnl ~ |
luck = RANDOM UNIFORM(0, 1, 3) ~ Dmnl ~ |
load[zone] = INTEG(inflow * taken up(load[zone]) + luck - load[zone] / half life[zone], 10) ~ kg ~ What lies there. |
ratio = inflow / (limit - Time) ~ Dmnl ~ |
limit = 100 ~ Dmnl ~ |
seen = IF THEN ELSE(Time > 2, :NA:, inflow) ~ kg/year ~ |
"a/b" = inflow * 2 ~ kg/year ~ |
INITIAL TIME = 0 ~ year ~ |
FINAL TIME = 4 ~ year ~ |
TIME STEP = 0.25 ~ year ~ |
SAVEPER = 1 ~ year ~ |
"""
OUTPUTS = ["load", "seen", "ratio", "inflow"]
DRAWS = 700


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EGENDEKNING_CACHE", str(tmp_path_factory.mktemp("cache")))
        path = tmp_path_factory.mktemp("lake") / "lake.mdl"
        path.write_text(LAKE, encoding="utf-8")
        yield load(path)


def drawn(draws: range = range(DRAWS)) -> dict[str, Any]:
    """Return parameters of some draws, each from its own number alone."""
    at = np.arange(draws.start, draws.stop)
    lives = xr.DataArray(np.stack([1 + at % 7, 2 + at % 5], axis=1) / 1.0, dims=("draw", "zone"))
    table = xr.DataArray(np.stack([np.ones(len(at)), 0.5 + at / 2000, at * 0.0], axis=1), dims=("draw", "point"))
    series = xr.DataArray(np.stack([at * 0.01, at * 0.02], axis=1), {"time": [0.0, 4.0]}, ("draw", "time"))
    return {"half life": lives, "taken up": table, "inflow": series}


def starts(draws: range = range(DRAWS)) -> dict[str, Any]:
    """Return initial values of some draws."""
    return {"load": np.arange(draws.start, draws.stop) / 10.0}


def contents(store: Path) -> dict[str, bytes]:
    """Return every file of a store."""
    return {str(p.relative_to(store)): p.read_bytes() for p in store.rglob("*") if p.is_file()}


def run(lake: Model, store: Path, **options: Any) -> xr.Dataset:
    """Stream the standard draws."""
    chosen = {"initial_values": starts(), "chunk": 128, "seed": 5, **options}
    return stream(lake, chosen.pop("parameters", drawn()), OUTPUTS, str(store), **chosen)


@pytest.fixture(scope="module")
def whole(lake: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the standard store, finished."""
    path: Path = tmp_path_factory.mktemp("whole") / "s.zarr"
    run(lake, path)
    return path


def test_a_store_opens_as_the_dataset_of_a_simulation(lake: Model, whole: Path) -> None:
    straight = lake.simulate(drawn(), starts(), OUTPUTS, seed=5)
    behind = xr.open_zarr(whole, chunks=None).load()
    xr.testing.assert_identical(behind.drop_attrs(deep=False).drop_vars("finite"), straight.drop_attrs(deep=False))
    assert behind["load"].dims == ("draw", "time", "zone")
    assert behind["finite"].values.all()
    assert list(open_stream(str(whole)).data_vars) == OUTPUTS
    told = behind.attrs
    assert (told["model_hash"], told["seed"], told["draws"], told["complete"]) == (lake.hash, 5, DRAWS, 1)
    assert told["non_finite"] == ""


def test_what_was_drawn_lies_beside_the_results(whole: Path) -> None:
    kept = xr.open_zarr(whole, group="parameters", chunks=None).load()
    lives = kept["half life"]
    assert (lives.dims, lives["zone"].values.tolist()) == (("draw", "zone"), ["shallow", "deep"])
    np.testing.assert_array_equal(lives, drawn()["half life"])
    np.testing.assert_array_equal(kept["taken up"], drawn()["taken up"])
    np.testing.assert_array_equal(kept["inflow"], drawn()["inflow"])
    assert kept["inflow time"].values.tolist() == [0, 4]
    np.testing.assert_array_equal(kept["load"][:, 0], starts()["load"])


@pytest.mark.parametrize("threads", [1, 3])
def test_no_byte_depends_on_threads_or_on_where_parameters_come_from(
    lake: Model, whole: Path, tmp_path: Path, threads: int
) -> None:
    run(lake, tmp_path / "f", parameters=drawn, initial_values=starts, draws=DRAWS, threads=threads)
    assert contents(tmp_path / "f") == contents(whole)
    cuts = [0, 1, 300, 301, DRAWS]
    pieces = (drawn(range(a, b)) for a, b in itertools.pairwise(cuts))
    run(lake, tmp_path / "g", parameters=pieces, draws=DRAWS, threads=threads)
    assert contents(tmp_path / "g") == contents(whole)


@pytest.mark.parametrize("chunk", [50, 233, 699, 5000])  # blocks of one draw at the end, and one block
def test_no_number_depends_on_the_size_of_blocks(lake: Model, whole: Path, tmp_path: Path, chunk: int) -> None:
    other = run(lake, tmp_path / "s", chunk=chunk).load()
    xr.testing.assert_identical(other.drop_attrs(deep=False), open_stream(str(whole)).load().drop_attrs(deep=False))


def test_an_interrupted_stream_goes_on_to_the_same_bytes(lake: Model, whole: Path, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        if done > 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(lake, tmp_path / "s", progress=interrupt, threads=1)
    half = xr.open_zarr(tmp_path / "s", chunks=None)
    assert 0 < half["finite"].sum() < DRAWS, "draws that are not run yet are not marked as sound"
    assert half.attrs["complete"] == 0
    told: list[tuple[int, int]] = []
    run(lake, tmp_path / "s", progress=lambda d, n: told.append((d, n)))
    assert told[0] == (int(half["finite"].sum()), DRAWS)
    assert told[-1] == (DRAWS, DRAWS)
    assert contents(tmp_path / "s") == contents(whole)


def test_a_finished_stream_is_not_run_again(lake: Model, whole: Path) -> None:
    before = contents(whole)
    told: list[tuple[int, int]] = []
    run(lake, whole, progress=lambda d, n: told.append((d, n)))
    assert told == [(DRAWS, DRAWS)]
    assert contents(whole) == before


def test_a_disk_that_fills_up_leaves_a_store_that_goes_on(
    lake: Model, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Store.write

    def full(self: Any, block: int, arrays: Any) -> None:
        if block > 2:
            error = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            guarded(self.where, self.words, lambda: (_ for _ in ()).throw(error))
        write(self, block, arrays)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", full)
        with pytest.raises(OutputError, match="the disk is full") as failure:
            run(lake, tmp_path / "s", threads=1)
    assert "make the same call again" in str(failure.value)
    run(lake, tmp_path / "s")
    assert contents(tmp_path / "s") == contents(whole)


@pytest.mark.parametrize("name", ["load/c/2/0/0", "finite/c/0", "parameters/half life/c/3/0"])
def test_a_chunk_that_was_lost_is_run_again(lake: Model, whole: Path, tmp_path: Path, name: str) -> None:
    run(lake, tmp_path / "s")
    (tmp_path / "s" / name).unlink()
    run(lake, tmp_path / "s")
    assert contents(tmp_path / "s") == contents(whole)


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {folder!r})
import test_stream
from egendekning.engine import load
test_stream.run(load({model!r}), Path({store!r}), chunk=16, threads=2, progress=lambda d, n: print(d, flush=True))
"""


@pytest.mark.slow
def test_a_stream_that_is_killed_again_and_again_loses_and_doubles_nothing(lake: Model, tmp_path: Path) -> None:
    run(lake, tmp_path / "whole", chunk=16)
    code = KILLED.format(folder=str(Path(__file__).parent), model=str(lake.path), store=str(tmp_path / "s"))
    chance, before = np.random.default_rng(1), [0]
    for wait in (*chance.uniform(0.0, 0.25, 4), None):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            before.append(int(process.stdout.readline()))  # draws that it finds
            process.stdout.readline()  # it has begun to write
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(wait)
            process.kill()  # SIGKILL, in the middle of a write
    assert process.returncode == 0, "the last was left to end"
    assert before == sorted(before), "what was done stays done"
    assert 0 < before[-1] < DRAWS, "the kills came while it wrote"
    left, wanted = contents(tmp_path / "s"), contents(tmp_path / "whole")
    assert left == wanted


def test_draws_that_are_not_finite_are_marked_and_told_as_in_a_simulation(lake: Model, tmp_path: Path) -> None:
    limits = np.full(DRAWS, 50.0)
    limits[[200, 333, 690]] = 3.25, 1.5, 4.0  # ratio divides by limit - Time; 3.25 and 1.5 lie between saving times
    limits[650] = 2.0
    straight = lake.simulate({"limit": limits}, outputs=["ratio", "load"], seed=5)
    found = stream(lake, {"limit": limits}, ["ratio", "load"], str(tmp_path / "s"), chunk=128, seed=5)
    assert np.flatnonzero(~found["finite"].values).tolist() == [650, 690]
    np.testing.assert_array_equal(found["finite"], straight["finite"])
    for name in ("non_finite", "first_non_finite"):
        assert found.attrs[name] == straight.attrs[name]
    assert json.loads(found.attrs["first_non_finite"])["parameters"] == {"limit": 2.0}
    with pytest.raises(SimulationError, match="ratio is inf at time 2, draw 650"):
        stream(lake, {"limit": limits}, ["ratio"], str(tmp_path / "t"), chunk=128, on_error="raise", threads=1)


def test_other_parameters_do_not_mix_into_a_store(lake: Model, whole: Path) -> None:
    before = contents(whole)
    for changed, said in (
        ({"parameters": {**drawn(), "limit": 60.0}}, "another: given"),
        ({"parameters": {**drawn(), "limit": np.ones(DRAWS)}}, "another: parameters"),
        ({"seed": 6}, "another: seed"),
        ({"time": {"final": 3.0}}, "another: times"),
        ({"method": "rk4"}, "another: method"),
        ({"initial_values": {"load": np.arange(DRAWS) / 10.0 + (np.arange(DRAWS) == 450)}}, "another 'load'"),
        ({"initial_values": None, "start": lake.state(0.0, seed=5)}, "another: parameters"),
    ):
        with pytest.raises(OutputError, match=said) as failure:
            run(lake, whole, **changed)
        assert failure.value.problems[0].fix
    assert contents(whole) == before


def test_other_peoples_files_are_not_touched(lake: Model, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear", encoding="utf-8")
    zarr.create_group(tmp_path / "group")
    before = contents(tmp_path)
    for name in ("mine", "group", "mine/diary.txt/s.zarr"):
        with pytest.raises(OutputError):
            run(lake, tmp_path / name)
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"parameters": lambda draws: drawn(draws), "initial_values": None}, "nothing says how many"),
        ({"draws": 5}, "5"),
        ({"draws": 0, "parameters": None, "initial_values": None}, "draws"),
        ({"draws": "many", "parameters": None, "initial_values": None}, "draws"),
        ({"chunk": 0}, "chunk"),
        ({"chunk": 2.5}, "chunk"),
        ({"threads": -1}, "threads"),
        ({"on_error": "skip"}, "on_error"),
        ({"treads": 2}, "did you mean: threads"),
        ({"seed": 1.5}, "seed"),
        ({"parameters": 7}, "a int"),
        ({"parameters": iter([drawn(range(300))])}, "the iterator ends after 300 draws"),
        ({"parameters": iter([3]), "draws": DRAWS}, "a piece of type int"),
        ({"parameters": iter([{"inflow": 3.0}]), "draws": DRAWS}, "nothing varies"),
        ({"parameters": lambda draws: {"inflow": np.ones(3)}, "draws": DRAWS}, "3 draws"),
        ({"parameters": lambda draws: {"inflw": np.ones(len(draws))}, "draws": DRAWS}, "did you mean: inflow"),
        ({"parameters": lambda draws: {"inflow": float(draws.start)}, "draws": DRAWS}, "has another value"),
        (
            {"parameters": lambda d: {"limit" if d.start else "inflow": np.ones(len(d))}, "draws": DRAWS},
            "not given as in the first block",
        ),
        ({"parameters": lambda draws: 1 / 0, "draws": DRAWS}, None),
    ],
)
def test_a_stream_that_makes_no_sense_is_told(lake: Model, tmp_path: Path, changed: Any, said: str | None) -> None:
    expected = (SimulationError, UsageError) if said else ZeroDivisionError  # what the caller's own function raises
    with pytest.raises(expected, match=said):
        run(lake, tmp_path / "s", **changed)


def test_a_stream_may_be_of_chance_alone_and_a_part_of_another(lake: Model, tmp_path: Path) -> None:
    alone = stream(lake, None, ["luck"], str(tmp_path / "a"), draws=300, seed=2, chunk=100)
    np.testing.assert_array_equal(alone["luck"], lake.simulate(outputs=["luck"], draws=300, seed=2)["luck"])
    part = stream(lake, None, ["luck"], str(tmp_path / "b"), draws=50, seed=2, first_draw=120)
    np.testing.assert_array_equal(part["luck"], alone["luck"][120:170])
    assert part["draw"].values[0] == 120


def test_a_store_may_lie_behind_a_url_and_draws_in_a_table(lake: Model, tmp_path: Path) -> None:
    limits = np.linspace(10.0, 20.0, 300)
    plain = stream(lake, {"limit": limits}, ["ratio"], str(tmp_path / "s"), chunk=100)
    for _ in range(2):  # the second goes on with what is done
        behind = stream(lake, pd.DataFrame({"limit": limits}), "ratio", "memory://lake/s.zarr", chunk=100)  # type: ignore[arg-type]
        xr.testing.assert_identical(behind.load(), plain.load())


def test_a_stream_of_one_draw_is_a_run(lake: Model, tmp_path: Path) -> None:
    one = stream(lake, {"limit": [7.0]}, ["ratio"], str(tmp_path / "a"))
    np.testing.assert_array_equal(one["ratio"], lake.simulate({"limit": [7.0]}, outputs=["ratio"])["ratio"])


def test_a_stream_goes_on_from_a_state_of_every_draw(lake: Model, tmp_path: Path) -> None:
    given = {"limit": np.linspace(10, 20, 300)}
    state = lake.state(2.0, given, starts(range(300)), seed=4)
    found = stream(lake, given, ["load"], str(tmp_path / "a"), start=state, seed=4, chunk=128)
    straight = lake.simulate(given, starts(range(300)), ["load"], seed=4)
    np.testing.assert_allclose(found["load"], straight["load"].sel(time=[2, 3, 4]), rtol=1e-12)  # as a state promises


def test_names_that_cannot_be_files_are_spelled_otherwise(lake: Model, tmp_path: Path) -> None:
    found = stream(lake, {"inflow": np.array([1.0, 2.0])}, ["a/b"], str(tmp_path / "a"))
    assert found["a per b"].values[:, 0].tolist() == [2, 4]


def test_a_grid_or_start_that_differs_alone_is_another_stream(lake: Model, tmp_path: Path) -> None:
    grid = {"saving": [0.0, 1.0], "final": 2.0}
    stream(lake, {"limit": [7.0, 8.0]}, ["ratio"], str(tmp_path / "s"), time=grid)
    with pytest.raises(OutputError, match="the time grid"):  # an equation may read FINAL TIME
        stream(lake, {"limit": [7.0, 8.0]}, ["ratio"], str(tmp_path / "s"), time={**grid, "final": 3.0})
    with pytest.raises(OutputError, match="the start"):
        stream(lake, {"limit": [7.0, 8.0]}, ["ratio"], str(tmp_path / "s"), time=grid, start=lake.state(0.0))


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([{"inflow": np.ones(2), "limit": 7.0}, {"inflow": np.ones(2), "limit": 8.0}], "limit is not given as in the"),
        ([{"inflow": np.ones(2), "limit": np.ones(1)}], "of 1 and of 2 draws"),
        ([{"inflow": np.ones(2)}, {"inflow": np.ones(2), "limit": np.ones(2)}], "limit is not given as in the"),
    ],
)
def test_pieces_that_do_not_belong_together_are_told(lake: Model, tmp_path: Path, pieces: Any, said: str) -> None:
    with pytest.raises(SimulationError, match=said) as failure:
        stream(lake, iter(pieces), ["ratio"], str(tmp_path / "s"), draws=4)
    assert failure.value.problems[0].fix
