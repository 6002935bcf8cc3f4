"""Every function, in a tiny model of its own, with values worked out by hand from the tools' manuals."""

from __future__ import annotations

import re
import shutil
from math import erf, exp, isclose, log, sqrt
from pathlib import Path

import numpy as np
import pytest

from egendekning.engine import catalogue, load
from egendekning.engine.arrays import VECTOR_CALLS
from egendekning.engine.chance import QUANTILES
from egendekning.engine.functions import FUNCTIONS, REDUCERS, STATEFUL_NAMES, TIMED
from egendekning.engine.xmile_functions import ARRAYS, TRANSLATED

from .conftest import MODELS

EXACT = 1e-12  # a handful of operations in double precision
PAGE = Path(__file__).parents[2] / "docs" / "functions.md"
NA = np.nan

NUMBERS = {
    "missing": NA, "is missing": 1, "zeros in front": 7.5, "minus a square": -4, "two minus a square": -7,
    "tower": 512, "signs": -5, "exponent": 3.515, "quarter turn": np.pi / 2, "played": 3, "again": 3, "whole": -1,
    "step of half": 1.5, "rest": -1, "soon": 2, "larger": 3, "span": 5,
}  # fmt: skip
SUBSCRIPTS = {
    "by group": [10, 20, 10], "diagonal": [11, 22, 33], "alone": [NA, 5, NA], "from alone": 6,
    "number": [1, 2, 3, 4, 5], "count": 5, "tabbed": [[1, 2], [3, 4], [5, 6]], "most but one": [3, 2, 2],
}  # fmt: skip
VECTORS = {
    "up": [1, 2, 0], "down": [0, 2, 1], "up in rows": [[0, 1], [1, 0], [1, 0]], "place": [3, 1, 2],
    "sorted": [1, 2, 3], "next": [1, 2, NA], "beside": [2, 3, 5], "total": 3 * 1 + 2 * 2, "average": 7 / 2,
    "raised": 3 * 2**2, "biggest": 3, "none": 9, "too many": NA,
    "inverse": [[0.5, 0, 0], [0, 0.25, 0], [-0.5, 0, 1]],
}  # fmt: skip


def _at_start(name: str) -> dict[str, np.ndarray]:
    found = load(next(MODELS.glob(f"{name}.*"))).simulate()
    return {str(n): v.values[0] for n, v in found.data_vars.items()}


@pytest.mark.parametrize(
    ("model", "variable", "expected"),
    [(m, v, e) for m, table in (("numbers", NUMBERS), ("subscript_rules", SUBSCRIPTS), ("vectors", VECTORS))
     for v, e in table.items()],
)  # fmt: skip
def test_a_construct_has_the_value_worked_out_by_hand(model: str, variable: str, expected: object) -> None:
    np.testing.assert_allclose(_at_start(model)[variable], np.asarray(expected, dtype=float), rtol=EXACT, atol=EXACT)


def test_rectangles_share_a_supply_at_one_price() -> None:
    found = load(MODELS / "allocation.mdl").simulate()
    # at a price p between 5 and 5.5: 30 (5.5 - p) + 20 (6 - p) = supply; below 5 the second has all it asks for
    shares = {0: (0, 0, 0), 10: (0, 10, 0), 20: (6, 14, 0), 30: (12, 18, 0), 40: (20, 20, 0), 50: (30, 20, 0),
              60: (30, 20, 10), 80: (30, 20, 10)}  # fmt: skip
    for time, supply in enumerate(range(0, 90, 10)):
        if supply in shares:
            for name in ("by boxes", "by priority"):
                np.testing.assert_allclose(found[name].values[time], shares[supply], rtol=1e-9, atol=1e-9)


def test_a_fixed_request_comes_before_all_that_have_a_price() -> None:
    found = load(MODELS / "allocation.mdl").simulate(outputs=["firm first"])["firm first"].values
    expected = [[0, 0, 0], [10, 0, 0], [20, 0, 0], [30, 0, 0], [30, 10, 0], [30, 20, 0], [30, 20, 10]]
    np.testing.assert_allclose(found[:7], expected, rtol=1e-9, atol=1e-9)


def test_equal_bells_share_in_proportion_and_symmetric_profiles_halve() -> None:
    found = load(MODELS / "allocation.mdl").simulate()
    np.testing.assert_allclose(found["by bells"].values[0], np.array([30, 20, 10]) * 36 / 60, rtol=1e-9)
    np.testing.assert_allclose(found["by mixed"].values[0], [15, 10, 5], rtol=1e-9)  # half of all at the common middle


def test_the_slope_of_an_allocation_is_that_of_the_price() -> None:
    model = load(MODELS / "allocation.mdl")
    slopes = model.value_and_grad(lambda o: o["by boxes"][2][1], wrt=["request"], outputs=["by boxes"])({})[1]
    # p = (285 - 20) / 50: the second gets b (6 - p), and p moves with b by (6 - p - ...) as the sum stays at 20
    price, total = (5.5 * 30 + 6 * 20 - 20) / 50, 50
    by_hand = [-20 * (5.5 - price) / total, (6 - price) - 20 * (6 - price) / total, 0.0]
    np.testing.assert_allclose(slopes["request"], by_hand, rtol=1e-6, atol=1e-9)


def test_what_is_allocated_adds_up_and_varies_with_the_draw() -> None:
    model = load(MODELS / "allocation.mdl")
    supply = np.array([7.0, 23.0, 41.0, 59.0])
    found = model.simulate({"supply": supply}, outputs=["by boxes", "by priority"])
    for name in found:
        np.testing.assert_allclose(found[name].sum("who").values[:, 0], supply, rtol=1e-9)


def test_delays_take_their_order_from_constants_element_by_element() -> None:
    found = load(MODELS / "orders.mdl").simulate()
    late, smooth = found["late"].values, found["smooth"].values
    np.testing.assert_allclose(late[:, 0], found["first"].values, rtol=EXACT)
    np.testing.assert_allclose(late[:, 1], found["late two"].values, rtol=EXACT)
    stages = np.array([1.0, 1.0, 1.0])  # three stages of time 4/3: each closes 3/4 of its gap in a step
    for time in range(5):
        assert late[time, 2] == pytest.approx(stages[2], rel=EXACT)
        assert smooth[time, 2] == pytest.approx(stages[2], rel=EXACT)
        stages = stages + 0.75 * (np.array([time, stages[0], stages[1]]) - stages)
    np.testing.assert_allclose(found["second in balance"].values, 2.0, rtol=EXACT)


def test_fixed_delays_wait_a_time_of_their_own_per_element_and_draw() -> None:
    model = load(MODELS / "fixed_delays.mdl")
    late = model.simulate()["late"].values
    assert late.T.tolist() == [[-1, 0, 1, 2, 3], [-1, -1, -1, 0, 1]]
    drawn = model.simulate({"wait": np.array([1.0, 2.0])})["late"].values[:, :, 0]
    assert drawn.tolist() == [[-1, 0, 1, 2, 3], [-1, -1, 0, 1, 2]]


OTHER_FILES = {
    "joined": [10, 11, 12, 13, 14], "straight": [10, 11, 12, 13, 14], "raw": [10, 11, NA, 13, 14],
    "known": [1, 1, 0, 1, 1], "back": [10, 11, 11, 13, 14], "ahead": [10, 11, 13, 13, 14],
    "rows": [[10, 1, 7], [11, 2, 7], [12, 3, 7], [13, 4, 8], [14, 5, 9]], "one": 2, "row": [1, 2, 3],
    "column": [1, 4], "table": [[1, 2, 3], [4, 5, 6]], "turned": [[1, 4], [2, 5], [3, 6]], "on curve": 2.5,
    "on curves": [13.5, 4.5, 8.5],
    "at two": 12, "sides": 13 + 1100 + 115000, "length": 4, "points": [4, 5, 5],
    "soon": [[11, 2, 7], [12, 3, 7], [13, 4, 8], [14, 5, 9], [14, 5, 9]],
}  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "xlsx", "named", "ods"])
@pytest.mark.parametrize("variable", OTHER_FILES)
def test_cells_mean_the_same_in_text_and_workbook(variable: str, kind: str, tmp_path: Path) -> None:
    expected = np.asarray(OTHER_FILES[variable], dtype=float)
    found = load(_beside(kind, tmp_path)).simulate()[variable].values
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=EXACT)


def _beside(kind: str, folder: Path) -> Path:
    """Return a copy of the model that reads the csv, a workbook, or (in part) named ranges of one."""
    text = (MODELS / "other_files.mdl").read_text(encoding="utf-8")
    rows = [[float(c) if re.fullmatch(r"[\d.]+", c) else c or None for c in line.split(",")]
            for line in (MODELS / "other_files.csv").read_text().splitlines()]  # fmt: skip
    if kind == "csv":
        shutil.copy(MODELS / "other_files.csv", folder)
    elif kind == "ods":
        import pandas as pd

        pd.DataFrame([r + [None] * (6 - len(r)) for r in rows]).to_excel(
            folder / "other_files.ods", sheet_name="Sheet", header=False, index=False, engine="odf"
        )
        text = text.replace("other_files.csv', ','", "other_files.ods', 'Sheet'")
    else:
        import openpyxl
        from openpyxl.workbook.defined_name import DefinedName

        book = openpyxl.Workbook()
        book.active.title = "Sheet"
        for row in rows:
            book.active.append(row)
        for name, area in (("times", "$B$1:$F$1"), ("rows", "$B$2:$F$4"), ("block", "$B$6:$D$7")):
            book.defined_names[name] = DefinedName(name, attr_text=f"Sheet!{area}")
        book.save(folder / "other_files.xlsx")
        text = text.replace("other_files.csv', ','", "other_files.xlsx', 'Sheet'")
    if kind == "named":
        text = text.replace("rows[A] := GET DIRECT DATA('other_files.xlsx', 'Sheet', '1', 'B2')",
                            "rows[A] := GET DIRECT DATA('other_files.xlsx', 'Sheet', 'times', 'rows')")  # fmt: skip
        text = text.replace("table[B, A] = GET DIRECT CONSTANTS('other_files.xlsx', 'Sheet', 'B6')",
                            "table[B, A] = GET DIRECT CONSTANTS('other_files.xlsx', 'Sheet', 'block')")  # fmt: skip
    path = folder / "model.mdl"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_hash_of_a_model_holds_the_files_that_it_reads(tmp_path: Path) -> None:
    path = _beside("csv", tmp_path)
    before = load(path).hash
    other = tmp_path / "other_files.csv"
    other.write_text(other.read_text().replace("s2,1,", "s2,9,"))
    assert load(path).hash != before


def test_macros_have_stocks_of_their_own_and_several_results() -> None:
    model = load(MODELS / "macro.mdl")
    found = model.simulate()
    smooth = [0.0]
    for time in range(4):
        smooth.append(smooth[-1] + (time - smooth[-1]) / 2)
    np.testing.assert_allclose(found["alone"], 2 * np.array(smooth), rtol=EXACT)
    np.testing.assert_allclose(found["each"].values[:, 1], 2 * np.array(smooth) + 1, rtol=EXACT)
    assert found["gap"].values.tolist() == [10, 9, 8, 7, 6]
    assert found["used"].values.tolist() == [10, 12, 14, 16, 18]  # 10 + t, and t once more
    assert set(model.variables) == {*map(str, found.data_vars), "INITIAL TIME", "FINAL TIME", "TIME STEP", "SAVEPER"}
    assert model.depends_on("each") == {"speed"}


XMILE = {
    "branch": [-1, 0, 0, 5, 5], "rest": 2, "nothing": -4, "downwards": -2, "most": 4, "before": [-1, 0, 1, 2, 3],
    "at first": 3, "safe": 9.5, "angle": 0, "growth": 8, "hyper": 1, "bounded": 3, "grid": 5, "each": 8, "twice": 16,
    "all of it": 34, "spread": sqrt(2), "middle": 4, "extremes": 53.2, "second": 2, "curve": [0, 10, 20, 30, 40],
    "on curves": 25, "on stairs": [1, 1, 5, 5, 5], "shocks": [2, 3, 2, 0, 2], "steps": [0, 1, 2, 3, 4],
    "tank one": [10, 8, 7, 6.5, 6.25], "floor": [2, 0.5, 0, 0, 0], "one way": [2, 1, 0, 0, 0],
    "memory": [0, 0, 1, 2.5, 4.25], "held": [7, 0, 1, 2, 3], "material": 0, "thirds": 18, "orders": 9, "ahead": 5,
}  # fmt: skip


@pytest.mark.parametrize("variable", XMILE)
def test_an_xmile_function_has_the_value_worked_out_by_hand(variable: str) -> None:
    found = load(MODELS / "xmile_functions.stmx").simulate(outputs=[variable])[variable].values
    expected = np.asarray(XMILE[variable], dtype=float)
    expected = expected.reshape(expected.shape + (1,) * (found.ndim - 1)) if expected.ndim else expected
    np.testing.assert_allclose(found, np.broadcast_to(expected, found.shape), rtol=EXACT, atol=EXACT)


def test_modules_are_flattened_and_connected() -> None:
    found = load(MODELS / "modules.stmx").simulate()
    assert found["Firm.capital"].values.tolist() == [3, 9, 15, 21, 27]
    assert found["Bank.interest"].values.tolist() == [30, 100, 170, 240, 310]
    assert found["total"].values.tolist() == [6.5, 20.5, 34.5, 48.5, 62.5]


@pytest.mark.slow
def test_random_functions_have_the_moments_of_their_distributions() -> None:
    found = load(MODELS / "random.mdl").simulate(draws=4000, seed=3)
    count = 4000 * 21

    def near(name: str, mean: float, deviation: float) -> None:
        values = found[name].values
        assert abs(values.mean() - mean) < 5 * deviation / sqrt(count)  # five standard errors
        assert isclose(values.std(), deviation, rel_tol=0.02)

    near("even", 0.5, sqrt(1 / 12))
    near("between", 2.5, sqrt(1 / 12))
    assert found["between"].min() >= 2
    assert found["between"].max() <= 3
    # normal(0.5, 1) between -1 and 2 is symmetric about its mean: variance 1 - 2 a phi(a) / (2 Phi(a) - 1), a = 1.5
    a, phi = 1.5, exp(-(1.5**2) / 2) / sqrt(2 * np.pi)
    near("bell", 0.5, sqrt(1 - 2 * a * phi / erf(a / sqrt(2))))
    # 0.5 + 2 E cut off at 1 and 4: E between 0.25 and 1.75, shifted exponential of length 1.5
    length, q = 1.5, exp(-1.5)
    mean = 1 - length * q / (1 - q)
    variance = 1 - length**2 * q / (1 - q) ** 2
    near("waiting", 1 + 2 * mean, 2 * sqrt(variance))
    near("corner", (1 + 2 + 5) / 3, sqrt((1 + 4 + 25 - 2 - 5 - 10) / 18))
    assert found["life"].min() > 1
    assert abs(float(np.median(found["life"].values)) - (1 + 3 * sqrt(log(2)))) < 0.05  # cut off at 9: next to nothing


def test_a_draw_has_the_same_numbers_in_any_company_and_another_seed_has_others() -> None:
    model = load(MODELS / "random.mdl")
    many, few = model.simulate(draws=300, seed=1), model.simulate(draws=2, seed=1, threads=2, batch=1)
    for name in many:
        np.testing.assert_array_equal(many[name].values[:2], few[name].values)
    alone = model.simulate(seed=1)
    np.testing.assert_allclose(alone["walk"], few["walk"][0], rtol=EXACT, atol=EXACT)
    assert not np.array_equal(model.simulate(seed=2)["even"], alone["even"])
    assert len(np.unique(many["even"].values)) == many["even"].size


def test_streams_of_elements_and_places_are_apart() -> None:
    found = load(MODELS / "random.mdl").simulate(draws=2000)
    flat = np.stack([found["even"].values.ravel(), *np.moveaxis(found["between"].values, -1, 0).reshape(2, -1)])
    assert np.abs(np.corrcoef(flat) - np.eye(3)).max() < 5 / sqrt(flat.shape[1])


def test_the_page_of_functions_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == catalogue.render(MODELS), (
        "python -m egendekning.engine.catalogue tests/engine/models > docs/functions.md"
    )


def test_every_function_of_the_page_is_tested_by_a_model() -> None:
    texts = {p.name: p.read_text(encoding="utf-8") for p in MODELS.iterdir() if p.suffix in (".mdl", ".stmx")}
    lacking = [e for entries in catalogue.catalogue().values() for e in entries if not catalogue.tested_by(e, texts)]
    assert not lacking


def test_every_function_of_the_engine_is_on_the_page() -> None:
    page = catalogue.render(MODELS)
    ours = {*FUNCTIONS, *TIMED, *REDUCERS, *QUANTILES, *VECTOR_CALLS, *map(str.lower, STATEFUL_NAMES)}
    names = {n.upper() for n in ours if n == "xidz" or (n[0].isalpha() and n[0] != "x")} - {"NEGATIVE"}
    theirs = {n.upper() for n in (*TRANSLATED, *ARRAYS)} - {"IF_THEN_ELSE", "PERCENT", "UNIFORM"}
    lacking = [n for n in sorted(names | theirs) if not re.search(rf"(?<![A-Z]){n}\b", page)]
    assert not lacking
