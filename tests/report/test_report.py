from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from egendekning.errors import UsageError
from egendekning.report import page, write_report
from egendekning.report.tables import whole_parts

PIXEL = b"\x89PNG not a real picture"
VOID = {"meta", "img", "source", "br", "link"}


class Reader(HTMLParser):
    """Reads a page, keeps its visible text and complains about tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def images() -> dict[str, bytes]:
    from egendekning.figures import PAGES
    from egendekning.figures.raster import file_name

    return {file_name(p.name, lang, slim=slim): PIXEL for p in PAGES for lang in ("nb", "en") for slim in (False, True)}


@pytest.fixture(scope="module", params=["nb", "en"])
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def html(comparison: Any, study: Any, images: dict[str, bytes], lang: str) -> str:
    return page(comparison, lang, study=study, images=images)


@pytest.fixture(scope="module")
def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def comma(number: float, lang: str, decimals: int = 1) -> str:
    text = f"{number:.{decimals}f}"
    return text.replace(".", ",") if lang == "nb" else text


def test_every_tag_is_closed_where_it_should_be(read: Reader) -> None:
    assert read.faults == []
    assert read.open == []


def test_no_id_is_used_twice_and_every_link_within_the_page_leads_somewhere(read: Reader) -> None:
    ids = [attrs["id"] for _, attrs in read.tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    targets = {str(attrs["href"])[1:] for attrs in read.all("a")}
    labelled = {str(attrs["aria-labelledby"]) for _, attrs in read.tags if "aria-labelledby" in attrs}
    assert targets | labelled <= set(ids)


def test_the_page_needs_no_network_and_no_script(read: Reader, html: str) -> None:
    assert "http" not in re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", html)
    assert not read.all("script")
    assert not read.all("link")
    assert read.all("img")
    assert read.all("source")
    for attrs in read.all("img"):
        assert str(attrs["src"]).startswith("data:image/png;base64,")
    for attrs in read.all("source"):
        assert str(attrs["srcset"]).startswith("data:image/png;base64,")


def test_the_page_says_its_language(read: Reader, lang: str) -> None:
    assert read.all("html")[0]["lang"] == lang


def test_headings_do_not_skip_a_level_and_there_is_one_first(read: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_picture_is_told_in_words(read: Reader) -> None:
    assert len(read.all("img")) == 9
    assert all(len(str(attrs["alt"])) > 40 for attrs in read.all("img"))


def test_every_heading_cell_of_a_table_has_a_scope(read: Reader) -> None:
    assert read.all("th")
    assert all(attrs.get("scope") in ("col", "row") for attrs in read.all("th"))
    assert len(read.all("caption")) == len(read.all("table")) == 5


def test_every_scenario_is_told_by_its_title_and_its_clauses(read: Reader, study: Any, lang: str) -> None:
    for scenario in study.scenarios.values():
        assert getattr(scenario, f"title_{lang}") in read.text
        for clause in scenario.clauses:
            assert getattr(clause, f"text_{lang}") in read.text


def test_the_numbers_shown_are_the_numbers_of_the_summary(read: Reader, comparison: Any, lang: str) -> None:
    table = comparison.summary["value"]
    for scenario in table["scenario"].values:
        levels = [(f"egendekning@{year}", "p50") for year in (2025, 2030, 2040)]
        for measure, statistic in [*levels, ("egendekning@2040", "diff_p50"), ("egendekning@2040", "reference")]:
            if scenario == "baseline" and statistic == "diff_p50":
                continue
            value = 100 * abs(float(table.sel(scenario=scenario, measure=measure, statistic=statistic)))
            either = {comma(value + nudge, lang) for nudge in (-1e-9, 1e-9)}  # halves may go either way
            assert any(text in read.text for text in either), (scenario, measure, statistic)


def test_decimals_have_a_comma_in_bokmaal_and_a_point_in_english(read: Reader, lang: str) -> None:
    wrong = r"\d\.\d+\s*%" if lang == "nb" else r"\d,\d+\s*%"
    assert not re.search(wrong, read.text)


def test_the_bands_are_named_for_what_they_are(read: Reader, lang: str) -> None:
    assert {"nb": "80 % av trekningene", "en": "80 % of draws"}[lang] in read.text.replace("\u00a0", " ")


def test_no_name_of_the_model_and_no_id_is_shown(read: Reader, comparison: Any, lang: str) -> None:
    shown = read.text
    ids = [name for name in comparison.dataset["scenario"].values if "_" in name]
    hidden = [*ids, "in commuters", "live and work,", "net operating result share", "diff_p50", "MNOK/year", "Dmnl"]
    assert not [name for name in hidden if name in shown]


def test_the_first_screen_names_the_register_the_plan_and_the_contracts(read: Reader, lang: str) -> None:
    said = {
        "nb": ("92,7 %", "cirka 97 prosent", "arbeidsforhold", "100,1 %"),
        "en": ("92.7 %", "about 97 per cent", "employment contracts", "100.1 %"),
    }
    top = read.text.replace("\u00a0", " ").split({"nb": " Innhold ", "en": " Contents "}[lang])[0]
    for words in said[lang]:  # 92.7 % times 1.08 contracts a person is 100.1 %
        assert words in top, words


def test_the_share_of_assumptions_counts_only_inputs_that_are_drawn(read: Reader, lang: str) -> None:
    sentence = {"nb": "2 av de 4 usikre inngangsverdiene (50 %)", "en": "2 of the 4 uncertain inputs (50 %)"}[lang]
    assert sentence in read.text.replace("\u00a0", " ")


def test_provenance_is_at_the_foot(read: Reader, comparison: Any) -> None:
    for name in ("version", "model_hash", "study_hash", "seed", "draws"):
        assert str(comparison.dataset.attrs[name]) in read.text


def test_rows_of_the_table_of_jobs_add_up_as_shown(html: str) -> None:
    table = html.split("<table")[3]
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", table)
    assert len(rows) == 17
    for row in rows:
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
        trade, regional, national, public, jobs, live, inward, outward, employed = (
            int(re.sub(r"\D", "", cell)) for cell in cells[:9]
        )
        assert trade + regional + national + public == jobs == live + inward
        assert live + outward == employed


def test_rows_of_the_table_of_money_add_up_as_shown(html: str, lang: str) -> None:
    table = html.split("<table")[5]
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", table)
    assert len(rows) == 17
    for row in rows:
        cells = [cell.replace("−", "-") for cell in re.findall(r"<td[^>]*>(.*?)</td>", row)]
        if lang == "nb":
            cells = [cell.replace(",", ".") for cell in cells]
        own, equalised, after = (float(re.sub(r"[^\d.-]", "", cell)) for cell in cells[:3])
        assert own + equalised == pytest.approx(after, abs=1e-9)


@pytest.mark.parametrize(
    ("parts", "total", "rounded"),
    [([1.4, 1.4, 1.2], 4, [2, 1, 1]), ([2.0, 3.0], 5, [2, 3]), ([0.5, 0.5], 1, [1, 0])],
)
def test_parts_are_rounded_so_that_they_add_up(parts: list[float], total: int, rounded: list[int]) -> None:
    assert whole_parts(parts, total) == rounded


def test_a_scenario_that_does_harm_is_said_to_do_harm(comparison: Any, study: Any, images: dict[str, bytes]) -> None:
    text = page(comparison, "nb", study=study, images=images)
    card = text.split('id="card-housing_led"')[1].split("</article>")[0]
    assert "Senker egendekningen i minst 90\u00a0% av trekningene." in card
    assert "flere innbyggere" in card


def test_a_band_on_both_sides_of_zero_is_said_to_go_either_way(
    fake: ModuleType, study: Any, images: dict[str, bytes]
) -> None:
    result = fake.comparison(("baseline", "port"))
    place = {"scenario": "port", "measure": "egendekning@2040", "statistic": "diff_p10"}
    result.summary["value"].loc[place] = -0.01
    assert "Kan slå begge veier" in page(result, "nb", study=study, images=images)


def test_measures_that_do_nothing_are_not_praised(fake: ModuleType, study: Any, images: dict[str, bytes]) -> None:
    result = fake.comparison(("baseline", "housing_led"))
    text = page(result, "nb", study=study, images=images)
    assert "Ingen av tiltakene som er sammenlignet, løfter egendekningen" in text


def test_a_year_that_never_comes_is_told_in_words(read: Reader, lang: str) -> None:
    assert {"nb": "ikke før 2050", "en": "not before 2050"}[lang] in read.text
    assert "nan" not in read.text.lower().split()


def test_a_comparison_of_the_baseline_alone_has_a_report(fake: ModuleType, images: dict[str, bytes]) -> None:
    assert "</html>" in page(fake.comparison(("baseline",)), "en", images=images)


@pytest.mark.slow
def test_the_file_is_written_small_enough_to_mail_and_the_same_each_time(
    fake: ModuleType, comparison: Any, study: Any, tmp_path: Path
) -> None:
    from egendekning.figures import save_figures

    figures = save_figures(comparison, tmp_path / "figures", "nb", study=study)
    paths = [write_report(comparison, tmp_path / name, "nb", study=study, figures=figures) for name in ("a", "b")]
    assert paths[0].name == "report.html"
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].stat().st_size < 5_000_000


def test_an_unknown_language_is_a_usage_error(comparison: Any, images: dict[str, bytes]) -> None:
    with pytest.raises(UsageError, match="nb, en"):
        page(comparison, "sv", images=images)


def test_text_from_a_study_is_escaped(fake: ModuleType, images: dict[str, bytes]) -> None:
    wicked = fake.study()
    wicked.scenarios["port"].title_nb = "<script>x</script> & havn"
    text = page(fake.comparison(("baseline", "port")), "nb", study=wicked, images=images)
    assert "<script>" not in text
    assert "&amp; havn" in text


def test_colours_of_text_stand_out_from_the_paper() -> None:
    from importlib.resources import files

    css = files("egendekning.report").joinpath("templates", "report.css").read_text(encoding="utf-8")
    for name in ("--ink", "--quiet", "--deep"):
        colour = re.search(rf"{name}: (#[0-9a-f]{{6}})", css)
        assert colour is not None
        assert contrast(colour[1], "#f3f5f7") >= 4.5, "WCAG 2.2, level AA, on the darker of the two papers"


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        shares = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
        linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
