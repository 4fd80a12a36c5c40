"""Home: is anything on fire, what is overdue, what changed this week, what did we learn lately?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, timedelta
from typing import NamedTuple

from incident.archive import metrics
from incident.postmortem import model
from incident.postmortem.model import Postmortem
from incident.reports import _lessons, _rendering
from incident.reports._site_data import File, Page, Wiki
from incident.text.counts import count

PATH = "index.md"
ITEMS = 5
EVENTS = 6
WEEK = timedelta(days=7)
RECENT = timedelta(days=90)
STALE = timedelta(days=1)  # an open incident without an update for longer is marked
LESSONS = 3


class Open(NamedTuple):
    """An open incident: for how many days, and when its file last changed."""

    postmortem: Postmortem
    days: int | None
    updated: date | None
    is_stale: bool


class Event(NamedTuple):
    """Something that happened this week."""

    day: date
    what: str
    postmortem: Postmortem


class Lesson(NamedTuple):
    """What a postmortem says was learned."""

    text: str
    postmortem: Postmortem


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The page."""
    found, items = wiki.postmortems, wiki.open_items
    overdue = [one for one in items if one.overdue]
    soon = [one for one in items if one.days is not None and 0 <= one.days <= WEEK.days]
    since = wiki.today - RECENT
    recent = [p for p in found if p.date and since <= p.date <= wiki.today]
    html = _rendering.render(
        "home.html.j2",
        PATH,
        wiki,
        verdict=verdict(wiki),
        last=_last_severe(wiki),
        today=wiki.today,
        total=len(found),
        burning=[_open(p, wiki) for p in unresolved(wiki)],
        tries=_tries(wiki),
        items=overdue[:ITEMS],
        overdue=len(overdue),
        open_total=len(items),
        soon=len(soon),
        week=wiki.today + WEEK,
        events=events(wiki)[:EVENTS],
        new=sum(1 for p in recent if p.date and p.date > wiki.today - WEEK),
        recent=len(recent),
        figures=_figures(recent, wiki) if recent else (),
        lessons=lessons(wiki, recent),
    )
    yield Page(PATH, "Home", html)


def unresolved(wiki: Wiki) -> list[Postmortem]:
    """Unresolved incidents, most severe first."""
    found = [p for p in wiki.postmortems if p.is_ongoing]
    return sorted(found, key=lambda p: p.severity or "P9")


def verdict(wiki: Wiki) -> tuple[str, str]:
    """Whether anything is on fire, in one line; and a state."""
    burning = unresolved(wiki)
    if not burning:
        return "Nothing is on fire." if wiki.postmortems else "No incidents yet.", "ok"
    severe = [p for p in burning if p.severity in {"P0", "P1"}]
    number = "One incident is" if len(burning) == 1 else f"{len(burning)} incidents are"
    if not severe:
        none = "It is not critical." if len(burning) == 1 else "None is critical."
        if not all(p.severity for p in burning):
            none = (
                "It has no severity yet." if len(burning) == 1 else "Not all have a severity yet."
            )
        return f"{number} open. {none}", "warn"
    label = severe[0].severity_label
    worst = "It is" if len(burning) == 1 else "One is" if len(severe) == 1 else "The worst is"
    return f"{number} open. {worst} a {label}.", "bad"


def _last_severe(wiki: Wiki) -> str:
    """When the last critical incident was resolved, as a sentence; "" without one."""
    ends = [
        p.times["resolved_at"].astimezone(UTC).date()
        for p in wiki.postmortems
        if p.severity in {"P0", "P1"} and "resolved_at" in p.times
    ]
    if not ends or (days := (wiki.today - max(ends)).days) < 0:
        return ""
    names = " or ".join(wiki.scale[level] for level in ("P0", "P1"))
    ago = "today" if days == 0 else "yesterday" if days == 1 else f"{days:,} days ago"
    return f"The last {names} was resolved {ago}."


def _open(p: Postmortem, wiki: Wiki) -> Open:
    days = (wiki.today - p.date).days if p.date and p.date <= wiki.today else None
    changes = wiki.history.changes.get(p.path, ()) if not wiki.public else ()
    updated = changes[0].at.date() if changes else None
    is_stale = updated is not None and wiki.today - updated > STALE
    return Open(p, days, updated, is_stale)


def _tries(wiki: Wiki) -> list[str]:
    """Words that find something: the assets and causes with the most incidents."""
    assets = sorted(wiki.by_asset.items(), key=lambda one: (-len(one[1]), one[0]))[:2]
    causes = Counter(p.cause_category for p in wiki.postmortems if p.cause_category)
    return [
        *(found[0][1].name for _, found in assets),
        *(_rendering.words(cause) for cause, _ in causes.most_common(1)),
    ]


def events(wiki: Wiki) -> list[Event]:
    """What happened in the last seven days, newest first."""
    begin = wiki.today - WEEK
    found = []

    def add(day: date | None, what: str, p: Postmortem) -> None:
        if day and begin < day <= wiki.today:
            found.append(Event(day, what, p))

    for p in wiki.postmortems:
        for key, what in (("detected_at", "was detected"), ("resolved_at", "was resolved")):
            if key in p.times:
                add(p.times[key].astimezone(UTC).date(), what, p)
        if "detected_at" not in p.times:
            add(p.date, "new incident", p)
        published = wiki.milestones.published.get(p.id)
        add(published.date() if published else None, "was published", p)
        for item in p.action_items:
            done = item.done_at or wiki.milestones.done.get((p.id, item.id))
            if item.status == "done":
                add(done, f"{item.id} is done: {item.title}", p)
            elif item.due and item.is_open:
                add(item.due + timedelta(days=1), f"{item.id} became overdue: {item.title}", p)
    return sorted(found, key=lambda one: (-one.day.toordinal(), one.postmortem.id))


def _figures(recent: Sequence[Postmortem], wiki: Wiki) -> tuple[tuple[str, str, str], ...]:
    """Name, value and detail of four figures about the recent incidents."""
    levels = Counter(
        p.severity_label or "without a severity"
        for p in sorted(recent, key=lambda p: p.severity or "P9")
    )
    known = [p.detection_method for p in recent if p.detection_method]
    own = sum(method in metrics.BY_TEST for method in known)
    others = sum(method in metrics.BY_CONSUMER for method in known)
    by_others = "a consumer or outside party" if others == 1 else "consumers or outside parties"
    found_by = [f"{others} by {by_others}"] if others else []
    if len(known) < len(recent):
        found_by.append(f"{len(recent) - len(known)} unknown")
    lengths = sorted(length for p in recent if (length := p.time_to("detect")) is not None)
    median = ""
    if lengths:
        middle = len(lengths) // 2
        odd = len(lengths) % 2
        median = model.duration(
            lengths[middle] if odd else (lengths[middle - 1] + lengths[middle]) / 2
        )
    items = [item for p in recent for item in p.action_items if item.status != "wont_do"]
    done = sum(item.status == "done" for item in items)
    late = sum(item.overdue(wiki.today) for item in items)
    unknown = len(recent) - len(lengths)
    known_of = count(len(lengths), "incident") if lengths else ""
    return (
        ("Incidents", f"{len(recent)}", ", ".join(f"{n} {level}" for level, n in levels.items())),
        (
            "Detected by our own checks",
            f"{own} of {len(known)}" if known else "Not known",
            "; ".join(found_by) if known else "",
        ),
        (
            "Median time to detect",
            median or "Not known",
            "; ".join(filter(None, (known_of, f"{unknown} unknown" if median and unknown else ""))),
        ),
        (
            "Action items done",
            f"{done} of {len(items)}" if items else "No items",
            f"{late} overdue" if late else "",
        ),
    )


def lessons(wiki: Wiki, recent: Sequence[Postmortem]) -> list[Lesson]:
    """The first sentences of the lessons in the recent postmortems."""
    documents = {entry.postmortem.path: entry.document for entry in wiki.archive.entries}
    found = []
    for p in recent:
        text = documents[p.path].section_text("lessons_learned") if p.path in documents else ""
        if said := _lessons.first(text):
            found.append(Lesson(said, p))
        if len(found) == LESSONS:
            break
    return found
