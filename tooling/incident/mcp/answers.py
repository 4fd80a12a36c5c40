"""The answers of the server: one function for each tool, from the archive alone.

Each returns text or a value of JSON, without people, and raises UsageError for a bad argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from incident import dbt, rules
from incident.archive import board, files, similarity
from incident.archive.board import DatedItem
from incident.dbt import references
from incident.errors import UsageError
from incident.history import asset, past
from incident.mcp import readable
from incident.mcp.readable import Reader
from incident.postmortem import model, severity
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import DURATIONS
from incident.reports import guide as guide_pages
from incident.text.untrusted_text import cut

LIMIT = 60_000  # characters of one postmortem
_MOST = 50
_CANDIDATES = 20
_ID = re.compile(r"[\w-][\w.-]*")


def search(reader: Reader, query: str, limit: int) -> list[dict[str, Any]]:
    """The postmortems most similar to some words, or that concern an asset, with reasons."""
    subject = similarity.of_text(query, reader.config.language, [query] if ":" in query else [])
    most = max(1, min(limit, _MOST))
    found = similarity.nearest(subject, reader.config, most, reader.read)
    return [{**_brief(near.postmortem), "why": list(near.why)} for near in found]


def get(reader: Reader, id_: str) -> tuple[dict[str, Any], str]:
    """The facts of one postmortem and its text. `id_`: its id, or a unique part of it."""
    path = _find(reader, id_)
    entry = reader.read(path)
    assert entry is not None
    p = entry.postmortem
    shown = [_readable_id(reader, other) for other in (p.recurrence_of, *p.related)]
    facts = {
        **_brief(p),
        "kind": p.kind or None,
        "cause_category": p.cause_category or None,
        "trigger": p.trigger or None,
        "impact": p.impact_summary or None,
        "detected_by": p.detection_method or None,
        "should_have_been_detected_by": p.should_have_been or None,
        "wrong_from": _day(p.wrong_from),
        "wrong_to": _day(p.wrong_to),
        "times": {key: at.isoformat() for key, at in p.times.items()},
        "durations": {
            DURATIONS[key].title.lower(): model.duration(length)
            for key in DURATIONS
            if (length := p.time_to(key))
        },
        "assets": [{"ref": one.ref, "role": one.role or None} for one in p.assets],
        "recurrence_of": shown[0],
        "related": [other for other in shown[1:] if other],
        "tags": list(p.tags),
        "action_items": [_item(one) for one in p.action_items],
    }
    text = readable.body(entry.document)
    if len(text) > LIMIT:
        text = f"{text[:LIMIT]}\n\n(cut here: {LIMIT} of {len(text)} characters; see {p.path})"
    return facts, text


def asset_history(reader: Reader, name: str, today: date) -> list[dict[str, Any]]:
    """What `incident history ASSET` shows; at most 50 incidents of each asset."""
    found, _ = past.load(reader.config, restricted=False, remember=False)
    known = dbt.configured_manifest(reader.config.root, reader.config.dbt_manifest)
    if known:
        resolve = references.resolver(known)
        found, name = past.resolved(found, resolve), resolve(name)
    named = [p for one in asset.find((name,), found, known, today) for p in one.incidents]
    entries = reader.entries(one.postmortem.path for one in named)
    found = [past.of_document(one.document, reader.config.language) for one in entries]
    found = past.resolved(found, resolve) if known else found
    answers = []
    for one in asset.find((name,), found, known, today):
        shown = asset.as_json(one)
        shown["more_incidents"] = max(0, len(shown["incidents"]) - _MOST)
        shown["incidents"] = shown["incidents"][:_MOST]
        for row in (*shown["incidents"], *shown["open_action_items"]):
            row["owner"] = reader.team(row.get("owner") or "")
        answers.append(reader.without_people(shown))
    return answers


def open_items(reader: Reader, owner: str, overdue: bool, today: date) -> dict[str, Any]:
    """Open action items, the most overdue first; at most 50."""
    found, _ = past.load(reader.config, restricted=False, remember=False)

    def chosen(postmortems: Iterable[Postmortem]) -> list[DatedItem]:
        return [
            line
            for line in board.items(postmortems, today)
            if (line.overdue or not overdue)
            and owner.casefold() in {"", (reader.team(line.item.owner) or "").casefold()}
        ]

    every = chosen(one.postmortem for one in found)
    entries = reader.entries(line.postmortem.path for line in every[:_MOST])
    rows = [
        {
            **_item(line.item),
            "incident": line.postmortem.id,
            "severity": line.postmortem.severity_label,
            "when": board.when(line),
            "owner": reader.team(line.item.owner),
        }
        for line in chosen(one.postmortem for one in entries)[:_MOST]
    ]
    total = len(every) if len(every) > _MOST else len(rows)
    return {"total": total, "items": reader.without_people(rows)}


def rule(word: str) -> str:
    """A rule's page, by code or name; without one, a list of all rules."""
    if not word:
        return "\n".join(f"{one.code} {one.name}: {one.summary}" for one in rules.all_rules())
    found = rules.by_word().get(word.lower())
    if found is None:
        raise UsageError(f"unknown rule `{_cut(word)}`", rules.suggest(word))
    return found.explanation


def guide(reader: Reader, name: str) -> str:
    """A page of the guide; without a name, a list of all pages."""
    root, scale = reader.config.root, severity.by_level(reader.config.severity_aliases)
    known = [file.removesuffix(".md") for file in guide_pages.names(root)]
    if not name:
        return "\n".join(known)
    if name not in known:
        raise UsageError(f"the guide has no page `{_cut(name)}`", f"its pages: {', '.join(known)}")
    try:
        return guide_pages.page(f"{name}.md", root, scale).markdown
    except (UsageError, OSError, ValueError):  # their file is a link, or no text
        raise UsageError(f"the page `{name}` cannot be read", "read another page") from None


def unreadable(reader: Reader) -> int:
    """How many files of the archive cannot be read, so that no answer has them."""
    _, account = past.load(reader.config, restricted=False, remember=False)
    return sum(left.count for left in account.left_out if left.reason == past.UNREADABLE)


def _cut(text: str) -> str:
    return cut(text, 80)


def _find(reader: Reader, id_: str) -> Path:
    """The file of a readable postmortem. An id that an agent may not read does not exist."""
    if not _ID.fullmatch(id_):
        raise UsageError(f"`{_cut(id_)}` is not an id", "use one from search_incidents")
    paths = {path.stem: path for path in files.postmortem_paths(reader.config.archive_dir)}
    near = [id_] if id_ in paths else sorted(stem for stem in paths if id_.lower() in stem.lower())
    if len(near) > _CANDIDATES:
        raise UsageError(f"`{id_}` is part of too many ids", "use a longer part")
    found = [stem for stem in near if reader.read(paths[stem]) is not None]
    if len(found) == 1:
        return paths[found[0]]
    if found:
        raise UsageError(f"`{id_}` is part of {len(found)} ids: {', '.join(found)}", "use one")
    raise UsageError(
        f"no postmortem has the id `{_cut(id_)}`", "look for one with search_incidents"
    )


def _readable_id(reader: Reader, id_: str) -> str | None:
    """The id of another postmortem, unless an agent may not read that one."""
    try:
        return _find(reader, id_).stem if id_ else None
    except UsageError:
        return None


def _brief(p: Postmortem) -> dict[str, Any]:
    return {
        "id": p.id,
        "path": p.path,
        "title": p.title,
        "date": _day(p.date),
        "severity": p.severity_label,
        "status": p.state,
        "owner": p.owner or None,
    }


def _item(one: model.ActionItem) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "type": one.type or None,
        "owner": one.owner or None,
        "due": _day(one.due),
        "status": one.status or None,
        "done_when": one.done_when or None,
        "verified_by": one.verified_by or None,
    }


def _day(at: date | None) -> str | None:
    return at.isoformat() if at else None
