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


def place(
    file: Path | None,
    config: Config,
    project_folder: Path = Path(),
    *,
    is_elsewhere: bool = False,
) -> Path | None:
    """The manifest that is named, configured, or where dbt writes it; None without one.

    `is_elsewhere`: the archive is in another repository, so its configured manifest may be of
    another checkout, or not exist.
    """
    if file is not None:
        return file
    configured = config.root / config.dbt_manifest if config.dbt_manifest else None
    if configured and not is_elsewhere:
        return configured
    places = (_DEFAULT, project_folder / _DEFAULT, configured)
    return next((place for place in places if place and place.is_file()), None)
