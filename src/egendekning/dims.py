"""The names of axes and attributes that every Dataset of the project uses, in memory and on disk.

Layers that never import each other must still agree on these words; here is the one place they are spelled. The module
refuses to hold anything else: no arrays, no units, no labels.

The order of dims is always ``scenario, draw, time``, then the model's own subscript ranges.
"""

from __future__ import annotations

from typing import Final

SCENARIO: Final = "scenario"
"""Axis over scenarios; its coordinate holds scenario ids."""

DRAW: Final = "draw"
"""Axis over parameter draws; a difference to the baseline is taken within a draw."""

TIME: Final = "time"
"""Axis over saved times, in the model's time unit (calendar years as numbers)."""

POINT: Final = "point"
"""Axis over the points of a lookup, where its y-values are varied."""

LEADING: Final = (SCENARIO, DRAW, TIME)
"""The dims that come first, in this order; a dim that is not needed is left out."""

UNIT: Final = "unit"
"""Attribute of a variable: its unit, as written in the model."""

LONG_NAME: Final = "long_name"
"""Attribute of a variable: the model's one-line documentation."""

LABEL_NB: Final = "label_nb"
"""Attribute of a variable: what a planner reads, in bokmål."""

LABEL_EN: Final = "label_en"
"""Attribute of a variable: what a planner reads, in English."""

KIND: Final = "kind"
"""Attribute of a variable: stock, flow, auxiliary, constant, lookup or data."""

NON_FINITE: Final = "non_finite"
"""Attribute of a Dataset: which variables were not finite, when and in which draw."""
