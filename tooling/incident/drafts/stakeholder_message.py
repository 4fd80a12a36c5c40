"""Messages to stakeholders; their kinds are in `message_kinds`.

Everything comes from the postmortem. A message that names a person, or promises that it will never
happen again, is refused; the linter's own rules decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from incident.archive import Entry
from incident.archive.roster import is_person
from incident.diagnostic import Diagnostic, Level
from incident.drafts import message_kinds
from incident.errors import UsageError
from incident.lint import linter
from incident.postmortem import model, severity, timeline_entries, wiki_urls
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import DURATIONS, TIMESTAMPS
from incident.repository import templates
from incident.repository.config import Config
from incident.text import instants
from incident.text.counts import some
from incident.text.plain_text import plain
from incident.text.untrusted_text import one_line

FORMS = ("slack", "email", "markdown")
_URGENT = frozenset({"P0", "P1"})
_NEXT = {"P0": timedelta(hours=1), "P1": timedelta(hours=2)}
_LATER = {"P2": "by the end of the day", "P3": "in the weekly summary"}
_NAMED = 6
_RULES = ("never-again", "INC41")
_STATES = (
    ("resolved_at", "resolved"),
    ("corrected_at", "the data is correct again; we are checking where it was used"),
    ("mitigated_at", "mitigated; we are correcting the data"),
    ("acknowledged_at", "acknowledged; we are working on it"),
)


@dataclass(frozen=True)
class Change:
    """A planned change to a table. `below`: downstream assets, None if they were not looked up."""

    table: str
    change: str
    phases: tuple[tuple[date, str], ...]
    must: tuple[str, ...] = ()
    below: tuple[str, ...] | None = None
    owner: str = ""


def of_incident(
    entry: Entry, kind: str, form: str, now: datetime, config: Config, at: datetime | None = None
) -> tuple[str, list[Diagnostic]]:
    """The message about an incident, and the linter's warnings about it.

    `at`: when the next update is due; None for the severity's default. Raises UsageError if the
    postmortem lacks something the message needs, or has something a message must not contain.
    """
    p, found = entry.postmortem, entry.document
    impact = one_line(p.impact_summary)
    message_kinds.read(kind).must_fit(found.path, _keys(entry))
    meaning = severity.MEANINGS.get(p.severity)
    if meaning is None:
        raise UsageError(f"{found.path}: unknown severity {p.severity!r}", "use P0 to P3")
    values = {
        "drill": "DRILL, nothing is wrong: " if p.drill else "",
        "title": one_line(p.title) or p.id,
        "level": p.severity_label,
        "urgent": p.severity in _URGENT,
        "meaning": meaning.title,
        "impact": impact,
        "do_not_use": _named(p),
        "window": _window(p.wrong_from, p.wrong_to),
        "started": _utc(p.times.get("started_at")),
        "detected": _utc(p.times.get("detected_at")),
        "corrected": _utc(p.times.get("corrected_at") or p.times.get("resolved_at")),
        "wrong_for": model.duration(p.time_to("correct") or p.time_to("resolve")),
        "is_over": "resolved_at" in p.times,
        "is_right": "corrected_at" in p.times or "resolved_at" in p.times,
        "state": next((text for key, text in _STATES if key in p.times), "investigating"),
        "latest": _latest(entry),
        "cause": _first_paragraph(found.section_text("root_cause")),
        "decided": ", ".join(
            one_line(f"{c.use} ({_team(p, c.team)})" if c.use else _team(p, c.team))
            for c in p.consumers
            if c.decision_made
        ),
        "changes": [
            _change(item, now.date()) for item in p.action_items if item.status != "wont_do"
        ],
        "owner": _team(p, p.owner),
        "channel": f"#{one_line(p.channel)}" if p.channel and p.is_ongoing else "",
        "lengths": _lengths(p),
        "next_update": _utc(at) or next_update(p.severity, now),
        "address": wiki_urls.absolute(config.wiki_url, wiki_urls.page_url(p.path, p.archive)),
        "ask": "Seeing a problem that isn't listed here? "
        + ("Reply in this thread." if form == "slack" else "Reply to this message."),
    }
    return _checked(_render(f"{kind}.j2", form, values, config), found.path, now, config)


def of_change(
    change: Change, form: str, now: datetime, config: Config
) -> tuple[str, list[Diagnostic]]:
    """The message about a planned change; phases are sorted. Raises UsageError."""
    values = {
        "table": one_line(change.table),
        "change": one_line(change.change),
        "phases": [(day.isoformat(), one_line(text)) for day, text in sorted(change.phases)],
        "must": [one_line(text) for text in change.must],
        "below": change.below,
        "owner": one_line(change.owner),
    }
    text = _render("schema_change.j2", form, values, config)
    return _checked(text, "the planned change", now, config)


def _keys(entry: Entry) -> list[str]:
    """The keys that a kind may need and this postmortem has."""
    found = [f"timestamps.{key}" for key in entry.postmortem.times]
    texts = {"impact.summary": entry.postmortem.impact_summary, "title": entry.postmortem.title}
    return [*found, *(key for key, text in texts.items() if one_line(text))]


def _named(p: Postmortem) -> str:
    """Assets by the names people know: dashboards first, then tables; at most a handful."""
    order = {"exposure": 0, "root": 1, "affected": 2}
    found = sorted(p.assets, key=lambda asset: order.get(asset.role, 3))
    names = list(dict.fromkeys(one_line(asset.name) for asset in found))
    return some(names, _NAMED)


def _window(begin: date | None, end: date | None) -> str:
    if begin is None:
        return ""
    if end is None:
        return f"since {begin}"
    return f"{begin}" if begin == end else f"{begin} to {end}"


def _latest(entry: Entry) -> str:
    events = [event for event in timeline_entries.read(entry.document) if event.at and event.text]
    if not events:
        return ""
    event = max(events, key=lambda one: one.at or datetime.min.replace(tzinfo=UTC))
    return f"{_utc(event.at)}: {plain(event.text)}"


def _change(item: model.ActionItem, today: date) -> str:
    if item.status == "done":
        return f"{one_line(item.title)} (done)"
    when = "was due" if item.overdue(today) else "by"
    return one_line(item.title) + (f" ({when} {item.due})" if item.due else "")


def _lengths(p: Postmortem) -> str:
    found = (
        (TIMESTAMPS[DURATIONS[key].last].label, p.time_to(key))
        for key in ("detect", "correct", "resolve")
    )
    return ", ".join(
        f"{word} after {model.duration(length)}" for word, length in found if length is not None
    )


def _team(p: Postmortem, name: str) -> str:
    """A team in the postmortem; people are not named."""
    if is_person(name, p.handles):
        return "the data team" if name == p.owner else "one person"
    return one_line(name)


def next_update(level: str, now: datetime) -> str:
    """When the next update is due, by severity."""
    if level not in _NEXT:
        return _LATER[level]
    at = now + _NEXT[level]
    at += timedelta(minutes=-at.minute % 5)
    return f"{_utc(at.replace(second=0, microsecond=0))}, or sooner if anything changes"


def _utc(at: datetime | None) -> str:
    try:
        return instants.readable(at, " UTC") if at else ""
    except OverflowError:  # year 9999 in another time zone
        return ""


def _first_paragraph(text: str) -> str:
    """The first paragraph of a section, without Markdown."""
    blocks = [block for block in re.split(r"\n\s*\n", text) if not block.lstrip().startswith("#")]
    return (
        re.sub(r":$", ".", plain(blocks[0]).rstrip()) if blocks else ""
    )  # what it led to is left out


def _render(name: str, form: str, values: dict[str, Any], config: Config) -> str:
    template = templates.load(message_kinds.FOLDER, name, config.root, words=_words(form))
    text = template.render(**values)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _words(form: str) -> dict[str, Callable[..., str]]:
    """How each form writes a subject, bold text, a field and a list item."""
    safe = {"slack": _slack, "email": one_line, "markdown": _markdown}[form]
    mark = {"slack": "*", "email": "", "markdown": "**"}[form]
    bullet = {"slack": "\u2022", "email": "-", "markdown": "-"}[form]
    end = {"slack": "", "email": "", "markdown": "  "}[form]  # Markdown joins lines

    def strong(text: str) -> str:
        return f"{mark}{safe(text)}{mark}{end if form == 'markdown' else ''}"

    return {
        "subject": lambda text: f"Subject: {one_line(text)}\n" if form == "email" else "",
        "strong": strong,
        "field": lambda name, text: f"{mark}{safe(name)}:{mark} {safe(text)}{end}",
        "item": lambda text: f"{bullet} {safe(text)}",
    }


def _slack(text: str) -> str:
    """Slack's three escapes, so that nothing becomes a link, a mention or a channel."""
    plain = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"@(here|channel|everyone)\b", "@\u200b\\1", plain)


def _markdown(text: str) -> str:
    return one_line(text).replace("<", "&lt;")


def _checked(text: str, where: str, now: datetime, config: Config) -> tuple[str, list[Diagnostic]]:
    """The text, and the linter's warnings. Raises UsageError for promises and names."""
    chosen = Config(root=config.root, archive=config.archive, select=_RULES, names=config.names)
    found = linter.make(chosen, now).check_prose(text)
    for one in found:
        if one.name == "never-again" or one.level is Level.ERROR:
            raise UsageError(
                f"{where}: the message is blocked: {one.message} ({one.name})", one.hint
            )
    return text, found


def affected(below: Iterable[tuple[str, str, int]]) -> tuple[str, ...]:
    """One line per downstream asset, from kind, name and steps: exposures first."""
    order: Sequence[tuple[str, str, int]] = sorted(
        below, key=lambda one: (one[0] != "exposure", one[2], one[1])
    )
    return tuple(
        f"{name} ({kind}, {steps} step{'s' * (steps != 1)} downstream)"
        for kind, name, steps in order
    )
