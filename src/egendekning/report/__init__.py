"""The report of a comparison: one HTML file that a council member can read, in bokmål or English.

Its sentences are made from the numbers of the comparison; nothing is computed here that the summary or the Dataset does
not hold. The package refuses to draw: figures come from `egendekning.figures`.
"""

from __future__ import annotations

from egendekning.report.write import NAME, page, write_report

__all__ = ["NAME", "page", "write_report"]
