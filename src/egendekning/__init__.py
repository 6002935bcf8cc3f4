"""What moves *egendekning* (jobs / employed residents) in Drammen, as a model that can be run and questioned.

The package root offers the names most users need and imports them only when they are asked for, so that
`import egendekning` costs a few milliseconds. It refuses to do work: no file is read and no engine is started here.

Examples
--------
>>> import egendekning
>>> egendekning.__version__ >= "0"
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from egendekning.engine import Model as Model
    from egendekning.engine import load as load
    from egendekning.errors import EgendekningError as EgendekningError
    from egendekning.errors import Problem as Problem
    from egendekning.study import Study as Study

__version__ = "0.1.0"

_HOMES = {
    "EgendekningError": "egendekning.errors",
    "Model": "egendekning.engine",
    "Problem": "egendekning.errors",
    "Study": "egendekning.study",
    "load": "egendekning.engine",
}

__all__ = ["EgendekningError", "Model", "Problem", "Study", "__version__", "load"]


def __getattr__(name: str) -> Any:
    """Import the named public object on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted(__all__)
