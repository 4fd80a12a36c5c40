"""What a change touches, for a terminal, as Markdown, and as annotations of GitHub."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from incident.formats import github
from incident.formats._ansi import paint, width
from incident.history import change_report as report
from incident.history import project
from incident.history.asset_text import STYLES
from incident.history.change_report import Shown
from incident.history.links import Link
from incident.history.relevance import Finding
from incident.history.touched import Change
from incident.text.untrusted_text import code, comment, shown_line

_FOLDED = 10


def text(change: Change, findings: list[Finding], color: bool, fit: bool) -> Iterator[str]:
    """At most one screen. `fit`: shorten lines to the terminal."""
    room = shutil.get_terminal_size().columns if fit else 0
    yield _cut(report.headline(change, findings), room)
    for one, matches, count in report.shown(findings):
        state = one.trust.state
        where = f"({report.where(one)})"
        head = paint(shown_line(one.name), "bold", color)
        yield f"\n{head}  {paint(state.label, STYLES[state], color)}  {shown_line(where)}"
        for match in matches:
            yield _cut(f"  {report.title(match)}", room)
            for fact in report.facts(match)[:count]:
                yield _cut(f"      {fact.label}: {fact.text}", room)
    if rest := report.folded(findings):
        names = ", ".join(dict.fromkeys(one.finding.name for one in rest[:_FOLDED]))
        yield _cut(f"\n{_count(rest)} more for {names}; --format json lists all", room)


def markdown(change: Change, findings: list[Finding], link: Link) -> Iterator[str]:
    """For a job summary and a comment, which the marker in the first line identifies."""
    yield report.MARKER
    yield f"### {report.headline(change, findings)}"
    yield ""
    for one in report.shown(findings):
        yield from _asset(one, link)
    if rest := report.folded(findings):
        yield f"<details><summary>{_count(rest)} more</summary>"
        yield ""
        for one in rest[:_FOLDED]:
            yield from _asset(one, link)
        if len(rest) > _FOLDED:
            yield f"{len(rest) - _FOLDED} more assets: `incident history --format json` lists all."
            yield ""
        yield "</details>"
        yield ""
    yield "This never blocks. It comes from the incident archive and the diff (`incident history`)."


def notices(change: Change, findings: list[Finding], root: Path) -> Iterator[str]:
    """A notice on the first changed line of each of the most relevant assets."""
    for one, matches, count in report.shown(findings):
        parts = [f"{one.name} ({report.where(one)})"]
        for match in matches:
            parts.append(report.title(match))
            parts += [f"  {fact.label}: {fact.text}" for fact in report.facts(match)[:count]]
        file = next(project.shown(root, one.touched.files), "")
        title = f"History of {one.name}"
        message = "\n".join(map(shown_line, parts))
        yield github.notice(shown_line(title), message, shown_line(file), one.touched.line)
    if rest := report.folded(findings):
        yield f"{_count(rest)} more: --format markdown or json lists them"


def _count(rest: list[Shown]) -> int:
    return sum(len(one.matches) for one in rest)


def _asset(shown: Shown, link: Link) -> Iterator[str]:
    one = shown.finding
    yield f"**{comment(one.name)}**: {one.trust.state.label.lower()}, {comment(report.where(one))}"
    yield ""
    for match in shown.matches:
        p = match.past.postmortem
        url = link(p)
        title = comment(report.title(match))
        yield f"- [{title}](<{url}>)" if url else f"- {title} (`{code(p.id)}`)"
        yield from (f"  - {fact.label}: {comment(fact.text)}" for fact in report.facts(match))
    yield ""


def _cut(line: str, room: int) -> str:
    """A line that is safe to show, and fits."""
    start = "\n" if line.startswith("\n") else ""
    safe = shown_line(line.removeprefix("\n"))
    if room and width(safe) > room:
        while width(safe) > room - 1:
            safe = safe[:-1]
        safe += "…"
    return start + safe
