"""A bar of steps on standard error, gone when they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar; gives a function that says what begins now.

    Parameters
    ----------
    total : int
        Number of steps.

    Yields
    ------
    callable
        To be called with a few words as each step begins.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        begun = iter(range(total + 1))
        yield lambda what: bar.update(task, description=what, completed=next(begun, total))


def note(text: str) -> None:
    """Say on standard error what is being done now."""
    from rich.console import Console

    Console(stderr=True).print(text, style="dim")
