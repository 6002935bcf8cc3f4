"""What the compiler is told: a loop becomes one function, and nothing depends on being heard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from egendekning.engine import compiler, load, runtime
from egendekning.engine.namespace import Namespace
from egendekning.engine.runtime import jax_module
from egendekning.ensemble.synthetic import shipped


def _lowered() -> Any:
    """Return twenty steps of x <- x + 1/x for 400 draws, as JAX lowers it."""
    jax = jax_module()
    return jax.jit(lambda x: jax.lax.fori_loop(0, 20, lambda _, y: y + 1.0 / y, x)).lower(np.ones(400))


def _by_hand() -> float:
    x = 1.0
    for _ in range(20):
        x += 1.0 / x
    return x


@pytest.mark.parametrize("numbers", [None, 1, compiler.SMALL + 1])
def test_however_it_is_compiled_a_loop_computes_the_same(numbers: int | None) -> None:
    kernel = compiler.compile_kernel(_lowered(), numbers)
    assert np.asarray(kernel(np.ones(400))) == pytest.approx(_by_hand(), rel=1e-15)


def test_a_loop_over_many_draws_becomes_one_function() -> None:
    assert "xla_cpu_small_call" not in compiler.compile_kernel(_lowered(), None).as_text()
    assert "xla_cpu_small_call" in compiler.compile_kernel(_lowered(), 1).as_text()


def test_settings_reach_no_other_compilation() -> None:
    compiler.compile_kernel(_lowered(), 1)
    assert "xla_cpu_small_call" not in _lowered().compile().as_text()


def test_a_jax_that_takes_options_in_another_form_compiles_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "_message", lambda _: b"\xff\xff\xff")
    kernel = compiler.compile_kernel(_lowered(), 1)
    assert np.asarray(kernel(np.ones(400))) == pytest.approx(_by_hand(), rel=1e-15)


def test_a_jax_without_that_function_compiles_without(monkeypatch: pytest.MonkeyPatch) -> None:
    from jax._src import compiler as theirs

    kept = theirs.get_compile_options
    monkeypatch.setattr(compiler, "_message", lambda _: pytest.fail("options were changed"))
    monkeypatch.delattr(theirs, "get_compile_options")
    with compiler._added(compiler.EXTRAS):
        monkeypatch.setattr(theirs, "get_compile_options", kept, raising=False)
        kernel = _lowered().compile()
    assert np.asarray(kernel(np.ones(400))) == pytest.approx(_by_hand(), rel=1e-15)


def test_only_proven_operations_are_given_the_widest_registers() -> None:
    jax = jax_module()
    x = np.ones((2, 128))
    own = Namespace(jax, guarded=False)
    for trusted in (jax.numpy.exp, jax.numpy.sqrt, own.log, own.arctan, lambda y: jax.numpy.where(y > 1, y, 2 * y)):
        assert compiler.proven(jax.jit(trusted).lower(x).as_text()), trusted
    for other in (jax.numpy.arctan, jax.numpy.sin, jax.numpy.log, jax.scipy.special.gammaln, jax.numpy.linalg.inv):
        assert not compiler.proven(jax.jit(other).lower(x[:, :2]).as_text()), other


@pytest.mark.slow
def test_the_models_of_the_bench_are_made_of_proven_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr(runtime, "compile_kernel", lambda lowered, numbers: seen.append(
        compiler.proven(lowered.as_text())) or lowered.compile())  # fmt: skip
    town = load(shipped(2))
    name = next(n for n, v in town.variables.items() if v.kind == "constant" and not v.dims)
    town.simulate({name: [1.0, 2.0]}, outputs=[next(n for n, v in town.variables.items() if v.kind == "stock")])
    assert seen == [True]
