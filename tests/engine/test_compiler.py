"""What the compiler is told: a loop becomes one function, and nothing depends on being heard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from egendekning.engine import compiler
from egendekning.engine.runtime import jax_module


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
