"""What the pages are made from: the archive with its cross references, found once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from incident.archive import Archive, board, milestones
from incident.archive.board import DatedItem
from incident.archive.milestones import Milestones
from incident.archive.similarity import Trait, traits
from incident.git.history import History
from incident.postmortem import severity
from incident.postmortem.model import Asset, Postmortem
from incident.repository.config import SEVERITIES


class Page(NamedTuple):
    """A page at `path` ("data/index.md"): finished HTML, or Markdown for the site to convert."""

    path: str
    title: str
    html: str = ""
    markdown: str = ""


class File(NamedTuple):
    """A file of the site that is no page, at `path` ("data/x.svg")."""

    path: str
    text: str


Made = Iterable[Page | File]


def make(inputs: tuple[object, ...], build: Callable[[], Made]) -> Made:
    """What `build` makes: the plain case, in which nothing is remembered."""
    return build()


@dataclass(frozen=True)
class Wiki:
    """One edition of the wiki. `today` is given: the pages have no clock.

    `site_url`: where it will be, with a slash at the end, or ""; `public`: for people outside.
    `tests`: the tests that dbt's manifest knows ("test.shop.rows"), or None without a manifest.
    `remember`: called with all that goes into some pages beside code, templates and configuration,
    and with what makes them, it may give those of the last build.
    """

    archive: Archive
    today: date
    history: History = field(default_factory=History)
    site_url: str = ""
    name: str = "Incident archive"
    public: bool = False
    tests: frozenset[str] | None = None
    remember: Callable[[tuple[object, ...], Callable[[], Made]], Made] = make

    @property
    def root(self) -> Path | None:
        """The repository, whose templates win."""
        return self.archive.root

    @property
    def postmortems(self) -> Sequence[Postmortem]:
        """Every incident that could be read, newest first."""
        return self._postmortems

    @cached_property
    def declared(self) -> tuple[Postmortem, ...]:
        """The incidents, and what was closed as a false alarm or duplicate, newest first."""
        return self.archive.declared

    @cached_property
    def scale(self) -> dict[str, str]:
        """P0 to P3 as the team calls them: `SEV4/SEV5`."""
        return {level: severity.names(level, self.archive.severity_aliases) for level in SEVERITIES}

    @cached_property
    def _postmortems(self) -> tuple[Postmortem, ...]:
        return self.archive.postmortems

    @cached_property
    def marks(self) -> dict[str, str]:
        """By path, a hash of all that a document says: what is equal in it is equal on a page."""
        found = {}
        for entry in self.archive.entries:
            said = entry.document.text
            if self.public:  # the values are not those of the text: some were taken away
                said += repr(entry.document.data)
            found[entry.document.path] = hashlib.sha256(said.encode()).hexdigest()
        return found

    def marks_of(self, found: Iterable[Postmortem]) -> list[tuple[str, str]]:
        """Paths and marks of postmortems: what goes into a page that shows no more than them."""
        return [(p.path, self.marks[p.path]) for p in found]

    @cached_property
    def by_id(self) -> dict[str, Postmortem]:
        """Postmortems by their id."""
        return {p.id: p for p in self.declared}

    @cached_property
    def again(self) -> dict[str, list[Postmortem]]:
        """By id, the incidents that were a recurrence of it, newest first."""
        found: dict[str, list[Postmortem]] = {}
        for p in self.postmortems:
            if p.recurrence_of:
                found.setdefault(p.recurrence_of, []).append(p)
        return found

    @cached_property
    def by_asset(self) -> dict[str, list[tuple[Postmortem, Asset]]]:
        """By reference of an asset, its incidents with its role in each, newest first."""
        found: dict[str, list[tuple[Postmortem, Asset]]] = {}
        for p in self.postmortems:
            for asset in {a.ref: a for a in p.assets}.values():
                found.setdefault(asset.ref, []).append((p, asset))
        return found

    @cached_property
    def items(self) -> tuple[DatedItem, ...]:
        """Every action item, the one that was due first at the top."""
        return tuple(board.items(self.postmortems, self.today, settled=True))

    @cached_property
    def items_of(self) -> dict[str, list[DatedItem]]:
        """Action items by the id of their postmortem."""
        found: dict[str, list[DatedItem]] = {}
        for one in self.items:
            found.setdefault(one.postmortem.id, []).append(one)
        return found

    @cached_property
    def sharing(self) -> dict[Trait, tuple[list[str], dict[str, int]]]:
        """By what incidents may share: the ids that have it, newest first, and their places."""
        found: dict[Trait, list[str]] = {}
        for p in self.postmortems:
            for trait, _ in traits(p):
                found.setdefault(trait, []).append(p.id)
        return {key: (ids, {id_: n for n, id_ in enumerate(ids)}) for key, ids in found.items()}

    @property
    def open_items(self) -> list[DatedItem]:
        """Action items that are neither done nor given up, overdue first."""
        return [one for one in self.items if one.item.is_open]

    @cached_property
    def milestones(self) -> Milestones:
        """When postmortems were published, and items done, as far as git knows."""
        return milestones.find(self.history, self.postmortems)
