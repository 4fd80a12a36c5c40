"""The section for incidents in a handbook's navigation: a few entries, wherever it is generated."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mkdocs.structure import StructureItem
from mkdocs.structure.nav import Navigation, Section
from mkdocs.structure.pages import Page

TITLE = "Incidents"
HOME = "index.md"
ENTRIES = {
    HOME: "Overview",
    "incidents/index.md": "All incidents",
    "actions.md": "Action items",
    "data/index.md": "Assets",
    "patterns.md": "Patterns",
    "metrics/index.md": "Metrics",
    "guide/index.md": "Guide",
}


def add_section(nav: Navigation, pages: list[Page], is_ours: Callable[[Page], bool]) -> None:
    """Show `pages`, and no others of ours, in one section: where a generator put the first one.

    Pages of the handbook follow each other as without us.
    """
    section = Section(TITLE, list(pages))
    if not _replace(nav.items, section, is_ours):
        nav.items.append(section)
    for page in pages:
        page.parent = section
        page.previous_page = page.next_page = None
    theirs = [page for page in nav.pages if not is_ours(page)]
    for page in theirs:
        page.previous_page = _beyond(page, "previous_page", is_ours)
        page.next_page = _beyond(page, "next_page", is_ours)
    nav.pages[:] = [*theirs, *pages]
    nav.homepage = nav.homepage or next((page for page in nav.pages if page.is_homepage), None)


def _replace(items: list[StructureItem], section: Section, is_ours: Callable[[Page], bool]) -> bool:
    """Put the section in place of what is all ours; False if nothing is."""
    done = False
    for item in list(items):
        found = list(_pages(item))
        if found and all(map(is_ours, found)):
            if done:
                items.remove(item)
                continue
            items[items.index(item)] = section
            section.parent = item.parent
            section.title = item.title if isinstance(item, Section) else section.title
            done = True
        elif isinstance(item, Section):
            done = _replace(item.children, section, is_ours) or done
    return done


def _pages(item: StructureItem) -> Iterator[Page]:
    if isinstance(item, Page):
        yield item
    for child in getattr(item, "children", None) or ():
        yield from _pages(child)


def _beyond(page: Page, way: str, is_ours: Callable[[Page], bool]) -> Page | None:
    """The nearest page of theirs before or after this one."""
    found: Page | None = getattr(page, way)
    while found and is_ours(found):
        found = getattr(found, way)
    return found
