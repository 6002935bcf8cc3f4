"""Writes the figures of a comparison as PNG files, wide and narrow.

This is the only module of the package that writes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import xarray as xr

from egendekning.figures import needs
from egendekning.figures.accounts import changes
from egendekning.figures.context import Context, StudyLike, context_of
from egendekning.figures.needs import lacking
from egendekning.figures.pages import PAGES, Page, drawn
from egendekning.figures.raster import file_name, png_of
from egendekning.figures.reading import Comparison

_SHAPES: Final = (False, True)


def png(page: Page, comparison: Comparison, context: Context, parts: xr.DataArray, *, slim: bool) -> bytes:
    """Return a figure as the bytes of a PNG file."""
    return png_of(drawn(page, comparison, context, parts, slim=slim))


def pictures(comparison: Comparison, lang: str, *, study: StudyLike | None = None) -> dict[str, bytes]:
    """Draw every figure in both shapes, in memory; those whose variables the results lack are left out.

    Parameters
    ----------
    comparison : Comparison
        Results.
    lang : str
        ``nb`` or ``en``.
    study : StudyLike, optional
        Titles, kinds of scenarios and history.

    Returns
    -------
    dict
        File name to PNG bytes, in the order of the report.
    """
    context = context_of(lang, study)
    pages = [page for page in PAGES if not lacking(comparison, needs.PAGES[page.name])]
    accounted = any(needs.PAGES[page.name] == needs.PAGES["change"] for page in pages)
    parts = changes(comparison) if accounted else xr.DataArray()
    return {
        file_name(page.name, lang, slim=slim): png(page, comparison, context, parts, slim=slim)
        for page in pages
        for slim in _SHAPES
    }


def save_figures(
    comparison: Comparison, folder: Path, lang: str = "nb", *, study: StudyLike | None = None
) -> list[Path]:
    """Write every figure in both shapes; those whose variables the results lack are left out.

    Parameters
    ----------
    comparison : Comparison
        Results of `egendekning.ensemble.compare`.
    folder : Path
        Where to write; made if it is not there.
    lang : str
        ``nb`` or ``en``.
    study : StudyLike, optional
        Titles, kinds of scenarios and history; the ids stand in for titles where there is none.

    Returns
    -------
    list of Path
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, content in pictures(comparison, lang, study=study).items():
        path = folder / name
        path.write_bytes(content)
        paths.append(path)
    return paths
