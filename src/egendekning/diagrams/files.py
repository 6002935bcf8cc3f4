"""Which picture files belong to a model, what is in each, and whether the files on disk are those.

A picture carries the names that it shows in its metadata, so that a changed model is noticed without comparing pixels.
The module refuses to write files; it returns their bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any, Final

from egendekning.diagrams.atlas import file_stem
from egendekning.diagrams.loops import LoopFile
from egendekning.diagrams.shapes import Diagram
from egendekning.diagrams.sketch import shown
from egendekning.diagrams.structure import members, sectors
from egendekning.engine.model import Model
from egendekning.errors import Problem

NOTE: Final = (
    "Boxes are stocks, double lines flows, clouds the model's boundary, <angle brackets> variables drawn elsewhere, "
    "italics constants and tables."
)
LOOPS_STEM: Final = "loops-{language}"
_AGAIN: Final = "run `egendekning diagrams --out {folder}`"
_SHOWS: Final = "shows: "
_RC: Final[dict[Any, Any]] = {"svg.hashsalt": "egendekning", "svg.fonttype": "path", "font.family": "DejaVu Sans"}


def expected(model: Model, loops: LoopFile) -> dict[str, frozenset[str]]:
    """Return the names that each picture must show, by the picture's name without suffix."""
    found = {file_stem(sector): frozenset(members(model, sector)) for sector in sectors(model)}
    for language in ("nb", "en"):
        found[LOOPS_STEM.format(language=language)] = _loop_names(loops)
    return found


def _loop_names(loops: LoopFile) -> frozenset[str]:
    """Return the nodes and the loops that the causal-loop diagram shows."""
    return frozenset([*loops.nodes, *(loop.label for loop in loops.loops)])


def pictures(diagrams: dict[str, Diagram], loops: LoopFile) -> Iterator[tuple[str, bytes]]:
    """Return name and content of every picture, SVG and PNG.

    Parameters
    ----------
    diagrams : dict of Diagram
        By sector.
    loops : LoopFile
        The named loops.

    Yields
    ------
    str, bytes
        File name and content.
    """
    import matplotlib as mpl

    from egendekning.diagrams.causal import draw_loops
    from egendekning.diagrams.picture import draw

    for sector, diagram in diagrams.items():
        with mpl.rc_context(_RC):
            yield from _saved(file_stem(sector), draw(diagram, sector, NOTE), frozenset(diagram.structure_names()))
    for language in ("nb", "en"):
        with mpl.rc_context(_RC):
            yield from _saved(LOOPS_STEM.format(language=language), draw_loops(loops, language), _loop_names(loops))


def _saved(stem: str, figure: object, names: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Return a figure as SVG and as PNG, with the names that it shows as metadata."""
    from matplotlib.figure import Figure

    assert isinstance(figure, Figure)
    told = _SHOWS + "; ".join(sorted(names))
    for suffix, metadata in (
        ("svg", {"Description": told, "Date": None}),
        ("png", {"Description": told, "Software": None}),
    ):
        stream = io.BytesIO()
        figure.savefig(stream, format=suffix, dpi=110, metadata=metadata)
        yield f"{stem}.{suffix}", stream.getvalue() if suffix == "svg" else _lighter(stream, told)


def _lighter(stream: io.BytesIO, told: str) -> bytes:
    """Return a PNG in few colours: a third of the bytes, and no difference to the eye in a line drawing."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    note, out = PngInfo(), io.BytesIO()
    note.add_itxt("Description", told)
    Image.open(stream).convert("RGB").quantize(48).save(out, format="PNG", pnginfo=note, optimize=True)
    return out.getvalue()


def names_in(path: Path) -> frozenset[str] | None:
    """Return the names that a picture says it shows; None where it does not say."""
    if path.suffix == ".png":
        from PIL import Image

        with Image.open(path) as image:
            text = str(image.info.get("Description", ""))
    else:
        match = re.search(r"<dc:description>(.*?)</dc:description>", path.read_text(encoding="utf-8"), re.DOTALL)
        text = unescape(match[1]) if match else ""
    return frozenset(text.removeprefix(_SHOWS).split("; ")) if text.startswith(_SHOWS) else None


def stale_pictures(folder: Path, model: Model, loops: LoopFile) -> list[Problem]:
    """Return a problem for each picture that is missing, does not belong, or shows other names than the model has."""
    wanted = {f"{stem}.{suffix}": names for stem, names in expected(model, loops).items() for suffix in ("svg", "png")}
    fix = _AGAIN.format(folder=folder)
    there = {p.name for p in folder.iterdir() if p.suffix in (".svg", ".png")} if folder.is_dir() else set()
    problems = [
        Problem(str(folder / n), "the picture is missing", "one a sector and language", fix=fix)
        for n in sorted(wanted.keys() - there)
    ]
    problems += [
        Problem(str(folder / n), "belongs to no sector of the model", "pictures of this model only", fix="delete it")
        for n in sorted(there - wanted.keys())
    ]
    for name in sorted(wanted.keys() & there):
        found = names_in(folder / name)
        if found != wanted[name]:
            problems.append(
                Problem(
                    str(folder / name),
                    _difference(found or frozenset(), wanted[name]),
                    "the names of the model",
                    fix=fix,
                )
            )
    return problems


def stale_sketch(text: str, model: Model) -> list[Problem]:
    """Return a problem for each sector whose view in the sketch is missing or shows other variables."""
    views, where = shown(text), str(model.path)
    fix = "run `egendekning diagrams --write-sketch`"
    if not views:
        return [Problem(where, "the file has no sketch", "one view a sector", fix=fix)]
    problems = []
    for sector in sectors(model):
        wanted = frozenset(name.strip('"') for name in members(model, sector))
        if sector not in views:
            problems.append(Problem(where, f"the sketch has no view {sector!r}", "one view a sector", fix=fix))
        elif views[sector] != wanted:
            told = _difference(frozenset(views[sector]), wanted)
            problems.append(Problem(where, f"the view {sector!r} {told}", "the variables of the sector", fix=fix))
    return problems


def _difference(found: frozenset[str], wanted: frozenset[str]) -> str:
    """Say what is missing and what is too much."""
    missing, extra = sorted(wanted - found), sorted(found - wanted)
    parts = [f"lacks {', '.join(missing[:4])}"] if missing else []
    parts += [f"shows {', '.join(extra[:4])}"] if extra else []
    return "; ".join(parts) or "differs"
