"""`egendekning sweep` at the command line: a store, every mistake at once, and Ctrl-C that leaves a store to resume."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xarray as xr
import zarr

from egendekning.cli import main
from egendekning.cli.sweep import _bar

VILLAGE = str(Path(__file__).parents[1] / "ensemble" / "fixtures" / "village")
ISHIGAMI = str(Path(__file__).parents[1] / "sensitivity" / "models" / "ishigami.mdl")


def program(*words: str) -> int:
    """Run the program and return its exit code."""
    try:
        return main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)


def sweep(*words: str) -> int:
    return program("sweep", "--study", VILLAGE, *words)


def test_a_store_is_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "s.zarr")
    words = ["--factor", "levers", "--factor", "yield of land", "--n", "16", "--outcome", "jobs@2030", "--out", out]
    assert sweep(*words) == 0
    told = capsys.readouterr()
    assert "64 runs (sobol, 2 factors, 1 outcomes) to 2030.88" in told.err
    assert told.out.startswith(f"{out}: 64 runs in")
    assert xr.open_zarr(out).sizes == {"run": 64, "factor": 2, "chunk": 1}
    assert sweep(*words) == 2
    assert "--resume goes on with it" in capsys.readouterr().err
    assert sweep(*words, "--resume") == 0
    assert "(64 were there)" in capsys.readouterr().out


def test_the_rate_is_that_of_the_whole_sweep_when_blocks_end_together(capsys: pytest.CaptureFixture[str]) -> None:
    with _bar() as tell:
        tell(1000, 1200)  # were there
        time.sleep(0.1)
        tell(1100, 1200)
        tell(1200, 1200)
    rates = [int(found.replace(",", "")) for found in re.findall(r"([\d,]+) runs/s", capsys.readouterr().err)]
    assert 0 < rates[-1] <= 2000  # 200 new runs in a tenth of a second or more


def test_a_model_file_alone_is_swept_too(tmp_path: Path) -> None:
    words = ["--model", ISHIGAMI, "--factor", "x1=-1:1", "--method", "grid", "--n", "3", "--outcome", "y"]
    assert program("sweep", *words, "--out", str(tmp_path / "s")) == 0
    assert xr.open_zarr(tmp_path / "s")["y"].values == pytest.approx([-0.8414709848, 0, 0.8414709848])  # sin(1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--n", "0"], ["0 samples", "at least 1"]),
        (["--n", "100"], ["--n 64 or --n 128"]),
        (["--method", "sobel"], ["did you mean: sobol?"]),
        (["--factor", "lnd", "--outcome", "jbs", "--scenario", "lnd"], ["land?", "jobs?", "unknown scenario"]),
        (["--factor", "land=5:1"], ["swap them: 1:5"]),
        (["--factor", "land=5:5"], ["its column would be constant"]),
        (["--method", "lhs", "--threads", "0"], ["--threads: 0"]),
        (["--seed", "-1"], ["out of range"]),
        (["--until", "2100"], ["2019 to 2044"]),
        (
            ["--method", "lhs", "--scheduler", "http://127.0.0.1:80"],
            ["is no address", "--scheduler tcp://127.0.0.1:8786"],
        ),
        (["--method", "lhs", "--scheduler", "tcp://localhost"], ["is no address", "--scheduler tcp://localhost:8786"]),
        (["--method", "lhs", "--scheduler", "tcp://localhost:99999"], ["is no address"]),
        (["--method", "ff", "--n", "3"], ["leave --n out"]),
        (["--method", "morris", "--second-order"], ["leave --second-order out"]),
        (["--method", "lhs", "--outcome", "probability@²"], ["is no such year", "--outcome probability@"]),
        (["--method", "lhs", "--outcome", "probability@" + "9" * 5000], ["is no such year"]),
        (["--method", "lhs", "--outcome", "jobs@2060"], ["fix: --outcome 'jobs@2044'"]),
        (["--method", "lhs", "--discount-rate", "nan"], ["as 0.04", "fix: --discount-rate"]),
        (["--method", "lhs", "--scenario", "bseline"], ["--scenario", "did you mean: baseline?", "fix: "]),
        (["--method", "lhs", "--scheduler", "tcp://127.0.0.1:9"], ["no scheduler answers", "dask scheduler"]),
    ],
)
def test_a_sweep_that_makes_no_sense_writes_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: list[str],
) -> None:
    monkeypatch.setattr("egendekning.sensitivity.cluster._TIMEOUT", 0.5)
    common = [] if "--factor" in words else ["--factor", "land", "--factor", "migration"]
    assert sweep(*common, "--outcome", "jobs@2030", *words, "--out", str(tmp_path / "s.zarr")) == 2
    told = capsys.readouterr().err
    for text in said:
        assert text in told
    assert "nothing was written" in told
    assert not list(tmp_path.iterdir())


def test_a_sweep_needs_a_store(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep() == 2
    assert "--out sweep.zarr" in capsys.readouterr().err


def test_a_cluster_needs_its_extra(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = ["--method", "lhs", "--outcome", "jobs@2030", "--scheduler", "tcp://127.0.0.1:8786"]
    assert sweep(*words, "--out", str(tmp_path / "s")) == 2
    assert "pip install 'egendekning[cluster]'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_ctrl_c_leaves_a_store_that_resumes(tmp_path: Path) -> None:
    words = [
        "sweep", "--model", ISHIGAMI, "--method", "lhs", "--n", "2000000", "--chunk", "1000", "--factor", "x1=-3:3",
        "--outcome", "y", "--out", str(tmp_path / "s"),
    ]  # fmt: skip
    # A shell's background job ignores Ctrl-C, and its children with it: hear it again.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from egendekning.cli import main; sys.exit(main())"
    )
    process = subprocess.Popen([sys.executable, "-c", program, *words], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while flagged(tmp_path / "s") < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert "of 2000000 runs are in" in said
    assert "Traceback" not in said
    done = flagged(tmp_path / "s")
    assert 3 <= done < 2000
    assert f"stopped: {done * 1000} of" in said


def flagged(store: Path) -> int:
    """Return how many blocks of a store are done; none where it is not there yet."""
    try:
        return int(zarr.open_group(store, mode="r", use_consolidated=False)["done"][:].sum())  # type: ignore[union-attr, index, call-overload, misc]
    except FileNotFoundError:
        return 0
