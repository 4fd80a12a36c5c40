"""Write files so that none is left half written, and no other process's change is lost.

A file is written next to its destination, synced to disk and renamed: readers see either the old
text or the new, even if the process is killed. A writer holds the folder's lock, so a temporary
file found there was left by a killed process, and is removed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from incident.errors import IncidentError, UsageError
from incident.repository.path_containment import escapes, repository

PREFIX, SUFFIX = ".incident-docs-", ".tmp"
_PATIENCE = 1500  # fiftieths of a second: a write takes one
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def read_text(path: Path) -> str:
    """The text of a UTF-8 file with its line ends and byte order mark as they are."""
    return path.read_bytes().decode("utf-8")


def write_text(path: Path, text: str) -> None:
    """Replace or create `path`. Keeps the file's mode; a link stays a link.

    Raises OSError, and IncidentError for a link that leaves the repository.
    """
    write_all({path: text.encode("utf-8")})


class Held:
    """A file locked for writing; `text` is its new content."""

    def __init__(self, text: str) -> None:
        self.text = text


@contextlib.contextmanager
def hold(path: Path, create: bool = False) -> Iterator[Held]:
    """Lock `path` while its text is edited; with `create` it may be missing.

    Written once, at the end, if the text changed; an exception inside leaves the file as it was.
    Nothing inside may write to the same folder. Raises as `write_text`, and UnicodeDecodeError.
    """
    place = _place(path)
    if create:
        _make(place.parent)
    with _alone(place.parent):
        before = "" if create and not place.exists() else read_text(place)
        held = Held(before)
        yield held
        if held.text != before:
            _replace({place: held.text.encode("utf-8")})


def change(path: Path, edited: Callable[[str], str]) -> None:
    """Replace the text of `path` with `edited(text)`, without writes in between.

    Raises as `hold`, and what `edited` raises: then nothing is written.
    """
    with hold(path) as held:
        held.text = edited(held.text)


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Replace files of one folder, in order, once all of them are on disk.

    A pipe or device is written into. Raises as `write_text`.
    """
    places: dict[Path, bytes] = {}
    for path, content in contents.items():
        if path.exists() and not path.is_file():
            _into(path, content, 0)
        else:
            places[_place(path)] = content
    if places:
        with _alone(next(iter(places)).parent):
            _replace(places)


def create_text(path: Path, text: str) -> None:
    """Create `path` and its folders with all of `text`, or nothing.

    Raises UsageError if the path exists, and as `write_text`.
    """
    place = _place(path.parent) / path.name
    _make(place.parent)
    with _alone(place.parent):
        if os.path.lexists(place):
            raise UsageError(f"{path} already exists", "choose another title, or edit that file")
        temporary = _temporary(place, text.encode("utf-8"))
        try:
            _link(temporary, place)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
        _to_disk(place.parent)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it. Raises as `write_text`."""
    _make(_place(path))


def append_text(path: Path, text: str) -> None:
    """Append `text` to `path`, which others may write to as well. Raises OSError."""
    _place(path)
    _into(path, text.encode("utf-8"), os.O_CREAT | os.O_APPEND)


def _place(path: Path) -> Path:
    """Where `path` really is. Raises IncidentError if it leaves the repository."""
    try:
        root = repository(path)
        if root is not None and escapes(path, root):
            fact = f"{path} is outside the repository, or inside .git"
            raise IncidentError(fact, "remove the link, or use the real path")
        return path.resolve()
    except (RuntimeError, ValueError) as error:  # a loop of links, a name with a NUL
        raise IncidentError(f"{path}: {error}", "correct the path") from error


@contextlib.contextmanager
def _named(place: Path) -> Iterator[None]:
    """Report errors about `place`, not about its temporary file."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, and remove files that killed processes left there.

    The kernel releases the lock when a process ends, however it ends. Without locks (Windows, some
    network folders), two concurrent writers still never mix their texts.
    """
    if sys.platform == "win32":
        yield
        return
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if _locked(held, folder):
            for name in os.listdir(folder):
                if name.startswith(PREFIX) and name.endswith(SUFFIX):
                    with contextlib.suppress(OSError):
                        os.unlink(folder / name)
        yield
    finally:
        os.close(held)


def _locked(handle: int, folder: Path) -> bool:
    """Wait for the lock; False if locks are unsupported. Raises IncidentError after a while."""
    import fcntl

    for _ in range(_PATIENCE):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        except OSError:
            return False
        else:
            return True
    raise IncidentError(f"another process has locked the folder {folder}", "try again")


def _replace(contents: Mapping[Path, bytes]) -> None:
    """Write all next to their destinations, then rename one after another."""
    written: dict[Path, str] = {}
    try:
        for place, content in contents.items():
            written[place] = _temporary(place, content)
        for place in contents:
            with _named(place):
                os.replace(written[place], place)
            del written[place]
    finally:
        for left in written.values():
            os.unlink(left)
    for folder in {place.parent for place in contents}:
        _to_disk(folder)


def _temporary(place: Path, content: bytes) -> str:
    """The content in a new file next to `place`, with the owner and mode of the existing file."""
    name = os.path.join(place.parent, f"{PREFIX}{os.urandom(6).hex()}{SUFFIX}")
    with _named(place):
        there = os.stat(place) if place.exists() else None
        if there and not os.access(place, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        if there and there.st_nlink > 1:
            raise IncidentError(
                f"{place} has {there.st_nlink} hard links, and only one would change",
                "replace the others with symbolic links, or remove them",
            )
        new = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
        try:
            if there and sys.platform != "win32":
                with contextlib.suppress(PermissionError):  # only root may give files away
                    os.fchown(new, there.st_uid, there.st_gid)
                os.fchmod(new, stat.S_IMODE(there.st_mode))
            _write(new, content)
            os.fsync(new)
        except BaseException:
            os.unlink(name)
            raise
        finally:
            os.close(new)
    return name


def _link(temporary: str, place: Path) -> None:
    """Give the temporary file its name; unlike rename, a link never replaces."""
    with _named(place):
        try:
            os.link(temporary, place)
        except OSError as error:
            if error.errno not in _NO_LINKS:  # some file systems know none
                raise
            os.rename(temporary, place)


def _write(handle: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]


def _into(path: Path, content: bytes, how: int) -> None:
    """Write to the file itself."""
    handle = os.open(path, os.O_WRONLY | how | _BINARY, 0o666)
    try:
        with _named(path):
            _write(handle, content)
    finally:
        os.close(handle)


def _make(folder: Path) -> None:
    """Make a folder and its parents, each synced to disk."""
    if not folder.is_dir():
        _make(folder.parent)
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder)
        _to_disk(folder.parent)


def _to_disk(folder: Path) -> None:
    """Sync a folder's entries to disk, where supported."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some network folders cannot
            os.fsync(handle)
    finally:
        os.close(handle)
