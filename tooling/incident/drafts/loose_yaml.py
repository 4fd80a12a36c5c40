"""YAML that other programs configure themselves with: only its plain values are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """Reads MkDocs configurations: a tag such as !ENV or !!python/name is not a value."""


_Loader.add_multi_constructor("", lambda _loader, _tag, _node: None)


def read(path: Path) -> tuple[dict[str, Any], str]:
    """The mapping in a YAML file, and why it could not be read, or ""."""
    try:
        found = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        return {}, " ".join(str(error).split())[:80] or "not YAML"
    return (found, "") if isinstance(found, dict) else ({}, "it is not a mapping")
