"""`egendekning loops`: from a study with named loops to sentences, tables and figures."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from egendekning.cli import main
from egendekning.ensemble import bind
from egendekning.figures.loop_words import pulls, sentence
from egendekning.figures.words import Words
from egendekning.sensitivity.loops import (
    NamedLoop,
    Phase,
    Standing,
    added,
    cut_runs,
    directions,
    phases,
    rank_correlation,
    why,
)
from egendekning.study import Study

VILLAGE = Path(__file__).parents[1] / "ensemble" / "fixtures" / "village"
NEW = """
net migration = arrivals - departures + housing push * STEP(1, housing start)
	~	person/year
	~	People moving in less people moving out.
	|

arrivals = migration rate*(initial population + switch growth*(population - initial population))
	~	person/year
	~	People draw people.
	|

departures = switch crowding*migration rate*population*population/room
	~	person/year
	~	People who find no room.
	|

room = 160 ~ person ~ People that the town holds. |
switch growth = 1 ~ Dmnl ~ 1 = people draw people. |
switch crowding = 1 ~ Dmnl ~ 1 = room is short. |
workplaces = 90 ~ person ~ Jobs. |
total population = population ~ person ~ Everybody. |
egendekning = workplaces/population ~ Dmnl ~ Jobs for each inhabitant. |
"""
LOOPS = """
nodes: {}
loops:
  - {label: R1, kind: reinforcing, name_nb: "Vekst – folk trekker folk", name_en: "Growth – people draw people",
     at: [0, 0], switches: [switch growth], chain: ["+ arrivals", "+ net migration", "+ population"],
     text_nb: x, text_en: x, cut_nb: x, cut_en: x}
  - {label: B1, kind: balancing, name_nb: "Trengsel – det blir fullt", name_en: "Crowding – the town fills", at: [0, 0],
     switches: [switch crowding], chain: ["+ departures", "- net migration", "+ population"], text_nb: x, text_en: x,
     cut_nb: x, cut_en: x}
"""
CONSTANTS = {"room": 160, "switch growth": 1, "switch crowding": 1, "workplaces": 90}


def program(*words: str) -> int:
    try:
        return main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.fixture
def crowded(town_copy: Path) -> Path:
    """A town of 100 that grows by 20 % a year where there is room, and has room for 160."""
    model = town_copy / "model" / "town.mdl"
    text = model.read_text(encoding="utf-8")
    begin, end = text.index("net migration = "), text.index("migration rate = ")
    text = text[:begin] + NEW.strip() + "\n\n" + text[end:]
    text = text.replace("migration rate = 0.01", "migration rate = 0.2")
    text = text.replace(
        "tax rate = WITH LOOKUP(Time, ((2019, 0.11), (2021, 0.12)))", "tax rate((2019, 0.11), (2021, 0.12))"
    )
    model.write_text(text, encoding="utf-8")
    evidence = town_copy / "model" / "parameters.yaml"
    more = "".join(f"\n{name}: {{role: fixed, basis: assumption, grade: C, source: Made up}}\n" for name in CONSTANTS)
    known = evidence.read_text(encoding="utf-8").replace("high: 0.02", "high: 0.5")
    evidence.write_text(known + more, encoding="utf-8")
    (town_copy / "model" / "diagrams").mkdir()
    (town_copy / "model" / "diagrams" / "loops.yaml").write_text(LOOPS, encoding="utf-8")
    return town_copy


def test_a_town_grows_and_then_fills(crowded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # births weigh most until half of the room, 80 people, which the town has passed: crowding outweighs from the start
    assert program("--study", str(crowded), "loops", "--lang", "en") == 0
    said = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "From 2019 “crowding” (B1) limits growth" in said
    assert "Egendekning falls from 90.0 %" in said
    assert "“growth” (R1) has lowered it most" in said
    assert "“crowding” (B1) has lifted it most" in said


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["nb", "en"])
def test_files_hold_sentences_numbers_and_figures_in_two_shapes(crowded: Path, tmp_path: Path, lang: str) -> None:
    out = tmp_path / "out"
    words = ["loops", "baseline", "--against", "housing_push", "--out", str(out), "--lang", lang]
    assert program("--study", str(crowded), *words) == 0
    names = {path.name for path in out.iterdir() if path.name != ".egendekning"}
    pictures = {f"loops{kind}_{lang}{shape}.png" for kind in ("", "_cut") for shape in ("", "_narrow")}
    assert names == {f"why_{lang}.md", "loops.csv", "scores_baseline.nc", "scores_housing_push.nc", *pictures}
    for name in pictures:
        with Image.open(out / name) as image:
            assert len(image.convert("L").getcolors() or []) > 10
    with (out / "loops.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 2 * 11, "two scenarios, two loops, eleven years"
    first = [r for r in rows if r["scenario"] == "baseline" and r["year"] == "2025"]
    assert sum(abs(float(r["netted share"])) for r in first) == pytest.approx(1.0), "shares of what is named"
    title = {"nb": "# Boligvekst", "en": "# Housing growth"}[lang]
    assert title in (out / f"why_{lang}.md").read_text(encoding="utf-8")


def test_the_cut_of_crowding_is_growth_at_the_rate(crowded: Path) -> None:
    bound = bind(Study.open(crowded))
    loop = NamedLoop("B1", "balancing", ("departures", "net migration", "population"), ("switch crowding",))
    found = cut_runs(bound, [loop], {}, ["population"], [2019.0, 2020.0, 2029.0])
    # without crowding: Euler's rule at 20 % a year in quarters
    np.testing.assert_allclose(found.population.sel(cut="B1").values, 100 * 1.05 ** np.array([0, 4, 40]))
    np.testing.assert_allclose(found.population.sel(cut="switch crowding"), found.population.sel(cut="B1"))
    whole = float(found.population.sel(cut="").values[-1])
    assert added(found, "population", 2019.0, 2029.0)["B1"] == pytest.approx(whole - 100 * 1.05**40)


def test_score_and_cut_agree_on_the_direction_and_the_order_of_a_plain_model(crowded: Path) -> None:
    bound = bind(Study.open(crowded))
    loops = [
        NamedLoop("R1", "reinforcing", ("arrivals", "net migration", "population"), ("switch growth",)),
        NamedLoop("B1", "balancing", ("departures", "net migration", "population"), ("switch crowding",)),
    ]
    found = why(bound, loops, "baseline")
    late = [item for item in found.standings["total population"] if item.year == 2025]
    assert {item.loop: np.sign(item.effect) for item in late} == {"R1": 1.0, "B1": -1.0}
    assert all(item.rank_share == item.rank_effect for item in late)


def test_published_scores_are_told_as_such_and_netted_ones_count_what_comes_from_outside(
    crowded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bound = bind(Study.open(crowded))
    loops = [NamedLoop("R1", "reinforcing", ("arrivals", "net migration", "population"), ("switch growth",))]
    loops += [NamedLoop("B1", "balancing", ("departures", "net migration", "population"), ("switch crowding",))]
    usual, asked = why(bound, loops, "baseline"), why(bound, loops, "baseline", published=True)
    assert usual.shares.identical(usual.netted)
    assert asked.shares.identical(asked.relative)
    assert program("--study", str(crowded), "loops", "--published", "--lang", "en") == 0
    assert "Baseline (published scores)" in capsys.readouterr().out


def test_a_loop_that_does_not_do_to_a_push_what_its_sign_says_is_told() -> None:
    scores = xr.Dataset({"score": (("loop", "time"), [[0.0, 2.0, 3.0], [0.0, -1.0, -1.0]])}, {"loop": ["R", "B"]})
    pushes = {"a": (10.0, 4.0), "b": (10.0, 4.0)}
    right, wrong = directions(scores, {"R": ["a"], "B": ["b", "c"]}, pushes)
    assert (right.agrees, wrong.agrees) == (True, False)


def test_rank_correlation_is_spearmans() -> None:
    # ranks 1 2 3 against 3 1 2: 1 - 6 * (4 + 1 + 1) / (3 * 8) = -0.5
    items = [Standing(2030, n, s, e, i, j) for n, s, e, i, j in
             [("a", 0.6, 0.1, 1, 3), ("b", 0.3, 0.9, 2, 1), ("c", 0.1, 0.5, 3, 2)]]  # fmt: skip
    assert rank_correlation(items) == pytest.approx(-0.5)
    assert np.isnan(rank_correlation(items[:2]))


def test_the_loop_of_a_phase_is_the_largest_over_all_of_it() -> None:
    # by years a, b, a, c: each alone is too short, and over the four years b is the largest
    yearly = np.array([[0.5, 0.1, 0.5, 0.1], [0.4, 0.5, 0.4, 0.4], [0.1, 0.4, 0.1, 0.5]])
    time = np.arange(2020.0, 2024.01, 0.25)
    values = np.concatenate([np.zeros((3, 1)), np.repeat(yearly, 4, axis=1)], axis=1)
    coords = {
        "loop": ["a", "b", "c"],
        "time": time,
        "partition": ("loop", [0, 0, 0]),
        "kind": ("loop", ["balancing"] * 3),
    }
    scores = xr.Dataset({"share": (("loop", "time"), values), "outcome": ("time", time)}, coords)
    (phase,) = phases(scores, "outcome", shortest=3)
    assert (phase.start, phase.end, phase.loop, phase.second) == (2020, 2023, "b", "a")


NAMES = {"B4": "Boligporten – folk fyller boligmassen", "R1": "Folketall og handel"}


def test_a_balancing_loop_limits_growth_only_where_there_would_be_more_without_it() -> None:
    phase = Phase(2027, 2034, "B4", "balancing", 0.62, "R1", 0.25, 0.931, 0.924)
    limits = sentence(phase, NAMES, Words("nb"), -1200.0)
    assert limits.startswith("Fra 2027 bremser «boligporten» (B4) veksten, med 62\u00a0% av")
    assert "foran «folketall og handel» (R1) med 25\u00a0%" in limits
    assert "med 1\u202f200 færre med den enn uten" in limits
    assert limits.endswith("Egendekningen synker fra 93,1\u00a0% til 92,4\u00a0% ved utgangen av 2034.")
    assert "From 2027 “boligporten” (B4) governs growth" in sentence(phase, NAMES, Words("en"), 1200.0)
    assert "limits growth" in sentence(phase, NAMES, Words("en"))


def test_a_change_that_does_not_show_is_no_change() -> None:
    phase = Phase(2022, 2024, "R1", "reinforcing", 0.7, "", 0.0, 0.9261, 0.9258)
    assert sentence(phase, NAMES, Words("en")).endswith("Egendekning stays at 92.6\u00a0% to the end of 2024.")


def test_what_no_cut_moves_is_not_told() -> None:
    assert pulls({"B4": 0.0001, "R1": -0.0001}, NAMES, Words("en")) == ""
    assert "(R1) has lowered it most" in pulls({"B4": 0.0001, "R1": -0.01}, NAMES, Words("en"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["basline"], ["SCENARIO: unknown scenario 'basline'", "did you mean: baseline", "fix:"]),
        (["--against", "bom"], ["--against: unknown scenario 'bom'", "did you mean: boom"]),
        (["boom", "--against", "boom"], ["is the scenario itself", "another scenario", "fix:"]),
    ],
)
def test_mistakes_are_told_before_anything_runs(
    crowded: Path, tmp_path: Path, words: list[str], said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert program("--study", str(crowded), "loops", *words, "--out", str(out)) == 2
    told = capsys.readouterr().err
    assert [piece for piece in said if piece not in told] == []
    assert not out.exists()


def test_a_study_without_named_loops_is_told_what_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program("--study", str(VILLAGE), "loops", "--out", str(tmp_path / "out")) == 2
    told = capsys.readouterr().err
    assert "no file names the feedback loops" in told
    assert "fix: write model/diagrams/loops.yaml" in told
    assert not (tmp_path / "out").exists()


def test_a_link_that_the_equations_lack_is_told(crowded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = crowded / "model" / "diagrams" / "loops.yaml"
    path.write_text(LOOPS.replace('"+ departures", "- net', '"+ workplaces", "- net'), encoding="utf-8")
    assert program("--study", str(crowded), "loops") == 2
    assert "workplaces" in capsys.readouterr().err


@pytest.mark.slow
def test_the_shipped_model_has_a_sentence_for_every_year_and_no_share_beyond_the_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program("loops", "--out", str(tmp_path / "out"), "--lang", "nb") == 0
    capsys.readouterr()
    text = (tmp_path / "out" / "why_nb.md").read_text(encoding="utf-8")
    assert text.count("\n- Fra 20") >= 1
    assert "ved utgangen av 2049" in text
    scores = xr.load_dataset(tmp_path / "out" / "scores_baseline.nc")
    assert np.isfinite(scores.score.values).all()
    for number in np.unique(scores.partition.values):
        whole = np.abs(scores.share.values[scores.partition.values == number]).sum(axis=0)
        assert whole.max() <= 1.0 + 1e-9
    alone = scores.partition.values == scores.partition.sel(loop="B3").item()
    assert alone.sum() == 1, "nothing that land does comes back to land but through its own stock"
