"""The options around the rules: fixes, changes, baseline, cache, cores, outputs."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from incident.archive import roster
from incident.diagnostic import Diagnostic, Edit, Fix, Level
from incident.lint import cache, checks, fixes, linter, run
from incident.postmortem import document, frontmatter
from incident.repository import config
from rules.examples import BASE, STEM, with_sections, with_yaml
from support import CHECKOUT, git_init
from support import run as invoke

NOW = datetime(2025, 6, 1, tzinfo=UTC)
BROKEN = with_sections("## RCA\n\nIt was human error: we forgot the filter.   \n", BASE)
BROKEN = BROKEN.replace("## Root cause\n", "## RCA\n").replace("owner: data", "owner:   data")


def using(root: Path) -> linter.Linter:
    base = config.Config(root=root, names=config.Names(people=("Ines Halvorsen",)))
    return linter.make(base, NOW, roster.roster(["Ines Halvorsen"]))


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of 70 postmortems: enough for two processes."""
    folder = tmp_path / "incidents"
    for number in range(70):
        stem = f"2025-05-{number % 28 + 1:02d}-orders-{number}"
        text = with_yaml(f"id: {stem}\n", BROKEN if number % 3 else BASE)
        path = folder / f"{number % 5}" / f"{stem}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git_init(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outputs(root: Path, *, jobs: int, use_cache: bool) -> list[object]:
    found = run.files(using(root), [root / "incidents"], jobs=jobs, use_cache=use_cache)
    return [tuple(d) for d in found.diagnostics]


@pytest.mark.slow
def test_cores_and_cache_change_nothing(archive: Path) -> None:
    alone = outputs(archive, jobs=1, use_cache=False)
    assert len(alone) > 100
    assert outputs(archive, jobs=2, use_cache=False) == alone
    assert outputs(archive, jobs=2, use_cache=True) == alone  # cold
    assert outputs(archive, jobs=1, use_cache=True) == alone  # warm
    assert outputs(archive, jobs=2, use_cache=True) == alone


def test_a_warm_run_judges_only_what_changed(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs(archive, jobs=1, use_cache=True)
    judged = []
    original = linter.Linter.examine

    def spy(self: linter.Linter, found: document.Document) -> checks.Outcome:
        judged.append(found.path)
        return original(self, found)

    monkeypatch.setattr(linter.Linter, "examine", spy)
    outputs(archive, jobs=1, use_cache=True)
    assert judged == []
    changed = archive / "incidents/0/2025-05-01-orders-0.md"
    changed.write_text(changed.read_text() + "\nMore.\n")
    outputs(archive, jobs=1, use_cache=True)
    assert judged == ["incidents/0/2025-05-01-orders-0.md"]


def test_files_that_were_read_for_others_are_remembered(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = archive / "incidents/0/2025-05-01-orders-0.md"
    expected = run.files(using(archive), [one], jobs=1).diagnostics
    read: list[str] = []
    original = document.parse_bytes

    def spy(raw: bytes, path: str, aliases: dict[str, str]) -> document.Document:
        read.append(path)
        return original(raw, path, aliases)

    monkeypatch.setattr(document, "parse_bytes", spy)
    one.write_text(one.read_text() + "\nMore.\n")
    assert run.files(using(archive), [one], jobs=1).diagnostics == expected
    assert read == ["incidents/0/2025-05-01-orders-0.md"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": 1, "files": []}', '{"files": {}}'])
def test_a_broken_cache_is_none(archive: Path, content: str) -> None:
    expected = outputs(archive, jobs=1, use_cache=False)
    cache.place(archive).parent.mkdir(parents=True, exist_ok=True)
    cache.place(archive).write_text(content)
    assert outputs(archive, jobs=1, use_cache=True) == expected


def test_an_entry_that_is_no_entry_is_judged_anew(archive: Path) -> None:
    expected = outputs(archive, jobs=1, use_cache=True)
    stored = json.loads(cache.place(archive).read_text())
    for number, path in enumerate(stored["files"]):
        stored["files"][path][number % 5 :] = ["nonsense"]
    cache.place(archive).write_text(json.dumps(stored))
    assert outputs(archive, jobs=1, use_cache=True) == expected


def test_what_depends_on_the_day_is_asked_again_on_another_day(tmp_path: Path) -> None:
    path = tmp_path / "incidents" / f"{STEM}.md"
    path.parent.mkdir()
    path.write_text(BASE, encoding="utf-8")
    first = using(tmp_path)
    assert run.files(first, [path]).diagnostics == []
    later = first.at(datetime(2025, 6, 12, tzinfo=UTC))
    assert [d.name for d in run.files(later, [path]).diagnostics] == ["action-item-overdue"]


def test_changed_since_and_staged(archive: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=archive, check=True, capture_output=True)

    git("add", "-A")
    git("commit", "-qm", "all")
    assert "All checks passed" in invoke("lint", "--changed-since", "HEAD").stderr
    path = archive / "incidents/0/2025-05-01-orders-0.md"
    path.write_text(path.read_text().replace("severity: P1", "severity: P9"))
    changed = invoke("lint", "--changed-since", "HEAD", "--format", "concise")
    assert {line.partition(":")[0] for line in changed.stdout.splitlines()} == {
        "incidents/0/2025-05-01-orders-0.md"
    }
    git("add", "-A")
    path.write_text(BASE)
    staged = invoke("lint", "--staged", "--format", "concise")
    assert '"P9" must be one of' in staged.stdout
    git("checkout", "-q", "-f", "HEAD")
    git("rm", "-q", "incidents/1/2025-05-02-orders-1.md")
    other = archive / "incidents/2/2025-05-03-orders-2.md"
    linked = with_yaml("related: [2025-05-02-orders-1]\n", other.read_text())
    other.write_text(linked)
    git("add", "-A")
    broken = invoke("lint", "--staged", "--select", "dead-link", "--format", "concise")
    assert 'no postmortem has the id "2025-05-02-orders-1"' in broken.stdout


def test_an_unknown_ref_is_told(archive: Path) -> None:
    result = invoke("lint", "--changed-since", "no-such-branch")
    assert result.exit_code == 2
    assert "fetch" in result.stderr


def test_a_baseline_knows_each_finding_once(archive: Path) -> None:
    assert invoke("lint").exit_code == 1
    assert invoke("lint", "--write-baseline", "known.json").exit_code == 0
    assert invoke("lint", "--baseline", "known.json").stdout == ""
    path = archive / "incidents/1/2025-05-02-orders-1.md"
    path.write_text(path.read_text() + "\nIt will never happen again.\n")
    fresh = invoke("lint", "--baseline", "known.json", "--format", "concise")
    assert [re.findall(r"\[(.*?)\]", line)[-1] for line in fresh.stdout.splitlines()] == [
        "never-again INC426"
    ]
    assert invoke("lint", "--baseline", "none.json").exit_code == 2


def test_a_baseline_knows_each_place_of_what_repeats(archive: Path) -> None:
    path = archive / "incidents/1/2025-05-02-orders-1.md"
    lines = ["- early: one", "- later: two", "- last: three"]

    def write(*entries: str) -> None:
        text = re.sub(r"^- (early|later|last|new): .*\n", "", path.read_text(), flags=re.M)
        listed = "".join(f"{entry}\n" for entry in entries)
        path.write_text(text.replace("## Timeline\n\n", f"## Timeline\n\n{listed}"))

    asked = ("lint", "--select", "timeline-entry", "--format", "concise", str(path))
    write(*lines)
    assert invoke(*asked, "--write-baseline", "known.json").exit_code == 0
    write(*lines[1:])
    assert invoke(*asked, "--baseline", "known.json").stdout == ""
    write(*lines[1:], "- new: four")
    fresh = invoke(*asked, "--baseline", "known.json")
    assert fresh.stdout.count("this timeline entry has no time") == 1


def test_statistics_exit_zero_and_output_file(archive: Path) -> None:
    result = invoke("lint", "--statistics", "--exit-zero")
    assert result.exit_code == 0
    assert re.search(r"\d+  INC209  error    root-cause-mechanism \(\d+ files\)", result.stdout)
    assert invoke("lint", "--format", "json", "--output-file", "out.json").stdout == ""
    assert json.loads((archive / "out.json").read_text())["diagnostics"]
    assert invoke("lint", "--profile", "legacy").exit_code == 0


def test_fix_writes_and_diff_does_not(archive: Path) -> None:
    path = archive / "incidents/1/2025-05-02-orders-1.md"
    before = path.read_text()
    shown = invoke("lint", "--diff", str(path))
    assert shown.exit_code == 1
    assert "-## RCA" in shown.stdout
    assert "+## Root cause" in shown.stdout
    assert path.read_text() == before
    assert "Fixed" in invoke("lint", "--fix", str(path)).stderr
    assert "## Root cause" in path.read_text()
    assert invoke("lint", "--diff", str(path)).stdout == ""


def test_a_baseline_holds_for_a_fix_too(archive: Path) -> None:
    path = archive / "incidents/1/2025-05-02-orders-1.md"
    path.write_text(BASE.replace("severity: P1", "severity: P9") + "\nA stray space. \n")
    assert invoke("lint", "--write-baseline", "known.json", str(path)).exit_code == 0
    assert invoke("lint", "--fix", str(path)).exit_code == 1
    assert "A stray space.\n" in path.read_text()
    assert invoke("lint", "--fix", "--baseline", "known.json", str(path)).exit_code == 0


def test_a_fix_that_adds_an_error_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    text = BASE.replace("## Root cause", "## RCA").replace(
        "## What went well", "## What went right"
    )
    text += "\nA stray space. \n"
    judge = using(Path("/nowhere"))
    original = linter.Linter.check

    def check(self: linter.Linter, found: document.Document) -> list[Diagnostic]:
        """As if the heading were named in a rule."""
        worse = Diagnostic("INC999", "x", Level.ERROR, "m", "h", found.path)
        return original(self, found) + ([] if "## RCA\n" in found.text else [worse])

    monkeypatch.setattr(linter.Linter, "check", check)
    fixed = fixes.fix_text(judge, text, f"{STEM}.md").text
    assert "A stray space.\n" in fixed
    assert "## What went well\n" in fixed
    assert "## RCA\n" in fixed
    assert fixes.fix_text(judge, fixed, f"{STEM}.md").text == fixed


def test_many_fixes_take_no_longer_each() -> None:
    text = BASE + "".join(f"line {number} \n" for number in range(20_000))
    found = [
        Diagnostic(
            "INC1", "n", Level.WARNING, "m", "h", "x.md", fix=Fix("", (Edit(at, at + 1, ""),))
        )
        for at in range(len(BASE), len(text) - 20, 8)
    ]
    changed, applied = fixes._apply(text, found)
    assert len(applied) == len(found)
    assert len(changed) == len(text) - len(found)


@pytest.mark.parametrize(
    "name", ["a b.md", "c\td.md", "e\nf.md", 'g"\\.md', "\u00fc.md", "\udcff.md"]
)
def test_a_diff_of_any_name_is_one_that_git_reads(archive: Path, name: str) -> None:
    path = archive / "incidents" / name
    path.write_text(BROKEN)
    shown = invoke("lint", "--diff", path)
    subprocess.run(["git", "apply", "-"], cwd=archive, input=shown.stdout_bytes, check=True)
    assert "## Root cause" in path.read_text()


def test_a_name_that_is_no_text_counts_as_changed(archive: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=archive, check=True, capture_output=True)

    git("add", "-A")
    git("commit", "-qm", "all")
    path = archive / "incidents" / "0" / "\udcff.md"
    path.write_text(BASE.replace("severity: P1", "severity: P9"))
    found = invoke("lint", "--changed-since", "HEAD", "--format", "concise").stdout
    assert {line.partition(":")[0] for line in found.splitlines()} == {"incidents/0/\\xff.md"}
    git("add", "-A")
    path.write_text(BASE)
    assert '"P9" must be one of' in invoke("lint", "--staged").stdout


def test_unsafe_fixes_put_the_role_for_the_name(tmp_path: Path) -> None:
    text = with_yaml(
        "roles: {incident_lead: ihalvorsen}\n",
        with_sections("## Root cause\n\nIt was seen when Ines Halvorsen and @dmartel looked.\n"),
    )
    safe = fixes.fix_text(using(tmp_path), text, "a.md")
    assert "Ines" in safe.text
    unsafe = fixes.fix_text(using(tmp_path), text, "a.md", unsafe=True)
    assert "seen when the incident lead and the on-call engineer looked." in unsafe.text


def test_rules_bind_incidents_from_a_day_on(archive: Path) -> None:
    (archive / "incident.toml").write_text('[rules.human-error]\nsince = "2025-05-15"\n')
    found = invoke("lint", "--select", "human-error", "--format", "concise").stdout
    days = {int(day) for day in re.findall(r"2025-05-(\d\d)", found)}
    assert days == set()  # every one of them began on the 14th
    (archive / "incident.toml").write_text('since = "2025-05-01"\n')
    assert "human-error" in invoke("lint", "--select", "human-error").stdout
    (archive / "incident.toml").write_text('since = "soon"\n')
    assert invoke("lint").exit_code == 2


PIECES = st.sampled_from(
    [
        "## RCA\n\nIt broke.\n",
        "## What went right (UTC)\n\nMuch  \n",
        "text with spaces   \n",
        "```\ncode   \n```\n",
        "Ines Halvorsen saw it.\r\n",
        "@dmartel\n",
        "\n \n",
        "> quoted \n",
        "## Résumé\n",
    ]
)
KEYS = st.permutations(
    [
        "id: x # why\n",
        "title: 'a b' \n",
        "# above\nstatus: draft\n",
        "x_own: 1\n",
        "severity: P2\n",
        "timestamps: {detected_at: '2025-05-14T09:40Z'}   \n",
        "tags:\n  - a\n  - b  \n",
    ]
)


@pytest.mark.slow
@given(KEYS, st.lists(PIECES, max_size=6), st.booleans(), st.booleans())
def test_a_fix_settles_and_makes_nothing_worse(
    keys: list[str], body: list[str], crlf: bool, unsafe: bool
) -> None:
    text = "---\n" + "".join(keys) + "---\n" + "".join(body)
    text = text.replace("\r\n", "\n").replace("\n", "\r\n") if crlf else text
    judge = using(Path("/nowhere"))
    fixed = fixes.fix_text(judge, text, "x.md", unsafe)
    assert fixes.fix_text(judge, fixed.text, "x.md", unsafe).text == fixed.text
    before = judge.check(document.parse(text, "x.md"))
    after = judge.check(document.parse(fixed.text, "x.md"))
    assert sum(d.level is Level.ERROR for d in after) <= sum(d.level is Level.ERROR for d in before)
    assert len(after) <= len(before)
    assert document.parse(fixed.text, "x.md").data == document.parse(text, "x.md").data
    if not unsafe:
        assert sorted("".join(fixed.text.split())) == sorted("".join(_renamed(text).split()))


def _renamed(text: str) -> str:
    return text.replace("## RCA", "## Root cause", 1).replace("went right", "went well", 1)


def test_the_archive_of_this_repository_needs_no_fix() -> None:
    result = invoke("lint", "--diff", str(CHECKOUT / "incidents"))
    assert (result.exit_code, result.stdout) == (0, "")


def test_deleting_what_went_well_blocks_on_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_init(tmp_path)
    monkeypatch.chdir(tmp_path)
    for path in sorted((CHECKOUT / "incidents").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        found = re.search(r"^## What went well\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
        if found is None or "status: draft" in text:
            continue
        copy = tmp_path / path.name
        copy.write_text(text[: found.start(1)] + "\n" + text[found.end(1) :], encoding="utf-8")
        line = text.count("\n", 0, found.start()) + 1
        result = invoke("lint", str(copy), "--format", "concise", "--ignore", "INC6")
        assert result.exit_code == 1
        assert f'{path.name}:{line}:1: error: "What went well" is empty' in result.stdout


FAULTY = [
    "---\nid: a\nid: b\n---\n",
    "---\ntitle: it: broken\n---\n",
    "---\nowner: @eng\n---\n",
    "---\na: [1, 2\n---\n",
    "---\n\ta: 1\n---\n",
    "---\na: &x [*x]\n---\n",
    "---\na: !!python/object:os.system x\n---\n",
    "---\n'a: 1\n---\n",
]


def test_libyaml_or_not_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted((CHECKOUT / "incidents").rglob("*.md"))
    texts = [path.read_text(encoding="utf-8") for path in paths] + FAULTY + [BROKEN]
    judge = using(Path("/nowhere"))

    def every() -> list[list[Diagnostic]]:
        return [judge.check(document.parse(text, "x.md")) for text in texts]

    fast = every()
    monkeypatch.setattr(frontmatter, "_LOADER", frontmatter._loader(yaml.SafeLoader))
    assert every() == fast


def test_a_text_from_stdin_stands_beside_the_archive(archive: Path) -> None:
    text = with_yaml("id: 2025-05-14-new\nrelated: [2025-05-01-orders-0, 2025-01-01-nowhere]\n")
    name = "incidents/0/2025-05-14-new.md"
    found = run.text(using(archive), text.encode(), name).diagnostics
    assert {d.path for d in found} == {name}
    assert [d.message for d in found if d.name == "dead-link"] == [
        'no postmortem has the id "2025-01-01-nowhere"'
    ]
    assert not (archive / name).exists()
