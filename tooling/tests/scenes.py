"""Commands that write, and what they are run on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import investigate_support

NAME = "2026-11-02-orders-late.md"
PATH = f"incidents/2026/{NAME}"
TEXT = f"""\
---
schema_version: 1
id: {NAME.removesuffix(".md")}
title: "Orders are late"\r
status: in_review
severity: P1
owner: data-platform   # a team
timestamps:
  detected_at: "2026-11-02T06:10Z"
evidence: [{{kind: log, title: "x", url: "https://example.com/tidewater/data/issues/12"}}]
action_items:
  - {{id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform,
     due: "2026-11-20", priority: P1, status: committed, done_when: "a replay fails", issue: null}}
---

## Summary \n
Orders were late.

## RCA

The job waited.

## Timeline

- 2026-11-02T06:10Z **detected**: the board was empty
"""
FOREIGN = "# Orders stood still\n\n## Impact\n\nNo orders on 2026-10-05.\n"
ISSUE = json.dumps(
    {
        "number": 12,
        "title": "Orders",
        "body": "Late since six",
        "html_url": "https://example.com/tidewater/data/issues/12",
        "created_at": "2026-11-02T06:20:00Z",
        "closed_at": "2026-11-02T09:00:00Z",
        "state": "closed",
        "state_reason": "completed",
    }
)
OTHER = ISSUE.replace("12", "13")
ADD = ("timeline", "add", NAME.removesuffix(".md"), "--at", "2026-11-02T07:00Z")


@dataclass(frozen=True)
class Scene:
    """`commands`: what is run; all but the last are run before, to lay things out."""

    commands: tuple[tuple[str, ...], ...]
    files: dict[str, str] = field(default_factory=dict)


def scene(*command: str, **files: str) -> Scene:
    named = {name.replace("_", "."): text for name, text in files.items()}
    return Scene((command,), {PATH: TEXT, **named})


NEW = ("new", "Sums are wrong", "--severity", "P1", "--owner", "data", "--no-edit")
SCENES = {
    "lint --fix": scene("lint", "--fix", "--exit-zero", "--ignore", "INC1"),
    "new": scene(*NEW, "--detected-at", "2026-11-03T06:00Z"),
    "new --into": scene("new", "--into", ADD[2], "--from-issue", "issue.json", issue_json=OTHER),
    "timeline add": scene(*ADD, "the job was started again"),
    "timeline import": scene(
        *("timeline", "import", ADD[2], "log.csv"),
        log_csv="at,text\n2026-11-02T06:40Z,the job waited\n2026-11-02T06:50Z,a lock was found\n",
    ),
    "investigate": scene(
        *("investigate", ADD[2], "--manifest", "manifest.json", "--asset", "fct_orders"),
        manifest_json=json.dumps(investigate_support.manifest()),
    ),
    "resolve ID": scene("resolve", ADD[2], "--at", "2026-11-02T08:00Z"),
    "closed as": scene("status", ADD[2], "closed", "--as", "false_alarm", "--reason", "a test"),
    "resolve": scene("resolve", "--from-issue", "issue.json", issue_json=ISSUE),
    "actions sync": scene("actions", "sync", "--yes", "--tracker", "issues.ndjson"),
    "import": scene("import", "a.md", "b.md", "--owner", "data", a_md=FOREIGN, b_md=FOREIGN * 2),
    "export": scene("export", "--out", "out"),
    "init": Scene((("init", "--editor", "--templates"),)),
    "baseline": scene("lint", "--write-baseline", "known.json"),
    "output": scene("lint", "--output-file", "out.sarif", "--format", "sarif", "--exit-zero"),
}
