"""What a foreign postmortem was understood to say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from incident.foreign.item_text import Item
from incident.foreign.timeline import Entry
from incident.text.account import Account


class Other(NamedTuple):
    """A section that has no name with us."""

    title: str
    text: str


@dataclass
class Imported:
    """A draft and how it came about.

    `assumed`: times that the timeline only suggests; `missing`: what to add; `notes`: what to
    check, the most important first; `account`: what became of each line with a time;
    `links_left`: links that stay as they were written, and why.
    """

    file: str
    id: str
    title: str
    severity: str
    severity_written: str
    owner: str
    day: date
    account: Account
    times: dict[str, datetime] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    roles: dict[str, list[str]] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    left: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    others: list[Other] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    evidence: list[tuple[str, str]] = field(default_factory=list)
    links_left: list[tuple[str, str]] = field(default_factory=list)
