"""`incident import`: files in, drafts out, a report on stderr."""

from __future__ import annotations

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
    assert "2 timeline entries (2 with a time), 1 action items (1 with an owner, 1 with a date" in (
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
    result = run("import", "old/bad.md", "old/missing.md", "old", "old/orders.md", "--owner", "a")
    assert result.exit_code == 2
    assert result.stdout == "incidents/2025/2025-01-20-orders-late.md\n"
    for said in ("old/bad.md: a NUL byte", "old/missing.md does not exist", "old is not a file"):
        assert said in result.stderr
    assert "1 imported, 3 failed" in result.stderr


def test_nothing_is_overwritten(repository: Path) -> None:
    args = ("import", "old/orders.md", "--owner", "a")
    path = repository / run(*args).stdout.strip()
    path.write_text("mine", encoding="utf-8")
    result = run(*args)
    assert result.exit_code == 2
    assert "exists already" in result.stderr
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
