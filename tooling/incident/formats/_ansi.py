"""Colours, and text that is safe to show on a terminal."""

from __future__ import annotations

import unicodedata

from incident.patterns import lazy

_CODES = {"error": "1;31", "warning": "1;33", "notice": "1;36", "bold": "1", "dim": "2"}
_UNSAFE = lazy(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def paint(text: str, style: str, color: bool) -> str:
    """`text` in a style, or as it is."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if color else text


def safe(text: str) -> str:
    """`text` on one line, without escape sequences and marks that turn the reading direction."""
    return _UNSAFE.sub("\ufffd", text.replace("\t", " ").replace("\n", " "))


def width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
