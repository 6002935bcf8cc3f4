"""Process noise as latent coordinates: properties of each AR(1) process, and its knots within the calibrated years.

A table of the model with yearly knots is zero in the file. Its knots up to the end of calibration are written with
innovations that are standard normal, so that the sampler sees no funnel; what follows after them in an ensemble is
drawn by `egendekning.ensemble.process`. The module refuses to draw random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.calibrate.files import PROCESS_NOISE, Files
from egendekning.calibrate.schemas import Process, ProcessNoise
from egendekning.engine.runtime import jax_module
from egendekning.ensemble.bind import Bound
from egendekning.errors import Problem, StudyError
from egendekning.names import nearest

Floats = NDArray[np.float64]

_SAME = 1e-9


@dataclass(frozen=True)
class Noise:
    """The processes of a study.

    Attributes
    ----------
    tables : tuple of str
        Names of the tables in the model.
    processes : tuple of Process
        Their properties.
    years : ndarray
        (knot), years of the latent knots: those of the tables up to the end of calibration.
    points : mapping
        x of each table, (point).
    """

    tables: tuple[str, ...]
    processes: tuple[Process, ...]
    years: Floats
    points: dict[str, Floats]

    def ranges(self) -> list[tuple[str, float, float]]:
        """Return label, low and high of every property: sd, autocorrelation, correlation of each table in turn."""
        found = []
        for name, process in zip(self.tables, self.processes, strict=True):
            found.append((f"{name}: sd", *process.sd))
            found.append((f"{name}: autocorrelation", *process.autocorrelation))
            ends = process.follows.correlation if process.follows is not None else (0.0, 0.0)
            found.append((f"{name}: correlation", *ends))
        return found

    def free(self, table: int) -> NDArray[np.intp]:
        """Return which of the latent knots of a table are not zero."""
        until = self.processes[table].zero_until
        return np.flatnonzero(self.years > (-np.inf if until is None else until + _SAME))

    def latent_labels(self) -> list[str]:
        """Return a label for every innovation."""
        return [f"{name} {self.years[k]:g}" for i, name in enumerate(self.tables) for k in self.free(i)]

    def latent(self, properties: Any, innovations: Any) -> dict[str, Any]:
        """Return the process noise that coordinates mean; traceable by JAX.

        Parameters
        ----------
        properties : array
            (property), in the order of `ranges`, in their units.
        innovations : array
            (innovation), standard normal, in the order of `latent_labels`.

        Returns
        -------
        dict
            ``sd``, ``autocorrelation``, ``correlation``: (table); ``knots``: (table, knot), in the unit of each table.
        """
        jnp = jax_module().numpy
        sd, memory, correlation = (properties[i::3] for i in range(3))
        knots, used = [], 0
        for i, process in enumerate(self.processes):
            row = [jnp.zeros(())] * len(self.years)
            free = self.free(i)
            for n, k in enumerate(free):
                e = innovations[used + n]
                if n == 0 and process.zero_until is None:
                    row[k] = sd[i] / jnp.sqrt(1.0 - memory[i] ** 2) * e
                else:
                    before = row[k - 1] if k else jnp.zeros(())
                    row[k] = memory[i] * before + sd[i] * e
            used += len(free)
            knots.append(jnp.stack(row) if row else jnp.zeros(0))
        return (
            {"sd": sd, "autocorrelation": memory, "correlation": correlation, "knots": jnp.stack(knots)}
            if knots
            else {}
        )

    def table_values(self, latent: dict[str, Any]) -> dict[str, Any]:
        """Return y of every table, (point): the latent knots, and zero beyond them."""
        jnp = jax_module().numpy
        found = {}
        for i, name in enumerate(self.tables):
            at = np.searchsorted(self.points[name], self.years)
            found[name] = jnp.zeros(len(self.points[name])).at[at].set(latent["knots"][i])
        return found


def read_noise(bound: Bound, files: Files, until: float) -> Noise:
    """Compare the process noise of a study with its model.

    Parameters
    ----------
    bound : Bound
        Study and model.
    files : Files
        What ``process_noise.yaml`` says, and on which lines.
    until : float
        End of calibration: the last latent knot is the first at or after it.

    Raises
    ------
    StudyError
        For tables that the model lacks or that have no yearly knots.
    """
    noise = files.noise
    lookups = [n for n, v in bound.model.variables.items() if v.kind == "lookup" and not v.dims]
    problems, points = [], {}
    for written, process in noise.root.items():
        where = files.where(PROCESS_NOISE, written)
        wanted = [written] + ([process.follows.table] if process.follows is not None else [])
        unknown = [w for w in wanted if w not in lookups]
        for name in unknown:
            problems.append(Problem(where, f"{name!r} is no table of the model", "a table with yearly knots",
                                    nearest(name, lookups), "name a table of the model"))  # fmt: skip
        if unknown:
            continue
        if process.follows is not None and list(noise.root).index(written) <= _index(noise, process.follows.table):
            later = "itself" if process.follows.table == written else "a table that comes later"
            problems.append(Problem(where, f"{written!r} follows {later}", "another table, further up",
                                    fix="put the other table first"))  # fmt: skip
        x, _ = bound.table(written)
        if np.any(np.abs(np.diff(x) - 1.0) > _SAME):
            problems.append(Problem(where, f"the knots of {written!r} are not one year apart", "yearly knots",
                                    fix="mend the table in the model file"))  # fmt: skip
        points[written] = x
    years = {tuple(x[: int(np.searchsorted(x, until - _SAME)) + 1]) for x in points.values()}
    if len(years) > 1:
        problems.append(Problem(files.where(PROCESS_NOISE), "tables with different knots",
                                "the same knots in every table", fix="mend the tables in the model file"))  # fmt: skip
    if problems:
        raise StudyError(problems)
    return Noise(tuple(points), tuple(noise.root[n] for n in points), np.array(next(iter(years), ())), points)


def _index(noise: ProcessNoise, name: str) -> int:
    return list(noise.root).index(name) if name in noise.root else len(noise.root)
