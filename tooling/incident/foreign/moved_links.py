"""Links of imported documents: between those of one import, to their pictures, to other files."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from incident.postmortem import document
from incident.postmortem.markdown import links
from incident.text.lazy_regex import lazy

MAX_PICTURE = 10_000_000
_PICTURES = frozenset([".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"])
_TAG = lazy(r"<img\b[^<>]*?\ssrc=[\"'](?P<src>[^\"'<>\s:]+)[\"']", re.IGNORECASE)


@dataclass
class Moved:
    """The text of a draft whose links lead where its files are now.

    `pictures`: where each picture comes from, by the place it is copied to. `dead`: links to
    files that are not there, or not in the repository.
    """

    text: str
    pictures: dict[Path, Path] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)


def move(text: str, source: Path, target: Path, drafts: Mapping[Path, Path], root: Path) -> Moved:
    """The draft `text` of the file `source`, which will be at `target`.

    `drafts`: where the files of the same import go, by their resolved paths; `root`: of the
    repository, out of which no link may lead.
    """
    moved = Moved(text)
    read = document.parse(text, target.name)
    found = [
        (link.start, link.end, link.path, link.target) for link in links.find(read.without_code)
    ]
    found += [(*m.span("src"), m["src"], m["src"]) for m in _TAG().finditer(read.blocks)]
    folder, parts, done = source.resolve().parent, [], 0
    for start, end, path, written in sorted(found):
        if not path or path.startswith("/") or start < done:
            continue
        place = _place(folder / path, target, drafts, root, moved)
        if place is None:
            moved.dead.append(path)
        if not place:
            continue
        rest = written[written.find("#") :] if "#" in written else ""
        relative = Path(os.path.relpath(place, target.parent)).as_posix().replace(" ", "%20")
        parts += [text[done:start], relative + rest]
        done = end
    moved.text = "".join([*parts, text[done:]])
    return moved


def _place(
    path: Path, target: Path, drafts: Mapping[Path, Path], root: Path, moved: Moved
) -> Path | str | None:
    """Where a link leads from now on; "" if it stays as it is, None if it leads nowhere."""
    try:
        full = path.resolve()
        if full in drafts:
            return drafts[full]
        if not full.exists():
            return None if path.suffix else ""  # a page of a website has no ending
        if full.suffix.lower() in _PICTURES and full.is_file():
            return _picture(full, target, root, moved)
        return full if full.is_relative_to(root.resolve()) else None
    except OSError:
        return ""


def _picture(full: Path, target: Path, root: Path, moved: Moved) -> Path | None:
    """A picture goes next to the draft; one from another repository may not."""
    known = next((place for place, origin in moved.pictures.items() if origin == full), None)
    if known:
        return known
    if not full.is_relative_to(root.resolve()) or full.stat().st_size > MAX_PICTURE:
        return None
    name = re.sub(r"[^\w.-]+", "-", full.name)
    place, number = target.parent / f"{target.stem}-{name}", 2
    while place in moved.pictures:
        place = target.parent / f"{target.stem}-{number}-{name}"
        number += 1
    moved.pictures[place] = full
    return place
