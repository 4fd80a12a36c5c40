"""What a foreign postmortem says of itself above its sections: date, severity, owner, times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from incident.foreign import timestamps
from incident.foreign.sections import Line, Part, Source
from incident.foreign.timeline import cells, is_ruler
from incident.foreign.timestamps import Reader
from incident.text.lazy_regex import lazy

_NAMES = {
    "date": "date, incident date, date of incident, date of the incident, occurred, when",
    "severity": "severity, sev, incident severity, severity level, priority, impact level",
    "owner": "owner, owners, team, owning team, service owner, incident owner, owned by",
    "title": "title, incident, incident title, name",
    "tags": "tags, categories, labels",
    "started_at": "start, started, start time, began, incident start, started at, start date, from",
    "detected_at": "detected, time detected, detection time, detected at, first detected",
    "acknowledged_at": "acknowledged, acknowledged at",
    "mitigated_at": "mitigated, mitigated at, time mitigated, mitigation time",
    "resolved_at": "end, ended, end time, resolved, resolved at, time resolved, resolution time, "
    "end date, to",
    "responders": "responders, responder, participants, on-call, on call, oncall",
    "incident_lead": "incident commander, incident lead, ic, lead, commander, incident manager",
    "authors": "author, authors, written by, prepared by, reviewer, reviewers",
}
_FACTS = {name: fact for fact, names in _NAMES.items() for name in names.split(", ")}
_LINE = lazy(
    r"\s*(?:[-*+]\s+)?(?:\*\*|__|\*|_)?(?P<name>[A-Za-z][A-Za-z -]{1,30}?)(?:\s*\([^()]{0,20}\))?"
    r"(?:\*\*|__|\*|_)?\s*:\s*(?:\*\*|__|\*|_)?\s*(?P<value>\S.*?)\s*(?:\*\*|__)?\s*\\?$"
)
_HANDLE = lazy(r"@([A-Za-z0-9][\w.-]*)")
_LEVEL = lazy(r"(?<![\w-])(?P<scale>p|sev(?:erity)?)[ -]?(?P<number>[0-5])(?!\w)", re.IGNORECASE)
_SEV = {"0": "P0", "1": "P0", "2": "P1", "3": "P2", "4": "P3", "5": "P3"}
_WORDS = {
    **dict.fromkeys(("critical", "blocker", "emergency", "highest"), "P0"),
    **dict.fromkeys(("high", "major", "severe"), "P1"),
    **dict.fromkeys(("medium", "moderate", "normal"), "P2"),
    **dict.fromkeys(("low", "minor", "trivial", "lowest"), "P3"),
}


@dataclass
class Facts:
    """`day`: the document's own date. `severity_written`: the words it stands for.

    `left`: frontmatter that has no place with us.
    """

    title: str = ""
    day: date | None = None
    severity: str = ""
    severity_written: str = ""
    owner: str = ""
    tags: list[str] = field(default_factory=list)
    times: dict[str, datetime] = field(default_factory=dict)
    roles: dict[str, list[str]] = field(default_factory=dict)
    left: dict[str, Any] = field(default_factory=dict)


def read(source: Source, stem: str, aliases: Mapping[str, str], reader: Reader) -> Facts:
    """Collect the facts, and take the lines that say nothing else out of the parts.

    `stem`: the file's name without its ending; `aliases`: other severities to P0..P3.
    """
    facts = Facts(title=source.title)
    facts.day = _first_date([source.title], reader)
    written: list[tuple[str, str]] = []
    for key, value in source.meta.items():
        fact = _FACTS.get(str(key).strip().casefold().replace("_", " "), "")
        texts = [str(v) for v in value] if isinstance(value, list) else [str(value)]
        if fact == "tags":
            facts.tags += [t for t in texts if t]
        elif str(key).casefold() in {"description", "summary"} and isinstance(value, str):
            facts.left["summary"] = value
        elif fact and value is not None and not isinstance(value, dict):
            written.append((fact, ", ".join(texts)))
        elif value not in (None, "", [], {}):
            facts.left[str(key)] = value
    written += _headed(source)
    for part in _first_parts(source):
        written += _take(part)
    for fact, value in written:
        _understand(facts, fact, value, aliases, reader)
    words = re.sub(r"[_\s]+", " ", stem)
    found = _first_date([source.title, words.replace(" ", "-"), words], reader)
    facts.day = facts.day or found
    if not facts.title:
        facts.title = _title_of(words)
    stamp = timestamps.leading(facts.title)
    if stamp and stamp.day and len(facts.title) - stamp.end > 5:
        facts.title = facts.title[stamp.end :]
    facts.title = _without_day(facts.title)
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


def severity(text: str, aliases: Mapping[str, str]) -> str:
    """P0..P3 for what a document calls its severity, "" if that is not known."""
    plain = re.sub(r"[*_`]", "", text).strip()
    for alias, level in aliases.items():
        if re.match(rf"{re.escape(alias)}(?!\w)", plain, re.IGNORECASE):
            return level
    if found := _LEVEL().search(plain):
        number = found["number"]
        return f"P{min(3, int(number))}" if found["scale"].lower() == "p" else _SEV[number]
    first = re.match(r"[A-Za-z]+", plain)
    return _WORDS.get(first[0].casefold(), "") if first else ""


def _first_parts(source: Source) -> Iterator[Part]:
    """Where facts stand: the lead, a summary, a section of details."""
    for part in source.parts[:6]:
        name = part.title.casefold()
        known = part.key in {"summary", "impact", "people"}
        if not name or known or re.search(r"detail|meta|info", name):
            yield part


def _headed(source: Source) -> Iterator[tuple[str, str]]:
    """Sections that are one fact: `## Date`, and below it the day."""
    for part in source.parts[1:8]:
        fact = _fact(part.title)
        filled = [line.plain.strip() for line in part.lines if line.text.strip()]
        if fact and len(filled) == 1 and len(filled[0]) < 120:
            yield fact, filled[0]
            if _is_said(fact, filled[0]):
                part.lines = []


def _take(part: Part) -> list[tuple[str, str]]:
    """The facts of a part, line by line and table by table; understood lines are removed."""
    found: list[tuple[str, str]] = []
    kept: list[Line] = []
    at = 0
    while at < len(part.lines):
        line = part.lines[at]
        if "|" in line.plain and at + 1 < len(part.lines) and is_ruler(part.lines[at + 1].plain):
            end = at
            while end < len(part.lines) and "|" in part.lines[end].plain:
                end += 1
            rows = [cells(row.plain) for row in part.lines[at:end]]
            taken = _table([rows[0], *rows[2:]])
            found += taken
            if not taken:
                kept += part.lines[at:end]
            at = end
            continue
        at += 1
        match = _LINE().match(line.plain)
        fact = _FACTS.get(match["name"].strip().casefold(), "") if match else ""
        if match and fact and len(match["value"]) < 160:
            found.append((fact, match["value"]))
            if _is_said(fact, match["value"]):
                continue
        kept.append(line)
    part.lines = kept
    return found


def _table(rows: list[list[str]]) -> list[tuple[str, str]]:
    """Facts of a table: names in its head with one row below, or names in its first column."""
    head = [_fact(cell) for cell in rows[0]]
    if len(rows) == 2 and sum(bool(fact) for fact in head) >= 2:
        pairs = zip(head, rows[1], strict=False)
        return [(fact, value) for fact, value in pairs if fact and value]
    if any(len(row) != 2 for row in rows) or sum(bool(_fact(row[0])) for row in rows) < 2:
        return []
    return [(fact, row[1]) for row in rows if (fact := _fact(row[0])) and row[1]]


def _fact(cell: str) -> str:
    return _FACTS.get(re.sub(r"[*_`:]", "", cell).strip().casefold(), "")


def _is_said(fact: str, value: str) -> bool:
    """Whether nothing is lost when the line is taken out of the text."""
    if fact in {"responders", "incident_lead", "authors"}:
        return not re.sub(r"@[\w.-]+|[\s,;&]|\band\b", "", value)
    if fact == "severity":
        return bool(severity(value, {})) and len(value) < 20
    return fact in {"title", "owner"} or (fact == "date" and len(value) < 30)


def _understand(
    facts: Facts, fact: str, value: str, aliases: Mapping[str, str], reader: Reader
) -> None:
    plain = re.sub(r"[*_`]", "", value).strip()
    if fact == "date":
        facts.day = _first_date([plain], reader) or facts.day
        reader.day = facts.day or reader.day
    elif fact == "severity" and not facts.severity:
        facts.severity = severity(plain, aliases)
        facts.severity_written = plain[:60] if facts.severity and plain != facts.severity else ""
    elif fact == "owner" and not facts.owner:
        owner = re.split(r"[,;(]", plain)[0].strip().lstrip("@")
        if owner and not re.fullmatch(r"(?i)tbd|n/?a|none|unknown|\W*", owner):
            facts.owner = owner[:80]
    elif fact == "title" and not facts.title:
        facts.title = plain
    elif fact.endswith("_at"):
        stamp = timestamps.leading(plain, day_first=reader.day_first)
        stands_alone = stamp and (stamp.day or facts.day)
        if stamp and stands_alone and stamp.clock:
            at = replace(reader, day=facts.day).instant(stamp)
            if at is not None:
                facts.times.setdefault(fact, at)
    elif fact in {"responders", "incident_lead"}:
        facts.roles.setdefault(fact, []).extend(_HANDLE().findall(value))


def _first_date(texts: list[str], reader: Reader) -> date | None:
    for text in texts:
        day = timestamps.first_day(text, reader.day_first, with_year=True)
        if day and (found := reader.date(day)):
            return found
    return None


def _without_day(title: str) -> str:
    """`Surveys broken - October 3, 2025` without the day."""
    for match in re.finditer(r"\s*(?:[-\u2013\u2014,(]|\bon\b)\s*", title):
        stamp = timestamps.leading(title, match.end())
        if stamp and stamp.day and stamp.end >= len(title) and match.start() > 5:
            return title[: match.start()]
    return title


def _title_of(words: str) -> str:
    """A title from a file's name: `2021-05-09-negative-coins` as "Negative coins"."""
    plain = re.sub(r"^[\W\d]+", "", words).strip()
    plain = re.sub(r"[-_]+", " ", re.sub(r"(?i)\.md$", "", plain)).strip()
    return plain[:1].upper() + plain[1:] if plain else ""
