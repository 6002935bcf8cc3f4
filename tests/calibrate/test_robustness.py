"""Calibration that is cut off, crowded, out of room or without its sampler says so and leaves nothing half-written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from egendekning.calibrate import Target, calibrate
from egendekning.calibrate.diagnostics import Diagnostics
from egendekning.calibrate.workfolder import check, held, prepare
from egendekning.cli import main
from egendekning.cli.calibration_files import read_text, write_all
from egendekning.errors import ModelFileError, OutputError, UsageError

SIZE = {"chains": 2, "draws": 4, "warmup": 46, "seed": 1}
SETTINGS = {"chains": 2, "draws": 4, "seed": 1, "fingerprint": "a"}


@pytest.fixture(scope="module")
def sampled(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished run; not to be changed."""
    folder = tmp_path_factory.mktemp("work")
    calibrate(target, folder, **SIZE)
    return folder


@pytest.fixture
def work(sampled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sampled, tmp_path / "work"))


def _resave(path: Path, **changed: object) -> None:
    with np.load(path) as file:
        content = {name: file[name] for name in file}
    np.savez(path, **{**content, **changed})  # type: ignore[arg-type]


DAMAGE: dict[str, Callable[[Path], object]] = {
    "cut off": lambda p: p.write_bytes(p.read_bytes()[: p.stat().st_size // 2]),
    "empty": lambda p: p.write_bytes(b""),
    "text": lambda p: p.write_bytes(b"hello"),
    "overwritten in the middle": lambda p: p.write_bytes(p.read_bytes()[:300] + b"\xff" * 200 + p.read_bytes()[500:]),
    "other state": lambda p: _resave(p, state0=np.zeros((7, 7))),
    "fewer iterations": lambda p: _resave(p, w=np.zeros((2, 3, 5))),
    "negative count": lambda p: _resave(p, done=np.asarray(-5)),
    "not finite": lambda p: _resave(p, w=np.full((2, 50, 5), np.nan)),
}


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_block_is_told_and_not_gone_on_with(damage: str, work: Path, target: Target) -> None:
    DAMAGE[damage](work / "chains-0.npz")
    with pytest.raises(UsageError, match=r"chains-0.npz: cannot be read"):
        calibrate(target, work, **SIZE, resume=True)


@pytest.mark.parametrize("content", [b"[1]", b'{"chains": ', b"\xff\xfe", b"", b"[" * 100_000])
def test_a_damaged_note_of_what_the_run_is_is_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(UsageError, match=r"run.json: cannot be read"):
        check(tmp_path, SETTINGS, resume=True)


def test_blocks_without_the_note_are_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "chains-0.npz").write_bytes(b"")
    with pytest.raises(UsageError, match=r"run.json: cannot be read"):
        check(tmp_path, SETTINGS, resume=True)


def test_a_folder_is_for_one_run_at_a_time(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(UsageError, match="another run is writing here"):
        check(tmp_path, SETTINGS, resume=True)
    check(tmp_path, SETTINGS, resume=False)  # let go of at the end


def test_going_on_needs_the_same_run_but_for_more_draws(tmp_path: Path) -> None:
    prepare(tmp_path, SETTINGS, resume=False)
    check(tmp_path, {**SETTINGS, "draws": 9}, resume=True)
    for changed, words in (({"seed": 2}, "another seed"), ({"fingerprint": "b"}, "another model, prior or figures")):
        with pytest.raises(UsageError, match=words):
            check(tmp_path, {**SETTINGS, **changed}, resume=True)
    with pytest.raises(UsageError, match="--resume"):
        check(tmp_path, SETTINGS, resume=False)


def test_a_folder_that_cannot_be_is_told_before_anything_is_compiled(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "work", tmp_path / ("x" * 300)):
        with pytest.raises(OutputError, match="cannot be written"):
            check(folder, SETTINGS, resume=False)


def test_a_full_disk_leaves_the_earlier_files(tmp_path: Path) -> None:
    write_all(tmp_path, {"a.csv": "old a", "b.csv": "old b"})

    def full() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device"):
        write_all(tmp_path, {"a.csv": "new a", "b.csv": "new b"}, full)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {
        "a.csv": "old a", "b.csv": "old b"
    }  # fmt: skip


def test_a_model_file_keeps_its_line_ends_and_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "a.mdl"
    path.write_bytes(b"{UTF-8}\r\nx = 1\r\n")
    path.chmod(0o640)
    write_all(tmp_path, {"a.mdl": read_text(path).replace("1", "2")})
    assert path.read_bytes() == b"{UTF-8}\r\nx = 2\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    path.write_bytes(b"\xe5")
    with pytest.raises(ModelFileError, match="cannot be read"):
        read_text(path)


def _code(words: list[str]) -> int:
    try:
        return main(words)
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.parametrize("words", [["--accept"], ["--write-model"]])
def test_a_read_only_study_is_told_before_the_work(
    words: list[str], line_copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode, **_: mode != os.W_OK)
    assert _code(["--study", str(line_copy), "calibrate", *words, "--out", str(line_copy.parent / "o")]) == 2
    assert f"{line_copy / 'calibration'}: is read-only" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["calibration", "."])
def test_results_that_were_not_accepted_do_not_go_into_the_study(
    place: str, line_copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(line_copy)
    assert _code(["--study", str(line_copy), "calibrate", "--out", place]) == 2
    assert "is the study itself" in capsys.readouterr().err
    assert not (line_copy / "calibration" / "work").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--draws", "1000000000"], "--draws: 1000000000"),
        (["--chains", "1000"], "--chains: 1000"),
        (["--seed", str(2**63)], f"--seed: {2**63}"),
        (["--synthetic", "1000000000"], "--synthetic: 1000000000"),
        (["--synthetic", "5", "--accept"], "--synthetic: with --accept"),
    ],
)
def test_sizes_that_would_take_days_are_refused(
    words: list[str], said: str, line_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _code(["--study", str(line_copy), "calibrate", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "fix:" in err


def test_without_the_sampler_the_message_is_what_to_install(
    line_copy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numpyro", None)
    assert _code(["--study", str(line_copy), "calibrate", "--out", str(line_copy.parent / "o")]) == 2
    assert "pip install 'egendekning[calibrate]'" in capsys.readouterr().err


def test_medians_of_a_study_without_observations_end_with_a_message(
    line_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (line_copy / "calibration").iterdir():
        path.unlink()
    assert _code(["--study", str(line_copy), "calibrate", "--write-model"]) == 2
    assert "the study has no posterior" in capsys.readouterr().err


def test_diagnostics_that_are_no_numbers_are_reasons_to_refuse() -> None:
    lost = np.full(2, np.nan)
    found = Diagnostics(("a", "b"), lost, lost, lost, 0, 0, np.ones(4), 4, 2000, 7.0, 0.8).problems()
    assert [problem.where for problem in found] == ["split R-hat", "bulk ESS", "tail ESS"]


@pytest.mark.slow
def test_a_run_that_is_stopped_ends_soon_and_goes_on_where_it_was(line_copy: Path, tmp_path: Path) -> None:
    # A shell's background job ignores Ctrl-C, and its children with it: hear it again.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from egendekning.cli import main; sys.exit(main())"
    )
    words = [sys.executable, "-c", program, "--study", str(line_copy), "calibrate", "--chains", "2"]
    words += ["--out", str(tmp_path / "out")]
    run = subprocess.Popen([*words, "--draws", "100000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    block, limit = tmp_path / "out" / "work" / "chains-0.npz", time.monotonic() + 200.0
    while not block.exists() and time.monotonic() < limit and run.poll() is None:
        time.sleep(0.1)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=60)  # 100 000 draws take minutes
    assert run.returncode == 130
    assert "go on with --resume" in err
    again = subprocess.run([*words, "--draws", "4", "--resume"], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert not list((tmp_path / "out" / "work").glob("*.part"))
