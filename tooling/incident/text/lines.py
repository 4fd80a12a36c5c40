"""The lines that contain a sign: a pattern that needs the sign is searched only in these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def having(text: str, signs: Iterable[str]) -> list[tuple[int, int]]:
    """Offsets [start, end) of the lines with one of `signs`, in order."""
    return sorted({_line_at(text, at) for sign in signs for at in places(text, sign)})


def places(text: str, sign: str) -> Iterator[int]:
    """Where `sign` begins, each time."""
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + len(sign))


def _line_at(text: str, at: int) -> tuple[int, int]:
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end
