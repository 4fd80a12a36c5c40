"""Where a postmortem can be read: on its wiki page, else as a file on the server of its archive."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from incident.actions.trackers import _github_place
from incident.git import remote, subfolder
from incident.postmortem import wiki_urls
from incident.postmortem.model import Postmortem
from incident.repository.config import Config

Link = Callable[[Postmortem], str]
_FILES = {"github": "blob/HEAD", "gitlab": "-/blob/HEAD", "ghe": "blob/HEAD"}


def find(config: Config) -> Link:
    """The address of a postmortem of this archive, "" if none is known."""
    if config.wiki_url:
        return lambda p: wiki_urls.absolute(config.wiki_url, wiki_urls.page_url(p.path, p.archive))
    base = _files(config)
    return lambda p: f"{base}{quote(p.path)}" if base else ""


def _files(config: Config) -> str:
    """The address of the archive's root on the server of `origin`, if that is a known one."""
    found = _github_place.parse(remote.origin(config.root))
    kinds = [_FILES[part] for part in (found.host.split(".") if found else ()) if part in _FILES]
    if not found or not kinds:
        return ""
    below = quote(subfolder.from_top(config.root))
    return f"https://{found.host}/{found.name}/{kinds[0]}/{below}"
