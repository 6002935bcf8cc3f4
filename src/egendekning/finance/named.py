"""What every row of every table has: a name for machines and one in each language. The module refuses to hold rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Named:
    """A row.

    Attributes
    ----------
    id : str
        Name for machines.
    nb, en : str
        What the row is called.
    """

    id: str
    nb: str
    en: str

    def label(self, lang: str) -> str:
        """Return the name of the row in a language."""
        return self.nb if lang == "nb" else self.en


__all__ = ["Named"]
