"""Stores that were cut short, copied in part or edited by hand: no sweep goes on with them, no index comes of them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
import zarr

from egendekning.engine import Model
from egendekning.errors import OutputError, UsageError
from egendekning.sensitivity.block import Runner
from egendekning.sensitivity.design import Sampling
from egendekning.sensitivity.indices import indices
from egendekning.sensitivity.prepare import prepare
from egendekning.sensitivity.runner import run_sweep

Damage = Callable[[Path], object]


@pytest.fixture(scope="module")
def runner(ishigami: Model) -> Runner:
    """Return a sweep of 40 runs in four blocks."""
    return prepare(ishigami, ["x1=-3:3", "x2=-3:3"], ["y", "total@all"], Sampling("lhs", 40), chunk=10)


@pytest.fixture(scope="module")
def whole(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return its store, finished."""
    path = tmp_path_factory.mktemp("whole") / "s.zarr"
    run_sweep(runner, str(path))
    return path


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of it that may be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "s.zarr"))


def contents(store: Path) -> dict[str, bytes]:
    """Return every file of a store."""
    return {str(p.relative_to(store)): p.read_bytes() for p in store.rglob("*") if p.is_file()}


def opened(store: Path) -> Any:
    """Open a store to damage it."""
    return zarr.open_group(str(store), mode="r+", use_consolidated=False)


def replaced(store: Path, name: str, values: np.ndarray) -> None:
    """Put another array in the place of one."""
    shutil.rmtree(store / name)
    opened(store).create_array(name, data=values)


def cut(path: Path) -> None:
    """Keep the first bytes of a file."""
    path.write_bytes(path.read_bytes()[:5])


def unflagged(store: Path) -> None:
    """Take a flag away, so that there is something to resume."""
    opened(store)["done"][1] = 0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda s: shutil.rmtree(s / "done"), "'done' is missing"),
        (lambda s: (s / "done" / "zarr.json").unlink(), "'done' is missing"),
        (lambda s: (s / "done" / "zarr.json").write_text("[]"), "'done' cannot be read"),
        (lambda s: replaced(s, "done", np.ones(2, "u1")), "'done' has the shape"),
        (lambda s: replaced(s, "done", np.ones(4)), "'done' holds float64, not uint8"),
        (lambda s: shutil.rmtree(s / "design"), "'design' is missing"),
        (lambda s: shutil.rmtree(s / "factor"), "'factor' is missing"),
        (lambda s: shutil.rmtree(s / "time"), "'time' is missing"),
        (lambda s: shutil.rmtree(s / "y"), "'y' is missing"),
        (lambda s: replaced(s, "y", np.ones(7)), "'y' has the shape"),
        (lambda s: replaced(s, "y", np.ones(40, "i4")), "'y' holds int32, not float64"),
        (lambda s: cut(s / "design" / "c" / "1" / "0"), "'design' cannot be read"),
        (lambda s: (s / "design" / "c" / "1" / "0").unlink(), "the design of run 10 to 19 holds no numbers"),
    ],
)
def test_a_sweep_does_not_go_on_with_a_damaged_store(store: Path, runner: Runner, damage: Damage, said: str) -> None:
    unflagged(store)
    damage(store)
    before = contents(store)
    with pytest.raises(OutputError, match="the store is damaged") as failure:
        run_sweep(runner, str(store), resume=True, threads=1)
    assert said in str(failure.value)
    assert "fix: sweep again into a new --out" in str(failure.value)
    assert contents(store) == before


def test_a_flag_without_results_is_not_believed(store: Path, runner: Runner, whole: Path) -> None:
    for name in ("y/c/2", "total@all/c/2"):
        path = store / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert run_sweep(runner, str(store), resume=True).before == 30
    assert contents(store) == contents(whole)


@pytest.mark.parametrize("name", ["y/c/2", "total@all/c/2/0", "design/c/2/0"])
def test_one_chunk_that_was_lost_is_told_or_run_again(store: Path, runner: Runner, whole: Path, name: str) -> None:
    (store / name).unlink()
    if name.startswith("design"):
        with pytest.raises(OutputError, match="the design of run 20 to 29 holds no numbers"):
            run_sweep(runner, str(store), resume=True)
        return
    assert run_sweep(runner, str(store), resume=True).before == 30
    assert contents(store) == contents(whole)


def test_a_chunk_without_a_number_is_written_and_missed(ishigami: Model, tmp_path: Path) -> None:
    never = prepare(ishigami, ["length=0:0.001"], ["total"], Sampling("grid", 2), chunk=1)  # the first run divides by 0
    run_sweep(never, str(tmp_path / "s"))
    before = contents(tmp_path / "s")
    assert np.isnan(opened(tmp_path / "s")["total"][0])
    assert run_sweep(never, str(tmp_path / "s"), resume=True).before == 2
    (tmp_path / "s" / "total" / "c" / "0").unlink()
    assert run_sweep(never, str(tmp_path / "s"), resume=True).before == 1
    assert contents(tmp_path / "s") == before


def test_a_number_that_the_disk_changed_is_told_when_it_is_read(store: Path) -> None:
    path = store / "y" / "c" / "1"
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)
    with pytest.raises(Exception, match=r"[Cc]hecksum|[Cc]orrupt|decompress"):
        opened(store)["y"][10:20]


def test_a_flag_that_is_neither_0_nor_1_is_not_believed(store: Path, runner: Runner) -> None:
    opened(store)["done"][1] = 7
    assert run_sweep(runner, str(store), resume=True).before == 30


def test_arrays_that_somebody_added_are_left_alone(store: Path, runner: Runner) -> None:
    unflagged(store)
    opened(store).create_array("mine", data=np.arange(3.0))
    run_sweep(runner, str(store), resume=True)
    assert opened(store)["mine"][:].tolist() == [0, 1, 2]


def edited(name: str, value: object) -> Damage:
    """Return what changes an attribute of a store."""
    return lambda store: opened(store).attrs.update({name: value})


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda s: shutil.rmtree(s / "done"), "holds no 'done'"),
        (lambda s: opened(s)["done"].resize((2,)), "2 flags for 4 chunks"),
        (lambda s: cut(s / "y" / "c" / "1"), "outcome 'y': cannot be read"),
        (lambda s: cut(s / "design" / "c" / "1" / "0"), "design: cannot be read"),
        (lambda s: shutil.rmtree(s / "y"), "y: is missing"),
        (lambda s: shutil.rmtree(s / "factor"), "attribute 'problem': names x1, x2"),
        (edited("problem", "x{"), "attribute 'problem'"),
        (edited("problem", {"names": ["a", "b"]}), "attribute 'problem': names a, b"),
        (edited("labels_nb", 3), "attribute 'labels_nb'"),
        (edited("seed", "one"), "attribute 'seed'"),
        (edited("outcomes", 3), "attribute 'outcomes'"),
        (edited("method", "lsh"), "did you mean: lhs?"),
    ],
)
def test_no_index_is_made_of_a_damaged_store(store: Path, damage: Damage, said: str) -> None:
    damage(store)
    with xr.open_dataset(store, engine="zarr", chunks=None, consolidated=False) as found:
        with pytest.raises(UsageError, match="fix: ") as failure:
            indices(found, "y")
        assert said in str(failure.value)
