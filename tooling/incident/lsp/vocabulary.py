"""Words from the archive: owners, people, assets, ids and tags, most frequent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from incident import archive
from incident.archive import files
from incident.dbt import manifest
from incident.errors import ConfigError
from incident.postmortem import model, severity
from incident.postmortem.model import Postmortem
from incident.repository.config import Config

_ASSETS = ("model.", "source.", "seed.", "snapshot.", "exposure.", "metric.")
_CHECKS = ("test.", "unit_test.")


@dataclass(frozen=True)
class Known:
    """Words to suggest, most frequent first.

    `titles`, `paths`: of postmortems by id, newest first; paths from the repository.
    `severities`: the team's own scale, if any.
    """

    owners: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    titles: dict[str, str] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    severities: tuple[str, ...] = ()


Kept = dict[Path, tuple[int, Postmortem | None]]  # by file: when it changed, and its content


def read(config: Config, kept: Kept | None = None) -> Iterator[Postmortem]:
    """The archive's postmortems, newest first. `kept`: those of the last time, updated here."""
    kept = {} if kept is None else kept
    for path in sorted(
        files.postmortem_paths(config.archive_dir), key=lambda p: p.name, reverse=True
    ):
        try:
            changed = path.stat().st_mtime_ns
        except OSError:
            continue
        if path not in kept or kept[path][0] != changed:
            found = archive.read(path, config)
            kept[path] = changed, None if found.faults else model.postmortem(found)
        if one := kept[path][1]:
            yield one


def gather(postmortems: Iterable[Postmortem], config: Config) -> Known:
    """Collect what the postmortems (newest first) and dbt's manifest name."""
    owners, people, teams = Counter[str](), Counter[str](), Counter[str]()
    assets, checks, tags = Counter[str](), Counter[str](), Counter[str]()
    titles, paths = {}, {}
    owners.update(config.owners)
    for one in postmortems:
        titles[one.id], paths[one.id] = one.title, one.path
        owners.update(filter(None, [one.owner, *(item.owner for item in one.action_items)]))
        people.update(who for group in one.roles.values() for who in group)
        people.update(one.reviewers)
        teams.update([*one.observers, *(consumer.team for consumer in one.consumers)])
        assets.update(asset.ref for asset in one.assets)
        checks.update(item.verified_by for item in one.action_items if item.verified_by)
        tags.update(one.tags)
    nodes = _nodes(config)
    assets.update({f"dbt:{node}": 0 for node in nodes if node.startswith(_ASSETS)})
    checks.update({f"dbt:{node}": 0 for node in nodes if node.startswith(_CHECKS)})
    return Known(
        _ranked(owners),
        _ranked(people),
        _ranked(teams),
        _ranked(assets),
        _ranked(checks),
        _ranked(tags),
        titles,
        paths,
        severity.scale(config.severity_aliases) if config.severity_aliases else (),
    )


def _ranked(counts: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(filter(None, counts), key=lambda word: (-counts[word], word)))


def _nodes(config: Config) -> Iterable[str]:
    """The unique ids in dbt's manifest; none if it is missing or not a manifest."""
    try:
        found = manifest.configured(config.root, config.dbt_manifest or "target/manifest.json")
    except ConfigError:
        return ()
    return found.nodes if found else ()
