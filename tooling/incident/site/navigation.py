"""Navigation: our section in that of a handbook, and the entry that a page belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from mkdocs.structure import StructureItem
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

from incident.reports import MAIN_PAGES

TITLE = "Incidents"
HOME = "index.md"
ENTRIES = MAIN_PAGES
_ENTRY_OF = {"actions": "actions.md", "rules": "guide/index.md"}  # others: the folder's index


def mark(nav: Navigation, page: Page, is_active: bool) -> None:
    """Mark the entry that a page belongs to, for pages that are not in the navigation."""
    folder = page.file.src_uri.partition("/")[0]
    wanted = _ENTRY_OF.get(folder, f"{folder}/index.md")
    for entry in nav.pages:
        if entry.file.src_uri == wanted and entry is not page:
            entry.active = is_active


def add_section(nav: Navigation, shown: list[Page], ours: Iterable[Page]) -> None:
    """Show these of our pages in one section: where a generator put one of ours, else at the end.

    The section is open on all of our pages. The handbook's pages follow each other as without us.
    """
    pages = set(map(id, ours))
    section = Section(TITLE, list(shown))
    if not _replace(nav.items, section, pages):
        nav.items.append(section)
    theirs = [page for page in nav.pages if id(page) not in pages]
    for page in theirs:
        page.previous_page = _beyond(page.previous_page, "previous_page", pages)
        page.next_page = _beyond(page.next_page, "next_page", pages)
    for page in ours:
        page.parent = section
        page.previous_page = page.next_page = None
    nav.pages[:] = [*theirs, *shown]


def _beyond(page: Page | None, way: str, ours: Set[int]) -> Page | None:
    """This page or, if it is ours, the next one that is not."""
    while page and id(page) in ours:
        page = getattr(page, way)
    return page


def _replace(items: list[StructureItem], section: Section, ours: Set[int]) -> bool:
    """Put the section in place of what is all ours; False if nothing is."""
    done, kept = False, list[StructureItem]()
    for item in items:
        found = {id(page) for page in _pages(item)}
        if not found or not found <= ours:
            if isinstance(item, Section):
                done = _replace(item.children, section, ours) or done
            kept.append(item)
        elif not done:
            section.parent = item.parent
            section.title = item.title if isinstance(item, Section) else section.title
            kept.append(section)
            done = True
    items[:] = kept
    return done


def _pages(item: StructureItem) -> Iterator[Page]:
    if isinstance(item, Page):
        yield item
    for child in getattr(item, "children", None) or ():
        yield from _pages(child)
