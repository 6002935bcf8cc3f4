"""The first draft of another municipality's study: the files of one study with another's figures in them.

`derive` takes a study, an overlay and figures, and returns the files of the new study; the command line writes them.
Nothing is fitted, and nothing is made up: what the overlay does not say is kept, and the README of the draft says so.
"""

from __future__ import annotations

from egendekning.derive.draft import derive

__all__ = ["derive"]
