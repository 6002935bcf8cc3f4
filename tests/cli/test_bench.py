"""`egendekning bench` at the command line: what it reports, not how fast anything is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from egendekning.cli import main

VILLAGE = str(Path(__file__).parents[1] / "ensemble" / "fixtures" / "village")


def program(*words: str) -> int:
    """Run the program and return its exit code."""
    try:
        return main(list(words))
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.slow
def test_machines_get_seconds_and_ratios(capsys: pytest.CaptureFixture[str]) -> None:
    assert program("bench", "--study", VILLAGE, "--repeats", "1", "--no-synthetic", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["one scenario, one thread"]["500 draws s"] > 0
    assert found["threads"]["scenarios"] == 3
    assert found["reference engine"]["ratio"] > 1
    assert found["memory"]["peak of this process MiB"] > 1


def test_no_repeats_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert program("bench", "--study", VILLAGE, "--repeats", "0") == 2
    assert "at least 1" in capsys.readouterr().err


@pytest.mark.slow
def test_any_model_file_is_timed_beside_pysd(capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(__file__).parents[1] / "engine" / "models" / "stock_and_flow.mdl"
    assert program("bench", "--model", str(file), "--repeats", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"model", "kernel", "fresh process", "PySD", "memory"}
    kernel, reference = found["kernel"], found["PySD"]
    assert kernel["first call, nothing in the cache s"] > 0
    assert kernel["first call, loaded from the cache s"] > 0
    fresh = found["fresh process"]
    for state in ("nothing in the cache", "kernel in the cache"):
        assert fresh[f"import egendekning s, {state}"] < fresh[f"first call s, {state}"]
        assert fresh[f"peak MiB, {state}"] > 1
    for which in ("one thread", "all processors"):
        ratio = kernel[f"runs per second, {which}"] / reference["runs per second"]
        assert reference[f"kernel, {which}: times as fast"] == pytest.approx(ratio, rel=1e-9)


@pytest.mark.slow
def test_what_pysd_cannot_run_is_told_and_the_kernel_timed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pysd

    def refuse(*_: object, **__: object) -> None:
        raise NotImplementedError("not a function of mine")

    monkeypatch.setattr(pysd, "read_vensim", refuse)
    file = Path(__file__).parents[1] / "engine" / "models" / "stock_and_flow.mdl"
    assert program("bench", "--model", str(file), "--repeats", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["PySD"] == {"cannot run the file": "NotImplementedError: not a function of mine"}
    assert found["kernel"]["runs per second, one thread"] > 0


def test_a_model_file_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert program("bench", "--model", "nowhere.mdl") == 2
    assert "nowhere.mdl" in capsys.readouterr().err


@pytest.mark.slow
def test_the_synthetic_models_are_timed_without_the_repository(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from egendekning.ensemble import model_timing

    monkeypatch.setattr(model_timing, "_time_pysd", lambda *_: {"cannot run the file": "not asked"})
    monkeypatch.chdir(tmp_path)
    assert program("bench", "--study", VILLAGE, "--repeats", "1", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    for name, equations in (("about 60", 63), ("about 270", 273)):
        assert found[f"synthetic, {name} equations: model"]["scalar equations"] == equations
        rates = found[f"synthetic, {name} equations: kernel"]
        assert rates["runs per second, one thread, 10 constants vary"] > 0


@pytest.mark.slow
def test_curves_are_drawn_and_their_points_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from egendekning.ensemble import curves

    for name, few in {"RUNS": (1, 2), "YEARS": (1, 2), "SECTORS": (1, 2), "MIDDLE": 1, "BATCH": 2}.items():
        monkeypatch.setattr(curves, name, few)
    picture = tmp_path / "cost.png"
    assert program("bench", "--curves", "--repeats", "1", "--picture", str(picture), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["seconds by steps"]["16 steps, s"] > 0
    assert found["seconds by equations"]["63 equations, s"] > 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--curves", "--whole"], "--whole"),
        (["--curves", "--model", "a.mdl"], "--model"),
        (["--picture", "a.png"], "--curves"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program("bench", *words) == 2
    assert told in capsys.readouterr().err
