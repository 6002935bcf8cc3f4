"""The sheets with the economy plan: scenario, comparison, change, and the bands.

The module refuses to show a sum that is not a formula over the rows above it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from egendekning.finance.effects import PARTS
from egendekning.finance.lines import BALANCE, BY_ID, COSTS, INCOME, PEOPLE, ROOM, Line
from egendekning.finance.tables import Finance
from egendekning.finance.workbook.sheet import Looks, Sheet

FIRST_YEAR: Final = 2
"""Column of the first year; the one before it holds what has been published."""

_GROUPS: Final = (("income", INCOME), ("costs", COSTS), ("room", ROOM), ("balance", BALANCE), ("people", PEOPLE))
_KIND: Final = {"leaf": "money", "sum": "money", "share": "share", "count": "count"}
_OPENING: Final = {"fund_opening": "reserve_fund", "debt_opening": "net_debt"}
_BANDS: Final = ("free_income", "operating_income", "operating_expenditure", "net_operating_result", "result_share",
                 "room", "reserve_fund", "fund_share", "net_debt", "net_debt_share", "tax_level")  # fmt: skip


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
    sheet.widths(50, (1, 1, 11), (FIRST_YEAR, FIRST_YEAR + len(years), 9.5))
    year_headings(sheet, finance, words, published=True)
    data = finance.dataset["plan"].isel(scenario=place)
    values = {line: data.sel(line=line, statistic="central").values for line in BY_ID}
    account = _account(finance)
    for key, lines in _GROUPS:
        sheet.section(words[key], FIRST_YEAR + len(years) - 1)
        for line in lines:
            _line(sheet, finance, line, values[line.id], lang)
            if line.id in account:
                form = looks.get("sum" if line.kind == "sum" and line.level == 0 else "plain", "money")
                sheet.number(sheet.at[line.id], 1, account[line.id], form)
    title = next((getattr(a, f"title_{lang}") for a in finance.rules.accounts if a.kind == "accounts"), "")
    sheet.row += 1
    sheet.text(words["wise"].format(account=title), 10, look="note", lines=3)
    sheet.page.freeze_panes(6, 2)
    sheet.printed(header_rows=5, paper=8, columns="A:A")
    return sheet


def subtitle(finance: Finance, words: dict[str, str], what: str) -> str:
    """Return the line under a title: what, unit, prices, and what the central figure is."""
    n = finance.request.draws
    central = words["central_mean"].format(n=n) if n else words["central_one"]
    return words["sub"].format(what=what, unit=words["mnok"], prices=words[finance.request.prices], central=central)


def year_headings(
    sheet: Sheet, finance: Finance, words: dict[str, str], *, published: bool = False, column: int = FIRST_YEAR
) -> None:
    """Write what each column is (model, budget, plan, projection), its year and how its rules are known."""
    looks = sheet.looks
    head = looks.get("head")
    kinds = [words[finance.kind(year)] for year in finance.years]
    sheet.page.write_string(sheet.row, 0, "", head)
    if column > 1:
        sheet.page.write_string(sheet.row, 1, words["account"] if published else "", head)
    start = 0
    for i in range(1, len(kinds) + 1):
        if i == len(kinds) or kinds[i] != kinds[start]:
            if i - start > 1:
                sheet.page.merge_range(sheet.row, column + start, sheet.row, column + i - 1, kinds[start], head)
            else:
                sheet.page.write_string(sheet.row, column + start, kinds[start], head)
            start = i
    sheet.row += 1
    account = next((a for a in finance.rules.accounts if a.kind == "accounts"), None)
    first: list[str | int] = [int(account.year)] if published and account else [""]
    sheet.header([*first, *finance.years] if column > 1 else finance.years, 1, words["line"])
    sheet.page.set_row(sheet.row, 24)
    sheet.page.write_string(sheet.row, 0, words["rules"], looks.get("note"))
    for i, status in enumerate(finance.statuses):
        look = "extended" if status.extended else "status"
        sheet.page.write_string(sheet.row, column + i, status.text(looks.lang), looks.get(look))
    sheet.row += 1


def _line(sheet: Sheet, finance: Finance, line: Line, values: np.ndarray, lang: str) -> None:
    """Write one row of the plan, sums and shares as formulas."""
    formulas = [_formula(sheet, finance, line, FIRST_YEAR + i) for i in range(len(values))]
    look = "sum" if line.kind == "sum" and line.level == 0 else "plain"
    sheet.numbers(
        line.id, line.label(lang), values, kind=_KIND[line.kind] if line.id != "tax_level" else "share", look=look,
        level=line.level, column=FIRST_YEAR, formulas=formulas,
    )  # fmt: skip
    if look == "sum":
        sheet.page.write_blank(sheet.at[line.id], 1, None, sheet.looks.get("sum", "money"))


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


def _account(finance: Finance) -> dict[str, float]:
    """Return the published account, with the sums that its lines give, in the prices of the tables."""
    account = next((a for a in finance.rules.accounts if a.kind == "accounts"), None)
    if account is None:
        return {}
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
    sheet.widths(50, (1, 1, 2), (FIRST_YEAR, FIRST_YEAR + len(years), 9.5))
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
            kind = {"share": "percent"}.get(line.kind, _KIND[line.kind])
            sheet.numbers(line.id, line.label(lang), values, kind=kind, look=look, level=line.level,
                          column=FIRST_YEAR, formulas=formulas)  # fmt: skip
    sheet.page.freeze_panes(6, 2)
    sheet.printed(header_rows=5, paper=8, columns="A:A")
    return sheet


def band_sheet(looks: Looks, finance: Finance, words: dict[str, str]) -> Sheet:
    """Write the ends of the 80 % bands: of the main lines of both plans, and of the groups of the effect."""
    lang, years = looks.lang, finance.years
    sheet = Sheet(looks, words["band"], words["band"], subtitle(finance, words, words["band_note"]))
    sheet.widths(50, (1, 1, 11), (FIRST_YEAR, FIRST_YEAR + len(years), 9.5))
    year_headings(sheet, finance, words)
    plan, effect = finance.dataset["plan"], finance.dataset["effect"]
    blocks = [
        (words["against_what"].format(title=finance.title(finance.request.against, lang)), "a",
         [(BY_ID[n].label(lang), _KIND[BY_ID[n].kind] if n != "tax_level" else "share",
           plan.isel(scenario=0).sel(line=n)) for n in _BANDS]),
        (words["scenario_what"].format(title=finance.title(finance.request.scenario, lang)), "s",
         [(BY_ID[n].label(lang), _KIND[BY_ID[n].kind] if n != "tax_level" else "share",
           plan.isel(scenario=1).sel(line=n)) for n in _BANDS]),
        (words["effect"], "e",
         [(p.label(lang), "money", effect.sel(part=p.id)) for p in PARTS if p.of or p.id == "standard"]),
    ]  # fmt: skip
    shown = {"p10": "p10", "central": words["central_word"], "p90": "p90"}
    for heading, mark, rows in blocks:
        sheet.section(heading, FIRST_YEAR + len(years) - 1)
        for i, (label, kind, data) in enumerate(rows):
            for statistic, word in shown.items():
                look = "plain" if statistic == "central" else "band"
                values = data.sel(statistic=statistic).values
                said = label if statistic == "p10" else ""
                sheet.numbers(f"{mark}{i}{statistic}", said, values, kind=kind, look=look, column=FIRST_YEAR)
                sheet.page.write_string(sheet.row - 1, 1, word, looks.get(look))
    sheet.page.freeze_panes(6, 2)
    sheet.printed(header_rows=5, paper=8, columns="A:B")
    return sheet


__all__ = ["FIRST_YEAR", "band_sheet", "change_sheet", "plan_sheet", "subtitle", "year_headings"]
