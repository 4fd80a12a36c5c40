"""No text becomes a path: files are written to the archive, with short plain names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.drafts import new_draft
from incident.reports import _rendering
from support import MINIMAL, git_init, run

ODD = (
    *("../../x", "/etc/passwd", "..\\..\\x", "C:\\x", "CON", "con.md", "nul", "..", ".", "-rf"),
    *(
        "a/b",
        "x" * 10_000,
        "\u00e9" * 300,
        "\u202ex",
        "a\nb",
        "~root",
        "$HOME",
        "%2e%2e%2fx",
        ".git",
    ),
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "a" / "b" / "repository"
    root.mkdir(parents=True)
    git_init(root)
    monkeypatch.chdir(root)
    return root


def made(root: Path) -> list[str]:
    """What stands anywhere around the repository, but in git's own folder."""
    top = root.parents[1]
    found = (path for path in top.rglob("*") if path.is_file() and ".git" not in path.parts)
    return [path.relative_to(root).as_posix() for path in found]


@pytest.mark.parametrize("title", ODD)
def test_a_title_is_no_path(root: Path, title: str) -> None:
    given = [f"--{flag}={title}" for flag in ("owner", "tag", "asset")]
    result = run("new", "--severity", "P2", *given, "--", title)
    assert result.exit_code == 0, result.output
    [path] = made(root)
    assert re.fullmatch(r"incidents/\d{4}/\d{4}-\d\d-\d\d-[a-z0-9-]{1,60}\.md", path)


@pytest.mark.parametrize("word", ODD)
def test_an_imported_file_stays_in_the_archive(root: Path, word: str) -> None:
    quoted = word.replace("\\", "\\\\").replace("\n", "\\n")
    (root / "old.md").write_text(
        f'---\nid: "{quoted}"\ntitle: "{quoted}"\ndate: 2025-05-14\nslug: "{quoted}"\n---\n'
        f"# {word}\n\nOn 2025-05-14 it broke.\n"
    )
    result = run("import", "old.md", f"--owner={word}")
    assert result.exit_code == 0, result.output
    [path] = [path for path in made(root) if path != "old.md"]
    assert re.fullmatch(r"incidents/\d{4}/\d{4}-\d\d-\d\d-[a-z0-9-]{1,60}\.md", path)


def test_a_path_outside_is_no_postmortem(root: Path) -> None:
    outside = root.parent / "2025-05-14-revenue-drops.md"
    outside.write_text(MINIMAL)
    for name in (str(outside), f"../{outside.name}", "x" * 300 + ".md", "../../x", ".git/config"):
        for command in (
            ("timeline", "add", name, "x"),
            ("new", "--into", name, "--from-git", "."),
            ("message", name, "--kind", "update"),
        ):
            result = run(*command)
            assert result.exit_code == 2, result.output
    assert outside.read_text() == MINIMAL


def test_init_writes_through_no_link(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (root / ".github").symlink_to(outside)
    (root / "incidents").symlink_to(outside)
    (outside / "mkdocs.yml").write_text("theirs")
    (root / "mkdocs.yml").symlink_to(outside / "mkdocs.yml")
    result = run("init", "--editor", "--templates")
    assert result.exit_code == 3
    assert "outside the repository" in result.stderr
    assert [path.read_text() for path in outside.iterdir()] == ["theirs"]


def test_an_export_names_its_own_files(root: Path) -> None:
    outside = root.parent / "out"
    (root / "incidents").mkdir()
    (root / "incidents" / "2025-05-14-revenue-drops.md").write_text(MINIMAL)
    assert run("export", "--out", outside).exit_code == 0  # a person names it
    names = {path.name for path in outside.iterdir()}
    assert all(re.fullmatch(r"[a-z_]+\.(ndjson|json)", name) for name in names)
    (root / "link").symlink_to(outside)
    result = run("export", "--out", "link/inner")
    assert result.exit_code == 3
    assert "outside the repository" in result.stderr
    assert {path.name for path in outside.iterdir()} == names


@given(st.one_of(st.text(max_size=300), st.sampled_from(ODD)))
def test_a_page_has_a_plain_short_name(name: str) -> None:
    """Assets, owners and tags become pages of the wiki."""
    slug = _rendering.slug(name)
    assert re.fullmatch(r"[a-z0-9~_.-]{1,130}", slug)
    assert not slug.startswith(".") and slug not in {"index", "readme"}
    assert re.fullmatch(r"[a-z0-9-]{1,60}", new_draft.slug(name))
