"""A postmortem as values, for the wiki, the lists and the rules.

Built from any document, even a broken one: a missing or mistyped value is None or empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from incident.postmortem import signatures
from incident.postmortem.signatures import Signature
from incident.postmortem.timestamps import DURATIONS, TIMESTAMPS
from incident.repository.config import Config
from incident.text import instants
from incident.text.lazy_regex import lazy
from incident.text.values import mapping, mappings

if TYPE_CHECKING:  # values that are remembered need no YAML
    from incident.postmortem.document import Document

KINDS = (
    "freshness",
    "volume",
    "schema",
    "quality",
    "correctness",
    "pipeline",
    "access",
    "near_miss",
)
OPEN = frozenset({"proposed", "committed", "in_progress"})
PUBLISHED = frozenset({"published", "closed"})
# What a declaration may turn out to be instead of an incident: `status: closed` with `closed_as`.
CLOSED_AS = ("false_alarm", "duplicate")


class Asset(NamedTuple):
    """A dataset, model, source, dashboard or exposure. `role`: root, affected or exposure."""

    ref: str
    role: str = ""
    criticality: str = ""

    @property
    def name(self) -> str:
        """The last part of the reference, as people say it: `fct_orders`."""
        return re.split(r"[.:/]", self.ref)[-1] or self.ref


class Consumer(NamedTuple):
    """A team that used the data; None for unknown values."""

    team: str
    use: str = ""
    decision_made: bool | None = None
    correction_sent: bool | None = None


@dataclass(frozen=True)
class ActionItem:
    """One action item; `index` is its place in the list.

    `tracker`: the tracker that `issue` belongs to; "" for GitHub.
    """

    index: int
    id: str = ""
    title: str = ""
    type: str = ""
    owner: str = ""
    due: date | None = None
    priority: str = ""
    effort: str = ""
    status: str = ""
    done_when: str = ""
    verified_by: str = ""
    proof: str = ""
    reason: str = ""
    issue: int | None = None
    done_at: date | None = None
    tracker: str = ""

    @property
    def reference(self) -> str:
        """`#12`, `file#12`, or "" without an issue."""
        return f"{self.tracker}#{self.issue}" if self.issue else ""

    @property
    def is_open(self) -> bool:
        """Neither done nor won't do."""
        return self.status in OPEN or not self.status

    @property
    def is_finished(self) -> bool:
        """Done or won't do: only its proof or its reason is still of interest."""
        return self.status in {"done", "wont_do"}

    def overdue(self, today: date) -> bool:
        """Open, and due before `today`."""
        return self.is_open and self.due is not None and self.due < today


@dataclass(frozen=True)
class Postmortem:
    """One incident. Times are aware datetimes; `data` is the frontmatter for what has no field.

    `severity` is P0 to P3, `severity_label` its name in the team's own scale. `closed_as`: what the
    declaration turned out to be (`CLOSED_AS`), "" for an incident. `archive`: the folder with it.
    """

    path: str
    id: str
    title: str = ""
    status: str = ""
    severity: str = ""
    severity_label: str = ""
    kind: str = ""
    cause_category: str = ""
    trigger: str = ""
    owner: str = ""
    confidentiality: str = ""
    detection_method: str = ""
    detection_source: str = ""
    should_have_been: str = ""
    check_kind: str = ""
    impact_summary: str = ""
    critical_use_case: bool | None = None
    wrong_from: date | None = None
    wrong_to: date | None = None
    times: dict[str, datetime] = field(default_factory=dict)
    assets: tuple[Asset, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    action_items: tuple[ActionItem, ...] = ()
    tags: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    recurrence_of: str = ""
    reviewers: tuple[str, ...] = ()
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    observers: tuple[str, ...] = ()
    drill: bool = False
    closed_as: str = ""
    closed_reason: str = ""
    duplicate_of: str = ""
    channel: str = ""
    follow_up: dict[str, Any] = field(default_factory=dict)
    archive: str = Config.archive
    signatures: tuple[Signature, ...] = ()
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """The status, or what it was closed as: `in_review`, `false_alarm`."""
        return self.closed_as or self.status

    @property
    def is_restricted(self) -> bool:
        """Whether not everybody with access to the archive's pages may read it."""
        return self.confidentiality == "restricted"

    @property
    def is_ongoing(self) -> bool:
        """Neither resolved nor closed."""
        return "resolved_at" not in self.times and self.status != "closed"

    @property
    def date(self) -> date | None:
        """The day it started, else was detected, else the day in its id."""
        for key in ("started_at", "detected_at"):
            if key in self.times:
                return self.times[key].date()
        return parse_date(self.id[:10])

    @property
    def handles(self) -> frozenset[str]:
        """Who had a role or reviewed, in lower case and without @: people, not teams."""
        named = (handle for who in (*self.roles.values(), self.reviewers) for handle in who)
        return frozenset(handle.casefold().lstrip("@") for handle in named)

    def time_to(self, key: str, published: datetime | None = None) -> timedelta | None:
        """One of `DURATIONS`; None if an end is unknown, or the two are in the wrong order."""
        duration = DURATIONS[key]
        begin = self.times.get(duration.first)
        end = published if duration.last == "published" else self.times.get(duration.last)
        return end - begin if begin and end and end >= begin else None

    @property
    def open_items(self) -> tuple[ActionItem, ...]:
        """Action items that are neither done nor won't do."""
        return tuple(item for item in self.action_items if item.is_open)


def parse_date(value: object) -> date | None:
    """`YYYY-MM-DD` as a date, else None."""
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def postmortem(document: Document) -> Postmortem:
    """The values of a document."""
    data = document.data
    closed_as = closed_as_of(data)
    detection = mapping(data.get("detection"))
    impact = mapping(data.get("impact"))
    window = mapping(data.get("data_window"))
    return Postmortem(
        path=document.path,
        id=_text(data.get("id")),
        title=_text(data.get("title")),
        status=_text(data.get("status")),
        severity=_text(data.get("severity")),
        severity_label=document.severity_label or _text(data.get("severity")),
        kind=_text(data.get("kind")),
        cause_category=_text(data.get("cause_category")),
        trigger=_text(data.get("trigger")),
        owner=_text(data.get("owner")),
        confidentiality=_confidentiality(data.get("confidentiality")),
        detection_method=_text(detection.get("method")),
        detection_source=_text(detection.get("source")),
        should_have_been=_text(detection.get("should_have_been")),
        check_kind=_text(detection.get("check_kind")),
        impact_summary=_text(impact.get("summary")),
        critical_use_case=_flag(impact.get("critical_use_case")),
        wrong_from=parse_date(window.get("from")),
        wrong_to=parse_date(window.get("to")),
        times={
            key: instant
            for key in TIMESTAMPS
            if (instant := instants.parse(mapping(data.get("timestamps")).get(key)))
        },
        assets=tuple(
            Asset(_text(a.get("ref")), _text(a.get("role")), _text(a.get("criticality")))
            for a in mappings(impact.get("assets"))
            if _text(a.get("ref"))
        ),
        consumers=tuple(
            Consumer(
                _text(c.get("team")),
                _text(c.get("use")),
                _flag(c.get("decision_made")),
                _flag(c.get("correction_sent")),
            )
            for c in mappings(impact.get("consumers"))
        ),
        action_items=_dropped(data, closed_as) if closed_as else action_items(data),
        tags=_texts(data.get("tags")),
        related=_texts(data.get("related")),
        recurrence_of=_text(data.get("recurrence_of")),
        reviewers=_texts(data.get("reviewers")),
        roles={
            role: _texts(who if isinstance(who, list) else [who])
            for role, who in mapping(data.get("roles")).items()
        },
        observers=_texts(data.get("observers")),
        drill=data.get("drill") is True,
        closed_as=closed_as,
        closed_reason=_text(data.get("closed_reason")),
        duplicate_of=_text(data.get("duplicate_of")),
        channel=_text(data.get("channel")).lstrip("#"),
        follow_up=mapping(data.get("follow_up")),
        archive=document.archive,
        signatures=signatures.read(data.get("signature")),
        data=data,
    )


def closed_as_of(data: dict[str, Any]) -> str:
    """What the declaration turned out to be according to the frontmatter, or ""."""
    value = _text(data.get("closed_as"))
    return value if value in CLOSED_AS and data.get("status") == "closed" else ""


def _dropped(data: dict[str, Any], closed_as: str) -> tuple[ActionItem, ...]:
    """Action items of a declaration that was not an incident: open ones are not chased."""
    why = _text(data.get("closed_reason")) or closed_as.replace("_", " ")
    return tuple(
        replace(item, status="wont_do", reason=item.reason or why) if item.is_open else item
        for item in action_items(data)
    )


def action_items(data: dict[str, Any]) -> tuple[ActionItem, ...]:
    """The action items of a frontmatter; entries that are not mappings are skipped."""
    found = data.get("action_items")
    items = []
    for index, item in enumerate(found if isinstance(found, list) else []):
        if not isinstance(item, dict):
            continue
        tracker, issue = _issue(item.get("issue"))
        items.append(
            ActionItem(
                index,
                **{key: _text(item.get(key)) for key in _ITEM_TEXTS},
                due=parse_date(item.get("due")),
                issue=issue,
                tracker=tracker,
                done_at=parse_date(item.get("done_at")),
            )
        )
    return tuple(items)


_ISSUE = lazy(r"(?P<tracker>[a-z][a-z0-9_]*)#(?P<number>[1-9][0-9]{0,17})")


def _issue(value: Any) -> tuple[str, int | None]:
    """`12`, or `file#12`: tracker and number."""
    if isinstance(value, str) and (match := _ISSUE().fullmatch(value)):
        return match["tracker"], int(match["number"])
    return "", value if isinstance(value, int) else None


_ITEM_TEXTS = (
    "id",
    "title",
    "type",
    "owner",
    "priority",
    "effort",
    "status",
    "done_when",
    "verified_by",
    "proof",
    "reason",
)


def duration(length: timedelta | None) -> str:
    """A length of time in its two largest units: `1 d 3 h`, `45 min`; "" for None."""
    if length is None:
        return ""
    minutes = int(abs(length).total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (rest, "min")) if n][:2]
    return ("-" if length < timedelta(0) else "") + (" ".join(parts) or "0 min")


def minutes(length: float | None) -> str:
    """Minutes as `duration` writes them; "" for None."""
    return "" if length is None else duration(timedelta(minutes=length))


def _text(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    return str(value).strip() if isinstance(value, (str, int, float)) else ""


def _confidentiality(value: object) -> str:
    """A level that nobody knows (`confidential`, `Internal`) is the strictest one."""
    if value is None:
        return ""
    return str(value) if value in ("public", "internal") else "restricted"


def _texts(value: object) -> tuple[str, ...]:
    return tuple(t for v in value if (t := _text(v))) if isinstance(value, list) else ()


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
