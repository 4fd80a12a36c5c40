"""Numbers with their nouns, and lists that end in a number."""

from __future__ import annotations

from collections.abc import Sequence


def count(number: float, noun: str, nouns: str = "") -> str:
    """`1 asset`, `2,453 items`. `nouns`: a plural that doesn't only add an s."""
    return f"{number:,} {noun if number == 1 else nouns or f'{noun}s'}"


def are(number: int, noun: str) -> str:
    """`1 asset is`, `2 items are`."""
    return f"{count(number, noun)} {'is' if number == 1 else 'are'}"


def some(names: Sequence[str], most: int, between: str = ", ") -> str:
    """The first `most` names, and how many there are besides: `a, b and 12 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return between.join(names[:most]) + more


def listed(names: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b, c and 3 others`."""
    if len(names) > 4:
        return f"{', '.join(names[:3])} {last} {len(names) - 3} others"
    if len(names) > 1:
        return f"{', '.join(names[:-1])} {last} {names[-1]}"
    return names[0] if names else ""
