"""A postmortem whose name does not end in .md is reported by name everywhere, never skipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_support import build, write_repository
from support import MINIMAL, git_init, run

NAMES = ("2025-05-14-a.MD", "2025-05-14-b.markdown", "2025-05-14-c.mdx", "2025-05-14-d.Md")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = write_repository(tmp_path, {})
    folder = root / "incidents" / "2025"
    folder.mkdir()
    for name in (*NAMES, "2025-05-14 spaced.md", "readme.MARKDOWN", "notes.txt"):
        text = MINIMAL.replace("2025-05-14-revenue-drops", Path(name).stem)
        (folder / name).write_text(text, encoding="utf-8")
    git_init(root)
    monkeypatch.chdir(root)
    return root


def test_lint_names_the_file_and_what_to_do(repository: Path) -> None:
    said = run("lint", "--format", "concise", "--select", "INC001").stdout
    for name in NAMES:
        path = f"incidents/2025/{name}"
        end = Path(name).suffix
        assert (
            f"{path}:1:1: error: the name ends in {end}: rename it to {Path(name).stem}.md" in said
        )
        assert f"{path}:1:1: error" in run("lint", path, "--format", "concise").stdout
    assert said.count("INC001") == len(NAMES)


def test_list_names_the_files_that_it_leaves_out(repository: Path) -> None:
    result = run("list", "--format", "tsv")
    assert "2025-05-14 spaced" in result.stdout
    assert all(f"{name}:1: not listed: the name ends in" in result.stderr for name in NAMES)


def test_the_wiki_names_them_and_publishes_none(repository: Path) -> None:
    built = build(repository, repository / "site", "--strict")
    assert built.code == 1
    assert all(f"{name}:1: the name ends in" in built.log for name in NAMES)
    folder = built.site / "incidents" / "2025"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*/*")}
    pages = {path for path in found if "2025-05-14-" in path}
    assert pages == {f"{name}/index.html" for name in NAMES}
    assert "revenue" not in (folder / NAMES[0] / "index.html").read_text().lower()
