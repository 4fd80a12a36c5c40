"""The words that a reader of a file can see, however they are written.

"Umb<b>rella</b>", "Umb&shy;rella", "Umb%72ella" and "UMBRELLA" are one word. Markup, entities,
percent-encoding, escapes of JSON, Unicode forms, invisible characters and separators of thousands
are undone, so that two texts can be compared.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cached_property

_TAG = re.compile(r"</?[A-Za-z!?][^<>]*>")
# of an element, what a reader may see or follow: not how the theme draws it
_ELEMENT = re.compile(r"<[A-Za-z][^<>]*\s[^<>]*(?:>|$)")
_DRAWN = re.compile(
    r"""\s(?:class|style|d|points|transform|data-md-[\w-]+)\s*=\s*("[^"]*"|'[^']*')"""
)
_LITERAL = re.compile(r"\\(?=[nrt]\w)")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([nrt\"'/<>&]))")
_MARKS = re.compile(r"[*~`\u0300-\u036f]+|(?<=\w)-\n\s*(?=\w)")
_THOUSANDS = re.compile(
    r"(?<=\d)[,.'_\u2019\u00a0\u2009\u202f ](?=\d{3}(?!\d))|(?<=\d),(?=(?:\d\d,)+\d{3}(?!\d))"
)
# letters that no normalization takes apart, and that addresses and handles do without
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i"}
    | {"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ß": "ss"}
)
_BETWEEN = re.compile(r"[\W_]+")


class VisibleWords:
    """A text as its words, ready for being searched. Letter case is kept for proper names."""

    def __init__(self, text: str) -> None:
        written, text = text, _decoded(text)
        self._views = [
            _plain(_TAG.sub("", text), joined=True),
            _plain(_TAG.sub(" ", text), joined=False),
        ]
        if "<" in text and (elements := _ELEMENT.findall(text)):
            self._views.append(_plain(_DRAWN.sub(" ", "\n".join(elements)), joined=False))
        if "\\" in written and _LITERAL.search(written):  # a path of Windows has no escapes
            self._views.append(_plain(_LITERAL.sub(" ", written), joined=False))

    @cached_property
    def _lowered(self) -> list[str]:
        return [view.casefold() for view in self._views]

    @cached_property
    def _solid(self) -> list[str]:
        return [view.replace(" ", "") for view in self._lowered]

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words, in lower case."""
        return frozenset(word for view in self._lowered for word in view.split())

    def has(self, words: str, *, exact: bool = False, solid: bool = False) -> bool:
        """Whether the text has these words (as `words_of` gives them) one after the other.

        `exact`: as a name, with its capital or in capitals. `solid`: also where blanks are in
        other places.
        """
        if exact:
            forms = (f" {words} ", f" {words.upper()} ")
            return any(form in view for form in forms for view in self._views)
        sought = words.casefold()
        if any(f" {sought} " in view for view in self._lowered):
            return True
        run = sought.replace(" ", "")
        return solid and any(run in view for view in self._solid)


def words_of(text: str) -> str:
    """The words of a text, one blank between two, with their capitals."""
    return _plain(_TAG.sub("", _decoded(text)), joined=True).strip()


def _decoded(text: str) -> str:
    for _ in range(2):  # an entity in an attribute of JSON in a page is encoded twice
        text = _ESCAPE.sub(_character, text) if "\\" in text else text
        text = _PERCENT.sub(_bytes, text) if "%" in text else text
        text = html.unescape(text) if "&" in text else text
    return text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else " " if match[3] in "nrt" else match[3]


def _bytes(match: re.Match[str]) -> str:
    try:
        return bytes.fromhex(match[0].replace("%", "")).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _plain(text: str, *, joined: bool) -> str:
    if not text.isascii():
        # NFKD, so that marks can go: é is e here, whichever way it is written
        text = unicodedata.normalize("NFKD", text).translate(_PLAIN_LETTERS)
        text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Mn"))
    text = _MARKS.sub("" if joined else " ", text)
    text = _THOUSANDS.sub("", text) if any(c.isdigit() for c in text) else text
    return f" {_BETWEEN.sub(' ', text).strip()} "
