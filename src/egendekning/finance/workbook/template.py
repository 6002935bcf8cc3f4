"""The template for the department's own figures: a workbook with the model's figures and empty cells beside them.

The module refuses to read; `egendekning.finance.reading` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import xlsxwriter

from egendekning.finance.facts import finance_rules
from egendekning.finance.lines import BY_ID
from egendekning.finance.own import fields, in_kroner_of
from egendekning.finance.prices import DEFLATOR, PRICE_TABLE
from egendekning.finance.workbook.sheet import Looks, set_up
from egendekning.finance.workbook.texts import said_in
from egendekning.study import Study

ACCOUNT, NATIONAL = "Regnskap", "Nasjonale anslag"
"""Names of the two sheets, in every language."""

HEAD: Final = 5
"""Row of the headings, counted from 0."""

_WORDS: Final = {
    "nb": ("Eget regnskap", "Fyll ut de gule cellene i mill. kr, regnskapsårets priser. Tomme celler brukes ikke.",
           "Regnskapsår", "Linje", "Modellen", "Eget tall", "Egne nasjonale anslag",
           "Fyll ut de gule radene der anslaget er et annet enn gjeldende. Beløp i årets kroner.",
           "gjeldende", "eget anslag", "Kommunal deflator, vekst fra året før"),
    "en": ("Own account", "Fill in the yellow cells in MNOK, prices of the account year. Empty cells are not used.",
           "Account year", "Line", "Model", "Own figure", "Own national estimates",
           "Fill in the yellow rows where the estimate differs from the current one. Amounts in NOK of the year.",
           "current", "own estimate", "Municipal deflator, growth from the year before"),
}  # fmt: skip


def write_template(
    path: Path, study: Study, model: Mapping[str, float], deflators: Mapping[int, float], lang: str = "nb",
    year: int = 2020,
) -> Path:  # fmt: skip
    """Write the template.

    Parameters
    ----------
    path : Path
        A new ``.xlsx`` file.
    study : Study
        Whose rules are listed.
    model : mapping
        The model's figure by line of the plan in the account year, MNOK in its prices.
    deflators : mapping
        Price growth by year, percent.
    lang : str
        Language of labels.
    year : int
        Account year.
    """
    words = _WORDS[lang]
    file = BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"title": words[0], "author": "egendekning", "created": datetime(2020, 1, 1)})
    looks = Looks(book, lang)
    page = book.add_worksheet(ACCOUNT)
    page.hide_gridlines(2)
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 48)
    page.set_column(2, 3, 16)
    page.write_string(0, 0, words[0], looks.get("title"))
    page.write_string(1, 0, words[1], looks.get())
    page.write_string(3, 2, words[2], looks.get())
    page.write_number(3, 3, year, looks.get("input", "year"))
    for column, text in enumerate(("id", words[3], f"{words[4]} {year}", words[5])):
        page.write_string(HEAD, column, text, looks.get("head"))
    for i, name in enumerate(fields()):
        row = HEAD + 1 + i
        page.write_string(row, 0, name, looks.get("status"))
        page.write_string(row, 1, BY_ID[name].label(lang), looks.get())
        page.write_number(row, 2, round(model[name], 3), looks.get("plain", "money"))
        page.write_blank(row, 3, None, looks.get("input", "money"))
    page.freeze_panes(HEAD + 1, 2)
    set_up(page, header_rows=HEAD, landscape=False)
    _national(book, looks, study, deflators, lang)
    book.close()
    path.write_bytes(file.getvalue())
    return path


def _national(book: xlsxwriter.Workbook, looks: Looks, study: Study, deflators: Mapping[int, float], lang: str) -> None:
    """Write the sheet of national estimates: the current figures, and empty cells under them."""
    words = _WORDS[lang]
    page = book.add_worksheet(NATIONAL)
    page.hide_gridlines(2)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 58)
    page.set_column(2, 3, 16)
    page.write_string(0, 0, words[6], looks.get("title"))
    page.write_string(1, 0, words[7], looks.get())
    years = own_years(study)
    page.set_column(4, 4 + len(years), 11)
    for column, text in enumerate(("id", words[3], "", "")):
        page.write_string(HEAD, column, text, looks.get("head"))
    for i, year in enumerate(years):
        page.write_number(HEAD, 4 + i, year, looks.get("head", "year"))
    row = HEAD + 1
    tables = [(n, s.label_nb if lang == "nb" else s.label_en, s.unit, current_figures(study, n))
              for n, s in study.rules.items() if n != PRICE_TABLE]  # fmt: skip
    for name, label, unit, current in [*tables, (DEFLATOR, words[10], "%", dict(deflators))]:
        page.write_string(row, 1, label, looks.get())
        page.write_string(row, 2, said_in(lang, unit), looks.get("status"))
        page.write_string(row, 3, words[8], looks.get("band"))
        page.write_string(row + 1, 0, name, looks.get("status"))
        page.write_string(row + 1, 3, words[9], looks.get())
        for i, year in enumerate(years):
            if year in current:
                page.write_number(row, 4 + i, current[year], looks.get("band"))
            page.write_blank(row + 1, 4 + i, None, looks.get("input"))
        row += 2
    page.freeze_panes(HEAD + 1, 4)
    set_up(page, header_rows=HEAD)


def current_figures(study: Study, table: str) -> dict[int, float]:
    """Return the figures of a rule by year as the template shows them, amounts in kroner of the year.

    Parameters
    ----------
    study : Study
        Whose rules.
    table : str
        The model's name of the rule, or ``municipal_deflator``.
    """
    if table == DEFLATOR:
        return {int(y): v.value for y, v in finance_rules(study).series[DEFLATOR].values.items()}
    figures = {int(y): v.value for y, v in study.rules[table].values.items() if y in own_years(study)}
    return {y: v * in_kroner_of(study, table, y) for y, v in figures.items()}


def headings(lang: str) -> tuple[str, str, str]:
    """Return what stands above own figures, beside the current ones and beside the own ones."""
    words = _WORDS[lang]
    return words[5], words[8], words[9]


def own_years(study: Study) -> list[int]:
    """Return the years for which own national estimates can be given: those with a point in every rule's table."""
    shared = set.intersection(*({int(y) for y in s.values} for s in study.rules.values()))
    return sorted(y for y in shared if y < 2060)


__all__ = ["ACCOUNT", "HEAD", "NATIONAL", "current_figures", "headings", "own_years", "write_template"]
