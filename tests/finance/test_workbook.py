"""The workbook holds the Dataset to the øre, with live sums, and opens and recalculates in LibreOffice."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from openpyxl import load_workbook

from egendekning.ensemble import Bound
from egendekning.finance.effects import PARTS
from egendekning.finance.files import write_csv, write_netcdf
from egendekning.finance.lines import LINES
from egendekning.finance.tables import Finance
from egendekning.finance.workbook import write_workbook
from egendekning.finance.workbook.texts import said_in

pytestmark = pytest.mark.slow

HALF_AN_ORE = 0.5e-8  # MNOK
SHEETS = {"Økonomiplan": 1, "Sammenligning": 0}
FIRST = 4  # column of 2019
NO_OFFICE = "LibreOffice (soffice) is not installed: the workbook cannot be opened in it here"


def rows(page: Any) -> dict[str, int]:
    """Row by label; the first where a label comes twice."""
    found: dict[str, int] = {}
    for (cell,) in page.iter_rows(max_col=1):
        found.setdefault(str(cell.value), cell.row)
    return found


def plan_cells(book: Any, tables: Finance) -> Iterator[tuple[str, object, float]]:
    """Yield where, what the workbook holds and what the Dataset holds."""
    for name, place in SHEETS.items():
        page, data = book[name], tables.dataset["plan"].isel(scenario=place).sel(statistic="central")
        at = rows(page)
        for line in LINES:
            for i, year in enumerate(tables.years):
                yield (
                    f"{name} {line.id} {year}",
                    page.cell(at[line.nb], FIRST + i).value,
                    float(data.sel(line=line.id, year=year)),
                )
    page, data = book["Virkning"], tables.dataset["effect"].sel(statistic="central")
    at = rows(page)
    for part in PARTS:
        if part.id != "not_explained":
            for i, year in enumerate(tables.years):
                yield (
                    f"{part.id} {year}",
                    page.cell(at[part.nb], FIRST + i).value,
                    float(data.sel(part=part.id, year=year)),
                )


def test_every_cell_of_plan_and_effect_equals_the_dataset_to_the_ore(workbook: Path, tables: Finance) -> None:
    book = load_workbook(workbook, data_only=True)
    count = 0
    for where, found, expected in plan_cells(book, tables):
        assert isinstance(found, (int, float)), where
        assert found == pytest.approx(expected, abs=HALF_AN_ORE), where
        count += 1
    assert count > 3000


def test_sums_and_differences_are_live_formulas(workbook: Path) -> None:
    book = load_workbook(workbook)
    plan, at = book["Økonomiplan"], rows(book["Økonomiplan"])
    for line in LINES:
        value = str(plan.cell(at[line.nb], FIRST + 4).value)
        assert value.startswith("=") == bool(line.parts or line.id in ("result_norm", "fund_opening", "debt_opening"))
    change = book["Endring"]
    assert all(str(change.cell(rows(change)[line.nb], FIRST + 4).value).startswith("=") for line in LINES)


def test_numbers_are_written_the_norwegian_way(workbook: Path) -> None:
    page = load_workbook(workbook)["Økonomiplan"]
    form = page.cell(rows(page)["Sum driftsinntekter"], FIRST).number_format
    assert form == '[>=0.05][$-414]#,##0.0;[<=-0.05][$-414]-#,##0.0;"0,0"'  # a rounded zero has no sign


def test_there_are_sheets_for_assumptions_with_sources_and_for_definitions(workbook: Path, bound: Bound) -> None:
    book = load_workbook(workbook, data_only=True)
    text = {str(c.value) for row in book["Forutsetninger og kilder"].iter_rows() for c in row if c.value is not None}
    for series in bound.study.rules.values():
        assert series.label_nb in text
        assert said_in("nb", series.extension) in text
    assert "ukjent" in text  # the merger grant
    beside = next(t for t in text if t.startswith("Modellen: ") and "KOSTRA" in t)
    assert "," in beside
    defined = rows(book["Definisjoner"])
    assert all(line.nb in defined for line in LINES)


def test_years_with_extended_rules_are_marked_in_the_plan(workbook: Path) -> None:
    page = load_workbook(workbook, data_only=True)["Økonomiplan"]
    at = rows(page)["Regler for året"]
    assert page.cell(at, FIRST + 3).value != "forlenget"  # 2022
    assert page.cell(at, FIRST + 11).value == "forlenget"  # 2030


def test_the_same_tables_give_the_same_file(workbook: Path, tables: Finance, bound: Bound, tmp_path: Path) -> None:
    again = write_workbook(tables, tmp_path / "finance.xlsx", bound.study, "nb")
    assert again.read_bytes() == workbook.read_bytes()


def test_the_english_workbook_has_the_same_numbers(tables: Finance, bound: Bound, tmp_path: Path) -> None:
    page = load_workbook(write_workbook(tables, tmp_path / "en.xlsx", bound.study, "en"), data_only=True)[
        "Economy plan"
    ]
    found = page.cell(rows(page)["Operating income in all"], FIRST + 2).value
    plan = tables.dataset["plan"].isel(scenario=1)
    assert found == float(plan.sel(line="operating_income", year=2021, statistic="central"))


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
@pytest.mark.slow
def test_libreoffice_opens_it_and_recalculates_the_same_values(workbook: Path, tables: Finance, tmp_path: Path) -> None:
    bare = tmp_path / "bare.xlsx"
    load_workbook(workbook).save(bare)  # without the values that the formulas carry, so that they must be calculated
    out = tmp_path / "out"
    done = subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx",
         "--outdir", str(out), str(bare)],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    assert "Error" not in done.stdout + done.stderr
    book = load_workbook(out / "bare.xlsx", data_only=True)
    for where, found, expected in plan_cells(book, tables):
        assert found == pytest.approx(expected, abs=HALF_AN_ORE), where
    # every other cell: no errors, the checks on the front hold, and what is calculated is what the file carried
    cells = [(page.title, c.coordinate, c.value) for page in book for row in page.iter_rows() for c in row]
    assert not [at for at in cells if isinstance(at[2], str) and at[2].startswith(("#", "Err:"))]
    front = {str(c.value) for row in book["Forside"].iter_rows() for c in row}
    assert "stemmer" in front
    assert "STEMMER IKKE" not in front
    carried = load_workbook(workbook, data_only=True)
    for page in carried:
        for row in page.iter_rows():
            for cell in row:
                if isinstance(cell.value, (int, float)):
                    at = f"{page.title}!{cell.coordinate}"
                    assert book[page.title][cell.coordinate].value == pytest.approx(cell.value, abs=1e-6), at


@pytest.mark.skipif(shutil.which("soffice") is None, reason=NO_OFFICE)
@pytest.mark.slow
def test_a_reader_sees_minus_signs_and_decimal_commas(workbook: Path, tables: Finance, tmp_path: Path) -> None:
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to",
         "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true",
         "--outdir", str(tmp_path), str(workbook)],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    seen = next(tmp_path.glob("*.csv")).read_text("utf-8").splitlines()  # the front page, as shown
    row = next(csv.reader([next(line for line in seen if line.startswith("Endret handlingsrom"))]))
    effect = tables.dataset["effect"].sel(part="before_standard", statistic="central", year=2024)
    assert float(effect) < 0
    assert row[2] == f"{float(effect):.1f}".replace(".", ",")


def test_csv_and_netcdf_hold_the_same_numbers(tables: Finance, tmp_path: Path) -> None:
    write_csv(tables, tmp_path / "finance.csv")
    write_netcdf(tables, tmp_path / "finance.nc")
    with (tmp_path / "finance.csv").open(encoding="utf-8", newline="") as file:
        found = {
            (r["scenario"], r["row"], r["year"], r["statistic"]): r
            for r in csv.DictReader(file)
            if r["table"] == "plan"
        }
    plan = tables.dataset["plan"]
    with xr.open_dataset(tmp_path / "finance.nc") as read:
        xr.testing.assert_equal(read["plan"].reset_coords(drop=True), plan.reset_coords(drop=True))
        assert read.attrs["scenario"] == "full_toolbox"
    for year in (2021, 2040):
        row = found["full_toolbox", "operating_income", str(year), "central"]
        value = float(plan.sel(scenario="full_toolbox", line="operating_income", year=year, statistic="central"))
        assert float(row["value"]) == pytest.approx(value, abs=HALF_AN_ORE)
        assert row["unit"] == "MNOK"
        assert row["prices"] == "nominal"
    assert found["full_toolbox", "operating_income", "2030", "central"]["rules"] == "extended"
    assert np.isfinite(float(found["baseline", "result_share", "2030", "p10"]["value"]))


def test_published_account_and_budget_stand_beside_the_model(workbook: Path, tables: Finance) -> None:
    page = load_workbook(workbook, data_only=True)["Økonomiplan"]
    at = rows(page)
    assert page.cell(5, 2).value == 2020
    assert page.cell(5, 3).value == 2021
    assert page.cell(at["Rammetilskudd med inntektsutjevning"], 2).value == pytest.approx(2936.272)  # KOSTRA A800
    assert page.cell(at["Innbyggertilskudd"], 3).value == pytest.approx(2516.7688775)  # Grønt hefte 2021, nominal
    assert page.cell(at["Innbyggertilskudd"], 2).value is None
    grants = ("Innbyggertilskudd", "Utgiftsutjevning", "Storbytilskudd", "Inntektsgarantiordningen (INGAR)",
              "Særskilt fordeling med inndelingstilskudd", "Skjønnstilskudd")  # fmt: skip
    total = page.cell(at["Rammetilskudd uten inntektsutjevning"], 3).value
    assert total == pytest.approx(sum(page.cell(at[g], 3).value for g in grants), abs=0.001)  # the column adds up


@pytest.mark.parametrize("sheet", ["Økonomiplan", "Sammenligning", "Endring", "Virkning", "Nåverdi", "Hvem vinner",
                                   "Én jobb til", "Utenfor arbeid", "Sosiale utgifter", "Usikkerhet"])  # fmt: skip
def test_every_sheet_of_numbers_says_how_the_rules_are_known(workbook: Path, sheet: str) -> None:
    page = load_workbook(workbook, data_only=True)[sheet]
    said = " ".join(str(c.value) for row in page.iter_rows() for c in row if isinstance(c.value, str))
    assert "publisert" in said or "forlenget" in said
    assert "{" not in said  # nothing left to fill in


def test_bands_hold_present_values_and_parties_and_recipients(workbook: Path, tables: Finance) -> None:
    page = load_workbook(workbook, data_only=True)["Usikkerhet"]
    found = [str(c.value) for (c,) in page.iter_rows(max_col=1)]
    for label in ("Handlingsrom etter gjenstående gjeld", "Staten", "Sosialhjelpsmottakere i året"):
        assert label in found
    at = found.index("Handlingsrom etter gjenstående gjeld") + 1
    worth = tables.dataset["worth"].sel(worth_row="after_debt", rate=4.0)
    assert page.cell(at, FIRST + 2).value == pytest.approx(float(worth.sel(statistic="p90")))


FOREIGN = {
    "nb": re.compile(r"\b(the|of|and|was|not|from|which|with|are|less|than|table|year|source|draws?)\b"),
    "en": re.compile(r"\b(og|av|ikke|som|til|fra|med|på|det|år|kroner|trekninger|regnskap|kilde)\b", re.IGNORECASE),
}
TITLES = re.compile(  # addresses, file names, names of variables, and titles of documents, which are not translated
    r"https?://\S+|\S+\.(yaml|nc|mdl|ods|xlsx)|«[^»]*»|'[^']*'|Statsbudsjettet 2019 fra A til Å"
    r"|Fortsatt nedgang i antall sosialhjelpsmottakere|Stortingets skattevedtak \d+|saker med særskilt fordeling"
)


@pytest.mark.parametrize("lang", ["nb", "en"])
def test_the_workbook_speaks_one_language(tables: Finance, bound: Bound, tmp_path: Path, lang: str) -> None:
    book = load_workbook(write_workbook(tables, tmp_path / "one.xlsx", bound.study, lang), data_only=True)
    texts = {c.value for page in book for row in page.iter_rows() for c in row if isinstance(c.value, str)}
    assert len(texts) > 300
    assert sorted(t for t in texts if FOREIGN[lang].search(TITLES.sub("", t))) == []


def test_the_front_page_shows_the_band_of_the_result(workbook: Path, tables: Finance) -> None:
    page = load_workbook(workbook, data_only=True)["Forside"]
    plan = tables.dataset["plan"].isel(scenario=1).sel(line="net_operating_result", year=2021)
    for statistic in ("p10", "p90"):
        found = page.cell(rows(page)[f"Netto driftsresultat, {statistic}"], 2).value
        assert found == pytest.approx(float(plan.sel(statistic=statistic)))


def test_every_sheet_prints_one_page_wide_with_its_headings(workbook: Path) -> None:
    for page in load_workbook(workbook):
        assert page.page_setup.fitToHeight == 0, page.title  # as many pages as it takes, each one wide
        assert page.sheet_properties.pageSetUpPr.fitToPage, page.title
        assert page.print_title_rows, page.title


def table_cells(book: Any, tables: Finance) -> Iterator[tuple[str, object, float]]:
    """Yield where, what the workbook holds and what the Dataset holds, of who gains, jobs, social costs and worth."""
    data = tables.dataset
    page = book["Hvem vinner"]
    starts = [c.row for (c,) in page.iter_rows(max_col=1) if str(c.value).startswith("Året ")]
    for start, year in zip(starts, (2024, 2030, 2040), strict=True):
        for i, item in enumerate(data["item"].values):
            for j, party in enumerate(data["party"].values):
                value = float(data["gain"].sel(item=item, party=party, year=year, statistic="central"))
                yield f"gain {item} {party} {year}", page.cell(start + 2 + i, 2 + j).value, value
    page = book["Én jobb til"]
    columns = [(f, r) for r in data["regime"].values for f in data["filler"].values]
    for i, row in enumerate(data["job_row"].values):
        for j, (filler, regime) in enumerate(columns):
            value = float(data["job"].sel(job_row=row, filler=filler, regime=regime))
            yield f"job {row} {filler} {regime}", page.cell(6 + i, 2 + j).value, value
    page = book["Sosiale utgifter"]
    firsts = [c.row for (c,) in page.iter_rows(max_col=1) if c.value == "Arbeidsledige bosatte"]
    for first, scenario in zip(firsts, data["scenario"].values, strict=True):
        for i, row in enumerate(data["social_row"].values):
            for k, year in enumerate(tables.years):
                value = float(data["social"].sel(scenario=scenario, social_row=row, year=year, statistic="central"))
                yield f"social {row} {year}", page.cell(first + i, FIRST + k).value, value
    page, at = book["Nåverdi"], rows(book["Nåverdi"])
    named = {**{p.id: p.nb for p in PARTS}, "party_state": "Staten", "party_all": "I alt"}
    for name in ("own_tax", "digital_saving", "before_standard", "total", "party_state", "party_all"):
        for k, rate in enumerate(data["rate"].values):
            value = float(data["worth"].sel(worth_row=name, rate=rate, statistic="central"))
            yield f"worth {name} {rate}", page.cell(at[named[name]], 2 + k).value, value


def test_every_cell_of_the_other_tables_equals_the_dataset_to_the_ore(workbook: Path, tables: Finance) -> None:
    book = load_workbook(workbook, data_only=True)
    count = 0
    for where, found, expected in table_cells(book, tables):
        assert isinstance(found, (int, float)), where
        assert found == pytest.approx(expected, abs=HALF_AN_ORE), where
        count += 1
    assert count > 1000


def test_a_study_without_published_accounts_has_no_words_about_them(
    tables: Finance, bound: Bound, tmp_path: Path
) -> None:
    bare = replace(tables, rules=tables.rules.model_copy(update={"accounts": ()}))
    page = load_workbook(write_workbook(bare, tmp_path / "bare.xlsx", bound.study, "nb"))["Økonomiplan"]
    text = " ".join(str(c.value) for row in page.iter_rows() for c in row if isinstance(c.value, str))
    assert "Publiserte tall" not in text
    assert "Statsbudsjett" not in text
    assert page.cell(rows(page)["Barnehage"], 2).value is None


def test_every_number_of_the_csv_says_how_the_rules_are_known(tables: Finance, tmp_path: Path) -> None:
    with write_csv(tables, tmp_path / "finance.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert {row["table"] for row in found} == {"plan", "effect", "gain", "worth", "job", "social"}
    assert all(row["rules"] for row in found)
    assert {row["year"] for row in found if row["table"] == "job"} == {"2021"}
    assert all(row["rules"].startswith("extended in ") for row in found if row["table"] == "worth")
