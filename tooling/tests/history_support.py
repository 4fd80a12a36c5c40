"""For `incident history`: postmortems with a few values and sections, and a dbt project."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

from support import git_init

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


def make_archive(root: Path) -> Path:
    """A repository with one incident."""
    root.mkdir()
    (root / "incident.toml").write_text("")
    write(root)
    return root


STAGED = "dbt:model.shop.stg_orders"
BOARD = "dbt:exposure.shop.board"
NOT_NULL = "test.shop.not_null_fct_orders_status.1a2b3c4d5e"
_GENERIC = {"name": "not_null", "kwargs": {"column_name": "status"}}
FILES = {
    "dbt_project.yml": "name: shop\n",
    "models/stg_orders.sql": "select id, status from {{ source('raw', 'orders') }}\n",
    "models/fct_orders.sql": "select id, {{ cents('amount') }} from {{ ref('stg_orders') }}\n",
    "models/other.sql": "select 1 as one\n",
    "models/schema.yml": """\
models:
  - name: fct_orders
    columns:
      - name: status
        tests: [not_null]
  - name: other
    description: nothing
sources:
  - name: raw
    tables:
      - name: orders
        columns: [{name: status}]
exposures:
  - name: board
    type: dashboard
""",
    "macros/money.sql": "{% macro cents(c) %}{{ c }} / 100{% endmacro %}\n"
    "{% macro unused() %}1{% endmacro %}\n",
    "tests/orders_are_whole.sql": "select * from {{ ref('fct_orders') }} where id is null\n",
    "README.md": "# Shop\n",
}


def node(key: str, path: str, *parents: str, **more: Any) -> dict[str, Any]:
    return {
        "resource_type": key.split(".")[0],
        "unique_id": key,
        "name": key.split(".")[2 if key.startswith("test.") else -1],
        "package_name": "shop",
        "original_file_path": path,
        "depends_on": {"nodes": list(parents), "macros": more.pop("macros", [])},
        **more,
    }


def manifest() -> dict[str, Any]:
    """raw.orders -> stg_orders -> fct_orders -> board, and other."""
    raw, staged, orders = (ref.removeprefix("dbt:") for ref in (RAW, STAGED, ORDERS))
    text = FILES["models/stg_orders.sql"].strip().encode()
    checksum = {"name": "sha256", "checksum": hashlib.sha256(text).hexdigest()}
    nodes = [
        node(staged, "models/stg_orders.sql", raw, checksum=checksum),
        node(orders, "models/fct_orders.sql", staged, macros=["macro.shop.cents"]),
        node("model.shop.other", "models/other.sql"),
        node(NOT_NULL, "models/schema.yml", orders, attached_node=orders, test_metadata=_GENERIC),
        node("test.shop.orders_are_whole", "tests/orders_are_whole.sql", orders),
    ]
    source = node(raw, "models/schema.yml", source_name="raw")
    board = node(BOARD.removeprefix("dbt:"), "models/schema.yml", orders)
    version = "https://schemas.getdbt.com/dbt/manifest/v12.json"
    return {
        "metadata": {"dbt_schema_version": version, "project_name": "shop"},
        "nodes": {one["unique_id"]: one for one in nodes},
        "sources": {raw: source},
        "exposures": {board["unique_id"]: board},
        "macros": {
            f"macro.shop.{name}": node(f"macro.shop.{name}", "macros/money.sql")
            for name in ("cents", "unused")
        },
    }


def make_project(top: Path, folder: str = "") -> Path:
    """A dbt project on the branch `feature`, in a folder of the repository `top`."""
    root = top / folder
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (root / "target").mkdir()
    (root / "target" / "manifest.json").write_text(json.dumps(manifest()))
    (root / ".gitignore").write_text("target/\n")
    git_init(top)
    git(top, "checkout", "-q", "-b", "main")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "a project")
    git(top, "checkout", "-q", "-b", "feature")
    return root


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, timeout=60)


def change(project: Path, name: str, old: str, new: str) -> None:
    text = (project / name).read_text()
    assert old in text
    (project / name).write_text(text.replace(old, new))
