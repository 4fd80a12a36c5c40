"""The option --archive: the archive of another repository."""

from __future__ import annotations

import os
from pathlib import Path

import click

from incident.commands import Settings
from incident.errors import UsageError
from incident.repository import config as configuration
from incident.repository.config import Config

option = click.option(
    "--archive",
    "archive_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Repository with the archive, if it is another one.",
)


def find(settings: Settings, folder: Path | None) -> Config:
    """The configuration of the archive: here, or in `folder`. Raises UsageError."""
    if folder is None:
        return settings.archive()
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is not a folder", "give --archive the repository that has the archive"
        )
    root = Path(os.path.normpath(folder.absolute()))
    if not configuration.is_archive(root):
        root = configuration.find_root(root) or root
    found = configuration.load(root)
    if not found.archive_dir.is_dir():
        raise UsageError(
            f"{root} has no folder {found.archive}/", "give --archive the repository that has it"
        )
    return found
