"""Untrusted text, made safe for one line, for terminals, or for Markdown."""

from __future__ import annotations

import re

from incident.text.lazy_regex import lazy

_CONTROL = lazy(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# characters that reverse a line or are invisible
_HIDDEN = lazy(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
# ... and those in which whole sentences can hide: tags, variation selectors, fillers
_INVISIBLE = lazy(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
# characters that move the cursor, hide or reverse text; not Windows line ends
_UNSHOWN = lazy(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)"
)
# commands to GitHub Actions in a job's log: at the start of a line, and anywhere
_COMMAND = lazy(r"^([^\S\n]*):(?=:)|##\[", re.MULTILINE)
_MARKS = lazy(r"[\\`*\[\]{}]|(?<=\])\(|(?<![^\W_])_|_(?![^\W_])|~~+|==+|\^\^+|\+\+\+*")
# what a comment turns into a mention (@), a reference (#12, !12) or a link (://, www.)
_REFERENCE = lazy(r"[@#!](?=[\w/])|:(?=//)|\bwww(?=\.)|(?<=gh)-(?=\d)", re.IGNORECASE)
_ENTITY = lazy(r"&(?=#?\w{1,31};)")
_LINE_MARKS = lazy(r"([#>+=|:~-]|\d{1,9}(?=[.)]))")


def visible(text: str) -> str:
    """`text` without what its readers cannot see: invisible and control characters; lines stay."""
    return _UNSHOWN().sub("\ufffd", _INVISIBLE().sub("", text))


def shown(text: str) -> str:
    """`text` made safe for terminals and job logs; lines stay."""
    if text.isascii() and text.isprintable() and "::" not in text and "##[" not in text:
        return text  # most lines
    return _COMMAND().sub(_disarmed, _UNSHOWN().sub("\ufffd", text))


def shown_line(text: str) -> str:
    """As `shown`, on one line."""
    return shown(text.replace("\t", " ").replace("\n", " "))


def _disarmed(match: re.Match[str]) -> str:
    """The same number of characters that look the same."""
    return "##\uff3b" if match[0] == "##[" else f"{match[1]}\uff1a"


def json_shown(text: str) -> str:
    """Equivalent JSON, made safe for terminals and job logs."""
    safe = _UNSHOWN().sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return safe.replace("##[", "##\\u005b")


def one_line(text: str) -> str:
    """`text` on one line, without control characters and invalid Unicode."""
    clean = text.encode("utf-8", errors="replace").decode("utf-8")
    return " ".join(_CONTROL().sub(" ", clean).split())


def code(text: str) -> str:
    """Text that is safe between two backticks, also in a table."""
    return one_line(text).replace("`", "'").replace("|", "\\|")


def cut(text: str, length: int) -> str:
    """`text` on one line, shortened to `length` characters with …."""
    line = one_line(_HIDDEN().sub("", text[: length * 8]))
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def escape(text: str) -> str:
    """One line of plain text as Markdown that reads as `text`: no markup, HTML or links."""
    line = _ENTITY().sub("&amp;", one_line(_HIDDEN().sub("", text)))
    line = _MARKS().sub(_neutral, line)
    return line.replace("<", "&lt;").replace(">", "&gt;")


def comment(text: str) -> str:
    """As `escape`, for a comment on GitHub or GitLab: also no mention, reference or bare link."""
    return _REFERENCE().sub(lambda match: f"{match[0]}\u200b", escape(text))


def _neutral(match: re.Match[str]) -> str:
    """Marks escaped with a backslash where every Markdown supports it, else as entities."""
    known = match[0][0] in "\\`*[]{}(_"
    return "".join(f"\\{mark}" if known else f"&#{ord(mark)};" for mark in match[0])


def escape_lines(text: str, limit: int = 20_000) -> str:
    """Several lines of plain text as Markdown: paragraphs stay, nothing becomes a heading."""
    lines = []
    for line in re.split(r"\r\n|[\r\n]", text[:limit]):
        plain = escape(line)
        mark = _LINE_MARKS().match(plain)
        if mark and plain[0].isdigit():
            plain = f"{mark[0]}\\{plain[mark.end() :]}"
        elif mark:
            plain = f"\\{plain}" if plain[0] in "#>+-" else f"&#{ord(plain[0])};{plain[1:]}"
        lines.append(plain)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
