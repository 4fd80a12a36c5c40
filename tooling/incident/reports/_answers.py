"""The four answers at the top of an incident: how much, who, is it over, what changes.

Each is a few words and a sentence, made from the frontmatter; what is not known is said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, TypeGuard

from incident.postmortem import model
from incident.postmortem.model import ActionItem, Postmortem
from incident.reports._rendering import day
from incident.text.counts import count, listed
from incident.text.values import mapping

UNKNOWN = "Not known yet"
_NAME = re.compile(r"\w*[._:/]\w|\w*\d")


class Answer(NamedTuple):
    """`state`: "ok", "warn", "bad", or "" where there is nothing to rate."""

    question: str
    answer: str
    detail: str = ""
    state: str = ""


def answers(p: Postmortem, today: date) -> tuple[Answer, ...]:
    """All four, in their order."""
    return how_much(p), who(p), is_over(p, today), what_changes(p, today)


def how_much(p: Postmortem) -> Answer:
    """The size of the error, else how many days of data were wrong."""
    question = "How much"
    size, said = _magnitude(mapping(mapping(p.data.get("impact")).get("magnitude")))
    days = _wrong_days(p)
    if size:
        return Answer(
            question, size, _sentences(said, f"Wrong data: {_range(p)}" if p.wrong_from else "")
        )
    if p.wrong_from and not days:
        said = "The last day with wrong data is not known yet."
        return Answer(question, f"Since {day(p.wrong_from)}", said)
    if days:
        big = "A full day" if days == 1 else f"{days:,} days"
        return Answer(question, big, _sentences(f"Wrong data: {_range(p)}"))
    affected = {asset.ref for asset in p.assets}
    if affected:
        said = "The size of the error is not recorded."
        if p.impact_summary:  # it may say so in words
            said = "For the size of the error, see the summary."
        return Answer(question, count(len(affected), "asset"), said)
    return Answer(question, "See the summary" if p.impact_summary else UNKNOWN)


def who(p: Postmortem) -> Answer:
    """The consumers; without any, the exposures that use the data."""
    question = "Who was affected"
    teams = list(dict.fromkeys(one.team for one in p.consumers if one.team))
    if not teams:
        exposed = list(dict.fromkeys(a.name for a in p.assets if a.role == "exposure"))
        if exposed:
            return Answer(question, count(len(exposed), "exposure"), _sentences(listed(exposed)))
        if p.status in {"published", "closed"} or p.kind == "near_miss":
            return Answer(question, "None recorded")
        return Answer(question, UNKNOWN)
    made = [one.team for one in p.consumers if one.decision_made]
    unknown = [one.team for one in p.consumers if one.decision_made is None]
    if made:
        decided = f"{_some(made, 'and')} decided on wrong data"
    elif unknown:
        decided = "It is not known whether a decision was made on wrong data"
    else:
        decided = "No decision was made on wrong data"
    waiting = list(dict.fromkeys(c.team for c in p.consumers if c.correction_sent is False))
    told = f"no correction was sent to {_some(waiting, 'or')}" if waiting else ""
    if all(one.correction_sent for one in p.consumers):
        told = "a correction was sent" + {1: "", 2: " to both"}.get(len(teams), " to all")
    state = "warn" if made or waiting else ""
    named = "" if {*made} == {*teams} and len(teams) < 5 else listed(teams)
    detail = _sentences(named, "; ".join(filter(None, (decided, told))))
    return Answer(question, count(len(teams), "team"), detail, state)


def is_over(p: Postmortem, today: date) -> Answer:
    """Whether the data is correct again."""
    question = "Is it over?"
    corrected, resolved = p.times.get("corrected_at"), p.times.get("resolved_at")
    if p.closed_as:
        return Answer(question, "Yes", f"Closed as a {p.closed_as.replace('_', ' ')}.", "ok")
    if p.drill or p.kind == "near_miss":  # the times are not those of wrong data
        return _without_harm(question, "drill" if p.drill else "near miss", p, today)
    if resolved or p.status == "closed":
        if corrected is None:
            when = f"Resolved on {moment(resolved)}" if resolved else "Closed"
            unknown = "when the data was correct again is not recorded"
            return Answer(question, "Yes", f"{when}; {unknown}.", "ok")
        start = p.times.get("started_at")
        length = corrected - start if start and corrected > start else None
        wrong = f"The data was wrong for {spoken(length)} and" if length else "The data"
        return Answer(question, "Yes", f"{wrong} has been correct since {moment(corrected)}.", "ok")
    if corrected:
        return Answer(
            question,
            "Nearly",
            f"The data has been correct since {moment(corrected)}; "
            "the incident is not resolved yet.",
            "warn",
        )
    open_for = _open_for(p, today)
    if open_for and "started_at" not in p.times:
        open_for += "; the start is not known"
    if mitigated := p.times.get("mitigated_at"):
        contained = (
            f"It has not been getting worse since {moment(mitigated)}, but the data is wrong"
        )
        return Answer(
            question, "No", _sentences(contained, open_for and f"Open for {open_for}"), "bad"
        )
    opened = f"Open for {open_for}." if open_for else "Opened today." if p.date == today else ""
    return Answer(question, "No", opened or "It is not resolved yet.", "bad")


def _without_harm(question: str, what: str, p: Postmortem, today: date) -> Answer:
    """Whether a drill or a near miss is over."""
    if resolved := p.times.get("resolved_at"):
        return Answer(question, "Yes", f"A {what}, resolved on {moment(resolved)}.", "ok")
    if p.status == "closed":
        return Answer(question, "Yes", f"A {what}, closed.", "ok")
    open_for = _open_for(p, today)
    return Answer(
        question, "No", f"A {what}, open{f' for {open_for}' if open_for else ''}.", "warn"
    )


def _open_for(p: Postmortem, today: date) -> str:
    """`3 days`, `at least 3 days`; "" if it is unknown, or not a whole day yet."""
    if not p.date or p.date >= today:
        return ""
    least = "" if "started_at" in p.times else "at least "
    return f"{least}{count((today - p.date).days, 'day')}"


def what_changes(p: Postmortem, today: date) -> Answer:
    """The action items: how many are done, and the one that prevents the cause."""
    question = "What changes"
    items = p.action_items
    if not items:
        if p.closed_as:
            return Answer(question, "Nothing", "It needs no action items.")
        return Answer(question, "Nothing yet", "There are no action items.", "warn")
    done = sum(item.status == "done" for item in items)
    dropped = sum(item.status == "wont_do" for item in items)
    overdue = [item for item in items if item.overdue(today)]
    kept = len(items) - dropped
    if not done and not kept:
        big, state = "Nothing", ""
    elif done == kept and not dropped:
        big, state = "All done" if done > 1 else "Done", "ok"
    else:
        big = f"{done} done" if done == kept else f"{done} of {kept} done"
        big += f", {dropped} dropped" if dropped else ""
        state = "bad" if overdue else ""
    return Answer(
        question, big, _sentences(_cause_fixed(items, today), _late(items, overdue)), state
    )


def _cause_fixed(items: Sequence[ActionItem], today: date) -> str:
    """How far the items that prevent the cause are."""
    fixes = [item for item in items if item.type == "prevent"]
    if not fixes:
        return "No item prevents the cause"
    open_ = [item for item in fixes if item.is_open]
    if not open_:
        if all(item.status == "wont_do" for item in fixes):
            return "The cause stays: its fix was not done"
        return "The cause is fixed"
    first = min(open_, key=lambda item: item.due or date.max)
    name = f"The fix for the cause{f', {first.id},' if first.id else ''}"
    if first.due is None:
        return f"{name} has no due date"
    if first.overdue(today):
        return f"{name} is {count((today - first.due).days, 'day')} overdue"
    return f"{name} is due {day(first.due)}"


def _late(items: Sequence[ActionItem], overdue: Sequence[ActionItem]) -> str:
    others = [item for item in overdue if item.type != "prevent"]
    if not others:
        return ""
    more = "more " if len(others) < len(overdue) else ""
    return f"{len(others)} {more}{'is' if len(others) == 1 else 'are'} overdue"


def _magnitude(found: dict[str, Any]) -> tuple[str, str]:
    """`18% low`, and the sentence with its figures; empty if there are none."""
    expected, actual = found.get("expected"), found.get("actual")
    metric = str(found.get("metric") or "").replace("_", " ").strip()
    unit = str(found.get("unit") or "").strip()
    metric = "" if metric.casefold() == unit.casefold() else metric
    if not _is_number(actual):
        return "", ""
    if not _is_number(expected):
        return f"{_number(actual)} {unit}".strip(), metric
    said = f"{_number(actual)} instead of {_number(expected)} {unit}".strip()
    said = f"{metric}: {said}" if metric else said
    if expected <= 0 or actual < 0 or actual == expected:
        return f"{_number(actual)} {unit}".strip(), said
    share = (actual - expected) / expected
    if share == -1:
        return "All of it", said
    if abs(share) < 0.001:
        return "Under 0.1%", said
    if share >= 1:
        times = f"{actual / expected:.2g} times" if share < 99 else "Over 100 times"
        return f"{times} as high" if share > 1 else "Twice as high", said
    digits = 0 if abs(share) >= 0.1 else 1
    return f"{abs(share) * 100:.{digits}f}% {'low' if share < 0 else 'high'}", said


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def _wrong_days(p: Postmortem) -> int:
    """How many days of data were wrong; 0 if that is not known (yet)."""
    if not p.wrong_from or not p.wrong_to:
        return 0
    return (max(p.wrong_to, p.wrong_from) - p.wrong_from).days + 1


def _range(p: Postmortem) -> str:
    first = p.wrong_from or date.min
    if p.wrong_to is None:
        return f"from {day(first)} on"
    return day(first) if p.wrong_to <= first else f"{day(first)} to {day(p.wrong_to)}"


def moment(at: datetime) -> str:
    """`Nov 3, 2026, 07:10 UTC`."""
    at = at.astimezone(UTC)
    return f"{day(at.date())}, {at:%H:%M} UTC"


def spoken(length: timedelta) -> str:
    """A length of time as people say it: `6 hours`, `3 h 30 min`, `9 days`."""
    minutes = int(length.total_seconds() // 60)
    if minutes >= 3 * 1440:
        return count(round(minutes / 1440), "day")
    if minutes % 60 == 0 and minutes < 1440:
        return count(minutes // 60, "hour")
    return model.duration(length)


def _some(names: Sequence[str], last: str) -> str:
    """Up to four names, else how many."""
    teams = list(dict.fromkeys(names))
    return listed(teams, last) if len(teams) < 5 else f"{len(teams)} of them"


def _sentences(*parts: str) -> str:
    """Each part as a sentence; one that begins with a name such as `fct_orders` keeps it."""
    said = [part for part in parts if part]
    return " ".join(
        f"{part if _NAME.match(part) else part[0].upper() + part[1:]}." for part in said
    )
