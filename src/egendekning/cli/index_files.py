"""Reading a sweep and writing its indices: one NetCDF file with a group an outcome and method, one CSV, figures."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import xarray as xr

    from egendekning.sensitivity.indices import Options, Sweep

COLUMNS: Final = ("outcome", "method", "index", "factor", "factor2", "kind", "time", "value", "low", "high")
"""Columns of ``indices.csv``."""

Found = Mapping[str, Mapping[str, "xr.Dataset"]]
"""Indices by outcome and method."""


def opened(store: str) -> xr.Dataset:
    """Open a sweep without reading its runs.

    Raises
    ------
    UsageError
        Where nothing, or something else, lies there.
    """
    import warnings

    import xarray as xr

    from egendekning.errors import Problem, UsageError

    fix = "give a store that 'egendekning sweep --out STORE.zarr' has written"
    if "://" not in store and not Path(store).is_dir():
        found = "is a file" if Path(store).exists() else "does not exist"
        raise UsageError(Problem(store, found, "a Zarr store of a sweep", fix=fix))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return xr.open_dataset(store, engine="zarr", chunks=None, consolidated=False)
    except ImportError as error:
        found = f"needs a package that is not installed ({error})"
        fix = "install it beside egendekning, or copy the store to a folder"
        raise UsageError(Problem(store, found, "a store that can be reached", fix=fix)) from error
    except Exception as error:  # whatever Zarr makes of other people's files
        found = f"cannot be read as a Zarr store ({type(error).__name__}: {error})"
        raise UsageError(Problem(store, found, "a Zarr store of a sweep", fix=fix)) from error


@contextmanager
def disk(folder: Path) -> Iterator[None]:
    """Tell a disk that is full, or that fails, as a problem with the folder."""
    from egendekning.errors import OutputError, Problem

    try:
        yield
    except OSError as error:
        fix = "make room on the disk, or choose another folder with --out"
        found = f"cannot be written ({error.strerror or error})"
        raise OutputError(Problem(str(folder), found, "room for the results", fix=fix)) from error


def slug(name: str) -> str:
    """Return a name for files: ``egendekning@2040`` becomes ``egendekning_2040``."""
    return re.sub(r"\W+", "_", name).strip("_")


def write_netcdf(found: Found, path: Path) -> None:
    """Write every set of indices as a group ``outcome/method``."""
    mode = "w"
    for name, by_method in found.items():
        for method, indices in by_method.items():
            indices.to_netcdf(path, mode=mode, group=f"{slug(name)}/{method}", engine="netcdf4")  # type: ignore[call-overload]
            mode = "a"


def write_csv(found: Found, path: Path) -> None:
    """Write one estimate a row; what there is not is an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for name, by_method in found.items():
            for method, indices in by_method.items():
                for row in _rows(indices):
                    writer.writerow((name, method, *row))


def _rows(indices: xr.Dataset) -> Iterator[tuple[str, ...]]:
    """Yield index, factor, factor2, kind, time, value, low, high."""
    from itertools import product

    kinds = dict(zip(indices["factor"].values.tolist(), indices["kind"].values.tolist(), strict=True))
    for name, array in indices.items():
        dims = [str(d) for d in array.dims if d != "stat"]
        values = array.transpose(*dims, *(d for d in array.dims if d == "stat")).values
        for place in product(*(range(array.sizes[d]) for d in dims)):
            at = {d: array[d].values[i] for d, i in zip(dims, place, strict=True)}
            stats = [f"{v:.10g}" if v == v else "" for v in values[place].reshape(-1).tolist()]
            first, second = str(at.get("factor", "")), str(at.get("factor2", ""))
            time = f"{at['time']:g}" if "time" in at else ""
            yield (str(name), first, second, str(kinds.get(first, "")), time, *stats, *[""] * (3 - len(stats)))


def write_figures(sweep: Sweep, found: Found, options: Options, folder: Path, lang: str) -> None:
    """Write the figures of every outcome, wide and narrow; a tornado beside what was asked, where it can be drawn."""
    from egendekning.errors import UsageError
    from egendekning.figures.raster import file_name
    from egendekning.figures.sensitivity_pages import drawings, png
    from egendekning.figures.words import Words
    from egendekning.sensitivity.indices import METHODS, outcome_of

    folder.mkdir()
    words = Words(lang)
    for name, by_method in found.items():
        drawn = dict(by_method)
        if "swings" not in drawn and sweep.method in METHODS["swings"].sweeps:
            with suppress(UsageError):  # too few runs for a tornado nobody asked for
                drawn["swings"] = METHODS["swings"].compute(sweep, outcome_of(sweep, name), options)
        for page, (drawing, rows) in drawings(sweep, name, drawn).items():
            for slim in (False, True):
                path = folder / file_name(f"{slug(name)}_{page}", lang, slim=slim)
                path.write_bytes(png(drawing, rows, words, slim=slim))
