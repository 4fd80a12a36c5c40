"""Due dates of action items and follow-up checks as an iCalendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from incident.archive.board import DatedItem
from incident.postmortem.model import Postmortem, parse_date
from incident.reports import _rendering
from incident.reports._site_data import Wiki

FOLLOW_UPS = {"two_weeks": "two weeks", "three_months": "three months"}
_LONGEST = 73  # octets of a line; with its space and end it has 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": ""})


def render(
    wiki: Wiki, items: Iterable[DatedItem], postmortems: Iterable[Postmortem], owner: str = ""
) -> str:
    """The calendar. Its events last a day; the same item keeps its UID when it is moved.

    `owner`: whose it is. Only their own calendar names them: an owner may be a person.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//incident-docs//action items//EN",
        f"X-WR-CALNAME:{_text(f'Action items of {owner}' if owner else wiki.name)}",
    ]
    for one in items:
        if one.item.due:
            title = one.item.title or one.item.id
            lines += _event(wiki, one.key, one.item.due, title, one.postmortem, owner)
    for p in postmortems:
        for key, name in FOLLOW_UPS.items():
            day = parse_date(p.follow_up.get(key))
            if day and day >= wiki.today and p.status != "closed":
                title = f"Follow-up after {name}: {p.title or p.id}"
                lines += _event(wiki, f"{p.id}/{key}", day, title, p, owner)
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line))


def _event(wiki: Wiki, uid: str, day: date, title: str, p: Postmortem, owner: str) -> list[str]:
    stamp = f"{p.date or day:%Y%m%d}T000000Z"  # the same in every build
    about = [p.title or p.id]
    if p.severity:
        about.append(f"Severity: {p.severity_label or p.severity}")
    if owner:
        about.append(f"Owner: {owner}")
    address = wiki.address(_rendering.page_of(p)) if wiki.site_url else ""
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(uid)}",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}" if day < date.max else "DURATION:P1D",
        f"SUMMARY:{_text(title)}",
        "DESCRIPTION:" + "\\n".join(map(_text, about)),
        *([f"URL:{address}"] if address else []),
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _text(value: str) -> str:
    return "".join(c for c in value.translate(_ESCAPED) if c.isprintable())


def _folded(line: str) -> Iterator[str]:
    """A line as parts of at most 75 octets, each further one after a space."""
    part, size, first = "", 0, True
    for character in line:
        wide = len(character.encode("utf-8", "replace"))
        if size + wide > _LONGEST:
            yield part if first else f" {part}"
            part, size, first = "", 0, False
        part, size = part + character, size + wide
    yield part if first else f" {part}"
