"""A team's own severity scale: what people type, and what they read everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import git_init, run

SCALE = """\
[severity_aliases]
SEV1 = "P0"
SEV2 = "P1"
SEV3 = "P2"
SEV4 = "P3"
SEV5 = "P3"
"""
ID = "2025-03-03-orders-are-low"
NEW = ("--owner", "data", "--detected-at", "2025-03-03T09:00Z", "--no-edit")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    (tmp_path / "incidents").mkdir()
    (tmp_path / "incident.toml").write_text(SCALE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def declare(level: str, title: str = "Orders are low") -> Path:
    result = run("new", title, "--severity", level, *NEW)
    assert result.exit_code == 0, result.stderr
    return Path(result.stdout.strip())


def test_a_severity_is_typed_and_stored_as_the_team_writes_it(repository: Path) -> None:
    path = declare("sev2")
    assert "severity: SEV2 " in path.read_text()
    assert "## Contributing factors" in path.read_text()  # the full template: it is a P1
    assert "SEV2: a critical use case" in run("new", "x", "--severity", "SEV2", *NEW).stderr
    assert run("lint", "--select", "frontmatter-schema").exit_code == 0


def test_a_list_filters_by_the_word_or_by_its_level(repository: Path) -> None:
    declare("SEV4", "Four")
    declare("SEV5", "Five")
    for words, count in ((["SEV5"], 1), (["sev4"], 1), (["P3"], 2), (["SEV1"], 0)):
        listed = run("list", "--severity", *words).stdout.splitlines()
        assert len(listed) == count, words
    [fields] = json.loads(run("list", "--severity", "SEV5", "--format", "json").stdout)
    assert (fields["severity"], fields["severity_label"]) == ("P3", "SEV5")


def test_p0_to_p3_are_shown_in_the_scale_as_well(repository: Path) -> None:
    path = declare("SEV2")
    path.write_text(path.read_text().replace("severity: SEV2", "severity: P1"))
    assert "\tSEV2\t" in run("list").stdout
    assert "SEV2: " in run("message", ID, "--kind", "declared", "--for", "email").stdout
    assert "1 SEV2" in run("stats").stdout


def test_another_word_names_the_scale(repository: Path) -> None:
    result = run("new", "x", "--severity", "SEV9", *NEW)
    assert result.exit_code == 2
    assert "'SEV9' must be one of SEV1, SEV2, SEV3, SEV4, SEV5" in result.stderr


def test_a_proposed_severity_is_one_of_the_scale(repository: Path) -> None:
    factors = ("--assess", "--critical", "--downstream", "20", "--magnitude", "30")
    assert "severity: SEV1 " in run("new", "x", *factors, *NEW, "--stdout").stdout


def test_the_linter_names_the_scale(repository: Path) -> None:
    path = declare("SEV2")
    path.write_text(path.read_text().replace("severity: SEV2", "severity: SEV9"))
    assert "SEV1, SEV2, SEV3, SEV4, SEV5" in run("lint", path).stdout


def test_findings_speak_in_the_scale(repository: Path) -> None:
    path = declare("SEV2")
    text = path.read_text().replace("status: draft", "status: published")
    path.write_text(text.replace("## Contributing factors", "## Notes"))
    said = run("lint", path, "--select", "sections-required,observers-named").stdout
    assert "(required for a published SEV2)" in said
    assert "this SEV2 has no observers" in said


def test_an_issue_form_may_offer_the_scale(repository: Path) -> None:
    issue = {"number": 3, "title": "x", "body": "### Severity\n\nSEV3: some\n", "labels": []}
    Path("issue.json").write_text(json.dumps(issue))
    result = run("new", "--from-issue", "issue.json", *NEW, "--stdout")
    assert "severity: SEV3 " in result.stdout


def test_figures_and_their_names_are_in_the_scale(repository: Path) -> None:
    declare("SEV2")
    assert "SEV1 and SEV2 with a published postmortem" in run("stats").stdout
    report = run("stats", "--format", "markdown", "--since", "2025-01-01").stdout
    assert "| SEV1 and SEV2 with a published" in report
