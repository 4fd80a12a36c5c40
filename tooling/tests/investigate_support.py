"""A dbt manifest and an incident for `incident investigate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import history_support

SHOP = Path(__file__).parent / "investigate_shop"
BROKEN = {  # what goes wrong in the source; "filtered" is a change of the model
    "late": "delete from raw.orders where ordered_at >= '2026-02-06'",
    "doubled": "insert into raw.orders select * from raw.orders "
    "where cast(ordered_at as date) = '2026-02-04'",
    "null": "update raw.orders set amount = null "
    "where cast(ordered_at as date) in ('2026-02-03', '2026-02-04')",
    "filtered": "select 1",
    "retyped": "update raw.orders set customer_id = customer_id || '.0' "
    "where ordered_at >= '2026-02-05'",
}
SHOWN_BY = {
    "late": {"rows_by_day"},
    "doubled": {"rows_by_day", "duplicates"},
    "null": {"null_rates", "first_bad_partition"},
    "filtered": {"rows_by_day", "source_and_target"},
    "retyped": {"null_rates", "first_bad_partition"},
}
ORDERS = "model.shop.fct_orders"
RAW = "source.shop.raw.orders"
CHECK = "not_null_fct_orders_amount"
QUOTES = {"bigquery": "`", "databricks": "`"}
COLUMNS = {"order_id": "integer", "amount": "numeric", "ordered_at": "timestamp"}
INCIDENT: dict[str, Any] = {
    "id": "2026-10-03-status-null-after-rename",
    "data_window": {"from": "2026-10-03", "to": "2026-10-04"},
    "signature": [{"check": f"dbt:test.shop.{CHECK}", "asset": f"dbt:{ORDERS}", "error": "failed"}],
    "impact": {
        "assets": [
            {"ref": f"dbt:{ORDERS}", "role": "root"},
            {"ref": f"dbt:{RAW}", "role": "affected"},
        ]
    },
}


def columns(types: dict[str, str], quote: bool = False) -> dict[str, Any]:
    """Columns as a manifest has them."""
    return {name: {"name": name, "data_type": kind, "quote": quote} for name, kind in types.items()}


def relation(name: str, adapter: str) -> str:
    """A table in quotes, as dbt writes them."""
    mark = QUOTES.get(adapter, '"')
    return ".".join(f"{mark}{part}{mark}" for part in ("shop", *name.split(".")))


def manifest(adapter: str = "duckdb", **changed: dict[str, Any]) -> dict[str, Any]:
    """A source, the model that is built from it, its tests and an exposure.

    `changed`: other values for `orders` or `raw`.
    """
    raw = {
        "resource_type": "source",
        "unique_id": RAW,
        "name": "orders",
        "source_name": "raw",
        "relation_name": relation("raw.orders", adapter),
        "columns": columns(COLUMNS),
        "loaded_at_field": "ordered_at",
        **changed.get("raw", {}),
    }
    orders = {
        "resource_type": "model",
        "unique_id": ORDERS,
        "name": "fct_orders",
        "relation_name": relation("main.fct_orders", adapter),
        "original_file_path": "models/fct_orders.sql",
        "columns": columns(COLUMNS),
        "config": {"materialized": "table", "unique_key": "order_id"},
        "depends_on": {"nodes": [RAW]},
        **changed.get("orders", {}),
    }
    test = {
        "resource_type": "test",
        "unique_id": f"test.shop.{CHECK}.ab12",
        "name": CHECK,
        "attached_node": ORDERS,
        "test_metadata": {"name": "not_null", "kwargs": {"column_name": "amount"}},
        "depends_on": {"nodes": [ORDERS]},
    }
    exposure = {
        "resource_type": "exposure",
        "unique_id": "exposure.shop.revenue",
        "name": "revenue",
        "owner": {"name": "finance"},
        "depends_on": {"nodes": [ORDERS]},
    }
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "adapter_type": adapter,
            "project_name": "shop",
        },
        "nodes": {ORDERS: orders, test["unique_id"]: test},
        "sources": {RAW: raw},
        "exposures": {"exposure.shop.revenue": exposure},
        "child_map": {
            RAW: [ORDERS],
            ORDERS: ["exposure.shop.revenue", test["unique_id"]],
        },
    }


def write_manifest(root: Path, adapter: str = "duckdb", **changed: dict[str, Any]) -> Path:
    """The manifest where dbt writes it."""
    path = root / "target" / "manifest.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(manifest(adapter, **changed)))
    return path


def write_incident(root: Path, **changed: Any) -> Path:
    """The postmortem; its path."""
    return history_support.write(root, {**INCIDENT, **changed})
