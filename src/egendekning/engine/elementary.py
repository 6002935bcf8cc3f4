"""The natural logarithm and the inverse tangent as arithmetic, which runs on many draws at once.

XLA has vector code for most functions, but calls the C library for the logarithm of every single double, and all
arithmetic around such a call runs on single numbers too. The reduction to 2^k m with m near 1 and the polynomial for
log m are those of FreeBSD's ``e_log.c`` (error below one unit in the last place). Subnormal numbers count as zero, as
in all of XLA's arithmetic. The inverse tangent is that of ``s_atan.c``: XLA's own, compiled for registers of 512 bits,
gives some draws the values of others (JAX 0.10). The module refuses to be differentiated: kernels for gradients, which
are compiled for narrower registers, use JAX's own.
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

_BREAKS: Final = (7 / 16, 11 / 16, 19 / 16, 39 / 16)  # where the inverse tangent is reduced to that of another number
_ATAN_HIGH: Final = (0.0, 4.63647609000806093515e-01, 7.85398163397448278999e-01, 9.82793723247329054082e-01,
                     1.57079632679489655800e00)  # fmt: skip
_ATAN_LOW: Final = (0.0, 2.26987774529616870924e-17, 3.06161699786838301793e-17, 1.39033110312309984516e-17,
                    6.12323399573676603587e-17)  # fmt: skip
_ATAN: Final = (
    3.33333333333329318027e-01, -1.99999999998764832476e-01, 1.42857142725034663711e-01, -1.11111104054623557880e-01,
    9.09088713343650656196e-02, -7.69187620504482999495e-02, 6.66107313738753120669e-02, -5.83357013379057348645e-02,
    4.97687799461593236017e-02, -3.65315727442169155270e-02, 1.62858201153657823623e-02,
)  # fmt: skip


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


def arctangent(jax: Any) -> Callable[[Array], Array]:
    """Return the inverse tangent of double-precision arrays, within a unit in the last place."""
    jnp = jax.numpy

    def chosen(size: Array, values: tuple[Array, ...]) -> Array:
        found = values[-1]
        for limit, value in zip(reversed(_BREAKS), reversed(values[:-1]), strict=True):
            found = jnp.where(size < limit, value, found)
        return found

    def arctan(x: Array) -> Array:
        x = jnp.asarray(x, dtype=float)
        size = jnp.abs(x)
        above = chosen(size, (size, 2.0 * size - 1.0, size - 1.0, size - 1.5, -jnp.ones_like(size)))
        t = above / chosen(size, (jnp.ones_like(size), 2.0 + size, size + 1.0, 1.0 + 1.5 * size, size))
        z = t * t
        series = jnp.zeros_like(z)
        for coefficient in reversed(_ATAN):
            series = z * (coefficient + series)
        found = chosen(size, _ATAN_HIGH) - ((t * series - chosen(size, _ATAN_LOW)) - t)
        return jnp.where(x < 0.0, -found, found)

    return arctan
