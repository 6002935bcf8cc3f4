"""Figures of sweeps, of robustness and of discovery: what they say, in both languages and both widths."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.text import Text

from egendekning.errors import UsageError
from egendekning.figures import style
from egendekning.figures.context import Context
from egendekning.figures.discovery import box, peeling
from egendekning.figures.robustness import regret_map, wins
from egendekning.figures.sensitivity import bars, tornado
from egendekning.figures.sensitivity_runs import heat, scatter
from egendekning.figures.sensitivity_time import areas, lines
from egendekning.figures.words import Words, unit_of
from egendekning.sensitivity.discovery import discover
from egendekning.sensitivity.indices import Options, indices, sweep_of
from egendekning.sensitivity.robustness import pairwise, regrets

TIMES = [2030.875, 2040.875]
KINDS = ["lever", "constant", "driver"]


def empty(width: float = 8.2) -> Figure:
    figure = Figure(figsize=(width, 5), layout="constrained")
    figure.add_subplot()
    return figure


def texts(figure: Figure) -> str:
    with style.quiet():
        figure.draw_without_rendering()
    return " | ".join(t.get_text().replace("\n", " ") for t in figure.findobj(Text) if t.get_text())


@pytest.fixture(scope="module")
def sweep() -> xr.Dataset:
    rng = np.random.default_rng(0)
    x = rng.random((400, 3))
    y = np.stack([0.93 + 0.02 * x[:, 0], 0.93 + 0.1 * x[:, 0] - 0.05 * x[:, 1] + 0.01 * x[:, 2]], axis=1)
    said = {"unit": "Dmnl", "label_nb": "Egendekning (nb)", "label_en": "Egendekning (en)"}
    data = {"design": (("run", "factor"), x), "egendekning@all": (("run", "time"), y, said)}
    coords = {"factor": ["land", "zoning delay", "growth"], "time": TIMES, "kind": ("factor", KINDS)}
    attrs = {"method": "lhs", "problem": {"names": ["land", "zoning delay", "growth"]},
             "labels_nb": {"land": "Næringsareal"}, "labels_en": {"land": "Business land"},
             "units": {"land": "daa/year"}}  # fmt: skip
    return xr.Dataset(data, coords, attrs)


@pytest.mark.parametrize(
    ("lang", "lever", "what"), [("nb", "virkemiddel", "Næringsareal"), ("en", "lever", "Business land")]
)
@pytest.mark.parametrize("width", [8.2, 4.3])
def test_a_tornado_names_factors_kinds_and_what_it_shows(
    sweep: xr.Dataset, lang: str, lever: str, what: str, width: float
) -> None:
    figure = empty(width)
    ax = figure.axes[0]
    assert tornado(indices(sweep, "egendekning@all", "swings"), ax, words=Words(lang)) is ax
    said = texts(figure)
    assert lever in said
    assert what in said
    assert f"Egendekning ({lang}), 2040" in said


@pytest.mark.parametrize(("lang", "level", "share"), [("nb", "laveste nivået", "10"), ("en", "lowest level", "10")])
def test_a_tornado_of_a_grid_speaks_of_levels_and_one_of_a_sample_of_a_share(
    sweep: xr.Dataset, lang: str, level: str, share: str
) -> None:
    one, two = empty(), empty()
    tornado(indices(grid(0.1), "egendekning@2040", "swings"), one.axes[0], words=Words(lang))
    tornado(indices(sweep, "egendekning@all", "swings"), two.axes[0], words=Words(lang))
    assert level in texts(one)
    assert f"{share}\N{NO-BREAK SPACE}%" not in one.axes[0].get_xlabel()
    assert f"{share}\N{NO-BREAK SPACE}%" in two.axes[0].get_xlabel()


def test_the_strongest_factor_of_a_tornado_is_on_top(sweep: xr.Dataset) -> None:
    figure = empty()
    tornado(indices(sweep, "egendekning@all", "swings"), figure.axes[0], words=Words("en"))
    assert [t.get_text() for t in figure.axes[0].get_yticklabels()] == ["Business land", "zoning delay", "growth"]


def test_bars_of_one_kind_show_that_kind_alone_with_their_interval(sweep: xr.Dataset) -> None:
    figure = empty()
    found = indices(sweep, "egendekning@all", "regression", Options(resamples=20))
    bars(found, figure.axes[0], index="PRCC", words=Words("en"), kinds=["lever"])
    said = texts(figure)
    assert "Business land" in said
    assert "zoning delay" not in said
    assert "95\N{NO-BREAK SPACE}% interval" in said


def test_areas_fill_the_whole_with_what_nobody_explains(sweep: xr.Dataset) -> None:
    figure = empty()
    areas(indices(sweep, "egendekning@all", "shapley"), figure.axes[0], index="shapley", words=Words("nb"))
    tops = [float(path.vertices[:, 1].max()) for c in figure.axes[0].collections for path in c.get_paths()]
    assert max(tops) == pytest.approx(1.0)
    said = texts(figure)
    assert "usikre konstanter" in said
    assert "ikke forklart" in said


def test_lines_over_time_are_told_apart_by_more_than_colour(sweep: xr.Dataset) -> None:
    figure = empty()
    found = indices(sweep, "egendekning@all", "regression", Options(resamples=20))
    lines(found, figure.axes[0], index="SRC", words=Words("en"))
    drawn = [
        line for line in figure.axes[0].lines if len(line.get_xdata()) == len(TIMES) and line.get_color() != style.INK
    ]
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in drawn}) == len(drawn) == 3


def test_a_scatter_marks_100_percent_only_where_runs_lie_on_both_sides(sweep: xr.Dataset) -> None:
    counts = []
    for shift in (0.0, 0.2):
        figure = empty()
        moved = sweep.copy()
        moved["egendekning@all"] = (sweep["egendekning@all"] + shift).assign_attrs(sweep["egendekning@all"].attrs)
        scatter(sweep_of(moved), figure.axes[0], outcome="egendekning@all", factor="land", words=Words("en"))
        counts.append(sum(list(line.get_ydata()) == [100.0, 100.0] for line in figure.axes[0].lines))
    assert counts == [1, 0]


def grid(reach: float) -> xr.Dataset:
    """Return a grid over which egendekning is 0.9 + reach (x + y) / 2."""
    levels = np.linspace(0.0, 1.0, 6)
    x = np.stack([a.ravel() for a in np.meshgrid(levels, levels, indexing="ij")], axis=1)
    said = {"unit": "Dmnl", "label_nb": "Egendekning 2040", "label_en": "Egendekning 2040 (en)"}
    data = {"design": (("run", "factor"), x), "egendekning@2040": ("run", 0.9 + reach * x.mean(axis=1), said)}
    return xr.Dataset(data, {"factor": ["land", "transport"]}, {"method": "grid"})


def test_the_contour_of_100_percent_lies_where_the_outcome_is_one() -> None:
    figure = empty()
    ax = figure.axes[0]
    heat(sweep_of(grid(0.2)), ax, outcome="egendekning@2040", factors=("land", "transport"), words=Words("en"))
    contour = next(c for c in ax.collections if type(c).__name__ == "QuadContourSet")
    points = np.concatenate([path.vertices for path in contour.get_paths()])
    assert points.sum(axis=1) == pytest.approx(1.0)  # 0.9 + 0.2 (x + y) / 2 = 1
    assert "as many jobs as employed residents" in texts(figure)


def test_a_map_that_does_not_reach_100_percent_says_how_far_it_gets() -> None:
    figure = empty()
    heat(
        sweep_of(grid(0.05)),
        figure.axes[0],
        outcome="egendekning@2040",
        factors=("land", "transport"),
        words=Words("nb"),
    )
    assert "100\N{NO-BREAK SPACE}% nås ikke: høyest 95,0\N{NO-BREAK SPACE}%" in texts(figure)


def test_a_map_of_a_sample_that_is_no_grid_is_refused(sweep: xr.Dataset) -> None:
    with pytest.raises(UsageError, match="full grid"):
        heat(sweep_of(sweep), empty().axes[0], outcome="egendekning@all", factors=("land", "growth"))


@pytest.fixture(scope="module")
def level() -> xr.DataArray:
    values = np.array([[0.95, 0.96, 0.97], [0.94, 0.97, 0.96]])
    coords = {"scenario": ["land", "port"], "draw": [1, 2, 3]}
    attrs = {"unit": "Dmnl", "label_nb": "Egendekning 2040", "label_en": "Egendekning 2040 (en)"}
    return xr.DataArray(values, coords, ("scenario", "draw"), attrs=attrs)


def test_who_beats_whom_is_written_in_the_cells(level: xr.DataArray) -> None:
    figure = empty()
    wins(pairwise(level), figure.axes[0], context=Context(Words("en"), {"land": "Business land"}))
    said = texts(figure).split(" | ")
    assert {"1  Business land", "67", "33"} <= set(said)  # better in draws 1 and 3, worse in draw 2


@pytest.mark.parametrize(("lang", "unit"), [("nb", "prosentpoeng"), ("en", "percentage points")])
def test_regret_is_shown_in_percentage_points(level: xr.DataArray, lang: str, unit: str) -> None:
    figure = empty()
    regret_map(regrets(level), level, figure.axes[0], context=Context(Words(lang)))
    assert unit in texts(figure)
    shown = figure.axes[0].images[0].get_array()
    assert float(shown.max()) == pytest.approx(1.0)  # 0.97 against 0.96


def test_a_title_is_broken_within_parentheses_that_are_longer_than_a_line() -> None:
    figure = empty(4.3)
    style.title(figure.axes[0], "What each choice loses (Social costs, child welfare included 2030; less is better)")
    lines = figure.get_suptitle().splitlines()
    assert max(map(len, lines)) <= 42  # letters that a narrow figure has room for
    style.title(figure.axes[0], "What moves it most over the years (short words)")
    assert figure.get_suptitle().splitlines()[-1] == "(short\N{NO-BREAK SPACE}words)"


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["nb", "en"])
def test_a_box_and_its_peeling_say_what_they_are(lang: str) -> None:
    rng = np.random.default_rng(0)
    x = rng.random((600, 4))
    found = discover(
        x,
        ["growth", "delay", "other", "more"],
        (x[:, 0] > 0.6) & (x[:, 1] < 0.5),
        units=["1/year", "year", "1", "Dmnl"],
    )
    labels = {"growth": "Vekst[trade]", "delay": "Ventetid"}
    found = found.assign_coords(factor_nb=("factor", [labels.get(str(n), str(n)) for n in found["factor"].values]))
    words = Words(lang)
    one, two = empty(), empty()
    peeling(found, one.axes[0], policy="X", words=words)
    box(found, two.axes[0], words=words)
    assert words.text("discover.coverage") in texts(one)
    assert words.text("discover.base", share=words.percent(found.attrs["base"], 0)) in texts(one)
    said = texts(two)
    assert {"nb": "Ventetid (år)", "en": "delay (year)"}[lang] in said
    assert {"nb": "Vekst (handel\N{NO-BREAK SPACE}og\N{NO-BREAK SPACE}besøk) (1/år)", "en": "growth (1/year)"}[
        lang
    ] in said
    assert words.text("discover.fails") in said


@pytest.mark.parametrize(("unit", "nb"), [("MNOK/year", "mill. kr/år"), ("person/daa", "person/dekar"), ("Dmnl", ""),
                                          ("NOK/(person*year)", "kr/(person·år)")])  # fmt: skip
def test_units_are_written_in_the_language_of_the_reader(unit: str, nb: str) -> None:
    assert unit_of(unit, "nb") == nb
    assert unit_of(unit, "en") == ("" if unit == "Dmnl" else unit)
