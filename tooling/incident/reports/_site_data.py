"""The data behind the pages: the archive with its cross-references, computed once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from incident.archive import Archive, board, milestones, trust
from incident.archive.board import DatedItem
from incident.archive.milestones import Milestones
from incident.archive.similarity import Trait, traits
from incident.archive.trust import Trust
from incident.dbt.manifest import Manifest
from incident.git.history import History
from incident.postmortem import severity
from incident.postmortem.model import Asset, Postmortem
from incident.postmortem.wiki_urls import Layout


class Page(NamedTuple):
    """A page at `path` ("data/index.md"): finished HTML, or Markdown for the site to convert."""

    path: str
    title: str
    html: str = ""
    markdown: str = ""


class File(NamedTuple):
    """A file other than a page, at `path` ("data/x.svg")."""

    path: str
    text: str


# the pages that a navigation shows, with their titles there
MAIN_PAGES = {
    "index.md": "Overview",
    "incidents/index.md": "All incidents",
    "actions.md": "Action items",
    "data/index.md": "Assets",
    "patterns.md": "Patterns",
    "metrics/index.md": "Metrics",
    "guide/index.md": "Guide",
}
Made = Iterable[Page | File]
Search = Literal["own", "handbook", "elsewhere", "none"]


def make(inputs: tuple[object, ...], build: Callable[[], Made]) -> Made:
    """The result of `build`: the plain case, without a cache."""
    return build()


@dataclass(frozen=True)
class Wiki:
    """One edition of the wiki. `today` is a parameter: the pages have no clock.

    `site_url`: its URL, with a trailing slash, or ""; `public`: the public edition.
    `manifest`: of the dbt project, if there is one.
    `layout`: where its pages are. `search`: whose search box they have: our own, or the handbook's,
    which finds incidents ("handbook") or does not ("elsewhere").
    `remember`: gets all inputs of some pages, except code, templates and configuration, and the
    function that makes the pages; it may return the ones from the last build.
    """

    archive: Archive
    today: date
    history: History = field(default_factory=History)
    site_url: str = ""
    name: str = "Incident archive"
    public: bool = False
    manifest: Manifest | None = None
    search: Search = "own"
    layout: Layout = field(default_factory=Layout)
    remember: Callable[[tuple[object, ...], Callable[[], Made]], Made] = make

    def address(self, page: str) -> str:
        """The full address of a page or file; from the wiki's root, if that is unknown."""
        return f"{self.site_url}{self.layout.url(page)}"

    @property
    def tests(self) -> frozenset[str] | None:
        """The tests of the dbt project ("test.shop.rows"); None without a manifest."""
        return self.manifest.tests if self.manifest else None

    @property
    def root(self) -> Path | None:
        """The repository, whose templates take precedence."""
        return self.archive.root

    @property
    def postmortems(self) -> Sequence[Postmortem]:
        """Every readable incident, newest first."""
        return self._postmortems

    @cached_property
    def declared(self) -> tuple[Postmortem, ...]:
        """The incidents, including false alarms and duplicates, newest first."""
        return self.archive.declared

    @cached_property
    def scale(self) -> dict[str, str]:
        """P0 to P3 in the team's own scale: `SEV4/SEV5`."""
        return severity.by_level(self.archive.severity_aliases)

    @cached_property
    def _postmortems(self) -> tuple[Postmortem, ...]:
        return self.archive.postmortems

    @cached_property
    def marks(self) -> dict[str, str]:
        """By path, a hash of a document's content: equal hashes give equal pages."""
        found = {}
        for entry in self.archive.entries:
            said = entry.document.text
            if self.public:  # redacted: the values differ from the text
                said += repr(entry.document.data)
            found[entry.document.path] = hashlib.sha256(said.encode()).hexdigest()
        return found

    def marks_of(self, found: Iterable[Postmortem]) -> list[tuple[str, str]]:
        """Paths and hashes of postmortems: the inputs of a page that shows nothing else."""
        return [(p.path, self.marks[p.path]) for p in found]

    @cached_property
    def by_id(self) -> dict[str, Postmortem]:
        """Postmortems by id."""
        return {p.id: p for p in self.declared}

    @cached_property
    def again(self) -> dict[str, list[Postmortem]]:
        """By id, the recurrences of an incident, newest first."""
        found: dict[str, list[Postmortem]] = {}
        for p in self.postmortems:
            if p.recurrence_of:
                found.setdefault(p.recurrence_of, []).append(p)
        return found

    @cached_property
    def by_asset(self) -> dict[str, list[tuple[Postmortem, Asset]]]:
        """By asset reference, its incidents with its role in each, newest first."""
        found: dict[str, list[tuple[Postmortem, Asset]]] = {}
        for p in self.postmortems:
            for asset in {a.ref: a for a in p.assets}.values():
                found.setdefault(asset.ref, []).append((p, asset))
        return found

    @cached_property
    def trust(self) -> dict[str, Trust]:
        """The trust state of each asset, by reference."""
        exists = trust.lookup(self.tests)
        return {
            ref: trust.of((p for p, _ in found), self.today, exists)
            for ref, found in self.by_asset.items()
        }

    @cached_property
    def items(self) -> tuple[DatedItem, ...]:
        """Every action item, earliest due date first."""
        return tuple(board.items(self.postmortems, self.today, settled=True))

    @cached_property
    def sharing(self) -> dict[Trait, tuple[list[str], dict[str, int]]]:
        """By shared trait: the ids that have it, newest first, and their positions."""
        found: dict[Trait, list[str]] = {}
        for p in self.postmortems:
            for trait, _ in traits(p):
                found.setdefault(trait, []).append(p.id)
        return {key: (ids, {id_: n for n, id_ in enumerate(ids)}) for key, ids in found.items()}

    @property
    def open_items(self) -> list[DatedItem]:
        """Open action items, overdue first."""
        return [one for one in self.items if one.item.is_open]

    @cached_property
    def milestones(self) -> Milestones:
        """When postmortems were published and items done, as far as git knows."""
        return milestones.find(self.history, self.postmortems)
