"""Targets that read what other programs wrote: chat, the pager, dbt, GitHub, TOML, our own caches.

Each takes any bytes. What it raises, but for the project's own errors, is a bug.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from fuzz.coded import Source, bytes_of, json_of, text
from fuzz.texts import HEAD, NOW, PATH
from incident import rules
from incident.dbt import lineage
from incident.dbt.manifest import read_manifest
from incident.dbt.results import read_run, read_sources
from incident.errors import IncidentError
from incident.lint import baseline
from incident.lint import cache as caching
from incident.lint.learned import Learned
from incident.postmortem import document
from incident.repository import config
from incident.repository.config import Intake
from incident.sources import Prefill, dbt, issue, prefill
from incident.sources import timeline as timelines
from incident.sources.timeline import Reading
from sources import artifacts

READING = Reading(Intake(), {"pkrause": "the incident lead"})
TIMES = ("2025-05-14T09:40Z", "2025-05-14 09:40:00+02:00", "1747215600.000100", 1747215600, None)
TABLE = (
    *("at,text,source,url\n", "at", "text", ",", ";", "\t", '"', '""', "2025-05-14T09:40Z,x\n"),
    *("2025-05-14T11:40+02:00,", "https://x.example/a", "\n", "{", "}", '{"at": "', '", "text": "'),
)
MESSAGES: list[Any] = [
    {
        "ts": "1747215600.000100",
        "text": "!tl <@U1> saw <https://x.example/a|it> in <#C1|data>",
        "user": "U1",
        "reactions": [{"name": "pushpin", "users": ["U1"]}],
    },
    {"ts": "1747215660.000100", "text": "timeline: <!here> rolled back &amp; replayed"},
]
ENTRIES: dict[str, Any] = {
    "log_entries": [
        {
            "type": "trigger_log_entry",
            "created_at": "2025-05-14T09:40:00Z",
            "channel": {"type": "api", "description": "rows below 100", "summary": "x"},
            "event_details": {"description": "rows"},
            "incident": {"title": "rows", "summary": "x"},
            "html_url": "https://x.example/1",
        },
        {"type": "acknowledge_log_entry", "created_at": "2025-05-14T09:41:00Z", "channel": {}},
        {"type": "status_update_log_entry", "created_at": "2025-05-14T10:41:00Z", "message": "ok"},
    ]
}
ISSUE: dict[str, Any] = {
    "number": 12,
    "title": "[Data incident]: revenue is low",
    "created_at": "2025-05-14T09:40:00Z",
    "html_url": "https://github.com/acme/shop/issues/12",
    "body": "### What is broken?\n\nfct_orders\n\n### Severity\n\nP1\n\n### Since when?\n\n"
    "2025-05-14 09:40 UTC\n\n### How wrong is it, in percent?\n\n18\n",
}
FORM = (
    *(
        "### ",
        "### Severity\n\n",
        "### Since when is it wrong?\n\n",
        "### How wrong, in percent?\n",
    ),
    *("### Which tables?\n", "### Who uses it?\n", "### Is it critical?\n", "_No response_", "Yes"),
    *("2025-05-14 09:40 UTC", "2025-05-14T09:40+02:00", "P1", "18%", "1e999", "- [x] ", "dbt:a.b"),
    *("<script>", "](", "---\n", "::set-output", "\r\n"),
)
TOML = (
    *("[tool.incident]\n", "[rules.action-item-due-limit]\n", "[names]\n", "[actions]\n", "\n"),
    *("archive = ", '"../x"', "select = ", "ignore = ", "since = ", '"2026-01-01"', "2026-01-01"),
    *(
        '["INC4"]',
        "level = ",
        '"off"',
        "p1 = ",
        "21",
        "-1",
        "true",
        "profile = ",
        '"legacy"',
        "nan",
    ),
    *("[severity_aliases]\n", 'sev1 = "P0"', "[intake.owners]\n", "owners = ", "git_roster = "),
    *("[review]\n", "lowest_status = ", "[actions.accounts]\n", "dbt_manifest = ", "{", "}", "[["),
    *(
        "]]\n",
        "'''",
        '"""',
        "0x1F",
        "1e400",
        "wiki_url = ",
        "pattern = ",
        '"(a+)+$"',
        "[",
        "]",
        "=",
    ),
)
KEYS = (
    *("metadata", "dbt_schema_version", "results", "unique_id", "status", "nodes", "child_map"),
    *("timing", "failures", "max_loaded_at", "criteria", "error_after", "count", "period", "text"),
    *("config", "meta", "owner", "tags", "depends_on", "resource_type", "exposures", "ts", "at"),
    *("groups", "url", "maturity", "name", "type", "channel", "created_at", "reactions", "body"),
)
VALUES = (
    *("fail", "error", "pass", "runtime error", "skipped", "hour", "high", artifacts.FACTS),
    *(artifacts.STALE, artifacts.NOT_NULL, artifacts.BOARD, "Finance Analytics", "https://x/a"),
    *(24, *TIMES, "<@U1>", "!tl x", "<!subteam^S1|@data>", artifacts.SCHEMA.format("manifest/v99")),
)


_FINDING = ["INC1", "a-rule", "error", "m", "h", [1, 1, 1, 2], ["what", [[0, 1, "x"]], True]]
_SPAN = [1, 1, 1, 1]
STORED: dict[str, Any] = {
    "schema_version": 1,
    "key": "k",
    "findings": [["a.md", "INC1", "x"]],
    "files": {
        PATH: [
            *("x", "2025-05-31T00:00:00+00:00", "2025-06-02T00:00:00+00:00", [_FINDING]),
            [
                *(PATH, "id", _SPAN, "2025-05-14", "t", "c", None, [], [["a.md", _SPAN]]),
                *([], [], [], [], [], [["x", 1, 2]]),
            ],
        ]
    },
    "whole": ["x", [[PATH, _FINDING]]],
}


@cache
def folder() -> Path:
    """A folder for the files, in memory where there is such a place."""
    memory = Path("/dev/shm")
    made = tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None)
    atexit.register(shutil.rmtree, made, True)
    return Path(made)


def _file(name: str, raw: bytes) -> Path:
    path = folder() / name
    path.write_bytes(raw)
    return path


def _import(source: str, path: Path) -> None:
    try:
        found = timelines.read(path, source, READING)
        timelines.entries(found.signals)
    except IncidentError:
        return
    assert all(one.adds_up for one in found.accounts)
    assert all(one.at is not None and one.at.tzinfo for one in found.signals)


def csv(data: bytes) -> None:
    """A table of a timeline, by commas, semicolons or tabs."""
    _import("csv", _file("t.csv", bytes_of(data, TABLE)))


def ndjson(data: bytes) -> None:
    """A JSON object a line."""
    _import("ndjson", _file("t.ndjson", bytes_of(data, TABLE)))


def slack(data: bytes) -> None:
    """A day of a channel."""
    _import("slack", _file("day.json", json_of(data, MESSAGES, KEYS, VALUES)))


def slack_zip(data: bytes) -> None:
    """An export of Slack: broken zips, odd names, odd members."""
    if data[:1] and data[0] % 2:
        _import("slack", _file("s.zip", data[1:]))
        return
    source = Source(data[1:])
    made = io.BytesIO()
    names = ("users.json", "data/2025-05-14.json", "../2025-05-14.json", "C:\\2025-05-14.json")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(source.number(3) + 1):
            name = source.pick(names)
            if name not in archive.namelist():
                archive.writestr(name, json_of(source.some(30 * number), MESSAGES, KEYS, VALUES))
    raw = bytearray(made.getvalue())
    for _ in range(source.number(4)):
        raw[source.number(256) * 7 % len(raw)] = source.number(256)
    _import("slack", _file("s.zip", bytes(raw)))


def pagerduty(data: bytes) -> None:
    """PagerDuty's log entries."""
    _import("pagerduty", _file("p.json", json_of(data, ENTRIES, KEYS, VALUES)))


def recognized(data: bytes) -> None:
    """A file whose source is found by how it begins."""
    name = Source(data).pick(("a.json", "a.csv", "a.zip", "a.jsonl", "a.txt"))
    _import("auto", _file(name, json_of(data[1:], MESSAGES, KEYS, VALUES)))


_LARGE = {"columns", "raw_code", "compiled_code", "description", "root_path", "macros", "env"}


def _slim(value: Any) -> Any:
    """An artifact without what is passed over anyway: the fuzzer tries more of the rest."""
    if isinstance(value, dict):
        return {key: _slim(one) for key, one in value.items() if key not in _LARGE}
    return [_slim(one) for one in value] if isinstance(value, list) else value


SHAPES = {
    "manifest": _slim(artifacts.manifest()),
    "run_results": _slim(artifacts.FAILED_BUILD),
    "sources": _slim(artifacts.STALE_SOURCE),
}


def manifest(data: bytes) -> None:
    """Dbt's manifest.json, and the downstream assets of one of its assets."""
    with contextlib.suppress(IncidentError):
        path = _file("manifest.json", json_of(data, SHAPES["manifest"], KEYS, VALUES))
        found = read_manifest(path)
        lineage.downstream(found, [artifacts.STALE])


def run_results(data: bytes) -> None:
    """Dbt's run_results.json."""
    with contextlib.suppress(IncidentError):
        path = _file("run_results.json", json_of(data, SHAPES["run_results"], KEYS, VALUES))
        read_run(path)


def sources(data: bytes) -> None:
    """Dbt's sources.json."""
    with contextlib.suppress(IncidentError):
        path = _file("sources.json", json_of(data, SHAPES["sources"], KEYS, VALUES))
        read_sources(path)


def dbt_target(data: bytes) -> None:
    """All three together, as a draft is made of them."""
    target = folder() / "target"
    target.mkdir(exist_ok=True)
    source = Source(data)
    for name, shape in SHAPES.items():
        part = b"\0" + source.some(source.number(24))
        (target / f"{name}.json").write_bytes(json_of(part, shape, KEYS, VALUES))
    with contextlib.suppress(IncidentError):
        _sound(dbt.read(target, dbt.Wanted(aliases={"Finance Analytics": "finance"})))


def _sound(known: Prefill) -> None:
    assert known.severity in {"", "P0", "P1", "P2", "P3"}
    assert "\n" not in known.title
    assert all(at is None or at.tzinfo for at in (known.started_at, known.detected_at))


def issue_form(data: bytes) -> None:
    """An issue as GitHub's API gives it."""
    try:
        _sound(issue.read(_file("issue.json", json_of(data, ISSUE, KEYS, VALUES))))
    except IncidentError:
        return


def issue_body(data: bytes) -> None:
    """The answers of the form, as anybody may write them."""
    _sound(issue.parse({**ISSUE, "body": text(data, FORM)}))


def issue_draft(data: bytes) -> None:
    """What an issue says, in a draft: it stays a postmortem."""
    known = issue.parse({**ISSUE, "body": text(data, FORM)})
    sections = "## Summary\n\n## Impact\n\n## Timeline\n\n## Root cause\n"
    draft = f"{HEAD}impact: {{}}\nevidence: []\n---\n{sections}"
    made, _ = prefill.apply(draft, known)
    found = document.parse(made, PATH)
    assert not found.faults, found.faults
    assert found.get("id") == "2025-05-14-revenue-drops"
    # sections of the draft, and no other
    assert len(found.sections) == 4, [s.title for s in found.sections]


def configuration(data: bytes) -> None:
    """Any TOML as configuration."""
    name = Source(data).pick(("incident.toml", "pyproject.toml"))
    path = _file(name, bytes_of(data[1:], TOML))
    try:
        rules.settings(config.load(folder(), path))
    except IncidentError:
        return


def known_findings(data: bytes) -> None:
    """Any JSON as a baseline, and as the linter's cache."""
    raw = json_of(data, STORED, ("files", "whole", "key", "findings", PATH), ("k", 1, *TIMES))
    with contextlib.suppress(IncidentError):
        baseline.read(_file("b.json", raw))
    place = caching.place(folder())
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(raw)
    found = caching.load(folder(), "k")
    caching.get_whole(found, "x")
    caching.get_nicks(found, PATH, "x")
    learned = Learned(contents={PATH: "x"})
    caching.get_facts(found, PATH, NOW, learned)
    caching.get(found, PATH, NOW, learned, bytes)
