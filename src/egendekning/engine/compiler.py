"""Have XLA compile a kernel the way this engine's kernels run fastest.

A step of a model is hundreds of small operations on rows of some hundred draws. By default XLA calls each through its
runtime, which costs more than the arithmetic; told so, it puts a whole loop into one machine-code function, computes
several results in one pass where that pays, and uses the processor's widest registers. None of this changes what is
computed. XLA reads two of these settings from the environment alone, once a process and for everything in it; here
they are set for one compilation, through the form in which JAX hands options to XLA. The module refuses to depend on
that form: with a JAX that has another, kernels are compiled without, and run slower.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from typing import Any, Final

OPTIONS: Final[dict[str, Any]] = {"xla_cpu_multi_thread_eigen": False}
"""Options for every compilation: one thread inside a kernel, because batches already run side by side."""

WIDE: Final[dict[str, Any]] = {**OPTIONS, "xla_cpu_prefer_vector_width": 512}
"""Options for kernels of many draws; a processor with narrower registers uses those it has.

They are for kernels of `PROVEN` operations: XLA's inverse tangent, in registers of this width, gives draws the values
of others (JAX 0.10), so whatever else it makes of longer series is not trusted there.
"""

PROVEN: Final = frozenset({
    "abs", "add", "and", "bitcast_convert", "broadcast_in_dim", "ceil", "clamp", "compare", "concatenate",
    "constant", "convert", "divide", "dynamic_slice", "dynamic_update_slice", "exponential", "floor", "gather",
    "iota", "maximum", "minimum", "multiply", "negate", "not", "optimization_barrier", "or", "reduce",
    "reshape", "return", "select", "shift_left", "shift_right_arithmetic", "shift_right_logical", "slice",
    "sqrt", "subtract", "transpose", "while", "xor",
})  # fmt: skip
"""Operations that the widest registers have as instructions, and the exponential, which a test holds draw by draw."""

_OPERATION: Final = re.compile(r"\b(?:stablehlo\.(\w+)|chlo\.\w+)")

EXTRAS: Final = {"xla_cpu_small_while_loop_byte_threshold": str(1 << 40)}
"""A setting that XLA takes from its flags alone: a loop is one function."""

MERGED: Final = {**EXTRAS, "xla_cpu_use_multi_output_fusion": "true"}
"""The same for larger models: one pass over the draws may have several results.

That reads memory less and takes less time to compile; in a small model, whose numbers are in the nearest cache, short
passes are faster, because the compiler interleaves several draws in each.
"""

SMALL: Final = 200
"""Numbers a draw computes in a step up to which passes have one result each."""

_EXTRA_FIELD, _BUILD_FIELD, _DEBUG_FIELD = 500, 3, 3
_lock = threading.Lock()


def compile_kernel(lowered: Any, numbers: int | None) -> Any:
    """Compile what JAX lowered.

    Parameters
    ----------
    lowered : jax.stages.Lowered
        A kernel.
    numbers : int, optional
        For a kernel of many draws: how many numbers a draw computes in a step. None for any other kernel.
    """
    if numbers is None:
        return lowered.compile(compiler_options=OPTIONS)
    with _lock, _added(EXTRAS if numbers <= SMALL else MERGED):
        return lowered.compile(compiler_options=WIDE if proven(lowered.as_text()) else OPTIONS)


def proven(program: str) -> bool:
    """Whether a program in StableHLO holds none but `PROVEN` operations."""
    return {match[1] for match in _OPERATION.finditer(program)} <= PROVEN


@contextlib.contextmanager
def _added(extras: dict[str, str]) -> Iterator[None]:
    """Add `extras` to the options of compilations that this thread starts meanwhile."""
    try:
        from jax._src import compiler

        plain = compiler.get_compile_options
    except (ImportError, AttributeError):
        yield
        return
    me = threading.get_ident()

    def with_extras(*args: Any, **named: Any) -> Any:
        options = plain(*args, **named)
        if threading.get_ident() != me:
            return options
        try:
            return type(options).ParseFromString(options.SerializeAsString() + _message(extras))
        except Exception:  # another JAX, another form: slower, and as right
            return options

    compiler.get_compile_options = with_extras
    try:
        yield
    finally:
        compiler.get_compile_options = plain


def _message(extras: dict[str, str]) -> bytes:
    """Return `extras` as a protocol-buffer message that, put behind serialised compile options, adds to them."""
    entries = b"".join(
        _field(_EXTRA_FIELD, _field(1, name.encode()) + _field(2, value.encode())) for name, value in extras.items()
    )
    return _field(_BUILD_FIELD, _field(_DEBUG_FIELD, entries))


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
