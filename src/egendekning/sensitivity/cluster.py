"""Blocks on a dask.distributed cluster: the same blocks, the same bytes, on other machines.

Start a scheduler and workers, a line each, on machines that have the package::

    dask scheduler
    dask worker tcp://HOST:8786 --nworkers auto --nthreads 1 --no-dashboard

What a block needs travels with it: the files of the study (or the model file) and the sweep, so that workers need the
installed package and no shared disk. Results come back to this process, which writes the store and is the only one to
set flags; where the store is a URL, workers write their blocks into it themselves. A worker that dies costs the blocks
it was running, which the scheduler gives to another. The module refuses to start or stop servers.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import egendekning
from egendekning.engine import load
from egendekning.ensemble.bind import Bound, bind
from egendekning.ensemble.blocks import Finished
from egendekning.ensemble.place import is_url
from egendekning.errors import Problem, UsageError
from egendekning.sensitivity.block import Runner
from egendekning.sensitivity.sweep import Sweep, attributes
from egendekning.sensitivity.zarrstore import SweepInterrupted, sweep_store
from egendekning.study import Study

Floats = NDArray[np.float64]

_TIMEOUT: Final = 10.0
"""Seconds to wait for a scheduler."""

_AHEAD: Final = 3
"""Blocks handed in for each thread of the cluster, so that none waits for this process."""

_RECOUNT: Final = 5.0
"""Seconds after which the cluster's threads are counted again."""

_ADDRESS: Final = re.compile(r"(?:(?:tcp|tls|ws|wss|ucx)://)?(?:\[[0-9a-f:.]+\]|[^\s:/\[\]]+):(?P<port>[0-9]{1,5})")
_MOST_PORT: Final = 65535

_START: Final = "dask scheduler; dask worker tcp://HOST:8786 --nworkers auto --nthreads 1"


@dataclass(frozen=True)
class Kit:
    """What a worker needs to run blocks.

    Attributes
    ----------
    files : Mapping[str, bytes]
        Content of the files of the study by their name in it, or of the model file alone.
    study : bool
        Whether they make a study.
    sweep : Sweep
        What is run.
    fingerprint, version : str
        Of the sweep, and of the program.
    where : str
        The store, where workers write it, otherwise empty.
    """

    files: Mapping[str, bytes]
    study: bool
    sweep: Sweep
    fingerprint: str
    version: str
    where: str = ""


def kit_of(runner: Runner, where: str = "") -> Kit:
    """Return what workers need for a sweep."""
    subject = runner.subject
    files = subject.study.contents() if isinstance(subject, Bound) else {subject.path.name: subject.path.read_bytes()}
    fingerprint = str(attributes(subject, runner.sweep)["fingerprint"])
    return Kit(files, isinstance(subject, Bound), runner.sweep, fingerprint, egendekning.__version__, where)


_runners: dict[str, tuple[Runner, tempfile.TemporaryDirectory[str]]] = {}
_lock = Lock()


def runner_of(kit: Kit) -> Runner:
    """Return the sweep of a kit, unpacked once a process."""
    with _lock:
        if kit.fingerprint not in _runners:
            folder = tempfile.TemporaryDirectory(prefix="egendekning-")
            for name, content in kit.files.items():
                path = Path(folder.name) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            subject = bind(Study.open(folder.name)) if kit.study else load(Path(folder.name) / next(iter(kit.files)))
            _runners[kit.fingerprint] = (Runner(subject, kit.sweep), folder)
        return _runners[kit.fingerprint][0]


def run_block(kit: Kit, block: int, points: Floats) -> Finished:
    """Run a block; called in a worker."""
    if kit.version != egendekning.__version__:
        raise RuntimeError(f"egendekning {egendekning.__version__} here, {kit.version} at the client")
    finished = runner_of(kit).finished(block, points)
    if not kit.where:
        return finished
    sweep_store(kit.where, kit.sweep).write(block, finished.arrays)
    return Finished({}, finished.not_finite)


def _version() -> str:
    return egendekning.__version__


@contextmanager
def connected(runner: Runner, scheduler: str, out: str) -> Iterator[Cluster]:
    """Give the cluster behind a scheduler, for one sweep.

    Parameters
    ----------
    runner : Runner
        The sweep.
    scheduler : str
        Address, as ``tcp://host:8786``.
    out : str
        The store.

    Raises
    ------
    UsageError
        Where dask.distributed is not installed, nothing answers, there is no worker or one has another version.
    """
    where = f"--scheduler {scheduler}"
    _check_address(scheduler)
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        fix = "pip install 'egendekning[cluster]'"
        raise UsageError(Problem(where, "dask.distributed is not installed", "the extra 'cluster'", fix=fix)) from error
    try:
        client = distributed.Client(scheduler, timeout=_TIMEOUT, set_as_default=False, name="egendekning sweep")
    except (OSError, ValueError, TypeError) as error:
        found = f"no scheduler answers ({type(error).__name__})"
        raise UsageError(Problem(where, found, "the address of a dask scheduler", fix=_START)) from error
    try:
        _check_workers(client, where)
        yield Cluster(client, kit_of(runner, out if is_url(out) else ""), out)
    finally:
        client.close()


def _check_address(scheduler: str) -> None:
    """Raise UsageError for what can be no address; dask would ask it for a long time, and leave a traceback behind."""
    found = _ADDRESS.fullmatch(scheduler)
    if found and 0 < int(found["port"]) <= _MOST_PORT:
        return
    host = re.sub(r"^[A-Za-z]*://|[:/].*$", "", scheduler) or "HOST"
    fix = f"--scheduler tcp://{host}:8786"
    raise UsageError(Problem("--scheduler", f"{scheduler!r} is no address", "tcp://HOST:PORT", fix=fix))


def _check_workers(client: Any, where: str) -> None:
    """Raise UsageError where there is no worker, or one cannot run blocks of this program."""
    try:
        versions = client.run(_version)
    except Exception as error:
        found = f"a worker cannot run the program ({type(error).__name__}: {error})"
        fix = "install the same version of the package there"
        raise UsageError(Problem(where, found, "workers with the package", fix=fix)) from error
    if not versions:
        fix = _START.partition("; ")[2].replace("tcp://HOST:8786", where.split()[-1])
        raise UsageError(Problem(where, "the scheduler has no workers", "at least one", fix=fix))
    other = sorted({f"{v} at {a}" for a, v in versions.items() if v != egendekning.__version__})
    if other:
        expected = f"version {egendekning.__version__} everywhere"
        raise UsageError(Problem(where, f"a worker has version {other[0]}", expected, fix="install the same version"))


class Cluster:
    """Runs blocks on workers; a `egendekning.ensemble.blocks.Pool`."""

    def __init__(self, client: Any, kit: Kit, out: str) -> None:
        self.client, self.kit, self.out = client, kit, out
        self.sent = client.submit(_same, kit, key=f"egendekning-kit-{kit.fingerprint}")
        self.tickets: dict[str, Any] = {}
        self._width, self._counted = 1, 0.0

    @property
    def width(self) -> int:
        """Blocks to hand in before the first is back: some for each thread that the cluster has now."""
        if time.monotonic() - self._counted > _RECOUNT:
            self._width = max(1, _AHEAD * sum(self.client.nthreads().values()))
            self._counted = time.monotonic()
        return self._width

    def submit(self, block: int, points: Floats) -> str:
        """Begin a block."""
        name = f"egendekning-{self.kit.fingerprint}-{block}"
        self.tickets[name] = self.client.submit(run_block, self.sent, block, points, key=name)
        return name

    def ready(self, tickets: Sequence[str]) -> Sequence[tuple[str, Finished]]:
        """Wait for at least one block; return those that are done."""
        wait: Any = import_module("distributed").wait
        try:
            with self.client.as_current():
                done = wait([self.tickets[name] for name in tickets], return_when="FIRST_COMPLETED").done
            found = [(str(future.key), future.result()) for future in done]
        except Exception as error:
            fix = "look at the workers' output, then run the same command with --resume"
            found_text = f"a block failed on the cluster ({type(error).__name__}: {error})"
            raise SweepInterrupted(
                Problem(self.out, found_text, "workers that finish their blocks", fix=fix)
            ) from error
        for name, _ in found:
            self.tickets.pop(name).release()
        return found

    def close(self) -> None:
        """Begin nothing more."""
        self.client.cancel([*self.tickets.values(), self.sent], force=True)


def _same(kit: Kit) -> Kit:
    """Return a kit: a task of its own, so that the scheduler can make it again where a worker that had it dies."""
    return kit
