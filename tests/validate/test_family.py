"""Other municipalities with the same equations: the overlays that ship, and overlays that are wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from egendekning.ensemble import Bound, bind
from egendekning.errors import StudyError
from egendekning.study import Study
from egendekning.validate.family import members, read_overlay, values
from egendekning.validate.series import read_series

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = ["asker", "kongsberg", "lier", "ovre_eiker"]


@pytest.fixture(scope="module")
def bound() -> Bound:
    return bind(Study.shipped())


def test_every_overlay_sets_what_the_registers_of_2018_say(bound: Bound) -> None:
    jobs = {"asker": 36717, "kongsberg": 15486, "lier": 13506, "ovre_eiker": 6364}  # table 11618, Q4 2018
    residents = {"asker": 93679, "lier": 26373, "ovre_eiker": 19117}  # table 07459, 1 January 2019
    for name in NAMES:
        overlay, problems = read_overlay(bound, EXAMPLES / name / "overlay.yaml")
        assert not problems
        assert overlay is not None
        found = values(bound, overlay)
        assert float(found["register jobs 2018"]) == jobs[name]
        if name in residents:
            assert float(found["initial population"].sum()) == pytest.approx(residents[name], abs=5)  # rounded ages
        # what is scaled by size keeps its proportion to the residents of Drammen
        size = float(found["initial population"].sum()) / 100581
        assert float(found["initial dwellings"]) / 46010 == pytest.approx(size, rel=1e-3)


@pytest.mark.slow
def test_the_neighbours_run_and_stay_near_their_registers_for_two_years(bound: Bound) -> None:
    found = members(bound, read_series(bound), [EXAMPLES / name for name in NAMES])
    assert [member.name for member in found] == ["Asker", "Kongsberg", "Lier", "Øvre Eiker"]
    judged: list[str] = []
    for member in found:
        for figure, said in zip(member.figures, member.predicted, strict=True):
            if figure.counterpart.series in ("jobs_by_workplace", "employed_residents", "population_1jan"):
                judged.append(figure.series)
                # stocks move by a per cent or two a year; a twentieth in two years would be another municipality
                assert said == pytest.approx(figure.value, rel=0.05), (member.name, figure.series, figure.period)
    assert len(judged) >= 3 * len(found), "three stocks of each neighbour"


def test_everything_wrong_with_overlays_is_said_at_once(bound: Bound, tmp_path: Path) -> None:
    for name in ("lier", "asker"):
        shutil.copytree(EXAMPLES / name, tmp_path / name)
    lier, asker = (tmp_path / name / "overlay.yaml" for name in ("lier", "asker"))
    wrong = lier.read_text(encoding="utf-8").replace("register jobs 2018", "register jobz 2018")
    lier.write_text(wrong, encoding="utf-8")
    asker.write_text("name: Asker\nset:\n  register jobs 2018: {value: [1, 2], source: x, grade: A}\n", "utf-8")
    with pytest.raises(StudyError) as failure:
        members(bound, read_series(bound), [lier.parent, asker.parent])
    first, second = failure.value.problems
    assert first.nearest == "register jobs 2018"
    assert "overlay.yaml:" in first.where
    assert "register jobs 2018" in second.found
