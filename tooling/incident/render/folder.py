"""Writing what was rendered: into an empty folder, or one that an earlier run wrote."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from incident.errors import UsageError
from incident.repository import atomic_files
from incident.repository.config import Config
from incident.repository.path_containment import escapes

RECORD = ".incident-render.json"


def check(folder: Path, settings: Config) -> None:
    """Raise UsageError for a folder that has other files, or is part of the archive."""
    # realpath, because resolve() raises for a link that leads to itself
    if Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(settings.archive_dir)):
        raise UsageError(f"{folder} is in the archive", "choose another folder")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", "choose another name")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / RECORD).is_file():
        raise UsageError(
            f"{folder} has files that `incident render` did not write", "choose an empty folder"
        )


def write(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write the files, and remove those of the last run that are gone; returns the latter."""
    atomic_files.make_folder(folder)
    before = _before(folder)
    listed = json.dumps(sorted({*files, *before}), ensure_ascii=False).encode()
    atomic_files.write_all({folder / RECORD: listed})  # also if this run does not end
    by_folder: dict[Path, dict[Path, bytes]] = defaultdict(dict)
    for name, content in files.items():
        place = folder / name
        by_folder[place.parent][place] = content
    for below, contents in by_folder.items():
        atomic_files.make_folder(below)
        atomic_files.write_all(contents)
    gone = [name for name in sorted(before - files.keys()) if _remove(folder, name)]
    listed = json.dumps(sorted(files), ensure_ascii=False).encode()
    atomic_files.write_all({folder / RECORD: listed})
    return gone


def _remove(folder: Path, name: str) -> bool:
    """Remove a file, and the folders that are empty without it; False where a link leads away."""
    path = folder / name
    if escapes(path.parent, folder):
        return False
    path.unlink(missing_ok=True)
    for above in path.parents:
        if above == folder or not above.is_dir() or any(above.iterdir()):
            break
        above.rmdir()
    return True


def _before(folder: Path) -> set[str]:
    """The files of the last run, of which none is outside the folder."""
    try:
        names = json.loads((folder / RECORD).read_bytes())
    except (OSError, ValueError):
        return set()
    found = (PurePosixPath(name) for name in names if isinstance(name, str)) if names else ()
    return {str(path) for path in found if not path.is_absolute() and ".." not in path.parts}
