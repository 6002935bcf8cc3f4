"""The posterior on disk: ``posterior.nc`` as `egendekning.ensemble.posterior` reads it.

Values are kept in single precision, 7 significant digits: far below what any parameter is known to. The module refuses
to decide whether a posterior is good.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import egendekning
from egendekning.calibrate.identifiability import TOUCHED
from egendekning.calibrate.prior import Prior
from egendekning.calibrate.run import Calibration
from egendekning.dims import DRAW, UNIT
from egendekning.engine.runtime import jax_module
from egendekning.ensemble.posterior import (
    FORMAT,
    KNOT,
    NOTHING,
    OBSERVATIONS,
    PROCESS,
    TABLE,
    data_hash,
    structure_hash,
)
from egendekning.errors import OutputError, Problem

Floats = NDArray[np.float64]

ROWS: Final = 2000
"""Thinned draws that are kept."""

SHIFTED: Final = 0.2
"""Shift of a mean, in standard deviations of the prior, from which a parameter counts as moved."""

DIAGNOSTICS: Final = "diagnostics"
_PACKED: Final = {"zlib": True, "complevel": 6, "shuffle": True}


def values_of(prior: Prior, z: Floats) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return what many coordinates mean.

    Parameters
    ----------
    prior : Prior
        The prior.
    z : ndarray
        (row, coordinate).

    Returns
    -------
    dict
        (row, \\*dims) by parameter.
    dict
        Process noise, (row, table[, knot]).
    """
    jax = jax_module()
    parameters, latent = jax.jit(jax.vmap(prior.values))(z)
    return {n: np.asarray(v) for n, v in parameters.items()}, {n: np.asarray(v) for n, v in latent.items()}


def posterior_datasets(run: Calibration, rows: int = ROWS) -> dict[str, xr.Dataset]:
    """Return the groups of the file: the parameters (root), the process noise and the diagnostics."""
    bound, prior = run.target.bound, run.target.prior
    z = run.rows(rows)
    parameters, latent = values_of(prior, z)
    arrays: dict[str, Any] = {}
    for name, value in parameters.items():
        item = bound.model.variables[name]
        arrays[name] = ((DRAW, *item.dims), value.astype("float32"), {UNIT: item.unit})
    dims = dict.fromkeys(d for name in parameters for d in bound.model.variables[name].dims)
    root = xr.Dataset(arrays, {d: list(bound.model.subscripts[d]) for d in dims}, _attributes(run, len(z)))
    return {"": root, PROCESS: _process(prior, latent, len(z)), DIAGNOSTICS: _diagnostics(run)}


def _attributes(run: Calibration, rows: int) -> dict[str, Any]:
    bound = run.target.bound
    active = _active_parameters(run)
    return {
        "format": FORMAT, "program": "egendekning", "version": egendekning.__version__,
        "seed": run.settings.seed, "warmup": run.settings.warmup, "rows": rows,
        "structure_hash": structure_hash(bound.model), "data_hash": data_hash(bound.study.calibration[OBSERVATIONS]),
        "fingerprint": run.settings.fingerprint, "active": "|".join(active), "moved": "|".join(_moved_parameters(run)),
        "inactive": "|".join(n for n in run.target.prior.parameters if n not in active),
        "note": "Active parameters move some observation and are sampled; inactive ones hold draws from the prior.",
        "figures": len(run.target.data.values), "misfit_at_mode": float(np.sum(run.mode.misfit**2)),
        **run.diagnostics.summary(),
    }  # fmt: skip


def _active_parameters(run: Calibration) -> list[str]:
    return [slot.name for slot in run.target.prior.slots if bool(run.active[slot.start : slot.stop].any())]


def _moved_parameters(run: Calibration) -> list[str]:
    """Return parameters with an element that contracted, or whose mean shifted, visibly."""
    flat = run.z.reshape(-1, run.z.shape[2])
    moved = np.zeros(len(run.active), dtype=bool)
    moved[run.active] = (flat.std(axis=0) < 1.0 - TOUCHED) | (np.abs(flat.mean(axis=0)) > SHIFTED)
    return [slot.name for slot in run.target.prior.slots if bool(moved[slot.start : slot.stop].any())]


def _process(prior: Prior, latent: dict[str, Floats], rows: int) -> xr.Dataset:
    noise = prior.noise
    tables = list(noise.tables)
    follows = [NOTHING if p.follows is None else tables.index(p.follows.table) for p in noise.processes]
    empty = {
        "sd": (rows, 0),
        "autocorrelation": (rows, 0),
        "correlation": (rows, 0),
        "knots": (rows, 0, len(noise.years)),
    }
    arrays = {n: latent[n] if latent else np.zeros(shape) for n, shape in empty.items()}
    return xr.Dataset(
        {
            "follows": (TABLE, np.array(follows, dtype=int)),
            "knots": ((DRAW, TABLE, KNOT), arrays["knots"].astype("float32")),
            **{n: ((DRAW, TABLE), arrays[n].astype("float32")) for n in ("sd", "autocorrelation", "correlation")},
        },
        {TABLE: tables, KNOT: noise.years},
    )


def _diagnostics(run: Calibration) -> xr.Dataset:
    found = run.diagnostics
    return xr.Dataset(
        {name: ("label", getattr(found, name)) for name in ("rhat", "ess_bulk", "ess_tail")},
        {"label": list(found.labels)},
    )


def write_posterior(groups: dict[str, xr.Dataset], path: Path) -> Path:
    """Write a posterior, whole or not at all.

    Raises
    ------
    OutputError
        Where it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        for i, (group, data) in enumerate(groups.items()):
            packed = {str(n): _PACKED for n, v in data.data_vars.items() if v.dtype.kind == "f" and v.size}
            data.to_netcdf(part, mode="a" if i else "w", group=group or None, engine="netcdf4", encoding=packed)
        part.replace(path)
    except OSError as error:
        raise OutputError(Problem(str(path), f"cannot be written ({error})", "a writable file")) from error
    finally:
        part.unlink(missing_ok=True)
    return path
