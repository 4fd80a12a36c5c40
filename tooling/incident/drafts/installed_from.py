"""Where this copy of incident-docs was installed from: workflows install the same, or nothing.

On an index that we do not publish to, anyone can own the name `incident-docs`, so a bare name is
installed only from a known index.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from incident import __version__
from incident.errors import UsageError

NAME = "incident-docs"
# The address of the index that releases are published to; "" before the first one.
INDEX = ""
PUBLIC = ("pypi.org", "pypi.python.org", "test.pypi.org")
_INDEXES = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
_PLAIN = re.compile(r"[A-Za-z0-9._~:/@%+=-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_HASH = re.compile(r"[0-9a-f]{64}")
_HINT = (
    "give a commit, git+https://HOST/OWNER/incident-docs@COMMIT (40 hex digits), "
    "or an archive, https://HOST/FILE.whl#sha256=HASH"
)


@dataclass(frozen=True)
class Origin:
    """What pip installs, by URL or by `==` from `index`; without either, `unknown` says why."""

    url: str = ""
    index: str = ""
    unknown: str = ""

    def requirement(self, extras: str) -> str:
        """For `pip install`, with extras ("" for none); "" where the origin is unknown."""
        name = f"{NAME}[{extras}]" if extras else NAME
        if self.url:
            return f"{name} @ {self.url}"
        return f"{name}=={__version__}" if self.index else ""

    @property
    def source(self) -> str:
        """In one word, for `again`; "" where the origin is unknown."""
        return self.url or self.index


def recorded(environment: Mapping[str, str] = os.environ) -> Origin:
    """What the installer recorded about this copy (PEP 610)."""
    try:
        text = importlib.metadata.distribution(NAME).read_text("direct_url.json")
    except importlib.metadata.PackageNotFoundError:
        return Origin(unknown="it was not installed as a package")
    if text is None:
        return _from_index(environment)
    try:
        data = json.loads(text)
        return _direct(data, str(data["url"]))
    except (KeyError, TypeError, ValueError):
        return Origin(unknown="its installation record cannot be read")


def named(text: str) -> Origin:
    """The origin given on the command line. Raises UsageError unless it is remote and pinned."""
    vcs, found, rest = text.partition("git+")
    if found and not vcs:
        url, _, commit = rest.rpartition("@")
        origin = _git(url, commit)
    else:
        url, _, digest = text.partition("#sha256=")
        origin = _archive(url, digest)
    if origin.unknown:
        raise UsageError(f"cannot install from {text}: {origin.unknown}", _HINT)
    return origin


def again(source: str) -> Origin | None:
    """The origin that was used before; None if there is none, or none that could be used."""
    if source.startswith("git+") or "#" in source:
        try:
            return named(source)
        except UsageError:
            return None
    index = _remote(source, ("https",))
    return Origin(index=index) if index and urlsplit(index).hostname not in PUBLIC else None


def _direct(data: Mapping[str, Any], url: str) -> Origin:
    if "dir_info" in data:
        editable = bool(data["dir_info"].get("editable"))
        return Origin(unknown=f"it is {'an editable' if editable else 'a'} copy of a local folder")
    if "vcs_info" in data:
        if data["vcs_info"]["vcs"] != "git" or data.get("subdirectory"):
            return Origin(unknown="it is not the top folder of a git repository")
        return _git(url, str(data["vcs_info"]["commit_id"]))
    info = data["archive_info"]
    old = str(info.get("hash", "")).removeprefix("sha256=")
    return _archive(url, str((info.get("hashes") or {}).get("sha256", old)))


def _git(url: str, commit: str) -> Origin:
    address = _remote(url, ("https", "ssh"))
    if not address:
        return Origin(unknown="a workflow can reach only https:// and ssh:// repositories")
    if not _COMMIT.fullmatch(commit):
        return Origin(unknown="the commit is missing")
    return Origin(url=f"git+{address}@{commit}")


def _archive(url: str, digest: str) -> Origin:
    address = _remote(url, ("https",))
    if not address:
        return Origin(unknown="a workflow can reach only https:// files")
    if not _HASH.fullmatch(digest):
        return Origin(unknown="the sha256 is missing")
    return Origin(url=f"{address}#sha256={digest}")


def _from_index(environment: Mapping[str, str]) -> Origin:
    """A release, if its index is known: ours, or the one this machine is configured to use.

    On a public index without a release of ours, the name may belong to a stranger.
    """
    if INDEX:
        return Origin(index=INDEX)
    addresses = (environment.get(name, "") for name in _INDEXES)
    address = _remote(next(filter(None, addresses), ""), ("https",))
    if address and urlsplit(address).hostname not in PUBLIC:
        return Origin(index=address)
    return Origin(unknown=f"no known index publishes {NAME}")


def _remote(url: str, schemes: tuple[str, ...]) -> str:
    """The address without a password, if it is remote and safe to write in a workflow; else ""."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    local = host in {"", "localhost"} or host.startswith("127.") or ":" in host
    if parts.scheme not in schemes or local or parts.query or parts.fragment:
        return ""
    user = f"{parts.username}@" if parts.scheme == "ssh" and parts.username else ""
    netloc = f"{user}{host}{f':{port}' if port else ''}"
    address = urlunsplit((parts.scheme, netloc, parts.path, "", ""))
    return address if _PLAIN.fullmatch(address) else ""
