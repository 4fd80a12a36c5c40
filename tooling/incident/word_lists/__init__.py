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


class SortedWords:
    """A long list, searched in the file: a set of all its words takes longer than a lint."""

    def __init__(self, path: Path) -> None:
        text = path.read_bytes()
        while text.startswith(b"#"):
            text = text.partition(b"\n")[2]
        self._text = text.rstrip(b"\n") + b"\n"

    def __contains__(self, word: str) -> bool:
        text, wanted = self._text, word.encode()
        low, high = 0, len(text)
        while low < high:  # both are where a line begins
            start = text.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = text.index(b"\n", start)
            line = text[start:end]
            if line == wanted:
                return True
            if line < wanted:
                low = end + 1
            else:
                high = start
        return False


@cache
def dictionary(language: str) -> SortedWords:
    """The words of a language, lower case, without names."""
    return SortedWords(FOLDER / language / "dictionary.txt")
