"""What a file's name, its folder and its first commit say about when it was written."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import NamedTuple

from incident import git
from incident.errors import IncidentError
from incident.text import stamps

_MONTH = re.compile(r"(?:^|/)(20\d\d)[/-]?(0[1-9]|1[0-2])(?=/)")


class Hints(NamedTuple):
    """`day`: in the file's name. `month`: the middle of the one that the folder names.

    `is_post`: whether the name's day is that of a post, as Jekyll has it. `words`: of the name,
    without a day.
    """

    day: date | None
    month: date | None
    is_post: bool
    words: str


def of_name(name: str) -> Hints:
    """The hints in a path with forward or backward slashes."""
    path = name.replace("\\", "/")
    folder, _, file = path.rpartition("/")
    stem = re.sub(r"\.(?:md|markdown|mdx|txt|html)\b.*$", "", file, flags=re.IGNORECASE)
    spaced = re.sub(r"[_\s]+", " ", stem)
    day = None
    for text in (spaced.replace(" ", "-"), spaced):
        found = stamps.first_day(text, None, with_year=True)
        if found and found.year and not found.is_ambiguous:
            day = date(found.year, found.month, found.day)
            break
    months = _MONTH.findall(f"{folder}/")
    month = date(int(months[-1][0]), int(months[-1][1]), 15) if months else None
    is_post = bool(
        re.search(r"(?:^|/)(?:_?posts|_?drafts|blog|news|announcements?)(?:/|$)", folder)
    )
    return Hints(day, month, is_post, spaced)


def committed(path: Path) -> date | None:
    """The day on which git first saw a file; None where that is not known."""
    try:
        found = git.run(
            path.parent,
            "log",
            "--diff-filter=A",
            "--format=%as",
            "--max-count=1",
            paths=[path.name],
        )
        return date.fromisoformat(found.text.strip()) if not found.code and found.text else None
    except (IncidentError, OSError, ValueError):
        return None


def title_of(words: str) -> str:
    """A title from a file's name: `2021-05-09-negative-coins` as "Negative coins"."""
    plain = re.sub(r"^[\W\d]+", "", words).strip()
    plain = re.sub(r"[-_]+", " ", plain).strip()
    return plain[:1].upper() + plain[1:] if plain else ""
