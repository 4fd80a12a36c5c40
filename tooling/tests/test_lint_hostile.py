"""What broke once: files, texts and caches that mean harm, or are only odd."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from incident import rules
from incident.archive import roster
from incident.errors import ConfigError
from incident.lint import cache, file_checks, fixes, linter, run
from incident.postmortem import document, frontmatter
from incident.repository import config
from rules.examples import BASE, STEM, with_sections, with_yaml
from support import MINIMAL, git_init
from support import run as invoke

NOW = datetime(2025, 6, 1, tzinfo=UTC)
CAUSE = "## Root cause\n\nThe filter compared names, where it should compare the keys of lines.\n\n"


def using(root: Path, now: datetime = NOW) -> linter.Linter:
    return linter.make(config.Config(root=root), now, roster.Roster())


def fix(text: str) -> str:
    return fixes.fix_text(using(Path("/nowhere")), text, f"{STEM}.md").text


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "incidents" / "2025").mkdir(parents=True)
    (tmp_path / "incidents" / "2025" / f"{STEM}.md").write_text(BASE)
    git_init(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        MINIMAL.replace("id: 2025", "x_n: |\n  text\n  # no comment\nid: 2025"),
        MINIMAL.replace('title: "Daily revenue 18% low"', 'title: "Daily revenue\\ \n  18% low"'),
    ],
)
def test_a_fix_keeps_every_value(text: str) -> None:
    text = text.replace("severity: P1\n", "").replace(
        "status: draft", "severity: P1\nstatus: draft"
    )
    assert frontmatter.read(fix(text)).data == frontmatter.read(text).data


def test_a_fix_keeps_fences_and_hard_breaks() -> None:
    fixed = fix(BASE + "\n```diff\n-a\n \n+b\n```\n\nA line of verse,   \nand the next.\n \n")
    assert "\n-a\n \n+b\n" in fixed
    assert "verse,   \nand" in fixed
    assert fixed.endswith("next.\n\n")


def test_a_suppression_that_ends_is_no_longer_cached(tmp_path: Path) -> None:
    path = tmp_path / "incidents" / f"{STEM}.md"
    path.parent.mkdir()
    comment = "<!-- incident-ignore: dead-link until 2025-06-05 -- soon -->"
    path.write_text(f"{BASE}\n{comment}\nSee [it](gone.md) for more.\n")
    folder = [tmp_path / "incidents"]
    assert "dead-link" not in {d.name for d in run.files(using(tmp_path), folder).diagnostics}
    later = using(tmp_path, datetime(2025, 6, 7, tzinfo=UTC))
    assert "dead-link" in {d.name for d in run.files(later, folder).diagnostics}


def test_odd_files_do_not_end_the_run(archive: Path) -> None:
    (archive / "incidents" / "loop.md").symlink_to("loop.md")
    (archive / "incidents" / "2025" / b"\xff.md".decode(errors="surrogateescape")).write_text("x")
    for more in ((), ("--no-cache",), ("--format", "json"), ("--diff",)):
        result = invoke("lint", *more)
        assert result.exit_code in {0, 1}, result.output
        assert "internal error" not in result.stderr


def test_a_poisoned_cache_is_no_answer(archive: Path) -> None:
    expected = run.files(using(archive), [archive / "incidents"]).diagnostics
    for poison in (["nonsense"], [[], 1]):
        stored = json.loads(cache.place(archive).read_text())
        for entry in stored["files"].values():
            entry[4] = poison
        stored["whole"] = []
        cache.place(archive).write_text(json.dumps(stored))
        assert run.files(using(archive), [archive / "incidents"]).diagnostics == expected


def test_one_file_under_two_spellings_is_one(archive: Path) -> None:
    found = invoke("lint", f"incidents/2025/../2025/{STEM}.md", "--select", "INC601").stdout
    assert found == ""


def test_a_link_stays_a_link(archive: Path) -> None:
    (archive / "docs").mkdir()
    target = archive / "incidents" / "2025" / f"{STEM}.md"
    target.write_text(BASE.replace("## Root cause", "## RCA"))
    link = archive / "docs" / "l.md"
    link.symlink_to(target)
    invoke("lint", "--fix", str(link), "--ignore", "INC101")
    assert link.is_symlink()
    assert "## Root cause" in target.read_text()


def test_what_is_staged_and_gone_is_judged(archive: Path) -> None:
    path = archive / "incidents" / "2025" / f"{STEM}.md"
    path.write_text(BASE.replace("severity:", "sevrity:"))
    subprocess.run(["git", "add", "-A"], cwd=archive, check=True)
    path.unlink()
    assert invoke("lint", "--staged").exit_code == 1


@pytest.mark.parametrize("mark", ["\u2028", "\x0c", "\x85"])
def test_a_diff_is_what_git_reads(archive: Path, mark: str) -> None:
    before, after = f"a{mark}b\nx \n", f"a{mark}b\nx\n"
    (archive / "f.md").write_text(before, newline="")
    diff = fixes.diff(before, after, "f.md").encode()
    subprocess.run(["git", "apply", "-"], cwd=archive, input=diff, check=True)
    assert (archive / "f.md").read_bytes().decode() == after


@pytest.mark.parametrize(
    "comment",
    [
        "```\n<!-- incident-ignore-file: never-again -- x y -->\n```",
        "`<!-- incident-ignore-file: never-again -- x y -->`",
        "<!-- incident-ignore-file: never-again until 2024-02-30 -- x y -->",
        "<!-- incident-ignore-file: I -- x y -->",
    ],
)
def test_what_is_no_suppression(comment: str) -> None:
    text = with_sections(f"{CAUSE}{comment}\n\nThis will never happen again.\n")
    found = using(Path("/nowhere")).check(document.parse(text, f"{STEM}.md"))
    assert "never-again" in {d.name for d in found}


@pytest.mark.parametrize("libyaml", [True, False])
@pytest.mark.parametrize("mark", ["- ", "? ", "[", "{a: ", "- ? "])
def test_deep_nesting_does_not_end_the_process(
    mark: str, libyaml: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not libyaml:
        monkeypatch.setattr(frontmatter, "_LOADER", frontmatter._loader(yaml.SafeLoader))
    for depth in (900, 100_000):
        faults = frontmatter.read(f"---\n{mark * depth}\n---\n").faults
        assert "levels deep" in faults[0].message
    assert not frontmatter.read("---\na: |\n  " + "- " * 300 + "\n---\n").faults
    assert not frontmatter.read("---\n" + " " * 5000 + "\na: 1\n---\n").faults


def test_deep_nesting_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "incident.toml").write_text("ignore = " + "[" * 5000 + "]" * 5000)
    with pytest.raises(ConfigError, match="nested too deeply"):
        config.load(tmp_path)


def test_a_suppression_above_a_heading_stops_at_the_heading() -> None:
    comment = "<!-- incident-ignore: never-again -- a heading of the vendor's -->"
    says = "This will never happen again.\n"
    for text in (
        f"{CAUSE}{comment}\n### A part\n{says}",
        f"{CAUSE}{comment}\n\n### A part\n\n{says}",
        f"{CAUSE}{comment}\nA line.\n### A part\n{says}",
    ):
        found = using(Path("/nowhere")).check(
            document.parse(with_sections(text), f"{STEM}.md"),
        )
        assert "never-again" in {d.name for d in found}, text
    heading = with_sections(f"{CAUSE}{comment}\n\n### {says}\nIt was not so.\n")
    found = using(Path("/nowhere")).check(document.parse(heading, f"{STEM}.md"))
    assert not {d.name for d in found} & {"never-again", "unused-suppression"}


@pytest.mark.parametrize("until", ["2025-02-30", "2025-13-01"])
def test_a_suppression_until_no_day_is_told(until: str) -> None:
    comment = f"<!-- incident-ignore: never-again until {until} -- the vendor's words -->"
    lines = (f"{comment}\nThis will never happen again.\n", "")
    keys = ("", f'lint: {{ignore: [{{rule: never-again, reason: theirs, until: "{until}"}}]}}\n')
    for line, key in zip(lines, keys, strict=True):
        text = with_yaml(key, with_sections(f"{CAUSE}{line or lines[0].split(chr(10))[1]}"))
        found = using(Path("/nowhere")).check(document.parse(text, f"{STEM}.md"))
        told = [d.message for d in found if d.name == "suppression-reason"]
        assert told == [f"the suppression has an invalid expiry date: {until}"]
        assert "never-again" in {d.name for d in found}


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        MINIMAL + "a \n" + " " * 100_000 + "x\n",
        "<!-- incident-ignore: never-again -- x -->\n" + "\n" * 500_000,
        "<!-- incident-ignore: a" + " " * 100_000 + "b -->",
        "# a\n" * 100_000,
        "AB " * 33_000,
        "AI-1 " * 20_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    judge = using(Path("/nowhere"))
    begun = time.perf_counter()
    judge.check(document.parse(text, "x.md"))
    assert time.perf_counter() - begun < 20  # quadratic time takes minutes


CONFLICT = "<<<<<<< HEAD\n- 09:50 it is seen\n=======\n- 09:55 it is seen\n>>>>>>> feature\n"


def conflicted(archive: Path, text: str = "") -> Path:
    path = archive / "incidents" / "2025" / f"{STEM}.md"
    path.write_text(text or BASE.replace("## Timeline\n\n", f"## Timeline\n\n{CONFLICT}", 1))
    return path


@pytest.mark.parametrize(
    "text",
    [
        BASE + CONFLICT,
        BASE + CONFLICT.replace("\n", "\r\n"),
        BASE + ">>>>>>> feature\n",
        BASE + f"```text\n{CONFLICT}```\n",
        BASE.replace(
            "title:", "<<<<<<< ours\ntitle: a\n||||||| base\n=======\n>>>>>>> x\ntitle:", 1
        ),
    ],
)
def test_a_conflict_is_one_error_at_its_first_marker(archive: Path, text: str) -> None:
    conflicted(archive, text)
    result = invoke("lint", "--format", "concise", "--select", "INC001")
    assert result.exit_code == 1
    line = text[: min(i for i in map(text.find, ("<<<<<<<", ">>>>>>>")) if i >= 0)].count("\n") + 1
    assert f".md:{line}:1: error: unresolved merge conflict" in result.stdout
    assert len(result.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    "text", ["x\n=======\n", " <<<<<<< HEAD\n", "> <<<<<<< HEAD\n", "a<<<<<<<\n"]
)
def test_what_only_looks_like_a_conflict_is_none(archive: Path, text: str) -> None:
    conflicted(archive, BASE + text)
    assert invoke("lint", "--select", "INC001").exit_code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("lint", "--fix", "--unsafe-fixes"),
        ("timeline", "add", STEM, "a new thing", "--at", "2025-05-14T11:00Z"),
        ("message", STEM, "--kind", "update"),
        ("import", f"incidents/2025/{STEM}.md", "--date", "2025-05-14"),
        ("actions", "sync", "--yes", "--tracker", "issues.ndjson", "--write-back", "files"),
        ("export", "--out", "out"),
        ("list", "--format", "json"),
    ],
)
def test_a_file_with_a_conflict_is_neither_edited_nor_exported(
    archive: Path, command: tuple[str, ...]
) -> None:
    path = conflicted(archive)
    before = path.read_bytes()
    result = invoke(*command)
    assert "internal error" not in result.output
    assert path.read_bytes() == before
    assert "09:55 it is seen" not in result.stdout
    exported = archive / "out" / "incidents.ndjson"
    assert STEM not in (exported.read_text() if exported.exists() else "")
    assert [one.name for one in (archive / "incidents").rglob("*.md")] == [path.name]


def test_a_rule_that_fails_is_a_diagnostic_and_the_others_are_checked(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(context: rules.Context) -> Iterator[rules.Finding]:
        if "no-good" in context.document.path:
            raise TypeError("it cannot be")
        yield from ()

    broken = rules.by_word()["key-order"]._replace(check=fail)
    every = [broken if rule.name == broken.name else rule for rule in rules.all_rules()]
    monkeypatch.setattr(rules, "all_rules", lambda: tuple(every))
    (archive / "incidents" / "2025" / "no-good.md").write_text(BASE + "We forgot it: TODO\n")
    found = run.files(using(archive), [archive / "incidents"])
    messages = {d.message for d in found.diagnostics if d.code == "INC000"}
    assert any(m.startswith("`key-order` failed: TypeError: it cannot be (") for m in messages)
    assert {d.name for d in found.diagnostics if "no-good" in d.path} > {"placeholder-text"}
    again = run.files(using(archive), [archive / "incidents"])
    assert again.diagnostics == found.diagnostics  # not remembered as clean


def test_a_file_that_cannot_be_read_is_a_diagnostic_and_exits_3(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parse = document.parse_bytes

    def fail(raw: bytes, path: str, *more: Any) -> document.Document:
        if "no-good" in path:
            raise RecursionError("too deep")
        return parse(raw, path, *more)

    monkeypatch.setattr(document, "parse_bytes", fail)
    (archive / "incidents" / "2025" / "no-good.md").write_text(BASE)
    result = invoke("lint", "--format", "concise")
    assert result.exit_code == 3
    assert (
        "no-good.md:1:1: error: reading this file failed: RecursionError: too deep" in result.stdout
    )
    assert "2 postmortems" in result.stderr
    assert invoke("lint", "--exit-zero").exit_code == 3
    listed = invoke("list")
    assert listed.exit_code == 0
    assert STEM in listed.stdout


def test_a_worker_that_dies_ends_the_run(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()

    def dies(*_: object) -> None:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(file_checks._Checker, "chunk", dies)
    for number in range(120):
        (archive / "incidents" / f"2025-05-14-number-{number}.md").write_text("x")
    done = invoke("lint", "--jobs", "2", "--no-cache")
    assert done.exit_code == 3
    assert "a process that checks files ended with -9" in done.stderr
