"""Shared by all dbt artifacts: JSON whose `metadata` has its kind and version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from incident.errors import UsageError
from incident.text.bounded_readers import read_json
from incident.text.lazy_regex import lazy
from incident.text.values import mapping, string

KNOWN = {"manifest": 12, "run-results": 6, "sources": 3, "catalog": 1}

_VERSION = lazy(r"https?://[^/\s]{1,99}/dbt/(?P<kind>[a-z-]{3,30})/v(?P<number>\d{1,4})\.json")


def read(path: Path, kind: str, cut: Callable[[dict[str, Any]], Any]) -> tuple[dict[str, Any], str]:
    """The artifact, and a warning if its version is not known, else "".

    `cut` replaces every object while the file is read: what it drops is never held. Raises
    UsageError if the file cannot be read or is not an artifact of that kind.
    """
    data = mapping(read_json(path, cut))
    written = string(mapping(data.get("metadata")).get("dbt_schema_version"))
    found = _VERSION().fullmatch(written)
    if found is None or found["kind"] != kind:
        is_what = f": it is dbt's {found['kind']}" if found else ""
        raise UsageError(f"{path} is not a dbt {kind}{is_what}", f"name the {kind} file of dbt")
    if int(found["number"]) == KNOWN[kind]:
        return data, ""
    return data, (
        f"{path} is dbt {kind} v{found['number']}; this version supports v{KNOWN[kind]}, "
        "so check the result"
    )
