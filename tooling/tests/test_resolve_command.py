"""`incident resolve`: from a closed issue to `resolved_at`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support import MINIMAL, git_init, run

ADDRESS = "https://example.com/tidewater/data/issues/12"
DRAFT = MINIMAL.replace(
    "timestamps:",
    f'evidence: [{{kind: log, title: "issue #12", url: "{ADDRESS}"}}]\ntimestamps:',
)


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    path = tmp_path / "incidents" / "2025-05-14-revenue-drops.md"
    path.parent.mkdir()
    path.write_text(DRAFT)
    monkeypatch.chdir(tmp_path)
    return path


def issue(**values: Any) -> str:
    found = {
        "number": 12,
        "html_url": ADDRESS,
        "closed_at": "2025-05-15T10:20:30Z",
        "state_reason": "completed",
        **values,
    }
    Path("issue.json").write_text(json.dumps({"issue": found}))
    return "issue.json"


def test_the_time_is_written_once(draft: Path) -> None:
    result = run("resolve", "--from-issue", issue())
    assert (result.exit_code, result.stdout) == (0, "incidents/2025-05-14-revenue-drops.md\n")
    written = '  resolved_at: "2025-05-15T10:20Z"\nlint:'
    assert draft.read_text() == DRAFT.replace("lint:", written)
    again = run("resolve", "--from-issue", issue(closed_at="2025-06-01T00:00:00Z"))
    assert (again.exit_code, again.stdout) == (0, "")


def test_nothing_is_written_where_it_is_not_resolved(draft: Path) -> None:
    for values in ({"state_reason": "not_planned"}, {"closed_at": None}):
        result = run("resolve", "--from-issue", issue(**values))
        assert (result.exit_code, result.stdout) == (0, "")
    assert run("resolve", "--from-issue", issue(), "--dry-run").stdout.startswith("incidents/")
    assert draft.read_text() == DRAFT


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"issue": 5}', "[" * 100_000, "\0"])
def test_what_is_no_issue_exits_2(draft: Path, content: str) -> None:
    Path("issue.json").write_text(content)
    result = run("resolve", "--from-issue", "issue.json")
    assert result.exit_code == 2
    assert draft.read_text() == DRAFT


def test_an_issue_of_no_postmortem_exits_2(draft: Path) -> None:
    result = run("resolve", "--from-issue", issue(number=13, html_url=f"{ADDRESS}3"))
    assert result.exit_code == 2
    assert "0 postmortems were created from issue #13" in result.stderr
