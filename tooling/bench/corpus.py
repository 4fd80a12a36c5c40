"""Make an archive of realistic postmortems: about 6 KB each, clean and faulty, not only ASCII."""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

WHAT = ["orders", "revenue", "stock", "payments", "segments", "prices", "returns", "sessions"]
HOW = ["late", "doubled", "missing", "low", "null-after-rename", "stale", "in-the-wrong-currency"]
TEAMS = [
    "data-platform",
    "analytics-engineering",
    "finance-analytics",
    "ingestion",
    "web-analytics",
]
CAUSES = ["source_data", "schema_change", "code_change", "config_change", "resource_limit"]
SENTENCES = [
    "The nightly load read the partition before the export had ended.",
    "A column was renamed in the source, and the mapping kept the old name.",
    "The retry repeated the insert, because the first attempt had only lost its answer.",
    "Der Export enthielt Umlaute wie ä, ö und ü, and the loader read them as Latin-1.",
    "The row count was 82% of the day before, and no test compares the two.",
    "The dashboard shows the time of the build, not the time of the data.",
    "The queue held 3,400 messages, five times as many as on a usual Monday.",
    "日本 and 한국 shops send their files after midnight UTC.",
    "The sample that pull requests build on is refreshed each quarter.",
    "Finance held the forecast back until the sum agreed with the settlement.",
    "A single partition could be rebuilt, so the repair took less than two hours.",
    "The alert went to a mailbox that is read once a day.",
    "The model `fct_orders` is unique, not null and positive, and was still wrong.",
]
FAULTS = [
    "We forgot to run the second backfill.",
    "The analyst should have compared the counts.",
    "It was human error, and it will never happen again.",
    "Katarzyna noticed the drop and @dmartel reverted the change.",
    "TODO: ask finance.",
]


def document(number: int, rng: random.Random) -> tuple[str, str]:
    """Id and text of one postmortem; one of three is faulty."""
    day = datetime(2023, 1, 2, tzinfo=UTC) + timedelta(hours=number * 3)
    subject, fate = rng.choice(WHAT), rng.choice(HOW)
    stem = f"{day:%Y-%m-%d}-{subject}-{fate}-{number}"
    faulty = number % 3 == 0
    times = [day + timedelta(minutes=m) for m in (125, 580, 592, 640, 745, 770, 770)]
    stamps = [f"{at:%Y-%m-%dT%H:%MZ}" for at in times]
    keys = ["started", "detected", "acknowledged", "mitigated", "corrected"]
    keys += ["consumers_notified", "resolved"]
    low = rng.randint(40, 99)
    items = "\n".join(
        f"""  - id: AI-{n}
    title: "Add a row-count test on fct_{subject}_{n}: within 3% of the shop's own count"
    type: {["detect", "prevent", "process"][n % 3]}
    owner: {rng.choice(TEAMS)}
    due: "{day + timedelta(days=14):%Y-%m-%d}"
    priority: P2
    effort: M
    status: done
    done_when: "the test fails on a replay of {day:%Y-%m-%d} and passes on the 30 days before"
    verified_by: "dbt:test.tidewater.fct_{subject}_{n}_row_count"
    proof: "https://example.com/tidewater/dbt/pull/{number + n}"
    issue: {number * 5 + n}"""
        for n in range(1, 4)
    )

    def prose(count: int) -> str:
        chosen = rng.choices(SENTENCES, k=count)
        if faulty and rng.random() < 0.4:
            chosen.append(rng.choice(FAULTS))
        return " ".join(chosen)

    labels = ["started", "detected", "acknowledged", "mitigated", "corrected"]
    entries = "\n".join(
        f"- {stamp} **{label}**: {rng.choice(SENTENCES)}"
        for stamp, label in zip(stamps, labels, strict=False)
    )
    severity = "P9" if faulty and number % 30 == 0 else rng.choice(["P1", "P2", "P3"])
    stamp_lines = "\n".join(f'  {k}_at: "{s}"' for k, s in zip(keys, stamps, strict=True))
    text = f"""---
schema_version: 1
id: {stem}
title: "{subject.capitalize()} {100 - low}% low for a day: {fate.replace("-", " ")}"
status: published
severity: {severity}
kind: correctness
cause_category: {rng.choice(CAUSES)}
trigger: upstream_change
owner: {rng.choice(TEAMS)}
roles: {{incident_lead: platform-oncall, scribe: analytics-oncall, responders: [ingestion-oncall]}}
reviewers: [finance-analytics-lead]
observers: [finance, sales]
timestamps:
{stamp_lines}
data_window: {{from: "{day:%Y-%m-%d}", to: "{day:%Y-%m-%d}"}}
detection:
  method: consumer
  source: "finance, at the morning review"
  should_have_been: "a row-count test on fct_{subject}"
  check_kind: row_count
impact:
  summary: "The dashboard showed {low} of every 100 for one day."
  critical_use_case: {str(severity == "P1").lower()}
  downstream_assets: 4
  assets:
    - {{ref: "dbt:model.tidewater.fct_{subject}_{number % 400}", role: root, criticality: high}}
    - {{ref: "dbt:exposure.tidewater.{subject}_dashboard", role: exposure, criticality: high}}
  consumers:
    - {{team: finance, use: "daily cash forecast", decision_made: false, correction_sent: true}}
  magnitude: {{metric: {subject}, expected: 100, actual: {low}, unit: percent}}
action_items:
{items}
evidence:
  - {{kind: pr, title: "The change", url: "https://example.com/tidewater/dbt/pull/{number}"}}
follow_up: {{two_weeks: null, three_months: null}}
related: []
recurrence_of: null
confidentiality: internal
tags: [{subject}, shop]
---

## Summary

{prose(2)}

## Impact

- The figure was {100 - low}% too low for one day. {prose(1)}
- Finance uses it for the daily cash forecast. {prose(1)}

## Timeline

{entries}

## Detection

{prose(3)}

## Root cause

{prose(3)}

```sql
select count(*) from fct_{subject} where day = '{day:%Y-%m-%d}'   -- {low}
```

## Contributing factors

- {prose(1)}
- {prose(1)}

## Resolution and data repair

The partition was rebuilt, and its sum agreed with the settlement. {prose(2)}

## What went well

- {prose(2)}
- A single partition could be rebuilt within the hour.

## What went badly

- {prose(1)}

## Supporting evidence

- [The change](https://example.com/tidewater/dbt/pull/{number})
"""
    return stem, text


def write(root: Path, count: int) -> int:
    """Write `count` postmortems below `root`/incidents; their size in bytes."""
    rng, size = random.Random(20250514), 0
    for number in range(count):
        stem, text = document(number, rng)
        path = root / "incidents" / stem[:4] / f"{stem}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        size += len(text.encode())
    return size


if __name__ == "__main__":
    print(write(Path(sys.argv[1]), int(sys.argv[2])))
