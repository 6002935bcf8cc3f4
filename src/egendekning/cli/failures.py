"""How a failure looks at the command line: every problem, a count, and an exit code; a traceback only when asked for.

The module refuses to hide or shorten problems.
"""

from __future__ import annotations

import sys
import traceback
from typing import Final

from egendekning.errors import EgendekningError

USER: Final = 2
"""Exit code for something that the user can mend."""

INTERNAL: Final = 1
"""Exit code for a fault of the program."""


def show_failure(error: EgendekningError, *, debug: bool = False) -> int:
    """Print every problem to standard error.

    Parameters
    ----------
    error : EgendekningError
        What was raised.
    debug : bool
        Print the traceback too.

    Returns
    -------
    int
        The exit code.
    """
    from rich.console import Console
    from rich.markup import escape

    if debug:
        traceback.print_exception(error, file=sys.stderr)
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for problem in error.problems:
        first, *rest = str(problem).splitlines()
        console.print(f"[bold red]error[/] {escape(first)}")
        for line in rest:
            console.print(escape(line))
    count = len(error.problems)
    console.print(f"{count} problem{'s' if count > 1 else ''}; {error.left}.")
    return USER
