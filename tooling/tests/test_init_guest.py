"""`incident init` in a repository that a team has already: nothing of theirs changes or is hidden.

Each case is a kind of public report about tools that set up repositories; the link is with it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from guest_support import contents, filters, git, matches, repository, workflows
from incident.drafts import repository_setup, surroundings
from incident.repository import config
from support import MINIMAL, run

ARCHIVES = ("incidents", "docs/incidents", "docs/postmortems", "analytics/incidents")
NAME = "2025-05-14-revenue-drops"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the repository, as the current one."""
    place = tmp_path / "repository"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def steps(here: Path) -> list[str]:
    """What init tells people to do."""
    lines = run("init", "--dry-run").stderr.splitlines()
    return [line for line in lines if line.startswith(("to do", "optional"))]


@pytest.mark.parametrize("archive", ARCHIVES)
@pytest.mark.parametrize("below", ["", "data/warehouse"])
def test_every_path_filter_matches_a_postmortem(here: Path, archive: str, below: str) -> None:
    """lint-staged/lint-staged#133: in a monorepo, the folder came twice (`foo/foo/`)."""
    repository(here, {f"{below}/incident.toml".strip("/"): f'archive = "./{archive}/"\n'})
    assert run("init", below or ".").exit_code == 0
    place = here / below / archive / "2026" / f"{NAME}.md"
    place.parent.mkdir(parents=True)
    place.write_text(MINIMAL)
    git(here, "add", "-A")
    path = place.relative_to(here).as_posix()
    assert path in git(here, "ls-files").splitlines()
    patterns = list(filters(here))
    assert len(patterns) == 2
    for pattern in patterns:
        assert matches(pattern, path), pattern
        assert not matches(pattern, "models/orders.sql")


@pytest.mark.parametrize("place", config.CODEOWNERS)
def test_the_teams_codeowners_stay_the_only_ones(here: Path, place: str) -> None:
    """Mininglamp-OSS/octo-web#89, microsoft/agent-governance-toolkit#2134: GitHub reads only the
    first of three files, so a second one turns off the reviews of the other.
    """
    repository(here, {place: "* @acme/platform\n"})
    assert run("init").exit_code == 0
    assert [name for name in config.CODEOWNERS if (here / name).exists()] == [place]
    assert (here / place).read_text() == "* @acme/platform\n"
    line = "add `/incidents/ @your-org/your-team` at the end of"
    assert f"optional to ask a team for reviews, {line} {place}" in steps(here)
    (here / place).write_text("* @acme/platform\n/incidents/ @acme/data\n")
    assert not any("ask a team for reviews" in step for step in steps(here))


def test_without_codeowners_none_is_written(here: Path) -> None:
    """A file with comments only would hide the one that the team adds at the root later."""
    repository(here)
    run("init")
    assert not any((here / name).exists() for name in config.CODEOWNERS)
    assert any("to .github/CODEOWNERS" in step for step in steps(here))


@pytest.mark.parametrize(
    "name", ["mkdocs.yml", "mkdocs.yaml", "properdocs.yml", "docs/mkdocs.yml", "docs/mkdocs.yaml"]
)
def test_the_teams_mkdocs_configuration_stays_the_only_one(here: Path, name: str) -> None:
    """oprypin/mkdocs-gen-files#39: tools that know only one of MkDocs's two names."""
    repository(here, {name: "site_name: Handbook\nplugins: [search, tags]\n"})
    before = contents(here)
    result = run("init")
    assert result.exit_code == 0
    assert {path: text for path, text in contents(here).items() if path in before} == before
    added = set(contents(here)) - set(before)
    assert not any("mkdocs" in path or path.endswith("site.yml") for path in added)
    assert f"kept     {name}: yours" in result.stderr
    assert "left out .github/workflows/site.yml: " in result.stderr
    assert f"to do    {name}: add `- incident` under `plugins:`" in result.stderr
    assert "mkdocs" not in (here / ".github" / "workflows" / "postmortems.yml").read_text()


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("plugins:\n  - search\n  - tags: {}\n", "add `- incident` under `plugins:`"),
        ("plugins:\n  search: {}\n  tags: {}\n", "add `incident: {}` under `plugins:`"),
        ("nav: [index.md]\n", "keep the search with `- search` before it"),
        ("INHERIT: ../base.yml\n", "was not understood (it inherits its plugins)"),
        ("plugins: [", "was not understood"),
        (
            "markdown_extensions:\n  - pymdownx.emoji:\n      emoji_index: !!python/name:a.b\n"
            "site_url: !ENV SITE\nplugins: [search, awesome-pages]\n",
            "add `- incident` under `plugins:`",
        ),
        ("plugins: [search, {incident: {}}]\n", ""),
        ("docs_dir: incidents\nplugins: [x]\n", "and `- incident` under `markdown_extensions:`"),
    ],
)
def test_the_line_for_the_teams_plugins(here: Path, text: str, advice: str) -> None:
    """blueswen/mkdocs-glightbox#18: a first list of plugins turns the default search off."""
    repository(here, {"mkdocs.yml": f"site_name: Handbook\n{text}"})
    said = [step for step in steps(here) if "mkdocs.yml" in step and step.startswith("to do")]
    assert any(advice in step for step in said) if advice else not said


@pytest.mark.parametrize("branch", ["main", "master", "trunk", "release/2026"])
def test_workflows_watch_the_default_branch(here: Path, branch: str) -> None:
    """superfly/flyctl#3879: a workflow for `main` never runs where the branch is `master`."""
    repository(here, branch=branch)
    git(here, "switch", "-q", "-c", "add-postmortems")
    if branch == "release/2026":  # not a usual name: only the remote can say so
        git(here, "update-ref", f"refs/remotes/origin/{branch}", "HEAD")
        git(here, "symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{branch}")
    run("init")
    assert workflows(here)["site.yml"]["on"]["push"]["branches"] == [branch]
    git(here, "checkout", "-q", "--detach")  # as in CI, where no branch is known
    for ref in ("refs/heads/" + branch, "refs/heads/add-postmortems"):
        git(here, "update-ref", "-d", ref)
    git(here, "symbolic-ref", "-d", "refs/remotes/origin/HEAD") if "/" in branch else None
    assert run("init", "--check").exit_code == 0


@pytest.mark.parametrize(
    ("jobs", "runner"),
    [
        ("a: {runs-on: [self-hosted, linux]}\n  b: {runs-on: macos-14}", ["self-hosted", "linux"]),
        ("a: {runs-on: {group: big, labels: [x64]}}", {"group": "big", "labels": ["x64"]}),
        ("a: {runs-on: acme-linux-8}\n  b: {runs-on: acme-linux-8}", "acme-linux-8"),
        ("a: {runs-on: acme-linux-8}\n  b: {runs-on: ubuntu-latest}", "ubuntu-latest"),
        ("a: {runs-on: '${{ matrix.os }}'}\n  b: {uses: ./x.yml}", "ubuntu-latest"),
        ("a: {runs-on: 'x y: {'}", "ubuntu-latest"),
        ("a: [", "ubuntu-latest"),
    ],
)
def test_jobs_run_where_the_teams_jobs_run(here: Path, jobs: str, runner: object) -> None:
    """projen/projen#1295: `runs-on` was fixed, in organizations with runners of their own."""
    repository(here, {".github/workflows/ci.yml": f"on: push\njobs:\n  {jobs}\n"})
    run("init")
    for name, workflow in workflows(here).items() if jobs != "a: [" else ():
        if name != "ci.yml":
            assert {str(job["runs-on"]) for job in workflow["jobs"].values()} == {str(runner)}
    assert run("init", "--check").exit_code == 0


@pytest.mark.parametrize("target", ["", "target-path: build\n", 'target-path: "{{ x }}"\n'])
def test_the_dbt_project_in_a_subfolder_is_configured(here: Path, target: str) -> None:
    """dbt-checkpoint/dbt-checkpoint#31: the manifest was looked for only in ./target/."""
    place = f"transform/{'build' if 'build' in target else 'target'}/manifest.json"
    nodes = '{"model.shop.orders": {"resource_type": "model", "name": "orders"}}'
    team = {
        "transform/dbt_project.yml": f"name: shop\n{target}",
        "transform/integration_tests/dbt_project.yml": "name: tests\n",
        "transform/dbt_packages/dbt_utils/dbt_project.yml": "name: dbt_utils\n",
        ".github/CODEOWNERS": "* @acme/warehouse\n",
        place: f'{{"nodes": {nodes}}}',
    }
    repository(here, team)
    run("init")
    assert config.load(here).dbt_manifest == place
    result = run("lint")
    assert (result.exit_code, result.stderr.count("warning")) == (0, 0), result.output
    example = (here / repository_setup.EXAMPLE).read_text()
    assert "tidewater" not in example and "analytics-engineering" not in example
    assert "owner: warehouse\n" in example
    (here / place).unlink()
    assert run("lint").exit_code == 0  # as in CI: dbt did not run


def test_several_dbt_projects_are_not_guessed(here: Path) -> None:
    repository(here, {"a/dbt_project.yml": "name: a\n", "b/dbt_project.yml": "name: b\n"})
    run("init")
    assert config.load(here).dbt_manifest == ""
    assert (
        "to do    set `dbt_manifest` in incident.toml to one of "
        "a/target/manifest.json, b/target/manifest.json"
    ) in steps(here)


def test_a_configuration_of_the_team_is_told_of_the_dbt_project(here: Path) -> None:
    files = {"incident.toml": 'archive = "x"\n', "dbt/dbt_project.yml": "name: x\n"}
    repository(here, files)
    said = 'optional set `dbt_manifest = "dbt/target/manifest.json"` in incident.toml'
    assert [step for step in steps(here) if step.startswith(said)]
    assert not [step for step in steps(here) if "dbt parse" in step]


LOCKED = '[[package]]\nname = "incident-docs"\nversion = "0.1.0"\n'


@pytest.mark.parametrize(
    ("files", "line", "setup"),
    [
        ({"uv.lock": ""}, "uv add --dev ", "uv pip install --system "),
        ({"pyproject.toml": "[tool.uv]\n"}, "uv add --dev ", "uv pip install --system "),
        ({"uv.lock": LOCKED}, "", "uv sync --locked"),
        ({"poetry.lock": ""}, "poetry add --group dev ", "pip install "),
        ({"poetry.lock": LOCKED}, "", "poetry install --no-root"),
        ({"pixi.toml": ""}, "pixi add --pypi ", "pip install "),
        ({"requirements.txt": "dbt-core\n"}, "pip install ", "pip install "),
        ({}, "pip install ", "pip install "),
    ],
)
def test_the_teams_package_manager_installs_it(
    here: Path, files: dict[str, str], line: str, setup: str
) -> None:
    repository(here, files)
    run("init")
    said = [step for step in steps(here) if "install it for everyone" in step]
    assert [line in step for step in said] == ([True] if line else [])
    for workflow in workflows(here).values():
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                if step.get("name") == "Set up":
                    assert setup in step["run"]
                    ok = subprocess.run(["bash", "-n", "-c", step["run"]], check=False, timeout=9)
                    assert ok.returncode == 0


@pytest.mark.parametrize(
    ("origin", "files", "is_github"),
    [
        ("https://github.com/acme/warehouse.git", {}, True),
        ("git@github.com:acme/warehouse.git", {".gitlab-ci.yml": ""}, True),
        ("https://acme.ghe.com/acme/warehouse", {}, True),
        ("https://github.acme.example/acme/warehouse", {}, True),
        ("https://git.acme.example/acme/warehouse", {".github/workflows/ci.yml": "on: push"}, True),
        ("https://git.acme.example/acme/warehouse", {}, False),
        ("https://gitlab.com/acme/warehouse.git", {}, False),
        ("git@gitlab.acme.example:data/warehouse.git", {".github/workflows/x.yml": ""}, False),
        ("https://bitbucket.org/acme/warehouse.git", {}, False),
        ("", {".gitlab-ci.yml": ""}, False),
        ("", {}, True),
    ],
)
def test_workflows_only_where_github_runs_them(
    here: Path, origin: str, files: dict[str, str], is_github: bool
) -> None:
    """codeflash-ai/codeflash#635: look at the remote before setting up GitHub."""
    repository(here, files, origin=origin)
    result = run("init")
    added = [path for path in contents(here) if path.startswith(".github/") and path not in files]
    assert bool(added) == is_github
    if not is_github:
        assert "left out .github/: " in result.stderr
        assert run("init", "--github").exit_code == 0
        assert (here / ".github" / "workflows" / "declare.yml").is_file()
        assert run("init", "--check").exit_code == 0  # asked once, remembered


def test_a_workflow_of_the_same_name_stays(here: Path) -> None:
    repository(here, {".github/workflows/declare.yml": "on: push\njobs: {}\n"})
    result = run("init")
    assert (here / ".github" / "workflows" / "declare.yml").read_text() == "on: push\njobs: {}\n"
    assert "kept     .github/workflows/declare.yml: yours: ours has the same name" in result.stderr
    assert run("init", "--check").exit_code == 0


@pytest.mark.parametrize(
    "place",
    [
        "pull_request_template.md",
        "docs/PULL_REQUEST_TEMPLATE.md",
        ".github/PULL_REQUEST_TEMPLATE/a.md",
    ],
)
def test_the_teams_template_for_pull_requests_stays_the_only_one(here: Path, place: str) -> None:
    """GitHub's own command prefers a folder of templates to a single one, and then asks."""
    repository(here, {place: "the team's own\n"})
    result = run("init")
    assert not (here / ".github" / "PULL_REQUEST_TEMPLATE" / "postmortem.md").exists()
    assert "left out .github/PULL_REQUEST_TEMPLATE/postmortem.md: " in result.stderr
    assert run("init", "--check").exit_code == 0


def test_no_repository_is_made_in_a_folder_of_one(here: Path) -> None:
    """bradygaster/squad#944: init ran `git init` in a folder of a monorepo."""
    repository(here, {"packages/data/README.md": "x\n"})
    run("init", "packages/data")
    assert not (here / "packages" / "data" / ".git").exists()
    assert not (here / "packages" / "data" / ".github").exists()


def test_the_last_lines_are_what_people_must_do(here: Path) -> None:
    """changesets/action#402, peter-evans/create-pull-request#1175: the setting was in no list."""
    repository(here)
    said = steps(here)
    assert [step for step in said if "allow GitHub Actions to create pull requests" in step]
    assert [step for step in said if "INCIDENT_TOKEN" in step]
    assert [step for step in said if "INCIDENT_DOCS" in step]
    assert said == sorted(said, key=lambda step: step.startswith("optional"))
    run("init", "--no-github")
    assert not [step for step in steps(here) if "GitHub" in step or "Settings" in step]


def test_without_a_terminal_nothing_is_asked(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """github/spec-kit#3236, agents-squads/squads-cli#166: a prompt in CI waits forever."""
    repository(here)
    assert run("init", stdin="").exit_code == 0
    refused = run("init", "--remove", stdin="")
    assert refused.exit_code == 2
    assert "no terminal to prompt on" in refused.stderr


@pytest.mark.parametrize(("answer", "writes"), [("n\n", False), ("\n", True)])
def test_a_terminal_shows_the_plan_and_asks(
    here: Path, answer: str, writes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(here)
    monkeypatch.setattr("incident.commands.init._is_terminal", lambda: True)
    result = run("init", "--no-github", "--no-example", stdin=answer)
    assert result.exit_code == 0
    assert "add      mkdocs.yml: the wiki" in result.stderr
    assert "Write 5 files?" in result.stderr
    assert bool(contents(here)) == writes
    assert run("init", "--no-github", "--yes").exit_code == 0


def test_an_archive_further_up_is_reported(here: Path) -> None:
    repository(here, {"incident.toml": 'archive = "incidents"\n'})
    result = run("init", "analytics")
    assert "the top folder has an archive too" in result.stderr


def test_the_plan_as_json(here: Path) -> None:
    repository(here, {"mkdocs.yaml": "site_name: x\n"})
    plan = json.loads(run("init", "--dry-run", "--json").stdout)
    assert plan["kept"] == [{"path": "mkdocs.yaml", "why": "yours; to add the plugin, see below"}]
    assert [one["path"] for one in plan["left_out"]] == [".github/workflows/site.yml"]
    assert {"path": "incident.toml", "what": "the configuration"} in plan["written"]
    assert plan["steps"][-1]["is_optional"]
    checked = run("init", "--check", "--json")
    assert checked.exit_code == 1
    assert {"path": "incident.toml", "state": "missing"} in json.loads(checked.stdout)["drift"]


def test_looking_around_changes_nothing(here: Path) -> None:
    repository(here, {"mkdocs.yaml": "site_name: x\n", "dbt_project.yml": "name: x\n"})
    before = contents(here)
    found = surroundings.detect(here, frozenset())
    assert (found.dbt_manifest, found.top) == ("target/manifest.json", here)
    assert contents(here) == before


def test_a_folder_site_of_the_team_is_not_emptied(here: Path) -> None:
    """MkDocs empties the folder that it writes to."""
    repository(here, {"site/index.html": "the team's own\n"})
    run("init")
    text = (here / "mkdocs.yml").read_text()
    assert "site_dir: incident-site" in text
    assert "/site/" not in (here / ".gitignore").read_text().splitlines()
    for name in ("site.yml", "postmortems.yml"):
        paths = (here / ".github" / "workflows" / name).read_text()
        assert "path: ./incident-site/" in paths and "./site/" not in paths


def test_files_that_git_ignores_are_reported(here: Path) -> None:
    repository(here, {".gitignore": "site/\nincidents/\n*.json\n"})
    assert any("git ignores incidents/" in step for step in steps(here))
    (here / ".gitignore").write_text("site/\n*.md\n!README.md\n")
    assert any("git ignores incidents/" in step for step in steps(here))
    (here / ".gitignore").write_text("site/\n*.toml\n")
    assert any("git ignores incident.toml" in step for step in steps(here))


def test_an_archive_of_other_files_is_reported(here: Path) -> None:
    repository(here, {"incidents/2024-01-09-late.md": "# Late\n", "incidents/README.md": "x\n"})
    run("init")
    assert len(list((here / "incidents").rglob("*.md"))) == 2
    assert any("1 in incidents/, for instance 2024-01-09-late.md" in step for step in steps(here))


@pytest.mark.parametrize("archive", ["docs/incidents", "./docs/postmortems/"])
def test_the_archive_can_be_named(here: Path, archive: str) -> None:
    repository(here)
    assert run("init", "--archive", archive).exit_code == 0
    found = config.load(here).archive
    assert archive.strip("./") == found
    assert set(filters(here)) == {f"{found}/**"}
    assert run("init", "--check").exit_code == 0
    refused = run("init", "--archive", "elsewhere")
    assert (refused.exit_code, f"the archive is {found}/ already" in refused.stderr) == (2, True)
    assert run("init", "x", "--archive", "../y").exit_code == 2


def test_gitlab_reads_its_own_codeowners(here: Path) -> None:
    repository(here, {".gitlab/CODEOWNERS": "* @acme\n"}, origin="git@gitlab.com:acme/data.git")
    assert any("at the end of .gitlab/CODEOWNERS" in step for step in steps(here))


def test_init_guesses_nothing_where_git_refuses(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container, the repository may belong to another user."""
    repository(here, origin="git@gitlab.com:acme/data.git")
    before = contents(here)
    script = here.parent / "bin" / "git"
    script.parent.mkdir()
    owner = "GIT_TEST_ASSUME_DIFFERENT_OWNER=1"
    script.write_text(f'#!/bin/sh\n{owner} exec {shutil.which("git")} "$@"\n')
    script.chmod(0o755)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(here.parent / "none"))
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    result = run("init")
    assert result.exit_code == 2
    assert "safe.directory" in result.stderr
    assert contents(here) == before
