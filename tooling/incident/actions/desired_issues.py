"""The issues that the archive calls for: one `DesiredIssue` per action item."""

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
    """Something that could not be done as the Markdown asks; `key` identifies the item or is ""."""

    key: str
    message: str
    hint: str = ""


class Home(NamedTuple):
    """Where the archive is: `files`, the URL of its folder with a trailing slash, or "".

    `archive`: its folder in the repository, "" for the top; "~name" without git. `tracker`: its
    name.
    """

    files: str = ""
    archive: str = ""
    tracker: str = DEFAULT_TRACKER


_HERE = Home()


@dataclass(frozen=True)
class DesiredIssue:
    """One action item and its postmortem. `key` identifies its issue within the archive."""

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
        """Whether it gets an issue."""
        return self.item.status in {"committed", "in_progress"}

    @property
    def number(self) -> int | None:
        """The recorded number, if it belongs to this tracker."""
        recorded = self.item.tracker or DEFAULT_TRACKER
        return self.item.issue if recorded == self.home.tracker else None

    def reference(self, number: int) -> Scalar:
        """A number in this tracker as recorded in the frontmatter: `12` or `file#12`."""
        kind = self.home.tracker
        return number if kind == DEFAULT_TRACKER else f"{kind}#{number}"

    @property
    def title(self) -> str:
        """The issue's title, on one line, at most 256 characters."""
        title = " ".join(self.item.title.split())
        return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the tool manages."""
        p, item = self.postmortem, self.item
        kinds = (
            f"severity: {p.severity_label}" if p.severity_label else "",
            item.type and f"type: {item.type}",
        )
        return (LABEL, *(label for label in kinds if label), short(p.id))

    @property
    def milestone(self) -> str:
        """The due month, `2026-12`, if milestones are configured."""
        return self.item.due.isoformat()[:7] if self.milestones and self.item.due else ""

    @cached_property
    def state(self) -> dict[str, Any]:
        """The state stored in the marker: enough to detect later changes to the Markdown."""
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
        """The owner in the issue's text: a team is mentioned, a handle stays as written.

        A person is named only if the configuration or CODEOWNERS lists the account.
        """
        if self.team or self.login or not self.is_person:
            return f"{self.item.owner} (@{self.team})" if self.team else self.item.owner
        return "see the postmortem"


def identified(key: str, home: Home) -> dict[str, Any]:
    """The part of a marker that identifies the issue."""
    return {"key": key, "archive": home.archive} if home.archive else {"key": key}


def short(label: str) -> str:
    """`label` within GitHub's 50 characters; a digest keeps truncated labels distinct."""
    return label if len(label) <= MAX_LABEL else f"{label[: MAX_LABEL - 7]}~{digest(label)[:6]}"


def digest(text: str) -> str:
    """Twelve hexadecimal digits of a hash of the text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def read(
    postmortems: Iterable[Postmortem], config: Config, home: Home
) -> tuple[list[DesiredIssue], list[Problem]]:
    """The action items that can have an issue, and why others cannot."""
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
            hint = "give every postmortem a unique id"
            fact = f"{p.path}: the id {p.id!r} is not unique, so its action items get no issues"
            problems.append(Problem(p.id, fact, hint))
            continue
        seen = [item.id for item in p.action_items]
        twice = len(set(seen)) < len(seen)
        link = page(p, config, home)
        for item in p.action_items:
            key = f"{p.id}/{item.id}"
            if not item.id or (twice and seen.count(item.id) > 1):
                fact = f"{p.path}: action item {item.index + 1} has no unique id"
                problems.append(Problem(key, fact, "number them AI-1, AI-2, …"))
            elif not item.title:
                fact = f"{p.path}: action item {item.index + 1} has no title"
                problems.append(Problem(key, fact, "describe the task in one line"))
            else:
                account = by_owner.get(item.owner, "")
                person = is_person(item.owner, handles)
                found.append(_wanted(key, p, item, config, home, link, account, person))
                problems.extend(_doubts(found[-1], known))
    return found, problems


def accounts(config: Config) -> dict[str, str]:
    """By owner, a login or `org/team`: from CODEOWNERS, overridden by the configuration."""
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
        who = f"unknown owner {item.owner!r}" if item.owner else "no owner"
        yield Problem(wanted.key, who, "set another owner, or add this one to `owners`")
    if len(item.title) > MAX_TITLE:
        fact = f"title truncated: {len(item.title)} characters (limit {MAX_TITLE})"
        yield Problem(wanted.key, fact, "shorten the title; move details to `done_when`")
    if len(item.done_when) + len(item.verified_by) > MAX_BODY - 8000:
        yield Problem(wanted.key, "text truncated: too long for an issue", "shorten it")


def page(p: Postmortem, config: Config, home: Home) -> str:
    """The link to a postmortem: in the wiki, else in the repository, else its path."""
    if config.wiki_url:
        return wiki_urls.absolute(config.wiki_url, wiki_urls.page_url(p.path, p.archive))
    return f"{home.files}{p.path}"


class Renderer:
    """Issue bodies from `templates/issue.md.j2`, a repository's own takes precedence."""

    def __init__(self, config: Config) -> None:
        filters = {
            "cell": lambda value: markdown_table.cell(str(value)),
            "code": lambda value: untrusted_text.code(str(value)),
        }
        self.template = templates.load("templates", "issue.md.j2", config.root, filters)

    def block(self, wanted: DesiredIssue, state: dict[str, Any]) -> str:
        """The managed block of an issue, within GitHub's size limit. Raises UsageError."""
        text = self.template.render(
            item=wanted.item,
            postmortem=wanted.postmortem,
            link=wanted.link,
            owner=wanted.owner,
        )
        text = text.replace("<!--", "&lt;!--")  # a value must not start another marker
        room = MAX_BODY - len(marker.render("", state)) - 100
        return marker.render(text if len(text) <= room else text[: room - 1] + "…", state)

    def draft(self, wanted: DesiredIssue) -> Draft:
        """The initial issue for an item."""
        assignees = (wanted.login,) if wanted.login else ()
        body = self.block(wanted, wanted.state)
        return Draft(wanted.title, body, wanted.labels, assignees, wanted.milestone)
