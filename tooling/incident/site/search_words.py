"""What the search needs to know of a language: how its words are found in a sentence, or in a word.

The language is the theme's, `theme.language`, which Pagefind sees as the pages' `lang`.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections import Counter
from pathlib import Path

from mkdocs.exceptions import PluginError

from incident.text.lazy_regex import lazy

FILE = "words.json"
EXTENDED = "pagefind_bin_extended"
_UNSPACED = frozenset({"ja", "zh"})  # Pagefind's extended build finds their words
_COMPOUNDING = frozenset(
    ["af", "da", "de", "et", "fi", "fy", "hu", "is", "lb", "nb", "nl", "nn", "no", "sv"]
)
_WORD = lazy(r"\w{3,}")
_MARK = b"pagefind_dcd"  # Pagefind's own, before the JSON of a page
SHORTEST = 3


def require(language: str) -> None:
    """Raise PluginError if the words of a language cannot be found with what is installed."""
    if _primary(language) in _UNSPACED and not has_extended():
        raise PluginError(
            f"the search cannot find words within a sentence in `theme.language: {language}`: "
            "install `incident-docs[site,cjk]`, which has Pagefind's extended build"
        )


def has_extended() -> bool:
    """Whether Pagefind's extended build is installed; Pagefind prefers it."""
    return importlib.util.find_spec(EXTENDED) is not None


def joins_words(language: str) -> bool:
    """Whether a language joins words: one may be part of another."""
    return _primary(language) in _COMPOUNDING


def vocabulary(folder: Path, language: str) -> list[str]:
    """The words of Pagefind's index in a folder, the most frequent first: for spelling, and parts.

    Names in code count as a whole and in parts. A language without spaces has none.
    """
    if _primary(language) in _UNSPACED:
        return []
    found: Counter[str] = Counter()
    for file in (folder / "fragment").glob("*.pf_fragment"):
        said = json.loads(gzip.decompress(file.read_bytes()).removeprefix(_MARK))
        text = f"{said['content']} {' '.join(said['meta'].values())}".casefold()
        words = set(_WORD().findall(text))
        found.update(words.union(*(word.split("_") for word in words if "_" in word)))
    words = {word for word in found if len(word) >= SHORTEST and not word.isdigit()}
    return sorted(words, key=lambda word: (-found[word], word))


def write(folder: Path, language: str) -> None:
    """Put the words next to the index that they are of."""
    text = json.dumps(vocabulary(folder, language), ensure_ascii=False, separators=(",", ":"))
    (folder / FILE).write_text(f"{text}\n", encoding="utf-8")


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].casefold()
