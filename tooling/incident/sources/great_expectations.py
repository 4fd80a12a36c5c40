"""Great Expectations: failed expectations of a validation result or a checkpoint, as JSON.

Names, columns and counts are taken; the unexpected values, which are rows, never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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

OPTIONS = (Option("--from-great-expectations", "FILE", "Prefill from a validation result."),)
RANK = 1
EXPECTATION = Noun("expectation", "expectations")
_DROPPED = frozenset(
    (
        *("partial_unexpected_list", "partial_unexpected_counts", "partial_unexpected_index_list"),
        *("unexpected_list", "unexpected_index_list", "unexpected_index_query", "observed_value"),
        *("details", "exception_traceback", "exception_message", "value_set", "regex"),
    )
)
_NAME = re.compile(r"[A-Za-z]\w{2,120}")
_COMPACT = re.compile(r"(\d{8})T(\d{6})(?:\.\d+)?Z")
_BOTH = ("results", "expectations")


def gather(request: Request) -> Prefill:
    """What the file named on the command line knows."""
    path = request.given["--from-great-expectations"]
    data = read_json(path, _cut)
    tally, assumed = Tally(str(path), EXPECTATION), Assumptions(request.now)
    failures: list[Failure] = []
    is_result = False
    for validation in _validations(data):
        is_result = True
        at, asset = _at(validation, assumed), _asset(validation)
        lists = (validation.get(key) for key in _BOTH)
        rows: list[Any] = next((one for one in lists if isinstance(one, list)), [])
        for number, row in enumerate(rows, 1):
            found = _failure(mapping(row), at, asset)
            if isinstance(found, Failure):
                failures.append(found)
                tally.take()
            else:
                tally.leave(found, "" if found == "met" else f"expectation {number}")
    if not is_result:
        raise UsageError(
            f"{path} is not a validation result: `results` is missing",
            "save the JSON of a validation, or of a checkpoint's result",
        )
    if not failures:
        raise NothingFailed(f"{path}: no expectation failed: {tally.account.text}")
    name = "Great Expectations"
    return _checks.prefill(name, failures, Graph(), request.config, [tally.account])


def _validations(data: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """The validation results in a file: one, a list, or those of a checkpoint."""
    if depth > 4:
        return
    if isinstance(data, list):
        for one in data:
            yield from _validations(one, depth + 1)
        return
    raw = mapping(data)
    if any(isinstance(raw.get(key), list) for key in _BOTH):
        yield raw
        return
    runs = raw.get("run_results")
    for one in runs.values() if isinstance(runs, dict) else ():
        yield from _validations(mapping(one).get("validation_result") or one, depth + 1)
    yield from _validations(raw.get("validation_results") or [], depth + 1)


def _failure(row: dict[str, Any], at: datetime | None, asset: str) -> Failure | str:
    config = mapping(row.get("expectation_config")) or row
    kind = string(config.get("type")) or string(config.get("expectation_type"))
    if not _NAME.fullmatch(kind) or not isinstance(row.get("success"), bool):
        return "without a type or an outcome"
    if row["success"]:
        return "met"
    arguments, result = mapping(config.get("kwargs")), mapping(row.get("result"))
    columns = [string(arguments.get(key)) for key in ("column", "column_A", "column_B")]
    column = cut(" and ".join(column for column in columns if column), 100)
    batch = string(arguments.get("batch_id"))
    count = result.get("unexpected_count")
    rows = count if isinstance(count, int) and not isinstance(count, bool) else None
    named = asset or (f"table:{cut(batch.rpartition('-')[2], 200)}" if batch else "")
    return Failure(
        "".join(named.split()),
        kind,
        column,
        at,
        rows,
        is_error=_raised(row.get("exception_info")),
        is_warning=string(config.get("severity")) in {"warning", "info"},
    )


def _raised(info: object) -> bool:
    """Whether the expectation could not be checked; newer versions list exceptions by metric."""
    raw = mapping(info)
    inner = [mapping(value) for value in raw.values() if isinstance(value, dict)]
    return any(one.get("raised_exception") is True for one in (raw, *inner))


def _asset(validation: dict[str, Any]) -> str:
    meta = mapping(validation.get("meta"))
    for key in ("active_batch_definition", "batch_spec", "batch_kwargs"):
        place = mapping(meta.get(key))
        for name in ("data_asset_name", "table_name"):
            if value := string(place.get(name)):
                return f"table:{''.join(cut(value, 200).split())}"
    return ""


def _at(validation: dict[str, Any], assumed: Assumptions) -> datetime | None:
    meta = mapping(validation.get("meta"))
    run_id = mapping(meta.get("run_id"))
    for value in (meta.get("validation_time"), run_id.get("run_time")):
        compact = _COMPACT.fullmatch(string(value))
        text = f"{compact[1]}T{compact[2]}Z" if compact else value
        at = whole(text, assumed)
        if isinstance(at, datetime):
            return at
    return None


def _cut(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in _DROPPED}
