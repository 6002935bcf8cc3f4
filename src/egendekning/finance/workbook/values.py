"""The sheet of present values: formulas over the yearly amounts and the rates, which a reader may change.

The module refuses to discount anything itself: the values that the formulas carry are the Dataset's.
"""

from __future__ import annotations

from xlsxwriter.utility import xl_col_to_name

from egendekning.finance import gains, worth
from egendekning.finance.effects import BY_PART
from egendekning.finance.tables import LAST, Finance
from egendekning.finance.words import rows
from egendekning.finance.workbook.plans import rules_row
from egendekning.finance.workbook.sheet import Looks, Sheet


def worth_sheet(looks: Looks, finance: Finance, words: dict[str, str], what: str) -> Sheet:
    """Write present values as formulas over the yearly amounts and the rates, which a reader may change."""
    request, lang = finance.request, looks.lang
    years = [y for y in finance.years if y >= request.first]
    sheet = Sheet(looks, words["worth"], words["worth_title"].format(year=years[0], first=years[0], last=LAST), what)
    sheet.widths(52, (1, len(years) + 1, 9.5))
    rates = [float(r) for r in finance.dataset["rate"].values]
    own = finance.rules.figures["discount_rate"].value or 0.0
    names = [*worth.OF_PARTS, worth.DEBT, worth.AFTER_DEBT]
    parties = [f"party_{p}" for p in gains.PARTIES]
    flows = sheet.row + 5 + len(names) + len(parties) + 1  # rows that the tables of values take
    places = {name: flows + 3 + i for i, name in enumerate([*worth.OF_PARTS, *parties, worth.DEBT])}
    sheet.section(words["worth_table"], len(rates))
    sheet.header(["" for _ in rates], 1, words["rate"])
    rate_row = sheet.row - 1
    for i, rate in enumerate(rates):
        sheet.page.write_number(rate_row, 1 + i, rate, looks.get("input", "share"))
    _values(sheet, finance, names, rates, rate_row, flows + 1, places, len(years))
    sheet.row += 1
    sheet.section(words["worth_party"], len(rates))
    _values(sheet, finance, parties, rates, rate_row, flows + 1, places, len(years))
    sheet.row += 1
    assert sheet.row <= flows, "the values run into the flows"
    sheet.row = flows - 1  # a section leaves a row above it
    sheet.section(words["worth_flows"], len(years))
    sheet.header(years, 1, words["line"])
    rules_row(sheet, finance, words, years)
    for name in worth.OF_PARTS:
        amounts = finance.dataset["effect_fixed"].sel(part=name, statistic="central", year=years).values
        sheet.numbers(f"flow_{name}", BY_PART[name].label(lang), amounts, level=1)
    for party in gains.PARTIES:
        before = finance.dataset["gain_fixed"].sel(item="before_standard", party=party, statistic="central")
        amounts = before.sel(year=years).values
        label = gains.PARTY_WORDS[party][0 if lang == "nb" else 1]
        sheet.numbers(f"flow_party_{party}", label, amounts, level=1)
    at_end = finance.dataset["worth"].sel(worth_row=worth.DEBT, rate=rates[0], statistic="central")
    owed = float(at_end) * (1.0 + rates[0] / 100.0) ** len(years)
    sheet.numbers("flow_debt", rows("worth")[worth.DEBT].label(lang), [owed], level=1, column=len(years))
    written = [sheet.at[f"flow_{name}"] for name in (*worth.OF_PARTS, *parties)] + [sheet.at["flow_debt"]]
    assert written == list(places.values()), "the formulas point beside the flows"
    sheet.row += 1
    sheet.text(words["worth_note"].format(year=years[0], rate=f"{own:g}"), 10, look="note", lines=4)
    sheet.printed(header_rows=2, paper=8)
    return sheet


def _values(
    sheet: Sheet, finance: Finance, names: list[str], rates: list[float], rate_row: int, years_row: int,
    places: dict[str, int], count: int,
) -> None:  # fmt: skip
    """Write rows of present values, a column a rate."""
    words = rows("worth")
    last = xl_col_to_name(count)
    for name in names:
        values, formulas = [], []
        for i, rate in enumerate(rates):
            column = xl_col_to_name(1 + i)
            value = float(finance.dataset["worth"].sel(worth_row=name, rate=rate, statistic="central"))
            values.append(value)
            head = f"{column}${rate_row + 1}"
            if name in places and name != worth.DEBT:
                at = places[name] + 1
                years = f"$B${years_row + 1}:${last}${years_row + 1}"
                flow = f"SUMPRODUCT($B{at}:${last}{at},(1+{head}/100)^($B${years_row + 1}-{years}))"
                owed = f"+{sheet.cell(worth.DEBT, 1 + i)}" if name in worth.OWING else ""
                formulas.append(f"={flow}{owed}")
            elif name == worth.DEBT:
                formulas.append(f"=${last}${places[name] + 1}*(1+{head}/100)^(-{count})")
            else:
                formulas.append(f"={sheet.cell('before_standard', 1 + i)}+{sheet.cell(worth.DEBT, 1 + i)}")
        look = "sum" if name in ("before_standard", "total", worth.AFTER_DEBT, "party_all") else "plain"
        sheet.numbers(name, words[name].label(sheet.looks.lang), values, look=look, level=0 if look == "sum" else 1,
                      formulas=formulas)  # fmt: skip


__all__ = ["worth_sheet"]
