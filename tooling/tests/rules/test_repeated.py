"""What a rule reports in many places of a document is one finding, with its count and places."""

from __future__ import annotations

import json

import pytest

from incident import formats
from incident.diagnostic import Diagnostic
from incident.formats import _fingerprint
from rules.examples import lint_example


def items(*values: str) -> str:
    """Action items with these keys; the rest is in order."""
    lines = [
        f'  - {{id: AI-{number}, title: "Add a test on orders", type: detect, '
        'owner: data-platform, due: "2025-05-21", status: committed, '
        f'done_when: "fails on a replay of 2025-05-14"{own}}}'
        for number, own in enumerate(values, 1)
    ]
    return "action_items:\n" + "\n".join(lines) + "\n"


def of(code: str, kind: str, content: str) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """The findings of a rule in an example: each of them, and as people read them."""
    found = [d for d in lint_example(kind, content) if d.code == code]
    return found, formats.once(found)


def timeline(*entries: str) -> str:
    return "## Timeline\n\n" + "\n".join(f"- {one}" for one in entries) + "\n"


FIRST = "2025-05-14 02:05Z **started**: the load wrote too few rows"


@pytest.mark.parametrize(
    ("code", "kind", "content", "message"),
    [
        (
            "INC002",
            "yaml",
            items("", "", "").replace("type: detect", "type: tests"),
            '3 action items: type "tests" must be one of prevent, ',
        ),
        (
            "INC002",
            "yaml",
            "impact: {summary: x, assets: [{role: root}, {role: root}]}\n",
            "2 entries of impact.assets: ref is missing",
        ),
        (
            "INC002",
            "yaml",
            "sevrity: P1\nkindd: correctness\n",
            "2 unknown keys: `sevrity`, `kindd`",
        ),
        (
            "INC201",
            "markdown",
            "## Impact\n\n## Root cause\n\n## Detection\n",
            "3 sections are empty: Impact, Detection, Root cause",
        ),
        (
            "INC204",
            "markdown",
            timeline(FIRST, "in the morning: a call", "later: a rerun", "at noon: all is well"),
            "3 timeline entries have no time",
        ),
        (
            "INC204",
            "markdown",
            timeline(FIRST, "09:75 a call", "25:10 a rerun"),
            "2 times do not exist: 09:75, 25:10",
        ),
        (
            "INC204",
            "markdown",
            timeline(FIRST, "10:00 (zone unknown) a call", "11:00 (zone unknown) a rerun"),
            "the time zone of 2 timeline entries is unknown",
        ),
        (
            "INC205",
            "markdown",
            timeline(FIRST, "2025-05-14 01:00Z a call", "2025-05-13 23:00Z a rerun"),
            "2 timeline entries are earlier than the one above: "
            "2025-05-14 01:00Z, 2025-05-13 23:00Z",
        ),
        (
            "INC203",
            "markdown",
            "## Impact\n\nTODO: ask finance for 3 days.\n\n## Root cause\n\nTBD\n",
            '2 placeholders are left: "TODO", "TBD"',
        ),
        (
            "INC208",
            "yaml",
            "impact: {summary: x, critical_use_case: true, assets: [], "
            "consumers: [{team: finance}, {team: sales}]}\n",
            "2 consumers have no `use`: finance, sales",
        ),
        (
            "INC301",
            "yaml",
            items(", owner: everyone", ", owner: all").replace("owner: data-platform, ", ""),
            "2 action items are owned by everybody: 1, 2",
        ),
        (
            "INC301",
            "yaml",
            items(", owner: finance and sales", ", owner: finance and sales").replace(
                "owner: data-platform, ", ""
            ),
            "2 action items have several owners: 1, 2",
        ),
        (
            "INC303",
            "yaml",
            items("", "").replace("fails on a replay of 2025-05-14", "works"),
            "2 action items have a `done_when` under 3 words: 1, 2",
        ),
        (
            "INC304",
            "yaml",
            items("", "").replace("2025-05-21", "2027-05-21"),
            "2 action items are due more than ",
        ),
        (
            "INC304",
            "yaml",
            items("", "").replace("2025-05-21", "2024-05-21"),
            "2 action items are due before the incident was detected: 1, 2",
        ),
        (
            "INC307",
            "yaml",
            items("", "").replace("committed", "done"),
            "2 action items are done without evidence: 1, 2",
        ),
        (
            "INC307",
            "yaml",
            items("", "").replace("committed", "wont_do"),
            "2 action items are wont_do without a reason: 1, 2",
        ),
        (
            "INC307",
            "yaml",
            "status: closed\n" + items("", ""),
            "2 action items are open in a closed postmortem: 1, 2",
        ),
        (
            "INC308",
            "yaml",
            items("", "")
            .replace("Add a test on orders", "Improve our data quality")
            .replace("fails on a replay of 2025-05-14", "the quality is good"),
            "2 action items have no measurable outcome: 1, 2",
        ),
        (
            "INC309",
            "yaml",
            items("", "").replace("Add a test on orders", "Row-count tests for the orders table"),
            "2 action items do not start with a verb: 1, 2",
        ),
        (
            "INC309",
            "yaml",
            items("", "").replace("Add a test on orders", "Monitoring"),
            "2 action items are shorter than 3 words: 1, 2",
        ),
        (
            "INC311",
            "yaml",
            items("", "").replace("2025-05-21", "2025-05-15"),
            "2 action items are overdue: 1, 2",
        ),
        (
            "INC317",
            "yaml",
            items("", "").replace("Add a test", "Data-platform and finance write a test"),
            "2 action items are shared: 1, 2",
        ),
        (
            "INC501",
            "yaml",
            "impact: {summary: x, assets: [{ref: orders, role: root}, {ref: lines, role: root}]}\n",
            '2 assets have no kind: "orders", "lines"',
        ),
        (
            "INC503",
            "yaml",
            "impact: {summary: x, assets: [], consumers: [{team: finance, decision_made: true}, "
            "{team: sales, decision_made: true}]}\n",
            "2 consumers made decisions with wrong data and received no correction: finance, sales",
        ),
        (
            "INC105",
            "yaml",
            'timestamps: {started_at: "2031-01-01T00:00Z", detected_at: "2031-01-02T00:00Z"}\n',
            "2 timestamps are in the future: started_at, detected_at",
        ),
        (
            "INC214",
            "markdown",
            "## RCA\n\nA filter compared names.\n\n## What went right\n\nThe load kept its log.\n",
            '2 headings are not the standard ones: "RCA", "What went right"',
        ),
        (
            "INC424",
            "markdown",
            "## Root cause\n\nA test would have caught it. We should have looked at the plan.\n",
            '2 counterfactuals describe what did not happen: "would have caught", "We should have',
        ),
        (
            "INC426",
            "markdown",
            "## Root cause\n\nIt will never happen again.\n\n"
            "## What went badly\n\nWe make sure that it does not happen again.\n",
            "2 promises are hard to keep: ",
        ),
        (
            "INC605",
            "markdown",
            "## Root cause\n\nSee [a](/docs/none.md) and [b](/docs/gone.md).\n",
            "2 linked files do not exist: /docs/none.md, /docs/gone.md",
        ),
        (
            "INC605",
            "markdown",
            "## Root cause\n\nSee [a](#nowhere) and [b](#neither).\n",
            "2 anchors match no heading: #nowhere, #neither",
        ),
        (
            "INC602",
            "archive",
            "id: 2025-02-01-a\nrelated: [2024-01-01-x, 2024-01-01-y]\n===\nid: 2025-03-01-b\n",
            "2 ids belong to no postmortem: 2024-01-01-x, 2024-01-01-y",
        ),
    ],
)
def test_a_kind_is_one_finding_with_its_places(
    code: str, kind: str, content: str, message: str
) -> None:
    each, shown = of(code, kind, content)
    assert len(each) > 1
    together = [one for one in shown if one.message.startswith(message)]
    assert len(together) == 1, [one.message for one in shown]
    [one] = together
    count = int(next(word for word in message.split() if word.isdigit()))
    assert len(one.related) == count - 1
    places = {(d.span.line, d.span.column) for d in each}
    assert {(r.line, r.column) for r in one.related} <= places


def test_one_alone_keeps_its_words() -> None:
    _, [one] = of("INC204", "markdown", timeline(FIRST, "in the morning: a call"))
    assert one.message == "this timeline entry has no time"
    assert not one.related


def test_a_suppressed_place_is_not_counted() -> None:
    quiet = "later: a rerun <!-- incident-ignore: timeline-entry -- nobody wrote it down -->"
    entries = (FIRST, "in the morning: a call", quiet, "at noon: a check", "at night: all is well")
    each, [one] = of("INC204", "markdown", timeline(*entries))
    assert one.message == "3 timeline entries have no time"
    lines = [d.span.line for d in each]
    assert [r.line for r in one.related] == lines[1:]
    assert lines[1] - lines[0] == 2


def test_what_differs_by_level_stays_apart() -> None:
    titles = items("", "").replace("Add a test on orders", "Monitoring", 1)
    _, shown = of("INC309", "yaml", titles.replace("Add a test on orders", "TBD"))
    assert [(str(one.level), bool(one.related)) for one in shown] == [
        ("warning", False),
        ("error", False),
    ]


def test_the_hints_of_the_places_are_kept() -> None:
    _, [one] = of("INC201", "markdown", "## Impact\n\n## Root cause\n")
    assert one.hint.startswith("write them; ")
    assert [r.message for r in one.related] == [
        'section "Root cause" is empty: describe the mechanism, and why it was possible'
    ]


def test_a_section_that_may_cover_an_empty_one_is_named() -> None:
    text = "## Impact\n\n## Root cause\n\n## Deep dive\n\nThe filter compared names.\n"
    _, [one] = of("INC201", "markdown", text)
    assert one.message == '2 sections are empty: Impact, Root cause ("Deep dive" may cover it)'


def test_the_fixes_are_together_too() -> None:
    text = "## RCA\n\nA filter compared names.\n\n## What went right\n\nThe load kept its log.\n"
    each, [one] = of("INC214", "markdown", text)
    assert one.fix is not None
    assert set(one.fix.edits) == {edit for d in each if d.fix for edit in d.fix.edits}


def test_many_are_listed_in_part() -> None:
    gone = " ".join(f"[x](/docs/gone-{number}.md)" for number in range(12))
    _, [one] = of("INC605", "markdown", f"## Root cause\n\nSee {gone}.\n")
    assert one.message.startswith("12 linked files do not exist: ")
    assert one.message.endswith("/docs/gone-9.md, …")
    assert len(one.related) == 11


@pytest.mark.parametrize(
    ("code", "sentence", "message"),
    [
        ("INC421", "The cause was human error.", "2 phrases are not a root cause"),
        ("INC422", "A careless engineer ran it.", "2 phrases judge a person"),
        ("INC423", "The engineer forgot to check.", "2 phrases describe what people did not do"),
        ("INC425", "The table was mistakenly deleted.", "2 phrases assign blame by outcome"),
        ("INC428", "The vendor's team is to blame.", "2 phrases assign fault"),
        ("INC430", "The engineer broke the load.", "2 phrases blame a role"),
    ],
)
def test_wording_is_one_finding_for_people_only(code: str, sentence: str, message: str) -> None:
    text = f"## Root cause\n\n{sentence}\n\nThen a day went by.\n\n{sentence}\n"
    each, [one] = of(code, "markdown", text)
    assert one.message.startswith(f"{message}: ")
    assert len(one.related) == 1
    assert formats.as_shown("json", each) == each
    entries = json.loads(formats.render("json", formats.Report(tuple(each))))["diagnostics"]
    assert [one["repeats"] for one in entries] == [False, True]
    assert [len(one["related"]) for one in entries] == [1, 0]


def test_a_fact_is_one_finding_in_json_too() -> None:
    each, [one] = of("INC201", "markdown", "## Impact\n\n## Root cause\n")
    assert formats.as_shown("json", each) == [one]
    for form in ("concise", "rdjson"):
        assert formats.as_shown(form, each) == each


def test_services_follow_it_while_some_are_resolved() -> None:
    entries = [timeline(FIRST, *(f"later: {n}" for n in range(count))) for count in (4, 3)]
    marks = [_fingerprint.each(of("INC204", "markdown", text)[1]) for text in entries]
    assert marks[0] == marks[1]
