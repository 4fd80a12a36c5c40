"""Which postmortems an agent may read, and their text without people.

Left out: restricted postmortems, drills and files that cannot be read; of the others, the people in
the frontmatter and the text, what `redact` hides from the public edition, and comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from incident import archive, rules
from incident.archive import Entry, files
from incident.archive.roster import Roster, is_person
from incident.postmortem import document, model, redactions
from incident.postmortem.document import Document
from incident.postmortem.frontmatter import Frontmatter
from incident.postmortem.model import Postmortem
from incident.repository.config import Config
from incident.rules import Context
from incident.text.values import mappings

PERSON = "(a person)"
REDACTED = "(redacted)"
UNSHOWN = "(an incident that is not shown)"
# what Markdown's renderers leave out besides HTML comments: `[//]: # (text)`
_COMMENT = re.compile(r"^ {0,3}\[[^\]\n]{1,100}\]:[ \t]*(?:#|<>)[^\n]*$", re.MULTILINE)
_ID = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d-[a-z0-9-]{1,240}(?![\w-])")
_PEOPLE = ("roles", "observers", "reviewers")
# the rules that find people in a text; a team that has turned one off still names nobody here
_FINDERS = (
    *("acting-person", "colleague-name", "first-name", "full-name"),
    *("personal-email", "personal-handle", "unknown-person"),
)


@dataclass(frozen=True)
class Reader:
    """Reads the archive of `config`. `now`: an aware datetime; `roster`: the colleagues."""

    config: Config
    now: datetime
    roster: Roster

    def read(self, path: Path) -> Entry | None:
        """A postmortem as an agent may read it; None if it may not."""
        written = archive.read(path, self.config)
        if written.faults or not is_readable(model.postmortem(written)):
            return None
        handles = model.postmortem(written).handles
        body_at = written.meta.body
        hidden = [key.path for key in redactions.keys(written)[0]]
        spans = [(p.start, p.end, REDACTED) for p in redactions.passages(written)[0]]
        spans += [(m.start(), m.end(), "") for m in _COMMENT.finditer(written.text, body_at)]
        spans += [
            (m.start(), m.end(), UNSHOWN)
            for m in _ID.finditer(written.text, body_at)
            if m[0] != path.stem and self._is_hidden(m[0])
        ]
        text = self._masked(written, spans)
        shown = document.parse(text, written.path, self.config.severity_aliases)
        if shown.faults:
            return None
        data = shown.data
        for key in (*_PEOPLE, "redact", "redact_except", *hidden):
            redactions.remove(data, key.split("."))
        for row in (data, *mappings(data.get("action_items"))):
            if isinstance(row.get("owner"), str) and self.team(row["owner"], handles) is None:
                del row["owner"]
        return Entry(shown, model.postmortem(shown))

    @cached_property
    def _paths(self) -> dict[str, Path]:
        return {path.stem: path for path in files.postmortem_paths(self.config.archive_dir)}

    def _is_hidden(self, id_: str) -> bool:
        """Whether this is the id of a file that an agent may not read."""
        if id_ not in self._paths:
            return False
        found = archive.read(self._paths[id_], self.config)
        return bool(found.faults) or not is_readable(model.postmortem(found))

    def entries(self, paths: Iterable[str]) -> list[Entry]:
        """Those of these postmortems that an agent may read, each once."""
        found = (self.read(self.config.root / path) for path in dict.fromkeys(paths))
        return [one for one in found if one]

    def without_people(self, value: Any) -> Any:
        """A text, or every text in a value of JSON, without people."""
        if isinstance(value, str):
            return self._masked(Document("text", value, Frontmatter()))
        if isinstance(value, list):
            return [self.without_people(item) for item in value]
        if isinstance(value, dict):
            return {key: self.without_people(item) for key, item in value.items()}
        return value

    def team(self, owner: str, handles: Iterable[str] = ()) -> str | None:
        """The owner, or None if it is empty or a person. `handles`: those who had a role."""
        if is_person(owner, frozenset(handles), self.roster) or self.without_people(owner) != owner:
            return None
        return owner or None

    def _masked(self, written: Document, spans: Iterable[tuple[int, int, str]] = ()) -> str:
        """The text with words instead of people and of `spans` (start, end, what to write)."""
        context = Context(written, self.config, self.now, self.roster)
        known = rules.by_word()
        found = [
            (hit.start, hit.end, PERSON) for name in _FINDERS for hit in known[name].check(context)
        ]
        parts, done = [], 0
        for start, end, shown in sorted([*spans, *found], key=lambda span: (span[0], -span[1])):
            if start >= done:
                parts += [written.text[done:start], shown]
                done = end
        return "".join([*parts, written.text[done:]])


def is_readable(p: Postmortem) -> bool:
    """Neither restricted nor a drill."""
    return not (p.is_restricted or p.drill)


def body(shown: Document) -> str:
    """The text of a postmortem, without comments: its readers cannot see them either."""
    return shown.markdown.strip()
