"""Colors and column widths of a terminal."""

from __future__ import annotations

import unicodedata

_CODES = {"error": "1;31", "warning": "1;33", "notice": "1;36", "bold": "1", "dim": "2"}


def paint(text: str, style: str, color: bool) -> str:
    """`text` in a style, or unchanged."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if color else text


def width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
