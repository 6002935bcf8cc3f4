"""A folder of results appears whole or not at all, and never in the place of something else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from egendekning.cli.outdir import staged
from egendekning.errors import OutputError


def names(folder: Path) -> set[str]:
    """Return the names of what a folder holds, the marker aside."""
    return {path.name for path in folder.iterdir()} - {".egendekning"}


def write_half(out: Path, failure: type[BaseException]) -> None:
    """Write one file of a folder and fail."""
    with staged(out) as folder:
        (folder / "summary.csv").write_text("half")
        raise failure


def test_what_is_written_inside_is_there_afterwards_and_nothing_else(tmp_path: Path) -> None:
    with staged(tmp_path / "deep" / "out") as folder:
        (folder / "summary.csv").write_text("a")
        assert not (tmp_path / "deep" / "out").exists()
    assert names(tmp_path / "deep" / "out") == {"summary.csv"}
    assert names(tmp_path / "deep") == {"out"}


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        write_half(tmp_path / "deep" / "out", RuntimeError)
    assert names(tmp_path) == set()


def test_a_failure_leaves_earlier_results_as_they_were(tmp_path: Path) -> None:
    with staged(tmp_path / "out") as folder:
        (folder / "summary.csv").write_text("first")
    with pytest.raises(KeyboardInterrupt):
        write_half(tmp_path / "out", KeyboardInterrupt)
    assert (tmp_path / "out" / "summary.csv").read_text() == "first"
    assert names(tmp_path) == {"out"}


def test_earlier_results_are_replaced_whole(tmp_path: Path) -> None:
    for name in ("old.csv", "new.csv"):
        with staged(tmp_path / "out") as folder:
            (folder / name).write_text("a")
    assert names(tmp_path / "out") == {"new.csv"}
    assert names(tmp_path) == {"out"}


def test_a_folder_with_other_files_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    worked = False
    with pytest.raises(OutputError, match=r"(?s)holds other files \(thesis\.docx\).*--out"), staged(tmp_path):
        worked = True
    assert not worked
    assert (tmp_path / "thesis.docx").read_text() == "years of work"


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with staged(tmp_path / "out") as folder:
        (folder / "a.csv").write_text("a")
    assert names(tmp_path / "out") == {"a.csv"}


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="is not a folder"), staged(tmp_path / "out"):
        pass


def test_a_file_above_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(OutputError, match="cannot be written"), staged(tmp_path / "file" / "out"):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="cannot be written"), staged(tmp_path / "locked" / "out"):
        pass


def test_a_place_where_the_system_lets_nobody_write_is_refused() -> None:
    with pytest.raises(OutputError, match="cannot be written"), staged(Path("/proc/egendekning/out")):
        pass
