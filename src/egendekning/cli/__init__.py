"""The command line: reads what the user asks for, calls the layers below and shows what they return.

Nothing else in the project prints, picks exit codes or decides where files go. A command lives in a module of its own
(see `egendekning.cli.app` for how it is found); this module only starts the program and turns failures into messages.
"""

from __future__ import annotations

import errno
import signal
import sys
import threading
from collections.abc import Sequence
from io import TextIOWrapper
from types import FrameType
from typing import Final

from egendekning.cli.failures import INTERNAL, show_failure
from egendekning.errors import EgendekningError, OutputError, Problem

__all__ = ["main"]

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What the system says of a disk that takes no more."""

_DEAF: Final = ("_xla_gc_callback", "__del__")
"""Functions out of which no exception comes; JAX's is called whenever Python collects garbage."""

_SOON: Final = 0.05
"""Seconds after which a signal that came there is sent once more."""

_SIGNALLED: Final = 128
"""What shells add to the number of the signal that ended a program."""


class _Unshown(OutputError):
    """The system took no more, perhaps only of what is shown."""

    left = "what was finished before is there"


def _stop(number: int, frame: FrameType | None) -> None:
    """End the program when it is asked to, by way of its clean-up, so that nothing half-written is left."""
    if _unheard(frame):
        threading.Timer(_SOON, _once_more, (number,)).start()
    elif number == signal.SIGINT:
        raise KeyboardInterrupt
    else:
        raise SystemExit(_SIGNALLED + number)


def _once_more(number: int) -> None:
    """Send a signal to the main thread, so that it wakes where it sleeps."""
    main_thread = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main_thread is not None:
        signal.pthread_kill(main_thread, number)
    else:
        signal.raise_signal(number)


def _unheard(frame: FrameType | None) -> bool:
    """Whether an exception raised here would be printed and forgotten: in what Python calls while it frees memory."""
    while frame is not None:
        if frame.f_code.co_name in _DEAF:
            return True
        frame = frame.f_back
    return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows the program's name; taken from the command line if not given.

    Returns
    -------
    int
        0 if all went well, 1 for a fault of the program, 2 for something the user can mend. A command may end the
        program with SystemExit instead.
    """
    from egendekning.cli.app import common_first, obey

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, _stop)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal without our letters shows others instead of failing
            stream.reconfigure(errors="replace")
    words = common_first(sys.argv[1:] if arguments is None else arguments)
    try:
        return obey(words)
    except EgendekningError as error:
        return show_failure(error, debug="--debug" in words)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            where = str(error.filename or "standard output")
            problem = Problem(
                where, f"cannot be written ({error.strerror})", "a disk with room", fix="free space on it"
            )
            return show_failure(_Unshown(problem), debug="--debug" in words)
        if "--debug" in words:
            raise
        print(f"egendekning failed: {type(error).__name__}: {error}", file=sys.stderr)
        print("This is a fault of the program. Run again with --debug and report what it prints.", file=sys.stderr)
        return INTERNAL
