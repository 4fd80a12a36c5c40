"""Which tracker: a file, or which repository on which server, with which token."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from incident.errors import UsageError
from incident.git import GIT
from incident.repository.config import Config
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from incident.actions.trackers.file import FileTracker
    from incident.actions.trackers.github import GitHub

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


def place(option: str | None, root: Path, environment: Mapping[str, str]) -> Place:
    """--repo, else GITHUB_REPOSITORY, else the git remote `origin`. Raises UsageError."""
    host, found = _remote(root)
    name = option or environment.get("GITHUB_REPOSITORY") or found
    if not name:
        hint = "pass --repo OWNER/NAME, set GITHUB_REPOSITORY, or add a git remote `origin`"
        raise UsageError("which repository on GitHub?", hint)
    if not _NAME.fullmatch(name):
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


def tracker(
    file: Path | None, repo: str | None, config: Config, environment: Mapping[str, str]
) -> GitHub | FileTracker:
    """The tracker that was asked for. A file wins over the configuration's, that over GitHub."""
    if file is None and config.actions.tracker and repo is None:
        file = config.root / config.actions.tracker
    if file is not None:
        from incident.actions.trackers.file import FileTracker

        return FileTracker(file)
    found = place(repo, config.root, environment)
    secret = token(environment)
    from incident.actions.trackers.github import GitHub

    local = urlsplit(found.api).hostname in _LOCAL  # no GitHub: nobody to be gentle with
    return GitHub(found.repository, secret, found.api, web=found.web, throttle=not local)


def _remote(root: Path) -> tuple[str, str]:
    """Host and `owner/name` of the remote `origin`, or twice ""."""
    try:
        done = subprocess.run(
            [*GIT, "remote", "get-url", "origin"],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "", ""
    found: re.Match[str] | None = _REMOTE.fullmatch(done.stdout.strip())
    return (found["host"] or found["scp"], found["name"]) if found else ("", "")
