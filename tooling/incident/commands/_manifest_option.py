"""Where dbt's manifest is, for commands that can do without one."""

from __future__ import annotations

from pathlib import Path

import click

from incident.repository.config import Config

_DEFAULT = Path("target") / "manifest.json"

manifest = click.option(
    "--manifest",
    "manifest_file",
    type=click.Path(path_type=Path),
    help="dbt's manifest.json (default: dbt_manifest, or target/manifest.json).",
)


def place(file: Path | None, config: Config, project_folder: Path = Path()) -> Path | None:
    """The manifest that is named, configured, or where dbt writes it; None without one."""
    if file is not None:
        return file
    if config.dbt_manifest:
        return config.root / config.dbt_manifest
    return next((place for place in (_DEFAULT, project_folder / _DEFAULT) if place.is_file()), None)
