"""The synthetic models: what they hold, that nothing of them can be left out, and that PySD computes the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from egendekning.engine import Model, load
from egendekning.ensemble.synthetic import SHIPPED, SPREAD, shipped, synthetic


def _made(folder: Path, sectors: int) -> Model:
    path = folder / "model.mdl"
    path.write_text(synthetic(sectors), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("sectors", SHIPPED.values())
def test_the_files_that_ship_are_what_the_rule_makes(sectors: int) -> None:
    assert shipped(sectors).read_text(encoding="utf-8") == synthetic(sectors)


@pytest.mark.parametrize(("sectors", "equations", "states"), [(2, 63, 18), (9, 273, 81)])
def test_a_model_has_thirty_equations_and_nine_states_a_sector_and_three_equations_more(
    sectors: int, equations: int, states: int
) -> None:
    model = load(shipped(sectors))
    computed = [v for v in model.definition.variables.values() if v.kind not in ("constant", "lookup", "control")]
    assert sum(int(np.prod(v.shape)) for v in computed) == equations
    assert sum(int(np.prod(s.shape)) for s in model.definition.states.values()) == states
    assert model.time.steps == 480
    assert len(model.time.times()) == 31


def test_everything_lies_upstream_of_every_stock(tmp_path: Path) -> None:
    model = _made(tmp_path, 3)
    computed = {n for n, v in model.variables.items() if v.kind not in ("constant", "lookup", "control", "data")}
    for stock in (n for n, v in model.variables.items() if v.kind == "stock" and n.startswith("capacity")):
        seen, stack = {stock}, [stock]
        while stack:
            fresh = model.depends_on(stack.pop()) - seen
            seen |= fresh
            stack += fresh
        assert computed - seen == set()


@pytest.mark.slow
def test_pysd_computes_the_same(tmp_path: Path) -> None:
    model = _made(tmp_path, 2)
    outputs = ["capacity 1", "price 2", "staff 2", "building 1", "crowding"]
    ours, theirs = (model.simulate(None, None, outputs, {"final": 2024.0}, engine=e) for e in ("jax", "pysd"))
    for name in outputs:  # 64 steps in double precision
        assert ours[name].values == pytest.approx(theirs[name].values, rel=1e-11)


@pytest.mark.parametrize("sectors", [1, 9])
@pytest.mark.slow
def test_every_constant_may_vary_by_the_spread(tmp_path: Path, sectors: int) -> None:
    model = _made(tmp_path, sectors)
    names = [n for n, v in model.variables.items() if v.kind == "constant" and not v.dims]
    noise, values = np.random.default_rng(4), model.evaluate(names)
    drawn = {n: float(values[n]) * noise.uniform(1.0 - SPREAD, 1.0 + SPREAD, 40) for n in names}
    found = model.simulate(drawn, None, ["capacity 1", "output 1"])
    assert np.isfinite(found["output 1"].values).all()
    assert found["capacity 1"].std("draw").values[-1] > 0
