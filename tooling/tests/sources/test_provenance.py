"""An entry of a timeline says which machine knew it; without that, it is from memory."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from incident.postmortem import document, timeline_entries
from incident.reports import _incident
from incident.site import sanitize
from incident.sources import Entry
from incident.sources.merge import merge
from sources import artifacts
from sources.artifacts import FAILED_BUILD, write
from support import MINIMAL, run

TEXT = (
    MINIMAL
    + """
## Timeline

- 2025-05-14 09:40Z **detected**: finance asked
- 2025-05-14 09:50Z rows were missing <!-- source: dbt -->
- 2025-05-14 09:55Z code is not a comment: `<!-- source: dbt -->`
- 2025-05-14 09:58Z neither is a word <!-- source of truth -->

| Time | What |
|---|---|
| 2025-05-14 10:00Z | paged <!-- source: pagerduty --> |

## Root cause

<!-- source: git -->
"""
)


def test_entries_know_their_source() -> None:
    read = document.parse(TEXT, "")
    found = timeline_entries.read(read)
    assert [entry.origin for entry in found] == ["", "dbt", "", "", "", "pagerduty"]
    assert [entry.text for entry in found][1] == "rows were missing"
    assert timeline_entries.provenance(read) == (2, 5)


def test_a_merged_entry_keeps_its_source_and_is_merged_once() -> None:
    new = Entry(datetime(2025, 5, 14, 9, 45, tzinfo=UTC), "rolled back", origin="slack")
    text, added = merge(TEXT, [new])
    assert "- 2025-05-14 09:45Z rolled back <!-- source: slack -->\n" in text
    assert len(added) == 1
    assert merge(text, [new]) == (text, [])
    in_table = Entry(datetime(2025, 5, 14, 10, 5, tzinfo=UTC), "resolved", origin="pagerduty")
    text, _ = merge(TEXT, [in_table])
    assert "| 2025-05-14 10:05Z | resolved <!-- source: pagerduty --> |" in text


def test_the_wiki_shows_the_source_behind_the_entry() -> None:
    shown = _incident.body(document.parse(TEXT, ""))
    assert "rows were missing <small>dbt</small>\n" in shown
    assert "paged <small>pagerduty</small> |" in shown
    assert "`<!-- source: dbt -->`" in shown
    assert "git" not in shown
    assert "<small>dbt</small>" in sanitize.clean("<p>x <small>dbt</small></p>")


def test_a_draft_says_what_dbt_knew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "incident.toml").touch()
    monkeypatch.chdir(tmp_path)
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=FAILED_BUILD)
    text = run("new", "--from-dbt", target, "--stdout").stdout
    found = timeline_entries.read(document.parse(text, ""))
    assert {entry.origin for entry in found} == {"dbt"}
    assert [entry.clock for entry in found] == ["detected_at", "", ""]


def test_implausible_times_of_a_source_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "incident.toml").touch()
    monkeypatch.chdir(tmp_path)
    later = artifacts.run_results(
        artifacts.result(artifacts.NOT_NULL, "fail", "2999-01-01T00:00:00Z"),
        at="2999-01-01T00:00:00Z",
    )
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=later)
    result = run("new", "--from-dbt", target, "--stdout")
    assert "2 times before 2000 or in the future are left out" in result.stderr
    assert "2999" not in result.stdout
