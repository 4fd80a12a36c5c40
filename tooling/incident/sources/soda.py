"""Soda: failed checks of a scan, from `soda scan -srf scan.json`.

Names, tables, columns and counts are taken; samples of failed rows and queries never.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from incident.errors import UsageError
from incident.sources import NothingFailed, Option, Prefill, Request, _checks
from incident.sources._checks import Failure, Graph
from incident.text.account import Noun, Tally
from incident.text.bounded_readers import read_json
from incident.text.untrusted_text import cut
from incident.text.values import mapping, string
from incident.text.written_times import Assumptions, whole

OPTIONS = (Option("--from-soda", "FILE", "Prefill from the results of a Soda scan."),)
RANK = 1
CHECK = Noun("check", "checks")
_METRIC = re.compile(r"(?:[a-z]+ )?([a-z_]{3,60})\s*(?:\(|[<>=!]|between\b)")
_DROPPED = frozenset(("blocks", "definition", "sql", "queries", "logs", "failedRowsAnalysis"))
_OUTCOMES = {"pass": "passed", "": "not evaluated"}


def gather(request: Request) -> Prefill:
    """What the file named on the command line knows."""
    path = request.given["--from-soda"]
    data = mapping(read_json(path, _cut))
    checks = data.get("checks")
    if not isinstance(checks, list):
        raise UsageError(f"{path} has no list `checks`", "save it with: soda scan -srf scan.json …")
    assumed = Assumptions(request.now)
    at = whole(data.get("scanEndTimestamp") or data.get("dataTimestamp"), assumed)
    tally, failures = Tally(str(path), CHECK), []
    for number, check in enumerate(checks, 1):
        found = _failure(mapping(check), at if isinstance(at, datetime) else None)
        if isinstance(found, Failure):
            failures.append(found)
            tally.take()
        else:
            tally.leave(found, "" if found == "passed" else f"check {number}")
    if not failures:
        raise NothingFailed(f"{path}: no check failed: {tally.account.text}")
    return _checks.prefill("Soda", failures, Graph(), request.config, [tally.account])


def _failure(check: dict[str, Any], at: datetime | None) -> Failure | str:
    outcome, written = string(check.get("outcome")).lower(), string(check.get("name"))
    if outcome in _OUTCOMES:
        return _OUTCOMES[outcome] if check else "not a check"
    if outcome not in {"fail", "warn"}:
        return f"of the unknown outcome `{cut(outcome, 30)}`"
    metric = _METRIC.match(written)
    name = cut(metric[1] if metric else written, 100)  # the condition may hold values
    if not name:
        return "without a name"
    table = "".join(cut(string(check.get("table")), 200).split())
    value = mapping(check.get("diagnostics")).get("value")
    is_count = metric is not None and metric[1].endswith("_count") and metric[1] != "row_count"
    rows = _whole(value) if is_count else None
    column = cut(string(check.get("column")), 100)
    asset = f"table:{table}" if table else ""
    return Failure(asset, name, column, at, rows, is_warning=outcome == "warn")


def _whole(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _cut(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in _DROPPED}
