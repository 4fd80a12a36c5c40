"""The frontmatter is of the version that this program knows.

Version 0 is what was written before the keys had their names: `schema_version: 0`, or none beside an
old name, like `team` for `owner`. `--fix` gives every key its name of today and writes
`schema_version: 1`; values, comments and order stay. Where the new key stands beside the old one, both
stay, for only a person knows which is right. No version and no old name is version 1.

A file of a later version was written for a newer incident-docs: its keys are not judged, and nothing
in it is changed.

## Fails

```file
---
schema_version: 0
id: 2025-03-03-orders-late
title: "Orders were 3 hours late"
state: draft
sev: P3
team: data-platform
timestamps: {started: "2025-03-03T05:00Z", detected: "2025-03-03T08:00Z"}
actions: [{id: AI-1, action: "Add a freshness test on orders", assignee: data-platform}]
---
```

```yaml
schema_version: 2
```

## Passes

```yaml
schema_version: 1
```

```file
---
id: 2025-03-03-orders-late
title: "Orders were 3 hours late"
status: draft
severity: P3
owner: data-platform
timestamps: {started_at: "2025-03-03T05:00Z", detected_at: "2025-03-03T08:00Z"}
---
```
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from incident.diagnostic import Edit, Fix, Level
from incident.errors import IncidentError
from incident.postmortem import edit, frontmatter, schema
from incident.postmortem.document import Document
from incident.postmortem.timestamps import LABELS
from incident.rules import Context, Finding, rule

# Where a key may stand ("" for the top, `*` for every item of a list), its old names and its name.
# Only names whose values need no change: a person would read them as the same key.
RENAMED: dict[str, dict[str, str]] = {
    "": {
        "incident_id": "id",
        "headline": "title",
        "state": "status",
        "sev": "severity",
        "team": "owner",
        "cause": "cause_category",
        "reviewed_by": "reviewers",
        "times": "timestamps",
        "actions": "action_items",
        "labels": "tags",
        "recurrence": "recurrence_of",
        "followup": "follow_up",
    },
    "roles": {"lead": "incident_lead", "commander": "incident_lead", "steward": "data_steward"},
    "timestamps": {label: key for label, key in LABELS.items() if " " not in label},
    "impact.assets.*": {"asset": "ref", "name": "ref"},
    "action_items.*": {
        "action": "title",
        "description": "title",
        "assignee": "owner",
        "state": "status",
        "due_date": "due",
        "deadline": "due",
        "ticket": "issue",
    },
}


class Rename(NamedTuple):
    """A key at [start, end) and its name of today."""

    start: int
    end: int
    old: str
    new: str


@rule(code="INC005", level=Level.ERROR, since="0.2.0")
def check(context: Context) -> Iterator[Finding]:
    """Report another version; version 0 with its fix."""
    document = context.document
    if document.meta.node is None or document.faults:
        return
    place = document.at("schema_version")
    version = document.get("schema_version")
    if schema.is_newer(document):
        fact = f"schema_version is {version}, and this incident-docs knows {schema.VERSION}"
        hint = "this file was written for a newer incident-docs: upgrade"
        yield Finding(*place, fact, hint)
    elif version in (None, 0, "0") and version is not False:
        content = schema.load(context.config.root).content
        renames = list(_renames(document.meta, content))
        if not renames and version is None:
            return
        names = ", ".join(f"`{one.old}` is now `{one.new}`" for one in renames)
        fact = "the frontmatter is of version 0" + (f": {names}" if names else "")
        start, end = place if version is not None else (renames[0].start, renames[0].end)
        hint = "`incident lint --fix` moves it to version 1"
        yield Finding(start, end, fact, hint, None, _fix(document, renames))


def _fix(document: Document, renames: list[Rename]) -> Fix | None:
    """The whole block anew; None where that would change more than names."""
    text, meta = document.text, document.meta
    before = {**frontmatter.read(text).data, "schema_version": schema.VERSION}
    for one in sorted(set(renames), reverse=True):
        text = text[: one.start] + one.new + text[one.end :]
    try:
        text = edit.set_value(text, ("schema_version",), schema.VERSION)
    except IncidentError:
        return None
    after = frontmatter.read(text)
    if after.faults or _values(after.data) != _values(before):
        return None
    change = Edit(meta.start, meta.end, text[meta.start : after.end])
    return Fix(f"move it to version {schema.VERSION}", (change,))


def _values(data: Any) -> list[str]:
    """Everything that is no key, to compare what two blocks say."""
    if isinstance(data, dict):
        return sorted(value for child in data.values() for value in _values(child))
    if isinstance(data, list):
        return [value for child in data for value in _values(child)]
    return [repr(data)]


def _renames(meta: frontmatter.Frontmatter, content: Any) -> Iterator[Rename]:
    """Keys with an old name, where the new one is still free; the first of two that mean one.

    `content`: a repository's own schema may know a key that is an old name here.
    """
    wanted = {tuple(path.split(".")) if path else (): names for path, names in RENAMED.items()}
    for where, path in _mappings(meta.data, (), ()):
        data: Any = meta.data
        for step in path:
            data = data[step]
        node = content
        for name in where:
            node = node.get("items", {}) if name == "*" else _keys(node).get(name, {})
        taken = set(data)
        for old, new in wanted.get(where, {}).items():
            if old in data and new not in taken and old not in _keys(node):
                taken.add(new)
                found = meta.nearest((*path, old))
                yield Rename(found.key_start, found.key_end, old, new)


def _keys(node: Any) -> dict[str, Any]:
    found: dict[str, Any] = node.get("properties", {})
    return found


def _mappings(
    data: Any, where: tuple[str, ...], path: frontmatter.Path
) -> Iterator[tuple[tuple[str, ...], frontmatter.Path]]:
    """Every mapping: where it stands by the names of today, and where as it is written."""
    if isinstance(data, dict):
        yield where, path
        for key, child in data.items():
            name = RENAMED.get(".".join(where), {}).get(str(key), str(key))
            yield from _mappings(child, (*where, name), (*path, key))
    elif isinstance(data, list):
        for number, child in enumerate(data):
            yield from _mappings(child, (*where, "*"), (*path, number))
