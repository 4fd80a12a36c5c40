"""No text takes long: four times the text takes about four times the work, not sixteen.

A shape is what once was slow, or what patterns and loops are slow on. It is timed at its full size,
and only where that takes long, at a quarter too. The time is the processor's, the factor generous.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from incident import foreign, formats
from incident.clock import Clock
from incident.diagnostic import Diagnostic, Edit, Fix, Level, Span
from incident.errors import ConfigError, UsageError
from incident.formats import Report
from incident.lint import baseline, fixes, linter
from incident.postmortem import document, edit, frontmatter, suppressions, timeline_entries
from incident.repository import config
from incident.sources import issue
from incident.sources import timeline as timelines
from incident.sources.timeline import Reading
from incident.text import stamps
from rules.examples import BASE, ROSTER, STEM, with_sections, with_yaml
from support import run

NOW = datetime(2025, 6, 1, tzinfo=UTC)
PATH = f"incidents/2025/{STEM}.md"
QUICK, MOST = 0.3, 9.0
Make = Callable[[int], str]


def grows_evenly(run: Callable[[str], object], make: Make, size: int) -> None:
    """Fail where a text of `size` characters takes far more than four times that of a quarter."""
    for _ in range(3):  # a machine that does much else may hit one of the two
        whole = _seconds(run, make(size))
        if whole < QUICK:
            return
        part = _seconds(run, make(size // 4))
        if whole / part < MOST:
            return
    pytest.fail(f"{size // 4} characters: {part:.2f} s, {size}: {whole:.2f} s")


def _seconds(run: Callable[[str], object], text: str) -> float:
    gc.disable()
    begun = time.process_time()
    try:
        run(text)
        return time.process_time() - begun
    finally:
        gc.enable()


def repeat(unit: str, head: str = "") -> Make:
    return lambda size: head + unit * (size // len(unit))


def each(unit: str, head: str = "") -> Make:
    """`unit` with another word in each place."""
    return lambda size: (
        head + "".join(unit.format(word(number)) for number in range(size // (len(unit) + 2)))
    )


def word(number: int) -> str:
    letters = ""
    while number or not letters:
        letters, number = letters + "abcdefghijklmnopqrstuvwxyz"[number % 26], number // 26
    return f"vx{letters}"


def key(value: Callable[[int], str]) -> Make:
    return lambda size: with_yaml(value(size))


def before_owner(unit: str) -> Make:
    return lambda size: BASE.replace("owner:", unit * (size // len(unit)) + "owner:", 1)


BODIES: dict[str, str] = {
    "own line": "<!-- incident-ignore: never-again -- x -->\n",
    "paragraphs": "<!-- incident-ignore: never-again -- x -->\n\nIt never happens again.\n\n",
    "one line": "<!-- incident-ignore: never-again -- x --> a ",
    "sections": "### h\n<!-- incident-ignore-section: never-again -- x -->\n",
    "one name": "Hudsonq reverted it. ",
    "given name": "Ines reverted it. ",
    "initials": "KJ ",
    "](": "](",
    "](a.md": "](a.md",
    "[a](b.md)": "[a](b.md) ",
    "ticks": "``a ` ",
    "tags": "<a",
    "comments": "<!-- a -->",
    "headings": "# a\n",
    "fences": "```x\n~~~\n",
    "spaces": " ",
    "stray": "a \n",
    "lines": "\n",
    "letters": "A",
    "Ab": "Ab ",
    "dates": "2025-05-14 ",
    "mails": "a@b.example ",
    "a.": "a.",
    "quotes": '"',
    "=": 'a="',
    "again": "This will never happen again. ",
    "should": "we should have checked it. ",
    "TBD": "TBD\n",
    "indented": "    TODO\n\n",
    "spans over lines": "TODO `a\nb` c\n\n",
    "code": "TODO `a\n`",
    "open tags": "<pre>TODO<a",
    "headings below TODO": "# TODO `\n",
    "nested quotes": "> > > > TODO `\n\n",
    "brackets": "TODO ` [[[[",
    "open comments": "    <!-- TODO -->\n\n",
    "open fences": "  ```\n TODO\n",
    "key": 'api_key = "a1B2c3D4e5F6g7H8"\n',
}
DOCUMENTS: dict[str, Make] = {
    **{name: repeat(unit, BASE) for name, unit in BODIES.items()},
    "names": each("Q{} reverted it. ", BASE),
    "names with hyphens": each("Q{}-ab reverted it. ", BASE),
    "unknown suppressions": each("<!-- incident-ignore: {} -- x -->\n", BASE),
    "words of a suppression": lambda n: (
        BASE + f"<!-- incident-ignore: {'ab ' * (n // 3)}-- x -->\n"
    ),
    "blank lines above": before_owner(" \n"),
    "spaces above": before_owner(" "),
    "keys": lambda n: BASE.replace("---\n", "---\n" + each("x_{}: 1\n")(n), 1),
    "unknown keys": lambda n: BASE.replace("---\n", "---\n" + each("y{}: 1\n")(n), 1),
    "twice a key": lambda n: BASE.replace("---\n", "---\n" + "x_a: 1\n" * (n // 7), 1),
    "related": key(lambda n: f"related: [{each('2025-01-01-{}, ')(n)}x]\n"),
    "lint.ignore": key(
        lambda n: "lint: {ignore: [" + "{rule: never-again, reason: x}, " * (n // 32) + "]}\n"
    ),
    "action items": key(
        lambda n: "action_items:\n" + '  - {id: AI-1, title: "Add a test", owner: x}\n' * (n // 46)
    ),
    "reason": key(
        lambda n: (
            'action_items:\n  - {id: AI-1, title: x, status: wont_do, reason: "#'
            + "2025-05-14-" * (n // 11)
            + '"}\n'
        )
    ),
    "timeline": lambda n: with_sections("## Timeline\n\n" + "- 09:40 seen\n" * (n // 13)),
}


@pytest.fixture(scope="module")
def judge() -> linter.Linter:
    made = linter.make(config.Config(root=Path("/nowhere")), NOW, ROSTER)
    made.check(document.parse(BASE + "api_key = 1\n", PATH))  # imports what is imported late
    return made


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_linter(judge: linter.Linter, name: str) -> None:
    def run(text: str) -> None:
        outcome = judge.examine(document.parse(text, PATH))
        judge.check_archive([outcome.facts])

    grows_evenly(run, DOCUMENTS[name], 40_000)


def read(text: str) -> None:
    found = document.parse(text, PATH)
    assert len(found.prose) == len(text)
    timeline_entries.read(found)
    suppressions.read(found, Clock(NOW))
    assert found.links is not None


@pytest.mark.parametrize(
    "make", [repeat(unit, BASE) for unit in BODIES.values()], ids=BODIES.keys()
)
def test_the_readers_of_a_text(make: Make) -> None:
    grows_evenly(read, make, 120_000)


@pytest.mark.parametrize(
    "unit",
    ["\n", " \n", "x: |\n", "- a\n", "a: b\n", "a: #1\n", "? ", "&a ", "{", "'", "a: {b: c}\n"],
)
def test_the_frontmatter(unit: str) -> None:
    grows_evenly(lambda text: frontmatter.read(text), repeat(unit, "---\n"), 100_000)
    grows_evenly(lambda text: frontmatter.read(f"{text}\n---\n"), repeat(unit, "---\n"), 100_000)


@pytest.mark.parametrize("unit", [" \n", "x: |\n", "- a\n", "# c\n", "x_a: b\n"])
def test_an_edit(unit: str) -> None:
    def run(text: str) -> None:
        edit.set_value(edit.set_value(text, ("status",), "draft"), ("new",), "x")

    grows_evenly(run, before_owner(unit) if unit[0] in " #" else repeat("a \n", BASE), 100_000)


FOREIGN = [
    *("- 12:45 PM PST Oct 30th: x\n", "2021-05-09 ", "13.41 ", "May 3 ", "12:", "1/", "- [x] a\n"),
    *("| a | b |\n", "|---|\n", "| 09:40 | x |\n", "**Owner**: x\n", "## a\n", "@a ", "** ", " - "),
    *(
        "\n",
        "(",
        "Oct 30th ",
        "Add a test for it\n",
        "1. a\n   - b\n",
        "a:",
        " \n",
        "*",
        "\u2705 x\n",
    ),
]
HEADS = ["# Orders twice, May 3, 2025\n\n## Timeline\n\n", "# x\n\n## Action items\n\n", "# x\n\n"]


@pytest.mark.parametrize("unit", FOREIGN)
def test_the_importer(unit: str) -> None:
    options = foreign.Options("data-platform", "P2", date(2025, 5, 3))

    def run(text: str) -> None:
        try:
            foreign.read(text, "a.md", options, config.Config(root=Path("/nowhere")))
        except UsageError:
            return

    for head in HEADS:
        grows_evenly(run, repeat(unit, head), 160_000 if unit == "\n" else 30_000)
    grows_evenly(lambda text: (stamps.leading(text), stamps.trailing(text)), repeat(unit), 60_000)


FILES: dict[str, tuple[str, str, str, str]] = {
    "csv": ("t.csv", "at,text\n", "2025-05-14T09:40Z,x\n", ""),
    "csv quotes": ("t.csv", "at,text\n", '"', ""),
    "ndjson": ("t.ndjson", "", '{"at": "2025-05-14T09:40Z", "text": "x"}\n', ""),
    "slack": ("d.json", "[", '{"ts": "1747215600.1", "text": "!tl <@U1> x"}, ', "{}]"),
    "slack <": ("d.json", '[{"ts": "1747215600.1", "text": "!tl ', "<@U1|", '"}]'),
    "slack &": ("d.json", '[{"ts": "1747215600.1", "text": "!tl ', "&amp", '"}]'),
    "pagerduty": (
        "p.json",
        '{"log_entries": [',
        '{"type": "trigger_log_entry", "created_at": "2025-05-14T09:40:00Z"}, ',
        "{}]}",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_the_intake(tmp_path: Path, name: str) -> None:
    file, head, unit, tail = FILES[name]

    def run(text: str) -> None:
        (tmp_path / file).write_text(text + tail)
        source = {"t": file[2:], "d": "slack", "p": "pagerduty"}[file[0]]
        try:
            timelines.read(tmp_path / file, source, Reading())
        except UsageError:
            return

    grows_evenly(run, repeat(unit, head), 200_000)


@pytest.mark.parametrize("unit", ["### a\n", "### Severity\n\nP1\n", "2025-05-14 ", "#", " ", "a,"])
def test_the_issue_form(unit: str) -> None:
    grows_evenly(
        lambda text: issue.parse({"title": "x" + text[:9000], "body": text}), repeat(unit), 65_000
    )


@pytest.mark.parametrize("unit", ['a{} = "x"\n', "[rules.a{}]\n", "[[a{}]]\n"])
def test_the_configuration(tmp_path: Path, unit: str) -> None:
    def run(text: str) -> None:
        (tmp_path / "incident.toml").write_text(text)
        try:
            config.load(tmp_path)
        except ConfigError:
            return

    grows_evenly(run, each(unit), 100_000)


def many(size: int) -> tuple[str, list[Diagnostic]]:
    """A text with a finding and its fix on each line."""
    lines = size // 8
    text = "".join(f"{number:6} \n" for number in range(lines))
    found = []
    for line in range(lines):
        at = line * 8 + 6
        fix = Fix("remove", (Edit(at, at + 1, ""),))
        span = Span(line + 1, 7, line + 1, 8)
        found.append(Diagnostic("INC1", "x", Level.WARNING, "m", "h", "a.md", span, fix))
    return text, found


@pytest.mark.parametrize("name", formats.names())
def test_every_format(name: str) -> None:
    def run(size: str) -> None:
        text, found = many(len(size))
        formats.render(name, Report(tuple(found), {"a.md": text}))

    grows_evenly(run, lambda size: " " * size, 60_000)


def test_fixes_and_a_baseline(tmp_path: Path) -> None:
    def run(size: str) -> None:
        text, found = many(len(size))
        assert fixes._apply(text, found)[0].count("\n") == len(found)
        baseline.write(tmp_path / "b.json", found, {"a.md": text})
        known = baseline.read(tmp_path / "b.json")
        assert baseline.new(found, known, {"a.md": text}) == []

    grows_evenly(run, lambda size: " " * size, 120_000)


@pytest.mark.parametrize(
    "command", [("stats",), ("list",), ("actions", "list"), ("actions", "digest")]
)
def test_memory_of_a_command_over_the_archive(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most 20 kB for each postmortem, whatever it says."""
    (tmp_path / "incidents").mkdir()
    monkeypatch.chdir(tmp_path)
    peaks = []
    for count in (50, 250):
        for number in range(count):
            text = BASE.replace(STEM, f"2025-05-14-number-{number}")
            (tmp_path / "incidents" / f"2025-05-14-number-{number}.md").write_text(text)
        tracemalloc.start()
        assert run(*command).exit_code == 0
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 200 < 20_000
