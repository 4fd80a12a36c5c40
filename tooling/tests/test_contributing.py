"""CONTRIBUTING.md is true: each of its files, added to a copy of the project, does what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from github_support import Item, document
from support import CHECKOUT, MINIMAL

pytestmark = pytest.mark.slow

_FILE = re.compile(r"^(`{3,4})(?:python|jinja) (\S+)\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
FILES = {
    path: text for _, path, text in _FILE.findall((CHECKOUT / "CONTRIBUTING.md").read_text("utf-8"))
}
GENERATED = {"docs/reference.md", "schemas/config.schema.json"}
ID = "2025-05-14-revenue-drops"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the files of the page, and an archive of one postmortem."""
    root = tmp_path_factory.mktemp("copy")
    for name in ("schemas", "templates", "tooling/incident", "tooling/tests"):
        shutil.copytree(
            CHECKOUT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.json")
        )
    for path in (CHECKOUT / "schemas").rglob("*.json"):
        shutil.copy(path, root / path.relative_to(CHECKOUT))
    shutil.copy(CHECKOUT / "pyproject.toml", root)
    added(root)
    postmortem = root / "incidents" / "2025" / f"{ID}.md"
    postmortem.parent.mkdir(parents=True)
    shouting = MINIMAL.replace("Daily revenue 18% low", "REVENUE IS WRONG")
    postmortem.write_text(f"{shouting}\n## Timeline\n\n- 2025-05-14T09:40Z **detected**: seen\n")
    return root


def added(root: Path) -> None:
    """The files of the page, in a copy of the project."""
    for path, text in FILES.items():
        assert not (root / path).exists()
        (root / path).write_text(text, encoding="utf-8")


def python(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "tooling")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_rule_is_one_file(copy: Path) -> None:
    assert python(copy, "-m", "incident", "rule", "INC199").startswith("# A title does not shout")
    said = python(copy, "-m", "incident", "lint", "--format", "concise")
    assert "the title is in all caps (3 words) [title-shouts INC199]" in said
    examples = ("-m", "pytest", "-q", "tooling/tests/test_rules.py", "-k", "title-shouts")
    assert "5 passed" in python(copy, *examples)


def test_a_format_is_one_file(copy: Path) -> None:
    assert python(copy, "-m", "incident", "-q", "lint", "--format", "tally") == "warning: 1\n"


def test_a_page_is_one_file(copy: Path) -> None:
    script = """
from datetime import date
from incident import archive, reports
from incident.repository import config
wiki = reports.Wiki(archive.load(config.Config()), date(2026, 1, 1))
print(next(made.markdown for made in reports.build_all(wiki) if made.path == "owners.md"))
"""
    assert python(copy, "-c", script) == "# Owners\n\n- data-platform: 1\n"


def test_a_format_is_told_how_to_get_its_snapshot(copy: Path) -> None:
    tests = ("-m", "pytest", "-q", "tooling/tests/test_formats.py", "-k", "tally")
    assert "no snapshot of the format `tally`: run `make snapshots`" in python(copy, *tests)
    assert "failed" not in python(copy, *tests, "--snapshot-update").splitlines()[-1]
    assert "failed" not in python(copy, *tests).splitlines()[-1]


def test_a_source_of_drafts_is_one_file(copy: Path) -> None:
    (copy / "note.txt").write_text("Orders are late\nmore\n")
    command = ("-m", "incident", "-q", "new", "--severity", "P2", "--owner", "x", "--stdout")
    assert 'title: "Orders are late"' in python(copy, *command, "--from-note", "note.txt")
    assert "Prefill from a note." in python(copy, "-m", "incident", "new", "--help")


def test_a_kind_of_message_is_one_file(copy: Path) -> None:
    command = ("-m", "incident", "-q", "message", ID, "--kind", "heads_up")
    assert python(copy, *command).startswith("**REVENUE IS WRONG**")
    assert "A heads-up, before anything is known." in python(
        copy, "-m", "incident", "message", "--help"
    )


def test_a_command_is_one_file(copy: Path) -> None:
    assert python(copy, "-m", "incident", "count") == "1\n"
    assert "Count the postmortems." in python(copy, "-m", "incident", "--help")


def test_a_source_is_one_file(copy: Path) -> None:
    (copy / "kept.txt").write_text("2025-05-14T10:05Z the filter is back\nyesterday nothing\n")
    command = ("-m", "incident", "timeline", "import", ID, "kept.txt", "--dry-run")
    assert "2 lines: 1 taken; 1 without a time, at line 2" in python(copy, *command)
    (copy / "kept.txt").write_text("2025-05-14T10:05Z the filter is back\n")
    assert "the filter is back" in python(copy, *command)


def test_a_tracker_is_one_file(copy: Path) -> None:
    path = copy / "incidents" / "2026" / "2026-11-02-orders-late.md"
    path.parent.mkdir()
    path.write_text(document(path.stem, [Item()]), encoding="utf-8")
    try:
        said = python(copy, "-m", "incident", "actions", "sync", "--yes", "--tracker", "memory:abc")
    finally:
        shutil.rmtree(path.parent)
    assert "create  2026-11-02-orders-late/AI-1" in said
    assert "1 written" in said
    assert "memory" in python(copy, "-m", "incident", "actions", "sync", "--help")


def test_a_language_is_one_folder(copy: Path) -> None:
    lists = copy / "tooling" / "incident" / "word_lists"
    shutil.copytree(lists / "en", lists / "toy")
    (lists / "toy" / "action_verbs.txt").write_text("grok\n", encoding="utf-8")
    (copy / "toy.toml").write_text('language = "toy"\n', encoding="utf-8")
    script = """
from pathlib import Path
from incident import word_lists
from incident.repository import config
chosen = config.load(Path("."), Path("toy.toml")).language
print(chosen, *word_lists.words("action_verbs", chosen))
"""
    assert python(copy, "-c", script) == "toy grok\n"


KEY = """    greeting: str = key("hello", "What a page begins with.", choices=("hello", "bye"))
    since: str = key("""


def test_what_else_changes_is_generated(tmp_path: Path) -> None:
    """One of each kind, and a key, in a copy of the whole project: scripts write the rest."""
    root = tmp_path / "project"
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(listed, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (CHECKOUT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, root / name)

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    git("init", "-q")
    git("add", "-A")
    added(root)
    lists = root / "tooling" / "incident" / "word_lists"
    shutil.copytree(lists / "en", lists / "toy")
    config = root / "tooling" / "incident" / "repository" / "config.py"
    config.write_text(config.read_text("utf-8").replace("    since: str = key(", KEY, 1), "utf-8")
    for script in ("config_schema", "reference", "architecture"):
        assert python(root, f"tooling/dev/{script}.py") == ""
    edited = set(git("diff", "--name-only").split())
    new = set(git("ls-files", "--others", "--exclude-standard").split())
    assert edited - GENERATED == {"tooling/incident/repository/config.py"}
    assert {path for path in new if "word_lists/toy/" not in path} == set(FILES)
    reference = (root / "docs" / "reference.md").read_text("utf-8")
    for word in ("title-shouts", "tally", "--from-note", "heads_up", "incident count", "greeting"):
        assert word in reference, word
    (root / "incident.toml").write_text('greeting = "hi"\n')
    assert "invalid value 'hi' for `greeting`" in python(root, "-m", "incident", "list")
