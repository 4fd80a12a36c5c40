"""What `incident import` reports: what was found in each file, and what to check first."""

from __future__ import annotations

import json as json_
from collections.abc import Sequence, Set
from pathlib import Path

from incident.foreign import notes
from incident.foreign.folder import Folder
from incident.foreign.imported import Imported
from incident.text.counts import some
from incident.text.untrusted_text import json_shown

_SHOWN = 5  # names in a line


def text(found: Imported) -> str:
    """The report on one file for the terminal."""
    kinds = ", ".join(f"{count} {kind}" for kind, count in notes.counted(found.entries).items())
    owners = sum(bool(item.owner) for item in found.items)
    dates = sum(item.due is not None for item in found.items)
    parts = [
        _counted(len(found.entries), "timeline entry", "timeline entries")
        + (f" ({kinds})" if kinds else ""),
        _counted(len(found.items), "action item", "action items")
        + f" ({owners} with an owner, {dates} with a date)",
        _counted(len(found.texts), "section", "sections"),
    ]
    lines = [f"{found.file}: {', '.join(parts)}"]
    lines += [f"  check: {note}" for note in found.notes]
    if found.links_left:
        lines.append(f"  {_left(found.links_left)}")
    if found.account.seen:
        lines.append(f"  {found.account.text}")
    if found.missing:
        lines.append(f"  missing: {', '.join(found.missing)}")
    return "\n".join(lines)


def json(found: Sequence[tuple[Imported, str]]) -> str:
    """The report on all files, with the path of each draft."""
    rows = [
        {
            "file": one.account.source,
            "draft": path,
            "title": one.title,
            "severity": one.severity,
            "owner": one.owner,
            "timeline": dict(notes.counted(one.entries)),
            "action_items": len(one.items),
            "sections": sorted(one.texts),
            "check": one.notes,
            "links_left": [{"link": link, "reason": why} for link, why in one.links_left],
            "missing": one.missing,
            "account": one.account.json,
        }
        for one, path in found
    ]
    return json_shown(json_.dumps(rows, indent=2, ensure_ascii=False))


def total(read: Sequence[Imported], failed: int) -> str:
    """The last line: how many files, and in how many there was what."""
    done = f"{len(read)} imported, {failed} failed"
    if not read:
        return done
    counts = {
        "with a timeline": sum(bool(f.entries) for f in read),
        "with action items": sum(bool(f.items) for f in read),
        "with an owner": sum(any(i.owner for i in f.items) for f in read),
        "with a due date": sum(any(i.due for i in f.items) for f in read),
    }
    return f"{done}: {', '.join(f'{count} {name}' for name, count in counts.items())}"


def _left(found: Sequence[tuple[str, str]]) -> str:
    """Links that stay as they were written."""
    shown = some([f"{link[:80]} ({why})" for link, why in found], _SHOWN)
    return f"{_counted(len(found), 'link', 'links')} left as written: {shown}"


def folder(found: Folder, copied: Set[Path]) -> str:
    """The report on a folder: its files that were neither imported nor copied."""
    others = [one for one in found.others if one.resolve() not in copied]
    line = f"{found.path}: {_counted(len(found.files), 'Markdown file', 'Markdown files')}"
    if not others:
        return line
    shown = some([one.relative_to(found.path).as_posix() for one in others], _SHOWN)
    return f"{line}; {_counted(len(others), 'other file', 'other files')} left out: {shown}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
