"""Which pages and files of the last build to keep; docs/wiki-builds.md has the rules.

Without a store nothing is kept, and everything is built.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mkdocs.structure.pages import Page

from incident.postmortem.markdown import link_targets, links
from incident.site import cache, kept_files, search
from incident.site.cache import Store
from incident.site.contents import Contents


@dataclass
class Reuse:
    """What this build reuses from the last one, and stores for the next.

    `site`: the site's folder. `keys`: by path, a hash of a page's inputs. `digests`: by path
    in the site, a hash of the final content. `present`: up-to-date paths in the site.
    """

    site: Path
    store: Store | None
    keys: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)

    def heads(
        self, contents: Contents, in_nav: Collection[str], paths: Iterable[str]
    ) -> dict[str, list[str]]:
        """By path, digest and anchors of each page of the last build whose inputs are unchanged.

        `paths`: all files of the site; link targets, and MkDocs' warnings about them, depend on
        these.
        """
        if self.store is None:
            return {}
        there = cache.key(sorted(paths))
        found = {}
        for path in [*contents.pages, *contents.entries]:
            if path in in_nav:
                continue
            self.keys[path] = cache.key(self.store.shared, path, *_inputs(contents, path, there))
            if head := self.store.head(self.keys[path]):
                self.store.used.add(self.keys[path])
                found[path] = json.loads(head)
        return found

    def restore(self, wanted: Mapping[str, str]) -> None:
        """Restore files from the last build that this one needs, by path and digest."""
        self.digests = dict(wanted)
        if self.store is None:
            kept_files.drop(self.site)
            return
        stamps = self.store.get(f"site {self.site}")
        self.present = kept_files.intact(self.site, json.loads(stamps) if stamps else {}, wanted)
        kept_files.restore(self.site, self.present, search.FOLDER)

    def text(self, path: str) -> str | None:
        """The page of the last build, if the store still has it."""
        return self.store.get(self.keys[path]) if self.store else None

    def forget(self, path: str) -> None:
        """Build this page every time, so that its warning appears every time."""
        self.keys.pop(path, None)

    def keep(self, page: Page, output: str) -> str:
        """Store a finished page for the next build; returns its digest."""
        path = page.file.src_uri
        digest = self.digests[page.file.dest_uri] = cache.key(output)
        if self.store and path in self.keys and _links_only_to_itself(page):
            head = json.dumps([digest, *sorted(page.present_anchor_ids or ())])
            self.store.put(self.keys[path], "page", head, output)
        return digest

    def save(self) -> None:
        """Record the contents of the site. Comes last: the search index links to page files."""
        if self.store:
            stamps = kept_files.stamps(self.site, self.digests)
            self.store.put(f"site {self.site}", "site", "", json.dumps(stamps))
            self.store.close()

    def abandon(self) -> None:
        """Remove the last build's files from the site, and leave the store unchanged."""
        kept_files.drop(self.site)
        if self.store:
            self.store.abandon()


def _inputs(contents: Contents, path: str, there: str) -> tuple[object, ...]:
    """All inputs of one page, beyond those that all pages share."""
    if made := contents.pages.get(path):
        return (*made, there if made.markdown else "")
    document = contents.entries[path].document
    found = [link.path for link in links.find(document.text) if link.path]
    root = contents.wiki.root or Path()
    leads = [tuple(link_targets.existing(one, document.path, root)) for one in found]
    return (contents.wiki.marks[document.path], contents.views[path], found and (there, leads))


def _links_only_to_itself(page: Page) -> bool:
    """Whether no change to another page can make MkDocs warn about this one.

    MkDocs checks anchors after building all pages, and has none for a kept page.
    """
    for target, anchors in (page.links_to_anchors or {}).items():
        if target.src_uri != page.file.src_uri:
            return False
        if not set(anchors) <= (page.present_anchor_ids or set()):
            return False
    return True


class Warnings(logging.Handler):
    """Records whether MkDocs has logged a warning since `seen` was last set to False."""

    seen = False

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        logging.getLogger("mkdocs").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Record it."""
        self.seen = True

    def close(self) -> None:
        """Stop listening."""
        logging.getLogger("mkdocs").removeHandler(self)
        super().close()
