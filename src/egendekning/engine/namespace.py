"""JAX under NumPy's names: what the functions and the evaluator need of it, and no more.

The module refuses to import JAX: it is given, once it is set to double precision.
"""

from __future__ import annotations

from typing import Any

from egendekning.engine.elementary import arctangent, logarithm


class Namespace:
    """What `functions` and `evaluate` need of JAX, under NumPy's names."""

    inf, nan = float("inf"), float("nan")

    def __init__(self, jax: Any, guarded: bool) -> None:
        jnp = jax.numpy
        self.guarded = guarded
        self.stop = jax.lax.stop_gradient
        for name in (
            "where", "abs", "exp", "log", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh",
            "tanh", "trunc", "minimum", "maximum", "logical_and", "logical_or", "logical_not", "sum", "prod", "min",
            "max", "asarray", "broadcast_to", "clip", "take", "transpose", "concatenate", "argsort", "broadcast_arrays",
            "take_along_axis", "floor", "moveaxis", "expm1", "log1p", "linalg",
        ):  # fmt: skip
            setattr(self, name, getattr(jnp, name))
        self.fori_loop = jax.lax.fori_loop
        if not guarded:
            self.log = logarithm(jax)
            self.arctan = arctangent(jax)

    @property
    def special(self) -> Any:
        """SciPy's special functions."""
        from importlib import import_module

        return import_module("jax.scipy.special")
