"""Markdown as plain text: one line, without markup."""

from __future__ import annotations

import re

from incident.text.untrusted_text import one_line


def plain(text: str) -> str:
    """`text` on one line, without links, emphasis, code marks and bullets."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    return one_line(re.sub(r"(?m)^\s*(?:[-*+>]|\d+[.)])\s+", "", text))
