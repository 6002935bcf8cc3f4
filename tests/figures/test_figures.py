from __future__ import annotations

import io
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Text
from PIL import Image

from egendekning.figures import (
    PAGES,
    chances,
    changes,
    context_of,
    fan,
    panel,
    ranking,
    save_figures,
    stacks,
    style,
    waterfall,
)
from egendekning.figures.norms import norm
from egendekning.figures.pages import featured
from egendekning.figures.reading import effect, probability, yearly
from egendekning.figures.save import png

BANDS = {
    "nb": ("50\u00a0% av trekningene", "80\u00a0% av trekningene"),
    "en": ("50\u00a0% of draws", "80\u00a0% of draws"),
}


def texts(figure: Figure) -> list[str]:
    with style.quiet():
        figure.draw_without_rendering()
    return [" ".join(text.get_text().split(" ")).replace("\n", " ") for text in figure.findobj(Text) if text.get_text()]


def empty() -> tuple[Figure, Any]:
    figure = Figure(figsize=(8, 5), layout="constrained")
    return figure, figure.add_subplot()


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["nb", "en"])
def test_every_figure_is_written_in_both_shapes_and_holds_something(
    comparison: Any, study: Any, tmp_path: Path, lang: str
) -> None:
    paths = save_figures(comparison, tmp_path / "figures", lang, study=study)
    assert len(paths) == 2 * len(PAGES)
    for path in paths:
        with Image.open(path) as image:
            assert image.format == "PNG"
            assert np.asarray(image.convert("L")).std() > 5, f"{path.name} is empty"


def test_the_same_results_give_the_same_bytes(fake: ModuleType, study: Any) -> None:
    known = context_of("nb", study)
    page = next(page for page in PAGES if page.name == "differences")
    few = [fake.comparison(("baseline", "housing_led")) for _ in range(2)]
    first, second = (png(page, result, known, changes(result), slim=False) for result in few)
    assert first == second


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_the_bands_of_the_fan_are_named_as_shares_of_the_draws(comparison: Any, study: Any, lang: str) -> None:
    figure, ax = empty()
    fan(comparison, ax, context=context_of(lang, study))
    assert set(BANDS[lang]) <= set(texts(figure))


def test_the_fan_returns_its_axes_and_takes_a_dataset_alone(comparison: Any) -> None:
    _, ax = empty()
    assert fan(comparison.dataset, ax) is ax


def test_the_fan_shows_the_register_history_in_per_cent(comparison: Any, study: Any) -> None:
    _, ax = empty()
    fan(comparison, ax, context=context_of("nb", study))
    points = next(line for line in ax.lines if line.get_linestyle() == "None")
    assert np.allclose(points.get_xdata(), [2017.875, 2018.875, 2019.875, 2020.875])
    assert np.allclose(points.get_ydata(), [94.4, 94.6, 93.2, 92.7])


def test_the_bands_leave_out_the_reference_draw(fake: ModuleType) -> None:
    result = fake.comparison(("baseline",))
    result.dataset["egendekning"][0, 0] = 50.0
    _, ax = empty()
    fan(result, ax)
    assert ax.get_ylim()[1] < 200


def test_the_ranking_shows_the_numbers_of_the_summary_with_decimal_comma(comparison: Any, study: Any) -> None:
    figure, ax = empty()
    known = context_of("nb", study)
    ranking(comparison, ax, context=known)
    shown = " ".join(texts(figure))
    for name in study.scenarios:
        if name != "baseline":
            number = f"{100 * abs(effect(comparison, name)):.1f}".replace(".", ",")
            assert number in shown, name


def test_the_ranking_puts_the_largest_effect_on_top_and_events_below_the_measures(comparison: Any, study: Any) -> None:
    _, ax = empty()
    ranking(comparison, ax, context=context_of("nb", study))
    names = [label.get_text().replace("\n", " ") for label in ax.get_yticklabels()]
    assert names[0] == "Hele virkemiddelapparatet"
    assert names.index("Boligdrevet vekst") < names.index("Oljeprisfall")


def test_a_bar_of_the_chances_is_as_long_as_the_probability(comparison: Any, study: Any) -> None:
    _, ax = empty()
    chances(comparison, ax, context=context_of("nb", study))
    widths = [patch.get_width() for patch in ax.patches]
    assert any(abs(width - probability(comparison, "full_toolbox", 2040)) < 1e-9 for width in widths)


def test_the_parts_of_a_change_add_up_to_the_change(comparison: Any) -> None:
    parts = changes(comparison)
    ratio = comparison.dataset["egendekning"].isel(draw=slice(1, None)).mean("draw")
    base = ratio.sel(scenario="baseline")
    over_time = float(base.sel(time=2040.875) - base.sel(time=2019.875))
    assert np.isclose(float(parts.sel(change="baseline").sum()), over_time, rtol=0, atol=1e-12)
    apart = float(ratio.sel(scenario="port", time=2040.875) - base.sel(time=2040.875))
    assert np.isclose(float(parts.sel(change="port").sum()), apart, rtol=0, atol=1e-12)


def test_the_waterfall_ends_at_the_sum_of_its_steps(comparison: Any) -> None:
    _, ax = empty()
    parts = changes(comparison)
    waterfall(parts, ax, start=2019)
    total = ax.patches[-1]
    assert np.isclose(total.get_width(), 100 * float(parts.sel(change="baseline").sum()))


def test_every_part_of_the_stacks_has_a_hatch_or_a_colour_of_its_own_and_a_label(comparison: Any, study: Any) -> None:
    figure, ax = empty()
    stacks(changes(comparison), ax, context=context_of("nb", study))
    entries = [patch for patch in figure.legends[0].get_patches() if isinstance(patch, Patch)]
    looks = {(patch.get_facecolor(), patch.get_hatch()) for patch in entries}
    assert len(looks) == len(entries) == 7
    assert "Arbeidsplasser: handel og besøk" in texts(figure)


def test_lines_differ_in_style_and_not_in_colour_alone() -> None:
    styles = [str(look.line) for look in (style.BASELINE_LOOK, *style.LOOKS)]
    assert len(set(styles)) == len(styles)


def test_money_is_drawn_as_means_of_calendar_years(comparison: Any) -> None:
    series = comparison.dataset["own tax"].isel(scenario=0)
    means = yearly(series)
    assert np.allclose(means["time"].values[:2], [2019.5, 2020.5])
    assert np.allclose(means.isel(time=1), series.sel(time=[2020.125, 2020.375, 2020.625, 2020.875]).mean("time"))


def test_a_panel_picks_the_element_named_in_brackets(comparison: Any) -> None:
    _, ax = empty()
    panel(comparison, ax, variable="jobs by class[public]", scale=1000)
    drawn = np.asarray(ax.lines[0].get_ydata())
    jobs = (
        comparison.dataset["jobs by class"].sel({"scenario": "baseline", "class": "public"}).isel(draw=slice(1, None))
    )
    assert np.allclose(drawn, np.median(jobs.values, axis=0) / 1000)


def test_the_emission_target_is_55_per_cent_below_the_base_year(comparison: Any, study: Any) -> None:
    from egendekning.figures import emissions

    figure, ax = empty()
    emissions(comparison, ax, context=context_of("en", study))
    assert any("135" in text and "55" in text for text in texts(figure)), "300 kt less 55 % is 135 kt"


def test_every_norm_has_a_source() -> None:
    assert norm("net_operating_result_share").value == 0.0175
    assert "TBU" in norm("net_operating_result_share").source


def test_the_featured_scenarios_are_measures_and_hold_the_best_and_the_weakest(comparison: Any, study: Any) -> None:
    chosen = featured(comparison, context_of("nb", study))
    assert chosen == ["full_toolbox", "business_land", "housing_led"]


@pytest.mark.slow
def test_a_comparison_of_the_baseline_alone_can_be_drawn(fake: ModuleType, tmp_path: Path) -> None:
    assert save_figures(fake.comparison(("baseline",)), tmp_path, "en")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_letter_is_missing_from_the_font(page: Any, comparison: Any, study: Any) -> None:
    from egendekning.figures.pages import drawn

    figure = drawn(page, comparison, context_of("nb", study), changes(comparison), slim=True)
    with style.quiet(), warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        figure.savefig(io.BytesIO(), dpi=40)
    assert [str(w.message) for w in told if "Glyph" in str(w.message)] == []
