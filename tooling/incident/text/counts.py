"""A number with its noun."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """`1 asset`, `2,453 items`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
