"""A model file is read whole, or refused with every fault named and located."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from egendekning.engine import Model, load
from egendekning.errors import ModelFileError, SimulationError

from .conftest import CONTROL, MODELS

Writer = Callable[[str], Path]


def faults(path: Path) -> str:
    with pytest.raises(ModelFileError) as caught:
        load(path)
    return str(caught.value)


def test_variables_carry_what_the_file_says() -> None:
    bath = load(MODELS / "stock_and_flow.mdl").variables["bath"]
    assert (bath.kind, bath.unit, bath.documentation) == ("stock", "litre", "Water in the bath.")
    assert bath.equation == "bath = INTEG(inflow - outflow, start)"
    assert bath.group == "Stock and flow"
    text = (MODELS / "stock_and_flow.mdl").read_text(encoding="utf-8").split("\n")
    assert text[bath.line - 1].startswith("bath = ")


def test_names_keep_their_spelling_and_are_found_in_any() -> None:
    names = load(MODELS / "names.mdl")
    assert set(names.variables) >= {"Ærlig_andel", "økning", "pris (kr), år", "Større beholdning"}
    assert names.variable("ærlig ANDEL").name == "Ærlig_andel"
    with pytest.raises(SimulationError, match="did you mean: økning"):
        names.variable("økninga")


def test_the_graph_says_what_depends_on_what() -> None:
    bath = load(MODELS / "stock_and_flow.mdl")
    assert bath.depends_on("bath") == {"inflow", "outflow", "start"}
    assert bath.drives("bath") == {"outflow"}
    assert bath.variables["outflow"].kind == "flow"


def test_subscripts_and_time_are_read() -> None:
    ages = load(MODELS / "mapping.mdl")
    assert ages.subscripts["age older"] == ("a1", "a2", "a3", "a4", "a5")
    assert ages.variables["people"].dims == ("age",)
    assert (ages.time.initial, ages.time.final, ages.time.step, ages.time.saveper) == (0, 4, 0.125, 1)


def test_the_hash_is_that_of_the_text(write: Writer) -> None:
    path = write("x = 1 ~ ~ |")
    before = load(path).hash
    path.write_text(path.read_text().replace("x = 1", "x = 2"))
    assert load(path).hash != before


def test_an_unsupported_function_is_an_error_with_name_and_line(write: Writer) -> None:
    text = faults(write("a = 1 ~ ~ |\nb = CONJURE(a, 1, 0, 1, 2) ~ ~ |"))
    assert "model.mdl:3" in text
    assert "b: the function CONJURE is not supported" in text


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("GET XLS DATA('a', 'b', 'c', 'd')", "there is no file 'a' beside the model"),
        ("ALLOCATE AVAILABLE(a, a, 1)", "request without subscripts"),
        ("VECTOR SELECT(a, a, 1, 1, 1)", "no subscript marked with !"),
        ("SMOOTH N(a, 1, 1, Time)", "the order of a delay or smooth changes during the run"),
        ("GET TIME VALUE(2, 0, 1)", "needs a calendar or a clock"),
    ],
)
def test_a_function_that_cannot_be_given_a_meaning_says_what_it_lacks(write: Writer, function: str, words: str) -> None:
    assert words in faults(write(f"a = 1 ~ ~ |\nb = {function} ~ ~ |"))


def test_an_unknown_name_gets_the_nearest(write: Writer) -> None:
    text = faults(write("growth rate = 1 ~ ~ |\nb = grwth rate * 2 ~ ~ |"))
    assert "unknown name 'grwth rate'" in text
    assert "did you mean: growth rate?" in text


def test_a_cyclic_model_names_the_variables_on_the_cycle(write: Writer) -> None:
    text = faults(write("a = b + 1 ~ ~ |\nb = c ~ ~ |\nc = a ~ ~ |"))
    assert "cycle within one time step" in text
    assert all(f" {name} " in f" {text.splitlines()[0]} " for name in "abc")


def test_a_cycle_of_initial_values_is_told_apart(write: Writer) -> None:
    assert "cycle among the initial values" in faults(write("s = INTEG(1, a) ~ ~ |\na = s * 2 ~ ~ |"))


def test_every_broken_equation_is_reported_with_its_line(write: Writer) -> None:
    text = faults(write("a = 1 + ~ ~ |\nb = (2 ~ ~ |\nc = 3 ~ ~ |"))
    assert "model.mdl:2" in text
    assert "model.mdl:3" in text
    assert "model.mdl:4" not in text


def test_a_wrong_number_of_arguments_is_an_error(write: Writer) -> None:
    text = faults(write("a = MAX(1, 2, 3) ~ ~ |\nb = SMOOTH(a) ~ ~ |"))
    assert "model.mdl:3: b:" in text


def test_a_truncated_file_says_where_it_breaks_off(write: Writer, tmp_path: Path) -> None:
    path = write("a = 1 ~ ~ |\nb = 2")
    path.write_text("{UTF-8}\na = 1 ~ ~ |\nb = a * 2 ~ perso")
    assert "model.mdl:3: the file breaks off inside an equation" in faults(path)


def test_a_file_that_is_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.mdl"
    path.write_bytes(b"{UTF-8}\na = 1 ~ ~ |\n\xe5r = 2 ~ ~ |\n")
    assert "latin.mdl:3: byte 0xe5 is not UTF-8" in faults(path)


def test_a_file_that_says_latin1_is_read_as_such(tmp_path: Path) -> None:
    path = tmp_path / "latin.mdl"
    path.write_bytes(("{ISO-8859-1}\når = 2 ~ ~ |\n" + CONTROL).encode("latin-1"))
    assert "år" in load(path).variables


@pytest.mark.parametrize("content", [b"", b"  \n", b"{UTF-8}\n\n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.mdl"
    path.write_bytes(content)
    assert "empty.mdl" in faults(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "cannot be read" in faults(tmp_path / "none.mdl")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.vpm"
    path.write_text("x")
    assert ".mdl, .xmile or .stmx" in faults(path)


def test_a_macro_without_end_is_refused_with_its_line(write: Writer) -> None:
    assert "model.mdl:2: a macro without :END OF MACRO:" in faults(write(":MACRO: f(x)\nf = x ~ ~ |\n"))


def test_a_model_without_a_time_grid_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.mdl"
    path.write_text("{UTF-8}\na = 1 ~ ~ |\n")
    assert "INITIAL TIME is not defined" in faults(path)


SUBSCRIPTED = "r: n, s ~ ~ |\nq: k, l ~ ~ |\n"


@pytest.mark.parametrize(
    ("equations", "words"),
    [
        ("a[r] = 1, 2, 3 ~ ~ |", "3 numbers"),
        ("a[r] = 1 ~ ~ |\nb = a ~ ~ |", "0 subscripts"),
        ("a[r] = 1 ~ ~ |\nb = a[x] ~ ~ |", "x is not an element of r"),
        ("a[r] = 1 ~ ~ |\nb[q] = a[r] ~ ~ |", "not on the left-hand side"),
        ("a[n] = 1 ~ ~ |\na[n] = 2 ~ ~ |\na[s] = 3 ~ ~ |", "defined twice"),
        ("a[z] = 1 ~ ~ |", "unknown subscript"),
        ("a[r] = 1 ~ ~ |\nb = SUM(a[r]) ~ ~ |", "not on the left-hand side"),
        ("a[r] :EXCEPT: [n, k] = 1 ~ ~ |", ":EXCEPT: has another number of subscripts"),
        ("t[r] :EXCEPT: [n, k] ((0,0),(1,1)) ~ ~ |", ":EXCEPT: has another number of subscripts"),
        ("t((0,0),(1,1)) ~ ~ |\nt = 3 ~ ~ |", "is a table function here and an equation elsewhere"),
        ("a[r] :EXCEPT: [n] = 1 ~ ~ |\nb = SUM(a[r!]) ~ ~ |", "a[n] has no equation, and b reads it"),
        ("t((0,0),(1,1)) ~ ~ |\nb = t ~ ~ |", "used as a number"),
    ],
)
def test_a_subscript_fault_is_explained(write: Writer, equations: str, words: str) -> None:
    assert words in faults(write(SUBSCRIPTED + equations))


def test_importing_the_engine_imports_neither_jax_nor_pysd() -> None:
    code = "import sys, egendekning.engine; assert not {'jax', 'pysd'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_comment_in_braces_is_no_equation(write: Writer) -> None:
    assert next(iter(load(write("a = 1 {not 2} ~ ~ |")).variables)) == "a"


def test_an_array_of_models_can_be_loaded_side_by_side(write: Writer) -> None:
    first, second = load(MODELS / "smooth.mdl"), load(MODELS / "delay.mdl")
    assert isinstance(first, Model)
    assert first.hash != second.hash


def test_an_xmile_model_says_the_same_about_its_variables() -> None:
    bath = load(MODELS / "bath.stmx")
    stock = bath.variables["bath"]
    assert (stock.kind, stock.unit, stock.documentation) == ("stock", "litre", "Water in the bath.")
    assert bath.variables["outflow"].equation == "bath / emptying_time"
    assert bath.variables["share"].equation == "0.25\n0.75"
    text = (MODELS / "bath.stmx").read_text(encoding="utf-8").split("\n")
    assert 'name="late"' in text[bath.variables["late"].line - 1]
    assert bath.time.step == 0.125


def test_broken_xml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.stmx"
    path.write_text("<xmile>\n<model>\n</xmile>\n")
    assert "broken.stmx:3: cannot be read" in faults(path)
