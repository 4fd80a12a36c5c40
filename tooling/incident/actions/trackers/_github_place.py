"""Which repository on which GitHub server, and which token that server may receive.

A token is sent to github.com, to the host of GITHUB_API_URL, or to the configured host, and nowhere
else. A git remote, which comes with a clone, can select one of these hosts but never add one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from incident.errors import UsageError
from incident.git import remote
from incident.text.lazy_regex import lazy

GITHUB = "github.com"
_ALIASES = {"www.github.com": GITHUB, "ssh.github.com": GITHUB}
_CLOUD = ".ghe.com"  # GitHub Enterprise Cloud: run by GitHub, with a separate API host
_NAME = lazy(r"[A-Za-z0-9][\w-]*/(?!\.+$)[\w.-]+")
_SCP = lazy(r"(?:[^@/:\s]+@)?(?P<host>[A-Za-z0-9][\w.-]+):/?(?P<path>[^:\s]+)")
_HOST = lazy(r"[a-z0-9][a-z0-9.-]*")
_SCHEMES = frozenset({"ssh", "git+ssh", "ssh+git", "https", "http", "git"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Place(NamedTuple):
    """A repository, its API and its web server. `is_foreign`: must not receive GITHUB_TOKEN."""

    repository: str
    api: str
    web: str
    is_foreign: bool = False

    @property
    def is_local(self) -> bool:
        """Whether the API is on this machine, and so not GitHub."""
        return urlsplit(self.api).hostname in _LOCAL


class Remote(NamedTuple):
    """The location of a git remote: a normalized host, and `owner/name`."""

    host: str
    name: str
    is_ssh: bool


def place(option: str | None, host: str, root: Path, environment: Mapping[str, str]) -> Place:
    """--repo, else GITHUB_REPOSITORY, else the git remote `origin`. Raises UsageError.

    `host`: the configured server, or "".
    """
    named = option or environment.get("GITHUB_REPOSITORY")
    if named and not _NAME().fullmatch(named):
        raise UsageError(f"{named!r} is not OWNER/NAME", "use OWNER/NAME")
    api = environment.get("GITHUB_API_URL", "")
    server = _of_environment(api, environment) if api else None
    known = {server.web_host} if server else {GITHUB, usual(host)} - {""}
    found = None if named and (server or not host) else _origin(root, known)
    if not named and found is None:
        hint = (
            "pass --repo OWNER/NAME, set GITHUB_REPOSITORY, add a git remote `origin`, "
            "or keep the issues in a file: --tracker FILE"
        )
        raise UsageError("no GitHub repository given", hint)
    if not named and found and found.host not in known:
        fact = f"the git remote `origin` is at {found.host}, which is not known to be GitHub"
        hint = (
            "keep the issues in a file: --tracker FILE; or pass --repo OWNER/NAME if they are on "
            "github.com; or set `actions.host` to the host of your GitHub Enterprise server"
        )
        raise UsageError(fact, hint)
    if server is None:
        here = found.host if found and found.host in known else GITHUB
        server = _server(here, environment)
    return Place(named or (found.name if found else ""), server.api, server.web, server.is_foreign)


def token(place: Place, environment: Mapping[str, str]) -> str:
    """The token for the server, chosen like GitHub's CLI does. Raises UsageError."""
    if place.is_foreign:
        names = environment.get("GH_ENTERPRISE_TOKEN"), environment.get("GITHUB_ENTERPRISE_TOKEN")
    else:
        names = environment.get("GITHUB_TOKEN"), environment.get("GH_TOKEN")
    if found := (names[0] or names[1] or "").strip():
        return found
    if place.is_foreign:
        host = urlsplit(place.web).hostname
        fact = f"GH_ENTERPRISE_TOKEN is not set; {host} needs it"
        raise UsageError(fact, "GITHUB_TOKEN is for github.com and is not sent to other hosts")
    hint = "set GITHUB_TOKEN, e.g. to the output of `gh auth token`"
    raise UsageError("GITHUB_TOKEN is not set", hint)


def is_name(text: str) -> bool:
    """Whether `text` is OWNER/NAME."""
    return _NAME().fullmatch(text) is not None


def usual(host: str) -> str:
    """A normalized host: `GitHub.com.` and `ssh.github.com` become github.com."""
    host = host.casefold().rstrip(".")
    return _ALIASES.get(host, host)


def parse(address: str) -> Remote | None:
    """Host and name from a remote's URL; None for a path or an ambiguous URL."""
    if "://" not in address:
        match = _SCP().fullmatch(address)
        return _remote(match["host"], match["path"], True) if match else None
    if "\\" in address or not address.isascii() or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or parts.query or parts.fragment:
        return None
    return _remote(host, parts.path, "ssh" in parts.scheme)


def _remote(host: str, path: str, is_ssh: bool) -> Remote | None:
    name = path.strip("/").removesuffix(".git")
    host = usual(host)
    fits = _HOST().fullmatch(host) and _NAME().fullmatch(name)
    return Remote(host, name, is_ssh) if fits else None


def _origin(root: Path, known: set[str]) -> Remote | None:
    """The remote `origin`, resolving aliases from the user's SSH configuration."""
    found = parse(remote.origin(root))
    if found and found.is_ssh and found.host not in known:
        return found._replace(host=usual(remote.ssh_host(found.host)))
    return found


class _Server(NamedTuple):
    web_host: str
    api: str
    web: str
    is_foreign: bool = False


def _server(host: str, environment: Mapping[str, str]) -> _Server:
    """A server by host: github.com, or the configured one."""
    web = f"https://{host}"
    said = environment.get("GITHUB_SERVER_URL", "")
    if said and usual(urlsplit(said).hostname or "") != host:
        hint = "set GITHUB_API_URL as well, or unset both"
        raise UsageError(f"GITHUB_SERVER_URL is {said!r}, but the repository is at {host}", hint)
    if host == GITHUB:
        return _Server(host, "https://api.github.com", web)
    if host.endswith(_CLOUD):
        return _Server(host, f"https://api.{host}", web)
    return _Server(host, f"https://{host}/api/v3", web, is_foreign=True)


def _of_environment(api: str, environment: Mapping[str, str]) -> _Server:
    """The server of GITHUB_API_URL; its web URL may be in GITHUB_SERVER_URL."""
    parts = urlsplit(api)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"invalid GITHUB_API_URL {api!r}", "use https://HOST/api/v3")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise UsageError("GITHUB_API_URL without TLS would expose the token", "use https://…")
    host = usual(parts.hostname)
    if host in _LOCAL:
        web_host = GITHUB  # an emulated GitHub, for tests
    else:
        is_api = host == f"api.{GITHUB}" or (host.startswith("api.") and host.endswith(_CLOUD))
        web_host = host.removeprefix("api.") if is_api else host
    web = environment.get("GITHUB_SERVER_URL") or f"https://{web_host}"
    if usual(urlsplit(web).hostname or "") not in {web_host, host}:
        hint = "set both to the same server"
        raise UsageError(f"GITHUB_SERVER_URL is {web!r}, but GITHUB_API_URL is {api!r}", hint)
    return _Server(web_host, api.rstrip("/"), web.rstrip("/"))
