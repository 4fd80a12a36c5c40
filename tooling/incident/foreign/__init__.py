"""Other people's postmortems into drafts of ours: `read` gives values, `write.render` the text.

What is not understood stays in the text; names of people are left for the linter to find.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from incident.drafts import new_draft
from incident.errors import UsageError
from incident.foreign import action_items, metadata, sections, timeline, timestamps
from incident.foreign.item_text import Item
from incident.foreign.sections import Line, Part
from incident.foreign.timeline import Entry
from incident.foreign.timestamps import Reader
from incident.postmortem import conflicts
from incident.postmortem.timestamps import TIMESTAMPS
from incident.repository.config import Config
from incident.text.untrusted_text import one_line

MAX_BYTES = 1_000_000
MAX_ITEMS = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Options:
    """What the document may leave out. `zone`: an offset, for times without one."""

    owner: str = ""
    severity: str = ""
    day: date | None = None
    zone: str = "+00:00"
    day_first: bool = False


class Other(NamedTuple):
    """A section that has no name with us."""

    title: str
    text: str


@dataclass
class Imported:
    """A draft and how it came about. `assumed`: times that were guessed; `missing`: what to add."""

    file: str
    id: str
    title: str
    severity: str
    severity_written: str
    owner: str
    day: date
    day_only: bool = False
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


def decode(raw: bytes, name: str) -> str:
    """The text of a file. Raises UsageError on what is no text, or too large."""
    if len(raw) > MAX_BYTES:
        raise UsageError(f"{name}: {len(raw) / 1e6:.1f} MB (limit 1 MB)", "is it a postmortem?")
    if not raw.strip():
        raise UsageError(f"{name}: the file is empty", "name a Markdown file")
    if (at := raw.find(b"\0")) >= 0:
        raise UsageError(
            f"{name}: a NUL byte at {at}: this is no text file", "name a Markdown file"
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UsageError(
            f"{name}:{line}: byte 0x{raw[error.start]:02x} is not UTF-8", "save the file as UTF-8"
        ) from None
    if found := conflicts.find(text):
        line = text.count("\n", 0, found.start) + 1
        raise UsageError(f"{name}:{line}: {found.message}", conflicts.HINT)
    return text


def read(text: str, name: str, options: Options, config: Config) -> Imported:
    """Understand the postmortem `text` of the file `name`.

    Raises UsageError where what a draft must have is neither there nor among the options, and
    where the document is one of ours.
    """
    source = sections.read(_CONTROL.sub("", text))
    if "id" in source.meta and "schema_version" in source.meta:
        raise UsageError(
            f"{name}: is a postmortem of this format already", "move it to the archive"
        )
    stem = re.sub(r"\.(?:md|markdown|txt)$", "", name.rpartition("/")[2], flags=re.IGNORECASE)
    reader = Reader("", options.day, options.day_first, fallback=options.zone)
    known = metadata.read(source, stem, config.severity_aliases, reader)
    mentioned = _any_day(source.parts, options)
    reader.day = options.day or known.day or mentioned
    zone = next(
        (z for p in source.parts if p.key == "timeline" and (z := timestamps.zone_of(p.title))), ""
    )
    reader.zone = zone
    found = _Collected()
    for part in source.parts:
        found.take(part, reader, known)
    entries = [e for e in found.entries if e.at or e.day]
    day = options.day or known.day or next((e.day for e in entries if e.day), None)
    if day is None and mentioned:
        day = mentioned
        source.notes.append(f"the day {day} is the first that the text mentions: confirm")
    if day is None:
        raise UsageError(f"{name}: no date is found in it", "say the day: --date 2025-05-14")
    if len(found.items) > MAX_ITEMS:
        raise UsageError(
            f"{name}: {len(found.items)} action items (limit {MAX_ITEMS})", "is it a postmortem?"
        )
    times, assumed = _times(known, entries)
    owner = options.owner or known.owner
    if not owner:
        raise UsageError(f"{name}: no owner is found in it", "name one team: --owner data-platform")
    title = one_line(known.title) or "Imported postmortem"
    if len(title) > 200:
        title = title[:199].rstrip() + "\u2026"
    result = Imported(
        file=one_line(name.replace("\\", "/").rpartition("/")[2]),
        id=f"{day.isoformat()}-{new_draft.slug(title)}",
        title=title,
        severity=options.severity or known.severity or "P2",
        severity_written=one_line(known.severity_written),
        owner=one_line(owner).lstrip("@"),
        day=day,
        day_only=not times,
        times=times or {"detected_at": datetime(day.year, day.month, day.day, tzinfo=UTC)},
        assumed=assumed,
        roles={role: list(dict.fromkeys(who)) for role, who in known.roles.items() if who},
        tags=list(dict.fromkeys(one_line(t) for t in known.tags if one_line(t))),
        left=known.left,
        entries=entries,
        items=found.items,
        texts={key: text for key, texts in found.texts.items() if (text := _joined(texts))},
        others=[o for o in found.others if o.text],
        notes=source.notes,
    )
    _complete(result, options, known, reader)
    return result


@dataclass
class _Collected:
    entries: list[Entry] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    others: list[Other] = field(default_factory=list)

    def take(self, part: Part, reader: Reader, known: metadata.Facts) -> None:
        if part.key == "timeline":
            entries, rest = timeline.read(part.title, part.lines, reader)
            self.entries += entries
            self.texts.setdefault("timeline", []).append(_text(rest))
        elif part.key == "action_items":
            read_, rest = action_items.read(part.title, part.lines, reader)
            for item in read_:
                item.group = item.group or (part.title if part.level > 2 else "")
            self.items += read_
            self.others.append(Other(part.title, _text(rest)))
        elif part.key == "people" and (who := metadata.handles(part)):
            known.roles.setdefault("responders", []).extend(who)
        elif part.key in {"", "people"} and part.level > 1:
            self.others.append(Other(part.title, _text([line.text for line in part.lines])))
        else:
            lines = [self._inline(line, reader) for line in part.lines]
            text = _text([line for line in lines if line is not None])
            key = part.key or "summary"
            before = self.texts.setdefault(key, [])
            said = len(part.title) > 45 or ":" in part.title.strip(" :")
            if text and (said or (before and (key != "summary" or len(before) > 1))):
                text = f"### {part.title}\n\n{text}"
            if text:
                before.append(text)

    def _inline(self, line: Line, reader: Reader) -> str | None:
        """A line of prose; one that says "Action item:" becomes an item."""
        if re.match(r"\s*(?:[-*+]\s+)?\*\*action item", line.plain, re.IGNORECASE):
            found, rest = action_items.read("", [Line(line.text.lstrip(" -+"), line.plain)], reader)
            if found and not rest:
                self.items += found
                return None
        return line.text


def _text(lines: list[str]) -> str:
    """Lines as Markdown: no blank lines at the ends, one between."""
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return re.sub(r"(?:\A|\n)\s*(?:-{3,}|\*{3,}|_{3,})\s*\Z", "", text).strip("\n")


def _joined(texts: list[str]) -> str:
    return "\n\n".join(text for text in texts if text.strip())


def _any_day(parts: list[Part], options: Options) -> date | None:
    """The first date with a year anywhere in the document: headings first."""
    texts = [part.title for part in parts]
    texts += [line.plain for part in parts for line in part.lines]
    for text in texts:
        day = timestamps.first_day(text, options.day_first, with_year=True)
        if day and day.year:
            return date(day.year, day.month, day.day)
    return None


def _times(
    known: metadata.Facts, entries: list[Entry]
) -> tuple[dict[str, datetime], tuple[str, ...]]:
    """The timestamps, and which of them the timeline only suggests."""
    from incident.foreign import render

    times = dict(known.times)
    suggested = render.candidates([(e.at, e.text) for e in entries if e.at])
    assumed = []
    for key, at in suggested.items():
        if key not in times:
            others = {**times, key: at}
            order = [others[k] for k in TIMESTAMPS if k in others]
            if order == sorted(order):
                times[key] = at
                assumed.append(key)
    return {key: times[key] for key in TIMESTAMPS if key in times}, tuple(assumed)


def _groups(found: list[Item]) -> str:
    """Under which headings the action items stood: `- Short-term improvements: AI-3, AI-4`."""
    numbers: dict[str, list[str]] = {}
    for number, item in enumerate(found, 1):
        numbers.setdefault(item.group, []).append(f"AI-{number}")
    return "\n".join(f"- {name}: {', '.join(ids)}" for name, ids in numbers.items() if name)


def _complete(found: Imported, options: Options, known: metadata.Facts, reader: Reader) -> None:
    """Number the items, and say what is missing and what was assumed."""
    if not (options.severity or known.severity):
        found.notes.append("severity P2 is assumed: the document names none")
    if not reader.zone and any(e.at for e in found.entries):
        found.notes.append(f"times without a zone are read as {options.zone}")
    asked = {
        "a timeline": bool(found.entries),
        "action items": bool(found.items),
        "owners of action items": bool(found.items) and all(item.owner for item in found.items),
        "dates of action items": bool(found.items) and all(item.due for item in found.items),
        "proofs of what is done": all(item.status != "done" or item.urls for item in found.items),
        "a root cause": "root_cause" in found.texts,
        "an impact": "impact" in found.texts,
        "what went well": "what_went_well" in found.texts,
    }
    if groups := _groups(found.items):
        found.others.append(Other("Action items as they were grouped", groups))
    for number, item in enumerate(found.items, 1):
        urls = item.urls[1:] if item.status == "done" else item.urls
        found.evidence += [(f"AI-{number}", url) for url in urls]
    found.missing = [name for name, there in asked.items() if not there]
