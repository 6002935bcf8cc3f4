"""A draw's numbers depend on its own values and seed alone: not on its place, its company, batches or threads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egendekning.engine import Model, load

from .conftest import CONTROL

EQUATIONS = """{UTF-8}
age: young, old ~ ~ |
births = 3 ~ ~ |
life = 8 ~ ~ |
base = 50 ~ ~ |
luck = RANDOM NORMAL(-2, 2, 0, 0.5, 7) ~ ~ |
effect( (0,0.5), (50,1), (100,2) ) ~ ~ |
people[young] = INTEG(births*effect(people[young]) + luck - people[young]/life, base) ~ ~ |
people[old] = INTEG(people[young]/life - people[old]/(2*life), 0.5*base) ~ ~ |
felt = SMOOTH(SUM(people[age!])^0.7, life/4) ~ ~ |
gone = DELAY FIXED(people[old], 1, 0) ~ ~ |
"""

ROUNDING = 1e-11
"""Relative: a kernel for one run may fuse a multiplication and an addition that one for many does not, at each step."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = tmp_path_factory.mktemp("town") / "town.mdl"
    path.write_text(EQUATIONS + CONTROL, encoding="utf-8")
    return load(path)


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Return the same town without chance, whose draws have no number that matters."""
    path: Path = tmp_path_factory.mktemp("still") / "still.mdl"
    path.write_text(EQUATIONS.replace("RANDOM NORMAL(-2, 2, 0, 0.5, 7)", "0.25") + CONTROL, encoding="utf-8")
    return load(path)


def values(model: Model, births: np.ndarray, lives: np.ndarray, bases: np.ndarray, **options: int) -> dict[str, bytes]:
    """Return the bytes of every output."""
    found = model.simulate({"births": births, "life": lives, "base": bases}, **options)  # type: ignore[arg-type]
    return {str(n): np.ascontiguousarray(v.values).tobytes() for n, v in found.data_vars.items()}


def drawn(number: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return three constants for so many draws."""
    chance = np.random.default_rng(seed)
    return chance.uniform(0, 9, number), chance.uniform(2, 20, number), chance.uniform(0, 100, number)


SETTINGS = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SETTINGS
@given(number=st.integers(2, 400), seed=st.integers(0, 1000))
def test_permuting_draws_permutes_results(still: Model, number: int, seed: int) -> None:
    given_ = drawn(number, seed)
    order = np.random.default_rng(seed + 1).permutation(number)
    straight = still.simulate(dict(zip(("births", "life", "base"), given_, strict=True)))
    shuffled = still.simulate({n: v[order] for n, v in zip(("births", "life", "base"), given_, strict=True)})
    for name in straight.data_vars:
        wanted = straight[name].values[order] if "draw" in straight[name].dims else straight[name].values
        np.testing.assert_array_equal(shuffled[name].values, wanted, err_msg=str(name))


@SETTINGS
@given(number=st.integers(2, 300), seed=st.integers(0, 1000), data=st.data())
def test_one_draw_equals_a_batch_of_one(still: Model, number: int, seed: int, data: st.DataObject) -> None:
    names, given_ = ("births", "life", "base"), drawn(number, seed)
    at = data.draw(st.integers(0, number - 1))
    many = still.simulate(dict(zip(names, given_, strict=True)))
    batch = still.simulate({n: v[at : at + 1] for n, v in zip(names, given_, strict=True)})
    plain = still.simulate({n: float(v[at]) for n, v in zip(names, given_, strict=True)})
    for name in plain.data_vars:
        np.testing.assert_array_equal(batch[name].values[0], plain[name].values, err_msg=str(name))
        np.testing.assert_allclose(many[name].values[at], plain[name].values, rtol=ROUNDING, atol=ROUNDING)


@SETTINGS
@given(
    number=st.integers(2, 1500), seed=st.integers(0, 2**32 - 1), batch=st.integers(1, 2000), threads=st.integers(1, 4)
)
def test_the_same_seed_gives_the_same_bytes_whatever_the_batch_size_or_thread_count(
    town: Model, number: int, seed: int, batch: int, threads: int
) -> None:
    given_ = drawn(number, seed)
    assert values(town, *given_, seed=seed, batch=batch, threads=threads) == values(town, *given_, seed=seed)


@SETTINGS
@given(number=st.integers(2, 400), more=st.integers(1, 400), seed=st.integers(0, 1000))
def test_draws_that_are_added_change_no_byte_of_those_before(town: Model, number: int, more: int, seed: int) -> None:
    given_ = drawn(number + more, seed)
    whole = town.simulate(dict(zip(("births", "life", "base"), given_, strict=True)), seed=seed)
    part = town.simulate({n: v[:number] for n, v in zip(("births", "life", "base"), given_, strict=True)}, seed=seed)
    for name in part.data_vars:
        np.testing.assert_array_equal(part[name].values, whole[name].values[:number], err_msg=str(name))


def test_another_seed_gives_other_numbers(town: Model) -> None:
    given_ = drawn(5, 1)
    assert values(town, *given_, seed=1)["felt"] != values(town, *given_, seed=2)["felt"]


def test_draws_have_chances_of_their_own(town: Model) -> None:
    luck = town.simulate(draws=400, seed=1, outputs=["luck"])["luck"]
    assert len(np.unique(luck.values)) == luck.size, "no number of chance stands twice"
