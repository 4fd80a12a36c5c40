"""The account of an import adds up, for real forms and for damaged ones."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime

import pytest

from incident import foreign
from incident.errors import UsageError
from incident.foreign import Options, render, several
from incident.foreign.imported import Imported
from incident.postmortem import document
from incident.repository.config import Config
from test_import_command import SEVERAL, TEXT
from test_importer import CHECKBOXES, HEADINGS, SEVEN, SRE

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FORMS = (CHECKBOXES, SEVEN, SRE, HEADINGS, SEVERAL, TEXT)
FRAGMENTS = (
    *("10:00 UTC ", "7/5/2023 ", "| a | b |\n|---|---|\n", "```", "- [x] ", "**", "<br>", "PST"),
    *("2025-13-45", "(DONE)", "\\", "# ", "---\n", "    ", "|", "\t", "1930: ", "GST ", "<!--"),
    *("Owner: ", "due 1/2/2024", "h2. ", "||", "== ", "\u2028", "99:99", "31 Dec 9999 23:59"),
)


def read(text: str) -> Imported:
    options = Options(owner="a", day=date(2025, 7, 1), now=NOW)
    return foreign.read(text, "x.md", options, Config())


def clocks(text: str) -> int:
    """How many lines have a clock time: the second counter."""
    return sum(re.search(r"(?<!\d)\d\d?:\d\d(?!\d)", line) is not None for line in text.split("\n"))


@pytest.mark.parametrize("text", FORMS)
def test_every_line_with_a_clock_time_is_accounted_for(text: str) -> None:
    account = read(text).account
    assert account.adds_up
    assert account.seen >= clocks(text) > 0


def test_an_exact_account() -> None:
    text = (
        "---\ntitle: Late\nfirst: 2025-07-01 10:00\n---\n\nSeen at 10:00.\n\n```\n10:05 x\n```\n\n"
        "## Timeline\n\n- 10:10 UTC a\n- 10:20 XST b\n- 1/2/2024 10:30 UTC c\n- 2031-01-01 d\n"
        "- later, by 10:40 or so, e\n"
    )
    account = read(text).account
    assert account.text == (
        "8 lines with a date or time: 1 taken; 1 in frontmatter, at line 3; "
        "1 only mentioned in the text, at line 6; 1 in code, at line 9; "
        "1 in an unknown time zone, at line 15; 1 with day and month unclear, at line 16; "
        "1 in the future, at line 17; 1 in a timeline, but not understood, at line 18"
    )
    assert account.seen == 8
    assert account.adds_up


def _damaged(text: str, choices: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(choices.randrange(1, 12)):
        at = choices.randrange(len(lines))
        line, column = lines[at], choices.randrange(len(lines[at]) + 1)
        lines[at : at + 1] = choices.choice(
            [
                [],
                [line, choices.choice(lines)],
                [line[:column] + choices.choice(FRAGMENTS) + line[column:]],
                [line[:column]],
                [
                    "".join(
                        c if choices.random() > 0.05 else choices.choice("019:-|*") for c in line
                    )
                ],
            ]
        ) or [""]
    return "\n".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_damaged_documents_are_read_and_accounted_for(seed: int) -> None:
    choices = random.Random(seed)
    for _ in range(100):
        text = _damaged(choices.choice(FORMS), choices)
        try:
            found = read(text)
        except UsageError:
            continue
        assert not document.parse(render.render(found, Config()), "x.md").faults
        assert found.account.adds_up
        assert found.account.seen >= clocks(text)
        assert all(entry.at.year >= 2000 and entry.at <= NOW for entry in found.entries if entry.at)
        several.split(text, several.starts(text))
