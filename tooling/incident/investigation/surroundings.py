"""What needs no query: who reads the assets, and which commits changed their files."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from incident.dbt.lineage import downstream
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import name_of
from incident.errors import IncidentError
from incident.investigation.plan import Window
from incident.sources import git


class Consumer(NamedTuple):
    """An asset downstream, with the owner by dbt, and the number of steps to it."""

    name: str
    kind: str
    owner: str
    steps: int


def consumers(manifest: Manifest, keys: Iterable[str]) -> list[Consumer]:
    """Everything downstream: exposures first, then by distance and name."""
    found = []
    for key, steps in downstream(manifest, keys).items():
        node = manifest.nodes[key]
        owner = next((name or email for name, email in node.owners), "") or node.group
        found.append(Consumer(node.label or name_of(key), node.kind, owner, steps))
    return sorted(found, key=lambda one: (one.kind != "exposure", one.steps, one.name))


class Change(NamedTuple):
    """A commit or a merge that touched the files."""

    at: datetime
    what: str
    url: str


def changes(
    manifest: Manifest, keys: Iterable[str], project: Path, window: Window
) -> tuple[list[Change], str]:
    """The changes to the files of the assets in the window, and why none are known, or ""."""
    nodes = [manifest.nodes[key] for key in keys]
    paths = [path for node in nodes for path in (node.path, node.patch) if path]
    if not paths:
        return [], "the manifest does not name their files"
    start = datetime.combine(window.first, time(), UTC)
    end = datetime.combine(window.end, time(), UTC) - timedelta(seconds=1)
    try:
        found = git.read(project, start, end, git.pathspecs(paths, [], []))
    except IncidentError as error:
        return [], error.message
    return [Change(one.at, one.what, one.url) for one in found if one.at], ""
