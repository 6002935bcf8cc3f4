from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from egendekning.engine import load
from egendekning.errors import UsageError
from egendekning.sensitivity.loops import NamedLoop, loop_scores, phases, relative

MODELS = Path(__file__).parent / "loops_models"

LOGISTIC = (
    NamedLoop("R", "reinforcing", ("births", "population")),
    NamedLoop("B", "balancing", ("deaths", "population")),
)
SIR = (
    NamedLoop("R", "reinforcing", ("infections", "infectious")),
    NamedLoop("B1", "balancing", ("infections", "susceptible")),
    NamedLoop("B2", "balancing", ("recoveries", "infectious")),
)
INVENTORY = (
    NamedLoop("B1", "balancing", ("production", "inventory", "perceived inventory", "inventory gap", "wanted workforce",
                                  "net hiring", "workforce")),
    NamedLoop("B2", "balancing", ("net hiring", "workforce")),
)  # fmt: skip
SIMLINS = {  # the same loops by the names on them
    "logistic": (LOGISTIC, {"R": {"births", "population"}, "B": {"deaths", "population"}}),
    "sir": (
        SIR,
        {
            "R": {"infections", "infectious"},
            "B1": {"infections", "susceptible"},
            "B2": {"recoveries", "infectious"},
        },
    ),
    "inventory": (INVENTORY, {"B1": {"production", "inventory"}, "B2": {"net_hiring", "workforce"}}),
}


def simlins(name: str) -> list[tuple[set[str], np.ndarray]]:
    """Names on each loop that Simlin finds, and its raw score."""
    simlin = pytest.importorskip("simlin")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with simlin.Project.open(MODELS / f"{name}.mdl", autosave=False, watch=False) as project:  # noqa: SIM117
            with project.main_model.simulate(enable_ltm=True) as run:
                run.run_to_end()
                return [(set(lp.variables), run.get_loop_score(lp.id)) for lp in run.get_loops_runtime()]


@pytest.mark.parametrize("name", list(SIMLINS))
def test_scores_equal_those_that_simlin_computes(name: str) -> None:
    loops, wanted = SIMLINS[name]
    ours = loop_scores(load(MODELS / f"{name}.mdl"), loops)
    theirs = simlins(name)
    assert len(theirs) == len(loops), "every loop of the model is named"
    for label, on_it in wanted.items():
        _, score = min(((len(names), s) for names, s in theirs if on_it <= names), key=lambda pair: pair[0])
        # the first steps lack the earlier change that the definition needs; relative 1e-6 is rounding in small changes
        np.testing.assert_allclose(ours.score.sel(loop=label).values[3:], score[3:], rtol=1e-6, atol=1e-9)


def test_dominance_shifts_at_half_of_what_the_land_carries() -> None:
    found = loop_scores(load(MODELS / "logistic.mdl"), LOGISTIC, watch=["population"])
    gap = found.relative.sel(loop="R").values + found.relative.sel(loop="B").values
    people = found.population.values
    crossing = np.flatnonzero((gap[1:-1] > 0) & (gap[2:] <= 0)) + 2
    # births answer to P with r, deaths with 2 r P / K: equal at P = K / 2, the point of inflection
    assert len(crossing) == 1
    assert people[crossing[0] - 2] < 500 <= people[crossing[0] + 1]


def test_scores_of_all_loops_of_one_stock_account_for_the_whole_change_of_its_rate() -> None:
    found = loop_scores(load(MODELS / "logistic.mdl"), LOGISTIC)
    # R and B are shares of the same change, which is positive while growth quickens and negative after
    np.testing.assert_allclose(np.abs(found.score.sum("loop").values[1:]), 1.0, rtol=1e-6)


def test_an_array_of_equal_halves_has_the_scores_of_the_whole(tmp_path: Path) -> None:
    text = (MODELS / "sir.mdl").read_text(encoding="utf-8")
    for word in ("susceptible", "infectious", "infections", "recoveries"):
        text = text.replace(word, f"{word}[town]")
    text = text.replace("{UTF-8}\n", "{UTF-8}\ntown: east, west ~~|\n")
    path = tmp_path / "towns.mdl"
    path.write_text(text, encoding="utf-8")
    one, two = loop_scores(load(MODELS / "sir.mdl"), SIR), loop_scores(load(path), SIR)
    np.testing.assert_allclose(two.score.values, one.score.values, rtol=1e-9, atol=1e-12)


def test_netted_score_is_one_where_nothing_else_comes_from_outside() -> None:
    found = loop_scores(load(MODELS / "inventory.mdl"), INVENTORY)
    late = found.netted.sel(loop="B1").values[found.time.values > 6.0]
    # sales stand still, so production, the count and the wish each are all that moves the next stock from outside
    np.testing.assert_allclose(late, -1.0, rtol=1e-6)


def test_a_stock_that_nothing_reaches_from_outside_has_the_published_score() -> None:
    found = loop_scores(load(MODELS / "logistic.mdl"), LOGISTIC)
    np.testing.assert_array_equal(found.netted.values, found.score.values)


def test_published_score_of_a_loop_near_balance_has_no_bound_and_the_netted_one_has() -> None:
    found = loop_scores(load(MODELS / "inventory.mdl"), INVENTORY).sel(loop="B1")
    assert np.abs(found.score.values).max() > 100
    assert np.abs(found.netted.values).max() < 2


def test_scores_bear_the_sign_of_the_loop() -> None:
    for name, (loops, _) in SIMLINS.items():
        found = loop_scores(load(MODELS / f"{name}.mdl"), loops)
        for loop in loops:
            sign = np.sign(found.score.sel(loop=loop.label).values)
            assert set(sign) <= ({0.0, 1.0} if loop.kind == "reinforcing" else {0.0, -1.0}), (name, loop.label)


def test_a_loop_in_a_partition_of_its_own_is_compared_with_none() -> None:
    shares = relative(np.array([[3.0, 0.0], [-1.0, 0.0], [-7.0, 2.0]]), np.array([0, 0, 1]))
    assert shares.tolist() == [[0.75, 0.0], [-0.25, 0.0], [-1.0, 1.0]]


def test_an_element_in_brackets_keeps_a_loop_to_that_element(tmp_path: Path) -> None:
    text = (MODELS / "logistic.mdl").read_text(encoding="utf-8")
    for word in ("population", "births", "deaths"):
        text = text.replace(word, f"{word}[town]")
    text = text.replace("{UTF-8}\n", "{UTF-8}\ntown: east, west ~~|\n").replace(", 10)", ", start[town])")
    text = text.replace(
        "growth rate = 0.5", "start[town] = 10, 400 ~ person ~ People at the start. |\ngrowth rate = 0.5"
    )
    path = tmp_path / "towns.mdl"
    path.write_text(text, encoding="utf-8")
    east = tuple(NamedLoop(lp.label, lp.kind, tuple(f"{n}[east]" for n in lp.chain)) for lp in LOGISTIC)
    alone = loop_scores(load(MODELS / "logistic.mdl"), LOGISTIC)
    np.testing.assert_allclose(loop_scores(load(path), east).score.values, alone.score.values, rtol=1e-9)


def test_phases_of_logistic_growth_are_growth_and_then_limits() -> None:
    found = loop_scores(load(MODELS / "logistic.mdl"), LOGISTIC, watch=["population"])
    first, second = phases(found, "population")
    assert (first.loop, second.loop) == ("R", "B")
    # half of 1000 from 10 at 0.5 a year: ln(99) / 0.5 = 9.19 years
    assert first.end == 8
    assert second.start == 9
    assert first.ends == second.begins
    assert second.ends > second.begins > first.begins


def test_a_phase_shorter_than_the_shortest_goes_to_a_neighbour() -> None:
    found = loop_scores(load(MODELS / "logistic.mdl"), LOGISTIC, watch=["population"])
    assert len(phases(found, "population", shortest=12)) == 1


def test_a_model_without_named_loops_is_told_where_they_belong() -> None:
    with pytest.raises(UsageError, match="no feedback loop is named") as caught:
        loop_scores(load(MODELS / "logistic.mdl"), ())
    assert "loops.yaml" in str(caught.value)


def test_every_wrong_link_and_name_is_told_at_once() -> None:
    wrong = (
        NamedLoop("X", "reinforcing", ("births", "populaton")),
        NamedLoop("Y", "balancing", ("deaths", "births", "population")),
    )
    with pytest.raises(UsageError) as caught:
        loop_scores(load(MODELS / "logistic.mdl"), wrong)
    text = str(caught.value)
    assert "did you mean: population" in text
    assert "births does not use deaths" in text


def test_an_unknown_element_is_told_with_the_nearest(tmp_path: Path) -> None:
    text = (MODELS / "logistic.mdl").read_text(encoding="utf-8")
    for word in ("population", "births", "deaths"):
        text = text.replace(word, f"{word}[town]")
    path = tmp_path / "towns.mdl"
    path.write_text(text.replace("{UTF-8}\n", "{UTF-8}\ntown: east, west ~~|\n"), encoding="utf-8")
    with pytest.raises(UsageError, match="unknown element 'wst'"):
        loop_scores(load(path), (NamedLoop("X", "reinforcing", ("births[wst]", "population[wst]")),))


def test_a_fixed_delay_on_a_loop_is_refused(tmp_path: Path) -> None:
    text = (MODELS / "logistic.mdl").read_text(encoding="utf-8")
    path = tmp_path / "late.mdl"
    text = text.replace("births = growth rate*population", "births = DELAY FIXED(growth rate*population, 1, 5)")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="DELAY FIXED"):
        loop_scores(load(path), LOGISTIC)
