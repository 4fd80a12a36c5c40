"""Valid owners of action items: from the configuration, CODEOWNERS and the dbt manifest."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from incident import dbt
from incident.repository.config import OWNER_FILES, Config
from incident.repository.path_containment import escapes
from incident.text.lazy_regex import lazy

# GitHub has org/team; GitLab has nested groups, dots in names, and roles (@@maintainer), not owners
_OWNER = lazy(r"(?<=[^\\]\s)@([A-Za-z0-9_][\w.-]*(?:/[\w.-]+)*)(?!\S)")
_COMMENT = lazy(r"(?:^|(?<=[^\\]\s))#.*")  # not `\#file`, nor a # within a path
_HEADING = lazy(r"^\s*\^?\[[^\]]*\](?:\[\d+\])?")  # a section on GitLab, before its owners


def known(config: Config) -> frozenset[str]:
    """Owners in lower case, without the @; teams also without organization. Empty: anyone."""
    found = dbt.configured_manifest(config.root, config.dbt_manifest)
    return _known(config.root, config.owners, found.owners if found else frozenset())


@lru_cache(maxsize=8)
def _known(root: Path, configured: tuple[str, ...], dbt: frozenset[str]) -> frozenset[str]:
    names = {owner.removeprefix("@") for owner in configured} | dbt
    for owner in codeowners(root):
        names |= {owner, owner.rpartition("/")[2]}
    return frozenset(name.casefold() for name in names if name)


def codeowners(root: Path) -> list[str]:
    """Handles and teams (`org/team`, or nested groups on GitLab) in CODEOWNERS, in order."""
    for place in OWNER_FILES:
        try:
            if escapes(root / place, root):
                continue
            text = (root / place).read_text(encoding="utf-8", errors="replace")
        except (OSError, RuntimeError):
            continue
        rules = [_HEADING().sub("", _COMMENT().sub("", line)) for line in text.splitlines()]
        return [owner for rule in rules for owner in _OWNER().findall(f" {rule}")]
    return []
