"""Text that others wrote, made fit for one line, or for Markdown that shows it as it is."""

from __future__ import annotations

import re

from incident.text.lazy_regex import lazy

_CONTROL = lazy(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# what turns a line around, or is not seen
_HIDDEN = lazy(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
# what moves a cursor, hides text or turns it around; the line ends of Windows do not
_UNSHOWN = lazy(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)"
)
# what GitHub Actions takes for a command in a job's log: at the start of a line, and anywhere
_COMMAND = lazy(r"^([^\S\n]*):(?=:)|##\[", re.MULTILINE)
_MARKS = lazy(r"[\\`*\[\]{}]|(?<=\])\(|(?<![^\W_])_|_(?![^\W_])|~~+|==+|\^\^+|\+\+\+*")
_ENTITY = lazy(r"&(?=#?\w{1,31};)")
_LINE_MARKS = lazy(r"([#>+=|:~-]|\d{1,9}(?=[.)]))")


def shown(text: str) -> str:
    """`text` as a terminal and a job's log may have it: nothing in it is obeyed, lines stay."""
    return _COMMAND().sub(_disarmed, _UNSHOWN().sub("\ufffd", text))


def shown_line(text: str) -> str:
    """As `shown`, on one line."""
    return shown(text.replace("\t", " ").replace("\n", " "))


def _disarmed(match: re.Match[str]) -> str:
    """As many characters, which look the same."""
    return "##\uff3b" if match[0] == "##[" else f"{match[1]}\uff1a"


def json_shown(text: str) -> str:
    """JSON that says the same, as a terminal and a job's log may have it."""
    safe = _UNSHOWN().sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return safe.replace("##[", "##\\u005b")


def one_line(text: str) -> str:
    """`text` on one line, without control characters and what is no Unicode text."""
    clean = text.encode("utf-8", errors="replace").decode("utf-8")
    return " ".join(_CONTROL().sub(" ", clean).split())


def code(text: str) -> str:
    """What may stand between two backticks, in a table as well: nothing in it ends them."""
    return one_line(text).replace("`", "'").replace("|", "\\|")


def cut(text: str, length: int) -> str:
    """`text` on one line, at most `length` characters, the last one … where it was longer."""
    line = one_line(_HIDDEN().sub("", text[: length * 8]))
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def escape(text: str) -> str:
    """One line of plain text as Markdown that reads as `text`: no markup, HTML or links."""
    line = _ENTITY().sub("&amp;", one_line(_HIDDEN().sub("", text)))
    line = _MARKS().sub(_neutral, line)
    return line.replace("<", "&lt;").replace(">", "&gt;")


def _neutral(match: re.Match[str]) -> str:
    """Marks behind a backslash where every Markdown knows that, else as entities."""
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
