"""GitHub as an `IssueTracker`: the only user of PyGithub.

PyGithub's own retries are off: they repeat a POST whose response was lost, which creates
duplicates. Reads and absolute writes are tried three times, creates once. A rate-limited request
did nothing and is sent again after the delay that the server asks for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from time import sleep
from typing import Any
from urllib.parse import quote, urlsplit

from github import Auth, Github
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
)

from incident.actions.tracker import (
    COMMENT,
    LABEL,
    Absent,
    AccessDeniedError,
    AmbiguousWrite,
    Change,
    Comment,
    Draft,
    FatalTrackerError,
    Issue,
    RequestRejected,
)
from incident.actions.trackers import Request, _github_place, _github_responses
from incident.errors import IncidentError
from incident.git import branch
from incident.text.values import mapping

_TRIES = 3
_PAGE = 100
_LONGEST_WAIT = 900.0  # seconds


class _MovedError(RequestRejected):
    """A redirect: PyGithub would follow it without the query, and list the wrong issues."""

    def __init__(self, location: str) -> None:
        hint = "check --repo, GITHUB_REPOSITORY and the git remote"
        super().__init__(f"GitHub redirects this to {location or 'nowhere'}", hint)
        self.location = location


class _Http(HTTPRequestsConnectionClass):
    def getresponse(self) -> Any:
        return _direct(super().getresponse())


class _Https(HTTPSRequestsConnectionClass):
    def getresponse(self) -> Any:
        return _direct(super().getresponse())


def _direct(response: Any) -> Any:
    if 300 <= response.status < 400 and response.status != 304:
        headers = {key.lower(): value for key, value in response.getheaders()}
        raise _MovedError(headers.get("location", ""))
    return response


def open_tracker(request: Request) -> GitHub:
    """The repository from `request.target`, --repo, or this checkout. Raises UsageError."""
    option = request.target or request.repo
    place = _github_place.place(option, request.host, request.root, request.environment)
    secret = _github_place.token(place, request.environment)
    throttle = not place.is_local  # no need to throttle
    return GitHub(place.repository, secret, place.api, web=place.web, throttle=throttle)


class GitHub:
    """One repository. `throttle` keeps the pause between requests that GitHub asks for."""

    def __init__(
        self,
        repository: str,
        token: str,
        api: str = "https://api.github.com",
        *,
        web: str = "",
        throttle: bool = True,
    ) -> None:
        self.kind = "github"
        self.repository = repository
        self.server = web or "https://github.com"
        self.notes: list[str] = []
        self._token = token
        self._milestones: dict[str, int] | None = None
        Requester.injectConnectionClasses(_Http, _Https)
        try:
            self._github = Github(
                auth=Auth.Token(token),
                base_url=api,
                retry=None,
                timeout=30,
                seconds_between_requests=0.25 if throttle else 0,
                seconds_between_writes=1 if throttle else 0,
            )
        finally:
            Requester.resetConnectionClasses()

    @property
    def name(self) -> str:
        """`owner/name`."""
        return self.repository

    def batch(self) -> AbstractContextManager[None]:
        """Do nothing: GitHub has no batches."""
        return nullcontext()

    @property
    def web(self) -> str:
        """The repository's web URL."""
        return f"{self.server}/{self.repository}"

    def issues(self) -> list[Issue]:
        """Every issue with the label, a hundred per request."""
        return self._listed(labels=LABEL)

    def changed_since(self, day: date | None) -> list[Issue]:
        """Every issue created or changed since, with any labels."""
        return self._listed(**({"since": f"{day}T00:00:00Z"} if day else {}))

    def _listed(self, **query: str) -> list[Issue]:
        found = []
        for page in self._pages("issues", state="all", sort="created", direction="asc", **query):
            found += [_github_responses.issue(one) for one in page if "pull_request" not in one]
        return found

    def issue(self, number: int) -> Issue | Absent:
        """One issue; an Absent if it was deleted or transferred."""
        try:
            one = self._ask("GET", f"issues/{number}")[1]
        except _MovedError as moved:
            return Absent("moved", self._page_of(moved.location))
        except RequestRejected as error:
            if error.message.startswith("410"):
                return Absent("gone")
            if error.message.startswith("404"):
                return Absent("gone", ", or moved to where the token has no access")
            raise
        return Absent("pull_request") if "pull_request" in one else _github_responses.issue(one)

    def create(self, draft: Draft) -> Issue:
        """Create an issue: one request, never repeated unless rate-limited."""
        values: dict[str, Any] = {
            "title": draft.title,
            "body": draft.body,
            "labels": list(draft.labels),
        }
        if draft.assignees:
            values["assignees"] = list(draft.assignees)
        if draft.milestone:
            values["milestone"] = self._milestone(draft.milestone)
        return _github_responses.issue(self._write("POST", "issues", values))

    def update(self, number: int, change: Change) -> Issue:
        """Set fields in one request."""
        values: dict[str, Any] = {}
        for name in change.names():
            value = getattr(change, name)
            values["state_reason" if name == "reason" else name] = (
                list(value) if isinstance(value, tuple) else value
            )
        if change.milestone is not None:
            values["milestone"] = self._milestone(change.milestone) if change.milestone else None
        return _github_responses.issue(self._write("PATCH", f"issues/{number}", values))

    def comment(self, number: int, text: str, edit: int | None = None) -> int:
        """Create or update our comment; without its number, look for it first."""
        if edit is None:
            edit = next((one.id for one in self.comments(number) if COMMENT in one.body), None)
        return self.add_comment(number, text) if edit is None else self.edit_comment(edit, text)

    def comments(self, number: int) -> Iterator[Comment]:
        """The comments of an issue or a pull request, oldest first."""
        for page in self._pages(f"issues/{number}/comments"):
            yield from map(_github_responses.comment, page)

    def add_comment(self, number: int, text: str) -> int:
        """Create a comment: one request, never repeated unless rate-limited; its id."""
        return int(self._write("POST", f"issues/{number}/comments", {"body": text})["id"])

    def edit_comment(self, comment: int, text: str) -> int:
        """Replace the text of a comment; its id."""
        return int(self._write("PATCH", f"issues/comments/{comment}", {"body": text})["id"])

    def delete_comment(self, comment: int) -> None:
        """Delete a comment."""
        self._ask("DELETE", f"issues/comments/{comment}")

    def login(self) -> str:
        """Who the token belongs to: `mona`, `github-actions[bot]`.

        Asked from GraphQL, because REST has no answer for the token of a workflow.
        """
        query = {"query": "query { viewer { login } }"}
        found = self._request("POST", self._github.requester.graphql_url, query)[1]
        login = mapping(mapping(mapping(found).get("data")).get("viewer")).get("login")
        if not isinstance(login, str) or not login:
            raise FatalTrackerError("GitHub does not say who the token belongs to", "try again")
        return login

    def reopened_at(self, number: int) -> str:
        """When the issue was last reopened; "" if never."""
        pages = self._pages(f"issues/{number}/timeline")
        events = (one for page in pages for one in page if one.get("event") == "reopened")
        return max((str(one.get("created_at") or "") for one in events), default="")

    def closed_by(self, number: int) -> str:
        """The pull request, else commit, that closed the issue, from one page of its timeline."""
        try:
            events = self._ask("GET", f"issues/{number}/timeline", {"per_page": _PAGE})[1]
        except _MovedError:
            return ""
        return _github_responses.closer(events, number, self.web)

    def push_environment(self) -> dict[str, str]:
        """Environment variables that let git push with the token, hidden from the process list."""
        return branch.with_token(self.server, self._token)

    def is_proposed(self, branch: str, commit: str) -> bool:
        """Whether a pull request from `branch` is open, or one with this commit was closed."""
        found = self._ask("GET", "pulls", {"head": self._head(branch), "state": "all"})[1]
        return any(one["state"] == "open" or one["head"]["sha"] == commit for one in found)

    def withdraw(self, branch: str, note: str) -> str:
        """Close the open pull request from `branch`, with a note in its text; its URL, or ""."""
        found = self._ask("GET", "pulls", {"head": self._head(branch), "state": "open"})[1]
        for one in found:
            self._write("PATCH", f"pulls/{one['number']}", {"state": "closed", "body": note})
        return str(found[0]["html_url"]) if found else ""

    def propose(self, branch: str, base: str, title: str, body: str) -> str:
        """Create a pull request from `branch`, or update the open one; its URL."""
        values = {"title": title, "head": branch, "base": base, "body": body}
        try:
            return str(self._write("POST", "pulls", values)["html_url"])
        except RequestRejected as error:
            found = self._ask("GET", "pulls", {"head": self._head(branch), "state": "open"})[1]
            if not found:
                raise error from None
        number = found[0]["number"]
        change = {"title": title, "body": body}
        return str(self._write("PATCH", f"pulls/{number}", change)["html_url"])

    def _head(self, branch: str) -> str:
        return f"{self.repository.partition('/')[0]}:{branch}"

    def _milestone(self, title: str) -> int:
        if self._milestones is None:
            pages = self._pages("milestones", state="all")
            self._milestones = {one["title"]: one["number"] for page in pages for one in page}
        if title not in self._milestones:
            made = self._write("POST", "milestones", {"title": title})
            self._milestones[title] = made["number"]
        return self._milestones[title]

    def _pages(self, path: str, **query: str) -> Iterator[list[dict[str, Any]]]:
        number = 1
        while True:
            asked = {**query, "per_page": _PAGE, "page": number}
            try:
                headers, page = self._ask("GET", path, asked)
            except _MovedError as moved:
                self._rename(moved.location)
                continue
            if not isinstance(page, list):
                raise AmbiguousWrite(
                    f"{self.name}: the response to {path} is not a list", "try again"
                )
            yield page
            if 'rel="next"' not in headers.get("link", ""):
                return
            number += 1

    def _rename(self, location: str) -> None:
        """Continue with the repository's new name."""
        path = urlsplit(location).path
        match = re.search(r"/(repositories/\d+|repos/[^/]+/[^/]+)", path)
        found = self._request("GET", f"/{match[1]}")[1] if match else {}
        name = str(found.get("full_name", ""))
        if not name or name == self.repository:
            hint = "check --repo, GITHUB_REPOSITORY and the git remote"
            raise FatalTrackerError(f"{self.repository} has moved", hint)
        self.notes.append(f"{self.repository} is now {name}: update --repo or the git remote")
        self.repository = name

    def _page_of(self, location: str) -> str:
        """The web URL of an issue that the API reports at `location`."""
        try:
            path = re.sub(r"^/api/v3", "", urlsplit(location).path)
            return str(self._request("GET", path)[1].get("html_url", location))
        except IncidentError:
            return location

    def _write(self, verb: str, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
        try:
            found = self._ask(verb, path, values)[1]
        except _MovedError as moved:
            raise RequestRejected(f"{path} has moved to {moved.location}", "try again") from moved
        if not isinstance(found, dict) or not ("number" in found or "id" in found):
            raise AmbiguousWrite(f"{verb} {path}: empty response", "try again")
        return found

    def _ask(
        self, verb: str, path: str, values: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, str], Any]:
        return self._request(verb, f"/repos/{quote(self.repository)}/{path}", values)

    def _request(
        self, verb: str, path: str, values: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, str], Any]:
        """One response: lowercase headers, and the JSON. Also raises _MovedError."""
        tries = 1 if verb == "POST" else _TRIES
        waited = 0.0
        tried = 0
        parameters = dict(values or {}) if verb == "GET" else None
        content = dict(values or {}) if verb != "GET" else None
        while True:
            tried += 1
            try:
                status, headers, text = self._github.requester.requestJson(
                    verb, path, parameters, input=content
                )
            except OSError as error:  # includes the exceptions of requests
                fact = f"{verb} {_short(path)}: no response ({type(error).__name__})"
                if tried >= tries:
                    raise AmbiguousWrite(fact, "check the network and try again") from error
                sleep(2.0**tried)
                continue
            if (wait := _github_responses.rate_wait(status, headers, text)) is not None:
                waited += wait
                if waited > _LONGEST_WAIT:
                    raise FatalTrackerError(
                        f"GitHub's rate limit requires a wait of {wait:.0f} s",
                        "try again after that",
                    )
                sleep(wait)
                tried -= 1
                continue
            if status >= 500:
                if tried >= tries:
                    raise AmbiguousWrite(
                        f"{verb} {_short(path)}: GitHub responded with {status}", "try again"
                    )
                sleep(2.0**tried)
                continue
            return headers, self._answer(verb, path, status, text)

    def _answer(self, verb: str, path: str, status: int, text: str) -> Any:
        try:
            found = json.loads(text) if text else {}
        except ValueError as error:
            raise AmbiguousWrite(
                f"{verb} {_short(path)}: the response is not JSON", "try again"
            ) from error
        if status < 400:
            return found
        reason = _github_responses.reason(found)
        what = path.partition(f"/repos/{quote(self.repository)}/")[2]
        whole = what.partition("/")[2] == ""  # issues, not issues/12
        if status == 401:
            raise FatalTrackerError(
                f"GitHub rejected the token: {reason}", "set another GITHUB_TOKEN"
            )
        if status == 403 and "locked" not in reason.casefold():
            hint = "the token needs `issues: write` (and `pull-requests: write`)"
            raise AccessDeniedError(f"GitHub denied access: {reason}", hint)
        if whole and status == 410:
            hint = "enable Issues in the repository's settings, or track them in a file"
            raise FatalTrackerError(f"Issues are disabled in {self.repository}", hint)
        if whole and status == 404:
            hint = "check --repo, the token's permissions, and that Issues are enabled"
            raise FatalTrackerError(
                f"{self.repository} does not exist, or the token has no access to it", hint
            )
        raise RequestRejected(f"{status} {reason}", "fix it on GitHub or in the Markdown")


def _short(path: str) -> str:
    return "/".join(path.split("/")[4:]) or path
