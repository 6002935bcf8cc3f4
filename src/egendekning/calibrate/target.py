"""What is sampled: the model, its prior and the observations as one function of standard normal coordinates.

With errors that are known and normal, the log posterior density is -|r|^2/2, where r holds the standardised misfits
and the coordinates themselves: a least-squares problem, which `laplace` solves and `nuts` samples. The module refuses
to choose a method.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from egendekning.calibrate.files import Files, read_files
from egendekning.calibrate.noise import read_noise
from egendekning.calibrate.observations import Observations, observations
from egendekning.calibrate.prior import Prior
from egendekning.engine.runtime import jax_module
from egendekning.engine.traced import run_function
from egendekning.ensemble.bind import Bound

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """The posterior of a study.

    Attributes
    ----------
    bound : Bound
        Study and model.
    prior : Prior
        What coordinates mean.
    data : Observations
        What is fitted.
    """

    bound: Bound
    prior: Prior
    data: Observations

    @cached_property
    def _run(self) -> Any:
        names = [*self.prior.parameters, *self.prior.noise.tables]
        return run_function(self.bound.model, self.data.outputs, names, self.data.grid, self.bound.rules)

    def predict(self, z: Any) -> Any:
        """Return what the figures would be, (figure), at coordinates (coordinate); traceable by JAX."""
        parameters, latent = self.prior.values(z)
        return self.data.predict(self._run({**parameters, **self.prior.noise.table_values(latent)}))

    def misfit(self, z: Any, values: Any = None) -> Any:
        """Return (prediction - figure) / standard error, (figure); `values` stand in for the figures if given."""
        wanted = self.data.values if values is None else values
        return (self.predict(z) - wanted) / self.data.errors

    def potential(self, z: Any) -> Any:
        """Return the negative log posterior density of coordinates, up to a constant."""
        jnp = jax_module().numpy
        return 0.5 * (jnp.sum(self.misfit(z) ** 2) + jnp.sum(z**2))

    def with_values(self, values: Floats) -> Target:
        """Return the same target with other figures, as in a test with synthetic data."""
        return replace(self, data=replace(self.data, values=np.asarray(values, dtype=float)))


def make_target(bound: Bound, files: Files | None = None, modes: dict[str, Floats] | None = None) -> Target:
    """Make the target of a study.

    Parameters
    ----------
    bound : Bound
        Study and model.
    files : Files, optional
        Its calibration folder, where that was read before.
    modes : dict, optional
        Most likely values of parameters before calibration, (\\*dims), where the model file holds later ones.

    Raises
    ------
    StudyError
        For everything that is wrong with the calibration folder.
    """
    jax_module()  # double precision before anything is traced
    found = files or read_files(bound.study)
    data = observations(bound, found)
    noise = read_noise(bound, found, data.grid["final"])
    return Target(bound, Prior(bound, noise, modes), data)
