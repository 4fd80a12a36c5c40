"""What of a dbt manifest the linter asks: which nodes exist, and who owns them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from incident.errors import ConfigError

_KINDS = ("nodes", "sources", "exposures", "metrics", "semantic_models", "unit_tests")


@dataclass(frozen=True)
class Manifest:
    """`ids`: unique ids (`model.shop.orders`); tests also under their name without the hash.

    `owners`: names of groups and of owners, as they are written.
    """

    ids: frozenset[str]
    owners: frozenset[str]

    def has(self, ref: str) -> bool:
        """Whether `dbt:model.shop.orders`, with or without `dbt:`, exists."""
        return ref.removeprefix("dbt:") in self.ids


@lru_cache(maxsize=4)
def load(root: Path, configured: str) -> Manifest | None:
    """The manifest at `configured` below `root`; None where none is configured.

    Raises ConfigError on a file that cannot be read, or is no manifest.
    """
    if not configured:
        return None
    path = root / configured
    try:
        content: Any = json.loads(path.read_bytes())
    except OSError as error:
        hint = "run `dbt parse`, or correct `dbt_manifest`"
        raise ConfigError(f"dbt_manifest {path}: {error.strerror or error}", hint) from error
    except ValueError as error:
        raise ConfigError(f"dbt_manifest {path}: {error}", "run `dbt parse` again") from error
    if not isinstance(content, dict) or not isinstance(content.get("nodes"), dict):
        raise ConfigError(f"dbt_manifest {path} has no `nodes`", "is it a dbt manifest.json?")
    return Manifest(frozenset(_ids(content)), frozenset(_owners(content)))


def _ids(content: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for kind in _KINDS:
        for unique_id in _mapping(content.get(kind)):
            found.add(unique_id)
            if unique_id.startswith("test."):  # test.<project>.<name>.<hash> for generic tests
                found.add(".".join(unique_id.split(".")[:3]))
    return found


def _owners(content: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for group in _mapping(content.get("groups")).values():
        found |= {str(_mapping(group).get("name") or "")} | _owner(group)
    for exposure in _mapping(content.get("exposures")).values():
        found |= _owner(exposure)
    for node in _mapping(content.get("nodes")).values():
        meta = _mapping(_mapping(node).get("meta"))
        if isinstance(meta.get("owner"), str):
            found.add(meta["owner"].removeprefix("@"))
    return found - {""}


def _owner(node: Any) -> set[str]:
    name = _mapping(_mapping(node).get("owner")).get("name")
    return {name} if isinstance(name, str) else set()


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
