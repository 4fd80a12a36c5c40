"""Write files so that none is half written, and nothing of another process is lost.

A file is written beside its place, brought to the disk and renamed: whoever looks, and whenever
the process is killed, finds the old text or the new. Whoever writes holds its folder's lock, so
what lies there under a temporary name was left by a process that was killed, and is removed.
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
from incident.repository.path_containment import leads_out, repository

PREFIX, SUFFIX = ".incident-docs-", ".tmp"
_PATIENCE = 1500  # fiftieths of a second: a write takes one
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would change line ends
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def read_text(path: Path) -> str:
    """The text of a UTF-8 file with its line ends and byte order mark as they are."""
    return path.read_bytes().decode("utf-8")


def write_text(path: Path, text: str) -> None:
    """Replace `path`, or make it. Keeps the file's mode, and a link a link.

    Raises OSError, and IncidentError for a link that leads out of the repository.
    """
    write_all({path: text.encode("utf-8")})


class Held:
    """A file that nobody else may write; `text` is what it will hold."""

    def __init__(self, text: str) -> None:
        self.text = text


@contextlib.contextmanager
def hold(path: Path, create: bool = False) -> Iterator[Held]:
    """Keep others from writing `path` while its text is edited; with `create` it may be missing.

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
    """Replace the text of `path` by what `edited` makes of it, and let nobody write in between.

    Raises as `hold`, and what `edited` raises: then nothing is written.
    """
    with hold(path) as held:
        held.text = edited(held.text)


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Replace files of one folder, in order, when all of them are on the disk.

    What is no file (a pipe, a device) is written into. Raises as `write_text`.
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

    Raises UsageError if anything stands there, and as `write_text`.
    """
    place = _place(path.parent) / path.name
    _make(place.parent)
    with _alone(place.parent):
        if os.path.lexists(place):
            raise UsageError(f"{path} exists already", "give another title, or edit that file")
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
    """Add `text` at the end of `path`, which others may write to as well. Raises OSError."""
    _place(path)
    _into(path, text.encode("utf-8"), os.O_CREAT | os.O_APPEND)


def _place(path: Path) -> Path:
    """Where `path` really is. Raises IncidentError where it leads out of the repository."""
    try:
        root = repository(path)
        if root is not None and leads_out(path, root):
            fact = f"{path} leads out of the repository, or into .git"
            raise IncidentError(fact, "remove the link, or name the place that is meant")
        return path.resolve()
    except (RuntimeError, ValueError) as error:  # a loop of links, a name with a NUL
        raise IncidentError(f"{path}: {error}", "correct the path") from error


@contextlib.contextmanager
def _named(place: Path) -> Iterator[None]:
    """People are told of `place`, not of the temporary file that stands for it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, and remove what killed processes left there.

    The kernel gives the lock back when a process ends, however it ends. Where there are no locks
    (Windows, some network folders), two writers at once are still never mixed.
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
    """Wait for the lock; False where there are none. Raises IncidentError after a while."""
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
    raise IncidentError(f"another process keeps the folder {folder} locked", "try again")


def _replace(contents: Mapping[Path, bytes]) -> None:
    """Write all beside their places, then rename one after another."""
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
    """The content in a new file beside `place`, with the owner and mode of what is there."""
    name = os.path.join(place.parent, f"{PREFIX}{os.urandom(6).hex()}{SUFFIX}")
    with _named(place):
        there = os.stat(place) if place.exists() else None
        if there and not os.access(place, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
        if there and there.st_nlink > 1:
            raise IncidentError(
                f"{place} has {there.st_nlink} names (hard links), and only one would change",
                "make the other names symbolic links, or remove them",
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
    """Make a folder and those above it, each on the disk."""
    if not folder.is_dir():
        _make(folder.parent)
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder)
        _to_disk(folder.parent)


def _to_disk(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where a system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some network folders cannot
            os.fsync(handle)
    finally:
        os.close(handle)
