"""Chase overdue items: a label, one comment per issue, one digest per owner, follow-up checks.

A pure function of the archive, one listing and the date. The last reminder is recorded in the
issue's marker, so a day without news needs no request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from incident.actions import follow_up, marker, plan
from incident.actions.chase import Chase
from incident.actions.desired_issues import (
    DesiredIssue,
    Home,
    accounts,
    digest,
    identified,
    page,
)
from incident.actions.identity import Matches
from incident.actions.plan import Reminder, Step
from incident.actions.tracker import COMMENT, LABEL, Change, Draft, Issue
from incident.archive import board
from incident.archive.board import Group
from incident.postmortem.model import Postmortem
from incident.repository.config import Config

OVERDUE = "overdue"
DIGEST_LABEL = "incident-digest"
_COMING = 14  # days
_IN_CHAT = 10  # items of an owner


def steps(
    postmortems: Sequence[Postmortem],
    matches: Matches,
    wanted: Sequence[DesiredIssue],
    issues: Sequence[Issue],
    chase: Chase,
) -> tuple[Step, ...]:
    """All reminders due today."""
    states = {issue.number: marker.read(issue.body) for issue in issues}
    by_key: dict[str, Issue] = {}
    found: list[Step] = []
    for issue in sorted(issues, key=lambda issue: issue.number):
        key = states[issue.number].get("key", "")
        if not key or marker.is_item(key):
            continue
        if key in by_key:
            found.append(plan.duplicate(issue, by_key[key]))
        else:
            by_key[key] = issue
    for one in wanted:
        tied = matches.issue.get(one.key)
        if tied is not None and one.key not in matches.moved and chase.includes(one.item.due):
            found += _reminder(one, tied, states[tied.number], chase)
    promised = [
        line
        for line in board.items(postmortems, chase.today)
        if line.item.status != "proposed" and chase.includes(line.item.due)
    ]
    found += _digests(board.groups(promised, "owner"), by_key, states, chase)
    found += follow_up.steps(postmortems, by_key, chase)
    return tuple(found)


def quiet(postmortems: Iterable[Postmortem], chase: Chase) -> str:
    """A note about items that are not chased, or ""."""
    old = [
        line
        for line in board.items(postmortems, chase.today)
        if line.overdue and line.item.status != "proposed" and not chase.includes(line.item.due)
    ]
    if not old:
        return ""
    items = f"{len(old)} action item{'s' * (len(old) != 1)}"
    return f"{items} due before {chase.since} not chased; set an earlier `since` to include them"


def _reminder(
    one: DesiredIssue, issue: Issue, had: Mapping[str, Any], chase: Chase
) -> Iterator[Step]:
    if not had or not issue.is_open or one.status != "open" or one.item.status == "proposed":
        return  # without a marker, sync first
    today = chase.today
    late = one.item.overdue(today)
    labels = None
    if late != any(name.casefold() == OVERDUE for name in issue.labels):
        others = tuple(name for name in issue.labels if name.casefold() != OVERDUE)
        labels = (*others, OVERDUE) if late else others
    stage = _stage(one, today, chase.config)
    last = had.get("reminder")
    last = last if isinstance(last, list) and len(last) == 3 else [0, None, ""]
    due = str(one.item.due)
    is_news = stage is not None and last[1:] != [stage, due]
    if not is_news and labels is None:
        return
    reminder = Reminder(_text(one, today), int(last[0] or 0)) if is_news else None
    state = {**had, "reminder": [last[0], stage, due]} if is_news else had
    what = (board.when(board.DatedItem(one.postmortem, one.item, _days(one, today))),)
    yield Step(
        "remind" if is_news else "update",
        one.key,
        one.title,
        issue.number,
        what,
        one,
        issue,
        Change(labels=labels),
        state,
        rewrite=False,
        reminder=reminder,
    )


def _days(one: DesiredIssue, today: date) -> int | None:
    return (one.item.due - today).days if one.item.due else None


def _stage(one: DesiredIssue, today: date, config: Config) -> int | None:
    """None: not yet. 0: shortly before and after the due date. n: n periods overdue."""
    days = _days(one, today)
    if days is None or days > config.actions.remind_before:
        return None
    return max(0, -days) // config.actions.remind_every


def _text(one: DesiredIssue, today: date) -> str:
    days = _days(one, today) or 0
    when = f"is due on {one.item.due}" if days >= 0 else f"was due on {one.item.due}"
    account = one.login or one.team
    address = f"@{account}: this" if account else "This"
    return (
        f"{address} action item {when}. Done? Close it, ideally with a pull request that says "
        f"`Closes #` and this issue's number. Not now? Set a new due date in the "
        f"[postmortem]({one.link}). Won't do it? Close it as *not planned* and say why."
        f"\n\nWhile the item is overdue, this comment is updated; no others are added.\n{COMMENT}"
    )


def _digests(
    groups: Iterable[Group],
    by_key: Mapping[str, Issue],
    states: Mapping[int, Mapping[str, Any]],
    chase: Chase,
) -> Iterator[Step]:
    wanted = {f"digest/{group.name}": group for group in groups if group.name}
    for key, group in wanted.items():
        issue = by_key.get(key)
        text = digest_text(group, chase.config, chase.home)
        if issue is None:
            if group.overdue:
                yield _open_digest(key, group, text, chase)
            continue
        had = states[issue.number]
        change = Change()
        action = "update"
        closed_by_us = had.get("status") == "closed"
        if issue.is_open and not _news(group):
            action, change = "close", Change(state="closed", reason="completed")
        elif not issue.is_open and closed_by_us and group.overdue:
            action, change = "reopen", Change(state="open")
        elif not issue.is_open:
            continue  # someone closed it, or nothing is new
        yield from _rewritten(action, key, issue, had, text, change)
    for key, issue in by_key.items():
        if key.startswith("digest/") and key not in wanted and issue.is_open:
            change = Change(state="closed", reason="completed")
            yield from _rewritten(
                "close", key, issue, states[issue.number], "No open action items.", change
            )


def _rewritten(
    action: str, key: str, issue: Issue, had: Mapping[str, Any], text: str, change: Change
) -> Iterator[Step]:
    status = "closed" if action == "close" else "open"
    state = {**had, "body": digest(text), "status": status}
    if state == had and not change.names():
        return
    body = marker.replace(issue.body, marker.render(text, state))
    values = {**vars(change), "body": body}
    what = ("body",)
    yield Step(action, key, issue.title, issue.number, what, change=Change(**values))


def _news(group: Group) -> bool:
    return any(line.days is not None and line.days <= _COMING for line in group.lines)


def _open_digest(key: str, group: Group, text: str, chase: Chase) -> Step:
    account = accounts(chase.config).get(group.name, "")
    title = f"Action items for {group.name}"
    state = {**identified(key, chase.home), "body": digest(text), "status": "open"}
    assignees = (account,) if account and "/" not in account else ()
    body = marker.render(text, state)
    draft = Draft(title, body, (LABEL, DIGEST_LABEL), assignees)
    return Step("create", key, title, draft=draft)


def digest_text(group: Group, config: Config, home: Home) -> str:
    """One owner's items, overdue first; the text changes only when the items do."""
    account = accounts(config).get(group.name, "")
    late = [line for line in group.lines if line.overdue]
    coming = [one for one in group.lines if one.days is not None and 0 <= one.days <= _COMING]
    later = len(group.lines) - len(late) - len(coming)
    parts = [f"Action items for {f'@{account}' if account else group.name}."]
    for title, some in (("Overdue", late), (f"Due within {_COMING} days", coming)):
        if some:
            parts += ["", f"**{title}**", ""]
        for line in some:
            number = line.item.reference or line.item.id
            link = page(line.postmortem, config, home)
            parts.append(
                f"- {line.item.due} {number} {line.item.title} "
                f"([{line.postmortem.title}]({link}), {line.postmortem.severity_label})"
            )
    if later:
        parts += ["", f"{later} more are due later or have no due date."]
    parts += ["", "If you close this issue, it stays closed; reopen it to get updates again."]
    return "\n".join(parts)


def webhook_text(groups: Iterable[Group]) -> str:
    """The same for a chat's webhook, which obeys marks in a text: short, without mentions."""
    short = []
    for group in groups:
        lines = chat_text([group]).split("\n")
        more = len(lines) - 1 - _IN_CHAT
        short.append("\n".join([*lines[: _IN_CHAT + 1], *([f"• and {more} more"] * (more > 0))]))
    text = "\n\n".join(short).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("@", "@\u200b")


def chat_text(groups: Iterable[Group]) -> str:
    """The same for chat: plain lines, one paragraph per owner."""
    paragraphs = []
    for group in groups:
        head = f"*{group.name or 'unassigned'}*: {len(group.lines)} open"
        head += f", {group.overdue} overdue" if group.overdue else ""
        some = [f"• {board.when(line)}: {line.item.title} ({line.key})" for line in group.lines]
        paragraphs.append("\n".join([head, *some]))
    return "\n\n".join(paragraphs)
