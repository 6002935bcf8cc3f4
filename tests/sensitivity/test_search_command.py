"""`egendekning search`: from a question to sentences, tables, files and figures, and what it says to nonsense."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from egendekning.cli import main

pytestmark = pytest.mark.slow

TOWN = str(Path(__file__).parent / "search_town")
WORDS = {
    "nb": ("ikke innen rekkevidde", "Målet kan ikke nås med virkemidlene i modellen", "Det sterke tiltaket", "Været"),
    "en": ("out of reach", "The target cannot be reached with the model’s levers", "The strong lever", "The weather"),
}


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """Keep compiled kernels of the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EGENDEKNING_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def ask(*words: str) -> int:
    try:
        return main(["search", "--study", TOWN, "--by", "2027", "--draws", "60", "--quick", *words])
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_a_target_out_of_reach_is_said_plainly_in_both_languages(
    lang: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "found"
    assert ask("--probability", "0.9", "--lang", lang, "--out", str(folder)) == 0
    said = capsys.readouterr().out
    for words in WORDS[lang]:
        assert words in said
    made = json.loads((folder / "search.json").read_text(encoding="utf-8"))
    assert made["verdict"] == "out of reach"
    assert made["cheapest"] is None
    assert made["goal"]["probability"] == 0.9
    assert made["sentences"]["verdict"][0] in " ".join(said.split("\n")) or WORDS[lang][1] in said
    assert len(made["model_hash"]) == len(made["study_hash"]) == 64
    with (folder / "front.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    front = [row for row in rows if row["kind"] == "front"]
    assert [float(row["cost_mnok"]) for row in front] == sorted(float(row["cost_mnok"]) for row in front)
    assert {row["kind"] for row in rows} == {"front", "answer", "scenario"}
    assert {"strong", "weak", "harmful"} <= set(rows[0])
    names = {f"search_{page}_{lang}{shape}.png" for page in ("front", "mix", "truth") for shape in ("", "_narrow")}
    assert {path.name for path in (folder / "figures").iterdir()} == names
    for path in (folder / "figures").iterdir():
        with Image.open(path) as picture:
            assert picture.width == (731 if "narrow" in path.name else 1394)  # 4.3 and 8.2 inches of 170 dots


def test_the_same_seed_gives_the_same_answer(tmp_path: Path) -> None:
    made = []
    for name in ("first", "second"):
        assert ask("--probability", "0.6", "--seed", "4", "--out", str(tmp_path / name)) == 0
        made.append((tmp_path / name / "front.csv").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--target", "1"), ("--target", "did you mean: 100")),
        (("--by", "2031"), ("--by", "2029")),
        (("--probability", "80"), ("--probability", "0.8")),
        (("--budget", "-100"), ("--budget", "100")),
        (("--levers", "strong,waek"), ("unknown lever 'waek'", "weak")),
        (("--levers", ""), ("--levers", "no lever")),
        (("--draws", "3"), ("--draws", "at least 20")),
        (("--seed", "-1"), ("--seed", "0")),
    ],
)
def test_nonsense_is_told_with_a_remedy_and_leaves_no_folder(
    words: tuple[str, ...], said: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "found"
    assert main(["search", "--study", TOWN, "--by", "2027", "--out", str(folder), *words]) == 2
    told = capsys.readouterr().err
    for word in said:
        assert word in told
    assert "Traceback" not in told
    assert not folder.exists()


def test_a_folder_of_other_files_is_left_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    assert ask("--out", str(tmp_path)) == 2
    assert "mine.txt" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_target_that_no_mix_comes_near_has_no_figure_of_mixes(tmp_path: Path) -> None:
    folder = tmp_path / "found"
    assert ask("--target", "200", "--probability", "1", "--out", str(folder)) == 0
    assert json.loads((folder / "search.json").read_text(encoding="utf-8"))["verdict"] == "out of reach"
    assert not list((folder / "figures").glob("search_mix*"))
    assert list((folder / "figures").glob("search_front*"))
