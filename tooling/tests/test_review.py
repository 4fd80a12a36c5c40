"""`incident review`: what a pull request changes, against its base branch."""

from __future__ import annotations

import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result

from incident import review
from incident.diagnostic import Diagnostic, Level, Span
from incident.review import page
from support import CHECKOUT, MINIMAL, NOW, git_init, run

NAME = "2025-05-14-revenue-drops.md"
EXAMPLES = CHECKOUT / "incidents"
PUBLISHED = EXAMPLES / "2026" / "2026-11-03-payment-status-null-after-rename.md"
IN_REVIEW = EXAMPLES / "2026" / "2026-11-17-marketing-spend-not-updated.md"
CLOSED = EXAMPLES / "2025" / "2025-08-05-customer-segment-null-after-rename.md"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a commit to compare with."""
    root = tmp_path / "repository"
    (root / "incidents" / "2025").mkdir(parents=True)
    git_init(root)
    write(root, "2025-01-01-old.md", "an old file that no rule would pass\n")
    commit(root, "base")
    git(root, "branch", "base")
    monkeypatch.chdir(root)
    return root


def git(root: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=root, check=True, capture_output=True)


def commit(root: Path, message: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


def write(root: Path, name: str, text: str) -> Path:
    path = root / "incidents" / "2025" / name
    path.write_text(text, encoding="utf-8")
    return path


def copied(root: Path, example: Path, **values: str) -> Path:
    """An example with other frontmatter values, and no link to a postmortem that is not there."""
    text = example.read_text(encoding="utf-8")
    text = re.sub(r"^related: .*$", "related: []", text, flags=re.MULTILINE)
    text = re.sub(r"\]\([^)]*\.md\)", "](https://example.com/)", text)
    for key, value in values.items():
        old = next(line for line in text.split("\n") if line.startswith(f"{key}:"))
        text = text.replace(old, f"{key}: {value}", 1)
    return write(root, example.name, text)


def reviewed(*more: str) -> Result:
    return run("review", "--base", "base", *more)


def test_a_bad_postmortem_fails_with_annotations_and_a_summary(repository: Path) -> None:
    write(repository, NAME, MINIMAL.replace("P1", "P9"))
    write(repository, "a ; b\n.md", MINIMAL.replace("P1", "P8"))
    commit(repository, "two bad ones")
    result = reviewed("--format", "github", "--summary", "../summary.md")
    assert result.exit_code == 1
    assert f"file=incidents/2025/{NAME},line=5,col=11" in result.stdout
    assert 'severity "P8"' in result.stdout
    summary = (repository.parent / "summary.md").read_text(encoding="utf-8")
    assert summary.startswith("## Postmortems: not ready yet")
    assert '- ❌ line 5, severity "P9" must be one of P0, P1, P2, P3: ' in summary
    assert "old.md" not in result.output + summary


def test_a_good_draft_passes_and_shows_the_next_requirements(repository: Path) -> None:
    write(repository, NAME, MINIMAL)
    result = reviewed()
    assert result.exit_code == 0
    assert result.stdout.startswith("## Postmortems: ready")
    assert "| draft | new | draft | none listed |" in result.stdout
    assert "**Missing for `in_review`**" in result.stdout
    [missing] = [line for line in result.stdout.split("\n") if "fields are missing" in line]
    assert "for \\`in\\_review\\`, 7 fields are missing: kind, cause\\_category, " in missing
    assert "Questions for the reviewer" not in result.stdout


def test_readiness_for_the_next_status_is_shown(repository: Path) -> None:
    copied(repository, PUBLISHED, status="in_review", recurrence_of="", severity="P2")
    text = (repository / "incidents" / "2025" / PUBLISHED.name).read_text(encoding="utf-8")
    head, _, rest = text.partition("## What did the first postmortem miss?")
    write(repository, PUBLISHED.name, head + "## " + rest.partition("\n## ")[2])
    result = reviewed()
    assert result.exit_code == 0, result.output
    assert "| in\\_review | new | published | " in result.stdout
    assert "**Ready for `published`.**" in result.stdout
    assert "| action item | type | owner | due |" in result.stdout
    assert "| detected | " in result.stdout
    assert result.stdout.count("- [ ] ") == 7
    assert " min to read, 0 of " in result.stdout


def test_no_postmortem_changed_and_one_deleted(repository: Path) -> None:
    (repository / "README.md").write_text("hello")
    (repository / "incidents" / "README.md").write_text("hello")
    assert reviewed().stdout == "## Postmortems\n\nNo postmortem changed.\n\n"
    (repository / "incidents" / "2025" / "2025-01-01-old.md").unlink()
    result = reviewed()
    assert result.exit_code == 0
    assert "`incidents/2025/2025-01-01-old.md` was deleted" in result.stdout


@pytest.mark.parametrize(
    ("before", "now", "code", "said"),
    [
        ("draft", "closed", 1, "status moves from draft to closed"),
        ("in_review", "closed", 1, "status moves from in\\_review to closed"),
        ("published", "closed", 0, ""),
        ("draft", "published", 0, ""),
        ("closed", "in_review", 0, "status moves back from closed to in\\_review"),
        ("published", "published", 0, ""),
    ],
)
def test_status_only_moves_forward(
    repository: Path, before: str, now: str, code: int, said: str
) -> None:
    copied(repository, CLOSED, status=before)
    commit(repository, "on the base branch")
    git(repository, "branch", "-f", "base")
    path = copied(repository, CLOSED, status=now)
    git(repository, "mv", str(path), str(path.parent.parent / path.name))
    result = reviewed()
    assert result.exit_code == code, result.output
    assert said in result.stdout
    assert ("status-transition" in result.stdout) == bool(said)


def test_a_new_one_that_is_closed_is_a_warning(repository: Path) -> None:
    copied(repository, CLOSED)
    result = reviewed()
    assert result.exit_code == 0
    assert "new postmortem is already closed" in result.stdout


def test_the_lowest_status_for_the_main_branch_is_configurable(repository: Path) -> None:
    write(repository, NAME, MINIMAL)
    config = repository / "incident.toml"
    config.write_text("[review]\nlowest_status = 'in_review'\n")
    result = reviewed()
    assert result.exit_code == 1
    assert "status is draft, below the minimum in\\_review for the main branch" in result.stdout
    config.write_text("[review]\nlowest_status = 'ready'\n")
    assert reviewed().exit_code == 2
    config.write_text("[review]\nlowest_stats = 'draft'\n")
    assert "did you mean `lowest_status`?" in reviewed().stderr


def test_a_published_p1_needs_a_reviewer_who_did_not_respond(repository: Path) -> None:
    copied(repository, CLOSED, reviewers="[Ingestion-OnCall]")
    result = reviewed("--format", "github")
    assert result.exit_code == 1
    assert "its only reviewer responded to this P1" in result.stdout
    copied(repository, CLOSED, reviewers="[ingestion-oncall, somebody-else]")
    assert reviewed().exit_code == 0
    copied(repository, CLOSED, reviewers="[ingestion-oncall]", severity="P2")
    assert reviewed().exit_code == 0


def test_one_id_in_two_pull_requests_is_caught_on_the_merge_result(repository: Path) -> None:
    write(repository, NAME, MINIMAL)
    commit(repository, "the first one")
    git(repository, "switch", "-q", "-c", "second", "base")
    (repository / "incidents" / "2026").mkdir()
    (repository / "incidents" / "2026" / NAME).write_text(MINIMAL)
    commit(repository, "the second one")
    assert reviewed().exit_code == 0
    git(repository, "checkout", "-q", "--detach", "master" if _master(repository) else "main")
    git(repository, "merge", "-q", "--no-edit", "second")
    result = run("review", "--base", "HEAD^1")
    assert result.exit_code == 1
    assert f"is also used by incidents/2025/{NAME}" in result.stdout


def _master(root: Path) -> bool:
    return (root / ".git" / "refs" / "heads" / "master").exists()


@pytest.mark.parametrize("base", ["nowhere", "--output=x", "HEAD:incidents", ""])
def test_a_missing_base_exits_2(repository: Path, base: str) -> None:
    before = sorted(repository.iterdir())
    result = run("review", f"--base={base}")
    assert result.exit_code == 2
    assert "unknown commit" in result.stderr
    assert sorted(repository.iterdir()) == before


def test_a_broken_file_is_reviewed_too(repository: Path) -> None:
    write(repository, NAME, "---\nid: [\n---\n")
    write(repository, "2025-01-01-old.md", "\0")
    result = reviewed()
    assert result.exit_code == 1
    assert "2 changed: 2 errors" in result.stdout


HOSTILE = "</details><img src=x> @team [x](https://evil.example) `a` | b\u202e ![y](z)"


def test_document_text_stays_text(repository: Path) -> None:
    title = HOSTILE.replace('"', "'")
    write(repository, NAME, MINIMAL.replace("Daily revenue 18% low", title))
    write(repository, "`@team`.md", MINIMAL)
    shown = reviewed().stdout
    head = next(line for line in shown.split("\n") if line.startswith("### P1 &lt;"))
    assert "<img" not in shown
    assert "@team" not in shown.replace("/'@team'.md", "")
    assert not re.search(r"(?<!\\)\]\(", shown)
    assert "\u202e" not in shown
    assert "\\`a\\` \\| b" in head


def test_the_same_rule_is_merged_within_a_file() -> None:
    def one(path: str, name: str, line: int) -> Diagnostic:
        return Diagnostic("X", name, Level.ERROR, "fact", "", path, Span(line, 1, line, 2))

    many = [one("a", "x", line) for line in range(1, 41)]
    found = review.merged([*many, one("a", "y", 3), one("b", "x", 1)])
    assert [(d.path, d.name, d.span.line) for d in found] == [
        ("a", "x", 1),
        ("a", "y", 3),
        ("b", "x", 1),
    ]
    assert found[0].message.startswith("fact (and 39 more: lines 2, 3, ")
    assert found[0].message.endswith("21, …)")


def test_an_overlong_page_lists_what_it_omits(repository: Path) -> None:
    for number in range(30):
        id_ = f"2025-05-14-revenue-drops-{number}"
        write(repository, f"{id_}.md", MINIMAL.replace("2025-05-14-revenue-drops", id_))
    from incident.lint import linter
    from incident.repository import config

    outcome = review.run(linter.make(config.load(repository), NOW), "base")
    shown = page.render(outcome, NOW + timedelta(days=1), limit=8_000)
    assert len(shown.encode()) <= 8_000
    assert "omitted because this page is full: `incidents/2025/" in shown


def test_stale_reviews_are_listed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("review", "--stale").stdout == ""
    copied(repository, IN_REVIEW)
    assert run("review", "--stale").stdout == ""  # not committed: it does not wait yet
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
    commit(repository, "in review")
    monkeypatch.delenv("GIT_COMMITTER_DATE")
    path = repository / "incidents" / "2025" / IN_REVIEW.name
    path.write_text(path.read_text() + "\nOne more word.\n")
    commit(repository, "a word")
    result = run("review", "--stale")
    assert result.exit_code == 0
    assert "In review for more than 14 days." in result.stdout
    assert f"`incidents/2025/{IN_REVIEW.name}` |" in result.stdout
    (repository / "incident.toml").write_text("[review]\nstale_days = 100000\n")
    assert run("review", "--stale").stdout == ""


def test_a_subfolder_of_a_repository_is_reviewed_from_there(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = repository / "ops"
    (below / "incidents").mkdir(parents=True)
    (below / "incident.toml").touch()
    copied(repository, CLOSED, status="draft")
    (below / "incidents" / NAME).write_text(MINIMAL)
    commit(repository, "on the base branch")
    git(repository, "branch", "-f", "base")
    (below / "incidents" / NAME).write_text(MINIMAL.replace("draft", "closed"))
    copied(repository, CLOSED)
    monkeypatch.chdir(below)
    result = reviewed()
    assert result.exit_code == 1
    assert "1 changed: " in result.stdout
    assert "status moves from draft to closed" in result.stdout
    assert f"`incidents/{NAME}`" in result.stdout


def test_annotations_stay_within_githubs_limits_and_say_what_is_left_out(repository: Path) -> None:
    for number in range(30):
        id_ = f"2025-05-14-revenue-drops-{number}"
        text = MINIMAL.replace("2025-05-14-revenue-drops", id_).replace("P1", "P9")
        write(repository, f"{id_}.md", text + "\n".join(["This will never happen again."] * 20))
    lines = reviewed("--format", "github").stdout.splitlines()
    for level in ("error", "warning", "notice"):
        assert len([line for line in lines if line.startswith(f"::{level} ")]) <= 10
    assert re.search(r"20 more errors.*: GitHub shows 10 of each level", lines[-1])
