"""What sources know, into a draft or a postmortem: empty places are filled, nothing is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from incident.errors import IncidentError
from incident.postmortem import document, edit, model, recorded_lineage, signatures
from incident.postmortem.document import Document
from incident.sources import Prefill
from incident.sources.merge import last_line_end, merge
from incident.text import instants
from incident.text.untrusted_text import cut
from incident.text.values import string

MAX_SIGNATURES = 20
MAX_EDGES = 100
_LINEAGE = ("impact", "lineage")


def apply(text: str, known: Prefill) -> tuple[str, list[str]]:
    """`text` with what is known, and what found no place in it, for people.

    Doing it twice changes nothing more. Raises UsageError as `merge` does.
    """
    left: list[str] = []
    text = _fill(text, known, left)
    text = _lists(text, known, left)
    for key, words in known.sections.items():
        text = _section(text, key, words, left)
    text, _ = merge(text, known.entries)
    return text, left


def add_reason(text: str, severity: str, reason: str) -> str:
    """`text` with a comment under Impact that says why this severity was proposed."""
    section = document.parse(text, "").by_key.get("impact")
    if section is None or not reason:
        return text
    words = cut(reason, 300).replace("--", "- -").replace("<", "&lt;").replace(">", "&gt;")
    newline = "\r\n" if "\r\n" in text else "\n"
    note = f"<!-- {severity} is proposed: {words}. Confirm it, or change it. -->"
    at = section.heading_end
    return f"{text[:at]}{newline * 2}{note}{text[at:]}"


def _fill(text: str, known: Prefill, left: list[str]) -> str:
    values: dict[tuple[str, str] | tuple[str], edit.Scalar] = {
        ("kind",): known.kind or None,
        ("timestamps", "started_at"): _iso(known.started_at),
        ("timestamps", "detected_at"): _iso(known.detected_at),
        ("data_window", "from"): known.wrong_from.isoformat() if known.wrong_from else None,
        ("data_window", "to"): known.wrong_to.isoformat() if known.wrong_to else None,
        ("detection", "method"): known.detection_method or None,
        ("detection", "source"): known.detection_source or None,
        ("detection", "check_kind"): known.check_kind or None,
        ("impact", "critical_use_case"): known.critical,
        ("impact", "downstream_assets"): known.downstream,
    }
    found = document.parse(text, "")
    times = model.postmortem(found).times
    for path, value in values.items():
        if value is None or found.get(*path) not in (None, "") or _contradicts(path, known, times):
            continue
        if path[-1] == "check_kind" and found.get("detection", "should_have_been"):
            continue  # another check than the failing one
        try:
            text = edit.set_value(text, path, value)
        except IncidentError:
            left.append(f"no place for {'.'.join(path)}: {value}")
    return text


def _contradicts(path: tuple[str, ...], known: Prefill, times: Mapping[str, datetime]) -> bool:
    """Whether the time is on the wrong side of one that the document gives."""
    detected = times.get("detected_at")
    late = bool(detected and known.started_at and known.started_at > detected)
    started = times.get("started_at")
    early = bool(started and known.detected_at and known.detected_at < started)
    return (path[-1] == "started_at" and late) or (path[-1] == "detected_at" and early)


def _lists(text: str, known: Prefill, left: list[str]) -> str:
    found = document.parse(text, "")
    listed = _values(found, "ref", "impact", "assets")
    assets = [asset for asset in known.assets if asset.ref not in listed]
    rows = [_without_empty(ref=a.ref, role=a.role, criticality=a.criticality) for a in assets]
    text = _extend(text, ("impact", "assets"), rows, left, [_steps(a.steps) for a in assets])
    text = _lineage(text, known, left)
    known_uses = _pairs(_rows(found, "impact", "consumers"), "team", "use")
    new = [user for user in known.consumers if user not in known_uses]
    rows = [{"team": team, "use": use} for team, use in new]
    text = _extend(text, ("impact", "consumers"), rows, left)
    observers = found.data.get("observers", "")
    if observers is None or isinstance(observers, list):  # the light template has none
        new_teams = [team for team in known.observers if team not in (observers or [])]
        text = _extend(text, ("observers",), new_teams, left)
    titles, urls = _values(found, "title", "evidence"), _values(found, "url", "evidence")
    evidence = [e for e in known.evidence if e.title not in titles and e.url not in urls]
    rows = [_without_empty(kind=e.kind, title=e.title, url=e.url) for e in evidence]
    text = _extend(text, ("evidence",), rows, left)
    there = signatures.read(found.data.get("signature"))
    failing = dict.fromkeys(one.signature for one in known.failing)
    more = [one for one in failing if one not in there and (one.check or one.asset)]
    if len(more) > MAX_SIGNATURES:
        left.append(f"{len(more) - MAX_SIGNATURES} of {len(more)} failing checks: no signature")
    return _extend(text, ("signature",), [one.row for one in more[:MAX_SIGNATURES]], left)


def _lineage(text: str, known: Prefill, left: list[str]) -> str:
    """The edges between the assets that the document names by now."""
    if not known.lineage:
        return text
    found = document.parse(text, "")
    named = _values(found, "ref", "impact", "assets")
    there = _pairs(_rows(found, *_LINEAGE), "upstream", "downstream")
    edges = [one for one in known.lineage if {one.above, one.below} <= named]
    new = [one for one in edges if (one.above, one.below) not in there]
    if len(new) > MAX_EDGES:
        left.append(f"{len(new) - MAX_EDGES} of {len(new)} edges of the lineage: not recorded")
    return _extend(text, _LINEAGE, [recorded_lineage.row(one) for one in new[:MAX_EDGES]], left)


def _steps(steps: int) -> str:
    return f"{steps} step{'s' if steps > 1 else ''} downstream" if steps else ""


def _rows(found: Document, *path: str) -> list[dict[str, Any]]:
    items = found.get(*path)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _values(found: Document, key: str, *path: str) -> set[str]:
    return {str(row[key]) for row in _rows(found, *path) if row.get(key)}


def _pairs(rows: Iterable[dict[str, Any]], *keys: str) -> set[tuple[str, ...]]:
    return {tuple(string(row.get(key)) for key in keys) for row in rows}


def _without_empty(**values: str) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


def _extend(
    text: str,
    path: tuple[str, ...],
    items: list[Any],
    left: list[str],
    notes: Iterable[str] = (),
) -> str:
    try:
        return edit.extend(text, path, items, list(notes))
    except IncidentError:
        left.append(f"no place for {len(items)} items of {'.'.join(path)}")
        return text


def _section(text: str, key: str, words: str, left: list[str]) -> str:
    """A section's text, where it has none yet."""
    found = document.parse(text, "")
    section = found.by_key.get(key)
    if not words.strip() or (section and words.strip() in text):
        return text
    if section is None or found.section_text(key):
        left.append(f"no empty section for the {key.replace('_', ' ')}")
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    at = last_line_end(text, section.heading_end, section.end)
    added = newline * 2 + words.strip().replace("\n", newline)
    return f"{text[:at]}{added}{text[at:]}"


def _iso(at: datetime | None) -> str | None:
    return instants.iso(at) if at else None
