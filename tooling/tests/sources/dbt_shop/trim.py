"""Cut what dbt wrote to what a test needs: `python trim.py TARGET OUT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

DROPPED = {
    *("macros", "docs", "parent_map", "group_map", "selectors", "disabled", "functions", "args"),
    *("raw_code", "compiled_code", "columns", "refs", "checksum", "fqn", "thread_id", "env"),
    *("build_path", "config_call_dict", "unrendered_config", "contract", "adapter_response"),
    *("invocation_started_at", "project_id", "user_id", "run_started_at", "doc_blocks", "message"),
    *("root_path", "path", "patch_path", "generated_by"),
}
KEPT_CONFIG = {"group", "meta", "tags", "severity", "store_failures", "materialized", "freshness"}


def trimmed(value: Any, key: str = "") -> Any:
    """The value without what is large, or differs from machine to machine."""
    if isinstance(value, list):
        return [trimmed(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {k: trimmed(v, k) for k, v in value.items() if k not in DROPPED}
    if key == "config":
        kept = {k: v for k, v in kept.items() if k in KEPT_CONFIG}
    return {k: v for k, v in kept.items() if v not in (None, [], {}, "")}


if __name__ == "__main__":
    target, out = map(Path, sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    for name in ("manifest", "run_results", "sources"):
        content = json.loads((target / f"{name}.json").read_text(encoding="utf-8"))
        (out / f"{name}.json").write_text(json.dumps(trimmed(content), indent=1) + "\n")
