"""The timeline of an incident as a list: time, milestone, text, source; with its gaps and days.

The entries stay the author's Markdown, with the time in a `<time>` element; after the conversion,
the list around them gets its days, gaps and the timestamps that no entry mentions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from markupsafe import escape

from incident.postmortem import model, timeline_entries
from incident.postmortem.document import Document
from incident.postmortem.model import Postmortem
from incident.postmortem.timeline_entries import TimelineEntry
from incident.postmortem.timestamps import TIMESTAMPS
from incident.text import instants

GAP = timedelta(hours=2)  # a longer time without an entry is shown
UNDETECTED = timedelta(minutes=30)  # as is one before anyone knew
_ENTRY = re.compile(r'<li>(\s*(?:<p>)?)<time datetime="([^"]{10,40})">')
_LIST = re.compile(r'<ul>(?=\s*<li>\s*(?:<p>)?<time datetime=")')
_END = re.compile(r"</ul>")


class Row(NamedTuple):
    """A timestamp of the frontmatter in the list."""

    key: str
    at: datetime

    @property
    def title(self) -> str:
        """Its name: `Detected`."""
        return TIMESTAMPS[self.key].title


def marked(document: Document) -> str:
    """The text of a document; each entry of the timeline has a `<time>` and names its source."""

    def head(entry: TimelineEntry) -> str:
        at = (entry.at or datetime.min).astimezone(UTC)
        label = f"**{TIMESTAMPS[entry.clock].title}:** " if entry.clock else ""
        return f'<time datetime="{instants.iso(at)}">{at:%H:%M}</time> {label}'

    return timeline_entries.rewritten(document, head, "<small>{}</small>".format)


def arranged(html: str, p: Postmortem) -> str:
    """The converted section with days, gaps and the timestamps that no entry mentions."""
    rows = [Row(key, p.times[key]) for key in sorted(p.times, key=lambda key: p.times[key])]
    html = _LIST.sub('<ul class="tl">', html)
    found = list(_ENTRY.finditer(html))
    if not found:
        return html + _list("".join(_alone(rows, p))) if len(rows) > 1 else html
    times = [instants.parse(one[2]) for one in found]
    told = {_minute(at) for at in times if at}
    untold = [row for row in rows if _minute(row.at) not in told]
    stamps = {_minute(row.at): row.key for row in rows}
    parts, last, before = [], 0, None
    for match, at in zip(found, times, strict=True):
        parts.append(html[last : match.start()])
        last = match.end()
        while at and untold and untold[0].at < at:
            row = untold.pop(0)
            parts.append(_between(before, row.at, p) + _milestone(row))
            before = row.at
        key = stamps.get(_minute(at), "") if at else ""
        parts.append(_between(before, at, p) if at else "")
        style = f' class="mile {key[:-3]}"' if key else ""
        parts.append(f'<li{style}>{match[1]}<time datetime="{match[2]}">')
        before = at or before
    end = _END.search(html, last)
    at_end = end.start() if end else len(html)
    parts.append(html[last:at_end])
    for row in untold:
        parts.append(_between(before, row.at, p) + _milestone(row))
        before = row.at
    return "".join(parts) + html[at_end:]


def _alone(rows: list[Row], p: Postmortem) -> Iterator[str]:
    before = None
    for row in rows:
        yield _between(before, row.at, p) + _milestone(row)
        before = row.at


def _list(rows: str) -> str:
    return f'<ul class="tl">{rows}</ul>'


def _milestone(row: Row) -> str:
    at = row.at.astimezone(UTC)
    return (
        f'<li class="mile {row.key[:-3]}"><time datetime="{instants.iso(at)}">{at:%H:%M}</time> '
        f"<strong>{escape(row.title)}</strong></li>"
    )


def _between(before: datetime | None, at: datetime, p: Postmortem) -> str:
    """What stands before an entry: the gap since the one before it, and its day if that is new."""
    day = at.astimezone(UTC).date()
    said = ""
    if before is not None and at > before:
        began, detected = p.times.get("started_at"), p.times.get("detected_at")
        dark = bool(began and detected and began <= before and at <= detected)
        if at - before >= (UNDETECTED if dark else GAP):
            style, word = (" undetected", " undetected") if dark else ("", "")
            said = f'<li class="gap{style}">{model.duration(at - before)}{word}</li>'
    if before is None or before.astimezone(UTC).date() != day:
        zone = " (UTC)" if before is None else ""
        said += f'<li class="day">{day:%A, %B} {day.day}, {day.year}{zone}</li>'
    return said


def _minute(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC).replace(second=0, microsecond=0) if at else None
