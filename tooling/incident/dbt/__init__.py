"""The only reader of dbt's artifacts: `manifest.json`, `run_results.json`, `sources.json`.

`manifest`: nodes, their edges and owners; `results`: what a run gave; `lineage`: what is
downstream; `owner_names`: which team owns a node; `titles`: what people call a node.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from incident.dbt.manifest import Manifest


def configured_manifest(root: Path, name: str) -> Manifest | None:
    """The manifest at `name` below `root`; None if `name` is "", and then no reader is loaded.

    None also before dbt has written it: see `gap`. Raises ConfigError if it cannot be read.
    """
    if not name:
        return None
    from incident.dbt import manifest

    return manifest.configured(root, name)


def gap(root: Path, name: str) -> str:
    """Why nothing is checked against dbt although a manifest is configured, or ""."""
    if not name or (root / name).exists():
        return ""
    return f"dbt_manifest {name} does not exist; run `dbt parse`, or correct `dbt_manifest`"
