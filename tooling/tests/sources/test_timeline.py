"""`incident timeline add` and `import`: what chat, the pager and tables kept."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.postmortem import document, timeline_entries
from support import lint, run

ID = "2025-05-14-revenue-drops"
TEXT = """\
---
id: 2025-05-14-revenue-drops
title: "Daily revenue 18% low"
status: draft
severity: P1
owner: data-platform
roles: {incident_lead: pkrause, responders: [nadia-o]}
timestamps:
  detected_at: "2025-05-14T09:40Z"
  acknowledged_at: "2025-05-14T09:45Z"
---

## Timeline

- 2025-05-14 09:40Z **detected**: finance asked

## Root cause

x
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "incident.toml").touch()
    folder = tmp_path / "incidents" / "2025"
    folder.mkdir(parents=True)
    (folder / f"{ID}.md").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def text(repository: Path) -> str:
    return (repository / "incidents" / "2025" / f"{ID}.md").read_text(encoding="utf-8")


def entries(markdown: str) -> list[str]:
    found = timeline_entries.read(document.parse(markdown, ""))
    return [
        f"{e.written} {e.clock}: {e.text}" if e.clock else f"{e.written} {e.text}" for e in found
    ]


def ts(at: str) -> str:
    return f"{datetime.fromisoformat(at).timestamp():.6f}"


USERS = [
    {"id": "U1", "name": "pkrause", "profile": {"real_name": "Petra Krause"}},
    {"id": "U2", "name": "nadia-o"},
    {"id": "U3", "name": "somebody"},
]
MESSAGES = [
    {
        "type": "message",
        "user": "U1",
        "ts": ts("2025-05-14T10:05:00+00:00"),
        "text": "<@U1> and <@U3|bob> found the filter, see <https://x.example.com/a|the query>",
        "reactions": [{"name": "pushpin::skin-tone-2", "users": ["U2"], "count": 1}],
    },
    {
        "user": "U2",
        "ts": ts("2025-05-14T10:01:00+00:00"),
        "text": "!TL: rolled *back* &amp; &lt;done&gt;",
    },
    {"user": "U2", "ts": ts("2025-05-14T10:02:00+00:00"), "text": "lunch?"},
    {
        "user": "U2",
        "ts": ts("2025-05-14T10:03:00+00:00"),
        "text": "ok",
        "reactions": [{"name": "+1"}],
    },
    {"user": "U2", "ts": "soon", "text": "!tl no time"},
]
MERGED = [
    "2025-05-14 09:40Z detected_at: finance asked",
    r"2025-05-14 10:01Z rolled \*back\* & &lt;done&gt;",
    "2025-05-14 10:05Z the incident lead and a responder found the filter, see the query "
    "(https://x.example.com/a)",
]


def slack_folder(folder: Path) -> Path:
    (folder / "incidents").mkdir(parents=True)
    (folder / "users.json").write_text(json.dumps(USERS))
    (folder / "channels.json").write_text("[]")
    (folder / "incidents" / "2025-05-14.json").write_text(json.dumps(MESSAGES))
    return folder


def slack_zip(path: Path, members: dict[str, str] | None = None) -> Path:
    members = members or {
        "incidents/2025-05-14.json": json.dumps(MESSAGES),
        "users.json": json.dumps(USERS),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("make", [slack_folder, slack_zip])
@pytest.mark.parametrize("source", ["auto", "slack"])
def test_slack(repository: Path, make: Callable[[Path], Path], source: str) -> None:
    export = make(repository / ("export.zip" if make is slack_zip else "export"))
    result = run("timeline", "import", ID, export, "--from", source)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == f"incidents/2025/{ID}.md\n"
    assert "2 added" in result.stderr
    assert entries(text(repository)) == MERGED
    assert "0 added, 2 already there" in run("timeline", "import", ID, export).stderr
    assert entries(text(repository)) == MERGED
    before, after = (lint(document.parse(t, f"{ID}.md")) for t in (TEXT, text(repository)))
    assert [found.code for found in after] == [found.code for found in before]


def test_what_marks_a_message_is_configured(repository: Path) -> None:
    (repository / "incident.toml").write_text(
        '[intake]\nslack_reactions = ["+1"]\nslack_prefixes = []\n'
    )
    day = repository / "day.json"
    day.write_text(json.dumps(MESSAGES))
    run("timeline", "import", ID, day)
    assert entries(text(repository))[1:] == ["2025-05-14 10:03Z ok"]


PAGER = {
    "log_entries": [
        {
            "type": "resolve_log_entry",
            "created_at": "2025-05-14T12:00:00Z",
            "summary": "Resolved by Petra Krause.",
            "agent": {"summary": "Petra Krause"},
        },
        {
            "type": "trigger_log_entry",
            "created_at": "2025-05-14T11:41:00+02:00",
            "summary": "Triggered through the API",
            "incident": {"title": "revenue_clean <low>"},
            "html_url": "https://pager.example.com/log/1",
        },
        {"type": "notify_log_entry", "created_at": "2025-05-14T09:42:00Z", "summary": "to Petra"},
        {"type": "acknowledge_log_entry", "created_at": "2025-05-14T09:45:00Z"},
        {
            "type": "annotate_log_entry",
            "created_at": "2025-05-14T10:00:00Z",
            "channel": {"summary": "the filter is suspected"},
        },
        {
            "type": "status_update_log_entry",
            "created_at": "2025-05-14T10:30:00Z",
            "message": "the report is held back",
        },
        {"type": "annotate_log_entry", "created_at": "2025-05-14T10:40:00Z", "channel": 5},
        {"type": "trigger_log_entry", "created_at": "yesterday"},
    ]
}


def test_pagerduty(repository: Path) -> None:
    file = repository / "log.json"
    file.write_text(json.dumps(PAGER))
    result = run("timeline", "import", ID, file)
    assert result.exit_code == 0, result.stderr
    assert entries(text(repository)) == [
        "2025-05-14 09:40Z detected_at: finance asked",
        "2025-05-14 09:41Z the pager alerted: revenue_clean &lt;low&gt; "
        "([PagerDuty](https://pager.example.com/log/1))",
        "2025-05-14 09:45Z acknowledged_at: the alert was acknowledged (PagerDuty)",
        "2025-05-14 10:00Z the filter is suspected (PagerDuty)",
        "2025-05-14 10:30Z the report is held back (PagerDuty)",
        "2025-05-14 12:00Z the alert was resolved (PagerDuty)",
    ]
    assert "Petra" not in text(repository)


ROWS = [
    {"at": "2025-05-14T13:30+02:00", "text": 'late, "quoted"', "source": "", "url": "ftp://x"},
    {
        "at": "2025-05-14T09:00:00Z",
        "text": "deploy",
        "source": "CI",
        "url": "https://u:p@ci.example.com/1",
    },
]
ROWS_MERGED = [
    "2025-05-14 09:00Z deploy ([CI](https://ci.example.com/1))",
    "2025-05-14 09:40Z detected_at: finance asked",
    '2025-05-14 11:30Z late, "quoted"',
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv(repository: Path, delimiter: str) -> None:
    file = repository / "rows.csv"
    rows = [["More", "AT", "text", "source", "url"]]
    rows += [["x", row["at"], '"' + row["text"].replace('"', '""') + '"', row["source"], row["url"]]
             for row in ROWS]  # fmt: skip
    file.write_text("\ufeff" + "\r\n".join(delimiter.join(row) for row in rows) + "\r\n\r\n")
    result = run("timeline", "import", ID, file)
    assert result.exit_code == 0, result.stderr
    assert entries(text(repository)) == ROWS_MERGED


def test_ndjson(repository: Path) -> None:
    file = repository / "rows.ndjson"
    file.write_text("\n\n".join(json.dumps(row) for row in ROWS))
    run("timeline", "import", ID, file)
    assert entries(text(repository)) == ROWS_MERGED


def test_a_dry_run_writes_nothing(repository: Path) -> None:
    file = repository / "rows.ndjson"
    file.write_text("\n".join(json.dumps(row) for row in ROWS))
    window = ("--between", "2025-05-14T10:00Z", "2025-05-14T12:00Z")
    result = run("timeline", "import", ID, file, "--dry-run", *window)
    assert result.stdout == '- 2025-05-14 11:30Z late, "quoted" <!-- source: ndjson -->\n'
    assert "1 new, 0 already there; nothing written" in result.stderr
    assert text(repository) == TEXT


def test_add(repository: Path) -> None:
    args = ("timeline", "add", ID, "**acknowledged**: on call took it\n<!-- x", "--at")
    result = run(*args, "2025-05-14T11:45+02:00", "--source", "https://chat.example.com/1")
    assert result.stdout == f"incidents/2025/{ID}.md\n"
    assert entries(text(repository))[1] == (
        "2025-05-14 09:45Z acknowledged_at: on call took it &lt;!-- x "
        "([source](https://chat.example.com/1))"
    )
    run("timeline", "add", f"incidents/2025/{ID}.md", "now")
    assert len(entries(text(repository))) == 3
    before = text(repository)
    for bad in (["  "], ["x", "--source", "javascript:1"], ["x", "--at", "09:40"]):
        assert run("timeline", "add", ID, *bad).exit_code == 2
    result = run("timeline", "add", "2025-05-14-revenue-dorps", "x")
    assert result.exit_code == 2
    assert f"did you mean `{ID}`?" in result.stderr
    assert text(repository) == before


def test_an_empty_folder_and_a_missing_file(repository: Path) -> None:
    (repository / "empty").mkdir()
    for name, said in (("empty", "holds no CHANNEL"), ("nowhere.csv", "does not exist")):
        result = run("timeline", "import", ID, name)
        assert result.exit_code == 2
        assert said in result.stderr


def test_a_broken_postmortem_is_not_written(repository: Path) -> None:
    path = repository / "incidents" / "2025" / f"{ID}.md"
    path.write_text("---\nid: @x\n---\n")
    result = run("timeline", "add", ID, "x")
    assert result.exit_code == 2
    assert "cannot start with `@`" in result.stderr


def test_symlinks_of_an_export_are_not_followed(repository: Path) -> None:
    export = slack_folder(repository / "export")
    outside = repository / "outside.json"
    outside.write_text(json.dumps([{"ts": "1747217000", "text": "!tl outside"}]))
    (export / "incidents" / "2025-05-15.json").symlink_to(outside)
    run("timeline", "import", ID, export)
    assert entries(text(repository)) == MERGED


@pytest.mark.slow
def test_200_000_messages(repository: Path) -> None:
    start = datetime(2025, 5, 14, tzinfo=UTC).timestamp()
    many = [{"ts": f"{start + n / 10:.6f}", "text": f"message {n}"} for n in range(200_000)]
    many[100_000]["text"] = "!tl the one"
    file = repository / "many.json"
    file.write_text(json.dumps(many))
    run("timeline", "import", ID, file)
    assert len(entries(text(repository))) == 2
    file.write_text(json.dumps([{**message, "text": "!tl " + message["text"]} for message in many]))
    result = run("timeline", "import", ID, file)
    assert result.exit_code == 2
    assert "200,000 entries are too many for a timeline" in result.stderr
    assert "--between" in result.stderr


def test_markup_and_control_characters_stay_text(repository: Path) -> None:
    said = (
        "!tl \x1b[31m<img src=x onerror=1>\x00 \u202e [a](javascript:1) ```x``` | **resolved**: y"
    )
    file = repository / "day.json"
    file.write_text(json.dumps([{"ts": ts("2025-05-14T10:00:00+00:00"), "text": said}]))
    run("timeline", "import", ID, file)
    line = entries(text(repository))[1]
    assert line == (
        r"2025-05-14 10:00Z \[31m&lt;img src=x onerror=1&gt; \[a\]\(javascript:1) "
        r"\`\`\`x\`\`\` | \*\*resolved\*\*: y"
    )
