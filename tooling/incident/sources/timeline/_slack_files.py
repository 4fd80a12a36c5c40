"""The files of a Slack export: a folder, a zip, or one file; none is written to disk."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from incident.errors import UsageError
from incident.text.bounded_readers import MAX_BYTES, read_bytes
from incident.text.lazy_regex import lazy

MAX_MEMBERS = 100_000
MAX_RATIO = 200
MAX_DEPTH = 3
_SMALL = 10_000_000
# what `zipfile` raises for files that are cut off, changed, or locked with a password
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
USERS = ("users.json", "org_users.json")  # the second in exports of a whole organization
# a day, or what slackdump writes: a channel, or a thread of it
_MESSAGES = lazy(r"\d{4}-\d{2}-\d{2}\.json|[CDG][A-Z0-9]{6,14}(?:-\d{9,11}\.\d{6})?\.json")


def files(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """Name, place for errors, and content of the list of users, then of each file of messages."""
    if path.is_dir():
        yield from _folder(path)
    elif zipfile.is_zipfile(path):
        yield from _zip(path)
    elif path.suffix.lower() == ".zip":
        raise UsageError(f"{path} is not a complete zip", "download the export again")
    else:
        for folder in path.absolute().parents[:2]:  # a day of an unpacked export
            for name in USERS:
                if (users := folder / name).is_file() and not users.is_symlink():
                    yield name, str(users), read_bytes(users)
        yield "day", str(path), read_bytes(path)


def _folder(path: Path) -> Iterator[tuple[str, str, bytes]]:
    users: list[Path] = []
    messages: list[Path] = []
    for parent, folders, names in os.walk(path):
        folders.sort()
        if len(Path(parent).relative_to(path).parts) >= MAX_DEPTH:
            folders.clear()
        for name in sorted(names):
            file = Path(parent, name)
            if not file.is_symlink() and (name in USERS or _MESSAGES().fullmatch(name)):
                (users if name in USERS else messages).append(file)
    for file in (*users, *messages):
        yield file.name, str(file), read_bytes(file)


def _zip(path: Path) -> Iterator[tuple[str, str, bytes]]:
    """The members that are read, none of them written to disk."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _check(path, members)
            members.sort(key=lambda info: (not info.filename.endswith(USERS), info.filename))
            for info in members:
                name = PurePosixPath(info.filename).name
                if name in USERS or _MESSAGES().fullmatch(name):
                    yield name, f"{path}/{info.filename}", archive.read(info)
    except _BROKEN as error:
        raise UsageError(
            f"{path}: not a complete zip: {error}", "download the export again"
        ) from None


def _check(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip that climbs out, or that is much larger than it looks."""
    if len(members) > MAX_MEMBERS:
        raise UsageError(f"{path} holds {len(members):,} files (limit {MAX_MEMBERS:,})")
    for info in members:
        name = PurePosixPath(info.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in "".join(name.parts[:1]):
            raise UsageError(
                f"{path}: {info.filename[:80]!r} is outside of the zip", "no export does this"
            )
        if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise UsageError(f"{path}: {info.filename[:80]!r} is packed in an unknown way")
        if info.file_size > max(_SMALL, MAX_RATIO * info.compress_size):
            raise UsageError(f"{path}: {info.filename[:80]!r} explodes: {info.file_size:,} bytes")
    if (total := sum(info.file_size for info in members)) > MAX_BYTES:
        raise UsageError(
            f"{path} holds {total / 1e6:,.0f} MB (limit {MAX_BYTES / 1e6:.0f} MB)",
            "export only the channel and the days of the incident",
        )
