"""Whether a model does what it must: the statements of `checks.yaml`, judged over runs of the engine.

Typical use::

    from egendekning.ensemble import bind
    from egendekning.validate import check_statements

    verdicts = check_statements(bind(study))                  # one Verdict per statement, in the order of the file
    [v.id for v in verdicts if not v.passed]
    verdicts[0].findings[0].time, .value, .bound              # where the model came closest to breaking it

The package refuses to say what a model should do: that is written in the study. It prints nothing.
"""

from __future__ import annotations

from egendekning.validate.statements import check_statements
from egendekning.validate.verdict import Finding, NotFinite, Verdict

__all__ = ["Finding", "NotFinite", "Verdict", "check_statements"]
