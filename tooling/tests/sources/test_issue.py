"""`incident new --from-issue`: the form's answers in a draft, and text that stays text."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.drafts import new_draft
from incident.errors import UsageError
from incident.postmortem import document, model
from incident.repository import config
from incident.sources import issue, prefill
from sources import mutations
from support import NOW, lint, run

BODY = """\
### What is broken?

Margin report shows **0** for `SKU-1`.

# not a heading
<script>alert(1)</script>

### Which data?

dbt:exposure.tidewater.margin_report, returns_raw

### Who uses it, and for what?

- finance: weekly close

### Since when?

2026-11-19 22:00 UTC, I think

### Is a critical use case affected?

Yes, the close

### How many assets are downstream?

about 12

### How wrong is it, in percent?

_No response_

### Anything else?

Ask the pricing team
"""
ISSUE: dict[str, Any] = {
    "number": 41,
    "title": "[incident]: Margin report shows zero",
    "body": BODY.replace("\n", "\r\n"),
    "html_url": "https://github.com/tidewater/data/issues/41",
    "created_at": "2026-11-20T07:10:00Z",
    "user": {"login": "ihalvorsen"},
    "labels": [{"name": "incident"}],
}


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "incident.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_form_becomes_a_draft(repository: Path) -> None:
    (repository / "issue.json").write_text(json.dumps(ISSUE))
    result = run("new", "--from-issue", "issue.json", "--owner", "finance", "--stdout")
    assert result.exit_code == 0, result.stderr
    found = document.parse(result.stdout, "2026-11-19-margin-report-shows-zero.md")
    values = model.postmortem(found)
    assert lint(found) == []
    assert values.id == "2026-11-19-margin-report-shows-zero"
    assert (values.title, values.severity) == ("Margin report shows zero", "P0")
    assert values.data["timestamps"]["started_at"] == "2026-11-19T22:00Z"
    assert values.data["timestamps"]["detected_at"] == "2026-11-20T07:10Z"
    assert values.data["detection"]["source"] == "issue #41"
    assert values.data["impact"]["critical_use_case"] is True
    assert values.data["impact"]["downstream_assets"] == 12
    refs = [asset.ref for asset in values.assets]
    assert refs == ["dbt:exposure.tidewater.margin_report", "returns_raw"]
    assert values.data["evidence"][0]["url"] == ISSUE["html_url"]
    assert "ihalvorsen" not in result.stdout
    summary, impact = found.section_text("summary"), found.section_text("impact")
    assert r"Margin report shows \*\*0\*\* for \`SKU-1\`." in summary
    assert r"\# not a heading" in summary
    assert "&lt;script&gt;" in summary
    assert "Anything else?: Ask the pricing team" in summary
    assert impact == r"\- finance: weekly close"


def test_the_event_of_a_workflow_holds_the_issue_too(repository: Path) -> None:
    (repository / "event.json").write_text(json.dumps({"action": "opened", "issue": ISSUE}))
    result = run("new", "--from-issue", "event.json", "--owner", "finance")
    assert result.stdout == "incidents/2026/2026-11-19-margin-report-shows-zero.md\n"
    again = run("new", "--from-issue", "event.json", "--into", Path(result.stdout.strip()).stem)
    assert "nothing new" in again.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("41", None, "issue 41 is on GitHub"),
        ("#41", None, "issue 41 is on GitHub"),
        ("x.json", "{}", "x.json is not an issue"),
        ("x.json", '{"title": ', "x.json:1:11: incomplete JSON"),
        ("nowhere.json", None, "nowhere.json does not exist"),
    ],
)
def test_what_is_no_issue_is_named(
    repository: Path, name: str, content: str | None, said: str
) -> None:
    if content is not None:
        (repository / name).write_text(content)
    result = run("new", "--from-issue", name, "--owner", "x")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (repository / "incidents").exists()


@pytest.mark.parametrize(
    ("since", "told"),
    [("yesterday", "without a time"), ("2026-11-25T00:00Z", "after the detection")],
)
def test_a_beginning_that_cannot_be_is_told(since: str, told: str) -> None:
    known = issue.parse({**ISSUE, "body": f"### Since when?\n\n{since}\n"})
    assert known.started_at is None
    assert told in known.warnings[0]
    assert since in known.sections["summary"].replace("&#45;", "-")


def test_a_severity_is_taken_and_another_is_not() -> None:
    for said, level in (("P2 (limited)", "P2"), ("P9", ""), ("urgent", "")):
        known = issue.parse({**ISSUE, "body": f"### Severity\n\n{said}\n"})
        assert known.severity == level


ANSWERS = st.lists(
    st.tuples(
        st.sampled_from(
            [line.removeprefix("### ") for line in BODY.splitlines() if line.startswith("### ")]
            + ["Severity", "Owner", "How is the data wrong?", "When was it noticed?"]
        ),
        st.text(max_size=60),
    ),
    max_size=6,
)


@pytest.mark.slow
@given(st.text(max_size=60), ANSWERS, st.text(max_size=20))
def test_any_form_gives_a_readable_draft(
    title: str, answers: list[tuple[str, str]], created: str
) -> None:
    body = "\n\n".join(f"### {label}\n\n{answer}" for label, answer in answers)
    known = issue.parse({"title": title, "body": body, "created_at": created, "number": 1})
    draft = new_draft.Draft(
        known.title or "x",
        known.severity or "P1",
        known.owner or "x",
        known.detected_at or NOW,
        known.started_at,
    )
    before = new_draft.render(draft, config.Config())
    text, _ = prefill.apply(before, known)
    found = document.parse(text, "")
    assert found.faults == []
    assert [s.title for s in found.sections] == [
        s.title for s in document.parse(before, "").sections
    ]
    assert prefill.apply(text, known)[0] == text


@given(
    st.dictionaries(
        st.sampled_from(["title", "body", "number", "created_at", "html_url", "issue"]),
        st.none() | st.integers() | st.text(max_size=9) | st.lists(st.integers(), max_size=2),
    )
)
def test_no_json_crashes(tmp_path_factory: pytest.TempPathFactory, value: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("issue") / "issue.json"
    path.write_text(json.dumps(value))
    with contextlib.suppress(UsageError):
        issue.read(path)


@pytest.mark.parametrize(
    ("label", "since", "at"),
    [
        ("When did this happen?", "Mar 26 2026 @ 23:00 Pacific", "2026-03-27T06:00"),
        ("Since when?", "about 2026-11-19 12:00 CET, says the loader", "2026-11-19T11:00"),
    ],
)
def test_times_are_read_as_the_importer_reads_them(label: str, since: str, at: str) -> None:
    body = f"### {label}\n\n{since}\n\n### Notes\n\n_No response_\n"
    known = issue.parse({**ISSUE, "body": body})
    assert known.started_at is not None
    assert known.started_at.isoformat() == f"{at}:00+00:00"
    assert [one.text for one in known.accounts] == ["2 answers: 1 taken; 1 empty"]


@pytest.mark.slow
def test_a_thousand_mutated_issues() -> None:
    body = "\n\n".join(f"### {label}\n\n{text}" for label, text in (
        ("When did this happen?", "Mar 26 2026 @ 23:00 Pacific"), ("What is broken?", "# x\n\ny"),
        ("Severity", "P1"), ("Is it critical?", "yes"), ("Anything else?", "_No response_"),
    ))  # fmt: skip
    for mutant in mutations.of_bytes(body.encode(), 1000):
        text = mutant.decode("utf-8", "replace")
        known = issue.parse({**ISSUE, "body": text})
        (account,) = known.accounts
        lines = text.replace("\r\n", "\n").split("\n")
        headings = [line for line in lines if line[:4] in ("### ", "###\t") and line[4:].strip()]
        assert account.adds_up
        assert account.seen == len(headings)
