"""Vensim text as modellers write it: what PySD reads is read alike, and what only Vensim reads is read too."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pysd.translators.structures import abstract_expressions as ae

from egendekning.engine import Model, load
from egendekning.engine.parse import _right_side
from egendekning.engine.source import read_text, split_entries, split_macros
from egendekning.engine.syntax import ExpressionError
from egendekning.engine.vensim_head import read_head
from egendekning.engine.vensim_syntax import parse_expression, parse_table
from egendekning.names import key

from .conftest import CONTROL, MODELS

Loader = Callable[[str], Model]
EXACT = 1e-12  # a handful of operations in double precision
PYSD_DIFFERS = {"minus a square", "bracket squared", "minus in power", "tower", "exponent", "rest of quotient"}
"""PySD takes a sign into the base of a power, and adds and subtracts plain numbers while it reads them."""

SPELLING = {
    "births: live": [10 * 1.05**k for k in range(5)], "deaths '99": [5 * 1.05**k for k in range(5)],
    "überschuß": 6, "all odd": 9, "tabs": 8, "called like functions": 18, "clock": [5, 6, 7, 8, 9],
    "bracket squared": -4, "minus in power": 0.5 - 18 + 1, "rest of quotient": -4, "from short table": [0, 1, 2, 5, 8],
    "from one point": 7, "from vectors": [10, 11, 12, 13, 14], "from step": [0, 0, 10, 10, 10],
    "below": [0.5 - 0.5 * 5.5 / 1.5, *(0.5 - 0.3 * (t - 0.5) / 9.5 for t in (1, 2, 3, 4))],
}  # fmt: skip


def _plain(node: Any) -> Any:
    """Return abstract syntax as lists that can be compared: names by their key, numbers as numbers."""
    if isinstance(node, np.ndarray):
        return [str(v) for v in node.ravel()]
    if isinstance(node, (int, float, np.number)):
        return str(float(node))
    if isinstance(node, (tuple, list)):
        return [_plain(n) for n in node]
    if isinstance(node, ae.ReferenceStructure):
        return ["name", key(node.reference), _plain(node.subscripts)]
    if isinstance(node, ae.SubscriptsReferenceStructure):
        return [key(s) for s in node.subscripts]
    if isinstance(node, ae.LookupsStructure):
        return ["table", _plain(node.x), _plain(node.y)]
    if isinstance(node, ae.AbstractSyntax):
        return [type(node).__name__, *(_plain(getattr(node, f)) for f in node.__dataclass_fields__)]
    return node


@pytest.mark.parametrize("path", [*sorted(MODELS.glob("*.mdl")), Path("model/drammen.mdl")], ids=lambda p: p.stem)
def test_equations_are_read_as_pysd_reads_them(path: Path) -> None:
    from parsimonious.exceptions import ParseError, VisitationError
    from pysd.translators.vensim.vensim_element import Element

    main, _ = split_macros(read_text(Path(__file__).parents[2] / path), str(path))
    compared = 0
    for entry in split_entries(main, str(path)):
        flat = re.sub(r"\s+", " ", re.sub(r"\\\n\s*", " ", entry.text)).strip()
        head = read_head(flat)
        if head.kind in ("range", "check") or head.name in PYSD_DIFFERS:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = Element(flat, entry.unit, "").parse()
                theirs.parse()
        except (ParseError, VisitationError):
            continue  # what PySD cannot read is held against values below
        compared += 1
        assert _plain(_right_side(head)[1]) == _plain(theirs.ast), flat
        assert [list(map(key, head.subscripts)), [list(map(key, e)) for e in head.excepted]] == [
            list(map(key, theirs.subscripts[0])), [list(map(key, e)) for e in theirs.subscripts[1]]
        ]  # fmt: skip
    assert compared >= 4  # the time grid at least


@pytest.mark.parametrize("variable", SPELLING)
def test_a_spelling_of_modellers_has_the_value_worked_out_by_hand(variable: str) -> None:
    found = load(MODELS / "spelling.mdl").simulate(outputs=[variable])[variable].values
    np.testing.assert_allclose(found, np.broadcast_to(np.asarray(SPELLING[variable], float), (5,)), rtol=EXACT)


def test_units_ranges_and_groups_are_kept_apart_from_the_equation() -> None:
    model = load(MODELS / "spelling.mdl")
    assert model.variable("population, total (1.000s)").limits == (0.0, 1000.0)
    assert model.variable("birth rate").limits == (0.0, None)
    assert model.variable("death rate").unit == "1/Month"
    assert set(model.sectors) == {"growth sector"}


@pytest.mark.parametrize(("head", "encoding"), [("", "windows-1252"), ("", "utf-8"), ("{UTF-8}\n", "utf-8-sig"),
                                                ("{windows-1252}\n", "windows-1252"), ("", "utf-16")])  # fmt: skip
def test_a_file_is_read_in_the_encoding_it_is_written_in(head: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "model.mdl"
    path.write_bytes((head + "kjøttpris ’99 = 3 ~ kr ~ Åpent |\nx = Kjøttpris ’99 * 2 ~~|" + CONTROL).encode(encoding))
    assert load(path).simulate(outputs=["x"])["x"].values[0] == 6.0


@pytest.mark.parametrize(("text", "reason"), [("2 +", "a number, a name or a bracket"), ("f(1", "a comma or a bracket"),
                                              ("SMOOTH(a)", "SMOOTH has 1 arguments, 2 expected"), ("a ] b", "the end"),
                                              ("a[", "]"), ("1,2;3", "rows of different lengths"),
                                              ("TABBED ARRAY(1 x)", "no number")])  # fmt: skip
def test_what_cannot_be_read_says_what_was_expected(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(reason)):
        parse_expression(text)


@pytest.mark.parametrize("text", ["((0,0),(1,1)", "((0,0)(1))", "(1,2,3)", "((a,1))", "([(0,0)-(1,1)])"])
def test_a_table_without_points_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_table(text)


def test_a_comment_with_a_brace_hides_no_equation(model: Callable[[str], Any]) -> None:
    found = model("a = 1 ~~ opened { and |\nb = 2 ~~ closed } |\nc = a + b ~~|").simulate(outputs=["c"])
    assert found["c"].values[0] == 3.0


def test_a_subscript_counts_in_its_family_wherever_it_is_defined(model: Loader) -> None:
    found = model(
        "part: b, c ~~|\nall: a, part ~~|\nplace of c = c ~~|\nof part[part] = part ~~|\nof all[all] = all ~~|\n"
        "is c[all] = IF THEN ELSE(all = c, 1, 0) ~~|\nis c too[part] = IF THEN ELSE(part = c, 1, 0) ~~|\n"
    ).simulate(time=[0.0])
    assert found["place of c"].values.tolist() == [3]
    assert found["of part"].values.tolist() == [[2, 3]]
    assert found["of all"].values.tolist() == [[1, 2, 3]]
    assert found["is c"].values.tolist() == [[0, 0, 1]]
    assert found["is c too"].values.tolist() == [[0, 1]]


def test_ranges_and_elements_in_quotation_marks_have_the_names_inside(model: Loader) -> None:
    ages = model('"age group": "0-17", "18, or more" ~~|\npeople["age group"] = 3, 5 ~~|\n'
                 'old = people["18, or more"] ~~|\n')  # fmt: skip
    found = ages.simulate(time=[0.0])
    assert found["people"].dims == ("time", "age group")
    assert ages.variables["people"].dims == ("age group",)
    assert ages.subscripts["age group"] == ("0-17", "18, or more")
    assert found["people"].sel({"age group": "18, or more"}).item() == found["old"].item() == 5


def test_blanks_after_the_sign_of_a_line_that_goes_on_are_blanks(model: Loader) -> None:
    assert model("x = 1 + \\ \t\n\t\t2 ~~|\n").simulate(time=[0.0])["x"].item() == 3
