"""`incident new`: a draft in ten seconds, and nothing ever overwritten."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident import archive
from incident.drafts import new_draft
from incident.drafts.new_draft import Draft
from incident.postmortem import document, model
from incident.repository import config
from incident.repository.config import SEVERITIES
from incident.text.untrusted_text import one_line
from support import CHECKOUT, NOW, git_init, lint, run

BASIC = ("--severity", "P1", "--owner", "data-platform")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draft(title: str = "Orders late", severity: str = "P1", **more: object) -> Draft:
    return Draft(title, severity, "data-platform", NOW, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_fresh_draft_lints_clean(severity: str) -> None:
    text = new_draft.render(draft(severity=severity), config.Config())
    assert lint(document.parse(text, "2026-11-21-orders-late.md")) == []


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_draft_with_everything_given_lints_clean(severity: str) -> None:
    made = draft(
        'A: "b" # c\u2019s {{ d }} \u2603',
        severity,
        started_at=datetime.fromisoformat("2026-11-21T08:00+02:00"),
        kind="schema",
        assets=("dbt:model.shop.orders", 'a"b: c'),
        tags=("x", "no"),
        factors={"critical_use_case": True, "downstream_assets": 3},
    )
    found = document.parse(new_draft.render(made, config.Config()), f"{made.id}.md")
    assert lint(found) == []
    values = model.postmortem(found)
    assert values.title == made.title
    assert [asset.ref for asset in values.assets] == list(made.assets)
    assert values.tags == made.tags
    assert found.get("impact", "downstream_assets") == 3


@given(st.text(max_size=120), st.text(min_size=1, max_size=30))
def test_drafts_are_readable_for_any_title_and_owner(title: str, owner: str) -> None:
    made = Draft(one_line(title), "P2", one_line(owner), NOW)
    found = document.parse(new_draft.render(made, config.Config()), f"{made.id}.md")
    assert found.faults == []
    assert found.data["title"] == made.title
    assert found.data["owner"] == made.owner
    assert made.id.isascii()
    assert len(made.id) <= 71


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Umsätze fehlen: Ñandú & Œuvre", "umsatze-fehlen-nandu-oeuvre"),
        ("売上が消えた", "maishanggaxiaoeta"),
        ("../../etc/passwd", "etc-passwd"),
        ("Finance's numbers", "finances-numbers"),
        ("!!!", "incident"),
        ("x" * 90, "x" * 60),
        ("word " * 30, "-".join(["word"] * 12)),
    ],
)
def test_slugs_are_short_ascii_words(title: str, slug: str) -> None:
    assert new_draft.slug(title) == slug


def test_only_the_path_is_on_stdout(repository: Path) -> None:
    result = run("new", "Orders arrive late", *BASIC, "--detected-at", "2025-05-14T09:40+02:00")
    assert result.exit_code == 0
    assert result.stdout == "incidents/2025/2025-05-14-orders-arrive-late.md\n"
    assert "within 1 hour" in result.stderr
    created = repository / result.stdout.strip()
    assert 'detected_at: "2025-05-14T09:40+02:00"' in created.read_text(encoding="utf-8")
    assert run("lint", created).exit_code == 0


def test_nothing_is_overwritten(repository: Path) -> None:
    args = ("new", "Orders arrive late", *BASIC, "--detected-at", "2025-05-14T09:40Z")
    path = repository / run(*args).stdout.strip()
    path.write_text("mine", encoding="utf-8")
    result = run(*args)
    assert result.exit_code == 2
    assert "already exists" in result.stderr
    assert path.read_text(encoding="utf-8") == "mine"


def test_stdout_creates_no_file(repository: Path) -> None:
    result = run("new", "Orders arrive late", *BASIC, "--stdout", "--tag", "a", "--status", "draft")
    assert result.stdout.startswith("---\nschema_version: 1\n")
    assert not (repository / "incidents").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "TITLE, --severity, --owner are missing"),
        (["x"], "--severity, --owner are missing"),
        (["x", "--severity", "P1"], "--owner is missing"),
        (
            ["x", "--assess", "--downstream", "3"],
            "--critical or --not-critical, --magnitude, --owner are missing",
        ),
        (["  ", *BASIC], "the title is empty"),
        (["x", "--severity", "P1", "--owner", "@"], "the owner is empty"),
        (["x", *BASIC, "--detected-at", "09:40"], "has no UTC offset"),
        (["x", "--severity", "P7"], "'P7' must be one of P0, P1, P2, P3"),
    ],
)
def test_without_a_terminal_missing_options_are_listed(
    repository: Path, args: list[str], said: str
) -> None:
    result = run("new", *args)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (repository / "incidents").exists()


@pytest.mark.parametrize(
    ("critical", "downstream", "magnitude", "severity"),
    [
        ("--critical", 12, 1, "P0"),
        ("--critical", 2, 18, "P0"),
        ("--critical", 2, 1, "P1"),
        ("--not-critical", 12, 1, "P2"),
        ("--not-critical", 0, 0, "P3"),
    ],
)
def test_three_factors_propose_the_severity(
    repository: Path, critical: str, downstream: int, magnitude: float, severity: str
) -> None:
    args = ["--assess", critical, "--downstream", downstream, "--magnitude", magnitude]
    result = run("new", "x", "--owner", "a", *map(str, args), "--stdout")
    assert f"severity: {severity} " in result.stdout
    assert f"downstream_assets: {downstream}\n" in result.stdout
    assert f"suggested severity {severity}" in result.stderr


def test_a_repository_has_its_own_template(repository: Path) -> None:
    own = repository / "templates" / "postmortem.md.j2"
    own.parent.mkdir()
    own.write_text("---\nid: {{ draft.id }}\ntitle: {{ draft.title | quoted }}\n---\nours\n")
    assert run("new", "x", *BASIC, "--stdout").stdout.endswith("ours\n")
    for broken in ("{{ nothing }}", "{% if %}", "no frontmatter", "{{ draft.__class__.__mro__ }}"):
        own.write_text(broken)
        result = run("new", "x", *BASIC)
        assert result.exit_code == 2
        assert "postmortem.md.j2" in result.stderr
        assert not (repository / "incidents").exists()


def test_symlinks_out_of_the_archive_are_refused(repository: Path) -> None:
    elsewhere = repository.parent / "elsewhere"
    elsewhere.mkdir()
    (repository / "incidents").mkdir()
    (repository / "incidents" / "2026").symlink_to(elsewhere)
    result = run("new", "x", *BASIC, "--detected-at", "2026-01-01T00:00Z")
    assert result.exit_code == 3
    assert "is outside the archive" in result.stderr
    assert list(elsewhere.iterdir()) == []


def test_a_terminal_prompts_for_missing_options(repository: Path) -> None:
    main, child = pty.openpty()
    command = [sys.executable, "-m", "incident", "new", "--no-edit"]
    process = subprocess.Popen(
        command, stdin=child, stdout=subprocess.PIPE, stderr=child, cwd=repository
    )
    os.close(child)
    os.write(main, b"Orders arrive late\nP1\ndata-platform\n")
    stdout, _ = process.communicate(timeout=30)
    asked = os.read(main, 10_000).decode()
    assert process.returncode == 0
    assert stdout.decode().endswith("-orders-arrive-late.md\n")
    for question in ("What is wrong, for whom", "Severity", "Owner"):
        assert question in asked


def test_templates_ship_with_the_project() -> None:
    assert {path.name for path in (CHECKOUT / "templates").glob("postmortem*.j2")} == {
        "postmortem.md.j2",
        "postmortem-light.md.j2",
    }


@pytest.mark.parametrize("severity", SEVERITIES)
def test_a_draft_has_no_trailing_space(severity: str) -> None:
    text = new_draft.render(draft(severity=severity), config.Config())
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("severity", SEVERITIES)
def test_drills_are_marked_linted_and_excluded_from_lists(repository: Path, severity: str) -> None:
    args = ("new", "Orders late, rehearsed", "--owner", "a", "--severity", severity, "--drill")
    path = run(*args).stdout.strip()
    assert "\ndrill: true " in (repository / path).read_text(encoding="utf-8")
    assert run("lint", path).exit_code == 0
    assert run("list").stdout == ""
    assert "Orders late, rehearsed" in run("list", "--drills").stdout
    assert archive.load(config.Config(root=repository)).postmortems == ()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--detected-at", "2095-01-01T00:00Z"), "is in the future"),
        (("--detected-at", "2h", "--started-at", "1h"), "is after"),
        (("--detected-at", "02:40"), "write 02:40Z for UTC"),
        (("--magnitude", "much"), "is not a percentage"),
    ],
)
def test_impossible_options_are_refused(
    repository: Path, options: tuple[str, ...], words: str
) -> None:
    result = run("new", "Orders late", "--severity", "p3", "--owner", "crm", *options)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.split())
    assert not list(repository.rglob("*.md"))


def test_a_clock_is_read(repository: Path) -> None:
    result = run(
        *("new", "Orders late", "--severity", "p3", "--owner", "crm", "--detected-at", "00:00Z"),
        *("--assess", "--critical", "--downstream", "2", "--magnitude", "18%"),
    )
    assert result.exit_code == 0, result.stderr
    text = next(repository.rglob("*.md")).read_text()
    assert "severity: P3" in text or "severity: P0" in text
    assert "T00:00Z" in text


def test_an_example_in_a_comment_is_no_check(repository: Path) -> None:
    run("new", "Loyalty points missing", "--severity", "P2", "--owner", "crm")
    second = run("new", "Payroll feed late", "--severity", "P2", "--owner", "hr")
    assert "same check" not in second.stderr


def test_the_next_update_is_in_the_future(repository: Path) -> None:
    path = run("new", "Orders late", "--severity", "P1", "--owner", "crm").stdout.strip()
    id_ = Path(path).stem
    told = run("message", id_, "--kind", "declared", "--next-update", "30m").stdout
    shown = re.search(r"Next update:?\**\s*(\S+ \d\d:\d\d)", told)
    assert shown, told
    assert datetime.fromisoformat(f"{shown[1]}+00:00") > datetime.now(UTC)


def test_a_channel_is_suggested_or_named_by_the_configuration(repository: Path) -> None:
    words = ("new", "Orders are low", *BASIC, "--detected-at", "2026-03-03T09:00Z", "--stdout")
    assert "channel:                   # the chat channel, e.g. inc-2026-03-03-orders" in (
        run(*words).stdout
    )
    (repository / "incident.toml").write_text('channel = "data_{severity}-{slug}"\n')
    assert "\nchannel: data_p1-orders-are-low\n" in run(*words).stdout
    assert "\nchannel: war-room\n" in run(*words, "--channel", "#war-room").stdout
    declared = run(*words[:-1], "--no-edit")
    assert "channel  create #data_p1-orders-are-low" in declared.stderr
    (repository / "incident.toml").write_text('channel = "{name}"\n')
    assert "unknown value `{name}` in `channel`" in run(*words).stderr
