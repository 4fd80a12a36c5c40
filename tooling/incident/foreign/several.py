"""Several incidents in one file: where each begins."""

from __future__ import annotations

from dataclasses import dataclass, field

from incident.foreign import sections, source_text
from incident.foreign.headings import key_of
from incident.postmortem import sections as own

_TELLING = frozenset(["timeline", "root_cause", "impact", "resolution", "summary", "detection"])


@dataclass
class Start:
    """The heading of an incident: its lines [number, after) in the file, and its title."""

    number: int
    after: int
    title: str
    below: set[str] = field(default_factory=set)


def starts(text: str) -> list[Start]:
    """The headings of the incidents in a file; none if it is about one.

    Headings of one level, none of which is a section of ours, with the same sections below each.
    """
    body = sections.read(text).body
    found = [(heading, key_of(heading.title)) for heading in own.read(body.masked)]
    for level in range(1, 5):
        peers: list[Start] = []
        current = None
        for heading, key in found:
            if heading.level <= level:
                current = None
            if heading.level == level and not key:
                number = body.numbers[body.index_at(heading.start)]
                last = body.numbers[body.index_at(heading.heading_end)]
                current = Start(number, last + 1, heading.title)
                peers.append(current)
            elif current and key in _TELLING:
                current.below.add(key)
        telling = [peer for peer in peers if peer.below]
        if len(telling) >= 2 and set.intersection(*(peer.below for peer in telling)):
            return telling
    return []


def split(text: str, found: list[Start]) -> list[str]:
    """A text for each incident, with the frontmatter; lines keep their numbers.

    What is above the first incident goes to that one.
    """
    lines = source_text.clean(text).split("\n")
    above = sections.read(text).above
    parts = []
    for index, start in enumerate(found):
        first = start.number if index else above + 1
        last = found[index + 1].number if index + 1 < len(found) else len(lines) + 1
        kept = [
            line if number <= above or first <= number < last else ""
            for number, line in enumerate(lines, 1)
        ]
        if not index:  # the file's own title is not that of the incident
            above_it = range(above, start.number - 1)
            kept = [
                "" if n in above_it and line[:1] == "#" else line for n, line in enumerate(kept)
            ]
        kept[start.number - 1 : start.after - 1] = [""] * (start.after - start.number)
        kept[start.number - 1] = f"# {start.title}"
        parts.append("\n".join(kept))
    return parts
