"""A postmortem as text: frontmatter, sections, prose, and the line and column of any offset."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from operator import attrgetter
from typing import Any

from incident.diagnostic import Span
from incident.postmortem import frontmatter, sections, severity
from incident.postmortem.frontmatter import Fault, Frontmatter
from incident.postmortem.markdown import links, rendered_links, rendering, source
from incident.postmortem.markdown.links import Link
from incident.postmortem.markdown.rendering import Code
from incident.postmortem.markdown.source import Block
from incident.postmortem.sections import Section
from incident.repository.config import MAX_BYTES, Config
from incident.text.lazy_regex import lazy

_LINE_START = lazy(r"(?:\A|\n) {0,3}\Z")
_start = attrgetter("start")
_PLAIN = lazy(r"[a-z0-9]+(?: [a-z0-9]+)*")  # titles that are their own anchors


@dataclass
class Document:
    """One file. `path` is relative to the repository, with forward slashes.

    `faults` are the reasons why it could not be read; then `data` may be empty. `data` has the
    severity as P0 to P3; `severity_label` is its name in the team's own scale. `is_rendered`:
    everything that the wiki shows as code is code, otherwise only what the text alone proves.
    `archive`: the archive's folder, which `path` is in.
    """

    path: str
    text: str
    meta: Frontmatter
    faults: list[Fault] = field(default_factory=list)
    severity_label: str = ""
    is_rendered: bool = False
    archive: str = Config.archive

    @property
    def data(self) -> dict[str, Any]:
        """The frontmatter as plain values."""
        return self.meta.data

    @cached_property
    def lowered(self) -> str:
        """The text in lower case, for cheap tests; offsets may differ."""
        return self.text.lower()

    @cached_property
    def blocks(self) -> str:
        """The text without frontmatter, code blocks and comments; same offsets."""
        masked = source.mask_blocks(self.text, self.meta.body, self._blocks)
        if self.is_rendered:
            return source.mask(masked, [(c.start, c.end) for c in self._code if c.is_block])
        return masked

    @cached_property
    def without_code(self) -> str:
        """`blocks` without code spans; same offsets."""
        if self.is_rendered:
            return source.mask(self.blocks, [(c.start, c.end) for c in self._code])
        return source.mask_spans(self.blocks, self.text, self._blocks)

    @cached_property
    def code_spans(self) -> list[str]:
        """The contents of code spans, without backticks."""
        if self.is_rendered:
            return [self.text[c.start : c.end].strip() for c in self._code if not c.is_block]
        return source.code_spans(self.blocks, self.without_code)

    @cached_property
    def prose(self) -> str:
        """`without_code` without link targets and addresses; same offsets."""
        return source.mask_targets(self.without_code)

    @cached_property
    def markdown(self) -> str:
        """The body without comments: the source of the wiki page."""
        return source.without_comments(self.text, self.meta.body, self._blocks)

    def is_comment(self, at: int) -> bool:
        """Whether an offset of the body is in a comment that is not in code."""
        before = bisect_right(self._blocks, at, key=lambda block: block.start) - 1
        return before >= 0 and not self._blocks[before].fenced and at < self._blocks[before].end

    def may_be_code(self, at: int) -> bool:
        """Whether the wiki might render an offset as code that counts as prose here."""
        return not self.is_rendered and source.covers(self._doubtful, at)

    def rendered(self) -> Document:
        """The same document, read as the wiki renders it; slow."""
        return replace(self, is_rendered=True)

    @cached_property
    def _blocks(self) -> list[Block]:
        shown: set[int] = set()
        for _ in range(3):  # if it is not a comment, the text below it is read differently
            blocks = source.find_blocks(self.text, self.meta.body, shown)
            comments = {block.start for block in blocks if not block.fenced}
            if not comments:
                break
            inner = [
                block if block.fenced else block._replace(start=block.start + 1) for block in blocks
            ]
            masked = source.mask_blocks(self.text, self.meta.body, inner)
            doubtful = source.doubtful(source.mask_spans(masked, self.text, inner), self.meta.body)
            # at the start of a line it is always an HTML block
            others = (
                at for at in comments if not _LINE_START().search(self.text, max(0, at - 4), at)
            )
            asked = {at for at in others if source.covers(doubtful, at)}
            if not asked:
                break
            found = rendering.shown_comments(self.text, self.meta.body, blocks, asked)
            if not found:
                break
            shown.update(found)
        return blocks

    @cached_property
    def _doubtful(self) -> list[tuple[int, int]]:
        return source.doubtful(self.without_code, self.meta.body)

    @cached_property
    def _code(self) -> list[Code]:
        return rendering.find_code(self.text, self.meta.body, self._blocks)

    @cached_property
    def sections(self) -> list[Section]:
        """All sections, in order."""
        return sections.read(self.blocks)

    @cached_property
    def links(self) -> list[Link]:
        """The links and pictures of the body that lead to no other host."""
        if not links.may_have(self.text):
            return []
        found = links.find(self.without_code)
        if self.is_rendered:
            shown = rendered_links.find(self.text, self.meta.body, self._blocks)
            if shown is None:
                return found
            inner = (link for _, link in links.in_elements(self.without_code) if link.is_inside)
            return sorted({*shown, *inner}, key=_start)
        is_certain = links.is_certain(self.without_code)
        if not is_certain or any(self.may_be_code(link.start) for link in found):
            return self.rendered().links
        return found

    def has_anchor(self, name: str) -> bool:
        """Whether the wiki page has that anchor."""
        titles = (section.title.lower() for section in self.sections)
        plain = ("-".join(title.split()) for title in titles if _PLAIN().fullmatch(title))
        return name in plain or name in self.anchors

    @cached_property
    def anchors(self) -> frozenset[str]:
        """The anchors of the wiki page; slow."""
        return rendering.anchors(self.markdown)

    @cached_property
    def by_key(self) -> dict[str, Section]:
        """The first section of each canonical name."""
        found: dict[str, Section] = {}
        for section in self.sections:
            if section.key:
                found.setdefault(section.key, section)
        return found

    def section_text(self, key: str) -> str:
        """The text of a section, without comments and fences; "" if it is missing."""
        section = self.by_key.get(key)
        return self.blocks[section.heading_end : section.end].strip() if section else ""

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n")[:-1])]

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
        # a block value starts below its key: point at the key, which is one word on one line
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
    """Read a document from text; never raises, problems are in `faults`."""
    meta = frontmatter.read(text)
    written, aliases = meta.data.get("severity"), severity_aliases or {}
    label = str(written) if isinstance(written, (str, int)) else ""
    if label and aliases:
        if (level := severity.level(label, aliases)).casefold() != label.casefold():
            meta.data["severity"] = level or written
        label = severity.label(label, aliases)
    return Document(path, text, meta, list(meta.faults), severity_label=label)


def parse_bytes(
    raw: bytes, path: str, severity_aliases: Mapping[str, str] | None = None
) -> Document:
    """Decode and read; a file that is not text, or too large, is a fault."""
    fault = None
    if len(raw) > MAX_BYTES:
        size = f"{len(raw) / 1e6:.1f} MB"
        fault = Fault(0, 0, f"the file is {size} (limit {MAX_BYTES / 1e6:.0f} MB)", _HINT_SIZE)
        raw = b""
    elif not raw.strip():
        fault = Fault(0, 0, "the file is empty", "create a draft with `incident new`")
    elif (at := raw.find(b"\0")) >= 0:
        fault = _byte_fault(raw, at, "NUL byte: not a text file", "save it as UTF-8 text")
    else:
        try:
            return parse(raw.decode("utf-8"), path, severity_aliases)
        except UnicodeDecodeError as error:
            message = f"byte 0x{raw[error.start]:02x} is not UTF-8"
            fault = _byte_fault(raw, error.start, message, "save the file as UTF-8")
    text = raw.decode("utf-8", errors="replace")
    return Document(path, text, Frontmatter(), [fault])


_HINT_SIZE = "link to large evidence instead of pasting it"


def _byte_fault(raw: bytes, at: int, message: str, hint: str) -> Fault:
    offset = len(raw[:at].decode("utf-8", errors="replace"))
    return Fault(offset, offset + 1, message, hint)


_HINT_READ = "check the file's name and its permissions"


def unreadable(path: str, reason: str) -> Document:
    """A document that could not be opened."""
    return Document(path, "", Frontmatter(), [Fault(0, 0, reason, _HINT_READ)])
