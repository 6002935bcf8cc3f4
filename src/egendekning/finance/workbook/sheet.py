"""One look for all sheets: formats, headings, rows of numbers and formulas, and how a page is printed.

Number formats carry the locale of the language, so that 8 544,1 is written so wherever the file is opened. The module
refuses to know what a row means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

_LOCALE: Final = {"nb": "[$-414]", "en": "[$-809]"}
_FONT: Final = {"font_name": "Calibri", "font_size": 10, "valign": "vcenter"}
_DARK, _LIGHT, _INPUT = "#1F3A4D", "#E8EEF2", "#FFF7DB"
_KINDS: Final = {
    "money": "#,##0.0", "ore": "#,##0.00", "share": "0.0", "percent": "0.00", "count": "#,##0", "factor": "0.0000",
    "year": "0", "kroner": "#,##0", "general": "General",
}  # fmt: skip
_FIRST_ROWS: Final = 6
"""Rows of title and headings: a section right under them needs no room above."""

_ZERO: Final = {"money": "0.0", "share": "0.0", "percent": "0.00", "ore": "–", "kroner": "–", "count": "–"}
"""What a number that rounds to zero looks like, so that none reads -0.0; a dash where most cells are empty."""

_LOOKS: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "sum": {"bold": True, "top": 1, "bg_color": _LIGHT},
    "head": {"bold": True, "font_color": "#FFFFFF", "bg_color": _DARK, "align": "center", "text_wrap": True},
    "band": {"italic": True, "font_color": "#555555"},
    "title": {"bold": True, "font_size": 16, "font_color": _DARK},
    "section": {"bold": True, "font_color": _DARK, "bottom": 1},
    "note": {"font_color": "#555555", "text_wrap": True, "valign": "top"},
    "text": {"text_wrap": True, "valign": "top"},
    "input": {"bg_color": _INPUT, "border": 1, "border_color": "#C9B458"},
    "status": {"font_size": 8, "align": "center", "text_wrap": True, "font_color": "#555555"},
    "extended": {"font_size": 8, "align": "center", "text_wrap": True, "bg_color": "#FBE9D9"},
    "link": {"font_color": "#0B5394", "underline": 1},
}


class Looks:
    """The formats of a workbook, made as they are asked for.

    Parameters
    ----------
    book : xlsxwriter.Workbook
        The workbook.
    lang : str
        ``nb`` or ``en``.
    """

    def __init__(self, book: Workbook, lang: str) -> None:
        self.book, self.lang = book, lang
        self._made: dict[tuple[str, str, int], Any] = {}

    def get(self, look: str = "plain", kind: str = "general", level: int = 0) -> Any:
        """Return a format: a look, a kind of number, an indent."""
        at = (look, kind, level)
        if at not in self._made:
            code = _KINDS[kind]
            wanted = {**_FONT, **_LOOKS[look]}
            if kind != "year":
                wanted["num_format"] = _number_format(kind, code, self.lang)
            if level:
                wanted["indent"] = level
            self._made[at] = self.book.add_format(wanted)
        return self._made[at]


def _number_format(kind: str, code: str, lang: str) -> str:
    """Return a number format with the locale of a language; what rounds to zero has no sign."""
    local = _LOCALE[lang]
    if kind not in _ZERO:
        return local + code
    half = 0.5 * 10.0 ** -len(code.partition(".")[2])
    zero = _ZERO[kind].replace(".", "," if lang == "nb" else ".")
    return f'[>={half:g}]{local}{code};[<=-{half:g}]{local}-{code};"{zero}"'


class Sheet:
    """A worksheet with a title, which knows where its rows lie.

    Parameters
    ----------
    looks : Looks
        Formats.
    name, title, subtitle : str
        Name on the tab, heading and the line under it.
    """

    def __init__(self, looks: Looks, name: str, title: str, subtitle: str = "") -> None:
        self.looks, self.name = looks, name
        self.page: Worksheet = looks.book.add_worksheet(name)
        self.row = 0
        self.at: dict[str, int] = {}
        self.breaks: list[int] = []
        self.page.hide_gridlines(2)
        self.page.set_row(0, 24)
        self.page.write_string(0, 0, title, looks.get("title"))
        if subtitle:
            self.page.write_string(1, 0, subtitle, looks.get())
        self.row = 3

    def widths(self, first: float, *others: tuple[int, int, float]) -> None:
        """Set the width of the first column and of ranges of others."""
        self.page.set_column(0, 0, first)
        for low, high, width in others:
            self.page.set_column(low, high, width)

    def header(self, words: Sequence[str | int], column: int = 1, corner: str = "", height: float = 18) -> None:
        """Write a row of headings."""
        look = self.looks.get("head")
        self.page.set_row(self.row, height)
        self.page.write_string(self.row, 0, corner, look)
        for i, word in enumerate(words):
            if isinstance(word, str):
                self.page.write_string(self.row, column + i, word, look)
            else:
                self.page.write_number(self.row, column + i, word, self.looks.get("head", "year"))
        self.row += 1

    def section(self, text: str, last: int) -> None:
        """Write a heading within the sheet, underlined to a column, a row below what stands before."""
        if self.row > _FIRST_ROWS:
            self.row += 1
        look = self.looks.get("section")
        self.page.write_string(self.row, 0, text, look)
        for column in range(1, last + 1):
            self.page.write_blank(self.row, column, None, look)
        self.row += 1

    def numbers(
        self, key: str, label: str, values: Sequence[float] | NDArray[np.float64], *,
        kind: str = "money", look: str = "plain",
        level: int = 0, column: int = 1, formulas: Sequence[str | None] | None = None,
    ) -> None:  # fmt: skip
        """Write a row of numbers; where there is a formula it stands in the cell with the number as its value."""
        self.at[key] = self.row
        self.page.write_string(self.row, 0, label, self.looks.get(look, "general", level))
        form = self.looks.get(look, kind)
        for i, value in enumerate(values):
            formula = formulas[i] if formulas is not None else None
            self.number(self.row, column + i, float(value), form, formula)
        self.row += 1

    def number(self, row: int, column: int, value: float, form: Any, formula: str | None = None) -> None:
        """Write one number or formula; a dash where there is none."""
        if not np.isfinite(value):
            self.page.write_string(row, column, "–", self.looks.get("status"))
        elif formula is not None:
            self.page.write_formula(row, column, formula, form, value + 0.0)
        else:
            self.page.write_number(row, column, value + 0.0, form)

    def text(self, text: str, last: int, *, look: str = "text", lines: int = 1) -> None:
        """Write text over the columns up to `last`."""
        self.page.set_row(self.row, 14.0 * lines)
        self.page.merge_range(self.row, 0, self.row, last, text, self.looks.get(look))
        self.row += 1

    def cell(self, key: str, column: int, *, other: bool = False, fixed: bool = False) -> str:
        """Return the address of a row's cell, with the name of the sheet where another one asks."""
        place: str = xl_rowcol_to_cell(self.at[key], column, row_abs=fixed, col_abs=fixed)
        return f"'{self.name}'!{place}" if other else place

    def printed(self, *, header_rows: int, landscape: bool = True, paper: int = 9, columns: str | None = None) -> None:
        """Set up the page: one page wide, headings repeated."""
        set_up(self.page, header_rows=header_rows, landscape=landscape, paper=paper)
        if columns:
            self.page.repeat_columns(columns)


def set_up(page: Worksheet, *, header_rows: int, landscape: bool = True, paper: int = 9) -> None:
    """Set up how a sheet is printed: one page wide, headings repeated, file, sheet and page in the footer.

    Parameters
    ----------
    page : Worksheet
        The sheet.
    header_rows : int
        Last of the rows that every page repeats, counted from 0.
    landscape : bool
        Lying.
    paper : int
        Excel's number of the paper: 9 is A4, 8 is A3.
    """
    if landscape:
        page.set_landscape()
    page.set_paper(paper)
    page.fit_to_pages(1, 0)
    page.set_margins(0.4, 0.4, 0.6, 0.6)
    page.repeat_rows(0, header_rows)
    page.set_footer("&L&8&F&C&8&A&R&8&P / &N")


__all__ = ["Looks", "Sheet", "set_up"]
