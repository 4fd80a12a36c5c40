"""Postmortems as rows. No personal data, and no free text except titles, unless requested."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from incident.archive import Entry
from incident.archive.milestones import Milestones
from incident.archive.roster import Roster, is_person
from incident.errors import UsageError
from incident.postmortem import model, timeline_entries
from incident.postmortem.model import ActionItem, Asset, Postmortem
from incident.postmortem.timestamps import DURATIONS, TIMESTAMPS
from incident.text import instants
from incident.text.lazy_regex import lazy

Row = dict[str, Any]

_REFERENCE = lazy(r"[a-z][a-z_]*:[\w./:-]+")


@dataclass(frozen=True)
class Known:
    """Shared inputs. `handles`: people with a role anywhere in the archive."""

    milestones: Milestones = field(default_factory=Milestones)
    roster: Roster = field(default_factory=Roster)
    handles: frozenset[str] = frozenset()
    text: bool = False
    people: bool = False

    def team(self, owner: str) -> str | None:
        """`owner`, or None if it is empty or a person."""
        if not owner:
            return None
        return owner if self.people or not is_person(owner, self.handles, self.roster) else None


def of_entry(entry: Entry, known: Known) -> dict[str, list[Row]]:
    """The rows of one postmortem, by table."""
    p, document = entry.postmortem, entry.document
    hidden = p.is_restricted and not known.text
    key = {"incident_id": p.id}
    get = document.get
    published = known.milestones.published.get(p.id)
    times = {name: _time(p.times.get(name)) for name in TIMESTAMPS}
    lengths = {f"minutes_to_{key}": _minutes(p.time_to(key, published)) for key in DURATIONS}
    incident: Row = {
        **key,
        "title": None if hidden else p.title or None,
        **{
            name: getattr(p, name) or None
            for name in ("status", "severity", "kind", "cause_category")
        },
        "triggered_by": p.trigger or None,
        "owner": known.team(p.owner),
        "confidentiality": p.confidentiality or None,
        "incident_date": _day(p.date),
        **times,
        "published_at": _time(published),
        **lengths,
        "wrong_from": _day(p.wrong_from),
        "wrong_to": _day(p.wrong_to),
        "detection_method": p.detection_method or None,
        "critical_use_case": p.critical_use_case,
        "downstream_assets": _whole(get("impact", "downstream_assets")),
        "sla_breached": _flag(get("impact", "sla", "breached")),
        "recurrence_of": p.recurrence_of or None,
        "first_check_on": _day(model.parse_date(p.follow_up.get("two_weeks"))),
        "second_check_on": _day(model.parse_date(p.follow_up.get("three_months"))),
        "impact_summary": _text(p.impact_summary, known),
        "detection_source": _text(p.detection_source, known),
        "root_cause": _text(document.section_text("root_cause"), known),
    }
    return {
        "incidents": [incident],
        "action_items": [
            {**key, **_item(item, p, known, hidden)} for item in _once(p.action_items, p.path)
        ],
        "timeline_events": [
            {
                **key,
                "position": number,
                "happened_at": _time(event.at),
                "clock": event.clock or None,
                "text": _text(event.text, known),
            }
            for number, event in enumerate(timeline_entries.read(document), 1)
        ],
        "incident_assets": [
            {
                **key,
                "asset": asset.ref,
                "role": asset.role or None,
                "criticality": asset.criticality or None,
            }
            for asset in _first(p.assets)
        ],
        "incident_consumers": [
            {
                **key,
                "position": number,
                "team": known.team(consumer.team),
                "decision_made": consumer.decision_made,
                "correction_sent": consumer.correction_sent,
                "used_for": _text(consumer.use, known),
            }
            for number, consumer in enumerate(p.consumers, 1)
        ],
        "incident_tags": [{**key, "tag": tag} for tag in dict.fromkeys(p.tags)],
    }


def _first(found: Iterable[Asset]) -> Iterable[Asset]:
    """Each asset once, at its first occurrence."""
    by_ref: dict[str, Asset] = {}
    for asset in found:
        by_ref.setdefault(asset.ref, asset)
    return by_ref.values()


def _item(item: ActionItem, p: Postmortem, known: Known, hidden: bool) -> Row:
    return {
        "action_item_id": item.id,
        "title": None if hidden else item.title or None,
        "type": item.type or None,
        "owner": known.team(item.owner),
        "has_owner": bool(item.owner),
        "due_on": _day(item.due),
        "priority": item.priority or None,
        "effort": item.effort or None,
        "status": item.status or None,
        "is_open": item.is_open,
        "done_on": _day(item.done_at or known.milestones.done.get((p.id, item.id))),
        "issue": None if item.tracker else item.issue,
        "verified_by": item.verified_by if _REFERENCE().fullmatch(item.verified_by) else None,
        "has_done_when": bool(item.done_when),
        "has_proof": bool(item.proof),
        "done_when": _text(item.done_when, known),
    }


def _once(items: Iterable[ActionItem], path: str) -> Iterable[ActionItem]:
    seen: set[str] = set()
    for item in items:
        if not item.id or item.id in seen:
            fact = (
                f"two action items have the id {item.id}" if item.id else "an action item has no id"
            )
            raise UsageError(f"{path}: {fact}", "fix the errors that `incident lint` reports")
        seen.add(item.id)
        yield item


def _time(at: datetime | None) -> str | None:
    try:
        utc = at.astimezone(UTC) if at else None
    except OverflowError:  # year 9999 in another time zone
        return None
    return instants.iso(utc, "seconds") if utc else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _minutes(length: timedelta | None) -> int | None:
    """Whole minutes, rounded like in `incident stats`."""
    return None if length is None else int(length.total_seconds() // 60)


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object, known: Known) -> str | None:
    text = re.sub(r"\s+\n", "\n", value).strip() if isinstance(value, str) else ""
    return text if text and known.text else None
