"""Fitting the uncertain parameters of a study to its observations, and saying what the data taught.

Typical use::

    from pathlib import Path
    from egendekning.calibrate import calibrate, make_target
    from egendekning.ensemble import bind
    from egendekning.study import Study

    run = calibrate(make_target(bind(Study.shipped())), Path("work"))
    run.diagnostics.problems()

What other layers need is the accepted posterior, which `egendekning.ensemble.posterior` reads without any of this.
"""

from __future__ import annotations

from egendekning.calibrate.run import Calibration, calibrate
from egendekning.calibrate.synthetic import Synthetic, synthetic
from egendekning.calibrate.target import Target, make_target

__all__ = ["Calibration", "Synthetic", "Target", "calibrate", "make_target", "synthetic"]
