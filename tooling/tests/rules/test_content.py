"""Sections, timeline and action items: INC2xx and INC3xx."""

from __future__ import annotations

import re

import pytest

from rules.examples import BASE, found, lint, with_sections, with_yaml

STARTED = "- 2025-05-14 02:05Z **started**: the load ran\n"
ITEM = (
    "id: AI-1, title: add a test, type: detect, owner: data-platform, status: committed,"
    ' done_when: "fails on a replay"'
)


def without(*titles: str) -> str:
    text = BASE
    for title in titles:
        text = re.sub(rf"^## {title}\n.*?(?=^## |\Z)", "", text, flags=re.MULTILINE | re.DOTALL)
    return text


def timeline(entries: str, base: str = BASE) -> str:
    return with_sections(f"## Timeline\n\n{entries}", base)


def items(*written: str, severity: str = "P1", status: str = "published") -> str:
    lines = "".join(f"  - {{{item}}}\n" for item in written)
    return with_yaml(f"status: {status}\nseverity: {severity}\naction_items:\n{lines}")


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ("status: draft\n", []),
        ("status: in_review\n", ["Impact", "Root cause", "What went well"]),
        (
            "status: published\nseverity: P3\n",
            ["Impact", "Root cause", "What went badly", "What went well"],
        ),
        (
            "status: published\nseverity: P0\n",
            ["Contributing factors", "Impact", "Root cause", "What went badly", "What went well"],
        ),
        ("status: odd\n", ["Impact", "Root cause", "What went badly", "What went well"]),
    ],
)
def test_sections_grow_with_the_status(keys: str, asked: list[str]) -> None:
    text = without(
        "Impact", "Root cause", "Contributing factors", "What went well", "What went badly"
    )
    said = [message for _, message in found("INC201", with_yaml(keys, text))]
    assert sorted(message.split('"')[1] for message in said) == asked


def test_a_missing_section_is_shown_where_it_would_go() -> None:
    assert (
        found("INC201", without("Detection"))[0][0]
        == "- 13:30 **resolved**: finance and sales were told"
    )
    assert found("INC201", without("Summary"))[0][0] == "## Impact"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("filler", ["", "<!-- say something -->\n", "### Causes\n\n"])
def test_an_empty_section_is_shown_at_its_heading(filler: str, line_end: str) -> None:
    text = with_sections(f"## Root cause\n\n{filler}").replace("\n", line_end)
    assert found("INC201", text) == [("## Root cause", 'section "Root cause" is empty')]


def test_code_is_evidence() -> None:
    assert found("INC201", with_sections("## Supporting evidence\n\n```sql\nselect 1\n```\n")) == []


def test_what_the_first_postmortem_missed() -> None:
    again = with_yaml("recurrence_of: 2025-01-20-orders-late\n")
    section = "## What did the first postmortem miss?\n\nThe test covered one table.\n"
    assert "first postmortem" in found("INC201", again)[0][1]
    assert found("INC201", with_sections(section, again)) == []
    hits = found("INC201", with_sections(section))
    assert hits[0][0] == "## What did the first postmortem miss?"


@pytest.mark.parametrize(
    "text", ["---\nstatus: draft\nowner: @x\n---\n\n# A\n", "\0\0", " \n", "---\nid: x\n"]
)
def test_a_file_that_cannot_be_judged_is_not_asked_for_sections(text: str) -> None:
    assert found("INC201", text) == []


def test_deleting_what_went_well_is_an_error_on_that_line() -> None:
    hits = [d for d in lint(with_sections("## What went well\n")) if d.level == "error"]
    assert [(d.code, d.name) for d in hits] == [("INC202", "what-went-well")]
    text = with_sections("## What went well\n")
    assert text.split("\n")[hits[0].span.line - 1] == "## What went well"


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        ("TODO: ask finance", "TODO"),
        ("The count is TBD.", "TBD"),
        ("- tbd", "tbd"),
        ("Lorem ipsum dolor", "Lorem ipsum"),
        ("about ??? orders", "???"),
        ("<describe the mechanism>", "<describe the mechanism>"),
        ("[insert dashboard link]", "[insert dashboard link]"),
        ("**FIXME** later", "FIXME"),
        ("`TODO` in the query", None),
        ("`<describe it>` in the template", None),
        ("<!-- TODO -->", None),
        ("a to-do list", None),
        ("why did nobody ask???", None),
        ("[insert](https://example.com/TODO) statements", None),
        ("```\nTODO\n```", None),
        ("the XXXL size", None),
        ("the mastodon, todos and Todorov", None),
    ],
)
def test_placeholders(line: str, marked: str | None) -> None:
    hits = found("INC203", with_sections(f"## Root cause\n\n{line}\n\nThe filter.\n"))
    assert [words for words, _ in hits] == ([marked] if marked else [])


def test_placeholders_of_the_frontmatter() -> None:
    text = with_yaml(
        'title: "Revenue low by TBD percent"\ntags: [todo]\ndetection: {method: test}\n'
    )
    assert [words for words, _ in found("INC203", text)] == ["TBD", "todo"]
    assert found("INC203", with_yaml("status: draft\ntitle: TODO\n")) == []


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        (f"{STARTED}- 09:40 **detected**: asked\n", []),
        (f"{STARTED}* 2025-05-14 09:40:30 UTC asked\n", []),
        (f"{STARTED}    - a detail\n", []),
        (f"{STARTED}  - a detail\n", []),
        (f"{STARTED}- later, finance asked\n", ["this timeline entry has no time"]),
        (f"{STARTED}- 25:10 asked\n", ["the time 25:10 does not exist"]),
        (f"{STARTED}- 2025-02-30 10:10 asked\n", ["the time 2025-02-30 10:10 does not exist"]),
        ("Finance asked at noon.\n", ["the timeline has no entry with a time"]),
        ("| Time | What |\n|---|---|\n| 2025-05-14 02:05Z | ran |\n| noon | asked |\n", 1),
        ("```\n02:05 ran\n```\n", ["the timeline has no entry with a time"]),
        ("", []),
    ],
)
def test_timeline_entries(entries: str, says: list[str] | int) -> None:
    said = [message for _, message in found("INC204", timeline(entries))]
    assert len(said) == says if isinstance(says, int) else said == says


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ("- 2025-05-14 a report\n- 2025-06-20 the fix is merged\n", 0),
        ("- 2025-05-14 09:40Z a\n- 2025-05-14 10:40Z b\n- 2025-05-30 all rows are back\n", 0),
        ("- 2025-05-14 a\n- 2025-05-15 b\n- 2025-05-16 c\n", 3),
        # the order within a day is unknown
        ("- 2025-05-14 a\n- 2025-05-14 b\n- 2025-06-20 c\n", 2),
        ("- 2025-05-14 a\n- 2025-06-20 b\n- in the evening c\n", 1),
        (f"{STARTED}- **Note:** the page was not updated\n- NB: all times are rough\n", 0),
        (f"{STARTED}- noted that rows are missing\n", 1),
    ],
)
def test_entries_that_need_no_time(entries: str, says: int) -> None:
    assert len(found("INC204", timeline(entries))) == says


@pytest.mark.parametrize(
    ("title", "moved"),
    [
        ("Technical details", True),
        ("CWE-459: incomplete cleanup", True),
        ("5 whys", True),
        ("Description of the bug", True),
        ("Details of the refund", False),
        ("Attribution", False),
    ],
)
def test_a_cause_under_another_heading_is_to_be_moved(title: str, moved: bool) -> None:
    empty = with_sections("## Root cause\n\n<!-- nothing yet -->\n")
    text = f"{empty}\n## {title}\n\nThe filter compared names, and a new name began with Test.\n"
    [(_, message)] = found("INC201", text)
    assert (title in message) == moved
    assert found("INC201", f"{empty}\n## {title}\n") == found("INC201", empty)


def test_a_timeline_without_any_day_is_told_once() -> None:
    text = timeline(
        "- 02:05Z ran\n- 03:05Z ended\n", with_yaml("timestamps: {resolved_at: null}\n")
    )
    assert [words for words, _ in found("INC204", text)] == ["02:05Z"]


@pytest.mark.parametrize(
    ("entries", "marked"),
    [
        (f"{STARTED}- 09:40 a\n- 09:40 b\n", []),
        (f"{STARTED}- 09:40 a\n- 09:10 b\n- 09:20 c\n", ["09:10"]),
        (f"{STARTED}- 23:50 a\n- 00:10 b\n- 00:20 c\n", []),
        (f"{STARTED}- 2025-05-14 11:40+02:00 a\n- 2025-05-14 10:00Z b\n", []),
        (
            f"{STARTED}- 2025-05-14 10:00Z a\n- 2025-05-14 11:40+02:00 b\n",
            ["2025-05-14 11:40+02:00"],
        ),
    ],
)
def test_order_of_entries(entries: str, marked: list[str]) -> None:
    assert [words for words, _ in found("INC205", timeline(entries))] == marked


@pytest.mark.parametrize(
    ("entries", "marked"),
    [
        (f"{STARTED}- 09:40 **detected**: asked\n", []),
        (f"{STARTED}- 09:40:59 **Detected** asked\n", []),
        (f"{STARTED}- 09:41 **detected**: asked\n", ["09:41"]),
        (f"{STARTED}- 09:41 detected: asked\n", ["09:41"]),
        (f"{STARTED}- 09:41 finance detected it\n", []),
        (f"{STARTED}- 11:40+02:00 **detected**: asked\n", []),
        (f"{STARTED}- 09:50 **acknowledged**: on it\n", ["09:50"]),
        (f"{STARTED}- 14:00 **consumers notified**: told\n", ["14:00"]),
    ],
)
def test_timeline_and_timestamps(entries: str, marked: list[str]) -> None:
    assert [words for words, _ in found("INC206", timeline(entries))] == marked


def test_an_unreadable_timestamp_is_not_reported_twice() -> None:
    text = timeline(
        "- 2025-05-14 02:05Z **started**: ran\n", with_yaml("timestamps: {started_at: soon}\n")
    )
    assert found("INC206", text) == []


@pytest.mark.parametrize(
    ("item", "code", "marked"),
    [
        (f"{ITEM}", "INC302", None),
        (f"{ITEM}, due: null", "INC302", "null"),
        (f"{ITEM}, due: TBD", "INC302", "TBD"),
        (f'{ITEM}, due: "2025-06-01"', "INC302", ""),
        (f"{ITEM}, due: next week", "INC302", ""),
        ("id: AI-1, title: a, status: wont_do, reason: not needed", "INC302", ""),
        ("id: AI-1, title: a, done_when: it works", "INC303", "it works"),
        ("id: AI-1, title: a, done_when: TBD", "INC303", "TBD"),
        ("id: AI-1, title: a, done_when: rows > 1000", "INC303", "rows > 1000"),
        ("id: AI-1, title: a, done_when: null", "INC303", "null"),
        ("id: AI-1, title: a, done_when: rows above 1000", "INC303", ""),
        ("id: AI-1, title: a, status: wont_do, reason: not needed", "INC303", ""),
        ("id: AI-1, title: a, status: done", "INC307", "done"),
        ("id: AI-1, title: a, status: done, proof: none", "INC307", "done"),
        ("id: AI-1, title: a, status: done, proof: 'PR 2891'", "INC307", ""),
        ("id: AI-1, title: a, status: wont_do", "INC307", "wont_do"),
        ("id: AI-1, title: a, status: proposed", "INC307", ""),
    ],
)
def test_items(item: str, code: str, marked: str | None) -> None:
    hits = found(code, items(item))
    if marked == "":
        assert hits == []
    else:
        assert len(hits) == 1
        assert marked is None or hits[0][0] == marked


@pytest.mark.parametrize(
    ("code", "thing"), [("INC301", "an owner"), ("INC302", "a due date"), ("INC303", "`done_when`")]
)
def test_what_every_item_lacks_is_reported_once(code: str, thing: str) -> None:
    lacking = [f"id: AI-{n}, title: a" for n in (1, 2, 3)]
    full = 'id: AI-4, title: a, owner: data, due: "2025-06-01", done_when: rows above 1000'
    hits = [message for _, message in found(code, items(*lacking))]
    assert hits == [f"none of 3 action items has {thing}"]
    bare = thing.removeprefix("an ").removeprefix("a ")
    hits = [message for _, message in found(code, items(*lacking, full))]
    assert hits == [f"3 of 4 action items have no {bare}: 1, 2, 3"]


def test_settled_items_are_asked_of_a_draft_too() -> None:
    assert found("INC307", items("id: AI-1, title: a, status: done", status="draft"))


@pytest.mark.parametrize(
    ("severity", "due", "says"),
    [
        ("P1", "2025-06-13", None),
        ("P1", "2025-06-14", "action item 1 is due 31 days after detection (limit 30 for P1)"),
        ("P0", "2025-05-30", "action item 1 is due 16 days after detection (limit 15 for P0)"),
        ("P2", "2025-07-13", None),
        ("P3", "2025-10-01", "action item 1 is due 140 days after detection (limit 90 for P3)"),
        ("P1", "2025-05-14", None),
        ("P1", "2025-05-13", "action item 1 is due 1 day before the incident was detected"),
        ("P9", "2035-05-13", None),
        ("P1", "next week", None),
    ],
)
def test_due_limits(severity: str, due: str, says: str | None) -> None:
    hits = found("INC304", items(f'{ITEM}, due: "{due}"', severity=severity))
    assert [message for _, message in hits] == ([says] if says else [])
    assert all(words == f'"{due}"' for words, _ in hits)


def test_imported_postmortems_have_no_deadlines() -> None:
    text = items(f'{ITEM}, due: "2035-05-13"')
    assert found("INC304", text)
    assert (
        found("INC304", text.replace("\nseverity:", "\nx_imported: {file: a.md}\nseverity:")) == []
    )
    text = with_yaml("status: draft\n")
    assert found("INC107", text)
    assert found("INC107", text.replace("status:", "x_imported: {file: a.md}\nstatus:")) == []


def test_the_number_of_items() -> None:
    seven = [f"id: AI-{n}, title: a" for n in range(1, 8)]
    given_up = "id: AI-9, title: a, status: wont_do, reason: not needed"
    done = "id: AI-10, title: a, status: done, proof: 'https://example.com/pull/7'"
    assert found("INC305", items(*seven, given_up, done)) == []
    hits = found("INC305", items(done, *seven, given_up, "id: AI-8, title: b"))
    assert hits == [("{id: AI-8, title: b}", "there are 8 open action items (limit 7)")]


@pytest.mark.parametrize("status", ["done", "wont_do"])
@pytest.mark.parametrize("code", ["INC301", "INC302", "INC303", "INC308", "INC309", "INC317"])
def test_a_finished_item_needs_only_its_proof_or_reason(code: str, status: str) -> None:
    title = "@ada and @grace: better dashboards" if code == "INC317" else "better dashboards"
    asked = f"id: AI-1, title: '{title}'"
    assert found(code, items(asked))
    assert found(code, items(f"{asked}, status: {status}")) == []
    assert found("INC307", items(f"{asked}, status: {status}"))


@pytest.mark.parametrize(
    ("severity", "item", "hit"),
    [
        ("P0", "id: AI-1, title: a, type: prevent", True),
        ("P1", "id: AI-1, title: a", True),
        ("P1", "id: AI-1, title: a, type: detect, status: wont_do, reason: retired", True),
        ("P1", "id: AI-1, title: a, type: detect", False),
        ("P2", "id: AI-1, title: a, type: prevent", False),
    ],
)
def test_detect(severity: str, item: str, hit: bool) -> None:
    assert bool(found("INC306", items(item, severity=severity))) is hit
    assert not found("INC306", items(item, severity=severity, status="in_review"))
