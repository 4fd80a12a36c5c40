"""Whether a repository is on GitHub: elsewhere, nobody would run the workflows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from incident.actions.trackers import _github_place
from incident.git import remote

_CLOUD = ".ghe.com"
# files of other services; a repository may have them and still be on GitHub
_OTHERS = {
    ".gitlab-ci.yml": "GitLab",
    ".gitlab": "GitLab",
    "bitbucket-pipelines.yml": "Bitbucket",
    "azure-pipelines.yml": "Azure DevOps",
    ".forgejo": "Forgejo",
}


@dataclass(frozen=True)
class Hosting:
    """Where a repository is hosted, and how that is known."""

    is_github: bool
    why: str
    is_gitlab: bool = False


def find(top: Path, server: str) -> Hosting:
    """Judge by the remote `origin`, else by other remotes and by what is in the repository.

    `server`: the configured GitHub Enterprise server, or "".
    """
    first = remote.origin(top)
    addresses = [first] if first else remote.begin(top)()
    hosts = [found.host for one in addresses if (found := _github_place.parse(one))]
    here = ".github/workflows"
    if not hosts:
        other = next((name for name in _OTHERS if (top / name).exists()), "")
        if not other or (top / here).exists():
            return Hosting(True, "no remote says otherwise")
        return Hosting(False, f"there is a {other}", _OTHERS[other] == "GitLab")
    for host in hosts:
        real = remote.ssh_host(host) if "." not in host else host  # an alias in ~/.ssh/config
        name = _github_place.usual(real)
        known = {_github_place.GITHUB, _github_place.usual(server)}
        if name in known or name.endswith(_CLOUD) or "github" in name.split("."):
            return Hosting(True, f"the remote is on {name}")
        if not _is_other(name) and (top / here).exists():
            return Hosting(True, f"there is a {here}/, so {name} is a GitHub server")
    is_gitlab = "gitlab" in hosts[0] or (top / ".gitlab-ci.yml").exists()
    return Hosting(False, f"the remote is on {hosts[0]}", is_gitlab)


def _is_other(host: str) -> bool:
    return any(word in host for word in ("gitlab", "bitbucket", "dev.azure", "codeberg", "sr.ht"))
