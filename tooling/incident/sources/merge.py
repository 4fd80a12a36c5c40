"""Entries into the timeline of a postmortem: in order, never twice, in the timeline's own form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from incident.errors import UsageError
from incident.postmortem import conflicts, document, model, sections, timeline_entries
from incident.postmortem.document import Document
from incident.postmortem.timeline_entries import TimelineEntry
from incident.postmortem.timestamps import LABELS, TIMESTAMPS
from incident.sources import Entry
from incident.text import instants

_MINUTE = timedelta(minutes=1)


def merge(text: str, entries: Iterable[Entry]) -> tuple[str, list[Entry]]:
    """`text` with the entries that its timeline lacks, and these.

    An entry is there already when one of the same minute says the same words. A label (`clock`) is
    written only where the frontmatter has that moment. Raises UsageError where the timeline cannot
    take them without changing what its other entries mean.
    """
    conflicts.refuse(text)
    found = document.parse(text, "")
    old = timeline_entries.read(found)
    known = {_key(entry.at, text) for entry in old if entry.at for text in _ways(entry)}
    times = model.postmortem(found).times
    labels = {entry.clock for entry in old}
    new: list[Entry] = []
    for entry in sorted(entries, key=lambda entry: entry.at):
        entry = entry._replace(text=entry.text.replace("<!--", "&lt;!--"))  # would hide the rest
        stamp = times.get(entry.clock)
        if stamp is None or abs(stamp - entry.at) >= _MINUTE or entry.clock in labels:
            entry = entry._replace(clock="")
        if (key := _key(entry.at, entry.text)) not in known:
            known.add(key)
            labels.add(entry.clock)
            new.append(entry)
    if not new:
        return text, []
    for explicit in (False, True):
        changed = _insert(found, old, new, explicit)
        if _same(changed, old, new):
            return changed, new
    undated = next((e for e in old if e.at and e.written[4:5] != "-"), old[0] if old else None)
    number = found.span(undated.start, undated.end).line if undated else 1
    raise UsageError(
        f"the timeline cannot take the new entries: line {number} would mean another day",
        "write the date at the beginning of every entry",
    )


def line(entry: Entry) -> str:
    """An entry as a line of a list, in UTC."""
    return f"- {_time(entry.at, UTC)} {_text(entry)}"


def _ways(entry: TimelineEntry) -> list[str]:
    """The words of an entry, and with each label that means its clock."""
    labels = [label for label, clock in LABELS.items() if clock == entry.clock]
    return [entry.text, *(f"{label}: {entry.text}" for label in labels)]


def _key(at: datetime, text: str) -> tuple[datetime, str]:
    """What makes two entries the same: the minute, and the words without markup."""
    plain = re.sub(r"[\\*`]|&#?\w{1,31};|\|", "", text).strip(" :.,-\u2013\u2014").casefold()
    return at.astimezone(UTC).replace(second=0, microsecond=0), " ".join(plain.split())


def _time(at: datetime, zone: tzinfo | None, near: str = "") -> str:
    """A time in a zone, joined as the one `near` it is: by a blank, or by T."""
    shown = instants.iso(at.astimezone(zone or UTC))
    return shown if near[10:11] == "T" else shown.replace("T", " ")


def _text(entry: Entry) -> str:
    stamp = TIMESTAMPS.get(entry.clock)
    text = f"**{stamp.label}**: {entry.text}" if stamp else entry.text
    return timeline_entries.marked(text, entry.origin)


def _insert(found: Document, old: list[TimelineEntry], new: list[Entry], explicit: bool) -> str:
    """The text with the new lines; `explicit` dates the entry after each of them as well."""
    text, section = found.text, found.by_key.get("timeline")
    newline = "\r\n" if "\r\n" in text else "\n"
    if section is None:
        return _with_section(found, [line(entry) for entry in new], newline)
    timed = [entry for entry in old if entry.at]
    outer = min((_indent(text, entry) for entry in timed), default=0)
    timed = [entry for entry in timed if _indent(text, entry) < outer + 2]
    groups: dict[int, list[Entry]] = {}
    for entry in new:
        before = [i for i, other in enumerate(timed, 1) if other.at and other.at <= entry.at]
        groups.setdefault(before[-1] if before else 0, []).append(entry)
    gap = newline * (2 if _is_loose(text, timed) else 1)
    edits: list[tuple[int, int, str]] = []
    for index, group in groups.items():
        near = timed[max(index - 1, 0)] if timed else None
        lines = [_like(text, near, entry) for entry in group]
        if index < len(timed):
            after = timed[index]
            at = text.rfind("\n", 0, after.start) + 1
            edits.append((at, at, "".join(row + gap for row in lines)))
            if explicit and after.at and after.written[4:5] != "-":
                start = text.index(after.written, after.start)
                edits.append((start, start + len(after.written), _time(after.at, after.at.tzinfo)))
        elif timed:
            at = _block_end(text, timed[-1].end, section.end)
            lead = ("" if text[:at].endswith("\n") else newline) + gap[len(newline) :]
            edits.append((at, at, lead + gap.join(lines) + newline))
        else:  # after the comment that says what belongs here
            at = last_line_end(text, section.heading_end, section.end)
            tail = newline if at == len(text) else ""
            edits.append((at, at, newline * 2 + newline.join(lines) + tail))
    for start, end, added in sorted(edits, reverse=True):
        text = text[:start] + added + text[end:]
    return text


def _like(text: str, near: TimelineEntry | None, entry: Entry) -> str:
    """A line in the form of the one next to it: the same mark and zone, or a row of that table."""
    if near is None or near.at is None:
        return line(entry)
    time, words = _time(entry.at, near.at.tzinfo, near.written), _text(entry)
    start = text.rfind("\n", 0, near.start) + 1
    mark = text[start : near.start]
    if not mark.lstrip().startswith("|"):
        return f"{mark}{time} {words}"
    row = text[start : near.end]
    cells = max(len(re.findall(r"(?<!\\)\|", row)) - 1, 2)
    safe = re.sub(r"(?<!\\)\|", "&#124;", words)
    return f"{mark}{time} | {safe} |" + "  |" * (cells - 2)


def _indent(text: str, entry: TimelineEntry) -> int:
    mark = text[text.rfind("\n", 0, entry.start) + 1 : entry.start]
    return len(mark) - len(mark.lstrip())


def _is_loose(text: str, timed: Sequence[TimelineEntry]) -> bool:
    """Whether blank lines stand between the entries."""
    if len(timed) < 2:
        return False
    between = text[timed[0].end : text.rfind("\n", 0, timed[1].start) + 1]
    return between.replace("\r", "").endswith("\n\n")


def _block_end(text: str, at: int, end: int) -> int:
    """Where the last entry ends, with the lines that belong to it."""
    at = text.find("\n", at, end) + 1 or end
    while at < end:
        line_end = text.find("\n", at, end) + 1 or end
        row = text[at:line_end]
        if not row.strip():
            after = text[line_end : text.find("\n", line_end, end) + 1 or end]
            if not after.strip() or not after.startswith((" ", "\t")):
                return at
        elif row.startswith(("<!--", "#")):
            return at
        at = line_end
    return at


def last_line_end(text: str, start: int, end: int) -> int:
    """Where the last line with words in it ends, before its line end."""
    words = start + len(text[start:end].rstrip())
    line_end = text.find("\n", words, end)
    return words + len(text[words : line_end if line_end >= 0 else end].rstrip("\r\n"))


def _with_section(found: Document, lines: list[str], newline: str) -> str:
    """The text with a Timeline section, before the sections that follow it by custom."""
    keys = list(sections.TITLES)
    later = set(keys[keys.index("timeline") + 1 :]) | {"action_items"}
    place = next((s.start for s in found.sections if s.key in later), len(found.text))
    head, tail = found.text[:place].rstrip("\r\n"), found.text[place:]
    body = f"## Timeline{newline * 2}{newline.join(lines)}{newline}"
    return f"{head}{newline * 2}{body}{newline if tail else ''}{tail}"


def _same(changed: str, old: list[TimelineEntry], new: list[Entry]) -> bool:
    """Whether the old entries mean what they did, and the new ones what they should."""
    now = Counter(
        (e.at, e.clock, e.text) for e in timeline_entries.read(document.parse(changed, ""))
    )
    kept = Counter((e.at, e.clock, e.text) for e in old)
    if kept - now:
        return False
    added = Counter(at for (at, _, _), n in (now - kept).items() for _ in range(n) if at)
    return added == Counter(e.at.replace(second=0, microsecond=0) for e in new)
