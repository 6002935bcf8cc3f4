"""Runs the No-U-Turn sampler in blocks that are kept on disk, so that a run that was cut off goes on where it was.

Chains run in pairs, each pair vectorised in one compiled block and as many pairs side by side as there are processors;
a pair depends on nothing but its own random keys, so neither the number of processors nor a resumption changes a draw.
The module refuses to know what the coordinates mean.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from egendekning.calibrate.workfolder import held, prepare, writable
from egendekning.engine.runtime import jax_module
from egendekning.ensemble.run import processors
from egendekning.errors import Problem, UsageError

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Called with iterations done and iterations in all, warm-up included, over all chains."""

Slopes = Callable[[Floats], tuple[float, Floats]]
"""The potential and its slope (coordinate) at one point (coordinate)."""

PAIR: Final = 2
"""Chains that are vectorised together."""

BLOCK: Final = 50
"""Iterations between two saves."""

DEPTH: Final = 8
"""Largest tree depth: 255 leapfrog steps; whitened targets need 3 to 4."""

ACCEPT: Final = 0.8
"""Acceptance that the step size is tuned to: Stan's and NumPyro's default."""

KEPT: Final = ("w", "diverging", "steps", "accept", "potential", "energy")
"""What is kept of every iteration."""


@dataclass(frozen=True)
class Settings:
    """What makes a run the run it is; `fingerprint` stands for the target."""

    chains: int
    warmup: int
    draws: int
    seed: int
    fingerprint: str


@dataclass(frozen=True)
class Chains:
    """Draws after warm-up.

    Attributes
    ----------
    w : ndarray
        (chain, draw, coordinate).
    diverging, steps, accept, potential, energy : ndarray
        (chain, draw): whether it diverged, leapfrog steps, acceptance, potential, total energy.
    """

    w: Floats
    diverging: NDArray[np.bool_]
    steps: NDArray[np.int_]
    accept: Floats
    potential: Floats
    energy: Floats


def sample(
    potential: Callable[[Any], Any],
    slopes: Slopes,
    starts: Floats,
    settings: Settings,
    folder: Path,
    *,
    resume: bool = False,
    progress: Progress | None = None,
) -> Chains:
    """Sample a potential that is close to a standard normal's.

    Parameters
    ----------
    potential : callable
        (coordinate) -> negative log density; traceable by JAX.
    slopes : callable
        The same with its slope, for the first point of each chain: spares a second compilation.
    starts : ndarray
        (chain, coordinate).
    settings : Settings
        Numbers of iterations, seed, and what the target is.
    folder : Path
        Where blocks are kept; made if missing.
    resume : bool
        Whether to go on with what the folder holds; it may be told to go further than before.
    progress : callable, optional
        See `Progress`; called from several threads.

    Returns
    -------
    Chains
        All draws after warm-up.

    Raises
    ------
    UsageError
        Where the folder holds another run, or one that was not asked to go on.
    OutputError
        Where the folder cannot be written.
    """
    with held(folder):
        prepare(folder, asdict(settings), resume)
        return _sampled(potential, slopes, starts, settings, folder, progress)


def _sampled(
    potential: Callable[[Any], Any], slopes: Slopes, starts: Floats, settings: Settings, folder: Path,
    progress: Progress | None,
) -> Chains:  # fmt: skip
    """Sample all pairs of chains in a folder that is ours."""
    total = settings.warmup + settings.draws
    pairs = [range(i, min(i + PAIR, settings.chains)) for i in range(0, settings.chains, PAIR)]
    done = [0] * len(pairs)

    def tell(pair: int, iterations: int) -> None:
        done[pair] = iterations * len(pairs[pair])
        if progress is not None:
            progress(sum(done), total * settings.chains)

    compiled: dict[int, Any] = {}
    jobs = [_Pair(potential, slopes, starts[list(p)], settings, p, folder) for p in pairs]
    for job in jobs:
        job.ready(total, compiled)
    stop = Event()
    with ThreadPoolExecutor(max(1, min(len(jobs), processors()))) as pool:
        try:
            parts = list(pool.map(lambda i: jobs[i].run(total, lambda n: tell(i, n), stop), range(len(jobs))))
        finally:  # whoever stops the program waits for the blocks that are under way, not for all
            stop.set()
    kept = {name: np.concatenate([part[name] for part in parts])[:, settings.warmup :] for name in KEPT}
    return Chains(**kept)


class _Pair:
    """One pair of chains and its file."""

    def __init__(
        self, potential: Any, slopes: Slopes, starts: Floats, settings: Settings, which: range, folder: Path
    ) -> None:
        from numpyro.infer import NUTS

        jax = jax_module()
        self.path = folder / f"chains-{which[0]}.npz"
        options = {"target_accept_prob": ACCEPT, "max_tree_depth": DEPTH, "adapt_mass_matrix": False}
        self.kernel = NUTS(potential_fn=potential, **options)
        keys = jax.random.split(jax.random.PRNGKey(settings.seed), settings.chains)[np.asarray(which)]
        # Tracing readies the kernel; the state itself comes from a kernel that compiles in no time.
        shapes = jax.eval_shape(lambda k, s: self.kernel.init(k, settings.warmup, s), keys, starts)
        self.done, self.kept = 0, {name: np.empty((0,)) for name in KEPT}
        self.block: Any = None
        if self.path.exists():
            self.state = self._load(jax, shapes)
        else:
            plain = NUTS(potential_fn=lambda w: 0.5 * (w @ w), **options)
            blank = jax.jit(lambda k, s: plain.init(k, settings.warmup, s))(keys, starts)
            first = [slopes(start) for start in starts]
            self.state = blank._replace(
                potential_energy=jax.numpy.array([value for value, _ in first]),
                z_grad=jax.numpy.array([slope for _, slope in first]),
            )

    def ready(self, total: int, compiled: dict[int, Any]) -> None:
        """Compile the block, once for all pairs of a size, if anything is left to do."""
        size = len(self.state.i)
        if self.done < total and size not in compiled:
            compiled[size] = jax_module().jit(self._block).lower(self.state).compile()
        self.block = compiled.get(size)

    def _block(self, state: Any) -> Any:
        def step(before: Any, _: None) -> Any:
            after = self.kernel.sample(before, (), {})
            return after, (after.z, after.diverging, after.num_steps, after.accept_prob, after.potential_energy,
                           after.energy)  # fmt: skip

        return jax_module().lax.scan(step, state, None, length=BLOCK)

    def run(self, total: int, tell: Callable[[int], None], stop: Event) -> dict[str, Any]:
        """Go on to `total` iterations, unless told to stop, and return all of them, (chain, iteration, ...)."""
        tell(min(self.done, total))
        while self.done < total and not stop.is_set():
            assert self.block is not None  # compiled by `ready` wherever something is left to do
            self.state, found = self.block(self.state)
            for name, array in zip(KEPT, found, strict=True):
                fresh = np.moveaxis(np.asarray(array), 0, 1)
                self.kept[name] = np.concatenate([self.kept[name], fresh], axis=1) if self.done else fresh
            self.done += BLOCK
            self._save()
            tell(min(self.done, total))
        return {name: array[:, :total] for name, array in self.kept.items()}

    def _save(self) -> None:
        leaves = jax_module().tree_util.tree_leaves(self.state)
        part = self.path.with_suffix(".part")
        try:
            with writable(self.path):
                with part.open("wb") as file:
                    np.savez(file, allow_pickle=False, done=np.asarray(self.done), **self.kept,
                             **{f"state{i}": np.asarray(leaf) for i, leaf in enumerate(leaves)})  # fmt: skip
                part.replace(self.path)
        finally:
            part.unlink(missing_ok=True)

    def _load(self, jax: Any, shapes: Any) -> Any:
        """Return the state that was saved."""
        leaves, form = jax.tree_util.tree_flatten(shapes)
        try:
            with self.path.open("rb") as opened, np.load(opened) as file:
                self.done, self.kept = int(file["done"]), {name: file[name] for name in KEPT}
                saved = [jax.numpy.asarray(file[f"state{i}"]) for i in range(len(leaves))]
            fits = [(a.shape, a.dtype) == (b.shape, b.dtype) for a, b in zip(saved, leaves, strict=True)]
            size = [len(saved[0]), self.done]
            whole = all(list(array.shape[:2]) == size for array in self.kept.values())
            if not all(fits) or not whole or not np.all(np.isfinite(self.kept["w"])):
                raise ValueError("it holds something else")
        except Exception as error:  # a broken archive fails in more ways than can be listed
            raise UsageError(Problem(str(self.path), f"cannot be read ({error})", "a block that this program wrote",
                                     fix="delete the folder and start again without --resume")) from error  # fmt: skip
        return jax.tree_util.tree_unflatten(form, saved)
