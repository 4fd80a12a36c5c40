"""dbt's artifacts of an invented shop, shaped as dbt 1.12 writes them.

manifest v12, run-results v6, sources v3. In every place where dbt puts SQL, arguments, paths and
rows stands a word of SECRETS.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SECRETS = (
    "/home/ihalvorsen/warehouse",
    "ihalvorsen",
    "select secret_column",
    "--vars {token: hunter2}",
    "hunter2",
    "row value 4711",
    "models/marts",
    "GBX",  # a value that a test accepts
)
SCHEMA = "https://schemas.getdbt.com/dbt/{}.json"
STALE = "source.tidewater.shop.returns"
FRESH = "source.tidewater.shop.orders"
GONE = "source.tidewater.shop.payments"
STAGED = "model.tidewater.stg_orders"
FACTS = "model.tidewater.fct_margin"
CUSTOMERS = "model.tidewater.dim_customers"
BOARD = "exposure.tidewater.margin_report"
FEED = "exposure.tidewater.stock_feed"
MAIL = "exposure.tidewater.newsletter"
NOT_NULL = "test.tidewater.not_null_stg_orders_status.1a2b3c4d5e"
ACCEPTED = "test.tidewater.accepted_values_stg_orders_currency__GBX__EUR.2b3c4d5e6f"
SINGULAR = "test.tidewater.margin_is_plausible"

Json = dict[str, Any]


def metadata(kind: str, at: str = "2026-11-20T02:10:00.000000Z") -> Json:
    return {
        "dbt_schema_version": SCHEMA.format(kind),
        "dbt_version": "1.12.6",
        "generated_at": at,
        "invocation_id": "11111111-2222-3333-4444-555555555555",
        "env": {"DBT_ENV_CUSTOM_ENV_TOKEN": "hunter2"},
    }


def node(unique_id: str, *parents: str, **more: Any) -> Json:
    kind, package, name = unique_id.split(".")[:3]
    return {
        "database": "warehouse",
        "resource_type": kind,
        "package_name": package,
        "name": name,
        "unique_id": unique_id,
        "original_file_path": f"models/marts/{name}.sql",
        "root_path": "/home/ihalvorsen/warehouse",
        "raw_code": "select secret_column from orders",
        "compiled_code": "select secret_column from orders",
        "description": "row value 4711",
        "columns": {"secret_column": {"name": "secret_column", "meta": {}}},
        "config": {"enabled": True, "meta": {}, "tags": []},
        "meta": {},
        "tags": [],
        "depends_on": {"macros": [], "nodes": list(parents)},
        **more,
    }


def source(unique_id: str, **more: Any) -> Json:
    return {
        **node(unique_id),
        "name": unique_id.split(".")[-1],
        "source_name": "shop",
        "freshness": {"warn_after": {"count": 6, "period": "hour"}, "error_after": LIMIT},
        **more,
    }


LIMIT = {"count": 24, "period": "hour"}


def manifest() -> Json:
    """Sources orders, returns, payments; stg_orders -> fct_margin -> two exposures of three."""
    nodes = [
        node(STAGED, FRESH, STALE, GONE, group="data_platform"),
        node(FACTS, STAGED, config={"meta": {"tier": 1, "owner": "Finance Analytics"}, "tags": []}),
        node(CUSTOMERS, FRESH + "_of_others"),
        node(
            NOT_NULL,
            STAGED,
            attached_node=STAGED,
            column_name="status",
            test_metadata={"name": "not_null", "kwargs": {"column_name": "status"}},
        ),
        node(
            ACCEPTED,
            STAGED,
            attached_node=STAGED,
            column_name="currency",
            test_metadata={"name": "accepted_values", "kwargs": {"values": ["GBX", "EUR"]}},
        ),
        node(SINGULAR, FACTS),
    ]
    exposures = [
        node(
            BOARD,
            FACTS,
            label="Margin report",
            maturity="high",
            url="https://ihalvorsen:hunter2@bi.example.com/margin",
            owner={"name": "Finance Analytics", "email": "finance-analytics@example.com"},
        ),
        node(
            FEED,
            STAGED,
            maturity="low",
            owner={"name": "Ines Halvorsen", "email": "ines@example.com"},
        ),
        node(MAIL, CUSTOMERS, owner={"name": "CRM Team", "email": "crm@example.com"}),
    ]
    sources = [source(FRESH), source(STALE), source(GONE)]
    every = [*nodes, *exposures, *sources]
    children: dict[str, list[str]] = {n["unique_id"]: [] for n in every}
    for child in every:
        for parent in child["depends_on"]["nodes"]:
            children.setdefault(parent, []).append(child["unique_id"])
    return {
        "metadata": metadata("manifest/v12"),
        "nodes": {n["unique_id"]: n for n in nodes},
        "sources": {n["unique_id"]: n for n in sources},
        "exposures": {n["unique_id"]: n for n in exposures},
        "groups": {
            "group.tidewater.data_platform": {
                "resource_type": "group",
                "name": "data_platform",
                "owner": {"name": "Ines Halvorsen", "email": "ines@example.com"},
            }
        },
        "macros": {"macro.dbt.x": {"resource_type": "macro", "macro_sql": "select secret_column"}},
        "child_map": children,
        "something_new": {"of": ["dbt", 2]},
    }


def result(
    unique_id: str, status: str, at: str = "2026-11-20T02:05:30.500000Z", **more: Any
) -> Json:
    return {
        "status": status,
        "timing": [
            {"name": "compile", "started_at": at, "completed_at": at},
            {"name": "execute", "started_at": at, "completed_at": at},
        ],
        "message": "row value 4711 in /home/ihalvorsen/warehouse: select secret_column",
        "compiled_code": "select secret_column from orders",
        "adapter_response": {"query": "select secret_column"},
        "unique_id": unique_id,
        **more,
    }


def run_results(*results: Json, at: str = "2026-11-20T02:10:00.000000Z") -> Json:
    return {
        "metadata": metadata("run-results/v6", at),
        "results": list(results),
        "args": {
            "project_dir": "/home/ihalvorsen/warehouse",
            "invocation_command": "dbt build --vars {token: hunter2}",
        },
    }


def freshness(unique_id: str, status: str, loaded: str) -> Json:
    return {
        "unique_id": unique_id,
        "status": status,
        "max_loaded_at": loaded,
        "snapshotted_at": "2026-11-20T02:06:00.000000+00:00",
        "criteria": {"warn_after": {"count": 6, "period": "hour"}, "error_after": LIMIT},
    }


def sources(*results: Json, at: str = "2026-11-20T02:06:01.000000Z") -> Json:
    return {"metadata": metadata("sources/v3", at), "results": list(results)}


FAILED_BUILD = run_results(
    result(STAGED, "success"),
    result(ACCEPTED, "fail", "2026-11-20T02:05:30.500000Z", failures=1),
    result(NOT_NULL, "fail", "2026-11-20T02:05:31.500000Z", failures=1200),
    result(FACTS, "skipped", timing=[]),
    result(BOARD, "skipped", timing=[]),
    result(MAIL, "no-op"),
)
STALE_SOURCE = sources(
    freshness(STALE, "error", "2026-11-18T20:00:00+00:00"),
    freshness(FRESH, "pass", "2026-11-20T01:50:00+00:00"),
    freshness(GONE, "warn", "2026-11-19T18:00:00+00:00"),
)
MISSING_TABLE = sources(
    freshness(STALE, "pass", "2026-11-20T01:50:00+00:00"),
    freshness(FRESH, "pass", "2026-11-20T01:50:00+00:00"),
)
MODEL_ERROR = run_results(
    result(STAGED, "error"),
    result(NOT_NULL, "skipped", timing=[]),
    result(FACTS, "skipped", timing=[]),
)


def write(folder: Path, **files: Any) -> Path:
    """Write each as `<name>.json`; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder
