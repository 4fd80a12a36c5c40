"""The team that owns an asset: never a person's name.

dbt's owners are free text: "Data Platform", `data-platform@example.com`, "#data-platform" and a
person's name all occur. An alias of the configuration decides; without one, what looks like a team
is written in lower case with hyphens, and what may be a person is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from incident import word_lists
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Node
from incident.text.lazy_regex import lazy

_HANDLE = lazy(r"#?[a-z0-9]+(?:[-_][a-z0-9]+)*")


def slug(name: str) -> str:
    """A team's name as it is written in a postmortem: `data-platform`; "" if it is too long."""
    written = re.sub(r"[\W_]+", "-", name.casefold()).strip("-")
    return written if len(written) <= 60 else ""


def team(
    candidates: Iterable[tuple[str, str]], aliases: Mapping[str, str], language: str = "en"
) -> str:
    """The first team among (name, email) pairs; "" if all may be people, or there is none."""
    known = {slug(alias): name for alias, name in aliases.items()}
    for name, email in candidates:
        local = email.partition("@")[0]
        for written in (name, email, local):
            if (key := slug(written)) and (found := known.get(key)):
                return found
        if name and _is_team(name, local, language) and (written := slug(name)):
            return written
        if local and not name and _is_team(local, "", language) and (written := slug(local)):
            return written
    return ""


def of(node: Node, manifest: Manifest, aliases: Mapping[str, str], language: str = "en") -> str:
    """The team of an asset: its owner, else its group, else `meta.owner`."""
    if found := team(node.owners, aliases, language):
        return found
    if node.group:  # a group is a team, even if a person represents it
        group = manifest.groups.get(node.group)
        known = {slug(alias): name for alias, name in aliases.items()}
        people = [part for pair in group.owners for part in pair] if group else []
        for written in (node.group, *people):
            if (key := slug(written)) and (alias := known.get(key)):
                return alias
        return slug(node.group)
    owners = [("", name) if "@" in name[1:] else (name, "") for name in node.meta_owners]
    return team(owners, aliases, language)


def teams(
    node: Node, manifest: Manifest, aliases: Mapping[str, str], language: str = "en"
) -> list[str]:
    """Every team that owns an asset: those among its owners, else as `of`."""
    named = [team([pair], aliases, language) for pair in node.owners]
    found = list(dict.fromkeys(name for name in named if name))
    if not found and (one := of(node, manifest, aliases, language)):
        found = [one]
    return found


def of_most(
    roots: Iterable[str], manifest: Manifest, aliases: Mapping[str, str], language: str = "en"
) -> str:
    """The most common team of these nodes; the first in a tie."""
    teams = [
        of(node, manifest, aliases, language) for r in roots if (node := manifest.nodes.get(r))
    ]
    return max((team for team in teams if team), key=teams.count, default="")


def _is_team(name: str, local: str, language: str) -> bool:
    """Whether a name is a team's. In doubt it is a person's."""
    if "@" in name:
        return _is_team(name.partition("@")[0], "", language)
    words = re.findall(r"\w+", re.sub(r"[_.]+", " ", name.casefold().replace("on-call", "oncall")))
    if not word_lists.words("team_words", language).isdisjoint(words):
        return True
    if _HANDLE().fullmatch(name):
        return "-" in name or "_" in name or name.startswith("#")
    parts = slug(name).split("-")
    return len(parts) > 1 and slug(local) == slug(name) and "-" in local
