"""A proxy between the command and the emulator: counts, checks and breaks requests.

Where the emulator is laxer than GitHub it says what GitHub says: lengths, the case of labels,
tokens, who may be assigned, transferred and deleted issues, a renamed repository, Issues off.
"""

from __future__ import annotations

import http.client
import itertools
import json
import os
import re
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

SPEC = Path(__file__).with_name("github.openapi.json")
TOKEN = "token-of-the-tests"
GRAPHQL = "/graphql"  # the emulator has none
# The emulator allows each 5,000 requests an hour, and the tests make more.
UPSTREAM_TOKENS = tuple(f"token-{n}" for n in range(40))


class Seen(NamedTuple):
    """A request. `path` is without its query."""

    verb: str
    path: str
    query: dict[str, str]
    content: dict[str, Any]
    is_read: bool


class Answer(NamedTuple):
    status: int
    content: Any = None
    headers: dict[str, str] = {}


@dataclass
class Rules:
    """What this GitHub is like, beyond what the emulator knows."""

    unassignable: set[str] = field(default_factory=set)
    drops: set[str] = field(default_factory=set)  # fields of a POST, as without push access
    moved: dict[int, str] = field(default_factory=dict)  # number: path of the new place
    deleted: set[int] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)
    timeline: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    locked: set[int] = field(default_factory=set)
    issues_off: bool = False
    read_only: bool = False
    hidden: set[int] = field(default_factory=set)  # numbers that a stale listing lacks
    strangers: set[int] = field(default_factory=set)  # numbers that outsiders opened
    login: str = "robot"  # who the token belongs to
    authors: dict[int, str] = field(default_factory=dict)  # who wrote a comment, if not robot


# (which request it is, counted from 1; the request) -> kind of fault, or None
Fault = Callable[[int, Seen], str | None]


class _Checked:
    """A request as openapi-core wants it."""

    def __init__(self, seen: Seen, body: bytes) -> None:
        self.host_url = ""
        self.path = seen.path
        self.method = seen.verb.lower()
        self.body = body or None
        self.content_type = "application/json"
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(seen.query), header=Headers(), cookie=ImmutableMultiDict()
        )


class Proxy:
    """Listens on loopback; `url` is the API's address. Use as a context manager."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.seen: list[Seen] = []
        self.invalid: list[str] = []
        self.faults_made = 0
        self.fault: Fault = lambda _place, _seen: None
        self.kill: int = 0  # the process that a fault "killed…" ends
        self.rules = Rules()
        self.labels: dict[str, str] = {}
        self.lock = threading.Lock()
        self.forwarded = itertools.count()
        self.openapi = _openapi()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: two would wait for an acknowledgement

            def handle_any(self) -> None:
                outer.handle(self)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://localhost:{self.server.server_port}"

    def __enter__(self) -> Proxy:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def reset(self) -> None:
        """Forget requests, faults and rules."""
        self.seen.clear()
        self.invalid.clear()
        self.faults_made = 0
        self.fault = lambda _place, _seen: None
        self.rules = Rules()
        self.labels.clear()

    @property
    def reads(self) -> int:
        return sum(seen.is_read for seen in self.seen)

    @property
    def writes(self) -> int:
        return len(self.seen) - self.reads

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length") or 0)
        body = handler.rfile.read(length)
        parts = urlsplit(handler.path)
        query = dict(parse_qsl(parts.query))
        content = json.loads(body) if body else {}
        is_read = handler.command == "GET" or parts.path == GRAPHQL
        seen = Seen(handler.command, parts.path, query, content, is_read)
        with self.lock:
            self.seen.append(seen)
            place = len(self.seen)
            self.check(seen, body)
        fault = self.fault(place, seen)
        with self.lock:
            self.faults_made += fault is not None
        answer = self.answer(seen, handler, fault)
        if answer is None:
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        text = b"" if answer.content is None else json.dumps(answer.content).encode()
        handler.send_response(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("content-type", "application/json; charset=utf-8")
        handler.send_header("content-length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)
        handler.wfile.flush()

    def check(self, seen: Seen, body: bytes) -> None:
        """Hold a request to GitHub's own description."""
        if seen.path == GRAPHQL:
            return
        if seen.path.startswith("/repositories/") or re.fullmatch(r"/repos/[^/]+/[^/]+", seen.path):
            return  # asked for after a redirect only
        try:
            self.openapi.validate_request(_Checked(seen, body))
        except Exception as error:  # whatever it is, a test shows it
            cause = error.__cause__ or error
            errors = getattr(cause, "schema_errors", None) or [cause]
            self.invalid.append(f"{seen.verb} {seen.path}: {error}: {list(errors)[:1]}")

    def answer(
        self, seen: Seen, handler: BaseHTTPRequestHandler, fault: str | None
    ) -> Answer | None:
        if fault == "502 before":
            return Answer(502, {"message": "Server Error"})
        if fault == "403 secondary limit":
            message = "You have exceeded a secondary rate limit."
            return Answer(403, {"message": message}, {"retry-after": "1"})
        if fault == "403 for an hour":
            message = "API rate limit exceeded for installation."
            return Answer(403, {"message": message}, {"retry-after": "3600"})
        if fault == "429 with retry-after":
            return Answer(429, {"message": "Too many requests"}, {"retry-after": "1"})
        if fault == "killed before":
            os.kill(self.kill, signal.SIGKILL)
            return None
        answer = self.real(seen, handler)
        if fault == "killed after":
            os.kill(self.kill, signal.SIGKILL)
            return None
        if fault == "dropped after":
            return None
        if fault == "502 after":
            return Answer(502, {"message": "Server Error"})
        if fault == "empty listing" and isinstance(answer.content, list):
            return Answer(200, [])
        if fault == "stale listing" and isinstance(answer.content, list):
            return Answer(200, answer.content[: len(answer.content) // 2])
        return answer

    def real(self, seen: Seen, handler: BaseHTTPRequestHandler) -> Answer:
        """What GitHub says: its rules first, then the emulator."""
        if handler.headers.get("authorization", "").rpartition(" ")[2] != TOKEN:
            return Answer(401, {"message": "Bad credentials"})
        refused = self.refusal(seen)
        if refused is not None:
            return refused
        content = dict(seen.content)
        if "labels" in content:
            content["labels"] = [self._label(name) for name in content["labels"]]
        for name in self.rules.drops if seen.verb == "POST" else ():
            content.pop(name, None)
        query = dict(seen.query)
        if "labels" in query:
            query["labels"] = self._label(query["labels"])
        answer = self.forward(seen.verb, seen.path, query, content)
        if isinstance(answer.content, list) and self.rules.hidden:
            kept = [one for one in answer.content if one.get("number") not in self.rules.hidden]
            answer = answer._replace(content=kept)
        for one in answer.content if isinstance(answer.content, list) else ():
            if one.get("number") in self.rules.strangers:
                one["author_association"] = "NONE"
            if one.get("id") in self.rules.authors:
                one["user"]["login"] = self.rules.authors[one["id"]]
        return answer

    def _label(self, name: str) -> str:
        """The case in which the label was first written, as GitHub keeps it."""
        return self.labels.setdefault(name.casefold(), name)

    def refusal(self, seen: Seen) -> Answer | None:
        rules, path = self.rules, seen.path
        if path == GRAPHQL:
            assert "viewer" in seen.content["query"], seen.content
            return Answer(200, {"data": {"viewer": {"login": rules.login}}})
        for old, new in rules.renamed.items():
            if path.startswith(f"/repos/{old}/"):
                location = f"{self.url}/repositories/7/{path.split('/', 4)[4]}"
                return Answer(301, {"message": "Moved Permanently"}, {"location": location})
            if path == "/repositories/7":
                return Answer(200, {"id": 7, "full_name": new})
        if rules.issues_off and path.endswith("/issues"):
            return Answer(410, {"message": "Issues has been disabled in this repository."})
        if rules.read_only and not seen.is_read:
            return Answer(403, {"message": "Resource not accessible by integration"})
        number = _number(path)
        if number in rules.timeline and path.endswith("/timeline"):
            return Answer(200, rules.timeline[number])
        if path.endswith("/pulls") and seen.verb == "POST":
            pulls = self.forward("GET", path, {"state": "open"}, {}).content
            if any(pull["head"]["ref"] == seen.content.get("head") for pull in pulls):
                message = "A pull request already exists"
                return Answer(
                    422, {"message": "Validation Failed", "errors": [{"message": message}]}
                )
        if number in rules.locked and path.endswith("/comments") and not seen.is_read:
            return Answer(403, {"message": "Unable to create comment because issue is locked."})
        if number in rules.deleted:
            return Answer(410, {"message": "This issue was deleted"})
        if number in rules.moved:
            location = f"{self.url}{rules.moved[number]}"
            return Answer(301, {"message": "Moved Permanently"}, {"location": location})
        return self._invalid(seen.content)

    def _invalid(self, content: dict[str, Any]) -> Answer | None:
        errors = []
        if len(str(content.get("title") or "")) > 256:
            errors.append({"resource": "Issue", "field": "title", "code": "too_long"})
        if len(str(content.get("body") or "")) > 65_536:
            errors.append({"resource": "Issue", "field": "body", "code": "too_long"})
        if any(len(name) > 50 for name in content.get("labels") or ()):
            errors.append({"resource": "Label", "field": "name", "code": "too_long"})
        if self.rules.unassignable & set(content.get("assignees") or ()):
            errors.append({"resource": "Issue", "field": "assignees", "code": "invalid"})
        return Answer(422, {"message": "Validation Failed", "errors": errors}) if errors else None

    def forward(
        self,
        verb: str,
        path: str,
        query: dict[str, str],
        content: dict[str, Any],
    ) -> Answer:
        """Ask the emulator itself."""
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=60)
        address = f"{path}?{urlencode(query)}" if query else path
        body = json.dumps(content) if verb != "GET" else None
        token = UPSTREAM_TOKENS[next(self.forwarded) // 4_000]
        headers = {"authorization": f"token {token}", "content-type": "application/json"}
        try:
            connection.request(verb, address, body, headers)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        kept = {name: v for name, v in response.getheaders() if name.lower() == "link"}
        return Answer(response.status, json.loads(text) if text else None, kept)


def _number(path: str) -> int:
    match = re.search(r"/issues/(\d+)", path)
    return int(match[1]) if match else 0


_SPEC: list[OpenAPI] = []


def _openapi() -> OpenAPI:
    if not _SPEC:
        _SPEC.append(OpenAPI.from_dict(json.loads(SPEC.read_text(encoding="utf-8"))))
    return _SPEC[0]
