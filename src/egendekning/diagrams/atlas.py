"""All diagrams of a model at once, so that the sketch and the pictures show the same.

The module refuses to touch files.
"""

from __future__ import annotations

import re
import unicodedata

from egendekning.diagrams.layout import lay_out
from egendekning.diagrams.shapes import Diagram
from egendekning.diagrams.structure import sectors, structure
from egendekning.engine.model import Model


def atlas(model: Model) -> dict[str, Diagram]:
    """Return the diagram of every sector, in the order of the file.

    Parameters
    ----------
    model : Model
        The parsed model.
    """
    return {sector: lay_out(structure(model, sector)) for sector in sectors(model)}


def file_stem(sector: str) -> str:
    """Return a sector's name as a file name: small letters, digits and hyphens.

    Examples
    --------
    >>> file_stem("Housing and residential land")
    'housing-and-residential-land'
    >>> file_stem("Næring og gjenbruk på Åssiden")
    'naering-og-gjenbruk-pa-assiden'
    """
    text = sector.lower().replace("æ", "ae").replace("ø", "o")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")
