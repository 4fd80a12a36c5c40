"""`incident lint` as people call it: repositories, streams, exit codes, bad input."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jsonschema
import pytest

from incident import formats
from support import CHECKOUT, MINIMAL, git_init, run

NAME = "2025-05-14-revenue-drops.md"
BAD = MINIMAL.replace("P1", "P9")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    (tmp_path / "incidents" / "2025").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(repository: Path, content: str | bytes, name: str = NAME) -> Path:
    path = repository / "incidents" / "2025" / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_clean_archive_exits_0_and_says_so_on_stderr(repository: Path) -> None:
    write(repository, MINIMAL)
    result = run("lint")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "All checks passed (1 postmortem)" in result.stderr


def test_an_error_exits_1_with_excerpt_caret_and_help(repository: Path) -> None:
    write(repository, BAD)
    result = run("lint")
    assert result.exit_code == 1
    assert result.stdout == (
        'error: severity "P9" must be one of P0, P1, P2, P3 [frontmatter-schema INC002]\n'
        " --> incidents/2025/2025-05-14-revenue-drops.md:5:11\n"
        "  |\n"
        "5 | severity: P9\n"
        "  |           ^^\n"
        "  = help: P0: the business is acting on wrong data right now; P1: a critical use case "
        "is wrong or late; P2: limited impact, or a workaround exists; P3: minor\n"
    )
    assert "1 error in 1 of 1 postmortem" in result.stderr


def test_paths_are_relative_to_the_repository_from_any_folder(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, BAD)
    monkeypatch.chdir(repository / "incidents")
    lines = run("lint", "--format", "concise", "2025").stdout
    assert lines.startswith("incidents/2025/2025-05-14-revenue-drops.md:5:11: error: severity")


def test_stdin_is_judged_under_its_name(repository: Path) -> None:
    name = f"incidents/2025/{NAME}"
    result = run("lint", "-", "--stdin-filename", name, "--format", "concise", stdin=BAD)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{name}:5:11: error:")
    assert run("lint", "-", stdin=MINIMAL).exit_code == 0


def test_a_loose_file_is_linted_with_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / NAME).write_text(BAD, encoding="utf-8")
    monkeypatch.chdir("/")
    result = run("lint", tmp_path / NAME)
    assert result.exit_code == 1
    assert 'severity "P9"' in result.stdout


@pytest.mark.parametrize("args", [["gone.md"], ["--select", "no-such-rule"], ["--nonsense"]])
def test_wrong_usage_exits_2(repository: Path, args: list[str]) -> None:
    result = run("lint", *args)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_no_archive_exits_2_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("lint")
    assert result.exit_code == 2
    assert "name the files to check" in result.stderr


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[tool.incident]\narchve = 'x'", "did you mean `archive`?"),
        ("[tool.incident]\narchive = 5", "`archive` must be a string, got 5"),
        ("[tool.incident]\narchive = '../x'", "outside"),
        ("[tool.incident]\nignore = ['what-wnt-well']", "did you mean `what-went-well`?"),
        ("[tool.incident.rules.what-went-well]\nlevel = 'fatal'", "error, warning, notice or off"),
        ("[tool.incident.rules.what-went-well]\nmin_wrds = 3", "did you mean `min_words`?"),
        (
            "[tool.incident.rules.what-went-well]\nmin_words = 'x'",
            "must be a whole number, got 'x'",
        ),
        ("[tool.incident.severity_aliases]\nsev1 = 'P7'", "severity_aliases.sev1"),
        ("[tool.incident", "correct the TOML"),
    ],
)
def test_wrong_configuration_exits_2_and_says_what_to_do(
    repository: Path, toml: str, said: str
) -> None:
    write(repository, MINIMAL)
    (repository / "pyproject.toml").write_text(toml, encoding="utf-8")
    result = run("lint")
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_broken_dbt_manifest_exits_2_and_says_what_to_do(repository: Path, jobs: str) -> None:
    (repository / "pyproject.toml").write_text('[tool.incident]\ndbt_manifest = "manifest.json"\n')
    for number in range(70):  # enough for two processes
        write(repository, MINIMAL, f"2025-05-14-number-{number}.md")
    for content, fact, hint in (
        ("{", "manifest.json:1:2: incomplete JSON", "rerun `dbt parse`"),
        ("[]", "has no `nodes`", "use dbt's manifest.json"),
    ):
        (repository / "manifest.json").write_text(content)
        result = run("lint", "--no-cache", "--jobs", jobs)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "error: dbt_manifest" in result.stderr
        assert fact in result.stderr
        assert hint in result.stderr


def test_a_clone_without_dbts_manifest_is_linted_with_a_warning(repository: Path) -> None:
    (repository / "incident.toml").write_text('dbt_manifest = "target/manifest.json"\n')
    write(repository, MINIMAL)
    result = run("lint", "--quiet")
    assert result.exit_code == 0
    assert "warning: assets, tests and owners are not checked against dbt" in result.stderr
    assert "run `dbt parse`, or correct `dbt_manifest`" in result.stderr
    assert "::warning title=dbt::" in run("lint", "--format", "github").stderr
    made = run("new", "Orders late", "--severity", "P2", "--owner", "data", "--no-edit")
    assert made.exit_code == 0


def test_configuration_changes_levels_selection_and_scales(repository: Path) -> None:
    write(repository, MINIMAL.replace("P1", "sev1"))
    config = repository / "incident.toml"
    assert run("lint").exit_code == 1
    config.write_text("[severity_aliases]\nsev1 = 'P1'\n", encoding="utf-8")
    assert run("lint").exit_code == 0
    config.write_text("[rules.frontmatter-schema]\nlevel = 'warning'\n", encoding="utf-8")
    assert run("lint").exit_code == 0
    config.write_text("ignore = ['INC0']\n", encoding="utf-8")
    assert run("lint").stdout == ""
    config.unlink()
    assert run("lint", "--ignore", "frontmatter-schema").exit_code == 0
    assert run("lint", "--select", "what-went-well,INC3").exit_code == 0


def test_json_is_what_its_schema_says(repository: Path) -> None:
    write(repository, BAD)
    found = json.loads(run("lint", "--format", "json").stdout)
    schema = json.loads((CHECKOUT / "schemas/lint.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, schema)
    assert found["diagnostics"][0]["path"] == f"incidents/2025/{NAME}"
    assert (found["diagnostics"][0]["line"], found["diagnostics"][0]["column"]) == (5, 11)
    assert json.loads(run("lint", "--format", "json", "--select", "INC3").stdout) == {
        "schema_version": 1,
        "diagnostics": [],
    }


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \n\t\n", "the file is empty"),
    "binary": (bytes(range(256)), "NUL byte"),
    "latin-1": (b"---\nid: x\ntitle: Caf\xe9\n---\n", "byte 0xe9 is not UTF-8"),
    "utf-16": ("---\nid: x\n---\n".encode("utf-16"), "NUL byte"),
    "nul": (b"---\nid: x\x00\n---\n", "NUL byte"),
    "unclosed": (b"---\nid: x\n", "not closed"),
    "none": (b"# Title\n", "frontmatter is missing"),
    "duplicate": (b"---\nid: a\nid: b\n---\n", "duplicate key"),
    "tag": (b"---\nid: !!python/object/apply:os.system [ls]\n---\n", "tag"),
    "list": (b"---\n- a\n---\n", "got a list"),
    "bomb": (
        b"---\na: &a [x,x]\nb: &b [*a,*a]\n"
        + b"".join(
            b"c%d: &c%d [*%s,*%s]\n" % (n, n, p, p)
            for n, p in enumerate([b"b"] + [b"c%d" % i for i in range(40)])
        )
        + b"---\n",
        "expands to over",
    ),
    "long-line": (b"---\nid: " + b"x" * 5_000_000 + b"\n---\n", "5.0 MB (limit 1 MB)"),
    "traversal": (b"---\nid: ../../x\n---\n", "has an invalid format"),
    "deep": (b"---\na: " + b"[" * 9_000 + b"\n---\n", "nested more than"),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("output", formats.names())
def test_bad_input_is_a_diagnostic_and_the_others_are_still_linted(
    repository: Path, kind: str, output: str
) -> None:
    raw, said = BROKEN[kind]
    bad = write(repository, raw, "2025-01-01-bad.md")
    write(repository, BAD)
    before = sorted(repository.rglob("*"))
    result = run("lint", "--format", output)
    assert result.exit_code == 1
    assert said in result.stdout
    assert "P9" in result.stdout
    assert "Traceback" not in result.output
    assert bad.read_bytes() == raw
    assert sorted(repository.rglob("*")) == before


def test_bom_and_crlf_are_read_as_they_are(repository: Path) -> None:
    text = "\ufeff" + BAD.replace("\n", "\r\n")
    write(repository, text)
    result = run("lint", "--format", "concise")
    assert result.stdout.startswith(f"incidents/2025/{NAME}:5:11: error: severity")
    assert result.stdout.count("\n") == 1


def test_a_link_out_of_the_repository_is_not_followed(repository: Path) -> None:
    secret = repository.parent / "secret.md"
    secret.write_text("top secret", encoding="utf-8")
    (repository / "incidents" / "2025" / "2025-01-01-link.md").symlink_to(secret)
    (repository / "incidents" / "2025" / "2025-01-02-gone.md").symlink_to("nowhere.md")
    (repository / "incidents" / "out").symlink_to("/")
    if sys.platform != "win32":
        os.mkfifo(repository / "incidents" / "2025" / "2025-01-03-pipe.md")
    result = run("lint")
    assert result.exit_code == 1
    assert "outside the repository" in result.stdout
    assert "top secret" not in result.stdout
    assert result.stdout.count("not a file") == (1 if sys.platform == "win32" else 2)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_diagnostic(repository: Path) -> None:
    write(repository, MINIMAL).chmod(0)
    assert "Permission denied" in run("lint").stdout


HOSTILE = "a\x1b[31m\u202e%0A::error file=x::y"


@pytest.mark.parametrize("output", ["full", "concise", "github"])
def test_text_of_a_document_cannot_forge_output(repository: Path, output: str) -> None:
    write(repository, MINIMAL.replace("P1", json.dumps(HOSTILE + "\n::warning::z")))
    out = run("lint", "--format", output).stdout
    assert "\x1b" not in out
    assert "\u202e" not in out
    lines = [line for line in out.splitlines() if line.lstrip().startswith("::")]
    assert len(lines) == (1 if output == "github" else 0)


def test_colors_obey_the_environment(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repository, BAD)
    assert "\x1b[" in run("--color", "always", "lint").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("lint").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("lint").stdout
    assert "\x1b[" in run("--color", "always", "lint").stdout


def test_quiet_says_nothing_on_stderr(repository: Path) -> None:
    write(repository, BAD)
    assert run("-q", "lint").stderr == ""
