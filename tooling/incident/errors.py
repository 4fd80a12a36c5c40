"""Errors outside of documents, and their exit codes.

Problems *in* a document are diagnostics, never exceptions.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXIT_CLEAN = 0
EXIT_DIAGNOSTICS = 1
EXIT_USAGE = 2
EXIT_FAILURE = 3
EXIT_INTERRUPTED = 130


def cause(error: Exception) -> str:
    """An unexpected error in one line: what it is, and where in our code it was raised."""
    import traceback

    package = str(Path(__file__).parent)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(package)]
    place = f" ({Path(ours[-1].filename).name}:{ours[-1].lineno})" if ours else ""
    return f"{type(error).__name__}: {error}{place}"


class IncidentError(Exception):
    """An expected failure: one line for people, and one line on how to fix it.

    `message` is a lower-case fact without a full stop; `hint` is imperative, or empty.
    """

    exit_code = EXIT_FAILURE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(IncidentError):
    """The command was called incorrectly (exit 2)."""

    exit_code = EXIT_USAGE


class ConfigError(IncidentError):
    """The configuration is unreadable or invalid (exit 2)."""

    exit_code = EXIT_USAGE


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C, here and in the processes that are started here."""
    if not hasattr(signal, "pthread_sigmask"):  # not on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
