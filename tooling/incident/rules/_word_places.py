"""Where the words of a text stand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from incident.text.lazy_regex import lazy

_RUN = lazy(r"\w+")
_JOINED = lazy(r"['\u2019-]\w+")


class WordPlaces:
    """The places of words in one text: a few are searched for, for many the text is indexed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[str, list[int]] = {}

    def places(self, word: str) -> list[int]:
        """The beginnings of a word."""
        if word in self._found:
            return self._found[word]
        if len(self._found) < 40:
            self._found[word] = list(self._search(word))
            return self._found[word]
        return self._index.get(word, [])

    def beginning(self, run: str) -> Iterator[int]:
        """Where a run of letters begins that no letter stands before or behind."""
        text, at = self.text, self.text.find(run)
        while at >= 0:
            end = at + len(run)
            if not (text[at - 1 : at].isalpha() or text[end : end + 1].isalpha()):
                yield at
            at = text.find(run, end)

    def is_lower(self, word: str) -> bool:
        """Whether a word (lower case) is in the text as it is, not as a handle."""
        return any(self.text[at - 1 : at] != "@" for at in self.places(word))

    def _search(self, word: str) -> Iterator[int]:
        text, at = self.text, self.text.find(word)
        while at >= 0:
            end = at + len(word)
            if not (_is_letter(text[at - 1 : at]) or _is_letter(text[end : end + 1])):
                yield at
            at = text.find(word, end)

    @cached_property
    def _index(self) -> dict[str, list[int]]:
        """By word; of "O'Brien-Smith" also the beginnings: "O", "O'Brien"."""
        text, found = self.text, dict[str, list[int]]()
        for match in _RUN().finditer(text):
            end = match.end()
            found.setdefault(match[0], []).append(match.start())
            for _ in range(3):
                more = _JOINED().match(text, end)
                if more is None:
                    break
                end = more.end()
                found.setdefault(text[match.start() : end], []).append(match.start())
        return found


def _is_letter(text: str) -> bool:
    return text.isalnum() or text == "_"
