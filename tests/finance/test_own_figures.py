"""The department's own figures: the template, cell-by-cell errors, and a model that meets the account."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from egendekning.ensemble import Bound, design
from egendekning.errors import UsageError
from egendekning.finance.own import Own, _lines, fields
from egendekning.finance.prices import price_levels
from egendekning.finance.reading import read_own
from egendekning.finance.workbook import write_template

ACCOUNT, NATIONAL = "Regnskap", "Nasjonale anslag"


@pytest.fixture
def template(bound: Bound, tmp_path: Path) -> Path:
    path = tmp_path / "egne.xlsx"
    write_template(path, bound.study, dict.fromkeys(fields(), 100.0), {2021: 4.4, 2022: 6.7})
    return path


def row_of(page: object, name: str) -> int:
    return next(c.row for (c,) in page.iter_rows(max_col=1) if c.value == name)  # type: ignore[attr-defined]


def filled(path: Path, account: dict[str, object], national: dict[tuple[str, int], object]) -> Path:
    book = load_workbook(path)
    for name, value in account.items():
        book[ACCOUNT].cell(row_of(book[ACCOUNT], name), 4).value = value
    heads = {c.value: c.column for c in book[NATIONAL][6]}
    for (name, year), value in national.items():
        book[NATIONAL].cell(row_of(book[NATIONAL], name), heads[year]).value = value
    book.save(path)
    return path


def test_what_is_filled_in_is_read_with_its_address(template: Path, bound: Bound) -> None:
    own = read_own(filled(template, {"own_tax": 3010.5}, {("national tax table", 2021): "37 000,5"}), bound.study)
    assert own.account["own_tax"].value == 3010.5
    assert own.account["own_tax"].where == f"{template}[{ACCOUNT}!D7]"
    assert own.estimates["national tax table", 2021].value == 37000.5
    assert own.year == 2020


def test_every_wrong_cell_is_told_by_its_address(template: Path, bound: Bound) -> None:
    filled(template, {"own_tax": "abc", "school": "=1/0"}, {("symmetric rate table", 2020): 60})
    book = load_workbook(template)
    kindergarten = row_of(book[ACCOUNT], "kindergarten")
    book[ACCOUNT].cell(kindergarten, 1).value = "kindergarden"
    book[ACCOUNT].cell(kindergarten, 4).value = 5
    book[ACCOUNT]["D4"].value = 1814
    book.save(template)
    with pytest.raises(UsageError) as caught:
        read_own(template, bound.study)
    text = str(caught.value)
    for part in (f"[{ACCOUNT}!D7]: 'abc' is no number", f"[{ACCOUNT}!A{kindergarten}]: unknown id 'kindergarden'",
                 "did you mean: kindergarten?", f"[{ACCOUNT}!D4]: 1814", "write 0.6 for 60 percent",
                 "a formula without a value (=1/0)"):  # fmt: skip
        assert part in text


def test_an_empty_template_is_an_error(template: Path, bound: Bound) -> None:
    with pytest.raises(UsageError, match="no figure is filled in"):
        read_own(template, bound.study)


def test_a_csv_file_says_the_same_and_names_its_lines(tmp_path: Path, bound: Bound) -> None:
    path = tmp_path / "egne.csv"
    path.write_text(
        "table;id;year;value\naccount;own_tax;2020;3 010,5\nnational;municipal_deflator;2021;2,7\n", "utf-8"
    )
    own = read_own(path, bound.study)
    assert own.account["own_tax"].value == 3010.5
    assert own.deflators == {2021: 2.7}
    path.write_text("table,id,year,value\naccount,own_taxx,2020,1\nnational,national tax table,2031,5\n", "utf-8")
    with pytest.raises(UsageError, match=r"(?s)egne\.csv:2 \(id\): unknown id 'own_taxx'.*egne\.csv:3 \(year\)"):
        read_own(path, bound.study)


def test_a_file_that_is_no_workbook_is_told(tmp_path: Path, bound: Bound) -> None:
    path = tmp_path / "x.xlsx"
    path.write_text("not a workbook", "utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        read_own(path, bound.study)


def test_own_national_figures_replace_the_rule_and_what_was_held_from_it(template: Path, bound: Bound) -> None:
    given = {
        ("national tax table", 2021): 37000,
        ("national tax table", 2025): 43000,
        ("municipal_deflator", 2022): 3.0,
    }
    own = read_own(filled(template, {}, given), bound.study)
    changed = own.with_estimates(bound)
    x, _ = bound.table("national tax table")
    values = dict(zip(x.tolist(), changed.rules["national tax table"].tolist(), strict=True))
    assert values[2021] == 37000
    assert values[2022] == pytest.approx(40714.09115)  # published: stays
    assert values[2025] == values[2026] == values[2060] == 43000  # held by assumption: follows
    level = changed.rules["price level table"][list(x).index(2022)]
    assert level == pytest.approx(1.044 * 1.03)
    assert bound.rules["national tax table"][list(x).index(2021)] != 37000


@pytest.mark.slow
def test_the_model_meets_the_account_in_the_base_year(template: Path, bound: Bound) -> None:
    account = {"own_tax": 3010.0, "kindergarten": 1000.0, "expenditure_equalisation": -12.1, "interest_expense": 184.2,
               "net_debt": 8681.9, "reserve_fund": 1200.0}  # fmt: skip
    own = read_own(filled(template, dict(account), {}), bound.study)
    finance = bound.study.finance
    assert finance is not None
    levels = price_levels(finance, range(2019, 2041))
    drawn, done = own.fitted(bound, design(bound, 2, 1), levels)
    now = _lines(bound, drawn, 2020)
    for name, value in account.items():
        assert now[name] == pytest.approx(value, abs=0.001), name
        assert done.fitted_to[name][1] == pytest.approx(value, abs=0.001)


@pytest.mark.slow
def test_thousands_in_place_of_millions_are_refused_at_their_cell(template: Path, bound: Bound) -> None:
    own = read_own(filled(template, {"kindergarten": 995146.0}, {}), bound.study)
    finance = bound.study.finance
    assert finance is not None
    with pytest.raises(UsageError, match=r"(?s)\[Regnskap!D\d+\]: Kindergarten: 995,146.*million kroner"):
        own.fitted(bound, design(bound, 2, 1), price_levels(finance, range(2019, 2041)))


def test_no_own_figures_change_nothing(bound: Bound) -> None:
    drawn = design(bound, 0, 1)
    finance = bound.study.finance
    assert finance is not None
    assert Own().fitted(bound, drawn, price_levels(finance, [2020]))[0] is drawn
