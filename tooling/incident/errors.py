"""What can go wrong outside a document, and the exit codes that say so.

Faults *in* a document are diagnostics, never exceptions.
"""

from __future__ import annotations

EXIT_CLEAN = 0
EXIT_DIAGNOSTICS = 1
EXIT_USAGE = 2
EXIT_FAILURE = 3


class IncidentError(Exception):
    """An expected failure: one line for people, and one line on what to do.

    `message` is a lower-case fact without a full stop; `hint` is imperative, or empty.
    """

    exit_code = EXIT_FAILURE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(IncidentError):
    """The command was called in a way that cannot work (exit 2)."""

    exit_code = EXIT_USAGE


class ConfigError(IncidentError):
    """The configuration cannot be read or says something unknown (exit 2)."""

    exit_code = EXIT_USAGE
