"""Every page of the wiki as sanitized HTML, and every file that belongs to them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

from incident import archive, reports
from incident.archive import Entry, attachments
from incident.archive.attachments import Kind
from incident.archive.files import is_outside
from incident.dbt import manifest
from incident.git.history import read as read_history
from incident.postmortem import wiki_urls
from incident.postmortem.wiki_urls import Layout
from incident.render.conversion import Conversion
from incident.render.page_links import PageLinks
from incident.render.site_values import SiteValues
from incident.reports import Wiki, incident_page
from incident.repository.config import Config
from incident.site import attached_pages, drawings, sanitize, static_files
from incident.text import markdown_names


class Rendered(NamedTuple):
    """A page at `path` ("data/index.md"), as sanitized HTML."""

    path: str
    title: str
    html: str


@dataclass
class Contents:
    """`files`: other files by path. `left_out`: files that are not published, and why.

    `dead`: links that lead nowhere, as "page: link".
    """

    wiki: Wiki
    pages: list[Rendered] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)


def make(settings: Config, site: SiteValues, layout: Layout, today: date) -> Contents:
    """Read the archive and render it. Raises IncidentError."""
    reports.rendering.reload()
    found = archive.load(settings)
    wiki = Wiki(
        found,
        today,
        read_history(settings.root, settings.archive),
        site.url,
        site.name,
        manifest=manifest.configured(settings.root, settings.dbt_manifest),
        layout=layout,
        search="none",
    )
    made = Contents(wiki)
    attached = dict(_attached(settings, made))
    generated: dict[str, reports.Page] = {}
    for one in (*reports.build_all(wiki), *attached_pages.pages(attached, wiki)):
        if isinstance(one, reports.Page):
            generated[one.path] = one
        else:
            made.files[one.path] = one.text.encode(errors="xmlcharrefreplace")
    entries = {_page(e.document.path, settings): e for e in found.entries}
    broken = {_page(d.path, settings): d for d in found.broken}
    names = {*generated, *entries, *broken, *made.files, *attached}
    links = PageLinks(settings, layout, site.files, names, made.dead)
    has_graphs = static_files.has_graphs(settings.root)
    with Conversion(has_graphs) as convert:
        for path, page in generated.items():
            if path not in entries and path not in broken:
                lead = partial(links.from_page, path)
                html = page.html or sanitize.clean(convert(page.markdown, lead))
                made.pages.append(Rendered(path, page.title, f'<div class="report">{html}</div>'))
        for path, entry in entries.items():
            lead = partial(links.from_document, path, entry.document.path)
            text = sanitize.clean(convert(incident_page.body(entry.document), lead))
            made.pages.append(_incident(path, entry, text, wiki))
    for path, document in broken.items():
        fault = document.faults[0].message
        made.left_out.append(f"{document.path}: {fault}")
        made.pages.append(Rendered(path, Path(path).stem, incident_page.broken(document, wiki)))
    for path, source in static_files.static(settings.root).items():
        made.files[path] = source.read_bytes()
    return made


def _incident(path: str, entry: Entry, text: str, wiki: Wiki) -> Rendered:
    """The page of a postmortem."""
    p = entry.postmortem
    shown, _ = incident_page.article(entry.document, p, incident_page.view(p, wiki), wiki, text)
    return Rendered(path, p.title or p.id, f'<article class="incident">{shown}</article>')


def _page(path: str, settings: Config) -> str:
    name = wiki_urls.page_path(path, settings.archive)
    return name if name.endswith(markdown_names.SUFFIX) else f"{name}{markdown_names.SUFFIX}"


def _attached(settings: Config, made: Contents) -> Iterator[tuple[str, Path]]:
    """The text files next to postmortems; pictures and drawings go to `made.files`."""
    for parent, folders, names in os.walk(settings.archive_dir):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            source = Path(parent, name)
            if name.startswith(".") or markdown_names.is_markdown(name):
                continue
            if is_outside(source, settings.root):
                made.left_out.append(f"{settings.relative(source)}: outside the repository")
                continue
            path = wiki_urls.page_path(settings.relative(source), settings.archive)
            kind = attachments.kind(name)
            if why := attachments.problem(source):
                made.left_out.append(f"{settings.relative(source)} {why}")
            elif kind is Kind.TEXT:
                yield path, source
            elif kind is Kind.PICTURE:
                made.files[path] = source.read_bytes()
            else:
                try:
                    raw = attached_pages.start(source, drawings.LIMIT + 1)
                    made.files[path] = drawings.clean(raw).encode()
                except drawings.DrawingError as error:
                    made.left_out.append(f"{settings.relative(source)} is not shown: {error}")
