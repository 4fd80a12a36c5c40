"""Runs in the team's Python, next to its dbt or SQLMesh, which starts once for all queries.

Only this file is passed to that Python, so it imports nothing of ours. On stdin: the tool, its
options and the queries as JSON. On stdout: one line for each query, after a mark that separates it
from what the tool prints.
"""

from __future__ import annotations

import datetime
import decimal
import json
import sys
import time
from typing import Any


def main() -> None:
    """Answer each query, in order."""
    asked = json.load(sys.stdin)
    send = _sender(asked["mark"])
    run = _sqlmesh(asked) if asked["tool"] == "sqlmesh" else _dbt(asked)
    send({"ready": True})
    for number, sql in enumerate(asked["queries"]):
        send({"start": number})
        began = time.monotonic()
        try:
            answer = run(sql)
        except BaseException as error:  # a tool may even exit
            if isinstance(error, KeyboardInterrupt):
                raise
            answer = {"error": str(error) or type(error).__name__}
        send({"query": number, "seconds": round(time.monotonic() - began, 3), **answer})


def _sender(mark: str) -> Any:
    out = sys.stdout

    def send(value: dict[str, Any]) -> None:
        out.write(f"\n{mark}{json.dumps(value, default=_plain)}\n")
        out.flush()

    return send


def _plain(value: object) -> Any:
    """Values of databases in JSON."""
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    return str(value)


def _dbt(asked: dict[str, Any]) -> Any:
    from dbt.cli.main import dbtRunner

    common = [*asked["options"], "--no-write-json", "--quiet"]
    parsed = dbtRunner().invoke(["parse", *common])
    if not parsed.success:
        raise SystemExit(str(parsed.exception or "dbt could not parse the project"))
    manifest: Any = parsed.result

    def run(sql: str) -> dict[str, Any]:
        # dbt adds each inline query to the manifest, and refuses the second one
        for key in [key for key in manifest.nodes if key.startswith("sql_operation.")]:
            del manifest.nodes[key]
        options = ["--inline", sql, "--output", "json", "--limit", str(asked["limit"])]
        done = dbtRunner(manifest=manifest).invoke(["show", *options, *common])
        results = getattr(done.result, "results", None)
        if not done.success or not results:
            return {"error": str(done.exception or "dbt failed")}
        table, response = results[0].agate_table, results[0].adapter_response or {}
        rows = [dict(zip(table.column_names, list(row))) for row in table.rows]
        size = response.get("bytes_processed") or response.get("bytes_billed")
        return {"rows": rows, "bytes": size}

    return run


def _sqlmesh(asked: dict[str, Any]) -> Any:
    from sqlmesh import Context

    context = Context(paths=[asked["project"]], gateway=asked["target"] or None)

    def run(sql: str) -> dict[str, Any]:
        limited = f"select * from ({sql}\n) as numbers limit {asked['limit']}"
        frame = context.fetchdf(limited)
        return {"rows": json.loads(frame.to_json(orient="records", date_format="iso"))}

    return run


if __name__ == "__main__":
    main()
