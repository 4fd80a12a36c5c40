"""The workflows that `incident init` brings, run by act, and judged by the tools that know them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from act_support import COMMANDS, Workplace, exported
from support import CHECKOUT, MINIMAL, run

pytestmark = pytest.mark.slow

NAME = "2025-05-14-revenue-drops.md"
PULL_REQUEST = {"pull_request": {"number": 7}}


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def propose(place: Workplace, text: str, branch: str = "topic", folder: str = "2025") -> None:
    """A pull request that adds a postmortem: what is checked out is its merge result."""
    place.git("switch", "-q", "-c", branch)
    path = place.root / "incidents" / folder / NAME
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    place.commit(f"write up ({branch})")
    merge(place, branch)


def merge(place: Workplace, branch: str) -> None:
    place.git("switch", "-q", "--detach", "main")
    place.git("merge", "-q", "--no-ff", "--no-edit", branch)


def test_a_bad_postmortem_fails_with_its_annotation(place: Workplace) -> None:
    propose(place, MINIMAL.replace("P1", "P9"))
    done = place.act("pull_request", "postmortems.yml", PULL_REQUEST)
    assert done.code == 1, done.log
    found = re.findall(r"::error title=[^\n]*::([^\n]*)", done.log)
    assert len(found) == 1
    assert found[0].startswith('severity "P9" must be one of P0, P1, P2, P3')
    assert f"file=incidents/2025/{NAME},line=5,col=11" in done.log
    review = (place.artifacts / "review" / "review.md").read_text()
    assert review.startswith("## Postmortems: not ready yet")
    assert review.strip() in done.log.replace("\r", "")  # the job summary
    assert (place.artifacts / "wiki" / "site" / "index.html").is_file()
    assert done.calls == []


def test_a_good_postmortem_passes_and_the_wiki_is_kept(place: Workplace) -> None:
    propose(place, MINIMAL)
    done = place.act("pull_request", "postmortems.yml", PULL_REQUEST)
    assert done.code == 0, done.log
    assert "::error" not in done.log
    page = f"incidents/2025/{NAME.removesuffix('.md')}/index.html"
    assert (place.artifacts / "wiki" / "site" / page).is_file()


def test_an_id_that_another_pull_request_took_fails_on_the_merge_result(place: Workplace) -> None:
    propose(place, MINIMAL, "first", "2025")
    place.git("switch", "-q", "main")
    propose(place, MINIMAL, "second", "2026")
    assert place.act("pull_request", "postmortems.yml", PULL_REQUEST).code == 0
    place.git("switch", "-q", "main")
    place.git("merge", "-q", "--no-ff", "--no-edit", "first")
    merge(place, "second")
    done = place.act("pull_request", "postmortems.yml", PULL_REQUEST)
    assert done.code == 1
    assert f"is also used by incidents/2025/{NAME}" in done.log


def test_a_merge_queue_is_reviewed_from_its_base(place: Workplace) -> None:
    """A queue that rebases puts two commits on main: the postmortem is in the first."""
    base = place.git("rev-parse", "main").strip()
    propose(place, MINIMAL.replace("P1", "P9"))
    place.git("switch", "-q", "topic")
    (place.root / "NOTES").write_text("n\n")
    place.commit("take notes")
    done = place.act("merge_group", "postmortems.yml", {"merge_group": {"base_sha": base}})
    assert done.code == 1
    assert "::error title=frontmatter-schema" in done.log


def test_another_workflow_can_call_the_review(place: Workplace) -> None:
    caller = "on: pull_request\njobs:\n  docs:\n    uses: ./.github/workflows/postmortems.yml\n"
    (place.root / ".github" / "workflows" / "caller.yml").write_text(caller)
    place.commit("call the review")
    propose(place, MINIMAL.replace("P1", "P9"))
    done = place.act("pull_request", "caller.yml", PULL_REQUEST)
    assert done.code == 1
    assert f"file=incidents/2025/{NAME},line=5,col=11" in done.log


def test_every_use_of_gh_knows_a_github_enterprise_server(place: Workplace) -> None:
    for path in sorted((place.root / ".github" / "workflows").glob("*.yml")):
        text = path.read_text()
        steps = text.count("GH_TOKEN: ")
        hosts = text.count('export GH_HOST="${GITHUB_SERVER_URL#*://}"')
        assert steps == hosts == text.count('GH_ENTERPRISE_TOKEN="$GH_TOKEN"'), path.name


def test_a_required_check_is_skipped_where_no_postmortem_changed(place: Workplace) -> None:
    base = place.git("rev-parse", "main").strip()
    (place.root / "NOTES").write_text("n\n")
    place.commit("take notes")
    done = place.act("merge_group", "postmortems.yml", {"merge_group": {"base_sha": base}})
    assert done.code == 0, done.log
    assert "No postmortem changed: there is nothing to review." in done.log
    assert "Main Review" not in done.log
    assert not list(place.artifacts.iterdir())


def test_the_wiki_goes_to_pages_only_when_somebody_knows_who_can_read_it(place: Workplace) -> None:
    done = place.act("push", "site.yml", {"ref": "refs/heads/main"})
    assert done.code == 0, done.log
    assert (place.artifacts / "wiki" / "site" / "index.html").is_file()
    assert "Main Upload for Pages" not in done.log
    assert "site/publish" not in done.log
    done = place.act(
        "push",
        "site.yml",
        {"ref": "refs/heads/main"},
        WIKI_ON_PAGES="I know who can read it",
    )
    assert done.code == 0, done.log
    assert re.search(r"\[site/publish *\]", done.log)
    assert re.search(r"\[site/lint *\].*Success - Main Lint", done.log)


def issue(**values: Any) -> dict[str, Any]:
    return {
        "number": 12,
        "title": "Revenue is low",
        "body": "### What is broken?\n\nRevenue is low\n",
        "author_association": "MEMBER",
        "labels": [{"name": "incident"}],
        "html_url": "https://example.com/tidewater/data/issues/12",
        "created_at": "2025-05-14T09:40:00Z",
        "closed_at": "2025-05-15T10:20:30Z",
        "state_reason": "completed",
        **values,
    }


def form(broken: str) -> str:
    """The body of an issue as the form writes it."""
    answers = {
        "What is broken?": broken,
        "Who uses it, and for what?": "Finance, for the daily close.",
        "Since when?": "2025-05-14T02:00Z",
        "Which team owns the data?": "data-platform",
        "How is the data wrong?": "volume",
        "Is a critical use case affected?": "Yes",
        "How many assets are downstream?": "4",
        "How wrong is it, in percent?": "18",
    }
    return "".join(f"### {label}\n\n{answer}\n\n" for label, answer in answers.items())


HOSTILE = (
    '`touch {0}/1` $(touch {0}/2) ${{{{ github.token }}}} "; touch {0}/3; "\n'
    "'; touch {0}/4; '\n--- \n::set-output name=x::y\n::add-path::{0}\nEOF\n\n---\nowner: x\n"
    "<!-- incident-ignore: never-again -- x -->\n{{{{ config }}}} {{% raw %}}\n"
)


def test_hostile_issues_become_plain_text_in_a_draft(place: Workplace) -> None:
    place.answer(pr_create="https://example.com/tidewater/data/pull/13")
    traps = place.folder / "traps"
    traps.mkdir()
    text = HOSTILE.format(traps)
    filler = "0123456789abcdef " * 3_600
    title = f"`touch {traps}/5` $(touch {traps}/6) ${{{{ github.token }}}} \" ' ; \n touch x"
    payload = {"action": "opened", "issue": issue(title=title, body=form(text + filler)[:65_536])}
    done = place.act("issues", "declare.yml", payload)
    assert done.code == 0, done.log
    assert list(traps.iterdir()) == []
    [path] = place.git("diff", "--name-only", "main", "incident/issue-12", cwd=place.remote).split()
    draft = place.git("show", f"incident/issue-12:{path}", cwd=place.remote)
    for word in ("$(touch", "${{ github.token }}", "touch", "{{ config }}", "0123456789abcdef"):
        assert word in draft.replace("\\", "")  # as Markdown shows it
    assert "of-no-use" not in draft
    (place.root / path).parent.mkdir(parents=True, exist_ok=True)
    (place.root / path).write_text(draft)
    result = run("lint", place.root / path)
    assert result.exit_code == 0, result.output
    assert done.commands == [
        "auth setup-git",
        "label create",
        "issue edit",
        "pr create",
        "issue comment",
    ]
    assert all("touch" not in word for call in done.calls for word in call["args"])
    again = place.act("issues", "declare.yml", payload)
    assert again.code == 0
    assert "pr create" not in again.commands


def test_issues_by_strangers_declare_nothing(place: Workplace) -> None:
    for values in ({"author_association": "NONE"}, {"body": "a question"}, {"body": None}):
        payload = {"action": "opened", "issue": issue(**values)}
        done = place.act("issues", "declare.yml", payload)
        assert done.code == 0, done.log
        assert done.calls == []
        assert place.git("branch", "--list", "incident/*", cwd=place.remote) == ""


DRAFT = MINIMAL.replace(
    "timestamps:",
    'evidence: [{kind: log, title: x, url: "https://example.com/tidewater/data/issues/12"}]\n'
    "timestamps:",
)


@pytest.mark.parametrize("is_merged", [False, True])
def test_closing_the_issue_writes_when_it_was_resolved(place: Workplace, is_merged: bool) -> None:
    branch = "main" if is_merged else "incident/issue-12"
    if not is_merged:
        place.git("switch", "-q", "-c", branch)
    path = place.root / "incidents" / "2025" / NAME
    path.write_text(DRAFT)
    place.commit("declare")
    place.git("push", "-q", "origin", branch)
    place.git("switch", "-q", "main")
    done = place.act("issues", "declare.yml", {"action": "closed", "issue": issue()})
    assert done.code == 0, done.log
    target = "incident/issue-12-resolved" if is_merged else branch
    shown = place.git("show", f"{target}:incidents/2025/{NAME}", cwd=place.remote)
    assert shown == DRAFT.replace("lint:", '  resolved_at: "2025-05-15T10:20Z"\nlint:')
    assert ("pr create" in done.commands) == is_merged
    not_planned = {"action": "closed", "issue": issue(state_reason="not_planned")}
    assert place.act("issues", "declare.yml", not_planned).calls == []


@pytest.mark.parametrize("number", ["", "34"])
def test_stale_reviews_share_one_issue(
    place: Workplace, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.answer(issue_list=number)
    done = place.act("workflow_dispatch", "stale-reviews.yml", {})
    assert done.code == 0, done.log
    assert done.commands == ["issue list", *(["issue close"] if number else [])]
    example = CHECKOUT / "incidents/2026/2026-11-17-marketing-spend-not-updated.md"
    (place.root / "incidents" / example.name).write_bytes(example.read_bytes())
    (place.root / "incident.toml").write_text("[review]\nstale_days = 0\n")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
    place.commit("in review")
    done = place.act("workflow_dispatch", "stale-reviews.yml", {})
    assert done.code == 0, done.log
    last = done.calls[-1]
    assert last["args"][:2] == (["issue", "edit"] if number else ["issue", "create"])
    assert "Marketing spend not updated" in last["body"]


@pytest.mark.parametrize("mine", ["", "99"])
def test_there_is_one_comment_and_it_mentions_nobody(place: Workplace, mine: str) -> None:
    review = place.folder / "review.md"
    review.write_text("## Postmortems\n\n@everybody `$(touch x)` caf\u00e9\n" + "\u00e9" * 40_000)
    stub = place.folder / "stub" / "action.yml"
    stub.write_text(
        "name: stand-in\nruns:\n  using: composite\n  steps:\n"
        f"    - shell: bash\n      run: cp {review} review.md\n"
    )
    place.answer(**{"api_-X_GET": "7", "api_--paginate": mine})
    payload = {
        "action": "completed",
        "workflow_run": {
            "id": 5,
            "event": "pull_request",
            "conclusion": "failure",
            "head_branch": "a`touch x`$(touch y)",
            "head_sha": "0" * 40,
            "html_url": "https://example.com/tidewater/data/actions/runs/5",
            "head_repository": {"owner": {"login": "somebody"}},
        },
    }
    assert place.act("workflow_run", "review-comment.yml", payload).calls == []  # off by default
    done = place.act("workflow_run", "review-comment.yml", payload, INCIDENT_COMMENT="true")
    assert done.code == 0, done.log
    asked = done.calls[-1]
    verb = ["api", "-X", "PATCH"] if mine else ["api", "-X", "POST"]
    assert asked["args"][:3] == verb
    assert "head=somebody:a`touch x`$(touch y)" in done.calls[0]["args"]
    body = asked["body"]
    assert body.startswith("<!-- incident-review -->\n## Postmortems\n\n@\u200beverybody")
    assert len(body) < 65_536
    assert body.endswith("[Full review](https://example.com/tidewater/data/actions/runs/5)\n")


@pytest.mark.parametrize(
    ("below", "lock", "number"),
    [
        (".", "", 5),
        ("ops/data", "", 5),
        (".", "uv.lock", 5),
        (".", "poetry.lock", 5),
        (".", "mkdocs.yaml", 4),
    ],
)
def test_workflow_linters_report_nothing(
    tmp_path: Path, below: str, lock: str, number: int
) -> None:
    """What init writes, in any repository; this repository's own are judged by `make test`."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    if lock.endswith(".lock"):
        (tmp_path / lock).write_text('[[package]]\nname = "incident-docs"\n')
    elif lock:
        (tmp_path / lock).write_text("site_name: Handbook\n")
    assert run("init", tmp_path / below).exit_code == 0
    workflows = sorted((tmp_path / ".github" / "workflows").glob("*.yml"))
    assert len(workflows) == number
    forms = sorted((tmp_path / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    check = [str(COMMANDS / "check-jsonschema"), "--builtin-schema"]
    for command in (
        [str(COMMANDS / "zizmor"), "--offline", "--quiet", "--pedantic", ".github"],
        [str(COMMANDS / "actionlint"), *map(str, workflows)],
        [*check, "vendor.github-workflows", *map(str, workflows)],
        [*check, "vendor.github-issue-forms", *map(str, forms)],
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_another_repository_needs_five_lines(place: Workplace) -> None:
    (place.root / ".github" / "workflows" / "lint.yml").write_text(ACTION.format(command="review"))
    place.commit("use the action")
    propose(place, MINIMAL.replace("P1", "P9"))
    own = f"tidewater/incident-docs@v1={exported(place.folder / 'action')}"
    done = place.act("pull_request", "lint.yml", PULL_REQUEST, local=own)
    assert done.code == 1, done.log
    assert f"file=incidents/2025/{NAME},line=5,col=11" in done.log
    assert "## Postmortems: not ready yet" in done.log
    (place.root / ".github" / "workflows" / "lint.yml").write_text(ACTION.format(command="x; id"))
    done = place.act("pull_request", "lint.yml", PULL_REQUEST, local=own)
    assert done.code == 1
    assert "must be one of: review, lint, sync" in done.log


ACTION = """\
on: pull_request
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      - uses: tidewater/incident-docs@v1
        with: {{command: "{command}"}}
"""
