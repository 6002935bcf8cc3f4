"""Runs the command line as ``python -m egendekning``."""

from __future__ import annotations

import sys

from egendekning.cli import main

if __name__ == "__main__":
    sys.exit(main())
