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

    Raises ConfigError if it cannot be read.
    """
    if not name:
        return None
    from incident.dbt import manifest

    return manifest.configured(root, name)
