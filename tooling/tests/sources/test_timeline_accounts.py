"""Every record of a file is an entry, or is counted by the reason why not."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.errors import UsageError
from incident.repository.config import Intake
from incident.sources import timeline
from incident.sources.timeline import Export, Reading
from incident.text import zones
from incident.text.dates import Order
from sources import mutations
from support import run

NOW = datetime(2026, 11, 28, tzinfo=UTC)
READING = Reading(now=NOW)
TS = "1795151280.000100"  # 2026-11-20 05:08Z


def message(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "ts": TS, "text": text, **more}


PIN = [{"name": "pushpin", "users": ["U1"], "count": 1}]
SLACK: list[Any] = [
    message("!tl rolled back <@U1> :tada:"),
    message("lunch?"),
    message("", bot_id="B1", reactions=PIN, attachments=[{"title": "Late", "text": "since 02:00"}]),
    message(
        "",
        reactions=PIN,
        ts="1795151340.0",
        blocks=[
            {"type": "section", "text": {"type": "mrkdwn", "text": "job failed"}},
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "text", "text": "ask "},
                            {"type": "usergroup", "usergroup_id": "S1"},
                            {"type": "emoji", "name": "fire"},
                        ],
                    }
                ],
            },
        ],
    ),
    message("", reactions=PIN, files=[{"name": "lag.png", "title": "lag.png"}]),
    message("This message was deleted.", subtype="tombstone", reactions=PIN),
    message("!tl no time", ts="soon"),
    message("!tl rolled back <@U1> :tada:", subtype="thread_broadcast"),
    {"subtype": "message_changed", "message": message("!tl as it was edited", ts="1795151400.1")},
    "not a message",
]
PAGER = {
    "log_entries": [
        {"type": "trigger_log_entry", "created_at": "2026-11-20T05:08:00Z", "channel": {"x": 1}},
        {"type": "notify_log_entry", "created_at": "2026-11-20T05:09:00Z"},
        {"type": "priority_change_log_entry", "created_at": "2026-11-20T05:10:00Z",
         "summary": "Priority changed to P1 by Ines Halvorsen"},
        {"type": "annotate_log_entry", "created_at": "2026-11-20T05:11:00Z", "channel": {}},
        {"type": "moon_log_entry", "created_at": "2026-11-20T05:12:00Z"},
        {"type": "resolve_log_entry", "created_at": "0001-01-01T00:00:00Z"},
    ],
    "more": True,
}  # fmt: skip
OPSGENIE = {
    "data": [
        {"log": "Alert created via API", "createdAt": "2026-11-20T05:08:00Z"},
        {"log": "Sent [email] to ines@example.com", "createdAt": "2026-11-20T05:08:30Z"},
        {"log": "Alert acknowledged via web", "owner": "ines@example.com",
         "createdAt": "2026-11-20T05:09:00.123Z"},
        {"log": "Added note: loader restarted", "createdAt": "2026-11-20T05:10:00Z"},
        {"log": "", "createdAt": 5},
    ],
    "paging": {"next": "https://api.example.com/2"},
}  # fmt: skip
ROWS: list[Any] = [
    {"Occurred At": "2026-11-20 05:08:00 UTC", "Event": "alert", "User": "Ines"},
    {"Occurred At": 1795151280, "Event": "epoch seconds"},
    {"Occurred At": "1795151280000", "Event": "milliseconds"},
    {"Occurred At": "20 Nov 2026 06:10 CET", "Event": "named month and zone"},
    {"Occurred At": "13/11/2026 05:08 UTC", "Event": "decides that the day is first"},
    {"Occurred At": "3/11/2026 05:08 UTC", "Event": "so this is in November"},
    {"Occurred At": "2026-11-20 05:08", "Event": "without a zone"},
    {"Occurred At": "2026-11-20T05:08Z", "Event": ""},
    {"Occurred At": "soon", "Event": "x"},
    {"Occurred At": "2031-01-01T00:00Z", "Event": "in the future"},
    {"Occurred At": "1969-01-01T00:00Z", "Event": "long ago"},
    7,
]


def read(path: Path, content: str | bytes, source: str = "auto", **more: Any) -> Export:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = timeline.read(path, source, Reading(**{"now": NOW, **more}))
    assert all(one.adds_up for one in found.accounts)
    return found


def texts(found: Export) -> list[str]:
    return [signal.what for signal in found.signals]


def test_slack(tmp_path: Path) -> None:
    found = read(tmp_path / "day.json", json.dumps(SLACK))
    assert found.accounts[0].text == (
        "10 messages: 4 taken; 1 not marked; 1 a file without text, at message 5; "
        "1 deleted, at message 6; 1 without a time, at message 7; "
        "1 a copy of another message, at message 8; 1 not a message, at message 10"
    )
    assert texts(found) == [
        "Late: since 02:00",
        "rolled back a responder :tada:",
        "job failed: ask the responders' group:fire:",
        "as it was edited",
    ]


@pytest.mark.parametrize(
    "layout",
    [
        lambda rows: {"ok": True, "messages": rows, "has_more": False},
        lambda rows: [{"ok": True, "messages": rows[:1]}, {"ok": True, "messages": rows[1:]}],
        lambda rows: {"channel_id": "C1", "name": "data", "messages": rows},
        lambda rows: {"messages": [{**rows[0], "slackdump_thread_replies": rows[1:]}]},
        lambda rows: {"messages": {"matches": rows, "total": 3}},
    ],
)
def test_threads_and_pages_of_slack(tmp_path: Path, layout: Callable[[Any], Any]) -> None:
    found = read(tmp_path / "thread.json", json.dumps(layout(SLACK[:3])))
    assert found.accounts[0].seen == 3
    assert len(found.signals) == 2


def test_more_pages_are_reported(tmp_path: Path) -> None:
    page = {"messages": SLACK[:1], "has_more": True}
    found = read(tmp_path / "t.json", json.dumps(page))
    assert "there are more messages" in found.notes[0]
    found = read(tmp_path / "p.json", json.dumps(PAGER))
    assert "there are more pages; save the rest with offset=6" in found.notes[0]
    found = read(tmp_path / "o.json", json.dumps(OPSGENIE))
    assert "there are more pages" in found.notes[0]
    whole = [PAGER, {**PAGER, "more": False}]
    assert read(tmp_path / "p.json", json.dumps(whole)).notes == ()


USERS = [
    {"id": "U1", "name": "pkrause", "profile": {"real_name": "Petra Krause"}},
    {"id": "U2", "name": "nadia.o", "profile": {"display_name": "Nadia"}},
    {"id": "U3", "name": "will", "profile": {"first_name": "Will", "real_name": "Will Berg"}},
    {"id": "B1", "name": "airflow", "is_bot": True, "profile": {"real_name": "Airflow"}},
]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("so Petra doesn't send the report", "so the incident lead doesn't send the report"),
        ("Nadia's fix is out", "A responder's fix is out"),
        ("asked petra krause, and @nadia.o", "asked the incident lead, and a responder"),
        ("ask Will Berg; then Will reruns it", "ask a responder; then a responder reruns it"),
        ("it will rerun. Will we wait?", "it will rerun. Will we wait?"),
        (
            "Airflow restarted the job for pkrause",
            "Airflow restarted the job for the incident lead",
        ),
        ("petrabyte of nadia_table in krause.orders", "petrabyte of nadia_table in krause.orders"),
    ],
)
def test_names_in_running_text_become_roles(tmp_path: Path, said: str, expected: str) -> None:
    export = tmp_path / "export"
    for folder in (export / "data", export):
        folder.mkdir(parents=True, exist_ok=True)
    (export / "users.json").write_text(json.dumps(USERS))
    (export / "data" / "2026-11-20.json").write_text(json.dumps([message(f"!tl {said}")]))
    reading = Reading(roles={"pkrause": "the incident lead"}, now=NOW)
    assert texts(timeline.read(export, "slack", reading)) == [expected]


def test_a_nested_export_and_slackdumps_files(tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Tidewater Export/users.json", json.dumps(USERS))
        archive.writestr(
            "Tidewater Export/data/2026-11-20.json", json.dumps([message("!tl Petra")])
        )
        archive.writestr("Tidewater Export/channels.json", "[]")
        dump = {"messages": [message("!tl b", ts="1795151290.0")]}
        archive.writestr("C0123456789-1795151280.000100.json", json.dumps(dump))
    assert texts(timeline.read(path, "auto", READING)) == ["A responder", "b"]


def test_pagerduty(tmp_path: Path) -> None:
    found = read(tmp_path / "log.json", json.dumps(PAGER))
    assert texts(found) == [
        "the pager alerted",
        "the priority of the incident was changed to P1",
    ]
    assert found.accounts[0].text == (
        "6 log entries: 2 taken; 1 about who was notified or assigned, at entry 2; "
        "1 without text, at entry 4; 1 of the unknown kind `moon`, at entry 5; "
        "1 with a time before 2000 or in the future, at entry 6"
    )


def test_opsgenie(tmp_path: Path) -> None:
    found = read(tmp_path / "log.json", json.dumps(OPSGENIE))
    assert texts(found) == [
        "the alert was opened",
        "the alert was acknowledged",
        "loader restarted",
    ]
    assert (found.accounts[0].seen, found.accounts[0].taken) == (5, 3)
    assert found.signals[1].kind == "acknowledged"


def table(rows: list[Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Occurred At", "Event"])
    writer.writerows([r["Occurred At"], r["Event"]] for r in rows if isinstance(r, dict))
    return out.getvalue()


@pytest.mark.parametrize("form", ["csv", "ndjson", "json"])
def test_tables_with_other_columns(tmp_path: Path, form: str) -> None:
    content = {
        "csv": table(ROWS),
        "ndjson": "\n".join(json.dumps(row) for row in ROWS),
        "json": json.dumps({"events": ROWS}),
    }
    found = read(tmp_path / f"t.{form}", content[form])
    assert [s.at.isoformat()[:16] for s in found.signals if s.at] == [
        *("2026-11-03T05:08", "2026-11-13T05:08"),
        *("2026-11-20T05:08", "2026-11-20T05:08", "2026-11-20T05:08", "2026-11-20T05:10"),
    ]
    left = [(one.reason, one.count) for one in found.accounts[0].left_out]
    assert (
        left[:4]
        == [
            *([("not an object", 1)] if form != "csv" else []),
            ("without a time zone", 1),
            ("without a text", 1),
            ("without a time", 1),
            ("with a time before 2000 or in the future", 2),
        ][:4]
    )
    assert "'Occurred At' as `at`" in found.notes[0]


def test_what_a_table_leaves_out_can_be_given(tmp_path: Path) -> None:
    rows = "Zeit;Was\n03/04/2026 05:08;a\n"
    with pytest.raises(UsageError, match="no column is recognized as at and text; it has: Zeit"):
        read(tmp_path / "t.csv", rows)
    columns = {"at": "Zeit", "text": "was"}
    with pytest.raises(UsageError, match="unclear day and month"):
        read(tmp_path / "t.csv", rows, columns=columns, zone=zones.named("UTC"))
    given: Any = {"columns": columns, "zone": zones.named("Europe/Berlin")}
    found = read(tmp_path / "t.csv", rows, order=Order.DAY_FIRST, **given)
    assert str(found.signals[0].at) == "2026-04-03 03:08:00+00:00"
    near = (datetime(2026, 4, 3, tzinfo=UTC),)
    assert read(tmp_path / "t.csv", rows, times=near, **given).signals == found.signals
    header = "Date,Time (CET),What happened\n2026-11-20,06:08,a\n"
    found = read(tmp_path / "u.csv", header)
    assert str(found.signals[0].at) == "2026-11-20 05:08:00+00:00"


def test_a_column_of_zones(tmp_path: Path) -> None:
    rows = "when,tz,event\n2026-11-20 06:08,CET,a\n2026-11-20 05:08,,b\n2026-11-20 05:08Z,PST,c\n"
    found = read(tmp_path / "t.csv", rows)
    assert [str(signal.at) for signal in found.signals] == ["2026-11-20 05:08:00+00:00"] * 2
    assert found.accounts[0].left_out[0].reason == "without a time zone"


def test_a_day_of_an_unpacked_export_knows_its_users(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "users.json").write_text(json.dumps(USERS))
    day = json.dumps([message("!tl Petra rolled back")])
    assert texts(read(tmp_path / "data" / "2026-11-20.json", day)) == ["A responder rolled back"]


def test_the_command_prints_the_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "incident.toml").touch()
    monkeypatch.chdir(tmp_path)
    made = run("new", "x", "--severity", "P2", "--owner", "a", "--detected-at", "2026-11-20T05:00Z")
    (tmp_path / "day.json").write_text(json.dumps(SLACK))
    name = Path(made.stdout.strip()).stem
    result = run("timeline", "import", name, "day.json", "--dry-run")
    assert "day.json: 10 messages: 4 taken; 1 not marked" in result.stderr
    result = run("timeline", "import", name, "day.json", "--format", "json")
    shown = json.loads(result.stdout)
    assert (shown["accounts"][0]["seen"], len(shown["entries"])) == (10, 4)
    for bad, hint in (("--map", "x"), ("--zone", "Nowhere")):
        assert run("timeline", "import", name, "day.json", bad, hint).exit_code == 2


def json_rows(path: Path, *keys: str) -> int:
    """How many records a JSON file holds, counted without the readers."""
    data = json.loads(path.read_text(encoding="utf-8"))
    for key in keys:
        data = data[key] if isinstance(data, dict) else data
    return len(data)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["slack", "pagerduty", "opsgenie", "json"])
def test_a_thousand_mutated_records(tmp_path: Path, source: str) -> None:
    content: Any = {"slack": SLACK, "pagerduty": PAGER["log_entries"], "json": ROWS}
    content["opsgenie"] = OPSGENIE["data"]
    read_at_all = 0
    reading = Reading(Intake(slack_prefixes=("!",)), now=NOW)
    for rows in mutations.of_json(content[source], 1000):
        path = tmp_path / "x.json"
        path.write_text(json.dumps(rows))
        try:
            found = timeline.read(path, source, reading)
        except UsageError:
            continue
        read_at_all += 1
        timeline.entries(found.signals)
        assert all(one.adds_up for one in found.accounts)
        nested = source == "slack" and any(isinstance(r, dict) and "messages" in r for r in rows)
        assert nested or found.accounts[0].seen == json_rows(path)
    assert read_at_all > 500


@pytest.mark.slow
@pytest.mark.parametrize("source", ["csv", "ndjson"])
def test_a_thousand_mutated_tables(tmp_path: Path, source: str) -> None:
    path = tmp_path / f"x.{source}"
    lines = "\n".join(json.dumps(row) for row in ROWS)
    content = (table(ROWS) if source == "csv" else lines).encode()
    read_at_all = 0
    for mutant in mutations.of_bytes(content, 1000):
        path.write_bytes(mutant)
        try:
            found = timeline.read(path, source, READING)
        except UsageError:
            continue
        read_at_all += 1
        assert all(one.adds_up for one in found.accounts)
        if source == "ndjson":
            text = mutant.decode("utf-8-sig")
            assert found.accounts[0].seen == sum(1 for row in text.split("\n") if row.strip())
        elif b'"' not in mutant and b"\r" not in mutant.replace(b"\r\n", b""):
            rows = mutant.decode("utf-8-sig").replace("\r", "").split("\n")[1:]
            cells = [row.translate(str.maketrans("", "", ",;\t")) for row in rows]
            assert found.accounts[0].seen == sum(1 for cell in cells if cell.strip())
    assert read_at_all > 300


@pytest.mark.slow
def test_a_hundred_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    row = b"2026-11-20T05:08Z," + b"x" * 480 + b"\n"
    path.write_bytes(b"at,text\n" + row * 200_000)
    found = timeline.read(path, "auto", READING)
    assert found.accounts[0].seen == 200_000
    with pytest.raises(UsageError, match="too many for a timeline"):
        timeline.entries(found.signals)
