"""All postmortems of a repository."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from incident.archive.files import postmortem_paths, read_bytes
from incident.errors import UsageError, cause
from incident.repository.config import Config, did_you_mean
from incident.text.counts import some

if TYPE_CHECKING:  # a fully cached run reads no document, so YAML loads on demand
    from incident.postmortem.document import Document
    from incident.postmortem.model import Postmortem

_HEAD = 50_000  # characters that have the frontmatter
_CANDIDATES = 10  # listed for an ambiguous part of an id


class Entry(NamedTuple):
    """A document with its values."""

    document: Document
    postmortem: Postmortem


@dataclass(frozen=True)
class Archive:
    """`entries`: readable documents, newest first. `broken`: documents with faults.

    `root`: the repository, whose own templates win over the packaged ones; None without one.
    `severity_aliases`: the team's own scale.
    """

    entries: tuple[Entry, ...]
    broken: tuple[Document, ...]
    root: Path | None = None
    severity_aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def declared(self) -> tuple[Postmortem, ...]:
        """Everything that was declared, newest first, without drills."""
        return tuple(e.postmortem for e in self.entries if not e.postmortem.drill)

    @property
    def postmortems(self) -> tuple[Postmortem, ...]:
        """The incidents among them, without false alarms and duplicates."""
        return tuple(p for p in self.declared if not p.closed_as)

    @cached_property
    def handles(self) -> frozenset[str]:
        """Everyone with a role anywhere: an owner among them is a person, not a team."""
        return frozenset(handle for e in self.entries for handle in e.postmortem.handles)


def read(path: Path, config: Config) -> Document:
    """Read one document; one that is unreadable or outside is a document with a fault."""
    from incident.postmortem import document

    shown, raw = config.relative(path), read_bytes(path, config)
    if isinstance(raw, str):
        found = document.unreadable(shown, raw)
    else:
        try:
            found = document.parse_bytes(raw, shown, config.severity_aliases)
        except Exception as error:  # one file never stops a run over all of them
            found = document.unreadable(shown, f"cannot be read: {cause(error)}")
    found.archive = config.archive
    return found


def load(
    config: Config,
    reader: Callable[[Path, Config], Document] = read,
    *,
    values_only: bool = False,
) -> Archive:
    """Read the archive of a repository; a missing archive is empty.

    `reader` reads one document. With `values_only`, texts are let go of once their values are
    known: the entries' documents are empty, and `data` is, which saves nine tenths of the memory.
    """
    from incident.postmortem import document, model
    from incident.postmortem.frontmatter import Frontmatter

    entries, broken = [], []
    for path in postmortem_paths(config.archive_dir):
        found = reader(path, config)
        if found.faults:
            broken.append(found)
            continue
        try:
            values = model.postmortem(found)
            if values_only:
                values = replace(values, data={})
                found = document.Document(found.path, "", Frontmatter(), archive=found.archive)
            entries.append(Entry(found, values))
        except Exception as error:
            reason = f"cannot be read: {cause(error)}"
            broken.append(replace(document.unreadable(found.path, reason), archive=found.archive))
    entries.sort(key=lambda entry: (str(entry.postmortem.date or ""), entry.postmortem.id))
    return Archive(tuple(reversed(entries)), tuple(broken), config.root, config.severity_aliases)


def must_be_there(config: Config) -> None:
    """Raise UsageError if the repository has no archive: probably the wrong folder."""
    if not config.archive_dir.is_dir():
        raise UsageError(
            f"there is no folder {config.archive}/ in {config.root}",
            "change to the repository that has it, or create it with `incident init`",
        )


def _is_part(text: str, id_: str) -> bool:
    """Whether an id has this part, which a table may have shortened: `2025-05-14-reven…`."""
    at = 0
    for piece in text.split("\u2026"):
        at = id_.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return bool(text.strip("\u2026"))


def find(config: Config, id_or_path: str) -> Path:
    """The file of one postmortem, by path, id, or any unique part of the id.

    Raises UsageError if there is none or more than one, or if it is not in this repository.
    """
    path = Path(id_or_path)
    try:
        if path.suffix == ".md" and path.is_file():
            if path.resolve().is_relative_to(config.root.resolve()):
                return path
            raise UsageError(f"{path} is not in {config.root}", "run it in that repository")
    except (OSError, ValueError):  # too long for a name
        pass
    must_be_there(config)
    # some systems write an é of a name as two characters
    by_id = {normalize("NFC", found.stem): found for found in postmortem_paths(config.archive_dir)}
    if (wanted := normalize("NFC", id_or_path)) in by_id:
        return by_id[wanted]
    part = normalize("NFC", path.name).removesuffix(".md").lower()
    matches = sorted((id_ for id_ in by_id if _is_part(part, id_.lower())), reverse=True)
    if len(matches) == 1:
        return by_id[matches[0]]
    if matches:
        raise UsageError(
            f"`{id_or_path}` matches {len(matches)} postmortems: {some(matches, _CANDIDATES)}",
            "use a longer part of the id",
        )
    if len(found := _imported_as(id_or_path, by_id.values())) == 1:
        return found[0]
    hint = did_you_mean(id_or_path, by_id)
    if not hint.startswith("did"):
        hint = "list the ids with `incident list`"
    folder = config.relative(config.archive_dir)
    raise UsageError(f"no postmortem in {folder} matches `{id_or_path}`", hint)


def _imported_as(number: str, paths: Iterable[Path]) -> list[Path]:
    """The imported postmortems that had this number, or this file name, where they come from."""
    written = rf'"{re.escape(number)}(?:\.\w{{1,10}})?"'
    wanted = re.compile(rf"^(?:tags|x_imported):.*{written}", re.IGNORECASE | re.MULTILINE)
    found = []
    for path in paths:
        with contextlib.suppress(OSError), path.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_HEAD)
            if "\nx_imported:" in text and wanted.search(text):
                found.append(path)
    return found
