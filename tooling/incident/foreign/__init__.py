"""Postmortems in other formats, as drafts: `read` gives values, `render.render` the text.

Nothing half-understood becomes a fact: what is not certain stays in the text as it was written,
and the account says so. Names of people are left for the linter to find.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from incident.drafts import new_draft
from incident.errors import UsageError
from incident.foreign import (
    file_hints,
    incident_day,
    metadata,
    notes,
    old_numbers,
    sections,
    source_text,
    suggested_times,
)
from incident.foreign.accounting import Ledger
from incident.foreign.collected import Collected
from incident.foreign.file_hints import Hints
from incident.foreign.imported import Imported, Other
from incident.foreign.item_text import Item
from incident.foreign.metadata import Facts
from incident.foreign.reader import Reader
from incident.foreign.sections import Source
from incident.postmortem import conflicts
from incident.repository.config import Config
from incident.text import dates, zones
from incident.text.dates import Order
from incident.text.untrusted_text import one_line
from incident.text.zones import Zone

MAX_BYTES = 1_000_000
MAX_ITEMS = 500


@dataclass(frozen=True)
class Options:
    """What the document may leave out. `zone`: for times without one; `order`: of numeric days.

    `now`: what is later cannot have happened.
    """

    owner: str = ""
    severity: str = ""
    day: date | None = None
    zone: Zone | None = None
    order: Order | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def decode(raw: bytes, name: str) -> str:
    """The text of a file. Raises UsageError if it isn't text, or is too large."""
    if len(raw) > MAX_BYTES:
        raise UsageError(f"{name}: {len(raw) / 1e6:.1f} MB (limit 1 MB)", "is it a postmortem?")
    if not raw.strip():
        raise UsageError(f"{name}: the file is empty", "name a Markdown file")
    if (at := raw.find(b"\0")) >= 0:
        raise UsageError(
            f"{name}: a NUL byte at {at}: this isn't a text file", "name a Markdown file"
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
    source = sections.read(text)
    if "id" in source.meta and "schema_version" in source.meta:
        raise UsageError(
            f"{name}: is a postmortem of this format already", "move it to the archive"
        )
    hints, ledger = file_hints.of_name(name), Ledger()
    prose = [(line.number, line.plain) for line in source.body.lines() if line.plain.strip()]
    reader = _reader(source, name, hints, [text for _, text in prose], options)
    facts = metadata.read(source, config.severity_aliases, reader, ledger)
    found = incident_day.before_timeline(source, facts, hints, reader)
    if options.day:
        found = incident_day.Found(options.day, True)
    reader.day, reader.reference = found.day, found.day or reader.reference
    collected = Collected(reader, ledger)
    for part in source.parts:
        collected.take(part, facts.roles)
    if len(collected.items) > MAX_ITEMS:
        raise UsageError(
            f"{name}: {len(collected.items)} action items (limit {MAX_ITEMS})",
            "is it a postmortem?",
        )
    found = incident_day.after_timeline(found, collected.entries)
    if found.day is None:
        texts = [part.title for part in source.parts] + [text for _, text in prose]
        found = incident_day.anywhere(texts, reader)
    if found.day is None:
        raise _no_day(name, prose)
    owner = one_line(options.owner or facts.owner).lstrip("@")
    if not owner:
        raise UsageError(f"{name}: no owner is found in it", "name one team: --owner data-platform")
    title = _title(source, facts, hints)
    times, assumed = suggested_times.timestamps(facts.times, collected.entries)
    above = source.above
    code = {
        line.number for line in source.body.lines() if line.text.strip() and not line.plain.strip()
    }
    result = Imported(
        file=one_line(name.replace("\\", "/").rpartition("/")[2]),
        id=f"{found.day.isoformat()}-{new_draft.slug(title)}",
        title=title,
        severity=options.severity or facts.severity or "P2",
        severity_written=one_line(facts.severity_written),
        owner=owner,
        day=found.day,
        account=ledger.account(name, source_text.clean(text), above, code),
        times=times,
        assumed=assumed,
        roles={role: list(dict.fromkeys(who)) for role, who in facts.roles.items() if who},
        tags=_tags(facts.tags, old_numbers.find(name, facts.title or source.heading)),
        left=facts.left,
        entries=collected.entries,
        items=collected.items,
        texts={key: text for key, texts in collected.texts.items() if (text := _joined(texts))},
        others=[other for other in collected.others if other.text],
    )
    believed = suggested_times.believed(result.entries)
    result.notes = [
        *source.notes,
        *notes.about_day(
            found, incident_day.disagreement(found.day, hints, believed, source, reader)
        ),
        *notes.about_times(result, reader),
        *notes.about_severity(bool(options.severity or facts.severity)),
    ]
    _complete(result)
    return result


def _reader(source: Source, name: str, hints: Hints, texts: list[str], options: Options) -> Reader:
    """A reader that knows what holds for the whole document."""
    titles = [part.title for part in source.parts] + [source.heading]
    anchors = [day for day in (hints.day, hints.month, options.day) if day]
    order = options.order or dates.order_of([*texts, *titles], anchors)
    page = None
    if order is None and not anchors:
        page = file_hints.committed(Path(name))
        order = dates.order_of([*texts, *titles], [page] if page else [])
    said = {zone.name: zone for text in texts if (zone := zones.stated(text))}
    return Reader(
        now=options.now,
        order=order,
        reference=next(iter(anchors), page),
        document_zone=next(iter(said.values())) if len(said) == 1 else None,
        implied=zones.implied(texts) if not said else None,
        fallback=options.zone,
        meanings=zones.explained(texts),
    )


def _no_day(name: str, prose: list[tuple[int, str]]) -> UsageError:
    if unclear := incident_day.unclear(prose):
        number, text = unclear
        return UsageError(
            f"{name}:{number}: it is not clear which number is the day: {text.strip()[:60]}",
            "say --day-first or --month-first, or the day: --date 2025-05-14",
        )
    return UsageError(f"{name}: no date is found in it", "say the day: --date 2025-05-14")


def _title(source: Source, facts: Facts, hints: Hints) -> str:
    title = facts.title or file_hints.title_of(hints.words)
    title = notes.without_day(one_line(title)) or one_line(source.heading) or "Imported postmortem"
    return title if len(title) <= 200 else title[:199].rstrip() + "\u2026"


def _tags(written: list[str], number: str) -> list[str]:
    """The tags, with the incident's former number: it stays searchable."""
    found = [tag for text in (*written, number) if (tag := one_line(text))]
    return list({tag.casefold(): tag for tag in reversed(found)}.values())[::-1]


def _joined(texts: list[str]) -> str:
    return "\n\n".join(text for text in texts if text.strip())


def _groups(found: list[Item]) -> str:
    """Under which headings the action items were: `- Short-term improvements: AI-3, AI-4`."""
    numbers: dict[str, list[str]] = {}
    for number, item in enumerate(found, 1):
        numbers.setdefault(item.group, []).append(f"AI-{number}")
    return "\n".join(f"- {name}: {', '.join(ids)}" for name, ids in numbers.items() if name)


def _complete(found: Imported) -> None:
    """Number the items, and say what is missing."""
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
