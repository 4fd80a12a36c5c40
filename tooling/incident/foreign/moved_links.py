"""Links of imported documents: between those of one import, to their pictures, to other files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, unquote

from incident.archive import attachments
from incident.postmortem import document
from incident.postmortem.document import Document
from incident.postmortem.markdown.links import Link
from incident.text import markdown_names

MAX_PICTURE = 10_000_000
_WEB_ENDING = (".html", ".htm", "/")


@dataclass(frozen=True)
class Batch:
    """One import. `drafts`: where each file goes, by its resolved path; `texts`: of the drafts.

    `folders`: those that were named; `root`: of the repository. Pictures come only from below them.
    """

    drafts: Mapping[Path, Path]
    texts: Mapping[Path, str]
    folders: tuple[Path, ...]
    root: Path

    @cached_property
    def by_name(self) -> dict[str, Path]:
        """The files whose names, without an ending, are unique among those of the import."""
        found: dict[str, list[Path]] = {}
        for path in self.drafts:
            found.setdefault(markdown_names.stem(path.name).casefold(), []).append(path)
        return {name: paths[0] for name, paths in found.items() if len(paths) == 1}

    @cached_property
    def documents(self) -> dict[Path, Document]:
        """The drafts, by their paths."""
        return {path: document.parse(text, path.name) for path, text in self.texts.items()}

    def may_copy(self, path: Path) -> bool:
        """Whether a file is below a folder that was named, or in the repository."""
        return any(path.is_relative_to(one.resolve()) for one in (self.root, *self.folders))


@dataclass
class Moved:
    """The text of a draft whose links lead where its files are now.

    `pictures`: where each picture comes from, by the place it is copied to. `left`: links that
    stay as they were, and why.
    """

    text: str
    pictures: dict[Path, Path] = field(default_factory=dict)
    left: list[tuple[str, str]] = field(default_factory=list)


class _LeftError(Exception):
    """A link stays as it was; the message says why."""


def move(text: str, source: Path, target: Path, batch: Batch) -> Moved:
    """The draft `text` of the file `source`, which will be at `target`."""
    moved = Moved(text)
    parts, done = [], 0
    own = batch.documents.get(target) or document.parse(text, target.name)
    for link in own.links:
        if link.start < done:
            continue
        try:
            address = _address(link, source, target, own, batch, moved)
        except _LeftError as left:
            moved.left.append((link.target, str(left)))
            continue
        parts += [text[done : link.start], address]
        done = link.end
    moved.text = "".join([*parts, text[done:]])
    return moved


def _address(
    link: Link, source: Path, target: Path, own: Document, batch: Batch, moved: Moved
) -> str:
    """The new target of a link. Raises _LeftError."""
    anchor = unquote(link.anchor)
    if not link.path:
        if anchor and not own.has_anchor(anchor):
            raise _LeftError("no such heading in the draft")
        return link.target
    try:
        found = _file(link.path, source, batch)
        if (draft := batch.drafts.get(found)) is not None:
            other = batch.documents.get(draft)
            if anchor and other and not other.has_anchor(anchor):
                moved.left.append((link.target, "no such heading in the draft; links to its top"))
                anchor = ""
            return _relative(draft, target) + (f"#{anchor}" if anchor else "")
        if attachments.kind(found.name) is attachments.Kind.PICTURE and found.is_file():
            return _relative(_picture(found, target, batch, moved), target)
        if not found.is_relative_to(batch.root.resolve()):
            raise _LeftError("not in the repository")
    except OSError as error:
        raise _LeftError(error.strerror or "cannot be read") from error
    return _relative(found, target) + link.rest


def _relative(place: Path, target: Path) -> str:
    return quote(Path(os.path.relpath(place, target.parent)).as_posix())


def _file(path: str, source: Path, batch: Batch) -> Path:
    """The file that a link means: as written, from a root, or with an ending. Raises _LeftError."""
    bases = [source.resolve().parent, *batch.folders, batch.root]
    places = [(base / path.lstrip("/")).resolve() for base in bases[path.startswith("/") :]]
    bare = next((path.removesuffix(end) for end in _WEB_ENDING if path.endswith(end)), path)
    for place in places:
        if place in batch.drafts or place.exists():
            return place
        for suffix in markdown_names.SUFFIXES:
            page = place.with_name(f"{Path(bare).name}{suffix}")
            if page in batch.drafts:
                return page
    # a page of the wiki that the files come from
    name = markdown_names.stem(Path(bare).name).casefold()
    if (known := batch.by_name.get(name)) is not None:
        return known
    raise _LeftError("does not exist")


def _picture(full: Path, target: Path, batch: Batch, moved: Moved) -> Path:
    """The place of a picture next to the draft. Raises _LeftError."""
    known = next((place for place, origin in moved.pictures.items() if origin == full), None)
    if known:
        return known
    if not batch.may_copy(full):
        raise _LeftError("not in the repository, nor below a folder that is imported")
    if (size := full.stat().st_size) > MAX_PICTURE:
        raise _LeftError(f"{size / 1e6:.0f} MB (limit {MAX_PICTURE / 1e6:.0f} MB)")
    if why := attachments.problem(full):
        raise _LeftError(why)
    name = re.sub(r"[^\w.-]+", "-", full.name)
    place, number = target.parent / f"{target.stem}-{name}", 2
    while place in moved.pictures:
        place = target.parent / f"{target.stem}-{number}-{name}"
        number += 1
    moved.pictures[place] = full
    return place
