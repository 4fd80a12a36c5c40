"""`incident export`: the archive as tables, without people and prose, the same bytes each time."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from incident import export
from incident.archive import Entry
from incident.errors import UsageError
from incident.export import rows
from incident.export.columns import TABLES, bigquery, columns, schema
from incident.postmortem import document, model
from incident.repository.config import Config
from support import CHECKOUT, git_init, run

DOCUMENT = """\
---
id: {id}
title: "Orders late, {id}"
status: published
severity: P1
owner: {owner}
confidentiality: {confidentiality}
roles: {{incident_lead: h-lead, responders: [h-responder]}}
reviewers: [h-reviewer]
timestamps: {{started_at: "2025-01-20T05:00+01:00", detected_at: "2025-01-20T05:30:59+01:00"}}
impact:
  summary: "secret-summary"
  assets:
    - {{ref: "dbt:model.shop.orders", role: root}}
    - {{ref: "dbt:model.shop.orders", role: affected}}
  consumers: [{{team: finance, use: "secret-use", decision_made: true}}, {{team: h-lead}}]
detection: {{method: test, source: "secret-source"}}
action_items:
  - {{id: AI-1, title: "Add, \\"a\\" test", owner: h-responder, status: done,
     done_when: "secret-when", verified_by: "dbt:test.shop.orders", proof: "https://example.com/secret-proof"}}
  - {{id: AI-2, title: "Ask", owner: ingestion, due: "2025-02-03", status: committed,
     verified_by: "secret words"}}
tags: [orders, orders]
{more}---

## Timeline

- 2025-01-20 05:00+01:00 **started**: secret-event
- later: secret-event

## Root cause

A secret-cause.
"""


def put(root: Path, id_: str, **values: str) -> None:
    defaults = {"owner": "data-platform", "confidentiality": "internal", "more": ""}
    path = root / "incidents" / id_[:4] / f"{id_}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(DOCUMENT.format(id=id_, **{**defaults, **values}), encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "2025-01-20-b")
    put(tmp_path, "2025-01-20-a", owner="h-lead", confidentiality="restricted")
    put(tmp_path, "2025-01-20-drill", more="drill: true\n")
    (tmp_path / "incidents" / "broken.md").write_text("---\nid: @x\n---\n", encoding="utf-8")
    return tmp_path


def table(out: Path, name: str) -> list[dict[str, Any]]:
    lines = (out / f"{name}.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_tables_in_order_with_a_manifest(repository: Path) -> None:
    result = run("export", "--out", "out")
    assert result.exit_code == 0
    names = [f"{name}.ndjson" for name in TABLES] + ["manifest.json"]
    assert result.stdout.split() == [f"out/{name}" for name in names]
    assert sorted(path.name for path in (repository / "out").iterdir()) == sorted(names)
    assert "2 incidents, 4 action items, 4 timeline events, 2 incident assets" in result.stderr
    assert "incidents/broken.md: not exported" in result.stderr
    out = repository / "out"
    assert [row["incident_id"] for row in table(out, "incidents")] == [
        "2025-01-20-a",
        "2025-01-20-b",
    ]
    incident = table(out, "incidents")[1]
    assert incident["started_at"] == "2025-01-20T04:00:00Z"
    assert incident["minutes_to_detect"] == 30
    assert incident["minutes_to_resolve"] is None
    events = table(out, "timeline_events")[2:]
    assert [(e["position"], e["happened_at"], e["clock"]) for e in events] == [
        (1, "2025-01-20T04:00:00Z", "started_at"),
        (2, None, None),
    ]
    assert table(out, "incident_tags")[0] == {"incident_id": "2025-01-20-a", "tag": "orders"}
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert len(manifest["commit"]) == 40
    assert manifest["modified"] is True
    assert manifest["skipped"] == ["incidents/broken.md"]
    for name in TABLES:
        described, raw = manifest["tables"][name], (out / f"{name}.ndjson").read_bytes()
        assert described["rows"] == raw.count(b"\n")
        assert described["bytes"] == len(raw)
        assert described["sha256"] == hashlib.sha256(raw).hexdigest()
        assert described["columns"] == bigquery(name)


@pytest.mark.parametrize("form", export.FORMATS)
def test_no_people_and_no_prose_unless_requested(repository: Path, form: str) -> None:
    run("export", "--out", "out", "--format", form)
    raw = b"".join(path.read_bytes() for path in (repository / "out").iterdir())
    if form == "parquet":
        import duckdb

        files = sorted((repository / "out").glob("*.parquet"))
        tables = [f"select cast(columns(*) as varchar) from '{file}'" for file in files]
        raw = "\n".join(str(duckdb.execute(table).fetchall()) for table in tables).encode()
    for leak in (b"secret", b"h-lead", b"h-responder", b"h-reviewer", b"late, 2025-01-20-a"):
        assert leak not in raw, leak
    assert b"late, 2025-01-20-b" in raw
    assert b"ingestion" in raw


def test_people_and_prose_are_exported_on_request(repository: Path) -> None:
    run("export", "--out", "out", "--include-text", "--include-people")
    out = repository / "out"
    incident = table(out, "incidents")[0]
    assert incident["owner"] == "h-lead"
    assert incident["title"] == "Orders late, 2025-01-20-a"
    assert incident["root_cause"] == "A secret-cause."
    assert table(out, "timeline_events")[0]["text"] == "secret-event"
    assert table(out, "action_items")[0]["done_when"] == "secret-when"
    assert table(out, "incident_consumers")[0]["used_for"] == "secret-use"


@pytest.mark.parametrize("text", [(), ("--include-text",)])
def test_rows_fit_their_schemas(tmp_path: Path, text: tuple[str, ...]) -> None:
    out = tmp_path / "out"
    root = Config(root=CHECKOUT)
    export.export(root, out, "ndjson", text=bool(text))
    for name in TABLES:
        validator = Draft202012Validator(schema(name))
        found = table(out, name)
        assert found
        keys = [tuple(row[key] for key in schema(name)["x_primary_key"]) for row in found]
        assert len(set(keys)) == len(keys)
        for row in found:
            validator.validate(row)
            assert list(row) == [column.name for column in columns(name)]


def test_the_schema_for_bigquery_is_the_same() -> None:
    for name in TABLES:
        path = CHECKOUT / "schemas" / "export" / f"{name}.bigquery.json"
        assert json.loads(path.read_text(encoding="utf-8")) == bigquery(name)


@pytest.mark.parametrize("form", export.FORMATS)
def test_the_same_bytes_twice(tmp_path: Path, form: str) -> None:
    config = Config(root=CHECKOUT)
    for name in ("one", "two"):
        export.export(config, tmp_path / name, form)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**18), 10**18),
        st.text(max_size=8),
        st.sampled_from(["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "2025-02-30", "P1"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["ref", "role", "team", "id", "due", "issue", "from", "assets", "sla"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
_KEYS = st.sampled_from(
    [
        "title",
        "status",
        "owner",
        "roles",
        "reviewers",
        "timestamps",
        "data_window",
        "detection",
        "impact",
        "action_items",
        "follow_up",
        "recurrence_of",
        "confidentiality",
        "tags",
    ]
)


@given(st.dictionaries(_KEYS, _VALUES, max_size=8))
def test_rows_fit_their_schemas_for_any_frontmatter(data: dict[str, Any]) -> None:
    block = "".join(f"{key}: {json.dumps(value)}\n" for key, value in data.items())
    found = document.parse(f"---\nid: 2025-01-01-x\n{block}---\n", "x.md")
    if found.faults:
        return
    entry = Entry(found, model.postmortem(found))
    tables: dict[str, list[rows.Row]] = {}
    with suppress(UsageError):  # action items without an id, or with the same
        tables = rows.of_entry(entry, rows.Known(text=True))
    for name, made in tables.items():
        for row in made:
            Draft202012Validator(schema(name)).validate(row)


def test_csv_reads_back(repository: Path) -> None:
    run("export", "--out", "out", "--format", "csv")
    with (repository / "out" / "action_items.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert found[2]["title"] == 'Add, "a" test'
    assert (found[2]["owner"], found[2]["has_owner"], found[2]["is_open"]) == ("", "true", "false")


def test_an_empty_archive_gives_empty_tables(tmp_path: Path) -> None:
    (tmp_path / "incidents").mkdir()
    assert set(export.export(Config(root=tmp_path), tmp_path / "o", "csv").counts.values()) == {0}
    assert (tmp_path / "o" / "incident_tags.csv").read_text() == "incident_id,tag\n"


def test_two_postmortems_with_one_id_write_nothing(repository: Path) -> None:
    put(repository, "2025-01-20-a")
    (repository / "incidents" / "copy.md").write_bytes(
        (repository / "incidents/2025/2025-01-20-a.md").read_bytes()
    )
    result = run("export", "--out", "out")
    assert result.exit_code == 2
    assert "incidents/copy.md and incidents/2025/2025-01-20-a.md have the same id" in result.stderr
    assert not (repository / "out").exists()


def test_two_items_with_one_id_are_named(repository: Path) -> None:
    path = repository / "incidents/2025/2025-01-20-a.md"
    path.write_text(path.read_text(encoding="utf-8").replace("AI-2", "AI-1"), encoding="utf-8")
    with pytest.raises(UsageError, match="two action items have the id AI-1"):
        export.export(Config(root=repository), repository / "out", "ndjson")


def test_a_blocking_file_is_reported(repository: Path) -> None:
    (repository / "out").write_text("mine", encoding="utf-8")
    result = run("export", "--out", "out")
    assert result.exit_code == 2
    assert "out is not a folder" in result.stderr


def test_parquet_without_duckdb_says_what_to_install(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    result = run("export", "--out", "out", "--format", "parquet")
    assert result.exit_code == 2
    assert "pip install 'incident-docs[parquet]'" in result.stderr
    assert not (repository / "out").exists()


def test_existing_files_stay_when_writing_fails(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", "--out", "out")
    before = {path.name: path.read_bytes() for path in (repository / "out").iterdir()}

    def fail(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    put(repository, "2025-01-21-c")
    monkeypatch.setattr(export, "_describe", fail)
    assert run("export", "--out", "out").exit_code == 3
    assert before == {path.name: path.read_bytes() for path in (repository / "out").iterdir()}


@pytest.mark.parametrize("mark", ["=", "+", "-", "@", "\t=", "\r=", "  =", "\uff1d"])
def test_no_cell_of_csv_is_a_formula(mark: str) -> None:
    formula = f'{mark}HYPERLINK("https://example.com")'
    row = dict.fromkeys((column.name for column in columns("incident_tags")), formula)
    _, cells = csv.reader(export._csv("incident_tags", [row]).splitlines(keepends=True))
    assert set(cells) == {f"'{formula}"}
