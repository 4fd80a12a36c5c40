"""The files of a folder that `incident import` was given."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from incident.text import markdown_names


@dataclass
class Folder:
    """`files`: to import, sorted. `others`: all other files, which may be linked to."""

    path: Path
    files: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)


def read(path: Path) -> Folder:
    """The files below a folder, without hidden ones; links to other folders are not followed."""
    found = Folder(path)
    for parent, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.startswith("."):
                continue
            kind = found.files if markdown_names.is_postmortem(name) else found.others
            kind.append(Path(parent, name))
    return found
