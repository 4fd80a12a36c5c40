"""What the sections of a foreign postmortem hold, section by section."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from incident.foreign import action_items, carve, metadata, timeline
from incident.foreign.accounting import Ledger
from incident.foreign.imported import Other
from incident.foreign.item_text import Item
from incident.foreign.reader import Reader
from incident.foreign.sections import Part
from incident.foreign.source_text import Line
from incident.foreign.timeline import Entry


@dataclass
class Collected:
    """`texts`: by our name of a section."""

    reader: Reader
    ledger: Ledger
    entries: list[Entry] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    others: list[Other] = field(default_factory=list)

    def take(self, part: Part, roles: dict[str, list[str]]) -> None:
        """Put a section where it belongs, apart from the timelines and items in it."""
        if part.key == "timeline":
            self._timeline(part.title, part.lines)
            return
        if part.key == "action_items":
            self._items(part)
            return
        if part.key == "people" and (who := metadata.handles(part)):
            roles.setdefault("responders", []).extend(who)
            return
        lines: list[Line] = []
        for piece in carve.pieces(part.lines, self.reader.order):
            if piece.kind == "timeline":
                self._timeline("", piece.lines)
            elif piece.kind == "action_items":
                rest = self._read_items("", piece.lines, "")
                lines += [Line(text, text) for text in rest]
            else:
                lines += piece.lines
        self._prose(part, text_of([line.text for line in lines]))

    def _timeline(self, title: str, lines: list[Line]) -> None:
        entries, rest = timeline.read(title, lines, self.reader, self.ledger)
        self.entries += entries
        self.texts.setdefault("timeline", []).append(text_of(rest))

    def _items(self, part: Part) -> None:
        group = part.title if part.level > 2 else ""
        rest = self._read_items(part.title, part.lines, group)
        self.others.append(Other(part.title, text_of(rest)))

    def _read_items(self, title: str, lines: list[Line], group: str) -> list[str]:
        items, rest = action_items.read(title, lines, self.reader, self.ledger)
        for item in items:
            item.group = item.group or group
        self.items += items
        return rest

    def _prose(self, part: Part, text: str) -> None:
        if part.key in {"", "people"} and part.title:
            self.others.append(Other(part.title, text))
            return
        key = part.key or "summary"
        before = self.texts.setdefault(key, [])
        said = len(part.title) > 45 or ":" in part.title.strip(" :")
        if text and (said or (before and (key != "summary" or len(before) > 1))):
            text = f"### {part.title}\n\n{text}"
        if text:
            before.append(text)


def text_of(lines: list[str]) -> str:
    """Lines as Markdown: no blank lines at the ends, one between."""
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
    return re.sub(r"(?:\A|\n)\s*(?:-{3,}|\*{3,}|_{3,})\s*\Z", "", text).strip("\n")
