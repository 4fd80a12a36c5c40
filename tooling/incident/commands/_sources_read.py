"""What --verbose reports: which configuration, archive, roster and manifest a command reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from incident.archive import files, roster
from incident.repository import config as configuration
from incident.repository.config import OWNER_FILES, Config


def lines(config: Config, config_file: Path | None) -> Iterator[tuple[str, str]]:
    """A name and a text for each source, in the order they are read."""
    source = config_file or configuration.source(config.root)
    yield "configuration", str(source) if source else f"defaults (no file in {config.root})"
    if config.archive_dir.is_dir():
        count = len(list(files.postmortem_paths(config.archive_dir)))
        yield "archive", f"{config.archive_dir} ({count} postmortem{'s' * (count != 1)})"
    else:
        yield "archive", f"{config.archive_dir} (missing)"
    yield "roster", _roster(config)
    owners = [place for place in OWNER_FILES if (config.root / place).is_file()]
    yield "owners", owners[0] if owners else f"no CODEOWNERS, {len(config.owners)} configured"
    if config.dbt_manifest:
        there = "" if (config.root / config.dbt_manifest).is_file() else " (missing)"
        yield "manifest", f"{config.root / config.dbt_manifest}{there}"
    else:
        yield "manifest", "not configured"
    yield "wiki", config.wiki_url or "not configured"
    yield "tracker", config.actions.tracker or "GitHub"


def _roster(config: Config) -> str:
    found = roster.load(config)()
    count = len(found.full) + len(found.single)
    origin = "git history and configuration" if config.names.git_roster else "configuration"
    gap = f"; {found.gap}" if found.gap else ""
    return f"{count} name{'s' * (count != 1)} from {origin}{gap}"
