from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from egendekning.cli import main
from egendekning.engine.model import Model

MAIN = (
    "egendekning",
    "jobs",
    "employed residents",
    "total population",
    "own tax",
    "net operating result",
    "social costs",
)


@pytest.fixture
def study(tmp_path: Path, small_file: Path) -> Path:
    """Return a study folder with the small model, whose other files are missing."""
    root = tmp_path / "study"
    for name in ("model", "scenarios", "calibration"):
        (root / name).mkdir(parents=True)
    shutil.copy(small_file, root / "model" / "small.mdl")
    return root


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Run the program and return its exit code and what it printed."""
    with pytest.raises(SystemExit) as stopped:
        raise SystemExit(main([str(a) for a in arguments]))
    told = capsys.readouterr()
    return int(stopped.value.code or 0), told.out, told.err


def test_mdl_is_the_file_as_it_is(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "export", "--study", study, "--format", "mdl", "--out", tmp_path / "copy.mdl")
    assert code == 0, out
    assert (tmp_path / "copy.mdl").read_bytes() == (study / "model" / "small.mdl").read_bytes()


def test_exporting_onto_a_folder_says_so_in_five_parts(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "export", "--study", study, "--out", tmp_path)
    assert code == 2
    assert all(part in err for part in (str(tmp_path), "is a folder", "expected:", "fix:", "nothing was written"))


def test_exporting_into_a_folder_that_is_not_there_is_an_error(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "export", "--study", study, "--out", tmp_path / "none" / "x.xmile")
    assert code == 2
    assert "does not exist" in err


def test_exporting_into_a_file_taken_for_a_folder_is_an_error(
    study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, "export", "--study", study, "--out", study / "model" / "small.mdl" / "x.xmile")
    assert code == 2
    assert "is a file" in err


def test_diagrams_without_a_task_says_what_it_can_do(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "diagrams", "--study", study)
    assert code == 2
    assert "--write-sketch" in err


def test_write_sketch_changes_the_file_once_and_only_behind_the_equations(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = study / "model" / "small.mdl"
    before = path.read_bytes()
    assert run(capsys, "diagrams", "--study", study, "--write-sketch")[0] == 0
    first = path.read_bytes()
    code, out, _ = run(capsys, "diagrams", "--study", study, "--write-sketch")
    assert code == 0
    assert "unchanged" in out
    assert first.startswith(before)
    assert path.read_bytes() == first
    assert sorted(p.name for p in path.parent.iterdir()) == ["small.mdl"]


def test_a_study_without_a_model_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "diagrams", "--study", tmp_path, "--write-sketch")
    assert code == 2
    assert "expected:" in err


def test_xmile_gives_the_same_run(shipped: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simlin = pytest.importorskip("simlin", reason="the extra `diagrams` is absent")
    out = tmp_path / "drammen.xmile"
    assert run(capsys, "export", "--format", "xmile", "--out", out)[0] == 0
    before = simlin.load(shipped.path).run(analyze_loops=False).results
    after = simlin.load(out).run(analyze_loops=False).results
    for name in (n.replace(" ", "_") for n in MAIN):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-6)


@pytest.mark.slow
def test_simlin_and_the_engine_run_the_same_model(shipped: Model) -> None:
    simlin = pytest.importorskip("simlin", reason="the extra `diagrams` is absent")
    other = simlin.load(shipped.path).run(analyze_loops=False).results
    ours = shipped.simulate(outputs=list(MAIN))
    for name in MAIN:  # two programs, Euler with the same step: only the order of additions may differ
        np.testing.assert_allclose(other[name.replace(" ", "_")], ours[name].values, rtol=1e-6, err_msg=name)
