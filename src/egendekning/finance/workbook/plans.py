"""The sheets with the economy plan: scenario, comparison and change.

The module refuses to show a sum that is not a formula over the rows above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from egendekning.finance.lines import BALANCE, BY_ID, COSTS, INCOME, PEOPLE, ROOM, Line
from egendekning.finance.tables import Finance
from egendekning.finance.workbook.sheet import Looks, Sheet
from egendekning.study import Account

FIRST_YEAR: Final = 3
"""Column of the first year; the two before it hold what has been published: an account and a budget."""

_GROUPS: Final = (("income", INCOME), ("costs", COSTS), ("room", ROOM), ("balance", BALANCE), ("people", PEOPLE))
KIND: Final = {"leaf": "money", "sum": "money", "share": "share", "count": "count"}
"""Kind of number by kind of line."""

_OPENING: Final = {"fund_opening": "reserve_fund", "debt_opening": "net_debt"}


def plan_sheet(looks: Looks, finance: Finance, words: dict[str, str], name: str, what: str, place: int) -> Sheet:
    """Write one scenario's plan.

    Parameters
    ----------
    looks : Looks
        Formats.
    finance : Finance
        The tables.
    words : dict
        Texts.
    name, what : str
        Tab and what it shows.
    place : int
        Position along the scenario axis.
    """
    lang, years = looks.lang, finance.years
    sheet = Sheet(looks, name, name, subtitle(finance, words, what))
    published = published_columns(finance)
    sheet.widths(50, (1, FIRST_YEAR - 1, 11 if published else 1), (FIRST_YEAR, FIRST_YEAR + len(years), 9.5))
    year_headings(sheet, finance, words, published=published)
    data = finance.dataset["plan"].isel(scenario=place)
    values = {line: data.sel(line=line, statistic="central").values for line in BY_ID}
    told = [(column, _published(finance, account)) for column, account in published]
    for key, lines in _GROUPS:
        sheet.section(words[key], FIRST_YEAR + len(years) - 1)
        for line in lines:
            _line(sheet, finance, line, values[line.id], lang)
            form = looks.get("sum" if line.kind == "sum" and line.level == 0 else "plain", "money")
            for column, found in told:
                if line.id in found:
                    sheet.number(sheet.at[line.id], column, found[line.id], form)
    sheet.row += 1
    sheet.text(words["signs"], 14, look="note", lines=2)
    told_of = ", ".join(getattr(account, f"title_{lang}") for _, account in published)
    wise = f"{words['wise']} {words['wise_published'].format(titles=told_of)}" if published else words["wise"]
    sheet.text(wise, 14, look="note", lines=3)
    sheet.page.freeze_panes(6, FIRST_YEAR)
    sheet.printed(header_rows=5, paper=8, columns="A:C")
    return sheet


def published_columns(finance: Finance) -> list[tuple[int, Account]]:
    """Return the last published account and the last published budget, each with its column."""
    found = []
    for column, kind in ((1, "accounts"), (2, "budget")):
        of_kind = [a for a in finance.rules.accounts if a.kind == kind]
        if of_kind:
            found.append((column, of_kind[-1]))
    return found


def subtitle(finance: Finance, words: dict[str, str], what: str) -> str:
    """Return the line under a title: what, unit, prices, and what the central figure is."""
    n = finance.request.draws
    central = words["central_mean"].format(n=n) if n else words["central_one"]
    return words["sub"].format(what=what, unit=words["mnok"], prices=words[finance.request.prices], central=central)


def year_headings(
    sheet: Sheet, finance: Finance, words: dict[str, str], *, published: Sequence[tuple[int, Account]] = ()
) -> None:
    """Write what each column is (model, budget, plan, projection), its year and how its rules are known."""
    head, column = sheet.looks.get("head"), FIRST_YEAR
    kinds = [words[finance.kind(year)] for year in finance.years]
    sheet.page.set_row(sheet.row, 18)
    for i in range(FIRST_YEAR):
        sheet.page.write_string(sheet.row, i, "", head)
    for at, account in published:
        sheet.page.write_string(sheet.row, at, words[f"published_{account.kind}"], head)
    start = 0
    for i in range(1, len(kinds) + 1):
        if i == len(kinds) or kinds[i] != kinds[start]:
            if i - start > 1:
                sheet.page.merge_range(sheet.row, column + start, sheet.row, column + i - 1, kinds[start], head)
            else:
                sheet.page.write_string(sheet.row, column + start, kinds[start], head)
            start = i
    sheet.row += 1
    first: list[str | int] = [""] * (FIRST_YEAR - 1)
    for at, account in published:
        first[at - 1] = int(account.year)
    sheet.header([*first, *finance.years], 1, words["line"])
    rules_row(sheet, finance, words, finance.years, column)


def rules_row(sheet: Sheet, finance: Finance, words: dict[str, str], years: Sequence[int], column: int = 1) -> None:
    """Write how the national rules of each year are known."""
    sheet.page.set_row(sheet.row, 24)
    sheet.page.write_string(sheet.row, 0, words["rules"], sheet.looks.get("band"))
    known = {status.year: status for status in finance.statuses}
    for i, year in enumerate(years):
        look = "extended" if known[year].extended else "status"
        sheet.page.write_string(sheet.row, column + i, known[year].text(sheet.looks.lang), sheet.looks.get(look))
    sheet.row += 1


def _line(sheet: Sheet, finance: Finance, line: Line, values: np.ndarray, lang: str) -> None:
    """Write one row of the plan, sums and shares as formulas."""
    formulas = [_formula(sheet, finance, line, FIRST_YEAR + i) for i in range(len(values))]
    look = "sum" if line.kind == "sum" and line.level == 0 else "plain"
    sheet.numbers(
        line.id, line.label(lang), values, kind=KIND[line.kind] if line.id != "tax_level" else "share", look=look,
        level=line.level, column=FIRST_YEAR, formulas=formulas,
    )  # fmt: skip
    if look == "sum":
        for column in range(1, FIRST_YEAR):
            sheet.page.write_blank(sheet.at[line.id], column, None, sheet.looks.get("sum", "money"))


def _formula(sheet: Sheet, finance: Finance, line: Line, column: int) -> str | None:
    """Return the formula of a cell, or None for a leaf."""
    if line.id == "result_norm":
        norm = finance.rules.figures["result_norm"].value
        return f"=ROUND({sheet.cell('operating_income', column)}*{norm}/100,8)"
    if line.id in _OPENING:
        if column == FIRST_YEAR:
            return None
        order = [other.id for other in BALANCE]
        ahead = order.index(_OPENING[line.id]) - order.index(line.id)
        return f"={xl_rowcol_to_cell(sheet.row + ahead, column - 1)}"
    if not line.parts:
        return None
    if line.kind == "share":
        (_, above), (_, below) = line.parts
        return f"=100*{sheet.cell(above, column)}/{sheet.cell(below, column)}"
    terms = [("+" if sign > 0 else "-") + sheet.cell(name, column) for sign, name in line.parts]
    return "=" + "".join(terms).removeprefix("+")


def _published(finance: Finance, account: Account) -> dict[str, float]:
    """Return what has been published, with the sums that its lines give, in the prices of the tables."""
    level = finance.prices.level.get(int(account.year), 1.0) if finance.request.prices == "fixed" else 1.0
    found = {name: line.value / level for name, line in account.lines.items() if name in BY_ID}
    for line in (*INCOME, *COSTS, *ROOM):
        if line.kind == "sum" and line.id not in found:
            known = [(sign, found[name]) for sign, name in line.parts if name in found]
            wanted = [name for _, name in line.parts]
            if len(known) == len(wanted) or (line.id == "operating_expenditure" and len(known) > 1):
                found[line.id] = sum(sign * value for sign, value in known)
    return found


def change_sheet(looks: Looks, finance: Finance, words: dict[str, str], what: str, plans: tuple[Sheet, Sheet]) -> Sheet:
    """Write scenario less comparison: every cell a formula over the two sheets."""
    lang, years = looks.lang, finance.years
    sheet = Sheet(looks, words["change"], words["change"], subtitle(finance, words, what))
    sheet.widths(50, (1, FIRST_YEAR - 1, 1), (FIRST_YEAR, FIRST_YEAR + len(years), 9.5))
    year_headings(sheet, finance, words)
    data = finance.dataset["plan"].sel(statistic="central")
    scenario, against = plans
    for key, lines in _GROUPS:
        sheet.section(words[key], FIRST_YEAR + len(years) - 1)
        for line in lines:
            values = (data.isel(scenario=1) - data.isel(scenario=0)).sel(line=line.id).values
            pairs = [
                [one.cell(line.id, FIRST_YEAR + i, other=True) for one in (scenario, against)]
                for i in range(len(years))
            ]
            formulas = [f"={new}-{old}" for new, old in pairs]
            look = "sum" if line.kind == "sum" and line.level == 0 else "plain"
            kind = {"share": "percent"}.get(line.kind, KIND[line.kind])
            sheet.numbers(line.id, line.label(lang), values, kind=kind, look=look, level=line.level,
                          column=FIRST_YEAR, formulas=formulas)  # fmt: skip
    sheet.page.freeze_panes(6, FIRST_YEAR)
    sheet.printed(header_rows=5, paper=8, columns="A:A")
    return sheet


__all__ = ["FIRST_YEAR", "KIND", "change_sheet", "plan_sheet", "rules_row", "subtitle", "year_headings"]
