"""Interpretation of GitHub's responses; makes no requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from time import time
from typing import Any

from incident.actions.tracker import Comment, Issue

_MEMBERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})
_CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+"
    r"(?:(?P<repository>[\w.-]+/[\w.-]+)?#|(?P<address>https?://\S+?)/issues/)(?P<number>\d+)",
    re.IGNORECASE,
)


def rate_wait(status: int, headers: Mapping[str, str], text: str) -> float | None:
    """Seconds to wait if the request was rate-limited, else None."""
    if status not in {403, 429}:
        return None
    after = headers.get("retry-after", "")
    if after.isdigit():
        return float(after)
    if headers.get("x-ratelimit-remaining") == "0":
        reset = headers.get("x-ratelimit-reset", "")
        return max(1.0, float(reset) - time() + 1) if reset.isdigit() else 60.0
    if status == 429 or "rate limit" in text.casefold() or "too quickly" in text:
        return 60.0
    return None


def reason(found: Any) -> str:
    """GitHub's message, with the fields it mentions."""
    if not isinstance(found, dict):
        return "no reason given"
    parts = []
    errors = found.get("errors")
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            parts.append(
                " ".join(str(error[k]) for k in ("field", "code", "message") if error.get(k))
            )
        else:
            parts.append(str(error))
    message = str(found.get("message", "no reason given"))
    return f"{message} ({'; '.join(parts)})" if parts else message


def issue(found: Mapping[str, Any]) -> Issue:
    """One issue from the API. Raises KeyError without a number."""
    return Issue(
        number=int(found["number"]),
        title=str(found.get("title") or ""),
        body=str(found.get("body") or "").replace("\r\n", "\n"),
        state=str(found.get("state") or "open"),
        reason=str(found.get("state_reason") or ""),
        labels=tuple(
            str(label["name"]) if isinstance(label, dict) else str(label)
            for label in found.get("labels") or ()
        ),
        assignees=tuple(str(user["login"]) for user in found.get("assignees") or ()),
        milestone=str((found.get("milestone") or {}).get("title") or ""),
        url=str(found.get("html_url") or ""),
        closed_on=str(found.get("closed_at") or "")[:10],
        opened_on=str(found.get("created_at") or "")[:10],
        is_trusted=_is_trusted(found),
    )


def comment(found: Mapping[str, Any]) -> Comment:
    """One comment from the API. Its author may be deleted: then "". Raises KeyError without id."""
    author = str((found.get("user") or {}).get("login") or "")
    return Comment(int(found["id"]), author, str(found.get("body") or "").replace("\r\n", "\n"))


def _is_trusted(found: Mapping[str, Any]) -> bool:
    """Whether the author is a member or an app: anyone can open an issue with our marker."""
    author = found.get("user") or {}
    return author.get("type") == "Bot" or found.get("author_association") in _MEMBERS


def closer(events: Any, number: int, web: str) -> str:
    """The merged pull request that says `Closes #number`, else the closing commit.

    `web`: the repository's URL. A pull request in another repository must name this one.
    """
    address = ""
    for event in events if isinstance(events, list) else []:
        if event.get("event") == "cross-referenced":
            source = (event.get("source") or {}).get("issue") or {}
            pull = source.get("pull_request") or {}
            page = str(source.get("html_url") or "")
            said = f"{source.get('title') or ''}\n{source.get('body') or ''}"
            if pull.get("merged_at") and _closes(said, number, page, web):
                address = page
        elif event.get("event") == "closed" and event.get("commit_id") and "/pull/" not in address:
            address = f"{web}/commit/{event['commit_id']}"
    return address


def _closes(said: str, number: int, page: str, web: str) -> bool:
    for match in _CLOSES.finditer(said):
        where = match["address"] or ""
        if not where:
            server = web.rsplit("/", 2)[0]
            repository = match["repository"]
            where = f"{server}/{repository}" if repository else page.partition("/pull/")[0]
        if int(match["number"]) == number and where.casefold() == web.casefold():
            return True
    return False
