"""Pages that show text files next to postmortems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from incident.archive import attachments
from incident.archive.attachments import Kind
from incident.reports import Page, Wiki, rendering

SHOWN = 1_000_000  # characters of a text file


def pages(found: Mapping[str, Path], wiki: Wiki) -> Iterator[Page]:
    """A page per text file; `found`: files by their path in the site."""
    for path, source in found.items():
        if attachments.kind(path) is Kind.TEXT:
            text = _text(start(source, 4 * SHOWN))
            html = rendering.render(
                "attachment.html.j2",
                f"{path}.md",
                wiki,
                name=source.name,
                size=source.stat().st_size,
                text=text[:SHOWN],
                is_cut=len(text) > SHOWN,
            )
            yield Page(f"{path}.md", source.name, html)


def _text(raw: bytes) -> str:
    """The text of a file, by the mark at its beginning; a spreadsheet saves UTF-16."""
    is_wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return raw.decode("utf-16" if is_wide else "utf-8-sig", errors="replace").replace("\0", "")


def start(source: Path, size: int) -> bytes:
    """The first bytes of a file."""
    with source.open("rb") as file:
        return file.read(size)
