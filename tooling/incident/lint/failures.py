"""An internal error while checking a file: a diagnostic for that file, and the run continues."""

from __future__ import annotations

import os
from collections.abc import Iterable

from incident.diagnostic import FAILURE, Diagnostic, Level
from incident.errors import cause
from incident.text.counts import some

NAME = "internal-error"
_HINT = "please report it with the traceback from INCIDENT_DEBUG=1; everything else was checked"


def diagnostics(path: str, failed: Iterable[tuple[str, Exception]]) -> list[Diagnostic]:
    """One diagnostic for each cause, at the file `path`. `failed`: what was tried, and the error.

    With INCIDENT_DEBUG set, the first error is raised instead.
    """
    by_cause: dict[str, list[str]] = {}
    for what, error in failed:
        if os.environ.get("INCIDENT_DEBUG"):
            raise error
        by_cause.setdefault(cause(error), []).append(what)
    return [
        Diagnostic(FAILURE, NAME, Level.ERROR, f"{_count(tried)} failed: {why}", _HINT, path)
        for why, tried in by_cause.items()
    ]


def happened(found: Iterable[Diagnostic]) -> bool:
    """Whether any of the diagnostics is such a failure."""
    return any(d.code == FAILURE for d in found)


def _count(tried: list[str]) -> str:
    return some(tried, 1)
