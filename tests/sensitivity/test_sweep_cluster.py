"""A real cluster on loopback: the same bytes as locally, whatever dies on the way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import zarr

from egendekning.engine import Model, load
from egendekning.ensemble import Bound
from egendekning.ensemble.blockstore import create
from egendekning.sensitivity.block import Runner
from egendekning.sensitivity.cluster import kit_of, run_block
from egendekning.sensitivity.design import Sampling, sample
from egendekning.sensitivity.prepare import prepare
from egendekning.sensitivity.runner import run_sweep
from egendekning.sensitivity.sweep import attributes
from egendekning.sensitivity.zarrstore import WORDS as SWEEP
from egendekning.sensitivity.zarrstore import layout_of, sweep_store

MODEL = Path(__file__).parent / "models" / "ishigami.mdl"
WORDS = [
    "sweep", "--model", str(MODEL), "--n", "65536", "--chunk", "1024", "--outcome", "y", "--outcome", "total@all",
    "--factor", "x1=-3:3", "--factor", "x2=-3:3", "--factor", "x3=-3:3",
]  # fmt: skip


def stopped(process: subprocess.Popen[Any]) -> None:
    """End a process that this test started."""
    process.kill()
    process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[Any]]]]:
    """Give a scheduler's address and its two workers, processes of their own."""
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with ExitStack() as stack:
        words = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        stack.callback(stopped, subprocess.Popen([*dask, *words], **quiet))  # type: ignore[call-overload]
        address = str(waited(lambda: json.loads(file.read_text(encoding="utf-8"))["address"]))
        words = ["worker", address, "--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        folder = ["--local-directory", str(tmp_path)]
        workers = [subprocess.Popen([*dask, *words, *folder], **quiet) for _ in range(2)]  # type: ignore[call-overload]
        for worker in workers:
            stack.callback(stopped, worker)
        yield address, workers


def waited(read: Any, least: float = 0, seconds: float = 30) -> Any:
    """Return what `read` gives once it gives it, and, of a number, once it is at least so large."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = read()
        except (OSError, ValueError, KeyError):
            found = None
        if found is not None and (not least or found >= least):
            return found
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def flagged(store: Path) -> int:
    group: Any = zarr.open_group(store, mode="r", use_consolidated=False)
    return int(group["done"][:].sum())


def contents(store: Path) -> dict[str, bytes]:
    return {str(p.relative_to(store)): p.read_bytes() for p in store.rglob("*") if p.is_file()}


def test_a_kit_is_all_that_a_worker_needs(village: Bound, ishigami: Model) -> None:
    sweeps = (
        prepare(village, ["land"], ["jobs@2030"], Sampling("draws", 50)),
        prepare(ishigami, ["x1=-3:3"], ["y"], Sampling("lhs", 50)),
    )
    for runner in sweeps:
        points = points_of(runner)
        away, here = run_block(kit_of(runner), 0, points), runner.finished(0, points)
        assert away.arrays.keys() == here.arrays.keys()
        assert all(away.arrays[name].tobytes() == here.arrays[name].tobytes() for name in here.arrays)


def test_a_worker_writes_its_block_where_the_store_is_a_url(ishigami: Model) -> None:
    runner = prepare(ishigami, ["x1=-3:3"], ["y"], Sampling("lhs", 50))
    where = "memory://test-cluster/s.zarr"
    create(where, layout_of(runner.sweep, attributes(ishigami, runner.sweep), points_of(runner)), SWEEP)
    assert not run_block(kit_of(runner, where), 0, points_of(runner)).arrays
    expected = runner.finished(0, points_of(runner)).arrays["y"]
    assert sweep_store(where, runner.sweep).group["y"][:].tobytes() == expected.tobytes()


def points_of(runner: Runner) -> Any:
    return sample(runner.sweep.sampling, runner.sweep.factors)


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_and_its_client_writes_the_bytes_of_a_local_run(
    cluster: tuple[str, list[subprocess.Popen[Any]]], tmp_path: Path
) -> None:
    address, workers = cluster
    away, here = tmp_path / "away.zarr", tmp_path / "here.zarr"
    command = [sys.executable, "-m", "egendekning", *WORDS, "--out", str(away), "--scheduler", address]
    client = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        waited(lambda: flagged(away), 10)
        workers[0].send_signal(signal.SIGKILL)
        waited(lambda: flagged(away), 40)
    finally:
        stopped(client)
    before = flagged(away)
    assert 40 <= before < 320
    factors = [f"x{i}=-3:3" for i in (1, 2, 3)]
    runner = prepare_of(factors)
    done = run_sweep(runner, str(away), resume=True, scheduler=address)
    assert done.before == before * 1024
    run_sweep(runner, str(here))
    assert contents(away) == contents(here)


def prepare_of(factors: list[str]) -> Runner:
    return prepare(load(MODEL), factors, ["y", "total@all"], Sampling("sobol", 65536), chunk=1024)
