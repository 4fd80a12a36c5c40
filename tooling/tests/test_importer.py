"""The importer: existing postmortems become drafts, and none of their text is lost."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident import foreign
from incident.diagnostic import Level
from incident.errors import UsageError
from incident.foreign import Options, render
from incident.foreign.imported import Imported
from incident.foreign.reader import Reader
from incident.postmortem import document, model, timeline_entries
from incident.repository.config import Config
from incident.text import stamps, zones
from incident.text.dates import Order
from support import lint

CONFIG = Config()

CHECKBOXES = """\
# Incident Postmortem: Stock feed sold items twice

**Date**: 2026-03-04
**Severity**: SEV-2
**Duration**: 3 hours
**Responders**: @stock-lead, @data-oncall

## Summary

The stock feed sold 210 items twice.

## Timeline

- 09:05 - Loader wrote duplicates
- 09.41 - Alert fired on the row count
- Loader stopped (10:15)
- All rows corrected at 12:05 UTC

## Root Cause

A retry without an idempotency key.

## Action Items

- [ ] Add an idempotency key (@stock-lead - Due: 2026-03-20)
- [x] Alert on duplicates (@data-oncall - Due: March 12, 2026) https://example.com/pr/1
- [ ] Write a runbook – Owner: analytics team, due 2026-04-01
"""

SEVEN = """\
+++
title = "Orders late after shop maintenance"
date = 2026-02-03
tags = ["orders"]
weight = 3
+++

## 1. Incident Summary

| Field | Value |
|---|---|
| Severity | P1 |
| Team | Data Platform |
| Start time | 2026-02-03 04:00 UTC |
| Resolved | 2026-02-03 09:00 UTC |

Orders were late.

## 2. Impact
Five reports were wrong.

## 3. Timeline
| Time (UTC) | Event |
|---|---|
| 04:00 | Maintenance began |
| 07:30 | Finance reported a stale dashboard |
| 09:00 | Service restored |

## 4. Root Cause
A lock.

## 5. Resolution
A restart.

## 6. Lessons Learned
### What went well
- The alert for orders rang within 5 minutes.
### What went wrong
- Nobody knew of the maintenance.

## 7. Action Items

| Action | Owner | Due date | Status | Priority | Ticket |
|---|---|---|---|---|---|
| Test freshness of orders | @data-platform | 2026-02-17 | Done |high| [O-1](https://a.example/1) |
| Ask for maintenance notices | TBD | next week | Open | P2 | |
"""

SRE = """\
# Shop search postmortem

## Date
2025-10-21

## Status
Complete, action items in progress

## Summary
Search was down for 66 minutes.

## Root Causes
A cascade.

## Trigger
A latent bug.

## Action Items

| Action Item | Type | Owner | Bug |
| ----------- | ---- | ----- | --- |
| Update the playbook | mitigate | search-team | n/a **DONE** |
| Limit what one query may load | prevent | search-team | Bug 5554 **TODO** |

## Timeline

2025-10-21 (*all times UTC*)

* 14:51 News of a new product
* ~14:53 Traffic spikes; **OUTAGE BEGINS**
* 14:54 The pager rings
  * 14:55 on-call joins
  * and reads the runbook
* 23:58 Still down
* 00:10 Traffic balanced, **OUTAGE ENDS**, all recovered

## Cost
About 4,000 orders.
"""

HEADINGS = """\
# 2024-10-30: Certificates broke the loader

## Summary

The loader could not log in.

## Timeline

All times in CDT.

### 2024-10-08 ~18:10

The certificate was put in by hand.

It worked for weeks.

### 2024-10-30 09:10

The deployment replaced it. Seen in the log:

```
## not a heading
- 10:00 not an entry
```

### 2024-10-31

All partitions were loaded again.

## Action Items

- @loader-team will write down how certificates are renewed
- Consider an alert ([loads#4](https://example.com/4))

**Data Platform team**

1. **Better alerts**
   We plan to alert on:
   - failed logins
   - late loads

## Responders

- @loader-team
- @h1
"""


def read(text: str, name: str = "x.md", **options: object) -> Imported:
    values = {"owner": "data-platform", "now": NOW, **options}
    return foreign.read(text, name, Options(**values), CONFIG)  # type: ignore[arg-type]


NOW = datetime(2026, 6, 1, tzinfo=UTC)


def draft(found: Imported) -> document.Document:
    return document.parse(render.render(found, CONFIG), f"{found.id}.md")


def timeline(found: Imported) -> list[str]:
    return render.entries(found).splitlines()


def items(found: Imported) -> list[tuple[str, str, str, str]]:
    return [(i.title, i.owner, str(i.due or ""), i.status) for i in found.items]


def test_checkbox_items_with_owner_and_date() -> None:
    found = read(CHECKBOXES)
    assert found.id == "2026-03-04-stock-feed-sold-items-twice"
    assert (found.severity, found.severity_written) == ("P1", "SEV-2")
    assert found.roles == {"responders": ["stock-lead", "data-oncall"]}
    assert items(found) == [
        ("Add an idempotency key", "stock-lead", "2026-03-20", "proposed"),
        ("Alert on duplicates", "data-oncall", "2026-03-12", "done"),
        ("Write a runbook", "analytics team", "2026-04-01", "proposed"),
    ]
    assert timeline(found) == [
        "- 2026-03-04T09:05Z Loader wrote duplicates",
        "- 2026-03-04T09:41Z Alert fired on the row count",
        "- 2026-03-04T10:15Z Loader stopped",
        "- 2026-03-04T12:05Z All rows corrected",
    ]
    assert found.texts["summary"].startswith("**Duration**: 3 hours")


def test_seven_sections_with_tables_and_toml() -> None:
    found = read(SEVEN, severity="")
    assert (found.title, found.severity, found.tags) == (
        "Orders late after shop maintenance",
        "P1",
        ["orders"],
    )
    assert found.left == {"weight": 3}
    assert items(found) == [
        ("Test freshness of orders (O-1)", "data-platform", "2026-02-17", "done"),
        ("Ask for maintenance notices", "", "", "proposed"),
    ]
    assert [item.priority for item in found.items] == ["P1", "P2"]
    written = draft(found)
    assert written.get("timestamps") == {
        "started_at": "2026-02-03T04:00Z",
        "detected_at": "2026-02-03T07:30Z",
        "resolved_at": "2026-02-03T09:00Z",
    }
    assert found.assumed == ("detected_at",)
    assert "confirm" in written.text
    assert written.get("action_items", 0, "proof") == "https://a.example/1"
    assert foreign.read(SEVEN, "x.md", Options(), CONFIG).owner == "Data Platform"


def test_a_document_in_the_style_of_sre() -> None:
    found = read(SRE)
    assert found.day == date(2025, 10, 21)
    assert timeline(found) == [
        "- 2025-10-21T14:51Z News of a new product",
        '- 2025-10-21T14:53Z Traffic spikes; **OUTAGE BEGINS** (written "~14:53")',
        "- 2025-10-21T14:54Z The pager rings",
        "- 2025-10-21T14:55Z on-call joins; and reads the runbook",
        "- 2025-10-21T23:58Z Still down",
        "- 2025-10-22T00:10Z Traffic balanced, **OUTAGE ENDS**, all recovered",
    ]
    assert [(i.title, i.type, i.status) for i in found.items] == [
        ("Update the playbook", "mitigate", "done"),
        ("Limit what one query may load (Bug 5554)", "prevent", "proposed"),
    ]
    assert "### Trigger" in found.texts["root_cause"]
    assert ("Cost", "About 4,000 orders.") in found.others


def test_a_heading_for_each_time() -> None:
    found = read(HEADINGS)
    assert found.id == "2024-10-30-certificates-broke-the-loader"
    assert timeline(found) == [
        "- 2024-10-08T18:10-05:00 The certificate was put in by hand. It worked for weeks. "
        '(written "2024-10-08 ~18:10")',
        "- 2024-10-30T09:10-05:00 The deployment replaced it. Seen in the log:",
        "- 2024-10-31 All partitions were loaded again.",
    ]
    assert "- 10:00 not an entry" in found.texts["timeline"]
    assert [(i.title, i.owner) for i in found.items] == [
        ("Write down how certificates are renewed", "loader-team"),
        ("Consider an alert (loads#4)", ""),
        ("Better alerts: We plan to alert on: failed logins; late loads", "Data Platform team"),
    ]
    assert ("AI-2", "https://example.com/4") in found.evidence
    assert found.roles == {"responders": ["loader-team", "h1"]}


@pytest.mark.parametrize("text", [CHECKBOXES, SEVEN, SRE, HEADINGS])
def test_drafts_can_be_read_and_keep_every_sentence(text: str) -> None:
    written = draft(read(text))
    assert written.faults == []
    errors = {found.name for found in lint(written) if found.level is Level.ERROR}
    assert errors <= {"action-items-closed"}  # done, and the old text shows no proof
    for sentence in ("66 minutes", "latent bug", "by hand", "Nobody knew", "idempotency key"):
        if sentence in text:
            assert sentence in written.text
    assert len(timeline_entries.read(written)) >= 3


@pytest.mark.parametrize(
    ("written", "expected", "clock", "zone", "rest"),
    [
        ("12:45 PM PST Saturday Oct 30th: First wave", (None, 10, 30), (12, 45), "PST", "First"),
        ("**16:58 UTC** - Load", None, (16, 58), "UTC", "Load"),
        ("2018-10-08 ~18:10", (2018, 10, 8), (18, 10), "", ""),
        ("12:48 (6:48 PDT): The", None, (12, 48), "", "The"),
        ("14:20-2:00 Through", None, (14, 20), "", "Through"),
        ("04-26-2024 - The", (2024, 4, 26), None, "", "The"),
        ("26.04.2024 14:05 Es", (2024, 4, 26), (14, 5), "", "Es"),
        ("10/20/2022 - 15:38 CST - a", (2022, 10, 20), (15, 38), "CST", "a"),
        ("**June 14th, 2022, 10:00 AM:** As", (2022, 6, 14), (10, 0), "", "As"),
        ("February 15, 2024: 7:56am UTC", (2024, 2, 15), (7, 56), "UTC", ""),
        ("2025-05-14T09:40:12.123+02:00 x", (2025, 5, 14), (9, 40), "+02:00", "x"),
        ("[09:40] x", None, (9, 40), "", "x"),
        ("13.41 x", None, (13, 41), "", "x"),
        ("13h41 x", None, (13, 41), "", "x"),
        ("13:55 PM x", None, (13, 55), "", "x"),
        ("12:10 AM x", None, (0, 10), "", "x"),
    ],
)
def test_times_as_people_write_them(
    written: str, expected: object, clock: object, zone: str, rest: str
) -> None:
    found = stamps.leading(written)
    assert found
    day = found.day[:3] if found.day else None
    assert (day, found.clock, found.zone.name if found.zone else "") == (expected, clock, zone)
    assert written[found.end :].startswith(rest)


@pytest.mark.parametrize(
    "text",
    ["2 customers", "3.14 is pi", "Friday we", "May we", "10:30x", "2021-02-30 x", "25:10 x"],
)
def test_what_is_no_time(text: str) -> None:
    assert stamps.leading(text) is None


def test_a_span_at_the_end_of_a_line_is_no_time() -> None:
    assert stamps.trailing("It lasted long (10:45 - 16:11 UTC)") is None
    assert stamps.trailing("Loaded again, 14:05.") is not None


def test_newest_first_is_turned_round_and_other_order_is_left_for_lint() -> None:
    body = "# A: b\n\n## Timeline\n\n"
    newest = body + "- 2025-01-01 12:00 c\n- 2025-01-01 11:00 b\n- 2025-01-01 10:00 a\n"
    assert [e.text for e in read(newest).entries] == ["a", "b", "c"]
    slip = body + "- 2025-01-01 12:00 a\n- 12:30 b\n- 12:10 c\n- 12:40 d\n"
    assert [e.text for e in read(slip).entries] == ["a", "b", "c", "d"]


def test_a_day_in_digits_is_not_guessed() -> None:
    text = "# Late\n\n## Timeline\n\n7/5/2023 10:00 UTC x\n"
    with pytest.raises(UsageError, match=r"x\.md:5: it is not clear which number is the day"):
        read(text)
    assert read(text, order=Order.MONTH_FIRST).entries[0].day == date(2023, 7, 5)
    assert read(text, order=Order.DAY_FIRST).entries[0].day == date(2023, 5, 7)
    found = read(text, day=date(2022, 1, 1))
    assert timeline(found) == ["- 7/5/2023 10:00 UTC x"]
    assert not found.times


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("x.md", "13/4/2023 said so"),
        ("x.md", "On May 8th, 2023 it was over"),
        ("2023-05-07-late.md", ""),
        ("2023/05/late.md", ""),
    ],
)
def test_a_day_in_digits_is_settled_by_other_days(name: str, other: str) -> None:
    text = f"# Late\n\n{other}\n\n## Timeline\n\n- 7/5/2023 10:00 UTC x\n"
    assert timeline(read(text, name)) == ["- 2023-05-07T10:00Z x"]


def test_a_zone_comes_from_the_heading_then_the_document_then_the_option() -> None:
    def at(title: str, *lines: str) -> list[str]:
        body = "".join(f"- {line}\n" for line in lines)
        text = f"# Late\n\nOn 2025-07-01\n\n## {title}\n\n{body}"
        found = read(text, zone=zones.named("+02:00"))
        return [entry.at.strftime("%H:%M%z") for entry in found.entries if entry.at]

    assert at("Timeline (all times PDT)", "10:00 a", "11:00 UTC b") == ["10:00-0700", "11:00+0000"]
    assert at("Timeline", "10:00 EDT a", "11:00 b") == ["10:00-0400", "11:00-0400"]
    assert at("Timeline", "10:00 a") == ["10:00+0200"]
    assert at("Timeline", "10:00 UTC a", "11:00 EDT b", "12:00 c")[2:] == ["12:00+0200"]


def test_bold_lines_are_headings_where_there_are_no_others() -> None:
    found = read("**Summary**\nLate.\n\n**Root cause:**\nA lock.\n", "2025-01-02-orders_late.md")
    assert found.title == "Orders late"
    assert found.texts == {"summary": "Late.", "root_cause": "A lock."}


def test_yaml_that_cannot_be_read_stays_in_the_text() -> None:
    found = read("---\na: @b\n---\n# Late\n\nOn 2025-01-02 it was late.\n")
    assert "a: @b" in found.texts["summary"]
    assert "cannot be read" in found.notes[0]


def test_suppressions_of_others_do_not_come_along() -> None:
    text = "# Late\n\n<!-- incident-ignore: never-again -- x -->\nOn 2025-01-02 it was late.\n"
    assert "incident-ignore" not in draft(read(text)).text


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfe#\0", "NUL byte"),
        (b"# a\n\xe4\n", "x.md:2: byte 0xe4 is not UTF-8"),
        (b"x" * 1_000_001, "limit 1 MB"),
    ],
)
def test_bytes_that_are_no_postmortem(raw: bytes, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        foreign.decode(raw, "x.md")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# Late\n\nToday.", "no date is found"),
        ("---\nschema_version: 1\nid: 2025-01-02-x\n---\n", "of this format already"),
        ("# 2025-01-02 x\n\n## Action items\n" + "- a thing\n" * 501, "501 action items"),
    ],
)
def test_what_a_draft_must_have_is_asked_for(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read(text)


def test_an_owner_is_asked_for() -> None:
    with pytest.raises(UsageError, match="no owner is found"):
        foreign.read("# Late\n\n2025-01-02", "x.md", Options(), CONFIG)


_PIECES = st.sampled_from(
    [
        "# ", "## Timeline", "## Action items\n", "- ", "1. ", "| a | b |\n|---|---|\n| ", "|",
        "- [x] ", "10:00", "2025-01-02", "Oct 30th", " PST ", "(@who - Due: 2025-02-30)", "**",
        "<!--", "-->", "Owner: ", "due ", "\n", "\n\n", "    ", "---\n", "+++\n", "title: x\n",
        "~", "[a](b)", "\\", "99:99", "31 Dec 9999 23:59 -14:00", "Date: ", "\t", "```\n",
    ]
)  # fmt: skip


_HEADS = st.sampled_from(
    [
        "",
        "---\ntitle: a\nowner: [x, {y: 1}]\nn: 1_0\n---\n",
        "---\nx: *y\n---\n",
        '+++\nx = "\\u0085\\u0000"\ndate = 2025-01-02T00:00:00Z\ny = [nan, 1e400]\n+++\n',
        "+++\nx = [[[[[[[[1]]]]]]]]\n+++\n",
    ]
)


@pytest.mark.slow
@given(_HEADS, st.lists(st.one_of(_PIECES, st.text(max_size=12)), max_size=60).map("".join))
def test_any_text_becomes_a_readable_draft(head: str, text: str) -> None:
    found = read(head + text, day=date(2025, 1, 2))
    written = draft(found)
    assert written.faults == []
    assert model.postmortem(written).id == found.id


@given(st.text(alphabet="0123456789:-/. ~()apmPMTZOctober,+", max_size=40))
def test_any_stamp_is_read_or_not(text: str) -> None:
    found = [
        stamps.leading(text),
        stamps.trailing(text),
        stamps.leading(text, 0, Order.DAY_FIRST, compact=True),
    ]
    for stamp in filter(None, found):
        assert 0 <= stamp.start <= stamp.end <= len(text)
        Reader(NOW, day=date(9999, 12, 31), fallback=zones.named("+14:00")).moment(stamp)
        Reader(NOW, day=date(1, 1, 1), fallback=zones.named("-12:00")).moment(stamp)
