"""`egendekning compare` at the command line: what it writes, what it prints, and how it refuses."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from egendekning.cli import main

VILLAGE = str(Path(__file__).parents[1] / "ensemble" / "fixtures" / "village")


def program(*words: str) -> int:
    """Run the program and return its exit code."""
    try:
        return main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace figures and report, which need all of Drammen's outcomes, by small files."""
    import egendekning.figures
    import egendekning.report

    def figures(comparison: Any, folder: Path, lang: str, *, study: Any) -> list[Path]:
        folder.mkdir()
        (folder / f"fan_{lang}.png").write_bytes(b"png")
        return [folder / f"fan_{lang}.png"]

    def report(comparison: Any, folder: Path, lang: str, *, study: Any, figures: list[Path]) -> Path:
        (folder / "report.html").write_text(lang, "utf-8")
        return folder / "report.html"

    monkeypatch.setattr(egendekning.figures, "save_figures", figures)
    monkeypatch.setattr(egendekning.report, "write_report", report)


def compare(*words: str) -> int:
    return program("compare", "--study", VILLAGE, "--draws", "4", *words)


@pytest.mark.usefixtures("drawn")
def test_one_folder_holds_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep" / "results"
    assert compare("land", "--out", str(out)) == 0
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file() and path.name[0] != "."}
    assert names == {"summary.csv", "results.nc", "report.html", "figures/fan_nb.png"}
    assert f"{out}: figures/, report.html, results.nc, summary.csv" in capsys.readouterr().out


@pytest.mark.usefixtures("drawn")
def test_the_tables_show_what_hand_arithmetic_gives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare("--out", str(tmp_path / "r"), "--lang", "en") == 0
    shown = capsys.readouterr().out
    assert "jobs / employed residents, register" in shown
    with (tmp_path / "r" / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = {(r["scenario"], r["measure"], r["statistic"]): r["value"] for r in csv.DictReader(file)}
    assert float(rows["land", "jobs@2030", "reference"]) == 1041.875  # 900 + 5 x 11.875 + 12 x 6.875
    for heading in ("2025", "by 2035", "year, median", "More land", "Jobs by market in 2040"):
        assert heading in shown


@pytest.mark.usefixtures("drawn")
def test_no_table_is_wider_than_100_characters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert compare("--out", str(tmp_path / "r")) == 0
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    rows = [line for line in lines if line.startswith(" ")]  # sentences begin at the edge, and the terminal breaks them
    assert len(rows) > 20
    assert max(map(len, rows)) <= 100


@pytest.mark.usefixtures("drawn")
def test_the_folder_is_named_by_language_where_none_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert compare("growth", "--lang", "en") == 0
    assert (tmp_path / "egendekning-en" / "report.html").read_text("utf-8") == "en"
    assert "The results are in egendekning-en" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lnd"], ["unknown scenario 'lnd'", "did you mean: land"]),
        (["lnd", "grwth"], ["did you mean: land", "did you mean: growth", "2 problems"]),
        (["--draws", "0"], ["--draws: 0", "expected: a whole number, at least 1", "fix: --draws 500"]),
        (["--draws", "-3", "--seed", "-1"], ["--draws: -3", "--seed: -1", "2 problems"]),
        (["--year", "2031"], ["--year: 2031", "expected: 2030 or 2040"]),
    ],
)
def test_a_bad_request_is_refused_before_anything_is_run(
    words: list[str], said: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(*words, "--out", str(tmp_path / "r")) == 2
    error = capsys.readouterr().err
    assert all(text in error for text in said), error
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r").write_text("mine", "utf-8")
    assert compare("--out", str(tmp_path / "r")) == 2
    assert "is not a folder" in capsys.readouterr().err
    assert (tmp_path / "r").read_text("utf-8") == "mine"


def test_a_failure_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import egendekning.figures

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(egendekning.figures, "save_figures", fails)
    assert compare("--out", str(tmp_path / "r")) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_shipped_study_gives_every_file_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = {"nb": "tjenestenivå", "en": "service level"}
    for lang in ("nb", "en"):
        out = tmp_path / lang
        assert program("compare", "housing_led", "--draws", "6", "--out", str(out), "--lang", lang) == 0
        shown = capsys.readouterr().out
        assert room[lang] in shown
        assert "\u2026" not in shown, "a heading is cut off"
        assert (out / "report.html").stat().st_size > 10_000
        assert (out / "results.nc").is_file()
        assert len(list((out / "figures").glob("*.png"))) >= 5
