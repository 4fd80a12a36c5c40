"""When postmortems were published, and when their action items were done, from git's history."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from incident import git
from incident.git.history import History
from incident.postmortem import document, model
from incident.postmortem.model import Postmortem

IMPORT = 3  # a commit that adds this many postmortems imports an archive
_PUBLISHED = re.compile(rb"^status:[ \t]*[\"']?(?:published|closed)\b", re.MULTILINE)


@dataclass(frozen=True)
class Milestones:
    """When postmortems were published, by id; when action items were done, by both ids."""

    published: Mapping[str, datetime] = field(default_factory=dict)
    done: Mapping[tuple[str, str], date] = field(default_factory=dict)


def find(history: History, postmortems: Iterable[Postmortem]) -> Milestones:
    """When each was published and its items done, as far as history shows.

    Versions are read from the newest back, and only as far as needed: until one that is not
    published yet, and that has no item done which is done now. What was there when the archive
    was brought in says nothing of when it happened.
    """
    if history.root is None:
        return Milestones()
    first = Counter(changes[-1].commit for changes in history.changes.values())
    published: dict[str, datetime] = {}
    done: dict[tuple[str, str], date] = {}
    with git.blobs(history.root) as read_version:
        for p in postmortems:
            ids = {item.id for item in p.action_items if item.status == "done"}
            is_published = p.status in {"published", "closed"}
            for change in history.changes.get(p.path, ()):
                if not is_published and not ids:
                    break
                text = read_version(f"{change.commit}:./{p.path}")
                imported = first[change.commit] >= IMPORT
                if is_published and (is_published := bool(_PUBLISHED.search(text))):
                    published[p.id] = change.at
                    if imported:
                        del published[p.id]
                if ids:
                    items = model.action_items(document.parse_bytes(text, p.path).data)
                    ids &= {item.id for item in items if item.status == "done"}
                    for id_ in ids:
                        done[p.id, id_] = change.at.date()
                        if imported:
                            del done[p.id, id_]
    return Milestones(published, done)
