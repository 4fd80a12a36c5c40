"""The two follow-up checks of every P0 and P1 postmortem: after two weeks and three months.

Each is an issue; the day it is closed is recorded under `follow_up` in the postmortem.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date, timedelta

from incident.actions import marker
from incident.actions.chase import Chase
from incident.actions.desired_issues import accounts, identified, page, short
from incident.actions.identity import Renames
from incident.actions.plan import Record, Step
from incident.actions.tracker import LABEL, Draft, Issue
from incident.archive.roster import is_person
from incident.postmortem.model import Postmortem

CHECK_LABEL = "incident-follow-up"
AFTER = {"two_weeks": timedelta(days=14), "three_months": timedelta(days=91)}
_WORDS = {"two_weeks": "after two weeks", "three_months": "after three months"}
_ASKS = {
    "two_weeks": (
        "Are the action items on track? Which ones have no owner or due date?",
        "Has the new test or monitor fired, or been replayed against the incident?",
        "Do consumers know what changed?",
    ),
    "three_months": (
        "What is still open, and why? Finish it, reschedule it, or drop it with a reason.",
        "Has it happened again, here or anywhere with the same conditions?",
        "Is what we learned documented where the next person will look?",
    ),
}


def _open_checks(p: Postmortem) -> dict[str, date]:
    """The checks not recorded yet, with their due days."""
    if p.severity not in {"P0", "P1"} or p.status not in {"published", "in_review"}:
        return {}
    after = p.times.get("resolved_at")
    day = after.date() if after else p.date
    return {name: day + gap for name, gap in AFTER.items() if day and not p.follow_up.get(name)}


def steps(postmortems: Iterable[Postmortem], there: Container[str], chase: Chase) -> Iterator[Step]:
    """An issue for each check that is due; `there`: the keys that have one already."""
    for p in postmortems:
        due = _open_checks(p)
        if due.get("three_months", date.max) <= chase.today and f"{p.id}/two_weeks" not in there:
            due.pop("two_weeks", None)  # too late: the second check covers more
        for name, day in due.items():
            key = f"{p.id}/{name}"
            if day <= chase.today and chase.includes(day) and key not in there:
                draft = _draft(p, name, day, chase)
                yield Step("create", key, draft.title, draft=draft)


def moved(
    postmortems: Sequence[Postmortem], issues: Sequence[Issue], renames: Renames
) -> Iterator[tuple[Issue, str]]:
    """Checks of a postmortem whose id has changed, with their new key."""
    keys = {issue.number: str(marker.read(issue.body).get("key", "")) for issue in issues}
    ids, taken = {p.id for p in postmortems}, set(keys.values())
    for issue in issues:
        id_, _, name = keys[issue.number].rpartition("/")
        if name not in AFTER or id_ in ids:
            continue
        now = [
            p.id
            for p in postmortems
            if f"{p.id}/{name}" not in taken
            and (id_ in renames(p.id) or (id_[:10] == p.id[:10] and issue.title == _title(p, name)))
        ]
        if len(now) == 1:
            yield issue, f"{now[0]}/{name}"


def _title(p: Postmortem, name: str) -> str:
    return f"Follow-up check {_WORDS[name]}: {p.title}"[:255]


def _draft(p: Postmortem, name: str, day: date, chase: Chase) -> Draft:
    account = accounts(chase.config).get(p.owner, "")
    link = page(p, chase.config, chase.home)
    who = f"@{account}" if account else "its owner" if is_person(p.owner, p.handles) else p.owner
    lines = [
        f"For {who}: [{p.title}]({link}), {p.severity_label}, follow-up check due on {day}.",
        "",
    ]
    lines += [f"- {question}" for question in _ASKS[name]]
    lines += ["", "Action items:", ""]
    for item in p.action_items:
        number = f" ({item.reference})" if item.issue else ""
        due = f", due {item.due}" if item.due and item.is_open else ""
        lines.append(f"- {item.id} {item.title}{number}: {item.status or 'open'}{due}")
    lines += ["", f"When you close this issue, the date is recorded in `follow_up.{name}`."]
    body = marker.render("\n".join(lines), identified(f"{p.id}/{name}", chase.home))
    assignees = (account,) if account and "/" not in account else ()
    return Draft(_title(p, name), body, (LABEL, CHECK_LABEL, short(p.id)), assignees)


def records(postmortems: Iterable[Postmortem], issues: Sequence[Issue]) -> Iterator[Record]:
    """The days on which checks were completed, if the postmortem does not have them yet."""
    closed = {
        marker.read(issue.body).get("key"): issue
        for issue in issues
        if not issue.is_open and issue.reason != "not_planned" and CHECK_LABEL in issue.labels
    }
    if not closed:
        return
    for p in postmortems:
        for name in AFTER:
            issue = closed.get(f"{p.id}/{name}")
            if issue and issue.closed_on and not p.follow_up.get(name):
                why = f"the follow-up check {_WORDS[name]} was closed (issue {issue.number})"
                yield Record(p.path, f"{p.id}/{name}", "", 0, {name: issue.closed_on}, why)
