"""The sheets of words: front page, assumptions with sources, and definitions.

The module refuses to state a figure that is not in the study, the run or the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from egendekning.finance.effects import BY_PART, PARTS
from egendekning.finance.facts import statuses_in_words
from egendekning.finance.lines import BY_ID, LINES
from egendekning.finance.tables import LAST, Finance
from egendekning.finance.words import rows
from egendekning.finance.workbook.plans import FIRST_YEAR
from egendekning.finance.workbook.sheet import Looks, Sheet
from egendekning.finance.workbook.texts import criterion, definitions, said_in
from egendekning.study import RuleSeries, Study

_SOURCE, _LABEL = 115, 72
"""Letters on a line of the columns of sources and labels."""

_LINE: Final = 13.5
"""Height of a line of text."""

_RUN: Final = (
    "version", "model", "model_hash", "study_hash", "seed", "draws", "source_of_draws", "plan_years", "prices",
    "deflator", "central", "band", "precedence", "own_figures",
)  # fmt: skip


def front_sheet(looks: Looks, words: dict[str, str], title: str, subtitle: str) -> Sheet:
    """Write the empty front page, to be filled when the others exist."""
    sheet = Sheet(looks, words["front"], words["front_title"].format(scenario=title), subtitle)
    sheet.widths(58, (1, 6, 14))
    return sheet


def fill_front(sheet: Sheet, finance: Finance, words: dict[str, str], sheets: dict[str, Sheet]) -> None:
    """Write key figures, checks and contents, all as formulas and links into the other sheets."""
    request, lang = finance.request, sheet.looks.lang
    shown = sorted({request.first, request.last, 2030, 2040} & set(finance.years))
    sheet.text(statuses_in_words(finance.statuses, lang), 6, look="note", lines=2)
    sheet.row += 1
    sheet.header(shown, 1, words["key_numbers"])
    plan, effect = finance.dataset["plan"].sel(statistic="central"), finance.dataset["effect"].sel(statistic="central")
    for name, kind in (("free_income", "money"), ("operating_income", "money"), ("net_operating_result", "money"),
                       ("result_share", "percent"), ("fund_share", "share"), ("net_debt_share", "share")):  # fmt: skip
        values = [float(plan.isel(scenario=1).sel(line=name, year=y)) for y in shown]
        _linked(sheet, sheets["scenario"], name, BY_ID[name].label(lang), values, shown, finance, kind)
    for part in PARTS:
        if part.id in ("before_standard", "standard", "total"):
            values = [float(effect.sel(part=part.id, year=y)) for y in shown]
            _linked(sheet, sheets["effect"], part.id, part.label(lang), values, shown, finance, "money")
    if "band" in sheets:
        _key_bands(sheet, sheets["band"], finance, shown)
    sheet.row += 1
    sheet.section(words["checks"], len(shown))
    last = FIRST_YEAR + len(finance.years) - 1
    left = sheets["effect"]
    span = f"{left.cell('left', FIRST_YEAR, other=True)}:{left.cell('left', last).replace('$', '')}"
    _check(sheet, words, words["check_sum"], f"SUMPRODUCT(ABS({span}))<0.001")
    year = request.last
    muni = f"'{sheets['gain'].name}'!B{sheets['gain'].at[f'total{year}'] + 1}"
    total = left.cell("total", FIRST_YEAR + finance.years.index(year), other=True)
    _check(sheet, words, words["check_gain"], f"ABS({muni}-{total})<0.00001")
    sheet.row += 1
    sheet.section(words["contents"], len(shown))
    for other in sheets.values():
        if other is not sheet:
            sheet.page.write_url(sheet.row, 0, f"internal:'{other.name}'!A1", sheet.looks.get("link"), other.name)
            sheet.row += 1
    sheet.printed(header_rows=2, landscape=False)


def _key_bands(sheet: Sheet, bands: Sheet, finance: Finance, shown: list[int]) -> None:
    """Write the 80 % band of the result and of the room as links into the sheet of uncertainty."""
    lang, data = sheet.looks.lang, finance.dataset
    result = data["plan"].isel(scenario=1).sel(line="net_operating_result")
    room = data["effect"].sel(part="before_standard")
    shown_rows = (
        ("plan1.net_operating_result", BY_ID["net_operating_result"].label(lang), result),
        ("effect.before_standard", BY_PART["before_standard"].label(lang), room),
    )
    for key, label, array in shown_rows:
        for statistic in ("p10", "p90"):
            values = [float(array.sel(statistic=statistic, year=y)) for y in shown]
            _linked(sheet, bands, f"{key}.{statistic}", f"{label}, {statistic}", values, shown, finance, "money")


def _linked(
    sheet: Sheet, other: Sheet, name: str, label: str, values: list[float], years: list[int], finance: Finance,
    kind: str,
) -> None:  # fmt: skip
    """Write a row that points to another sheet."""
    cells = [other.cell(name, FIRST_YEAR + finance.years.index(y), other=True) for y in years]
    sheet.numbers(name, label, values, kind=kind, formulas=[f"={cell}" for cell in cells], level=1)


def _check(sheet: Sheet, words: dict[str, str], label: str, condition: str) -> None:
    """Write a check that says so when it fails."""
    sheet.page.write_string(sheet.row, 0, label, sheet.looks.get("plain", "general", 1))
    formula = f'=IF({condition},"{words["ok"]}","{words["wrong"]}")'
    sheet.page.write_formula(sheet.row, 1, formula, sheet.looks.get(), words["ok"])
    sheet.row += 1


def assumption_sheet(looks: Looks, finance: Finance, words: dict[str, str], study: Study) -> Sheet:
    """Write every rule, rate and assumption with source, grade and how it is extended; and the run's provenance."""
    sheet = Sheet(looks, words["assume"], words["assume_title"], words["grades"])
    sheet.widths(72, (1, 1, 14), (2, 2, 18), (3, 3, 9), (4, 4, 110))
    if finance.own.account or finance.own.estimates:
        _own(sheet, finance, words)
    _series(sheet, words, words["national"], study.rules)
    _series(sheet, words, words["dated"], finance.rules.series)
    _prices(sheet, finance, words)
    _figures(sheet, finance, words)
    sheet.section(words["runs"], 4)
    for name in _RUN:
        told = str(finance.dataset.attrs.get(name, ""))
        _fact(sheet, said_in(looks.lang, name.replace("_", " ")), None, "", "", told)
    sheet.printed(header_rows=2, paper=8)
    return sheet


def _columns(words: dict[str, str]) -> list[str | int]:
    return [words["value"], words["unit"], words["grade"], words["source"]]


def _series(sheet: Sheet, words: dict[str, str], heading: str, series: Mapping[str, RuleSeries]) -> None:
    """Write dated rules: each year with its figure, source and grade, and how it is extended."""
    sheet.section(heading, 4)
    for one in series.values():
        sheet.header(_columns(words), 1, one.label_nb if sheet.looks.lang == "nb" else one.label_en)
        for year, entry in one.values.items():
            if year <= LAST:  # a point beyond only says that the table is flat
                lang = sheet.looks.lang
                source = said_in(lang, entry.source) + (f". {said_in(lang, entry.note)}" if entry.note else "")
                _fact(sheet, f"{year:g}", entry.value, one.unit, entry.grade, source, "general")
        _fact(sheet, words["extension"], None, "", "", one.extension)


def _prices(sheet: Sheet, finance: Finance, words: dict[str, str]) -> None:
    """Write price levels by year with where they come from, and the estimates of the time."""
    sheet.section(words["prices_by_year"], 4)
    sheet.header([words["value"], words["growth"], "", words["from"]], 1, words["year"])
    for year in finance.years:
        growth = _decimals(finance.prices.growth[year], sheet.looks.lang)
        _fact(sheet, f"{year}", finance.prices.level[year], growth, "", finance.prices.source[year], "factor")
    sheet.section(words["estimates"], 4)
    for item in finance.rules.deflator_estimates:
        _fact(sheet, f"{item.year:g}, {item.budget}", item.growth, "%", item.grade, item.source, "share")


def _figures(sheet: Sheet, finance: Finance, words: dict[str, str]) -> None:
    """Write single figures, the cost key and published accounts."""
    lang = sheet.looks.lang
    sheet.section(words["figures"], 4)
    sheet.header(_columns(words), 1)
    for figure in finance.rules.figures.values():
        source = said_in(lang, figure.source)
        if figure.low is not None and figure.high is not None:
            source += f" [{_decimals(figure.low, lang)}–{_decimals(figure.high, lang)}]"
        source += f". {said_in(lang, figure.note)}" if figure.note else ""
        label = figure.label_nb if lang == "nb" else figure.label_en
        _fact(sheet, label, figure.value, figure.unit, figure.grade, source, unknown=words["unknown"])
    key = finance.rules.cost_key
    if key is not None:
        sheet.section(f"{words['key']} {key.year:g}", 4)
        for name, weight in key.weights.items():
            _fact(sheet, criterion(name, lang), weight, "", key.grade, key.source, "factor")
    for account in finance.rules.accounts:
        sheet.section(f"{words['accounts']}: {account.title_nb if lang == 'nb' else account.title_en}", 4)
        for name, entry in account.lines.items():
            label = BY_ID[name].label(lang) if name in BY_ID else name.replace("_", " ")
            modelled = _modelled(finance, name, int(account.year))
            told = words["modelled"].format(value=_written(modelled, lang)) if modelled is not None else ""
            _fact(sheet, label, entry.value, "MNOK", entry.grade, told + said_in(lang, entry.source), "money")


def _modelled(finance: Finance, line: str, year: int) -> float | None:
    """Return what the model says of a published line in the comparison, MNOK in the prices of the year."""
    if line not in BY_ID or year not in finance.years:
        return None
    found = finance.dataset["plan"].isel(scenario=0).sel(line=line, year=year, statistic="central")
    return float(found) * (finance.prices.level[year] if finance.request.prices == "fixed" else 1.0)


def _decimals(value: float, lang: str) -> str:
    text = f"{value:g}"
    return text.replace(".", ",") if lang == "nb" else text


def _written(value: float, lang: str) -> str:
    text = f"{value:,.1f}"
    return text.translate({44: "\N{NO-BREAK SPACE}", 46: ","}) if lang == "nb" else text


def _own(sheet: Sheet, finance: Finance, words: dict[str, str]) -> None:
    """Write the department's own figures and what the model said before and after."""
    lang = sheet.looks.lang
    sheet.section(f"{words['own']}: {finance.own.source}", 4)
    sheet.header([words["own_value"], words["own_before"], words["own_after"], words["source"]], 1)
    for name, cell in finance.own.account.items():
        before, after = finance.own.fitted_to[name]
        form = sheet.looks.get("plain", "money")
        sheet.page.write_string(sheet.row, 0, BY_ID[name].label(lang), sheet.looks.get("plain", "general", 1))
        for column, value in ((1, cell.value), (2, before), (3, after)):
            sheet.number(sheet.row, column, value, form)
        sheet.page.write_string(sheet.row, 4, cell.where, sheet.looks.get("text"))
        sheet.row += 1
    for (table, year), cell in finance.own.estimates.items():
        _fact(sheet, f"{table}, {year}", cell.value, "", "", cell.where)


def _fact(
    sheet: Sheet, label: str, value: float | None, unit: str, grade: str, source: str, kind: str = "general",
    unknown: str = "",
) -> None:  # fmt: skip
    """Write one fact: label, value, unit, grade, source, in the language of the sheet."""
    unit, source = said_in(sheet.looks.lang, unit), said_in(sheet.looks.lang, source)
    form: Any = sheet.looks.get("plain", kind)
    sheet.page.write_string(sheet.row, 0, label, sheet.looks.get("plain", "general", 1))
    if value is None:
        sheet.page.write_string(sheet.row, 1, unknown, sheet.looks.get("band"))
    else:
        sheet.number(sheet.row, 1, value, form)
    sheet.page.write_string(sheet.row, 2, unit, sheet.looks.get())
    sheet.page.write_string(sheet.row, 3, grade, sheet.looks.get("status"))
    sheet.page.write_string(sheet.row, 4, source, sheet.looks.get("text"))
    lines = max(-(-len(source) // _SOURCE), -(-len(label) // _LABEL))
    sheet.page.set_row(sheet.row, _LINE * max(lines, 1))
    sheet.row += 1


def definition_sheet(looks: Looks, words: dict[str, str]) -> Sheet:
    """Write what every row of every table means."""
    lang = looks.lang
    sheet = Sheet(looks, words["define"], words["define_title"])
    sheet.widths(58, (1, 1, 120))
    blocks = [(words["scenario"], [(line.label(lang), line.what(lang)) for line in LINES])]
    for table, said in definitions().items():
        named = rows(table)
        blocks.append((words[table], [(named[name].label(lang), what[lang]) for name, what in said.items()]))
    for heading, pairs in blocks:
        sheet.header([words["what"]], 1, heading)
        for label, what in pairs:
            sheet.page.write_string(sheet.row, 0, label, sheet.looks.get("text"))
            sheet.page.write_string(sheet.row, 1, what, sheet.looks.get("text"))
            sheet.row += 1
        sheet.row += 1
    sheet.printed(header_rows=2)
    return sheet


__all__ = ["assumption_sheet", "definition_sheet", "fill_front", "front_sheet"]
