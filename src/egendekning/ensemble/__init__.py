"""Running scenarios over draws and summing them up.

Typical use::

    from egendekning.study import Study
    from egendekning.ensemble import bind, compare, run_scenarios

    result = compare(Study.shipped(), ["housing_led"], draws=500, seed=1)
    result.value("housing_led", "egendekning@2040", "diff_p50")
    result.dataset, result.summary, result.decomposition, result.from_baseline

Draw 0 always holds the values of the model file; quantiles use the sampled draws.
"""

from __future__ import annotations

from egendekning.ensemble.accounting import between_dates, decomposition, from_baseline
from egendekning.ensemble.bind import Bound, bind
from egendekning.ensemble.comparison import Comparison, compare, selected
from egendekning.ensemble.design import Design, design
from egendekning.ensemble.resilience import resilience, resilience_of
from egendekning.ensemble.run import run_scenarios
from egendekning.ensemble.stream import open_stream, stream
from egendekning.ensemble.summary import summarise

__all__ = [
    "Bound",
    "Comparison",
    "Design",
    "between_dates",
    "bind",
    "compare",
    "decomposition",
    "design",
    "from_baseline",
    "open_stream",
    "resilience",
    "resilience_of",
    "run_scenarios",
    "selected",
    "stream",
    "summarise",
]
