"""The archive may be in any folder: `incidents`, `docs/postmortems`, `./data/incidents/`."""

from __future__ import annotations

from pathlib import Path

import pytest

from guest_support import git, repository
from incident.errors import ConfigError
from incident.postmortem import wiki_urls
from incident.repository import config
from support import MINIMAL, run

NAME = "2025-05-14-revenue-drops"


@pytest.mark.parametrize(
    "archive", ["incidents", "postmortems", "docs/incidents", "docs/postmortems", "a/incidents/b"]
)
def test_the_page_is_under_incidents_whatever_the_folder(
    archive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incident.toml").write_text(
        f'archive = "{archive}"\nwiki_url = "https://wiki.example.com"\n'
    )
    below = tmp_path / archive / "team" / "2025"
    below.mkdir(parents=True)
    (below / f"{NAME}.md").write_text(MINIMAL)
    page = f"https://wiki.example.com/incidents/team/2025/{NAME}/"
    assert run("open", NAME, "--print").stdout == f"{page}\n"


def test_a_picture_is_next_to_its_page() -> None:
    page = wiki_urls.page_path("docs/postmortems/2025/x.md", "docs/postmortems")
    assert page == "incidents/2025/x.md"
    assert wiki_urls.page_path("docs/postmortems/2025/x.png", "docs/postmortems") == (
        "incidents/2025/x.png"
    )
    assert wiki_urls.page_url("incidents/2025/x y.md", "incidents") == "incidents/2025/x%20y/"


@pytest.mark.parametrize(
    "written", ["./incidents", "incidents/", "./incidents//", "x/../incidents"]
)
def test_the_folder_is_normalized(written: str, tmp_path: Path) -> None:
    (tmp_path / "incident.toml").write_text(f'archive = "{written}"\n')
    if ".." in written:
        with pytest.raises(ConfigError, match="outside the repository"):
            config.load(tmp_path)
        return
    assert config.load(tmp_path).archive == "incidents"


def test_the_root_is_not_an_archive(tmp_path: Path) -> None:
    for written in (".", "./", ""):
        (tmp_path / "incident.toml").write_text(f'archive = "{written}"\n')
        with pytest.raises(ConfigError, match="below the repository's root"):
            config.load(tmp_path)


def test_services_get_paths_from_the_top_of_a_monorepo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An annotation for a path that the pull request does not have is shown nowhere."""
    repository(tmp_path, {"analytics/incident.toml": 'archive = "incidents"\n'})
    folder = tmp_path / "analytics" / "incidents"
    folder.mkdir()
    (folder / f"{NAME}.md").write_text(MINIMAL.replace("P1", "P9"))
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "bad")
    monkeypatch.chdir(tmp_path / "analytics")
    path = f"analytics/incidents/{NAME}.md"
    assert f"file={path},line=5" in run("lint", "--format", "github").stdout
    assert f"file={path},line=5" in run("review", "--base", "HEAD^", "--format", "github").stdout
    assert f'"uri": "{path}"' in run("lint", "--format", "sarif").stdout
    assert run("lint", "--format", "concise").stdout.startswith(f"incidents/{NAME}.md:5")
