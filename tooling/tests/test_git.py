"""The only door to git: real repositories in every state that git can refuse or cut short."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from incident import git
from incident.archive import roster
from incident.errors import IncidentError
from incident.git import State, Unavailable, authors, branch, diff, history, remote
from incident.repository.config import Config
from support import CHECKOUT, MINIMAL, git_init, run

PACKAGE = CHECKOUT / "tooling" / "incident"
NAME = "2025-05-14-revenue-drops"
NAMED = MINIMAL + "\n## Summary\n\nThe load was changed for Ines by the migration.\n"
# what starts a process, and who may
STARTS = {"subprocess", "pty", "multiprocessing"}
STARTING = {"system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile"}
MAY_START = {
    *("site/search.py", "repository/templates.py", "lint/file_checks.py"),
    *("investigation/runner.py", "lsp/archive_process.py"),
}


def sh(folder: Path, *command: str, **env: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **env},
    )
    return done.stdout.strip()


def repository(folder: Path, text: str = NAMED) -> Path:
    """A repository with one postmortem and two commits by an invented author."""
    folder.mkdir(parents=True, exist_ok=True)
    git_init(folder)
    (folder / "incident.toml").write_text('archive = "incidents"\n')
    path = folder / "incidents" / "2025" / f"{NAME}.md"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    sh(folder, "git", "add", "-A")
    sh(folder, "git", "commit", "-qm", "a postmortem")
    return folder


def shallow(tmp_path: Path) -> Path:
    """A shallow clone, whose only commit is by somebody else."""
    source = repository(tmp_path / "source")
    sh(source, "git", "-c", "user.name=B C", "commit", "-q", "--allow-empty", "-m", "later")
    sh(tmp_path, "git", "clone", "-q", "--depth", "1", f"file://{source}", "clone")
    return tmp_path / "clone"


def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of another user; without root, git is asked to believe so."""
    folder = repository(tmp_path / "of another")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-config"))
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, 4321, 4321)
        return folder
    real = shutil.which("git")
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {real} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    return folder


def without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = repository(tmp_path / "here")
    monkeypatch.setenv("PATH", str(tmp_path))
    return folder


def cut_off(tmp_path: Path) -> Path:
    """A worktree whose main repository is not mounted."""
    source = repository(tmp_path / "source")
    sh(source, "git", "worktree", "add", "-q", str(tmp_path / "tree"))
    source.rename(tmp_path / "elsewhere")
    return tmp_path / "tree"


def test_only_git_starts_git_and_processes_are_started_in_named_places() -> None:
    found = set()
    for path in PACKAGE.rglob("*.py"):
        shown = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: set[str] = set()
            if isinstance(node, ast.Import):
                names = {alias.name.partition(".")[0] for alias in node.names} & STARTS
            elif isinstance(node, ast.ImportFrom):
                names = {(node.module or "").partition(".")[0]} & STARTS
            elif isinstance(node, ast.Attribute):
                is_start = node.attr in STARTING or node.attr.startswith(("spawn", "exec"))
                if is_start and isinstance(node.value, ast.Name) and node.value.id == "os":
                    names = {node.attr}
                if node.attr.startswith("create_subprocess"):
                    names = {node.attr}
            if names:
                found.add(shown)
    assert {shown for shown in found if not shown.startswith("git/")} == MAY_START


def test_a_hook_of_one_repository_does_not_speak_for_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name
        (folder / "models").mkdir(parents=True)
        git_init(folder)
        (folder / "models" / "orders.sql").write_text("select 1\n")
        sh(folder, "git", "add", "-A")
        date = "2026-11-19T10:00:00Z"
        commit = ("git", "commit", "-qm", f"change in {name} (#7)")
        sh(folder, *commit, GIT_COMMITTER_DATE=date)
    monkeypatch.chdir(tmp_path / "a")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "a" / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path / "a"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "a" / ".git" / "index"))
    basic = ("new", "Orders low", "--severity", "P2", "--owner", "finance", "--stdout")
    window = ("--between", "2026-11-19T00:00Z", "2026-11-20T00:00Z")
    result = run(*basic, "--from-git", "../b", "--path", "models/", *window)
    assert "change in b" in result.output, result.output
    assert "change in a" not in result.output


@pytest.mark.parametrize(
    "name",
    [
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"),
        *("GIT_NAMESPACE", "GIT_GLOB_PATHSPECS", "GIT_LITERAL_PATHSPECS", "GIT_EXTERNAL_DIFF"),
        *("GIT_SHALLOW_FILE", "GIT_ATTR_SOURCE", "GIT_CONFIG_PARAMETERS"),
    ],
)
def test_what_git_sets_for_a_repository_is_dropped(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository(tmp_path / "here")
    monkeypatch.setenv(name, "/nowhere")
    assert authors.begin(folder)() == authors.Authors(
        frozenset({("Ines Halvorsen", "ines@example.com")})
    )
    assert history.read(folder, "incidents").changes.keys() == {f"incidents/2025/{NAME}.md"}


def test_trust_that_a_person_gave_through_the_environment_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = refused(tmp_path, monkeypatch)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(folder))
    assert authors.begin(folder)().problem is None
    pushing = branch.with_token("https://git.example.com", "secret")
    assert "GIT_CONFIG_KEY_0" not in pushing  # the person's own setting stays
    assert int(pushing["GIT_CONFIG_COUNT"]) == 1 + sum("_KEY_" in name for name in pushing)
    assert diff.commit(folder, "HEAD")


def fault(folder: Path) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        git.output(folder, "rev-parse", "HEAD")
    assert caught.value.hint
    return caught.value


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = fault(without_git(tmp_path, monkeypatch))
    assert (found.state, found.message) == (State.NO_GIT, "git is not installed")


def test_not_a_repository(tmp_path: Path) -> None:
    found = fault(tmp_path)
    assert found.state is State.NOT_A_REPOSITORY
    assert found.message == f"{tmp_path} is not a git repository"


def test_a_bare_repository_that_a_pull_request_brought_is_not_a_repository(tmp_path: Path) -> None:
    sh(tmp_path, "git", "init", "-q", "--bare", "data")
    assert fault(tmp_path / "data").state is State.NOT_A_REPOSITORY


def test_a_repository_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = refused(tmp_path, monkeypatch)
    found = fault(folder)
    assert found.state is State.REFUSED
    assert str(folder) in found.message
    assert f"git config --global --add safe.directory '{folder}'" in found.hint


def test_a_worktree_without_its_repository(tmp_path: Path) -> None:
    found = fault(cut_off(tmp_path))
    assert found.state is State.CUT_OFF
    assert "git worktree repair" in found.hint


def test_shallow_detached_and_worktree_are_recognized(tmp_path: Path) -> None:
    clone = shallow(tmp_path)
    assert git.states(clone) == {State.SHALLOW}
    source = tmp_path / "source"
    assert git.states(source) == frozenset()
    assert git.states(source / "incidents") == frozenset()
    sh(source, "git", "worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    assert git.states(tmp_path / "tree") == {State.DETACHED, State.WORKTREE}
    (tmp_path / "new").mkdir()
    sh(tmp_path / "new", "git", "init", "-q")
    assert git.states(tmp_path / "new") == frozenset()


def test_a_worktree_knows_authors_remotes_and_history(tmp_path: Path) -> None:
    source = repository(tmp_path / "source")
    sh(source, "git", "remote", "add", "origin", "https://git.example.com/tidewater/lake.git")
    sh(source, "git", "worktree", "add", "-q", str(tmp_path / "tree"))
    known = roster.load(Config(root=tmp_path / "tree"))()
    assert {"tidewater", "lake"} <= known.places
    assert ("ines", "halvorsen") in known.full
    assert remote.origin(tmp_path / "tree").endswith("tidewater/lake.git")
    assert history.read(tmp_path / "tree", "incidents").changes


def test_an_archive_below_the_top_of_the_repository_has_its_history(tmp_path: Path) -> None:
    top = tmp_path / "mono"
    top.mkdir()
    sh(top, "git", "init", "-q")
    inner = top / "data"
    (inner / "incidents").mkdir(parents=True)
    (inner / "incidents" / "a.md").write_text("one\n")
    sh(top, "git", "add", "-A")
    who = ("-c", "user.name=Ines Halvorsen", "-c", "user.email=ines@example.com")
    sh(top, "git", *who, "commit", "-qm", "one")
    found = history.read(inner, "incidents")
    assert found.changes.keys() == {"incidents/a.md"}
    commit = found.changes["incidents/a.md"][0].commit
    with git.blobs(inner) as read:
        assert read(f"{commit}:./incidents/a.md") == b"one\n"
        assert read(f"{commit}:./incidents/b.md") == b""


def test_a_person_s_own_settings_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repository(tmp_path / "here")
    settings = tmp_path / "gitconfig"
    settings.write_text(
        "[log]\n showSignature = true\n follow = true\n mailmap = false\n[color]\n ui = always\n"
        "[core]\n quotePath = true\n pager = false\n[diff]\n noprefix = true\n renames = false\n"
        " external = false\n relative = false\n[i18n]\n logOutputEncoding = UTF-16\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    assert authors.begin(folder)().people == {("Ines Halvorsen", "ines@example.com")}
    assert len(history.read(folder, "incidents").changes) == 1
    moved = folder / "incidents" / "2025" / "2025-05-14-ümlaut.md"
    sh(folder, "git", "mv", f"incidents/2025/{NAME}.md", str(moved))
    before = f"incidents/2025/{NAME}.md"
    assert diff.changed(folder, "HEAD", "incidents") == [
        diff.Change("incidents/2025/2025-05-14-ümlaut.md", before)
    ]
    assert fault(tmp_path).state is State.NOT_A_REPOSITORY


@pytest.mark.parametrize("folder", [":(exclude)x", "--output=stolen", "-x", "in*s", ":!incidents"])
def test_a_configured_folder_is_only_ever_a_folder(folder: str, tmp_path: Path) -> None:
    top = repository(tmp_path / "here")
    assert history.read(top, folder).changes == {}
    assert diff.changed(top, "HEAD", folder) == []
    assert not list(tmp_path.rglob("stolen"))


def test_a_commit_is_pushed_without_a_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sh(tmp_path, "git", "init", "-q", "--bare", "remote.git")
    top = repository(tmp_path / "here")
    sh(top, "git", "remote", "add", "origin", str(tmp_path / "remote.git"))
    inner = top / "incidents"
    path = f"2025/{NAME}.md"
    assert branch.read(inner, path) == NAMED
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
    to = branch.Push("proposal", environment=branch.with_token("https://git.example.com", "x"))
    commit, is_new = branch.push(inner, {path: "new\n"}, "a title", to)
    assert is_new
    assert branch.push(inner, {path: "new\n"}, "a title", to) == (commit, False)
    monkeypatch.undo()
    remote_ = tmp_path / "remote.git"
    assert sh(remote_, "git", "show", f"proposal:incidents/{path}") == "new"
    assert sh(remote_, "git", "log", "-1", "--format=%an %s", "proposal") == "incident-docs a title"
    assert sh(top, "git", "status", "--porcelain") == ""


def test_git_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repository(tmp_path / "here")
    script = tmp_path / "bin" / "git"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\nexec sleep 60\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(git, "LIMIT", 0.2)
    with pytest.raises(IncidentError, match=r"git rev-parse took over 0\.2 s"):
        git.output(folder, "rev-parse", "HEAD")
    with pytest.raises(IncidentError, match="ended early"), git.blobs(folder) as read:
        read("HEAD:./x")
    assert "took over" in str(authors.begin(folder)().problem)
    assert "took over" in roster.load(Config(root=folder))().gap


@pytest.mark.parametrize("place", ["repository", "worktree"])
@pytest.mark.parametrize("how", ["-a", "FILE", ""])
def test_a_hook_lints_what_the_commit_will_contain(how: str, place: str, tmp_path: Path) -> None:
    folder = repository(tmp_path / "here", MINIMAL)
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ncd incidents && exec {sys.executable} -m incident lint --staged\n")
    hook.chmod(0o755)
    if place == "worktree":
        sh(folder, "git", "worktree", "add", "-q", str(tmp_path / "tree"))
        folder = tmp_path / "tree"
    path = folder / "incidents" / "2025" / f"{NAME}.md"
    path.write_text(MINIMAL.replace("severity: P1", "severity: P9"))
    if not how:
        sh(folder, "git", "add", "-A")
    args = {"-a": ["-a"], "FILE": [str(path)], "": []}[how]
    done = subprocess.run(
        ["git", "commit", "-m", "second", *args],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done
    assert '"P9"' in done.stdout + done.stderr


def test_a_rebase_lints_the_repository_it_rewrites(tmp_path: Path) -> None:
    folder = repository(tmp_path / "here")
    command = f"cd incidents && {sys.executable} -m incident lint --no-cache --changed-since HEAD~1"
    done = subprocess.run(
        ["git", "rebase", "-q", "--exec", command, "HEAD~1"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert '"Ines"' in done.stdout + done.stderr
    assert "git's authors" not in done.stdout + done.stderr


States = dict[str, Callable[[Path, pytest.MonkeyPatch], Path]]
GAPS: States = {
    "shallow": lambda path, _: shallow(path),
    "another user": refused,
    "git is not installed": without_git,
    "is missing": lambda path, _: cut_off(path),
}


@pytest.mark.parametrize("words", GAPS)
def test_lint_says_once_that_names_are_not_checked(
    words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = GAPS[words](tmp_path, monkeypatch)
    monkeypatch.chdir(folder)
    result = run("lint", "--no-cache")
    assert result.stderr.count("git's authors") == 1, result.output
    line = next(line for line in result.stderr.splitlines() if "git's authors" in line)
    assert (words in line and "run" in line) or "install" in line or "mount" in line
    assert "git's authors" not in result.stdout
    annotated = run("lint", "--format", "github")
    assert annotated.output.count("git's authors") == 1
    assert "::warning title=names::" in annotated.output
    (folder / "incident.toml").write_text("[names]\ngit_roster = false\n")
    assert "git's authors" not in run("lint", "--no-cache").output


def test_lint_says_nothing_where_nothing_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository(tmp_path / "here"))
    full = run("lint", "--no-cache", "--format", "concise")
    assert full.exit_code == 1
    assert '"Ines"' in full.stdout
    assert "git's authors" not in full.output
    shutil.rmtree(tmp_path / "here" / ".git")
    assert "git's authors" not in run("lint", "--no-cache").output


@pytest.mark.parametrize("form", ["markdown", "github"])
def test_review_says_it_once(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shallow(tmp_path)
    monkeypatch.chdir(folder)
    path = folder / "incidents" / "2025" / f"{NAME}.md"
    path.write_text(path.read_text().replace("P1", "P2"))
    page = tmp_path / "page.md"
    result = run("review", "--base", "HEAD", "--format", form, "--summary", page)
    assert result.output.count("git's authors") == 1, result.output
    assert ("::warning title=names::" in result.output) == (form == "github")
    assert page.read_text().count("git's authors") == 1


def action(folder: Path, tmp_path: Path, command: str, before: str = "") -> str:
    """What the step of the composite action prints that runs the command."""
    tool = tmp_path / "runner" / "incident-docs" / "bin" / "incident"
    tool.parent.mkdir(parents=True)
    tool.symlink_to(Path(sys.executable).parent / "incident")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": before}))
    steps = yaml.safe_load((CHECKOUT / "action.yml").read_text())["runs"]["steps"]
    step = next(step for step in steps if step.get("name") == "Review or lint")
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        cwd=folder,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            **os.environ,
            "COMMAND": command,
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(event),
            "RUNNER_TEMP": str(tmp_path / "runner"),
            "GITHUB_WORKSPACE": str(folder),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        },
    )
    return done.stdout


def test_the_action_trusts_what_the_workflow_checked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = action(refused(tmp_path, monkeypatch), tmp_path, "lint")
    assert "colleague-name" in log
    assert "git's authors" not in log


@pytest.mark.parametrize("command", ["lint", "review"])
def test_the_action_says_once_that_names_are_not_checked(command: str, tmp_path: Path) -> None:
    source = repository(tmp_path / "source")
    for number in (1, 2):
        path = source / "incidents" / "2025" / f"{NAME}.md"
        path.write_text(path.read_text() + f"\n{number}\n")
        sh(source, "git", "commit", "-qam", "more")
    sh(tmp_path, "git", "clone", "-q", "--depth", "2", f"file://{source}", "clone")
    before = sh(tmp_path / "clone", "git", "rev-parse", "HEAD~1").strip()
    log = action(tmp_path / "clone", tmp_path, command, before)
    assert log.count("git's authors") == log.count("::warning title=names::") == 1, log


def test_an_export_says_that_owners_are_compared_without_authors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shallow(tmp_path))
    result = run("export", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert result.stderr.count("git's authors") == 1


def test_what_needs_git_says_why_it_cannot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = refused(tmp_path, monkeypatch)
    monkeypatch.chdir(folder)
    for command in (("lint", "--staged"), ("review", "--base", "HEAD"),
                    ("lint", "--changed-since", "HEAD")):  # fmt: skip
        result = run(*command)
        assert result.exit_code == 2, result.output
        assert "another user owns it" in result.stderr
        assert "safe.directory" in result.stderr
        assert "Traceback" not in result.output


def test_a_missing_base_in_a_shallow_clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shallow(tmp_path))
    result = run("review", "--base", "HEAD^1")
    assert result.exit_code == 2
    assert "git fetch --unshallow" in result.stderr


def test_a_missing_base_on_a_detached_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repository(tmp_path / "here")
    sh(folder, "git", "checkout", "-q", "--detach")
    monkeypatch.chdir(folder)
    result = run("review", "--base", "release")
    assert result.exit_code == 2
    assert "remote branch" in result.stderr


@pytest.mark.parametrize("window", ["3d", "1h"])
def test_the_cut_of_a_shallow_clone_is_not_a_change(
    window: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = shallow(tmp_path)
    monkeypatch.chdir(repository(tmp_path / "here"))
    basic = ("new", "Orders low", "--severity", "P2", "--owner", "finance", "--stdout")
    between = ("--between", window, "0m", "--path", "incidents/")
    result = run(*basic, "--from-git", clone, *between)
    assert result.exit_code == 2, result.output
    assert "git fetch --unshallow" in result.stderr
    assert run(*basic, "--from-git", tmp_path / "source", *between).exit_code == 0


def test_a_shallow_clone_does_not_date_a_review(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shallow(tmp_path)
    path = folder / "incidents" / "2025" / f"{NAME}.md"
    path.write_text(path.read_text().replace("status: draft", "status: in_review"))
    monkeypatch.chdir(folder)
    result = run("review", "--stale")
    assert result.exit_code == 2
    assert "shallow" in result.stderr
