"""A valid published P1, variations of it, and the linter over them."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from incident.archive import roster as people
from incident.archive.roster import Roster
from incident.diagnostic import Diagnostic
from incident.lint import linter
from incident.postmortem import document, sections
from incident.repository import config

BASE = (Path(__file__).parent / "base.md").read_text(encoding="utf-8")
STEM = "2025-05-14-revenue-low-after-filter-change"
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
ROSTER = people.roster(
    ["Ines Halvorsen", "Will May", "Rafaela D\u2019Souza", "Anne-Marie van Loon"]
)

_KEY = re.compile(r"^(?=[a-z_]+:)", re.MULTILINE)
_HEADING = re.compile(r"^(?=## )", re.MULTILINE)


PROJECT = Path(__file__).parent / "project"


def lint_example(kind: str, content: str) -> list[Diagnostic]:
    """The diagnostics of a fence on a rule's page.

    `file` is a whole document, `yaml` and `markdown` change the valid one; `toml` is a
    configuration for it; `archive` holds several, each by its keys, with a line of === between.
    """
    content = content.replace("\u2420", " ")
    if kind == "toml":
        settings = config.build(config.Config(root=PROJECT), tomllib.loads(content), "an example")
        return lint(BASE, settings=settings)
    if kind == "archive":
        texts = [with_yaml(keys) for keys in content.split("===\n")]
        return lint_together(texts)
    return lint(example(kind, content))


def example(kind: str, content: str) -> str:
    """A whole document from a fence."""
    if kind in {"file", "toml", "archive"}:
        return content if kind == "file" else BASE
    return with_yaml(content) if kind == "yaml" else with_sections(content)


def lint_together(texts: list[str]) -> list[Diagnostic]:
    """The diagnostics of an archive of these documents."""
    with TemporaryDirectory() as folder:
        using = linter.make(config.Config(root=Path(folder)), NOW, ROSTER)
        outcomes = []
        for number, text in enumerate(texts):
            place = f"incidents/{number}/{document.parse(text, '-').get('id')}.md"
            file = Path(folder, place)
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
            outcomes.append(using.examine(document.parse(text, place)))
        found = [one for outcome in outcomes for one in outcome.diagnostics]
        return found + using.check_archive([outcome.facts for outcome in outcomes])


def lint(
    text: str,
    roster: Roster = ROSTER,
    path: str = f"{STEM}.md",
    settings: config.Config | None = None,
) -> list[Diagnostic]:
    """The diagnostics of a text by the default rules."""
    using = linter.make(settings or config.Config(root=Path("/nowhere")), NOW, roster)
    return using.check(document.parse(text, path))


def found(code: str, text: str) -> list[tuple[str, str]]:
    """What a rule marks and says: the marked words, the message."""
    hits = [d for d in lint(text) if d.code == code]
    return [(marked(text, d), d.message) for d in hits]


def marked(text: str, diagnostic: Diagnostic) -> str:
    """The text of a one-line diagnostic's span."""
    span = diagnostic.span
    line = text.split("\n")[span.line - 1].rstrip("\r")
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    return line[span.column - 1 : end]


def with_yaml(keys: str, base: str = BASE) -> str:
    """`base` with top-level keys of the frontmatter replaced or added."""
    _, block, body = base.split("---\n", 2)
    chunks = {chunk.partition(":")[0]: chunk for chunk in _KEY.split(block) if chunk.strip()}
    new = {chunk.partition(":")[0]: chunk for chunk in _KEY.split(keys) if chunk.strip()}
    return "---\n" + "".join({**chunks, **new}.values()) + "---\n" + body


def with_sections(markdown: str, base: str = BASE) -> str:
    """`base` with sections of the body replaced or added."""
    front, *chunks = _HEADING.split(base)
    order = {_section(chunk): chunk for chunk in chunks}
    for chunk in _HEADING.split(markdown):
        if chunk.strip():
            order[_section(chunk)] = chunk.rstrip("\n") + "\n\n"
    return front + "".join(order.values())


def _section(chunk: str) -> str:
    found = sections.read(chunk)
    return found[0].key or found[0].title if found else ""
