"""The tables as an Excel workbook: formatted, with live sums and differences that carry their values with them.

Sums and differences are formulas over the cells that a reader sees; everything else is a number from the Dataset. No
table is calculated anew here, and nothing but the finance tables is written.
"""

from __future__ import annotations

from egendekning.finance.workbook.book import write_workbook
from egendekning.finance.workbook.template import write_template

__all__ = ["write_template", "write_workbook"]
