"""A postmortem as text: frontmatter, sections, prose, and the line and column of any offset."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from incident.diagnostic import Span
from incident.postmortem import frontmatter, links, sections
from incident.postmortem.frontmatter import Fault, Frontmatter
from incident.postmortem.links import Link
from incident.postmortem.sections import Block, Section
from incident.repository.config import MAX_BYTES


@dataclass
class Document:
    """One file. `path` is relative to the repository, with forward slashes.

    `faults` says what kept it from being read; with faults, `data` may be empty.
    """

    path: str
    text: str
    meta: Frontmatter
    faults: list[Fault] = field(default_factory=list)

    @property
    def data(self) -> dict[str, Any]:
        """The frontmatter as plain values."""
        return self.meta.data

    @cached_property
    def lowered(self) -> str:
        """The text in lower case, for cheap questions; offsets may differ."""
        return self.text.lower()

    @cached_property
    def blocks(self) -> str:
        """The text without frontmatter, code fences and comments; same offsets."""
        return sections.mask_blocks(self.text, self.meta.body, self._blocks)

    @cached_property
    def _blocks(self) -> list[Block]:
        return sections.find_blocks(self.text, self.meta.body)

    def is_fenced(self, at: int) -> bool:
        """Whether the offset lies in a code fence."""
        before = bisect_right(self._blocks, at, key=lambda block: block.start) - 1
        return before >= 0 and self._blocks[before].fenced and at < self._blocks[before].end

    @cached_property
    def prose(self) -> str:
        """`blocks` without code spans, link targets and addresses; same offsets."""
        return sections.mask_inline(self.blocks)

    @cached_property
    def sections(self) -> list[Section]:
        """All sections, in order."""
        return sections.read(self.blocks)

    @cached_property
    def links(self) -> list[Link]:
        """The links and pictures of the body that lead to no other host."""
        return links.find(self.blocks)

    @cached_property
    def by_key(self) -> dict[str, Section]:
        """The first section of each canonical name."""
        found: dict[str, Section] = {}
        for section in self.sections:
            if section.key:
                found.setdefault(section.key, section)
        return found

    def section_text(self, key: str) -> str:
        """What stands under a section, without comments and fences; "" if there is none."""
        section = self.by_key.get(key)
        return self.blocks[section.heading_end : section.end].strip() if section else ""

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        at = self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def span(self, start: int, end: int) -> Span:
        """Lines and columns of the offsets [start, end)."""
        line, column = self._position(start)
        end_line, end_column = self._position(max(start, end))
        return Span(line, column, end_line, end_column)

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def at(self, *path: str | int) -> tuple[int, int]:
        """Offsets of the frontmatter value at `path`, else of the nearest one above it."""
        place = self.meta.nearest(path)
        # a block value begins below its key: point at the key, which is one word on one line
        if path and "\n" in self.text[place.start : place.end].rstrip():
            if place.key_start != place.start:
                return place.key_start, place.key_end
            line_end = self.text.find("\n", place.start, place.end)
            return place.start, line_end
        return place.start, place.end

    def get(self, *path: str | int) -> Any:
        """The frontmatter value at `path`, or None."""
        value: Any = self.data
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value


def parse(text: str, path: str, severity_aliases: Mapping[str, str] | None = None) -> Document:
    """Read a document from text; never raises, what is wrong is in `faults`."""
    meta = frontmatter.read(text)
    severity = meta.data.get("severity")
    if severity_aliases and isinstance(severity, (str, int)):
        meta.data["severity"] = severity_aliases.get(str(severity), severity)
    return Document(path, text, meta, list(meta.faults))


def parse_bytes(
    raw: bytes, path: str, severity_aliases: Mapping[str, str] | None = None
) -> Document:
    """Decode and read; what is no text, or too large to be a postmortem, is a fault."""
    fault = None
    if len(raw) > MAX_BYTES:
        size = f"{len(raw) / 1e6:.1f} MB"
        fault = Fault(0, 0, f"the file is {size} (limit {MAX_BYTES / 1e6:.0f} MB)", _HINT_SIZE)
        raw = b""
    elif not raw.strip():
        fault = Fault(0, 0, "the file is empty", "`incident new` writes a first draft")
    elif (at := raw.find(b"\0")) >= 0:
        fault = _byte_fault(raw, at, "a NUL byte: this is no text file", "save it as UTF-8 text")
    else:
        try:
            return parse(raw.decode("utf-8"), path, severity_aliases)
        except UnicodeDecodeError as error:
            message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
            fault = _byte_fault(raw, error.start, message, "save the file as UTF-8")
    text = raw.decode("utf-8", errors="replace")
    return Document(path, text, Frontmatter(), [fault])


_HINT_SIZE = "a postmortem reads in 15 minutes: link large evidence, do not paste it"


def _byte_fault(raw: bytes, at: int, message: str, hint: str) -> Fault:
    offset = len(raw[:at].decode("utf-8", errors="replace"))
    return Fault(offset, offset + 1, message, hint)


_HINT_READ = "check the path and its permissions"


def unreadable(path: str, reason: str) -> Document:
    """A document that could not be opened at all."""
    return Document(path, "", Frontmatter(), [Fault(0, 0, reason, _HINT_READ)])
