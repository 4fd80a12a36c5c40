"""Word lists: a language is a folder here, with one word or phrase per line."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


def languages() -> tuple[str, ...]:
    """What the configuration's `language` may be."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/action_verbs.txt")))


@cache
def words(name: str, language: str) -> frozenset[str]:
    """The lines of a list, lower case, without comments."""
    path = FOLDER / language / f"{name}.txt"
    lines = path.read_text(encoding="utf-8").casefold().splitlines()
    # comments stand at the top alone: some lists have ten thousand lines
    while lines and lines[0].startswith("#"):
        del lines[0]
    return frozenset(filter(None, lines))
