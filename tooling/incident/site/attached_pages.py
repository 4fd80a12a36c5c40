"""Pages that show text files next to postmortems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from incident.archive import Entry, attachments
from incident.archive.attachments import Kind
from incident.postmortem import wiki_urls
from incident.postmortem.document import Document
from incident.postmortem.markdown import link_targets
from incident.postmortem.model import Postmortem
from incident.reports import Page, Wiki, rendering

SHOWN = 1_000_000  # characters of a text file


def pages(found: Mapping[str, Path], wiki: Wiki) -> Iterator[Page]:
    """A page per text file; `found`: files by their path in the wiki."""
    entries = {
        wiki_urls.page_path(entry.document.path, entry.document.archive): entry
        for entry in wiki.archive.entries
    }
    for path, source in found.items():
        if attachments.kind(path) is Kind.TEXT:
            text = _text(start(source, 4 * SHOWN))
            html = rendering.render(
                "attachment.html.j2",
                f"{path}.md",
                wiki,
                name=source.name,
                postmortem=_incident(path, entries),
                other=_other(path, found),
                size=source.stat().st_size,
                text=text[:SHOWN],
                is_cut=len(text) > SHOWN,
            )
            yield Page(f"{path}.md", source.name, html)


def _incident(file: str, entries: Mapping[str, Entry]) -> Postmortem | None:
    """The postmortem of a file: by its folder, else by a link from the folder it is in."""
    place = PurePosixPath(file)
    for folder in place.parents:
        if entry := entries.get(f"{folder}.md"):
            return entry.postmortem
    for path, entry in entries.items():
        document = entry.document
        named = PurePosixPath(path).parent == place.parent and place.name in document.text
        if named and file in _linked(document):
            return entry.postmortem
    return None


def _linked(document: Document) -> set[str]:
    """What a postmortem links to, by path in the wiki."""
    return {
        wiki_urls.page_path(place, document.archive)
        for link in document.links
        if link.path
        for place in link_targets.places(link.path, document.path)
        if place.startswith(f"{document.archive}/")
    }


def _other(path: str, found: Mapping[str, Path]) -> tuple[str, str] | None:
    """The page of a query's numbers, or of the query behind numbers, and what it is."""
    for suffix, other, name in ((".sql", ".csv", "Its numbers"), (".csv", ".sql", "Its query")):
        if path.endswith(suffix) and (page := path.removesuffix(suffix) + other) in found:
            return f"{page}.md", name
    return None


def _text(raw: bytes) -> str:
    """The text of a file, by the mark at its beginning; a spreadsheet saves UTF-16."""
    is_wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    return raw.decode("utf-16" if is_wide else "utf-8-sig", errors="replace").replace("\0", "")


def start(source: Path, size: int) -> bytes:
    """The first bytes of a file."""
    with source.open("rb") as file:
        return file.read(size)
