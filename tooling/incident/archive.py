"""All postmortems of a repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from incident import document, model
from incident.config import Config
from incident.document import Document
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


def read(path: Path, config: Config) -> Document:
    """Read one document; a file that cannot be opened, or leads out, is a document with a fault."""
    shown = config.relative(path)
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(config.root.resolve()):
            return document.unreadable(shown, "a symlink that leads out of the repository")
        if not path.is_file():  # a pipe or a device would be read for ever
            return document.unreadable(shown, "not a file")
        raw = path.read_bytes()
    except OSError as error:
        return document.unreadable(shown, f"cannot be read: {error.strerror or error}")
    return document.parse_bytes(raw, shown, config.severity_aliases)


def load(config: Config, reader: Callable[[Path, Config], Document] = read) -> Archive:
    """Read the archive of a repository; an archive that is not there is empty.

    `reader` reads one document.
    """
    entries, broken = [], []
    for path in files(config.archive_dir):
        found = reader(path, config)
        if found.faults:
            broken.append(found)
        else:
            entries.append(Entry(found, model.postmortem(found)))
    entries.sort(key=lambda entry: (str(entry.postmortem.date or ""), entry.postmortem.id))
    return Archive(tuple(reversed(entries)), tuple(broken), config.root)
