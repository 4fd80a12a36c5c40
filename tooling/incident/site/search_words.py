"""What the search needs to know of a language: how its words are found in a sentence, or in a word.

The language is the theme's, `theme.language`, which Pagefind sees as the pages' `lang`.
"""

from __future__ import annotations

import html
import importlib.util
import json
import re
from collections.abc import Iterable
from pathlib import Path

from mkdocs.exceptions import PluginError

from incident.text.lazy_regex import lazy

FILE = "words.json"
EXTENDED = "pagefind_bin_extended"
_UNSPACED = frozenset({"ja", "zh"})  # Pagefind's extended build finds their words
_COMPOUNDING = frozenset(
    ["af", "da", "de", "et", "fi", "fy", "hu", "is", "lb", "nb", "nl", "nn", "no", "sv"]
)
_TAG = lazy(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
_LONG = lazy(r"[^\W\d_]{9,}")  # shorter words have no parts that anyone would look for


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


def compounds(pages: Iterable[Path], language: str) -> list[str]:
    """The long words of built pages, where the language joins words: one may be part of them."""
    if _primary(language) not in _COMPOUNDING:
        return []
    found: set[str] = set()
    for page in pages:
        text = html.unescape(_TAG().sub(" ", page.read_text(encoding="utf-8")))
        found.update(word.casefold() for word in _LONG().findall(text))
    return sorted(found)


def write(folder: Path, pages: Iterable[Path], language: str) -> None:
    """Put the words next to the index of these pages."""
    text = json.dumps(compounds(pages, language), ensure_ascii=False)
    (folder / FILE).write_text(f"{text}\n", encoding="utf-8")


def _primary(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].casefold()
