"""The sheets with effects: their parts, who gains, one more job, people outside work, social costs.

The module refuses to show a sum that is not a formula over cells that the reader sees.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from egendekning.finance import gains, jobs, social
from egendekning.finance.effects import PARTS
from egendekning.finance.tables import LAST, Finance
from egendekning.finance.workbook.plans import FIRST_YEAR, subtitle, year_headings
from egendekning.finance.workbook.sheet import Looks, Sheet

_PER_PERSON: Final = 1e6 / jobs.JOBS
_JOB_KIND: Final = {"person": "count", "MNOK": "ore", "%": "share", "percentage points": "percent"}
_JOB_SUMS: Final = {
    "municipality": ("own_tax", "child_welfare"),
    "state": ("state_tax", "benefits"),
}
"""Rows that are sums: first and last row of what they add up."""


def effect_sheet(looks: Looks, finance: Finance, words: dict[str, str], what: str, change: Sheet) -> Sheet:
    """Write the effect on the net operating result, part by part, with its control against the change in the plan."""
    years = finance.years
    sheet = Sheet(looks, words["effect"], words["effect"], subtitle(finance, words, what))
    sheet.widths(52, (1, FIRST_YEAR - 1, 1), (FIRST_YEAR, FIRST_YEAR + len(years), 9.5))
    year_headings(sheet, finance, words)
    data = finance.dataset["effect"].sel(statistic="central")
    for part in PARTS:
        if part.id == "not_explained":
            continue
        formulas = None
        if part.of:
            formulas = [_plus(sheet, part.of, FIRST_YEAR + i) for i in range(len(years))]
        look = "sum" if part.main else "plain"
        sheet.numbers(part.id, part.label(looks.lang), data.sel(part=part.id).values, look=look,
                      level=0 if part.main else 1, column=FIRST_YEAR, formulas=formulas)  # fmt: skip
    sheet.row += 1
    plan = finance.dataset["plan"].sel(statistic="central", line="net_operating_result")
    there = (plan.isel(scenario=1) - plan.isel(scenario=0)).values
    linked = [f"={change.cell('net_operating_result', FIRST_YEAR + i, other=True)}" for i in range(len(years))]
    sheet.numbers("control", words["control"], there, look="band", column=FIRST_YEAR, formulas=linked)
    left = [
        f"=ROUND({sheet.cell('total', FIRST_YEAR + i)}-{sheet.cell('control', FIRST_YEAR + i)},6)"
        for i in range(len(years))
    ]
    gap = np.round(data.sel(part="total").values - there, 6)
    sheet.numbers("left", words["control_left"], gap, look="band", column=FIRST_YEAR, formulas=left, kind="ore")
    sheet.row += 1
    sheet.text(words["effect_note"], FIRST_YEAR + 13, look="note", lines=3)
    sheet.page.freeze_panes(6, FIRST_YEAR)
    sheet.printed(header_rows=5, paper=8, columns="A:A")
    return sheet


def _plus(sheet: Sheet, names: tuple[str, ...], column: int) -> str:
    return "=" + "+".join(sheet.cell(name, column) for name in names)


def gain_sheet(looks: Looks, finance: Finance, words: dict[str, str], what: str) -> Sheet:
    """Write who gains, in three years, sums both ways as formulas."""
    lang = looks.lang
    pick = 0 if lang == "nb" else 1
    sheet = Sheet(looks, words["gain"], words["gain_title"], _gain_subtitle(finance, words, what))
    sheet.widths(52, (1, len(gains.PARTIES), 16))
    shown = sorted({finance.request.last, min(2030, LAST), LAST})
    parties = list(gains.PARTIES)
    for year in shown:
        sheet.section(words["gain_year"].format(year=year, status=_status(finance, year, lang)), len(parties))
        sheet.header([gains.PARTY_WORDS[p][pick] for p in parties], 1, "", 32)
        first = sheet.row
        for item in gains.ITEMS:
            values = finance.dataset["gain"].sel(item=item.id, year=year, statistic="central").values
            formulas: list[str | None] = [None] * (len(parties) - 1)
            if item.id == "before_standard":
                spans = [(_cell(first, 1 + j), _cell(sheet.row - 1, 1 + j)) for j in range(len(parties) - 1)]
                formulas = [f"=SUM({top}:{low})" for top, low in spans]
            elif item.id == "total":
                formulas = [f"={_cell(sheet.row - 2, 1 + j)}+{_cell(sheet.row - 1, 1 + j)}"
                            for j in range(len(parties) - 1)]  # fmt: skip
            formulas.append(f"=SUM({_cell(sheet.row, 1)}:{_cell(sheet.row, len(parties) - 1)})")
            look = "sum" if item.id in ("before_standard", "total") else "plain"
            sheet.numbers(f"{item.id}{year}", item.label(lang), values, look=look, level=0 if look == "sum" else 1,
                          kind="ore", formulas=formulas)  # fmt: skip
        sheet.row += 1
        sheet.breaks.append(sheet.row)
    sheet.page.set_h_pagebreaks(sheet.breaks[:-1])
    sheet.text(words["gain_note"], len(parties), look="note", lines=5)
    sheet.printed(header_rows=2)
    return sheet


def _gain_subtitle(finance: Finance, words: dict[str, str], what: str) -> str:
    return words["gain_sub"].format(what=what, unit=words["mnok"], prices=words[finance.request.prices])


def _cell(row: int, column: int) -> str:
    return str(xl_rowcol_to_cell(row, column))


def job_sheet(looks: Looks, finance: Finance, words: dict[str, str]) -> Sheet:
    """Write what a hundred jobs are worth, by who fills them and by side of the threshold."""
    lang, pick = looks.lang, 0 if looks.lang == "nb" else 1
    sheet = Sheet(looks, words["job"], words["job_title"], f"{words['mnok']}, {words['fixed']}")
    data = finance.dataset["job"]
    columns = [(f, r) for r in jobs.REGIMES for f in jobs.FILLERS]
    sheet.widths(52, (1, len(columns), 14))
    n = len(jobs.FILLERS)
    head = looks.get("head")
    sheet.page.write_string(sheet.row, 0, "", head)
    for i, regime in enumerate(jobs.REGIMES):
        sheet.page.merge_range(sheet.row, 1 + i * n, sheet.row, (i + 1) * n, jobs.REGIME_WORDS[regime][pick], head)
    sheet.row += 1
    sheet.header([jobs.FILLER_WORDS[f][pick] for f, _ in columns], 1, words["line"], 44)
    for name, nb, en, unit in jobs.ROWS:
        values = [float(data.sel(job_row=name, filler=f, regime=r)) for f, r in columns]
        formulas = None
        if name in _JOB_SUMS:
            first, last = _JOB_SUMS[name]
            formulas = [f"=SUM({sheet.cell(first, 1 + i)}:{sheet.cell(last, 1 + i)})" for i in range(len(columns))]
        look = "sum" if name in ("municipality", "state") else "plain"
        shown = words["prosentpoeng"] if unit == "percentage points" else unit
        label = (nb, en)[pick] + (f", {shown}" if unit not in ("MNOK", "person") else "")
        sheet.numbers(name, label, values, kind=_JOB_KIND[unit], look=look, level=0 if look == "sum" else 1,
                      formulas=formulas)  # fmt: skip
    sheet.row += 1
    plan = finance.dataset["plan"].isel(scenario=0)
    level = float(plan.sel(line="tax_level", year=finance.request.first, statistic="reference"))
    year = finance.request.first
    said = {"year": year, "level": _decimal(f"{level:.1f} %", lang), "status": _status(finance, year, lang)}
    kept = {r: _decimal(f"{float(data.sel(job_row='kept', filler='unemployed', regime=r)):.1f} %", lang)
            for r in jobs.REGIMES}  # fmt: skip
    sheet.text(words["job_note"].format(**said), len(columns), look="note", lines=5)
    sheet.text(words["kept_note"].format(**kept), len(columns), look="note", lines=1)
    sheet.printed(header_rows=5)
    return sheet


def _status(finance: Finance, year: int, lang: str) -> str:
    """Return how the rules of a year are known."""
    return next(status for status in finance.statuses if status.year == year).text(lang)


def _decimal(text: str, lang: str) -> str:
    return text.replace(".", ",") if lang == "nb" else text


def person_sheet(looks: Looks, finance: Finance, words: dict[str, str], job: Sheet) -> Sheet:
    """Write what a person outside work costs municipality, state and county a year: formulas over the sheet of jobs."""
    pick = 0 if looks.lang == "nb" else 1
    sheet = Sheet(looks, words["person"], words["person_title"], words["person_unit"])
    data = finance.dataset["job"]
    order = [(f, r) for r in jobs.REGIMES for f in jobs.FILLERS]
    columns = [(f, r) for r in jobs.REGIMES for f in ("unemployed", "outside")]
    sheet.widths(52, (1, len(columns), 18))
    sheet.header([f"{words['person_' + f]}, {jobs.REGIME_WORDS[r][pick]}" for f, r in columns], 1, words["line"], 44)
    names = ("assistance", "social_services", "qualification", "child_welfare", "own_tax", "equalisation",
             "municipality", "state_tax", "employer", "benefits", "state", "county")  # fmt: skip
    for name in names:
        values = [float(data.sel(job_row=name, filler=f, regime=r)) * _PER_PERSON for f, r in columns]
        cells = [job.cell(name, 1 + order.index(at), other=True) for at in columns]
        formulas = [f"={cell}*{_PER_PERSON:g}" for cell in cells]
        look = "sum" if name in ("municipality", "state") else "plain"
        sheet.numbers(name, words[f"person_{name}"], values, kind="kroner", look=look, level=0 if look == "sum" else 1,
                      formulas=formulas)  # fmt: skip
    sheet.row += 1
    year = finance.request.first
    said = words["person_note"].format(year=year, status=_status(finance, year, looks.lang))
    sheet.text(said, len(columns), look="note", lines=4)
    sheet.printed(header_rows=4)
    return sheet


def social_sheet(looks: Looks, finance: Finance, words: dict[str, str], what: str) -> Sheet:
    """Write social costs of both scenarios year by year, and why 2020 was as it was."""
    lang, years = looks.lang, finance.years
    sheet = Sheet(looks, words["social"], words["social_title"], subtitle(finance, words, what))
    sheet.widths(52, (1, FIRST_YEAR - 1, 1), (FIRST_YEAR, FIRST_YEAR + len(years), 9.5))
    year_headings(sheet, finance, words)
    data = finance.dataset["social"].sel(statistic="central")
    for place, scenario in enumerate((finance.request.against, finance.request.scenario)):
        sheet.section(finance.title(scenario, lang), FIRST_YEAR + len(years) - 1)
        for row in social.ROWS:
            key = f"{row.id}{place}"
            formulas = None
            if row.of:
                names = tuple(f"{n}{place}" for n in row.of)
                formulas = [_plus(sheet, names, FIRST_YEAR + i) for i in range(len(years))]
            kind = "money" if row.unit == "MNOK" else "count"
            sheet.numbers(key, row.label(lang), data.isel(scenario=place).sel(social_row=row.id).values, kind=kind,
                          look="sum" if row.of else "plain", level=0 if row.of else 1, column=FIRST_YEAR,
                          formulas=formulas)  # fmt: skip
    sheet.row += 1
    sheet.section(words["social_2020"], 10)
    recipients = data.isel(scenario=0).sel(social_row="recipients")
    change = 100 * (float(recipients.sel(year=2020)) / float(recipients.sel(year=2019)) - 1)
    alone = data.isel(scenario=0).sel(social_row="without_support", year=2020)
    figures = finance.rules.figures
    said = {
        "national": _decimal(f"{abs(figures['recipients_change_2020'].value or 0):.1f}", lang),
        "payments": _decimal(f"{abs(figures['payments_change_2020'].value or 0):.1f}", lang),
        "without": f"{float(alone - recipients.sel(year=2020)):.0f}",
        "model": _decimal(f"{change:+.1f}", lang).replace("-", "−"),
    }
    sheet.text(words["social_2020_text"].format(**said), 14, look="text", lines=5)
    sheet.page.freeze_panes(6, FIRST_YEAR)
    sheet.printed(header_rows=5, paper=8, columns="A:A")
    return sheet


__all__ = ["effect_sheet", "gain_sheet", "job_sheet", "person_sheet", "social_sheet"]
