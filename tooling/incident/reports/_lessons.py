"""The first point of a section in plain text, short enough for another page."""

from __future__ import annotations

import re

from incident.text.plain_text import plain

LONGEST = 240  # characters
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(])")
_NEXT = re.compile(r"\n[ \t]*(?:[-*+]|\d+[.)])\s")
_MARKUP = re.compile(r"^[-*+]\s+|^\d+[.)]\s+")


def first(text: str) -> str:
    """The first paragraph or list item, up to the last sentence that fits."""
    paragraph = _NEXT.split(text.strip().partition("\n\n")[0], maxsplit=1)[0]
    paragraph = plain(_MARKUP.sub("", " ".join(paragraph.splitlines())))
    if not paragraph or paragraph.startswith(("|", "#", "<")):
        return ""
    said = ""
    for sentence in _SENTENCE.split(paragraph):
        if said and len(said) + len(sentence) >= LONGEST:
            break
        said = f"{said} {sentence}".strip()
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1].rstrip()}…"
