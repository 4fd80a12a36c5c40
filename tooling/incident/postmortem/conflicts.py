"""Unresolved merge conflicts in a file."""

from __future__ import annotations

import re
from typing import NamedTuple

from incident.errors import IncidentError
from incident.text.lazy_regex import lazy

HINT = "resolve it and remove the lines <<<<<<<, ======= and >>>>>>>; indent quoted markers"
_MARKER = lazy(r"^(?:<{7}|>{7}|\|{7})(?: [^\r\n]*)?\r?$", re.MULTILINE)


class Conflict(NamedTuple):
    """The offsets of the first marker, and how many lines are one."""

    start: int
    end: int
    markers: int

    @property
    def message(self) -> str:
        """The problem in words."""
        return f"unresolved merge conflict ({self.markers} marker{'s' * (self.markers != 1)})"


def find(text: str) -> Conflict | None:
    """The conflict in a text, wherever it is: a reader sees the markers in code as well."""
    if "<<<<<<<" not in text and ">>>>>>>" not in text and "|||||||" not in text:
        return None
    markers = list(_MARKER().finditer(text))
    return Conflict(*markers[0].span(), len(markers)) if markers else None


def refuse(text: str) -> None:
    """Raise IncidentError if a text that is about to be edited has a conflict."""
    if found := find(text):
        line = text.count("\n", 0, found.start) + 1
        raise IncidentError(f"line {line}: {found.message}", HINT)
