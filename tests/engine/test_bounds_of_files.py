"""Files that are no models, or too much of one: words with a place and a remedy, in bounded time, and never a crash."""

from __future__ import annotations

import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from egendekning.engine import load
from egendekning.errors import ModelFileError

from .conftest import CONTROL

SECONDS = 120.0
"""Far above what the slowest takes alone (20 s), since tests share their processors; a hang is minutes or for ever."""

WHOLE = "{UTF-8}\na = 1 ~ person ~ |\nb = INTEG(a, 1) ~ person ~ Those here. |" + CONTROL
XMILE = (
    '<?xml version="1.0" encoding="utf-8"?>\n{head}<xmile version="1.0" '
    'xmlns="http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"><sim_specs><start>0</start><stop>4</stop><dt>1</dt>'
    "</sim_specs><model><variables>{variables}</variables></model>{tail}</xmile>"
)
MILLIONS = 10_000_000


def vensim(equations: str) -> str:
    return "{UTF-8}\n" + equations + CONTROL


def xmile(variables: str, head: str = "", tail: str = "") -> str:
    return XMILE.format(variables=variables, head=head, tail=tail)


def laughs() -> str:
    """Return entities that stand for a thousand million words."""
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>\n'


def noise(letters: str, count: int) -> str:
    return "".join(random.Random(1).choices(letters, k=count))


def nested(opening: str, inner: str, closing: str, depth: int) -> str:
    return vensim("x = " + opening * depth + inner + closing * depth + " ~ ~ |")


PRINTABLE = "".join(map(chr, range(32, 127)))
AUX = "<aux name='a'>{}</aux>"

REFUSED: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "nothing": (".mdl", lambda: b""),
    "blanks": (".mdl", lambda: b" \n\t\n"),
    "utf-16 without a mark": (".mdl", lambda: WHOLE.encode("utf-16-le")),
    "utf-32": (".mdl", lambda: WHOLE.encode("utf-32")),
    "bytes": (".mdl", lambda: random.Random(1).randbytes(100_000)),
    "nul": (".mdl", lambda: WHOLE.replace("person", "per\0son")),
    "nuls": (".mdl", lambda: b"\0" * 1_000_000),
    "nul in xml": (".stmx", lambda: xmile(AUX.format("<eqn>1\0</eqn>"))),
    "unknown encoding": (".mdl", lambda: "{" + "Klingon" * 10_000 + "}\n" + WHOLE),
    "encoding that is none": (".mdl", lambda: "{base64}\n" + WHOLE),
    "ten thousand brackets": (".mdl", lambda: nested("(", "1", ")", 10_000)),
    "brackets that do not close": (".mdl", lambda: nested("(", "1", "", 10_000)),
    "ten thousand ifs": (".mdl", lambda: nested("IF THEN ELSE(Time>1,", "1", ",2)", 10_000)),
    "signs": (".mdl", lambda: nested("-", "1", "", 20_000)),
    "nots": (".mdl", lambda: nested(":NOT:", "1", "", 20_000)),
    "powers": (".mdl", lambda: nested("Time^", "1", "", 20_000)),
    "comparisons": (".mdl", lambda: nested("Time<", "1", "", 20_000)),
    "square brackets": (".mdl", lambda: vensim("x = a" + "[" * 10_000 + "b" + "]" * 10_000 + " ~ ~ |")),
    "a long cycle": (".mdl", lambda: vensim("".join(f"v{i} = v{(i + 1) % 2000} ~ ~ |\n" for i in range(2000)))),
    "ranges in a circle": (".mdl", lambda: vensim("A: B ~~|\nB: A ~~|\nx[A] = 1 ~~|\n")),
    "a macro of itself": (".mdl", lambda: vensim(":MACRO: f(x)\nf = f(x) ~~|\n:END OF MACRO:\na = f(1) ~~|\n")),
    "macros that double": (
        ".mdl",
        lambda: vensim(
            ":MACRO: f0(x)\nf0 = x ~~|\n:END OF MACRO:\n"
            + "".join(f":MACRO: f{i}(x)\nf{i} = f{i - 1}(x) + f{i - 1}(2) ~~|\n:END OF MACRO:\n" for i in range(1, 19))
            + "a = f18(1) ~~|\n"
        ),
    ),
    "an order without end": (".mdl", lambda: vensim("x = DELAY N(Time, 1, 0, 1000000000) ~~|")),
    "modules in a circle": (
        ".stmx",
        lambda: xmile("<module name='m'/>", tail="".join(
            f"<model name='{n}'><variables><module name='m'/><module name='n'/></variables></model>" for n in "mn"))),
    "a dimension without end": (
        ".stmx",
        lambda: xmile(AUX.format("<dimensions><dim name='d'/></dimensions><eqn>1</eqn>")).replace(
            "<model>", "<dimensions><dim name='d' size='999999999999'/></dimensions><model>")),
    "a grid without end": (".mdl", lambda: WHOLE.replace("FINAL TIME = 4", "FINAL TIME = 1e308").replace(
        "TIME STEP = 0.25", "TIME STEP = 1e-308")),
    "deep xml": (".stmx", lambda: xmile(AUX.format("<eqn>" * 100_000 + "1" + "</eqn>" * 100_000))),
    "xml that does not close": (".stmx", lambda: "<xmile>" * 500_000),
    "laughs in a comment": (".stmx", lambda: xmile(AUX.format("<eqn>1</eqn><doc>&l9;</doc>"), laughs())),
    "a thousand million laughs in an equation": (".stmx", lambda: xmile(AUX.format("<eqn>&l9;</eqn>"), laughs())),
    "xml brackets": (".stmx", lambda: xmile(AUX.format("<eqn>" + "(" * 10_000 + "1" + ")" * 10_000 + "</eqn>"))),
    "xml signs": (".stmx", lambda: xmile(AUX.format("<eqn>" + "-" * 50_000 + "1</eqn>"))),
    "xml ifs": (".stmx", lambda: xmile(AUX.format("<eqn>" + "if time &gt; 1 then 1 else " * 3000 + "2</eqn>"))),
}  # fmt: skip

LARGE: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "noise": (".mdl", lambda: noise(PRINTABLE, MILLIONS)),
    "noise without ends": (".mdl", lambda: noise(PRINTABLE.replace("|", "").replace("~", ""), MILLIONS)),
    "noise as xml": (".stmx", lambda: noise(PRINTABLE, MILLIONS)),
    "words of the language": (".mdl", lambda: " ".join(random.Random(1).choices(
        ["a", "=", "~", "|", "(", ")", ",", "1", "+", "\n", '"', "{", "}", "[", "]", ":"], k=MILLIONS // 2))),
    "one equation": (".mdl", lambda: vensim("x = 1" + " + Time" * (MILLIONS // 7) + " ~ ~ |")),
    "one equation in xml": (".stmx", lambda: xmile(AUX.format("<eqn>1" + "+time" * (MILLIONS // 5) + "</eqn>"))),
    "one name": (".mdl", lambda: vensim("x" * MILLIONS + " = 1 ~ ~ |")),
    "comments that do not close": (".mdl", lambda: vensim("x = 1 " + "{" * MILLIONS + " ~ ~ |")),
    "quotes that do not close": (".mdl", lambda: vensim("x = 1 " + '\\"' * (MILLIONS // 2) + " ~ ~ |")),
    "entries of nothing": (".mdl", lambda: vensim("|" * MILLIONS)),
    "a range": (".mdl", lambda: vensim("A: (a1-a1000000) ~~|\nx[A] = 1 ~~|\n")),
}  # fmt: skip

READ: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "a byte order mark": (".mdl", lambda: b"\xef\xbb\xbf" + WHOLE.encode()),
    "utf-16 with a mark": (".mdl", lambda: WHOLE.encode("utf-16")),
    "lines of windows": (".mdl", lambda: WHOLE.replace("\n", "\r\n")),
    "lines of old macs": (".mdl", lambda: WHOLE.replace("\n", "\r")),
    "a file of the system": (".stmx", lambda: xmile(
        AUX.format("<eqn>1</eqn><doc>&f;</doc>"), '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>')),
}  # fmt: skip

LARGE_READ: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "a comment": (".mdl", lambda: vensim("x = 1 ~ ~ " + "blah " * (MILLIONS // 5) + " |")),
    "a comment in braces": (".mdl", lambda: vensim("x = 1 {" + "blah " * (MILLIONS // 5) + "} ~ ~ |")),
    "blanks": (".mdl", lambda: vensim("x = 1 " + " " * MILLIONS + " ~ ~ |")),
    "lines that go on": (".mdl", lambda: vensim("x = 1 " + "\\\n" * (MILLIONS // 2) + " ~ ~ |")),
    "a table": (".mdl", lambda: vensim("t(" + ",".join(f"({i},{i % 7})" for i in range(700_000)) + ") ~ ~ |")),
    "a graph": (".stmx", lambda: xmile(AUX.format(
        "<eqn>time</eqn><gf><xscale min='0' max='4'/><ypts>" + ",".join(str(i % 9) for i in range(5_000_000))
        + "</ypts></gf>"))),
    "a sketch": (".mdl", lambda: WHOLE + "\\\\\\---/// Sketch information\n" + "10,1,2,3\n" * (MILLIONS // 9)),
    "small equations": (".mdl", lambda: vensim(
        "v0 = Time ~~|\n" + "".join(f"v{i} = v{i - 1} * 2 + Time ~ u ~ |\n" for i in range(1, 50_000)))),
}  # fmt: skip


def loaded(folder: Path, made: tuple[str, Callable[[], str | bytes]]) -> float:
    """Write a file and load it; return the seconds that loading took."""
    suffix, content = made
    path, text = folder / f"file{suffix}", content()
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    begun = time.monotonic()
    try:
        load(path)
    finally:
        taken = time.monotonic() - begun
    return taken


def assert_refused(folder: Path, made: tuple[str, Callable[[], str | bytes]]) -> None:
    """Hold that a file is refused in bounded time, with a place, what is expected and a remedy, in few words."""
    begun = time.monotonic()
    with pytest.raises(ModelFileError) as caught:
        loaded(folder, made)
    assert time.monotonic() - begun < SECONDS
    assert len(caught.value.problems) <= 101
    for problem in caught.value.problems:
        assert problem.where.startswith(str(folder))
        assert problem.found
        assert problem.expected
        assert problem.fix
        assert len(str(problem)) < 2000


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_model_is_told_in_bounded_time(tmp_path: Path, name: str) -> None:
    assert_refused(tmp_path, REFUSED[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_ten_megabytes_that_are_no_model_are_told_in_bounded_time(tmp_path: Path, name: str) -> None:
    assert_refused(tmp_path, LARGE[name])


@pytest.mark.parametrize("name", READ)
def test_a_model_is_read_however_it_was_saved(tmp_path: Path, name: str) -> None:
    assert loaded(tmp_path, READ[name]) < SECONDS


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE_READ)
def test_ten_megabytes_of_a_model_are_read_in_bounded_time(tmp_path: Path, name: str) -> None:
    assert loaded(tmp_path, LARGE_READ[name]) < SECONDS


def test_no_file_of_the_system_is_read_into_a_model(tmp_path: Path) -> None:
    path = tmp_path / "model.stmx"
    path.write_text(str(READ["a file of the system"][1]()))
    assert "root" not in load(path).variables["a"].documentation


@pytest.mark.parametrize("suffix", [".mdl", ".stmx"])
def test_an_archive_and_a_folder_are_no_models(tmp_path: Path, suffix: str) -> None:
    with zipfile.ZipFile(tmp_path / f"zip{suffix}", "w") as archive:
        archive.writestr("model.mdl", WHOLE * 10)
    (tmp_path / f"folder{suffix}").mkdir()
    for name in ("zip", "folder", "missing"):
        with pytest.raises(ModelFileError, match=name) as caught:
            load(tmp_path / f"{name}{suffix}")
        assert caught.value.problems[0].fix


@pytest.mark.parametrize("path", [None, 3, "a\0b.mdl", ["a.mdl"]])
def test_what_is_no_name_of_a_file_is_told(path: object) -> None:
    with pytest.raises(ModelFileError, match="no name of a file"):
        load(path)  # type: ignore[arg-type]
