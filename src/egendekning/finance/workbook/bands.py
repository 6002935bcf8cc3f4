"""The sheet of uncertainty: the ends of the 80 % bands of plan, effect, who gains, social costs and present value.

The ends are quantiles of each row for itself, so the module refuses to add them up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import xarray as xr

from egendekning.finance import gains, worth
from egendekning.finance.effects import PARTS
from egendekning.finance.lines import BY_ID
from egendekning.finance.tables import Finance
from egendekning.finance.words import rows
from egendekning.finance.workbook.plans import FIRST_YEAR, KIND, subtitle, year_headings
from egendekning.finance.workbook.sheet import Looks, Sheet

_LINES: Final = ("own_tax", "booked_grant", "free_income", "operating_income", "operating_expenditure", "net_finance",
                 "net_operating_result", "result_share", "room", "reserve_fund", "fund_share", "net_debt",
                 "net_debt_share", "tax_level")  # fmt: skip
_SOCIAL: Final = ("recipients", "assistance", "total")

Band = tuple[str, str, str, xr.DataArray]
"""Key, label, kind of number and values (..., statistic)."""


def band_sheet(looks: Looks, finance: Finance, words: dict[str, str]) -> Sheet:
    """Write the bands, year by year, and those of the present values."""
    years = finance.years
    sheet = Sheet(looks, words["band"], words["band"], subtitle(finance, words, words["band_note"]))
    sheet.widths(50, (1, 1, 11), (2, FIRST_YEAR - 1, 1), (FIRST_YEAR, FIRST_YEAR + len(years), 9.5))
    year_headings(sheet, finance, words)
    for heading, bands in _blocks(finance, words, looks.lang):
        sheet.section(heading, FIRST_YEAR + len(years) - 1)
        for band in bands:
            _band(sheet, band, words)
    _worth(sheet, finance, words)
    sheet.page.freeze_panes(6, FIRST_YEAR)
    sheet.printed(header_rows=5, paper=8, columns="A:B")
    return sheet


def _blocks(finance: Finance, words: dict[str, str], lang: str) -> Iterator[tuple[str, list[Band]]]:
    """Yield headings with the rows under them, all by year."""
    data, request = finance.dataset, finance.request
    for place, (key, scenario) in enumerate((("against_what", request.against), ("scenario_what", request.scenario))):
        title = words[key].format(title=finance.title(scenario, lang))
        plan, social = data["plan"].isel(scenario=place), data["social"].isel(scenario=place)
        yield title, [_of_line(plan, name, lang, f"plan{place}") for name in _LINES]
        named = rows("social")
        yield (
            f"{title}. {words['social']}",
            [
                (
                    f"social{place}.{n}",
                    named[n].label(lang),
                    "money" if named[n].unit == "MNOK" else "count",
                    social.sel(social_row=n),
                )
                for n in _SOCIAL
            ],
        )
    yield (
        words["effect"],
        [(f"effect.{p.id}", p.label(lang), "money", data["effect"].sel(part=p.id)) for p in PARTS if p.main],
    )
    pick = 0 if lang == "nb" else 1
    yield (
        f"{words['gain']}: {rows('gain')['before_standard'].label(lang)}",
        [
            (
                f"gain.{party}",
                gains.PARTY_WORDS[party][pick],
                "money",
                data["gain"].sel(item="before_standard", party=party),
            )
            for party in gains.PARTIES
        ],
    )


def _of_line(plan: xr.DataArray, name: str, lang: str, mark: str) -> Band:
    """Return a row of the plan."""
    kind = "share" if name == "tax_level" else KIND[BY_ID[name].kind]
    return f"{mark}.{name}", BY_ID[name].label(lang), kind, plan.sel(line=name)


def _band(sheet: Sheet, band: Band, words: dict[str, str]) -> None:
    """Write low end, middle and high end of a row."""
    key, label, kind, data = band
    for statistic, word in (("p10", "p10"), ("central", words["central_word"]), ("p90", "p90")):
        look = "plain" if statistic == "central" else "band"
        values = data.sel(statistic=statistic).values
        sheet.numbers(f"{key}.{statistic}", label if statistic == "p10" else "", values, kind=kind, look=look,
                      column=FIRST_YEAR)  # fmt: skip
        sheet.page.write_string(sheet.row - 1, 1, word, sheet.looks.get(look))


def _worth(sheet: Sheet, finance: Finance, words: dict[str, str]) -> None:
    """Write the bands of the present values at the state's rate, a column a statistic."""
    lang, rate = sheet.looks.lang, finance.rules.figures["discount_rate"].value or 0.0
    sheet.section(words["band_worth"].format(rate=f"{rate:g}", year=finance.request.first), FIRST_YEAR + 2)
    sheet.header(["p10", words["central_word"], "p90"], FIRST_YEAR)
    named = rows("worth")
    for name in (*worth.OF_PARTS, worth.DEBT, worth.AFTER_DEBT, *(f"party_{p}" for p in gains.PARTIES)):
        data = finance.dataset["worth"].sel(worth_row=name, rate=rate)
        values = [float(data.sel(statistic=s)) for s in ("p10", "central", "p90")]
        sheet.numbers(f"worth.{name}", named[name].label(lang), values, look="band", column=FIRST_YEAR)


__all__ = ["band_sheet"]
