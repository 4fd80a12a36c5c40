"""An archive for `incident history`: postmortems with a few values and sections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ORDERS = "dbt:model.shop.fct_orders"
RAW = "dbt:source.shop.raw.orders"
FIRST_ITEM = {
    "id": "AI-1",
    "title": "Add a not-null test on the status",
    "type": "detect",
    "owner": "analytics",
    "due": "2026-10-20",
    "status": "committed",
    "verified_by": "dbt:test.shop.not_null_fct_orders_status",
}
RENAMED = {
    "id": "2026-10-03-status-null-after-rename",
    "title": "Order status empty after the shop renamed a field",
    "status": "published",
    "severity": "P1",
    "owner": "ingestion",
    "timestamps": {
        "started_at": "2026-10-03T02:00Z",
        "detected_at": "2026-10-03T04:00Z",
        "mitigated_at": "2026-10-03T05:00Z",
        "resolved_at": "2026-10-03T08:00Z",
    },
    "impact": {"assets": [{"ref": RAW, "role": "root"}, {"ref": ORDERS, "role": "affected"}]},
    "action_items": [
        FIRST_ITEM,
        {
            "id": "AI-2",
            "title": "Stop a load that lacks a field",
            "type": "prevent",
            "owner": "ingestion",
            "due": "2027-01-31",
            "status": "proposed",
            "verified_by": "runbook:loads",
        },
    ],
}
CAUSE = "The shop renamed `status` to `state`. The load wrote null into the old column."
FIX = "The mapping got the new name. The day was loaded again."


def postmortem(data: dict[str, Any] | None = None, cause: str = CAUSE, fix: str = FIX) -> str:
    """A postmortem with this frontmatter."""
    body = f"## Root cause\n\n{cause}\n\n## Resolution and data repair\n\n{fix}\n"
    return f"---\n{json.dumps({**RENAMED, **(data or {})}, indent=1)}\n---\n\n{body}"


def write(root: Path, data: dict[str, Any] | None = None, cause: str = CAUSE) -> Path:
    """Add a postmortem to the archive at `root`; its path."""
    id_ = {**RENAMED, **(data or {})}["id"]
    path = root / "incidents" / str(id_)[:4] / f"{id_}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(postmortem(data, cause), encoding="utf-8")
    return path
