"""The department's own figures: the template, cell-by-cell errors, and a model that meets the account."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from egendekning.ensemble import Bound, design
from egendekning.errors import UsageError
from egendekning.finance.fitting import fit, lines_of
from egendekning.finance.own import DEFLATOR, Cell, Own, fields, model_lines
from egendekning.finance.prices import price_levels
from egendekning.finance.reading import read_own
from egendekning.finance.tables import Request, finance
from egendekning.finance.workbook import write_template

ACCOUNT, NATIONAL = "Regnskap", "Nasjonale anslag"
ONE_KRONE = 1e-6  # MNOK


def levels_of(bound: Bound) -> dict[int, float]:
    rules = bound.study.finance
    assert rules is not None
    return dict(price_levels(rules, range(2019, 2041)).level)


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
def test_an_own_estimate_of_the_expenditure_equalisation_is_what_the_year_gets(template: Path, bound: Bound) -> None:
    own = read_own(filled(template, {}, {("expenditure equalisation table", 2023): 50.0}), bound.study)
    changed = own.with_estimates(bound)
    rules = bound.study.finance
    assert rules is not None
    drawn, _ = own.fitted(changed, design(changed, 0, 1), price_levels(rules, range(2019, 2041)))
    line = lines_of(changed, drawn, 2023)
    expected = 50.0 / 1.16185 * line["population_july"][0] / 1e6  # NOK of 2023 per inhabitant, whatever the need
    assert line["expenditure_equalisation"][0] == pytest.approx(expected, abs=0.001)


@pytest.mark.slow
def test_the_figure_shown_for_the_base_year_is_the_departments_to_the_krone(bound: Bound) -> None:
    account = {"own_tax": 3010.0, "kindergarten": 1000.0, "expenditure_equalisation": -12.1, "interest_expense": 184.2,
               "social_assistance": 170.0, "discretionary_grant": 0.0,
               "net_debt": 8681.9, "reserve_fund": 1200.0}  # fmt: skip
    own = Own(account={name: Cell(value, f"egne.csv:{name}") for name, value in account.items()}, source="egne.csv")
    tables = finance(bound, Request("full_toolbox", "baseline", draws=4), own)
    plan = tables.dataset["plan"].sel(scenario="baseline", year=2020)
    for name, value in account.items():
        for statistic in ("central", "reference"):
            found = float(plan.sel(line=name, statistic=statistic))
            assert found == pytest.approx(value, abs=2 * ONE_KRONE), (name, statistic)  # a krone, and rounded flows
        assert tables.own.fitted_to[name][1] == pytest.approx(value, abs=ONE_KRONE)
    low, high = (float(plan.sel(line="social_assistance", statistic=s)) for s in ("p10", "p90"))
    assert high - low > 1  # the spread of the draws stays


@pytest.mark.slow
def test_a_fund_that_budgets_have_worked_on_for_years_is_met_too(bound: Bound) -> None:
    # A figure of 2023 that scaling the fund of 2019 hardly moves: budgets take it towards the norm in between
    level = levels_of(bound)[2023]
    model = model_lines(bound, 2023)
    own = {name: Cell(round(1.1 * model[name] * level, 3), name) for name in ("reserve_fund", "net_debt", "school")}
    met = fit(bound, design(bound, 0, 1), 2023, own, level).told
    for name, cell in own.items():
        assert met[name][1] == pytest.approx(cell.value, abs=ONE_KRONE)


@pytest.mark.slow
def test_the_models_own_figures_in_the_template_change_nothing(bound: Bound, tmp_path: Path) -> None:
    rules = bound.study.finance
    assert rules is not None
    growth = {int(y): v.value for y, v in rules.series[DEFLATOR].values.items()}
    path = write_template(tmp_path / "egne.xlsx", bound.study, model_lines(bound), growth)
    book = load_workbook(path)
    account, national = book[ACCOUNT], book[NATIONAL]
    for row in range(7, account.max_row + 1):
        account.cell(row, 4).value = account.cell(row, 3).value
    for row in range(7, national.max_row + 1, 2):
        for column in range(5 if row < national.max_row - 1 else 6, national.max_column + 1):  # no growth of 2019
            national.cell(row + 1, column).value = national.cell(row, column).value
    book.save(path)
    own = read_own(path, bound.study)
    assert len(own.account) == len(fields())
    assert len(own.estimates) > 60
    request = Request("full_toolbox", "baseline", draws=2)
    same, before = (finance(bound, request, given).dataset for given in (own, None))
    for name in ("plan", "effect", "gain", "worth", "job", "social"):
        assert np.array_equal(same[name].values, before[name].values, equal_nan=True), name


def test_own_growth_of_a_year_past_the_last_price_level_leaves_the_model_alone(bound: Bound) -> None:
    # Rules hold amounts of 2026 in kroner of 2025: a growth of 2026 that moved the level would make them worth less
    own = Own(estimates={(DEFLATOR, 2026): Cell(6.0, "x"), ("national tax table", 2026): Cell(42400 * 1.06, "x")})
    changed = own.with_estimates(bound)
    assert np.array_equal(changed.rules["price level table"], bound.rules["price level table"])
    x, _ = bound.table("national tax table")
    assert float(changed.rules["national tax table"][list(x).index(2026)]) == pytest.approx(42400)


def test_own_growth_into_the_base_year_moves_the_years_before_it(bound: Bound) -> None:
    # 2020 = 1 by definition; the rules say 1.0 percent
    changed = Own(estimates={(DEFLATOR, 2020): Cell(1.4, "x")}).with_estimates(bound)
    x, _ = bound.table("price level table")
    level = dict(zip(x.tolist(), changed.rules["price level table"].tolist(), strict=True))
    assert level[2020] == 1
    assert level[2019] == pytest.approx(1 / 1.014)
    assert level[2021] == pytest.approx(1.044)


def test_an_account_in_prices_that_a_past_budget_guessed_is_refused(bound: Bound) -> None:
    rules = bound.study.finance
    assert rules is not None
    guessed = price_levels(rules, range(2019, 2041), "NB21")
    own = Own(year=2021, account={"own_tax": Cell(3500.0, "x")}, source="egne.csv")
    with pytest.raises(UsageError, match=r"(?s)egne\.csv: the account of 2021 .* as NB21 has it.*--deflator final"):
        own.fitted(bound, design(bound, 0, 1), guessed)


@pytest.mark.slow
@pytest.mark.parametrize(("line", "value"), [("expenditure_equalisation", -12131.0), ("own_tax", -3010.0),
                                             ("discretionary_grant", 5800.0), ("dividends", 1e308)])  # fmt: skip
def test_another_unit_or_sign_is_refused_at_its_cell_before_anything_runs_with_it(
    bound: Bound, line: str, value: float
) -> None:
    with pytest.raises(UsageError, match=r"(?s)egne\.csv:2: .*MNOK near the model's"):
        fit(bound, design(bound, 0, 1), 2020, {line: Cell(value, "egne.csv:2")}, 1.0)


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
