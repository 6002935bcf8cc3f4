"""Run a model in PySD, the reference for semantics, behind the same call.

PySD writes files beside the model and keeps parameters from one run to the next, so every call works on its own copy
in a temporary folder and builds the model anew from it; its identifiers drop letters, so names go through its own
table. It runs one draw at a time and is here to compare with, not to work with. Two faults of PySD are mended in the
copy. The module refuses what PySD cannot be told: replaced tables with subscripts.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from egendekning.engine.ir import ModelDef, VariableDef
from egendekning.engine.simulate import Job
from egendekning.errors import Problem, SimulationError
from egendekning.names import key

Floats = NDArray[np.float64]


_MENDS = """
def _labelled(data, coords=None, dims=None):
    if getattr(data, "ndim", None) == 0:
        data = float(data)
    return xr.DataArray(data, coords, dims)


def _floating(base):
    class Mended(base):
        def initialize(self, *args):
            super().initialize(*args)
            if isinstance(self._state, np.ndarray):
                self._state = self._state.astype(float)
    return Mended


for _name in {"Smooth", "Delay", "DelayN"} & set(globals()):
    globals()[_name] = _floating(globals()[_name])

"""
"""What PySD 3.14 gets wrong: it fails to spread over elements a number that came out of a table function, and it cuts
the first input of a smooth or delay that starts from a whole number down to a whole number."""


def run_reference(job: Job) -> dict[str, Floats]:
    """Return every output as (draw or 1, save, *dims), computed by PySD."""
    if job.inputs.series or job.start is not None or job.method != "euler":
        raise SimulationError(Problem("engine", "values over time, a saved state or RK4 in PySD", "engine='jax'"))
    draws = job.inputs.draws or 1
    with tempfile.TemporaryDirectory(prefix="egendekning-pysd-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copy = Path(folder) / ("model" + Path(job.model.file).suffix)
        shutil.copyfile(job.model.file, copy)
        module = translate(copy)
        runs = [_run_one(module, job, draw) for draw in range(draws)]
    return {name: np.stack([run[name] for run in runs]) for name in job.outputs}


def translate(copy: Path) -> Path:
    """Return the Python file that PySD makes beside `copy` of a model, with its faults mended."""
    import pysd

    read = pysd.read_xmile if copy.suffix.lower() != ".mdl" else pysd.read_vensim
    read(str(copy), initialize=False)
    module = copy.with_suffix(".py")
    text = module.read_text(encoding="utf-8").replace("xr.DataArray(", "_labelled(")
    if "import xarray as xr\n" not in text:
        text = "import xarray as xr\n" + text
    if "import numpy as np\n" not in text:
        text = "import numpy as np\n" + text
    head, tail = text.split("__pysd_version__", 1)
    module.write_text(head + _MENDS + "__pysd_version__" + tail, encoding="utf-8")
    return module


def _run_one(module: Path, job: Job, draw: int) -> dict[str, Floats]:
    import pysd

    model = pysd.load(str(module), initialize=False)
    names = {key(row["Real Name"]): row["Py Name"] for _, row in model.doc.iterrows()}
    grid = job.grid
    clock = {"initial_time": grid.initial, "final_time": grid.final, "time_step": grid.step, "saveper": grid.saveper}
    model.set_components({names.get(key(n), n): v for n, v in clock.items()})
    components = {
        names[n]: _component(job.model, job.model.variables[n], value, draw) for n, value in job.inputs.values.items()
    }
    model.initialize()  # loads the tables, which would otherwise overwrite given values
    if components:
        model.set_components(components)
        model.initialize()
    initial: Any = "original"
    if job.inputs.starts:
        initial = (grid.initial, {
            names[n]: _component(job.model, job.model.variables[n], v, draw) for n, v in job.inputs.starts.items()
        })  # fmt: skip
    columns = [names[n] for n in job.outputs]
    frame = model.run(initial_condition=initial, return_columns=columns, return_timestamps=list(grid.times()),
                      final_time=grid.final, progress=False, flatten_output=False)  # fmt: skip
    return {n: _read(frame, names, job.model.variables[n], job.model, len(grid.times())) for n in job.outputs}


def _component(model: ModelDef, item: VariableDef, value: Floats, draw: int) -> Any:
    if item.lookup is not None:
        if item.dims:
            raise SimulationError(
                Problem("parameters", f"{item.name}: a subscripted table cannot be replaced in PySD", "engine='jax'")
            )
        import pandas as pd

        return pd.Series(value[:, min(draw, value.shape[-1] - 1)], index=item.lookup.x)
    here = value[..., min(draw, value.shape[-1] - 1)]
    if not item.dims:
        return float(here)
    names = [model.ranges[d].name for d in item.dims]
    return xr.DataArray(here, {n: list(model.ranges[d].names) for n, d in zip(names, item.dims, strict=True)}, names)


def _read(frame: Any, names: dict[str, str], item: VariableDef, model: ModelDef, saves: int) -> Floats:
    column = item.name if item.name in frame.columns else names[item.key]
    if column not in frame.columns:
        column = next(c for c in frame.columns if key(str(c)) == item.key)
    found = np.empty((saves, *item.shape))
    for at, value in enumerate(frame[column].to_numpy()):
        if isinstance(value, xr.DataArray):
            wanted = [model.ranges[d].names for d in item.dims]
            value = value.sel({d: list(w) for d, w in zip(value.dims, wanted, strict=True)}).to_numpy()
        found[at] = value
    return found
