"""Keep whole compiled kernels in files, so that the next process starts in a moment.

JAX's own cache saves only the compiler's part of the work; tracing a model of a thousand equations takes as long
again, and a kernel that came out of that cache cannot be written here. A file is found by everything that went into
it: model text, request, shapes, this package's code, JAX, its flags and the processor. The module refuses to fail: a
file that is missing, damaged or unwritable costs a compilation, nothing else.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import tempfile
from dataclasses import fields
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from egendekning.engine.plan import Request


def kernel_path(folder: Path | None, model: str, request: Request, shapes: dict[str, tuple[int, ...]]) -> Path | None:
    """Return where the kernel for `request` on the model with hash `model` is kept."""
    if folder is None:
        return None
    asked = [(f.name, getattr(request, f.name)) for f in fields(request)]
    said = [(name, sorted(value) if isinstance(value, frozenset) else value) for name, value in asked]
    parts = [model, said, sorted(shapes.items()), _environment()]
    return folder / f"{hashlib.sha256(repr(parts).encode()).hexdigest()}.kernel"


def lowered_path(folder: Path | None, lowered: Any) -> Path | None:
    """Return where a kernel known only by its lowered code is kept."""
    if folder is None:
        return None
    parts = f"{_environment()} {lowered.as_text()}"
    return folder / f"{hashlib.sha256(parts.encode()).hexdigest()}.kernel"


@lru_cache(maxsize=1)
def _environment() -> str:
    """Return a fingerprint of this package's code, JAX and the processor."""
    digest = hashlib.sha256(f"{version('jaxlib')} {platform.platform()} {os.environ.get('XLA_FLAGS')}".encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        digest.update("".join(line for line in lines[:40] if line.startswith(("flags", "model name"))).encode())
    except OSError:
        digest.update(platform.processor().encode())
    return digest.hexdigest()


def read(path: Path | None) -> Any:
    """Return the kernel kept at `path`, or None."""
    if path is None:
        return None
    try:
        from jax.experimental.serialize_executable import deserialize_and_load

        return deserialize_and_load(*pickle.loads(path.read_bytes()))
    except Exception:  # whatever is wrong with the file, compiling mends it
        return None


def write(path: Path | None, kernel: Any) -> None:
    """Keep `kernel` at `path`: whole or not at all, readable by this user alone."""
    if path is None:
        return
    try:
        from jax.experimental.serialize_executable import serialize

        content = pickle.dumps(serialize(kernel))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except Exception:  # a full or read-only disk costs compile time, nothing else
        return
