"""Files with own figures as people save them: what is read is what stands there, and every mistake is told."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.formula import ArrayFormula

from egendekning.ensemble import Bound
from egendekning.errors import UsageError
from egendekning.finance.cells import number
from egendekning.finance.own import DEFLATOR, Own, fields
from egendekning.finance.reading import read_own
from egendekning.finance.workbook import write_template

ACCOUNT, NATIONAL = "Regnskap", "Nasjonale anslag"
HEAD = "table;id;year;value\n"
NATIONAL_TAX, RATE, GROWTH = 12, 8, 36  # rows of own estimates in the template
Y2020, Y2021, Y2026 = "F", "G", "L"  # columns


@pytest.fixture(scope="module")
def empty(bound: Bound, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    rules = bound.study.finance
    assert rules is not None
    growth = {int(y): v.value for y, v in rules.series[DEFLATOR].values.items()}
    path = tmp_path_factory.mktemp("template") / "egne.xlsx"
    return write_template(path, bound.study, dict.fromkeys(fields(), 100.0), growth).read_bytes()


@pytest.fixture
def read(bound: Bound, empty: bytes, tmp_path: Path) -> Callable[..., Own]:
    def with_change(change: Callable[[Any, Any], object]) -> Own:
        book = load_workbook(BytesIO(empty))
        change(book[ACCOUNT], book[NATIONAL])
        book.save(tmp_path / "egne.xlsx")
        return read_own(tmp_path / "egne.xlsx", bound.study)

    return with_change


@pytest.fixture
def read_text(bound: Bound, tmp_path: Path) -> Callable[[str | bytes], Own]:
    def of(text: str | bytes) -> Own:
        path = tmp_path / "egne.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return read_own(path, bound.study)

    return of


@pytest.mark.parametrize(
    ("written", "meant"),
    [("3 010,5", 3010.5), ("3\u00a0010,5", 3010.5), ("3\u202f010.5", 3010.5), ("3010.5", 3010.5), ("\u221212,1", -12.1),
     ("1 234 567,89", 1234567.89), (41, 41.0)],
)  # fmt: skip
def test_a_number_is_read_as_it_is_written_in_norway(written: object, meant: float) -> None:
    assert number(written) == meant


@pytest.mark.parametrize(
    "written",
    ["1.234,5", "1,234.5", "1 2345", "12,", "60 %", "1_000", "nan", "inf", "1e5", "(12)", "–12", "=1+1", True, None,
     datetime.date(2020, 7, 2)],
)  # fmt: skip
def test_what_could_be_two_numbers_or_is_none_is_not_read(written: object) -> None:
    assert number(written) != number(written)  # NaN


def test_a_decimal_comma_in_a_file_with_commas_is_told_and_never_cut_off(read_text: Callable[[str], Own]) -> None:
    with pytest.raises(UsageError, match=r"(?s)egne\.csv:2: '5' after the last column.*fix: put quotation marks"):
        read_text("table,id,year,value\naccount,own_tax,2020,3010,5\n")
    assert read_text('table,id,year,value\naccount,own_tax,2020,"3010,5"\n').account["own_tax"].value == 3010.5


@pytest.mark.parametrize(
    "text",
    ["\ufefftable;id;year;value\r\naccount;own_tax;2020;3010,5\r\n",
     "value\tyear\tid\ttable\n3010,5\t2020\tOwn Tax\tAccount\n",
     HEAD.strip() + ";;\naccount;own_tax;2020;3010,5;;\n;;;;;\n\n"],
    ids=["byte order mark, CRLF", "tabs, other order", "empty cells and rows after"],
)  # fmt: skip
def test_the_ways_in_which_spreadsheets_save_csv_are_read(read_text: Callable[[str], Own], text: str) -> None:
    assert {n: c.value for n, c in read_text(text).account.items()} == {"own_tax": 3010.5}


@pytest.mark.parametrize(
    ("text", "told"),
    [("æ".encode("latin-1"), "is not UTF-8"), (HEAD.encode("utf-16"), "UTF-16"), (b"", "the file is empty"),
     (HEAD.encode(), "there are no rows"), (b"table;id;year;value;value\na;b;c;d;e\n", "2 columns 'value'"),
     (HEAD.encode() + b'account;own_tax;2020;"3\n', "cannot be read as CSV"),
     (b"value;table;id;year\n5\n", r"egne.csv:2 \(table\): ''")],
)  # fmt: skip
def test_a_csv_file_that_cannot_be_read_is_told(read_text: Callable[[bytes], Own], text: bytes, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_text(text)


def test_every_wrong_row_of_a_csv_file_is_told_at_once(read_text: Callable[[str], Own]) -> None:
    with pytest.raises(UsageError) as caught:
        read_text(
            HEAD + "acount;school;2020;1\naccount;operating_income;2020;8000\naccount;care;2020;2 6,4\n"
            "national;municipal_deflator;2021;0,027\nnational;national tax table;2031;40000\n"
            "national;national tax table;2021;37\nnational;price level table;2021;1,04\n"
            "account;own_tax;2020;3\naccount;own_tax;2020;4\n"
        )
    text = str(caught.value)
    for part in ("egne.csv:2 (table): 'acount'", "did you mean: account?",
                 "egne.csv:3 (id): operating_income cannot",
                 "egne.csv:4 (value): '2 6,4' is no number",
                 "egne.csv:5 (value): municipal_deflator, 2021: 0.027, which",
                 "egne.csv:6 (year): national tax table: year 2031", "egne.csv:7 (value): national tax table: 37",
                 "egne.csv:8 (id): unknown id 'price level table'",
                 "egne.csv:10 (value): a second figure"):  # fmt: skip
        assert part in text
    assert all(problem.fix for problem in caught.value.problems)


def test_an_added_column_is_told_and_the_models_figures_are_not_taken_for_own(read: Callable[..., Own]) -> None:
    def change(account: Any, _: Any) -> None:
        account["D7"] = 3000.0
        account.insert_cols(3)

    with pytest.raises(UsageError, match=r"(?s)Regnskap!D6\]: the heading is 'Modellen 2020'.*'Eget tall'"):
        read(change)


@pytest.mark.parametrize(
    ("change", "told"),
    [(lambda a, n: a.insert_rows(1), r"Regnskap!A6\]: no heading"),
     (lambda a, n: (a.__setitem__("D8", 5), a.merge_cells("A7:A8")), r"Regnskap!D8\]: 5 in a row without an id"),
     (lambda a, n: a.__setitem__("D40", 5), r"Regnskap!D40\]: 5 in a row without an id"),
     (lambda a, n: (a.__setitem__("D7", 5), a.__setitem__("B7", "Grunnskole")), "'Grunnskole' beside own_tax"),
     (lambda a, n: a.__setitem__("D7", ArrayFormula("D7", "=SUM(C7:C8)")), "a formula without a value"),
     (lambda a, n: a.__setitem__("D7", "#REF!"), "'#REF!' is no number"),
     (lambda a, n: a.__setitem__("D7", datetime.datetime(2020, 7, 2)), "the date or time 2020-07-02"),
     (lambda a, n: a.__setitem__("D4", None), r"Regnskap!D4\]: empty"),
     (lambda a, n: n.__setitem__(f"{Y2021}{NATIONAL_TAX - 1}", 38000), "38000 in place of the current figure"),
     (lambda a, n: n.__setitem__(f"P{NATIONAL_TAX}", 38000), "no year stands above the figure"),
     (lambda a, n: [n.cell(6, 5 + i, 2018 + i) for i in range(8)], "in place of the current figure")],
    ids=["row added", "ids merged", "sum below", "ids sorted alone", "array formula", "formula error", "date",
         "no account year", "current figure", "beyond the years", "years moved"],
)  # fmt: skip
def test_a_template_that_was_taken_apart_is_told(
    read: Callable[..., Own], change: Callable[[Any, Any], object], told: str
) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        read(change)
    assert all(problem.fix for problem in caught.value.problems)


def test_percent_in_a_cell_of_growth_is_told_and_in_a_cell_of_rates_is_a_share(read: Callable[..., Own]) -> None:
    def percent(row: int, value: float) -> Callable[[Any, Any], None]:
        def change(_: Any, national: Any) -> None:
            national[f"{Y2021}{row}"] = value
            national[f"{Y2021}{row}"].number_format = "0.0 %"

        return change

    with pytest.raises(UsageError, match=r"municipal_deflator: a cell in percent \(2\.7 %\)"):
        read(percent(GROWTH, 0.027))
    assert read(percent(RATE, 0.62)).estimates["symmetric rate table", 2021].value == 0.62


def test_a_cell_at_the_end_of_the_sheet_is_found_at_once(read: Callable[..., Own]) -> None:
    # 16 384 columns times 1 048 576 rows lie between: they are not gone through
    with pytest.raises(UsageError, match=r"XFD1048576\]: 1 in a row without an id"):
        read(lambda _, n: n.__setitem__("XFD1048576", 1))


def packed(name: str, text: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "the file is empty"), (b"%PDF-1.4", "a PDF"), (b"\x89PNG\r\n\x1a\n", "a picture"),
     (b"\xd0\xcf\x11\xe0" + bytes(600), "locked with a password"), (b"x", "no workbook"),
     (packed("a.txt", b"x"), r"other files \(\.zip\)"),
     (packed("[Content_Types].xml", b"<x"), "cannot be read"),
     (packed("[Content_Types].xml", bytes(200 << 20)), "more than 128 MiB")],
    ids=["empty", "pdf", "png", "password", "text", "zip", "broken", "bomb"],
)  # fmt: skip
def test_a_file_that_only_calls_itself_a_workbook_is_told(
    bound: Bound, tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "egne.xlsx"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=told):
        read_own(path, bound.study)


def test_a_damaged_workbook_is_told_wherever_it_is_damaged(bound: Bound, empty: bytes, tmp_path: Path) -> None:
    path = tmp_path / "egne.xlsx"
    for at in range(150, len(empty), 997):
        path.write_bytes(empty[:at] + bytes([empty[at] ^ 0xFF]) + empty[at + 1 :])
        with pytest.raises(UsageError):  # also where the damage hits nothing: the template is empty
            read_own(path, bound.study)


def test_a_grant_that_may_change_manifold_is_still_held_to_its_unit_and_sign(read_text: Callable[[str], Own]) -> None:
    given = {"discretionary grant table": ("0", "-5,8", "5800"), "expenditure equalisation table": ("120", "12131000")}
    for table, (right, *wrong) in given.items():
        assert read_text(f"{HEAD}national;{table};2022;{right}\n").estimates[table, 2022].value == float(right)
        for value in wrong:
            with pytest.raises(UsageError, match=rf"(?s){table}: .*fix: give it in the unit of the template"):
                read_text(f"{HEAD}national;{table};2022;{value}\n")
