"""Attachments: which files next to postmortems the wiki shows, and how.

A browser runs what an HTML page, a drawing or a script from the wiki's own address contains. So
only pictures are copied, drawings are sanitized, and text is shown on a page that we make.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path, PurePosixPath

_STARTS: dict[str, tuple[tuple[int, bytes], ...]] = {
    ".png": ((0, b"\x89PNG\r\n\x1a\n"),),
    ".jpg": ((0, b"\xff\xd8\xff"),),
    ".jpeg": ((0, b"\xff\xd8\xff"),),
    ".gif": ((0, b"GIF8"),),
    ".webp": ((0, b"RIFF"), (8, b"WEBP")),
    ".avif": ((4, b"ftypavi"),),
}
TEXTS = frozenset(
    {".sql", ".csv", ".tsv", ".txt", ".log", ".json", ".yml", ".yaml", ".diff", ".patch"}
)
HINT = "attach an image (.png, .jpg, .gif, .webp, .svg) or text (.sql, .csv, .txt, .log, .json)"


class Kind(StrEnum):
    """How the wiki handles a file: copy, sanitize, show as text, or omit."""

    PICTURE = "picture"
    DRAWING = "drawing"
    TEXT = "text"
    OTHER = "other"


def kind(path: str) -> Kind:
    """The kind of a file, by its name."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in _STARTS:
        return Kind.PICTURE
    if suffix == ".svg":
        return Kind.DRAWING
    return Kind.TEXT if suffix in TEXTS else Kind.OTHER


def problem(path: Path, *, by_name: bool = False) -> str:
    """Why the wiki omits a file, or ""; an image must match its extension.

    `by_name`: do not look at the file itself.
    """
    found = kind(path.name)
    if found is Kind.OTHER:
        return f"is not shown in the wiki: {path.suffix or 'a file without extension'} could run"
    if found is Kind.PICTURE and not by_name:
        try:
            if not path.is_file():
                return ""  # `repository-link` reports a file that is missing
            with path.open("rb") as file:
                start = file.read(16)
        except (OSError, ValueError):
            return ""
        for at, wanted in _STARTS[path.suffix.lower()]:
            if start[at : at + len(wanted)] != wanted:
                return f"is not shown in the wiki: it is not a valid {path.suffix[1:]} image"
    return ""
