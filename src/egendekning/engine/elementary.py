"""The natural logarithm as arithmetic, which runs on many draws at once.

XLA has vector code for most functions, but calls the C library for the logarithm of every single double, and all
arithmetic around such a call runs on single numbers too. The reduction to 2^k m with m near 1 and the polynomial for
log m are those of FreeBSD's ``e_log.c`` (error below one unit in the last place). Subnormal numbers count as zero, as
in all of XLA's arithmetic. The module refuses to be differentiated: kernels for gradients use JAX's own logarithm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Array = Any

_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_EVEN: Final = (3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01)
_ODD: Final = (6.666666666666735130e-01, 2.857142874366239149e-01, 1.818357216161805012e-01, 1.479819860511658591e-01)

_BEGIN: Final = 0x3FE6A09E00000000  # the bits of a number just below sqrt(1/2), where m begins
_EXPONENT: Final = -(1 << 52)  # sign and exponent in the bits of a double


def logarithm(jax: Any) -> Callable[[Array], Array]:
    """Return the natural logarithm of double-precision arrays, with infinities and NaN where IEEE has them."""
    bits_of, jnp = jax.lax.bitcast_convert_type, jax.numpy

    def log(x: Array) -> Array:
        x = jnp.asarray(x, dtype=float)
        bits = bits_of(x, "int64")
        above = bits - _BEGIN
        power = (above >> 52).astype(float)
        f = bits_of(bits - (above & _EXPONENT), "float64") - 1.0
        s = f / (2.0 + f)
        z = s * s
        w = z * z
        even = w * (_EVEN[0] + w * (_EVEN[1] + w * _EVEN[2]))
        odd = z * (_ODD[0] + w * (_ODD[1] + w * (_ODD[2] + w * _ODD[3])))
        half = 0.5 * f * f
        found = power * _LN2_HIGH - ((half - (s * (half + (even + odd)) + power * _LN2_LOW)) - f)
        found = jnp.where(x < jnp.inf, found, x)
        return jnp.where(x > 0.0, found, jnp.where(x == 0.0, -jnp.inf, jnp.nan))

    return log
