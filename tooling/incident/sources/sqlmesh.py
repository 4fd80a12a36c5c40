"""SQLMesh: failing audits and failed models, from what `sqlmesh plan`, `run` or `audit` printed.

Models, lineage, owners and crons come from `sqlmesh state export -o state.json` (`--local` needs
no database). SQL, seeds and error messages are never taken.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from incident.dbt import nodes
from incident.errors import UsageError
from incident.sources import NothingFailed, Option, Prefill, Request, _checks
from incident.sources._checks import Failure, Graph
from incident.text.account import Account, Noun, Tally
from incident.text.bounded_readers import decode, read_bytes, read_json
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import cut
from incident.text.values import mapping, mappings, string, strings

OPTIONS = (
    Option("--from-sqlmesh", "FILE", "Prefill from the output of sqlmesh plan, run or audit."),
    Option(
        "--sqlmesh-state",
        "FILE",
        "For --from-sqlmesh: output of `sqlmesh state export`, for lineage and owners.",
    ),
)
RANK = 1
LINE = Noun("line about a model", "lines about models")

_ANSI = lazy(r"\x1b\[[0-9;?]*[A-Za-z]")
_NAME = r"[\w.\"$-]{1,300}"
_AUDIT = lazy(
    rf"\s*(?P<audit>[\w.]+) on model (?P<model>{_NAME})\s+\S{{0,4}}\s*"
    r"(?P<outcome>FAIL|PASS|SKIPPED)"
    r"(?: \[(?P<rows>\d{1,12})\])?"
)
_WARNING = lazy(
    rf"\s*(?:\[WARNING\] )?(?P<model>{_NAME}): '(?P<audit>[\w.]+)' audit error: (?P<rows>\d+) rows?"
)
_ITEM = lazy(rf"\s*(?:[*-] )?`?(?P<model>\"?{_NAME})`?\s*")
_INNER = lazy(r"\s*'(?P<audit>[\w.]+)' audit error: (?P<rows>\d{1,12}) rows?")
_DROPPED = frozenset(
    (
        *("query", "python_env", "jinja_macros", "seed", "audit_definitions", "mapping_schema"),
        *("previous_versions", "fingerprint", "intervals", "dev_intervals", "description"),
        *("pre_statements", "post_statements", "on_virtual_update", "column_descriptions"),
    )
)


def gather(request: Request) -> Prefill:
    """What the files named on the command line know."""
    state = request.given["--sqlmesh-state"]
    names, graph, accounts = _state(state) if state else ({}, Graph(), [])
    path = request.given["--from-sqlmesh"]
    text = _ANSI().sub("", decode(read_bytes(path), str(path)))
    tally = Tally(str(path), LINE)
    failures = _failures(text, names, graph, tally)
    if not failures:
        error = NothingFailed if tally.account.seen else UsageError
        raise error(
            f"{path}: no failing audit and no failed model; {tally.account.text}",
            "save what the command printed: sqlmesh plan > output.txt 2>&1",
        )
    warnings = ["what SQLMesh prints has no times: the detection is now, unless --detected-at"]
    if not state:
        warnings.append(
            "no models are known: pass the output of `sqlmesh state export` with --sqlmesh-state"
        )
    accounts = [tally.account, *accounts]
    return _checks.prefill("SQLMesh", failures, graph, request.config, accounts, warnings)


def _failures(text: str, names: dict[str, str], graph: Graph, tally: Tally) -> list[Failure]:
    """Failing audits and models; a model whose audit failed is that audit."""
    found: list[Failure] = []
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        title = line.strip(" *:\r").casefold()
        if title in {"failed models", "skipped models"}:
            section = title
        elif audit := _AUDIT().match(line):
            if audit["outcome"] == "FAIL":
                found.append(_audit(audit, names, graph))
                tally.take()
            else:
                tally.leave({"PASS": "passed", "SKIPPED": "skipped"}[audit["outcome"]], number)
        elif warning := _WARNING().match(line):
            found.append(_audit(warning, names, graph, is_warning=True))
            tally.take()
        elif section and (inner := _INNER().match(line)) and found and not found[-1].check:
            model = found.pop().asset
            found.append(_of_audit(model, inner["audit"], int(inner["rows"]), graph))
        elif section and '"' in line and (item := _ITEM().fullmatch(line)):
            if section == "failed models":
                found.append(Failure(_ref(item["model"], names)))
                tally.take()
            else:
                tally.leave("skipped", number)
        elif section == "failed models" and found and not found[-1].check and not found[-1].error:
            if error := _checks.error_class(line):
                found[-1] = Failure(found[-1].asset, error=error)
        elif line[:1].isalpha() or line.startswith("**"):
            section = ""
    return found


def _audit(
    found: re.Match[str], names: dict[str, str], graph: Graph, *, is_warning: bool = False
) -> Failure:
    rows = int(found["rows"]) if found["rows"] else None
    return _of_audit(_ref(found["model"], names), found["audit"], rows, graph, is_warning)


def _of_audit(
    asset: str, audit: str, rows: int | None, graph: Graph, is_warning: bool = False
) -> Failure:
    column = graph.columns.get((asset, audit), "")
    return Failure(asset, cut(audit, 100), column, rows=rows, is_warning=is_warning)


def _ref(name: str, names: dict[str, str]) -> str:
    """A model's reference, by the name that SQLMesh prints."""
    plain = name.replace('"', "").strip("`. ")
    return f"sqlmesh:{names.get(plain, plain)}"


def _state(path: Path) -> tuple[dict[str, str], Graph, list[Account]]:
    """The models of a state export: names by printed name, and their graph."""
    data = mapping(read_json(path, _cut))
    if not isinstance(data.get("snapshots"), list):
        raise UsageError(f"{path} has no list `snapshots`", "sqlmesh state export -o state.json")
    tally, graph, names = Tally(str(path), Noun("model version", "model versions")), Graph(), {}
    newest: dict[str, dict[str, Any]] = {}
    for number, snapshot in enumerate(data["snapshots"], 1):
        name = string(mapping(snapshot).get("name")).replace('"', "")
        node = mapping(mapping(snapshot).get("node"))
        if not name or not string(node.get("name")):
            tally.leave("without a name", f"snapshot {number}")
        elif name in newest and _created(newest[name]) >= _created(snapshot):
            tally.leave("replaced by a newer version", f"snapshot {number}")
        else:
            if name in newest:
                tally.leave("replaced by a newer version", f"snapshot {number}")
            else:
                tally.take()
            newest[name] = snapshot
            names[name] = names[string(node["name"])] = cut(string(node["name"]), 300)
    graph.is_complete = True
    for snapshot in newest.values():
        _learn(snapshot, names, graph)
    return names, graph, [tally.account]


def _learn(snapshot: dict[str, Any], names: dict[str, str], graph: Graph) -> None:
    node = mapping(snapshot.get("node"))
    asset = _ref(string(node.get("name")), names)
    parents = (string(parent.get("name")) for parent in mappings(snapshot.get("parents")))
    graph.add(asset, [_ref(parent, names) for parent in parents if parent])
    graph.owners[asset] = cut(string(node.get("owner")), 100)
    graph.schedule[asset] = cut(string(node.get("cron")), 40)
    if nodes.from_json({"tags": strings(node.get("tags"))}).criticality == "high":
        graph.critical.add(asset)
    audits = node.get("audits")
    for audit in audits if isinstance(audits, list) else []:
        if isinstance(audit, list) and len(audit) == 2 and isinstance(audit[0], str):
            columns = re.findall(r"\w+", string(mapping(audit[1]).get("columns")))
            if len(columns) == 1:
                graph.columns[asset, audit[0]] = columns[0]


def _created(snapshot: dict[str, Any]) -> float:
    at = snapshot.get("created_ts")
    return at if isinstance(at, (int, float)) else 0


def _cut(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in _DROPPED}
