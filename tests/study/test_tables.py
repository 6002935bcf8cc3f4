"""Tables that people make: what is right is read however it was saved, what is wrong is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from egendekning.study.tables import Table, read_table

NEEDED = ("name", "value")


def read(folder: Path, content: bytes, separators: str = ",") -> tuple[Table, list[str]]:
    path = folder / "table.csv"
    path.write_bytes(content)
    table, problems = read_table(path, NEEDED, ("note",), separators)
    assert not problems or table == Table()
    return table, [str(problem) for problem in problems]


@pytest.mark.parametrize(
    "content",
    [
        b"name,value\na,1\n",
        b"\xef\xbb\xbfname,value\r\na,1\r\n",
        b"name,value\ra,1",
        b" Name , VALUE ,other\n a , 1 ,x,y,z\n\n,,\n",
        b'"value","name"\n"1","a"\n',
    ],
)
def test_a_right_table_is_read_however_it_was_saved(content: bytes, tmp_path: Path) -> None:
    table, problems = read(tmp_path, content)
    assert problems == []
    assert table.rows == ((2, {"name": "a", "value": "1"}),)


def test_a_row_that_ends_early_has_nothing_where_its_cells_are_missing(tmp_path: Path) -> None:
    table, _ = read(tmp_path, b"name,value,note\na\nb,2,\n")
    assert table.rows[0] == (2, {"name": "a", "value": None, "note": None})
    assert table.rows[1] == (3, {"name": "b", "value": "2", "note": ""})


def test_the_most_frequent_of_the_allowed_separators_counts(tmp_path: Path) -> None:
    table, _ = read(tmp_path, b"name;value\na;1,5\n", ",;\t")
    assert (table.separator, table.rows[0][1]["value"]) == (";", "1,5")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"name,value\n", "there are no rows"),
        (b"name;value\na;1\n", "table.csv:1: the cells are apart by semicolons"),
        (b"name\tvalue\na\t1\n", "table.csv:1: the cells are apart by tabs"),
        (b"nam,value\na,1\n", "table.csv:1: no column 'name'\n"),
        (b"name,value,value\na,1,2\n", "table.csv:1: 2 columns 'value'"),
        ("name,value\na,1\n".encode("utf-16"), "is in UTF-16"),
        ("name,value\na,1\nå,2\n".encode("latin-1"), "table.csv:3: byte 0xe5 is not UTF-8"),
        (b"name,value\na,\x1b[2J\n", "table.csv:2: the control character U+001B"),
        (b'name,value\na,1\nb,"2', "table.csv:3: cannot be read as CSV"),
        (b"name,value\na," + b"9" * 200_000, "table.csv:2: cannot be read as CSV (field larger"),
    ],
)
def test_what_is_no_such_table_is_named_with_its_line_and_a_remedy(content: bytes, words: str, tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, content)
    assert words in problem
    assert "expected:" in problem
    assert "fix:" in problem


def test_a_misspelt_column_is_met_with_its_nearest(tmp_path: Path) -> None:
    _, (problem,) = read(tmp_path, b"name,valeu\na,1\n")
    assert "did you mean: valeu?" in problem


@pytest.mark.parametrize(("name", "words"), [(".", "is a folder"), ("none.csv", "not exist"), ("x" * 300, "too long")])
def test_a_path_that_is_no_file_is_a_problem(name: str, words: str, tmp_path: Path) -> None:
    _, (problem,) = read_table(tmp_path / name, NEEDED)
    assert words in str(problem)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    _, (problem,) = read_table(tmp_path / "pipe", NEEDED)
    assert "no regular file" in str(problem)
