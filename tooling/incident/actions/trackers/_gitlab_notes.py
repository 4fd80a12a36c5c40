"""The comments of a merge request on GitLab, as a job of GitLab CI can write them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from time import sleep
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from incident.actions.tracker import (
    AccessDeniedError,
    AmbiguousWrite,
    Comment,
    FatalTrackerError,
    RequestRejected,
)
from incident.errors import UsageError
from incident.text.values import mapping, mappings, string

_TRIES = 3
_PAGE = 100
_TIMEOUT = 30
_LOCAL = frozenset({"localhost", "127.0.0.1"})


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to no other server."""

    def redirect_request(self, *_: Any) -> None:
        return None


class GitLabNotes:
    """The merge requests of the project that a job runs for. `notes`: for people; always empty."""

    def __init__(self, environment: Mapping[str, str], token: str) -> None:
        """Raises UsageError if the job's variables name no server that may get the token."""
        api, project = environment.get("CI_API_V4_URL", ""), environment.get("CI_PROJECT_ID", "")
        if not (api and project):
            raise UsageError("CI_API_V4_URL or CI_PROJECT_ID is missing", "run it in GitLab CI")
        parts = urlsplit(api)
        if parts.scheme != "https" and parts.hostname not in _LOCAL:
            fact = f"{api} (CI_API_V4_URL) is not an https address"
            raise UsageError(fact, "the token is sent only over https: enable it on the server")
        self.name = environment.get("CI_PROJECT_PATH", project)
        self.notes: list[str] = []
        self._api, self._token = api.rstrip("/"), token
        self._project = f"/projects/{quote(project, safe='')}"
        self._open = urllib.request.build_opener(_NoRedirect()).open
        self._number = 0

    def login(self) -> str:
        """Who the token belongs to: a bot of the project, or a person."""
        name = string(mapping(self._ask("GET", "/user")).get("username"))
        if not name:
            raise FatalTrackerError("GitLab does not say who the token belongs to", "try again")
        return name

    def comments(self, number: int) -> Iterator[Comment]:
        """The comments of a merge request, oldest first."""
        self._number, page = number, 1
        while True:
            query = {"sort": "asc", "order_by": "created_at", "per_page": _PAGE, "page": page}
            found = mappings(self._ask("GET", f"{self._notes(number)}?{urlencode(query)}"))
            for one in found:
                author = string(mapping(one.get("author")).get("username"))
                yield Comment(int(one["id"]), author, string(one.get("body")))
            if len(found) < _PAGE:
                return
            page += 1

    def add_comment(self, number: int, text: str) -> int:
        """Create a comment: one request, never repeated; its id."""
        return self._write("POST", self._notes(number), text)

    def edit_comment(self, comment: int, text: str) -> int:
        """Replace the text of a comment of the merge request that was listed last; its id."""
        return self._write("PUT", f"{self._notes(self._number)}/{comment}", text)

    def delete_comment(self, comment: int) -> None:
        """Delete a comment of the merge request that was listed last."""
        self._ask("DELETE", f"{self._notes(self._number)}/{comment}")

    def _notes(self, number: int) -> str:
        return f"{self._project}/merge_requests/{number}/notes"

    def _write(self, verb: str, path: str, text: str) -> int:
        found = mapping(self._ask(verb, path, {"body": text})).get("id")
        if not isinstance(found, int):
            raise AmbiguousWrite(f"GitLab: empty response to {verb} {path}", "try again")
        return found

    def _ask(self, verb: str, path: str, content: Mapping[str, str] | None = None) -> Any:
        """The JSON of one response; a write that creates is tried once."""
        headers = {"PRIVATE-TOKEN": self._token, "Content-Type": "application/json"}
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self._api}{path}", body, headers, method=verb)  # noqa: S310
        tries = 1 if verb == "POST" else _TRIES
        for attempt in range(1, tries + 1):
            try:
                with self._open(request, timeout=_TIMEOUT) as response:
                    raw = response.read()
                return json.loads(raw) if raw else {}
            except urllib.error.HTTPError as error:
                why = f"{error.code} {error.reason}"
                if error.code in {401, 403}:
                    raise AccessDeniedError(
                        f"GitLab denied access: {why}", "use a token with the scope `api`"
                    ) from None
                if error.code < 500 and error.code != 429:
                    fact = f"{why} from GitLab ({verb} {path.partition('?')[0]})"
                    hint = "check GITLAB_TOKEN and its access to the project"
                    raise RequestRejected(fact, hint) from None
            except (OSError, ValueError) as error:
                why = type(error).__name__
            if attempt < tries:
                sleep(2.0**attempt)
        fact = f"GitLab did not answer {verb} {path.partition('?')[0]}: {why}"
        raise AmbiguousWrite(fact, "try again")
