"""`incident import`: files in, drafts out, a report on stderr."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from support import git_init, run

TEXT = """\
# Orders late

**Date:** 2025-01-20

## Timeline

- 06:10 CET The load stopped
- 08:00 CET **detected** by finance

## Action items

- [ ] Test freshness of orders (@ingestion - Due: 2025-02-03)
"""


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "orders.md").write_text(TEXT, encoding="utf-8")
    (tmp_path / "old" / "prices.md").write_text(TEXT.replace("Orders", "Prices"), encoding="utf-8")
    return tmp_path


def test_drafts_are_created_and_reported(repository: Path) -> None:
    result = run("import", "old/orders.md", "old/prices.md", "--owner", "data-platform")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "incidents/2025/2025-01-20-orders-late.md",
        "incidents/2025/2025-01-20-prices-late.md",
    ]
    assert "2 timeline entries (2 with a time), 1 action item (1 with an owner, 1 with a date" in (
        result.stderr
    )
    assert "missing: a root cause, an impact, what went well" in result.stderr
    assert "2 imported, 0 failed" in result.stderr
    created = repository / "incidents/2025/2025-01-20-orders-late.md"
    assert "- 2025-01-20T08:00+01:00 **detected** by finance" in created.read_text(encoding="utf-8")
    assert run("lint", "incidents").exit_code == 0


def test_dry_run_and_stdout_create_nothing(repository: Path) -> None:
    assert run("import", "old/orders.md", "--owner", "a", "--dry-run").stdout == ""
    text = run("import", "old/orders.md", "--owner", "a", "--severity", "P0", "--stdout").stdout
    assert text.startswith("---\nschema_version: 1\nid: 2025-01-20-orders-late\n")
    assert "severity: P0\n" in text
    assert not (repository / "incidents").exists()


def test_one_bad_file_does_not_stop_the_others_and_exits_2(repository: Path) -> None:
    (repository / "old" / "bad.md").write_bytes(b"\x00\x01")
    result = run("import", "old/bad.md", "old/missing.md", "old/orders.md", "--owner", "a")
    assert result.exit_code == 2
    assert result.stdout == "incidents/2025/2025-01-20-orders-late.md\n"
    for said in ("old/bad.md: a NUL byte", "old/missing.md does not exist"):
        assert said in result.stderr
    assert "1 imported, 2 failed" in result.stderr


def test_a_file_that_is_named_twice_is_imported_once(repository: Path) -> None:
    result = run("import", "old/orders.md", "old", "old/orders.md", "--owner", "a")
    assert result.exit_code == 0, result.stderr
    assert "2 imported, 0 failed" in result.stderr


def test_nothing_is_overwritten(repository: Path) -> None:
    args = ("import", "old/orders.md", "--owner", "a")
    path = repository / run(*args).stdout.strip()
    path.write_text("mine", encoding="utf-8")
    result = run(*args)
    assert result.exit_code == 2
    assert "already exists" in result.stderr
    assert path.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["old/orders.md"], "no owner is found"),
        (["old/orders.md", "old/prices.md", "--stdout"], "--stdout takes one file"),
        (["old/orders.md", "old/prices.md", "--date", "2025-01-01"], "--date takes one file"),
        (["old/orders.md", "--zone", "Mars"], "'Mars' is not a time zone"),
    ],
)
def test_what_cannot_work_is_said(args: list[str], said: str) -> None:
    result = run("import", *args)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_repository_has_its_own_template(repository: Path) -> None:
    own = repository / "templates" / "imported.md.j2"
    own.parent.mkdir()
    own.write_text("---\nid: {{ found.id }}\n---\n{{ found.title }}, ours\n")
    assert run("import", "old/orders.md", "--owner", "a", "--stdout").stdout.endswith("ours\n")
    own.write_text("{{ nothing }}")
    result = run("import", "old/orders.md", "--owner", "a")
    assert result.exit_code == 2
    assert "imported.md.j2" in result.stderr


def test_the_report_says_what_to_check_and_what_was_left_out(repository: Path) -> None:
    text = (
        "# Orders late\n\n**Date:** 2025-01-20\n\n## Timeline\n\n- 06:10 stopped\n- 08:00 CET x\n"
    )
    (repository / "old" / "orders.md").write_text(text.replace("CET", "XST"), encoding="utf-8")
    result = run("import", "old/orders.md", "--owner", "a", "--dry-run")
    assert "1 time without a time zone, at line 7: say --zone" in result.stderr
    assert "1 time in an unknown time zone, at line 8" in result.stderr
    assert (
        "3 lines with a date or time: 1 taken; 1 without a time zone, at line 7; "
        "1 in an unknown time zone, at line 8" in result.stderr
    )
    berlin = run("import", "old/orders.md", "--owner", "a", "--stdout", "--zone", "Europe/Berlin")
    assert "- 2025-01-20T06:10+01:00 stopped" in berlin.stdout


def test_the_account_as_json(repository: Path) -> None:
    result = run("import", "old/orders.md", "--owner", "a", "--dry-run", "--format", "json")
    (report,) = json.loads(result.stdout)
    assert report["draft"] == "incidents/2025/2025-01-20-orders-late.md"
    assert report["account"] == {
        "source": "old/orders.md",
        "record": "lines with a date or time",
        "seen": 4,
        "taken": 4,
        "left_out": [],
    }


def test_links_between_imported_files_and_to_pictures_are_kept(repository: Path) -> None:
    (repository / "old" / "chart.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (repository / "notes.md").write_text("x", encoding="utf-8")
    links = (
        "\n## Root cause\n\nAs in [prices](prices.md#root-cause), see ![a chart](chart.png), "
        "[notes](../notes.md), [gone](gone.md) and [a site](https://example.com/x.md).\n"
        "\n```\n[code](prices.md)\n```\n"
    )
    with (repository / "old" / "orders.md").open("a", encoding="utf-8") as file:
        file.write(links)
    result = run("import", "old/orders.md", "old/prices.md", "--owner", "a")
    assert "1 link left as written: gone.md (does not exist)" in result.stderr
    folder = repository / "incidents" / "2025"
    draft = (folder / "2025-01-20-orders-late.md").read_text(encoding="utf-8")
    assert (
        "As in [prices](2025-01-20-prices-late.md#root-cause), "
        "see ![a chart](2025-01-20-orders-late-chart.png), [notes](../../notes.md), "
        "[gone](gone.md) and [a site](https://example.com/x.md)." in draft
    )
    assert "[code](prices.md)" in draft
    assert (folder / "2025-01-20-orders-late-chart.png").read_bytes() == b"\x89PNG\r\n\x1a\n"


def test_a_picture_from_outside_the_repository_is_not_copied(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "chart.png").write_bytes(b"\x89PNG")
    link = f"\n![a chart]({os.path.relpath(other, repository / 'old')}/chart.png)\n"
    with (repository / "old" / "orders.md").open("a", encoding="utf-8") as file:
        file.write(link)
    assert run("import", "old/orders.md", "--owner", "a").exit_code == 0
    assert list((repository / "incidents").rglob("*.png")) == []


SEVERAL = """\
# Incidents of May

Written by the data team.

## 2025-05-01: Orders late

### Timeline
- 10:00 UTC The load stopped
### Root cause
A lock.

Prices wrong
------------

### Timeline
- 2025-05-09 11:00 UTC The feed had old prices
### Root cause
A cache.
"""


def test_several_incidents_in_a_file_are_reported_and_split(repository: Path) -> None:
    (repository / "old" / "may.md").write_text(SEVERAL, encoding="utf-8")
    result = run("import", "old/may.md", "--owner", "a", "--dry-run")
    assert "2 incidents begin here (lines 5, 12): --split" in result.stderr
    result = run("import", "old/may.md", "--owner", "a", "--split")
    assert result.stdout.splitlines() == [
        "incidents/2025/2025-05-01-orders-late.md",
        "incidents/2025/2025-05-09-prices-wrong.md",
    ]
    first, second = (
        (repository / path).read_text(encoding="utf-8") for path in result.stdout.splitlines()
    )
    assert "Written by the data team." in first
    assert "A lock." in first
    assert "A lock." not in second
    assert "- 2025-05-09T11:00Z The feed had old prices" in second


def test_a_day_that_is_not_clear_is_asked_for(repository: Path) -> None:
    text = "# Orders late\n\n## Timeline\n\n- 07/05/2023 10:00 UTC x\n"
    (repository / "old" / "orders.md").write_text(text, encoding="utf-8")
    result = run("import", "old/orders.md", "--owner", "a")
    assert result.exit_code == 2
    assert "old/orders.md:5: it is not clear which number is the day" in result.stderr
    assert "--day-first or --month-first" in result.stderr
    for option, day in (("--day-first", "2023-05-07"), ("--month-first", "2023-07-05")):
        result = run("import", "old/orders.md", "--owner", "a", option)
        assert result.stdout == f"incidents/2023/{day}-orders-late.md\n"
