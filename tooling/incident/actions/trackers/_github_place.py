"""Which repository on which GitHub server, and with which token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from incident.errors import UsageError
from incident.git import remote
from incident.text.lazy_regex import lazy

_NAME = lazy(r"[A-Za-z0-9][\w-]*/[\w.-]+")
_REMOTE = lazy(
    r"(?:(?:ssh|https?|git)://(?:[^@/]+@)?(?P<host>[^/:]+)(?::\d+)?/|(?:[^@/]+@)(?P<scp>[^:/]+):)"
    r"(?P<name>[\w-]+/[\w.-]+?)(?:\.git)?/?"
)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Place(NamedTuple):
    """A repository, its API and its web server."""

    repository: str
    api: str
    web: str

    @property
    def is_local(self) -> bool:
        """Whether the API is on this machine: then it is not GitHub."""
        return urlsplit(self.api).hostname in _LOCAL


def place(option: str | None, root: Path, environment: Mapping[str, str]) -> Place:
    """--repo, else GITHUB_REPOSITORY, else the git remote `origin`. Raises UsageError."""
    host, found = _remote(root)
    name = option or environment.get("GITHUB_REPOSITORY") or found
    if not name:
        hint = "pass --repo OWNER/NAME, set GITHUB_REPOSITORY, or add a git remote `origin`"
        raise UsageError("which repository on GitHub?", hint)
    if not _NAME().fullmatch(name):
        raise UsageError(f"{name!r} is no repository", "write OWNER/NAME")
    enterprise = "" if host in {"", "github.com"} or name != found else host
    web = environment.get("GITHUB_SERVER_URL") or f"https://{enterprise or 'github.com'}"
    api = environment.get("GITHUB_API_URL")
    if not api:
        api = f"https://{enterprise}/api/v3" if enterprise else "https://api.github.com"
    parts = urlsplit(api)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"GITHUB_API_URL is {api!r}", "write https://HOST/api/v3")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise UsageError("GITHUB_API_URL without TLS would show the token", "write https://…")
    return Place(name, api.rstrip("/"), web.rstrip("/"))


def token(environment: Mapping[str, str]) -> str:
    """GITHUB_TOKEN, else GH_TOKEN. Raises UsageError."""
    found = environment.get("GITHUB_TOKEN") or environment.get("GH_TOKEN") or ""
    if not found.strip():
        hint = "set GITHUB_TOKEN, for instance to the output of `gh auth token`"
        raise UsageError("no GITHUB_TOKEN in the environment", hint)
    return found.strip()


def _remote(root: Path) -> tuple[str, str]:
    """Host and `owner/name` of the remote `origin`, or twice ""."""
    found: re.Match[str] | None = _REMOTE().fullmatch(remote.origin(root))
    return (found["host"] or found["scp"], found["name"]) if found else ("", "")
