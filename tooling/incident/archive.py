"""All postmortems of a repository."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from incident import document, model
from incident.config import Config, did_you_mean
from incident.document import Document
from incident.errors import UsageError
from incident.model import Postmortem


@dataclass(frozen=True)
class Entry:
    """A document with its values."""

    document: Document
    postmortem: Postmortem


@dataclass(frozen=True)
class Archive:
    """`entries`: what could be read, newest first. `broken`: documents with faults instead.

    `root`: the repository, whose own templates win over the packaged ones; None without one.
    """

    entries: tuple[Entry, ...]
    broken: tuple[Document, ...]
    root: Path | None = None

    @property
    def postmortems(self) -> tuple[Postmortem, ...]:
        """The values alone, newest first."""
        return tuple(entry.postmortem for entry in self.entries)


def files(folder: Path) -> Iterator[Path]:
    """Every Markdown file below `folder`, sorted; hidden folders and README files are none.

    Symlinks are yielded but not followed into folders: `read` judges where they lead.
    """
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".md") and not name.startswith(".") and name.lower() != "readme.md":
                yield Path(parent, name)


def read_bytes(path: Path, config: Config) -> bytes | str:
    """The content of a file; a text says why it was not read: it leads out, or cannot be opened."""
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(config.root.resolve()):
            return "a symlink that leads out of the repository"
        if not path.is_file():  # a pipe or a device would be read for ever
            return "not a file"
        return path.read_bytes()
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"


def read(path: Path, config: Config) -> Document:
    """Read one document; a file that cannot be opened, or leads out, is a document with a fault."""
    shown, raw = config.relative(path), read_bytes(path, config)
    if isinstance(raw, str):
        return document.unreadable(shown, raw)
    return document.parse_bytes(raw, shown, config.severity_aliases)


def load(config: Config) -> Archive:
    """Read the archive of a repository; an archive that is not there is empty."""
    entries, broken = [], []
    for path in files(config.archive_dir):
        found = read(path, config)
        if found.faults:
            broken.append(found)
        else:
            entries.append(Entry(found, model.postmortem(found)))
    entries.sort(key=lambda entry: (str(entry.postmortem.date or ""), entry.postmortem.id))
    return Archive(tuple(reversed(entries)), tuple(broken), config.root)


def find(config: Config, id_or_path: str) -> Path:
    """The file of one postmortem, by its id or its path. Raises UsageError if there is none."""
    path = Path(id_or_path)
    if path.suffix == ".md" and path.is_file():
        return path
    by_id = {found.stem: found for found in files(config.archive_dir)}
    if id_or_path in by_id:
        return by_id[id_or_path]
    hint = did_you_mean(id_or_path, by_id)
    hint = hint if hint.startswith("did") else "`incident list` names them"
    raise UsageError(f"{config.relative(config.archive_dir)} has no postmortem {id_or_path}", hint)
