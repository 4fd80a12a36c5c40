"""The review as Markdown: for the job summary of a pull request, and for a comment on it.

Document text is untrusted here and is escaped, so that it stays plain text in a table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from incident import formats
from incident.diagnostic import Diagnostic, Level
from incident.postmortem import model, reading, timeline_entries
from incident.postmortem.document import Document
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import DURATIONS, TIMESTAMPS
from incident.review import Outcome, Review
from incident.rules import by_importance
from incident.text import instants, markdown_table
from incident.text.counts import some
from incident.text.plain_text import plain

LIMIT = 900_000  # bytes; GitHub accepts 1 MiB per step
_FACTS = ("status", "on the base branch", "ready for", "reviewers")
_ITEM = ("action item", "type", "owner", "due", "status", "done when")

QUESTIONS = (
    "From the Summary alone, could someone who was not there tell what was wrong, for whom, and "
    "for how long?",
    "Does the Impact say which decisions used the wrong data, and who got the corrected data?",
    "Does the Root cause explain how the system made this possible, so that it could have "
    "happened to anyone?",
    "Are people described by role, and decisions by what could be seen at the time?",
    "Would the same check catch this fault in another table, before its consumers do?",
    "Can someone else verify each action item, and has its owner agreed to it?",
    "How could this happen again in three months, and which action item prevents that?",
)

_SPECIAL = re.compile(r"([\\`*_\[\]!|~<>])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_ICONS = {Level.ERROR: "❌", Level.WARNING: "⚠️", Level.NOTICE: "ℹ️"}
_CLOCK = ("detect", "acknowledge", "mitigate", "correct", "notify", "resolve")


def render(outcome: Outcome, now: datetime, limit: int = LIMIT) -> str:
    """The whole review, at most `limit` bytes; postmortems that do not fit are listed."""
    parts = [_head(outcome)]
    left = limit - len(parts[0].encode()) - 1000
    cut = []
    for review in sorted(outcome.reviews, key=lambda r: (-len(r.errors), r.postmortem.path)):
        part = "\n".join(_review(review, now))
        if len(part.encode()) > left:
            cut.append(review.postmortem.path)
            continue
        left -= len(part.encode())
        parts.append(part)
    if cut:
        shown = some([f"`{code(path)}`" for path in cut], 10)
        parts.append(f"{len(cut)} omitted because this page is full: {shown}.\n")
    return "\n".join(parts)


def _head(outcome: Outcome) -> str:
    title = "not ready yet" if outcome.blocks else "ready"
    lines = [f"## Postmortems: {title}", ""]
    if not outcome.reviews and not outcome.deleted:
        return "## Postmortems\n\nNo postmortem changed.\n"
    counts = Counter(d.level for d in formats.once(outcome.diagnostics))
    found = ", ".join(f"{counts[v]} {v}{'s' * (counts[v] != 1)}" for v in Level if counts[v])
    number = len(outcome.reviews)
    lines.append(
        f"{number} changed: {found or 'no problems found'}. Errors block; warnings do not."
    )
    if outcome.gap:
        lines += ["", f"⚠️ Names were checked without git's authors: {text(outcome.gap)}."]
    for path in outcome.deleted:
        lines += [
            "",
            f"⚠️ `{code(path)}` was deleted. Postmortems are meant to stay in the archive.",
        ]
    return "\n".join([*lines, ""])


def _review(review: Review, now: datetime) -> Iterator[str]:
    one = review.postmortem
    yield f"### {text(one.severity_label)} {text(one.title or one.id or one.path)}"
    yield ""
    yield f"`{code(one.path)}`, {_reading(review)}"
    yield ""
    facts = (one.status, review.before or "new", review.may_be or "no status yet", _people(one))
    yield markdown_table.table(_FACTS, [facts], text)
    yield ""
    if review.diagnostics:
        yield from _listed("To fix", review.diagnostics)
    if review.next:
        if review.lacking:
            yield from _listed(f"Missing for `{review.next}`", review.lacking)
        else:
            yield f"**Ready for `{review.next}`.**"
            yield ""
    yield from _action_items(one, now)
    yield from _decisions(review.document)
    yield from _clock(one)
    if one.status in {"in_review", "published"}:
        yield "<details><summary>Questions for the reviewer</summary>"
        yield ""
        yield from (f"- [ ] {question}" for question in QUESTIONS)
        yield ""
        yield "</details>"
        yield ""


def _reading(review: Review) -> str:
    count = len(reading.words(review.document.prose))
    machines, facts = timeline_entries.provenance(review.document)
    known = f", {machines} of {facts} facts from machines, {facts - machines} from memory"
    minutes = reading.minutes(review.document)
    return f"{count} words, {minutes} min to read" + (known if facts else "")


def _people(one: Postmortem) -> str:
    count = len(one.reviewers)
    return f"{count} listed" if count else "none listed"


def _listed(title: str, diagnostics: Iterable[Diagnostic]) -> Iterator[str]:
    yield f"**{title}**"
    yield ""
    for one in by_importance(formats.once(diagnostics)):
        hint = f": {text(one.hint)}" if one.hint else ""
        where = f"line {one.span.line}, {text(formats.with_places(one))}{hint}"
        yield f"- {_ICONS[one.level]} {where} (`{one.name}`)"
    yield ""


def _action_items(one: Postmortem, now: datetime) -> Iterator[str]:
    if not one.action_items:
        return
    rows = []
    for item in one.action_items:
        due = item.due.isoformat() if item.due else ""
        if item.overdue(now.date()):
            due += " (overdue)"
        title = f"{item.id} {item.title}"
        rows.append((title, item.type, item.owner, due, item.status, item.done_when))
    yield markdown_table.table(_ITEM, rows, text)
    yield ""


def _decisions(document: Document) -> Iterator[str]:
    rows = [
        (instants.readable(entry.at) if entry.at else "", plain(entry.decision))
        for entry in timeline_entries.read(document)
        if entry.decision
    ]
    if rows:
        yield markdown_table.table(("at", "decision"), rows, text)
        yield ""


def _clock(one: Postmortem) -> Iterator[str]:
    steps = []
    for key in _CLOCK:
        first, last = DURATIONS[key].first, DURATIONS[key].last
        if (length := one.time_to(key)) is not None:
            begin, end = TIMESTAMPS[first].label, TIMESTAMPS[last].label
            steps.append((end, model.duration(length), begin))
    if not steps:
        return
    yield markdown_table.table(("event", "after", "measured from"), steps, text)
    yield ""


def text(value: str) -> str:
    """A value as plain text in Markdown: no markup, no mentions, one line."""
    plain = _CONTROL.sub(" ", value).strip()
    plain = plain.replace("&", "&amp;")
    escaped = _SPECIAL.sub(r"\\\1", plain).replace("\\<", "&lt;").replace("\\>", "&gt;")
    # looks the same, but GitHub neither mentions anyone nor creates a link
    return escaped.replace("@", "@\u200b").replace("://", ":\u200b//")


def code(value: str) -> str:
    """A value for use inside backticks."""
    return _CONTROL.sub(" ", value).replace("`", "'")
