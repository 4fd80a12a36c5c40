"""Every way to run in CI: what a change is compared with on GitHub, on GitLab and by hand."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import CHECKOUT, MINIMAL, git_init, run

NAME = "2025-05-14-revenue-drops.md"
BAD = MINIMAL.replace("P1", "P9")


class Place:
    """A repository with two commits on `topic`: a bad postmortem, then a note."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.patch = root, monkeypatch
        git_init(root)
        self.git("branch", "-M", "main")
        (root / "incident.toml").write_text('archive = "incidents"\n')
        self.base = self.commit("base")
        self.git("switch", "-q", "-c", "topic")
        path = root / "incidents" / "2025" / NAME
        path.parent.mkdir(parents=True)
        path.write_text(BAD)
        self.commit("write up")
        (root / "NOTES").write_text("n\n")
        self.tip = self.commit("take notes")

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def move_main(self) -> str:
        """A commit on main after `topic` began: another bad postmortem, by somebody else."""
        self.git("switch", "-q", "main")
        path = self.root / "incidents" / "2024" / "2024-01-02-theirs.md"
        path.parent.mkdir(parents=True)
        path.write_text(BAD.replace("2025-05-14-revenue-drops", "2024-01-02-theirs"))
        return self.commit("theirs")

    def merge_result(self) -> None:
        self.git("switch", "-q", "--detach", "main")
        self.git("merge", "-q", "--no-ff", "--no-edit", "topic")

    def on_github(self, event: dict[str, Any]) -> None:
        file = self.root.parent / "event.json"
        file.write_text(json.dumps(event))
        self.patch.setenv("GITHUB_ACTIONS", "true")
        self.patch.setenv("GITHUB_EVENT_PATH", str(file))

    def reviewed(self, root: Path | None = None) -> list[str]:
        """The names of what a review without --base finds, and whether it fails."""
        self.patch.chdir(root or self.root)
        result = run("review")
        assert result.exit_code in {0, 1}, result.output
        found = [name for name in (NAME, "2024-01-02-theirs.md") if name in result.stdout]
        assert result.exit_code == bool(found)
        return found


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("GITHUB_ACTIONS", "GITHUB_EVENT_PATH", "CI_COMMIT_BEFORE_SHA"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "repository").mkdir()
    return Place(tmp_path / "repository", monkeypatch)


def test_a_merge_queue_that_rebases_two_commits_is_reviewed_whole(place: Place) -> None:
    place.on_github({"merge_group": {"base_sha": place.base, "head_sha": place.tip}})
    assert place.reviewed() == [NAME]


def test_a_merge_queue_of_several_entries_reviews_only_its_own(place: Place) -> None:
    entry = place.move_main()
    place.merge_result()
    place.on_github({"merge_group": {"base_sha": entry}})
    assert place.reviewed() == [NAME]


def pull(place: Place, base: str) -> dict[str, Any]:
    return {"pull_request": {"base": {"sha": base}, "head": {"sha": place.tip}}}


def test_the_merge_result_of_a_pull_request_is_compared_with_its_first_parent(place: Place) -> None:
    """The event's base is older than the merge result: it would add what others did meanwhile."""
    place.move_main()
    place.merge_result()
    place.on_github(pull(place, place.base))
    assert place.reviewed() == [NAME]


def test_a_branch_that_is_checked_out_instead_is_compared_with_the_base_branch(
    place: Place,
) -> None:
    """Its last commit is a note: the first parent would hide the postmortem."""
    theirs = place.move_main()
    place.git("switch", "-q", "--detach", "topic")
    place.on_github(pull(place, theirs))
    assert place.reviewed() == [NAME]


@pytest.mark.parametrize("how", ["squash", "rebase"])
def test_a_push_after_a_squash_or_a_rebase_is_compared_with_what_it_started_from(
    place: Place, how: str
) -> None:
    before = place.move_main()
    if how == "squash":
        place.git("merge", "-q", "--squash", "topic")
        place.commit("squashed")
    else:
        place.git("switch", "-q", "topic")
        place.git("rebase", "-q", "main")
    place.on_github({"before": before, "after": place.git("rev-parse", "HEAD")})
    assert place.reviewed() == [NAME]


def test_the_first_push_of_a_branch_is_compared_with_the_default_branch(place: Place) -> None:
    place.git("remote", "add", "origin", str(place.root))
    place.git("fetch", "-q", "origin")
    place.git("remote", "set-head", "origin", "main")
    place.on_github({"before": "0" * 40})
    assert place.reviewed() == [NAME]


def test_gitlab_names_the_base_of_a_merge_request_and_the_target_of_a_merged_result(
    place: Place,
) -> None:
    place.patch.setenv("CI_COMMIT_BEFORE_SHA", "0" * 40)
    place.patch.setenv("CI_MERGE_REQUEST_DIFF_BASE_SHA", place.base)
    place.patch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", "")
    assert place.reviewed() == [NAME]
    target = place.move_main()
    place.merge_result()
    place.patch.setenv("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", target)
    assert place.reviewed() == [NAME]


def test_outside_of_ci_the_default_branch_is_the_base(place: Place) -> None:
    place.git("branch", "-m", "main", "trunk")
    place.git("remote", "add", "origin", str(place.root))
    place.git("fetch", "-q", "origin")
    assert place.reviewed() == [NAME]


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_is_reviewed_or_refused_never_passed(place: Place, depth: int) -> None:
    place.merge_result()
    place.git("branch", "result")
    clone = place.root.parent / "clone"
    origin = place.root.as_uri()
    place.git("clone", "-q", f"--depth={depth}", "--branch=result", origin, str(clone))
    place.on_github(pull(place, place.base))
    if depth == 2:
        assert place.reviewed(clone) == [NAME]
        return
    place.patch.chdir(clone)
    result = run("review")
    assert result.exit_code == 2
    assert "unknown commit `HEAD^1`" in result.stderr
    assert "`fetch-depth: 0`" in result.stderr


def test_an_event_gives_git_nothing_but_commits(place: Place) -> None:
    place.on_github({"merge_group": {"base_sha": "--output=/tmp/x"}})
    place.merge_result()
    assert place.reviewed() == [NAME]
    others: tuple[dict[str, Any], ...] = (
        {"merge_group": {"base_sha": 5}},
        {"pull_request": {"base": [], "head": None}},
    )
    for event in others:
        place.on_github(event)
        assert place.reviewed() == [NAME]


def test_an_event_that_cannot_be_read_is_an_error(place: Place) -> None:
    place.patch.chdir(place.root)
    place.on_github({})
    (place.root.parent / "event.json").write_text("{")
    result = run("review")
    assert result.exit_code == 2
    assert "incomplete JSON" in result.stderr


def looked(place: Place, base: str, script: str) -> str:
    """What the workflow's first job says, run by a shell as GitHub runs it."""
    folder = place.root.parent
    files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    environment = {name: str(file) for name, file in files.items()}
    environment |= {"BASE": base, "ARCHIVE": "incidents/**", "PATH": "/usr/bin:/bin"}
    bash = shutil.which("bash") or "bash"
    subprocess.run([bash, "-e", "-c", script], cwd=place.root, env=environment, check=True)
    return files["GITHUB_OUTPUT"].read_text()


def test_where_no_postmortem_changed_the_review_is_skipped_and_where_git_cannot_tell_it_runs(
    place: Place,
) -> None:
    text = (CHECKOUT / ".github" / "workflows" / "postmortems.yml").read_text()
    jobs = yaml.safe_load(text)["jobs"]
    script = jobs["changes"]["steps"][-1]["run"]
    unchanged = "postmortems=unchanged\n"
    assert looked(place, "HEAD^1", script) == unchanged  # the last commit is a note
    assert looked(place, place.base, script) == ""
    assert looked(place, "0" * 40, script) == ""
    assert jobs["review"]["needs"] == "changes"
    # a required check that is skipped passes: only the clear answer may skip it
    assert jobs["review"]["if"] == (
        "${{ !cancelled() && needs.changes.outputs.postmortems != 'unchanged' }}"
    )


def test_the_recipe_for_gitlab_runs_in_a_shell(place: Place) -> None:
    """With a stand-in for pip. It shows nothing about GitLab itself."""
    page = (CHECKOUT / "docs" / "adopting.md").read_text()
    recipe = re.search(r"^## On GitLab$.*?^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert recipe
    [job] = yaml.safe_load(recipe[1]).values()
    commands = place.root.parent / "bin"
    commands.mkdir()
    (commands / "pip").write_text(f'#!/bin/sh\necho "$@" >{commands / "installed"}\n')
    (commands / "pip").chmod(0o755)
    environment = {
        "PATH": f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(commands),
        "CI_PROJECT_DIR": str(place.root),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": place.base,
        **job["variables"],
    }

    def played(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-e", "-c", "\n".join([*job["before_script"], *job["script"]])],
            cwd=place.root,
            env={**environment, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    assert "INCIDENT_DOCS: set this CI/CD variable" in played().stderr
    done = played(INCIDENT_DOCS="incident-docs")
    assert done.returncode == 1, done.stderr
    assert (commands / "installed").read_text() == "install --quiet incident-docs\n"
    assert str(place.root) in (commands / ".gitconfig").read_text()
    artifacts = job["artifacts"]
    assert "not ready yet" in (place.root / artifacts["paths"][0]).read_text()
    found = json.loads((place.root / artifacts["reports"]["codequality"]).read_text())
    assert [one["location"]["path"] for one in found if one["severity"] == "major"] == [
        f"incidents/2025/{NAME}"
    ]
