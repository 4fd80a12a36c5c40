"""What the archive wants of the tracker: one `Wanted` for each action item."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from incident.actions import marker
from incident.actions.tracker import DEFAULT_TRACKER, LABEL, MAX_BODY, MAX_LABEL, MAX_TITLE, Draft
from incident.archive import owners
from incident.archive.roster import is_person
from incident.postmortem import wiki_urls
from incident.postmortem.edit import Scalar
from incident.postmortem.model import ActionItem, Postmortem
from incident.repository import templates
from incident.repository.config import Config
from incident.text import markdown_table, untrusted_text

SETTLED = frozenset({"done", "wont_do"})


@dataclass(frozen=True)
class Problem:
    """Something that could not be done as the Markdown says; `key` names the item or is ""."""

    key: str
    message: str
    hint: str = ""


class Home(NamedTuple):
    """Where the archive is: `files`, the address of its folder with a slash at the end, or "".

    `archive`: its folder in the repository, "" at the top; "~name" where no git can tell.
    `tracker`: the name of the tracker that is asked.
    """

    files: str = ""
    archive: str = ""
    tracker: str = DEFAULT_TRACKER


_HERE = Home()


@dataclass(frozen=True)
class DesiredIssue:
    """One action item and its postmortem. `key` is the identity of its issue in the archive."""

    key: str
    postmortem: Postmortem
    item: ActionItem
    home: Home = _HERE
    login: str = ""
    team: str = ""
    milestones: bool = False
    link: str = ""
    is_person: bool = False

    @property
    def status(self) -> str:
        """`open`, `done` or `wont_do`."""
        return self.item.status if self.item.status in SETTLED else "open"

    @property
    def may_open(self) -> bool:
        """Whether an issue is opened for it."""
        return self.item.status in {"committed", "in_progress"}

    @property
    def number(self) -> int | None:
        """The recorded number, if it is one of this tracker."""
        recorded = self.item.tracker or DEFAULT_TRACKER
        return self.item.issue if recorded == self.home.tracker else None

    def reference(self, number: int) -> Scalar:
        """A number of this tracker as the frontmatter records it: `12`, or `file#12`."""
        kind = self.home.tracker
        return number if kind == DEFAULT_TRACKER else f"{kind}#{number}"

    @property
    def title(self) -> str:
        """The issue's title, on one line, at most 256 characters."""
        title = " ".join(self.item.title.split())
        return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the tool looks after."""
        p, item = self.postmortem, self.item
        kinds = (
            f"severity: {p.severity_label}" if p.severity_label else "",
            item.type and f"type: {item.type}",
        )
        return (LABEL, *(label for label in kinds if label), short(p.id))

    @property
    def milestone(self) -> str:
        """The due month, `2026-12`, where milestones are configured."""
        return self.item.due.isoformat()[:7] if self.milestones and self.item.due else ""

    @cached_property
    def state(self) -> dict[str, Any]:
        """What the marker remembers: enough to see later that the Markdown changed."""
        p, item = self.postmortem, self.item
        values = (item.done_when, item.verified_by, item.type, item.priority, item.effort)
        channel = (p.channel,) if p.channel and p.is_ongoing else ()
        about = (p.title, p.severity_label, self.link, *channel)
        body = (*values, str(item.due), item.owner, self.team, *about)
        return {
            **identified(self.key, self.home),
            "title": digest(item.title),
            "body": digest("\0".join(body)),
            "labels": list(self.labels),
            "assignee": self.login,
            "milestone": self.milestone,
            "status": self.status,
        }

    @property
    def owner(self) -> str:
        """The owner as the issue's text names it: a team is mentioned, a handle as written.

        A person is named where the configuration or CODEOWNERS knows the account, and only there.
        """
        if self.team or self.login or not self.is_person:
            return f"{self.item.owner} (@{self.team})" if self.team else self.item.owner
        return "the one whom the postmortem names"


def identified(key: str, home: Home) -> dict[str, Any]:
    """The part of a marker that says whose issue it is."""
    return {"key": key, "archive": home.archive} if home.archive else {"key": key}


def short(label: str) -> str:
    """`label` within GitHub's 50 characters; what is cut off stays told apart by a digest."""
    return label if len(label) <= MAX_LABEL else f"{label[: MAX_LABEL - 7]}~{digest(label)[:6]}"


def digest(text: str) -> str:
    """Twelve hexadecimal digits that change with the text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def read(
    postmortems: Iterable[Postmortem], config: Config, home: Home
) -> tuple[list[DesiredIssue], list[Problem]]:
    """The action items that may have an issue, and what keeps others from having one."""
    found: list[DesiredIssue] = []
    problems: list[Problem] = []
    postmortems = list(postmortems)
    ids = Counter(p.id for p in postmortems)
    by_owner = accounts(config)
    known = owners.known(config)
    known |= {owner.casefold() for owner in by_owner} if known else set()
    handles = frozenset(handle for p in postmortems for handle in p.handles)
    for p in postmortems:
        if not p.action_items:
            continue
        if not p.id or ids[p.id] > 1:
            hint = "give every postmortem an id of its own"
            fact = f"{p.path}: the id {p.id!r} is not unique, so its action items have no issues"
            problems.append(Problem(p.id, fact, hint))
            continue
        seen = [item.id for item in p.action_items]
        twice = len(set(seen)) < len(seen)
        link = page(p, config, home)
        for item in p.action_items:
            key = f"{p.id}/{item.id}"
            if not item.id or (twice and seen.count(item.id) > 1):
                fact = f"{p.path}: action item {item.index + 1} has no id of its own"
                problems.append(Problem(key, fact, "number them AI-1, AI-2, …"))
            elif not item.title:
                fact = f"{p.path}: action item {item.index + 1} has no title"
                problems.append(Problem(key, fact, "say what is to be done, in one line"))
            else:
                account = by_owner.get(item.owner, "")
                person = is_person(item.owner, handles)
                found.append(_wanted(key, p, item, config, home, link, account, person))
                problems.extend(_doubts(found[-1], known))
    return found, problems


def accounts(config: Config) -> dict[str, str]:
    """Per owner, a login or `org/team`: what CODEOWNERS says, then what the configuration says."""
    found = {}
    for account in owners.codeowners(config.root):
        found[account] = found[account.rpartition("/")[2]] = account
    return {**found, **config.actions.accounts}


def _wanted(
    key: str,
    p: Postmortem,
    item: ActionItem,
    config: Config,
    home: Home,
    link: str,
    account: str,
    person: bool,
) -> DesiredIssue:
    is_team = "/" in account
    return DesiredIssue(
        key,
        p,
        item,
        home,
        login="" if is_team else account,
        team=account if is_team else "",
        milestones=config.actions.milestones,
        link=link,
        is_person=person,
    )


def _doubts(wanted: DesiredIssue, known: Set[str]) -> Iterable[Problem]:
    item = wanted.item
    if not item.is_open or item.status == "proposed":
        return
    if known and item.owner.casefold() not in known:
        who = f"its owner {item.owner!r} is not known" if item.owner else "it has no owner"
        yield Problem(wanted.key, who, "name another owner, or add this one to `owners`")
    if len(item.title) > MAX_TITLE:
        fact = f"its title has {len(item.title)} characters (limit {MAX_TITLE}) and is cut"
        yield Problem(wanted.key, fact, "shorten the title, and move the rest to `done_when`")
    if len(item.done_when) + len(item.verified_by) > MAX_BODY - 8000:
        yield Problem(wanted.key, "its text is too long for an issue and is cut", "shorten it")


def page(p: Postmortem, config: Config, home: Home) -> str:
    """Where a postmortem is read: in the wiki, else in the repository, else its path."""
    if config.wiki_url:
        return wiki_urls.absolute(config.wiki_url, wiki_urls.page_url(p.path))
    return f"{home.files}{p.path}"


class Renderer:
    """Issue bodies from `templates/issue.md.j2`, a repository's own first."""

    def __init__(self, config: Config) -> None:
        filters = {
            "cell": lambda value: markdown_table.cell(str(value)),
            "code": lambda value: untrusted_text.code(str(value)),
        }
        self.template = templates.load("templates", "issue.md.j2", config.root, filters)

    def block(self, wanted: DesiredIssue, state: dict[str, Any]) -> str:
        """The managed block of an issue, within GitHub's limit. Raises UsageError."""
        text = self.template.render(
            item=wanted.item,
            postmortem=wanted.postmortem,
            link=wanted.link,
            owner=wanted.owner,
        )
        text = text.replace("<!--", "&lt;!--")  # a value must not begin a marker of its own
        room = MAX_BODY - len(marker.render("", state)) - 100
        return marker.render(text if len(text) <= room else text[: room - 1] + "…", state)

    def draft(self, wanted: DesiredIssue) -> Draft:
        """The issue that an item begins with."""
        assignees = (wanted.login,) if wanted.login else ()
        body = self.block(wanted, wanted.state)
        return Draft(wanted.title, body, wanted.labels, assignees, wanted.milestone)
