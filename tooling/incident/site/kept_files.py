"""Files kept from the last build, so that unchanged ones are not written again.

MkDocs first empties the folder except for hidden names: files wait under one until we know which of
them can stay.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

HIDDEN = ".incident-standing"

# digest of the content; size, times and inode of the file when it was written
Stamp = tuple[str, int, int, int, int]


def hide(site: Path) -> None:
    """Move everything in the site out of MkDocs' way."""
    hidden = site / HIDDEN
    drop(site)
    if not site.is_dir():
        return
    names = [name for name in os.listdir(site) if not name.startswith(".")]
    hidden.mkdir()
    for name in names:
        (site / name).rename(hidden / name)


def intact(site: Path, stamps: Mapping[str, Stamp], wanted: Mapping[str, str]) -> set[str]:
    """Which of the hidden files have the wanted content and were not modified.

    `stamps`: from `stamp` after the last build; `wanted`: digests by path in the site.
    """
    hidden = site / HIDDEN
    return {
        path
        for path, digest in wanted.items()
        if path in stamps and tuple(stamps[path]) == stamp(hidden, path, digest)
    }


def stamp(site: Path, path: str, digest: str) -> Stamp | None:
    """A stamp to recognize an unmodified file later; None without a file."""
    try:
        found = os.lstat(f"{site}/{path}")
    except OSError:
        return None
    return digest, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def stamps(site: Path, digests: Mapping[str, str]) -> dict[str, Stamp]:
    """The stamps of existing files; excluded files are missing."""
    found = ((path, stamp(site, path, digest)) for path, digest in digests.items())
    return {path: one for path, one in found if one}


def restore(site: Path, kept: Iterable[str], whole: str) -> None:
    """Restore the kept files, and the folder `whole`; delete all others."""
    hidden = site / HIDDEN
    if not hidden.is_dir():
        return
    files = set(kept)
    folders = {whole}
    for path in files:
        at = path
        while (at := at.rpartition("/")[0]) and at not in folders:
            folders.add(at)
    _prune(str(hidden), "", files, folders, whole)
    for name in os.listdir(hidden):
        (hidden / name).rename(site / name)
    hidden.rmdir()


def _prune(hidden: str, folder: str, files: set[str], folders: set[str], whole: str) -> None:
    for entry in os.scandir(f"{hidden}/{folder}"):
        path = f"{folder}/{entry.name}".lstrip("/")
        if not entry.is_dir(follow_symlinks=False):
            if path not in files:
                Path(entry.path).unlink()
        elif path not in folders:
            shutil.rmtree(entry.path)
        elif path != whole:
            _prune(hidden, path, files, folders, whole)


def drop(site: Path) -> None:
    """Delete all hidden files."""
    shutil.rmtree(site / HIDDEN, ignore_errors=True)
