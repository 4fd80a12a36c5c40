"""Targets that read a postmortem, ours or somebody else's: nothing that is written there ends them.

Each takes any bytes. What it raises, but for the project's own errors, is a bug.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from fuzz.coded import Source, bytes_of, shaped, text
from incident import foreign
from incident.archive import roster
from incident.clock import Clock
from incident.diagnostic import Level
from incident.errors import IncidentError
from incident.foreign import action_items as items
from incident.foreign import render, suggested_times, timeline
from incident.foreign import sections as split
from incident.foreign.accounting import Ledger
from incident.foreign.reader import Reader
from incident.foreign.source_text import Line
from incident.lint import fixes, linter
from incident.postmortem import document, edit, model, sections
from incident.postmortem import frontmatter as matter
from incident.postmortem import suppressions as suppress
from incident.postmortem import timeline_entries as entries_of
from incident.postmortem.markdown import source
from incident.repository import config
from incident.text import stamps, zones
from incident.text.dates import Order

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
PATH = "incidents/2025/2025-05-14-revenue-drops.md"
HEAD = """\
---
id: 2025-05-14-revenue-drops
title: "Daily revenue 18% low"
status: in_review
severity: P1
owner: data-platform
roles: {incident_lead: ihalvorsen}
timestamps: {started_at: "2025-05-14T09:40Z"}
"""
ROSTER = roster.roster(["Ines Halvorsen", "Rafaela D\u2019Souza"], ["ines@example.com"])

YAML = (
    *(": ", "- ", "? ", "|\n", ">-\n", "&a ", "*a", "!!str ", "!x ", "{", "}", "[", "]", "# "),
    *("'", '"', "<<: *a\n", "null", "~", "true", "NO", "0123", "1e5", "12:30", "%YAML 1.2\n"),
    *("id: ", "title: ", "status: ", "severity: ", "owner: ", "timestamps:\n  ", "detected_at: "),
    *("action_items:\n  - ", "lint: {ignore: [{rule: ", "reason: ", "until: ", "...\n", "\\U0010"),
)
BODY = (
    *("## Summary\n", "## Timeline\n", "## Root cause\n", "## What went well\n", "## RCA\n"),
    *("# ", "### ", "===\n", "- ", "> ", "| ", "`", "``", "](", "](a.md)", "[a](<b c>)", "**"),
    *("Ines Halvorsen", "@ines", "ines@example.com", "human error", "should have", "never again"),
    *("2025-05-14 09:40Z", "09:40", "**detected**: ", "<a href='", "https://x.example/", "#2891"),
    *("AB ", "Hudson reverted ", "TBD", "AKIA", "&amp;", "\\", "1. ", "-->\n", "}", "$", "18%"),
)
IGNORE = (
    *("incident-ignore: ", "incident-ignore-section: ", "incident-ignore-file: ", "<!-- ", "# "),
    *("never-again", "INC4", "INC426", ", ", " until ", "2025-06-05", "2024-02-30", " -- ", "x"),
    *(" \u2014 ", " -->", "\n", "\n\n", "## Summary\n", "`", "```\n", " ", "'", '"'),
)
TIMES = (
    *("- ", "* ", "| ", " |", "|---|---|\n", "## Timeline\n", "2025-05-14 ", "T", "09:40", "9:4"),
    *("23:59", "00:10", "24:60", "Z", " UTC", "+14:00", "-12:00", "+99:99", "**", "detected: "),
    *(
        "**resolved**: ",
        "9999-12-31 ",
        "0001-01-01 ",
        "[",
        "]",
        "(",
        ")",
        "~",
        "_",
        ":59",
        "\u2013",
    ),
)
FOREIGN = (
    *(
        "12:45 PM ",
        "PST ",
        "Oct 30th",
        "Saturday ",
        "5/14/25 ",
        "14.05.2025",
        "May 3, 2025",
        "3 May",
    ),
    *(
        "[ ] ",
        "[x] ",
        "- ",
        "1. ",
        "## Action items\n",
        "## Timeline (PST)\n",
        "## What happened\n",
    ),
    *(
        "**Owner**: ",
        "Owner",
        "Due",
        "| Action | Owner | Due |\n|---|---|---|\n| ",
        " | ",
        ":tada:",
    ),
    *(
        "2021-05-09 ",
        "13.41",
        "(09:40)",
        "approx ",
        "\u2705 ",
        "Action item: ",
        "by @ines ",
        "Dec 31",
    ),
    *(
        "+++\n",
        "---\n",
        "severity: SEV1\n",
        "date: ",
        "29 Feb ",
        "9999",
        "P1",
        "https://x/1",
        "to ",
    ),
)


def bounds(found: document.Document) -> None:
    """Ask for all that a document knows of itself."""
    assert len(found.blocks) == len(found.prose) == len(found.text)
    for section in found.sections:
        assert 0 <= section.start <= section.heading_end <= section.end <= len(found.text)
    for fault in found.faults:
        span = found.span(fault.start, fault.end)
        assert (1, 1) <= span[:2] <= span[2:], (fault, span)
        assert span.end_line <= found.text.count("\n") + 1
    for key in found.data:
        start, end = found.at(key)
        assert 0 <= start <= end <= len(found.text)
    model.postmortem(found)


def loader(data: bytes) -> None:
    """Any file is a document, with faults or without."""
    bounds(document.parse_bytes(bytes_of(data, YAML + BODY), PATH))


def frontmatter(data: bytes) -> None:
    """Any YAML between two lines of `---`."""
    bounds(document.parse(f"---\n{text(data, YAML)}\n---\n", PATH))


def section_reader(data: bytes) -> None:
    """Masks keep every offset and line end; sections lie within the text, in order."""
    body = text(data, BODY)
    for masked in (blocks := source.mask_blocks(body, 0), source.mask_inline(blocks)):
        assert len(masked) == len(body)
        assert masked.count("\n") == body.count("\n")
    found = sections.read(blocks)
    assert all(a.heading_end <= b.start for a, b in pairwise(found))
    assert all(s.heading_end <= s.end <= len(body) for s in found)


_PATHS: tuple[matter.Path, ...] = (
    *(("id",), ("title",), ("status",), ("owner",), ("new",), ("timestamps", "detected_at")),
    *(("action_items", 0, "title"), ("action_items", 0, "new"), ("a",), ("a", "b"), ("a", 0)),
)
_VALUES: tuple[edit.Scalar, ...] = (
    *("plain", "a: b", "# c", "x\ny", "\u2028", "'\"\\", "", "NO", "2025-05-14", "\ud7ff\u0130"),
    *(None, True, 0, -(10**17), 1.5, "\x85\ufeff", "\U0001f4a5", "- a", "{", "---", " "),
)


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def set_value(data: bytes) -> None:
    """A value that is set reads back; nothing else of the text is another."""
    source = Source(data)
    path, value = source.pick(_PATHS), source.pick(_VALUES)
    before = f"---\n{text(source.rest(), YAML)}\n---\nbody: x\n"
    try:
        after = edit.set_value(before, path, value)
    except IncidentError:
        return
    found: Any = document.parse(after, PATH).data
    for step in path:
        found = found[step if isinstance(found, list) else str(step)]
    assert found == value
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    written = after[head : len(after) - tail].strip(" \r\n,")
    assert written in f"{path[-1]}: {edit.render(value)}, {path[-1]}:", written


def timeline_entries(data: bytes) -> None:
    """The Timeline section of ours."""
    found = document.parse(f"{HEAD}---\n## Timeline\n{text(data, TIMES)}", PATH)
    for entry in entries_of.read(found):
        assert 0 <= entry.start <= entry.end <= len(found.text)
        assert entry.at is None or entry.at.tzinfo is not None


def action_items(data: bytes) -> None:
    """The action items of ours."""
    found = document.parse(f"{HEAD}action_items:\n{text(data, _ITEMS)}\n---\n", PATH)
    for item in model.action_items(found.data):
        assert isinstance(item.title, str)
        found.at("action_items", item.index, "title")


_ITEMS = (
    *("  - ", "{", "}", "id: ", "AI-1", "title: ", "owner: ", "due: ", '"2025-05-21"', "status: "),
    *("done", "issue: ", "12", "#12", "null", ": ", ", ", "\n    ", "[", "]", '"', "type: detect"),
)


def suppressions(data: bytes) -> None:
    """Comments that ask a rule to be quiet."""
    source = Source(data)
    head = "" if source.number(4) else f"lint: {{ignore: [{text(source.some(20), IGNORE)}]}}\n"
    found = document.parse(f"{HEAD}{head}---\n{text(source.rest(), IGNORE)}", PATH)
    for one in suppress.read(found, Clock(NOW)):
        assert 0 <= one.start <= one.end <= len(found.text) + 1
        assert 0 <= one.at <= one.at_end <= len(found.text)


def _lines(data: bytes) -> list[Line]:
    written = text(data, FOREIGN).replace("\r\n", "\n")
    masked = source.mask_blocks(written, 0)
    pairs = zip(written.split("\n"), masked.split("\n"), strict=True)
    return [Line(one.rstrip(), plain.rstrip()) for one, plain in pairs]


def _reader(source: Source) -> Reader:
    day = source.pick((date(2025, 5, 14), None, date(2024, 12, 31), date(9999, 12, 31)))
    zone = zones.named(source.pick(("", "+14:00", "-12:00")))
    return Reader(NOW, source.pick((None, *Order)), day, fallback=zone)


def foreign_stamps(data: bytes) -> None:
    """A time of any spelling."""
    source = Source(data)
    reader, line = _reader(source), text(source.rest(), FOREIGN)
    for stamp in (
        stamps.leading(line),
        stamps.trailing(line),
        stamps.leading(line, 0, Order.DAY_FIRST, compact=True),
    ):
        if stamp:
            assert 0 <= stamp.start <= stamp.end <= len(line)
            reader.moment(stamp)
    stamps.first_day(line)
    zones.find(line)


def foreign_timeline(data: bytes) -> None:
    """A timeline of any form."""
    source = Source(data)
    reader = _reader(source)
    title = source.pick(("Timeline", "Timeline (PST)", "Timeline approx, 30 Oct 2021", ""))
    found, _ = timeline.read(title, _lines(source.rest()), reader, Ledger())
    suggested_times.timestamps({}, found)


def foreign_items(data: bytes) -> None:
    """Action items of any form."""
    source = Source(data)
    reader = _reader(source)
    title = source.pick(("Action items", "Completed", "In progress", "Prevent"))
    found, _ = items.read(title, _lines(source.rest()), reader, Ledger())
    assert all(item.title for item in found)


def foreign_parts(data: bytes) -> None:
    """A postmortem of any form, as parts: every line is kept."""
    split.read(text(data, FOREIGN + BODY))


def importer_whole(data: bytes) -> None:
    """From a foreign file to a draft that the loader can read."""
    raw = bytes_of(data, FOREIGN + BODY)
    try:
        written = foreign.decode(raw, "a.md")
        options = foreign.Options(owner="data-platform", day=date(2025, 5, 14))
        found = foreign.read(written, "a.md", options, judge().config)
        draft = render.render(found, judge().config)
    except IncidentError as error:
        assert "template" not in error.hint, error  # the packaged one is sound
        return
    assert not document.parse(draft, PATH).faults


@cache
def judge() -> linter.Linter:
    """The linter with all rules at their defaults."""
    base = config.Config(root=ROOT / "tooling" / "fuzz")
    return linter.make(base, NOW, ROSTER)


def _document(data: bytes) -> str:
    source = Source(data)
    if source.number(4):
        return f"{HEAD}{text(source.some(source.number(60)), YAML)}\n---\n" + text(
            source.rest(), BODY + IGNORE
        )
    return text(source.rest(), YAML + BODY)


def lint(data: bytes) -> None:
    """All rules, on any text."""
    found = document.parse(_document(data), PATH)
    outcome = judge().examine(found)
    lines = found.text.count("\n") + 1
    for one in outcome.diagnostics:
        assert (1, 1) <= one.span[:2] <= one.span[2:], one
        assert one.span.end_line <= lines, one
        assert "\n" not in one.message, one
    judge().check_archive([outcome.facts])


_WHOLE = (ROOT / "tooling" / "tests" / "rules" / "base.md").read_text(encoding="utf-8")
_SHAPE = matter.read(_WHOLE).data
_KEYS = (*_SHAPE, *(key for one in _SHAPE.values() if isinstance(one, dict) for key in one), "x_a")
_ODD = (
    *("9999-12-31", "0001-01-01", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"),
    *("2025-05-14T09:40Z", "2025-02-30", "2025-05-21", "closed", "draft", "done", "wont_do", "P0"),
    *("2025-05-14-revenue-low-after-filter-change", "2025-05-14-x#AI-1", "dbt:model.a.b", "AI-1"),
    *("INC4", "never-again", "gone.md", "../../x?y", "#timeline", "@ines", "Ines Halvorsen", "tbd"),
    *("\u0130\u00df", "should have checked it", 'a "b', "a: b # c", "-", 10**18, -1, 0, True, None),
)


def lint_values(data: bytes) -> None:
    """All rules, on any values in the places of a sound postmortem."""
    made = shaped(data, _SHAPE, _KEYS, _ODD)
    lines = [f"{json.dumps(key)}: {json.dumps(value)}\n" for key, value in made.items()]
    found = document.parse("".join(["---\n", *lines, _WHOLE[_WHOLE.index("\n---\n") + 1 :]]), PATH)
    outcome = judge().examine(found)
    assert all((1, 1) <= d.span[:2] <= d.span[2:] for d in outcome.diagnostics)
    other = outcome.facts._replace(path="incidents/2025/other.md")
    judge().check_archive([outcome.facts, other])


def fix(data: bytes) -> None:
    """Fixes converge, keep every value and make nothing worse."""
    before = _document(data)
    unsafe = len(data) % 2 == 1
    after = fixes.fix_text(judge(), before, PATH, unsafe).text
    assert fixes.fix_text(judge(), after, PATH, unsafe).text == after
    if after != before:
        old, new = document.parse(before, PATH), document.parse(after, PATH)
        assert old.data == new.data or unsafe
        errors = [sum(d.level is Level.ERROR for d in judge().check(d_)) for d_ in (old, new)]
        assert errors[1] <= errors[0]
        fixes.diff(before, after, PATH)
        if not unsafe:
            lost = Counter(_letters(before)) - Counter(_letters(after))
            assert not lost or "##" in before, lost


def _letters(written: str) -> Any:
    return (c for c in written if not c.isspace())
