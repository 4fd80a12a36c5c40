"""What a foreign postmortem says of itself above its sections: date, severity, owner, times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from incident.foreign import severity, tables
from incident.foreign.accounting import Ledger
from incident.foreign.reader import Reader
from incident.foreign.sections import Part, Source
from incident.foreign.source_text import Line
from incident.text import stamps
from incident.text.lazy_regex import lazy

_NAMES = {
    "date": "date, incident date, date of incident, date of the incident, occurred, when, date/time"
    ", date and time, day, incident day",
    "severity": "severity, sev, incident severity, severity level, priority, impact level",
    "owner": "owner, owners, team, owning team, service owner, incident owner, owned by"
    ", postmortem owner",
    "title": "title, incident, incident title, name",
    "tags": "tags, categories, labels, keywords",
    "started_at": "start, started, start time, began, incident start, started at, start date, from"
    ", incident started, outage start, time started",
    "detected_at": "detected, time detected, detection time, detected at, first detected",
    "acknowledged_at": "acknowledged, acknowledged at",
    "mitigated_at": "mitigated, mitigated at, time mitigated, mitigation time",
    "resolved_at": "end, ended, end time, resolved, resolved at, time resolved, resolution time, "
    "end date, to, resolved when, resolved on, ended at, incident end, outage end",
    "responders": "responders, responder, participants, on-call, on call, oncall",
    "incident_lead": "incident commander, incident lead, ic, lead, commander, incident manager",
    "authors": "author, authors, written by, prepared by, reviewer, reviewers",
}
_FACTS = {name: fact for fact, names in _NAMES.items() for name in names.split(", ")}
_LINE = lazy(
    r"\s*(?:[-*+]\s+)?(?:\*\*|__|\*|_)?(?P<name>[A-Za-z][A-Za-z/ -]{1,30}?)(?:\s*\([^()]{0,20}\))?"
    r"(?:\*\*|__|\*|_)?\s*:\s*(?:\*\*|__|\*|_)?\s*(?P<value>\S.*?)\s*(?:\*\*|__)?\s*\\?$"
)
_HANDLE = lazy(r"@([A-Za-z0-9][\w.-]*)")
_CAMEL = lazy(r"(?<=[a-z])(?=[A-Z])")


@dataclass
class Facts:
    """`day`: named as the incident's. `written_day`: only of the page, as of a post.

    `severity_written`: the words it stands for. `left`: frontmatter that has no place with us.
    """

    title: str = ""
    day: date | None = None
    written_day: date | None = None
    severity: str = ""
    severity_written: str = ""
    owner: str = ""
    tags: list[str] = field(default_factory=list)
    times: dict[str, datetime] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    left: dict[str, Any] = field(default_factory=dict)


def read(source: Source, aliases: Mapping[str, str], reader: Reader, ledger: Ledger) -> Facts:
    """Collect the facts, and take the lines that say nothing else out of the parts.

    `aliases`: other severities to P0..P3.
    """
    facts = Facts(title=source.title)
    written: list[tuple[str, str, int]] = []
    for key, value in source.meta.items():
        name = _CAMEL().sub(" ", str(key)).strip().casefold().replace("_", " ")
        fact = _FACTS.get(name, "")
        texts = [str(v) for v in value] if isinstance(value, list) else [str(value)]
        if fact == "tags":
            texts = texts if isinstance(value, list) else re.split(r"[,;]", str(value or ""))
            facts.tags += [text.strip() for text in texts if text.strip()]
        elif name in {"description", "summary"} and isinstance(value, str):
            facts.left["summary"] = value
        elif fact == "date" and value is not None:
            facts.written_day = _first_date(texts, reader)
            if "incident" in name or "occurred" in name:
                facts.day = facts.written_day
        elif fact.endswith("_at") and isinstance(value, bool):
            facts.left[str(key)] = value
        elif fact and value is not None and not isinstance(value, dict):
            written.append((fact, ", ".join(texts), 0))
        elif value not in (None, "", [], {}):
            facts.left[str(key)] = value
    for part in source.parts:
        if part.level == 1 or part.key in {"summary", "impact", "people"} or _is_details(part):
            written += _take(part)
    written += _headed(source)
    # the day first: the times may need it
    for fact, value, number in sorted(written, key=lambda one: one[0] != "date"):
        _understand(facts, fact, value, number, aliases, reader, ledger)
    if not facts.severity:
        facts.severity, facts.severity_written = severity.in_title(source.heading, aliases)
    if not facts.severity:
        lines = [line.plain for part in source.parts[:8] for line in part.lines]
        facts.severity, facts.severity_written = severity.in_sentences(lines, aliases)
    return facts


def handles(part: Part) -> list[str]:
    """The handles in a list of responders; [] if it says anything else."""
    found = []
    for line in part.lines:
        text = line.text.strip().lstrip("-*+ ").rstrip(".,;")
        if not text:
            continue
        match = _HANDLE().fullmatch(text)
        if match is None:
            return []
        found.append(match[1])
    return found


def _is_details(part: Part) -> bool:
    return bool(re.search(r"detail|meta|info", part.title.casefold()))


def _headed(source: Source) -> Iterator[tuple[str, str, int]]:
    """Sections that are one fact: `## Date`, and below it the day."""
    for part in source.parts[1:8]:
        fact = _fact(part.title)
        filled = [line for line in part.lines if line.text.strip()]
        if fact and len(filled) == 1 and len(filled[0].plain.strip()) < 120:
            value = filled[0].plain.strip()
            yield fact, value, filled[0].number
            if _is_said(fact, value):
                part.lines = []


def _take(part: Part) -> list[tuple[str, str, int]]:
    """The facts of a part, line by line and table by table; understood lines are removed."""
    found: list[tuple[str, str, int]] = []
    kept: list[Line] = []
    at = 0
    while at < len(part.lines):
        end = tables.end_of(part.lines, at)
        if end > at:
            rows = [row for row in part.lines[at:end] if not tables.is_ruler(row.plain)]
            taken = _table(rows)
            found += taken
            kept += [] if taken else part.lines[at:end]
            at = end
            continue
        line = part.lines[at]
        at += 1
        match = _LINE().match(source_line(line))
        fact = _FACTS.get(match["name"].strip().casefold(), "") if match else ""
        if match and fact and len(match["value"]) < 160:
            value = match["value"]
            following = part.lines[at].plain.strip() if at < len(part.lines) else ""
            if fact == "date" and re.fullmatch(r"[A-Z+:\d-]{2,6}", re.sub("<.*", "", following)):
                value += f" {re.sub('<.*', '', following)}"  # a zone that was wrapped
            found.append((fact, value, line.number))
            if _is_said(fact, value):
                continue
        kept.append(line)
    part.lines = kept
    return found


def source_line(line: Line) -> str:
    """A line without code, and without a break in HTML."""
    return re.sub(r"\s*<br\s*/?>\s*$", "", line.plain)


def _table(rows: list[Line]) -> list[tuple[str, str, int]]:
    """Facts of a table: names in its head with one row below, or names in its first column."""
    found = [tables.cells(row.plain) for row in rows]
    if not found:
        return []
    head = [_fact(cell) for cell in found[0]]
    if len(found) == 2 and sum(bool(fact) for fact in head) >= 2:
        pairs = zip(head, found[1], strict=False)
        return [(fact, value, rows[1].number) for fact, value in pairs if fact and value]
    if any(len(row) != 2 for row in found) or sum(bool(_fact(row[0])) for row in found) < 2:
        is_day = len(found[0]) == 2 and head[0] == "date" and stamps.first_day(found[0][1])
        return [("date", found[0][1], rows[0].number)] if is_day else []
    numbered = zip(found, rows, strict=True)
    return [
        (fact, cells[1], row.number)
        for cells, row in numbered
        if (fact := _fact(cells[0])) and cells[1]
    ]


def _fact(cell: str) -> str:
    return _FACTS.get(re.sub(r"[*_`:]", "", cell).strip().casefold(), "")


def _is_said(fact: str, value: str) -> bool:
    """Whether nothing is lost when the line is taken out of the text."""
    if fact in {"responders", "incident_lead", "authors"}:
        return not re.sub(r"@[\w.-]+|[\s,;&]|\band\b", "", value)
    if fact == "severity":
        return bool(severity.of_field(value, {})) and len(value) < 20
    if fact == "date":
        stamp = stamps.leading(value)
        return bool(stamp and stamp.day and not stamp.day.is_ambiguous and not stamp.clock)
    return fact in {"title", "owner"}


def _understand(
    facts: Facts,
    fact: str,
    value: str,
    number: int,
    aliases: Mapping[str, str],
    reader: Reader,
    ledger: Ledger,
) -> None:
    plain = re.sub(r"[*_`]", "", value).strip()
    if fact == "date":
        if day := _first_date([plain], reader):
            facts.day = facts.day or day
            reader.day = reader.reference = facts.day
            ledger.take(number)
    elif fact == "severity" and not facts.severity:
        facts.severity = severity.of_field(plain, aliases)
        facts.severity_written = plain[:60] if facts.severity and plain != facts.severity else ""
    elif fact == "owner" and not facts.owner:
        owner = re.split(r"[,;(]", plain)[0].strip().lstrip("@")
        is_cut = owner.endswith(("...", "\u2026")) or len(owner) > 80
        if owner and not is_cut and not re.fullmatch(r"(?i)tbd|n/?a|none|unknown|\W*", owner):
            facts.owner = owner
    elif fact == "title" and not facts.title:
        facts.title = plain
    elif fact.endswith("_at"):
        _time(facts, fact, plain, number, reader, ledger)
    elif fact in {"responders", "incident_lead"}:
        facts.roles.setdefault(fact, []).extend(_HANDLE().findall(value))


def _time(facts: Facts, fact: str, plain: str, number: int, reader: Reader, ledger: Ledger) -> None:
    stamp = stamps.leading(plain, 0, reader.order)
    if stamp is None or not stamp.clock:
        return
    moment = replace(reader, day=facts.day or reader.day).moment(stamp)
    if moment.at is None:
        ledger.leave(number, moment.problem)
        return
    facts.times.setdefault(fact, moment.at)
    ledger.take(number)


def _first_date(texts: list[str], reader: Reader) -> date | None:
    for text in texts:
        day = stamps.first_day(text, reader.order, with_year=True)
        if day and (found := reader.understand(day)):
            return found
    return None
