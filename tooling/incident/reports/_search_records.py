"""What the search finds: each thing with its kind, the words it is found by, and its filters.

A record describes a page, or is all there is to index: of an action item, or an asset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from html import escape
from pathlib import PurePosixPath
from typing import NamedTuple

from incident import rules
from incident.archive.board import DatedItem
from incident.postmortem.model import Asset, Postmortem
from incident.reports import _rendering, guide
from incident.reports._site_data import Wiki

GUIDE = "guide"
ASSETS = "assets"
SHARED = (ASSETS, GUIDE)  # groups that are not a year
UNDATED = "undated"
_PLAYBOOKS = re.compile(r"^\*\*Playbooks\*\*$(.*?)(?=^\*\*|\Z)", re.MULTILINE | re.DOTALL)
_PAGE = re.compile(r"\]\(([\w-]+)\.md\)")


class Kind(StrEnum):
    """The kinds of results, as the page shows them; the value is the one in its address."""

    INCIDENT = "incident"
    ITEM = "action-item"
    ASSET = "asset"
    GUIDE = "guide"
    PLAYBOOK = "playbook"
    RULE = "rule"

    @property
    def one(self) -> str:
        """What a result is: `Action item`."""
        return self.value.replace("-", " ").capitalize()

    @property
    def noun(self) -> str:
        """For counting: `action item`, `guide page`."""
        return "guide page" if self is Kind.GUIDE else self.one.lower()

    @property
    def label(self) -> str:
        """What a filter shows: `Action items`."""
        return "Guide" if self is Kind.GUIDE else f"{self.one}s"


class Record(NamedTuple):
    """A result of the search. `page`, `anchor`: where it leads.

    `group`: what changes together: a year, "assets" or "guide". `facts`: what it shows, and is
    found by, besides its text. `filters`: name and value. `date`: without words, newest first.
    `html`: its text; "" for that of its page.
    """

    kind: Kind
    group: str
    page: str
    facts: tuple[tuple[str, str], ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    date: str = ""
    anchor: str = ""
    html: str = ""


def of_page(path: str, wiki: Wiki) -> Record | None:
    """The record of a page of the guide, a playbook or a rule."""
    folder, name = PurePosixPath(path).parent.as_posix(), PurePosixPath(path).stem
    if name == "index":  # it says what the others say
        return None
    if folder == "guide":
        index = _rendering.find(guide.FOLDER, "index.md", wiki.root).read_text(encoding="utf-8")
        kind = Kind.PLAYBOOK if name in playbooks(index) else Kind.GUIDE
        return Record(kind, GUIDE, path)
    if folder == "rules":
        codes = {rule.name: rule.code for rule in rules.all_rules()}
        return Record(Kind.RULE, GUIDE, path, (("code", codes[name]), ("name", name)))
    return None


def of_incident(p: Postmortem) -> Record:
    """The record of an incident's page."""
    names = list(dict.fromkeys(asset.name for asset in p.assets))
    level = p.severity if p.severity_label != p.severity else ""
    facts = [
        ("id", p.id),
        ("date", str(p.date or "")),
        ("severity", p.severity_label),
        ("level", level),
        ("status", _rendering.words(p.state)),
        ("owner", p.owner),
        ("assets", ", ".join(names)),
    ]
    filters = [
        ("severity", p.severity_label),
        ("status", _rendering.words(p.state)),
        ("cause", _rendering.words(p.cause_category)),
        *(("asset", name) for name in names),
    ]
    return Record(
        Kind.INCIDENT,
        _group(p),
        _rendering.page_of(p),
        _filled(facts),
        _filled(filters),
        str(p.date or ""),
    )


def records(wiki: Wiki) -> Iterator[Record]:
    """Every action item and every asset."""
    anchors = {p.id: _rendering.item_anchors(p) for p in wiki.postmortems}
    for one in wiki.items:
        yield _item(one, anchors[one.postmortem.id][one.item.index])
    for ref, found in wiki.by_asset.items():
        yield _asset(wiki, ref, found)


def _item(one: DatedItem, anchor: str) -> Record:
    p, item = one.postmortem, one.item
    facts = [
        ("id", f"{p.id}/{item.id}"),
        ("state", _rendering.words(item.status)),
        ("owner", item.owner),
        ("due", str(item.due or "")),
        ("incident", p.title or p.id),
    ]
    names = dict.fromkeys(asset.name for asset in p.assets)
    filters = [("severity", p.severity_label), *(("asset", name) for name in names)]
    said = [
        f"Not done: {item.reason}" if item.status == "wont_do" and item.reason else "",
        f"Done when {item.done_when}" if item.done_when else "",
        f"Verified by {item.verified_by}" if item.verified_by else "",
    ]
    html = _html(item.title or item.id, said)
    return Record(
        Kind.ITEM,
        _group(p),
        _rendering.page_of(p),
        _filled(facts),
        _filled(filters),
        str(item.due or ""),
        anchor,
        html,
    )


def _asset(wiki: Wiki, ref: str, found: Sequence[tuple[Postmortem, Asset]]) -> Record:
    trust, name = wiki.trust[ref], found[0][1].name
    last = max((p.date for p, _ in found if p.date), default=None)
    return Record(
        Kind.ASSET,
        ASSETS,
        _rendering.data_page(ref),
        (("name", name), ("ref", ref), ("trust", trust.state.label)),
        (("asset", name), ("incidents", str(len(found)))),  # a fact would match "1"
        str(last or ""),
        html=_html(name, [ref]),
    )


def _group(p: Postmortem) -> str:
    return f"{p.date.year:04}" if p.date else UNDATED


def _filled(found: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(one for one in found if one[1])


def _html(title: str, said: Sequence[str]) -> str:
    return f"<h1>{escape(title)}</h1>" + "".join(f"<p>{escape(one)}</p>" for one in said if one)


def playbooks(index: str) -> set[str]:
    """The pages that the index of the guide lists under "Playbooks"."""
    found = _PLAYBOOKS.search(index)
    return set(_PAGE.findall(found[1])) if found else set()
