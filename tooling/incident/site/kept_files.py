"""What stands in the site since the last build, so that equal files are not written again.

MkDocs empties the folder first, but for hidden names: there the files wait until it is known which
of them may stay.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

HIDDEN = ".incident-standing"

# digest of the content, then size, times and number of the file when it was written
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
    """Which of the hidden files hold what is wanted, and were touched by nobody.

    `stamps`: as `stamp` gave them after the last build; `wanted`: digests by path in the site.
    """
    hidden = site / HIDDEN
    return {
        path
        for path, digest in wanted.items()
        if path in stamps and tuple(stamps[path]) == stamp(hidden, path, digest)
    }


def stamp(site: Path, path: str, digest: str) -> Stamp | None:
    """What tells later whether a file is still the one that was written; None without a file."""
    try:
        found = os.lstat(f"{site}/{path}")
    except OSError:
        return None
    return digest, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def stamps(site: Path, digests: Mapping[str, str]) -> dict[str, Stamp]:
    """The stamps of the files that are there: what is excluded from a site is not."""
    found = ((path, stamp(site, path, digest)) for path, digest in digests.items())
    return {path: one for path, one in found if one}


def restore(site: Path, kept: Iterable[str], whole: str) -> None:
    """Put the kept files back in their place, and the folder `whole`; delete all others."""
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
    """Delete what is hidden: nothing of it may stay."""
    shutil.rmtree(site / HIDDEN, ignore_errors=True)
