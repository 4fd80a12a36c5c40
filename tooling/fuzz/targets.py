"""The table of targets: what is fuzzed, and what the fuzzer begins with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

from fuzz import changes, files, texts


class Target(NamedTuple):
    """`check` takes any bytes and raises on a bug. `seeds`: inputs to begin with.

    `longest`: bytes of an input. `slow`: milliseconds each, so that a million takes hours.
    """

    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...] = (b"",)
    longest: int = 128
    slow: bool = False


_BASE = (texts.ROOT / "tooling" / "tests" / "rules" / "base.md").read_bytes()
_FOREIGN = b"""\
# Postmortem: orders twice (May 3, 2025)

Owner: data-platform
Severity: SEV2

## Timeline (PST)

- 12:45 PM PST: alert fired
| Time | What |
|---|---|
| 13.41 | fixed |

## Action items

- [x] Add a test @data-platform (by 2025-05-21)
| Action | Owner | Due |
|---|---|---|
| Add a row-count test | sales | 3 June 2025 |
"""
_TIMELINE = b"- 2025-05-14 09:40Z **detected**: asked\n- 23:50 x\n- 00:10 **resolved**: y\n"
_IGNORE = b"\1<!-- incident-ignore: never-again until 2025-06-05 -- x -->\nIt is.\n"
_SQL = b"{{ config(materialized='table') }}\nselect a.b, sum(c) as d -- x\nfrom {{ ref('e') }} a\n"
_YAML = (
    b"models:\n  - name: m\n    columns:\n      - name: c\n        tests: [unique, {n: {a: b}}]\n"
)

TARGETS: dict[str, Target] = {
    "loader": Target(texts.loader, (b"\0" + _BASE[:500], b"\1" + _BASE[:500]), 256),
    "frontmatter": Target(texts.frontmatter, (_BASE.split(b"---\n")[1][:500],), 256),
    "sections": Target(texts.section_reader, (_BASE.split(b"---\n")[2][:500],), 256),
    "set-value": Target(
        texts.set_value, (b"\0\0id: x # why\na: {b: c}\n", b"\6\1action_items:\n  - {id: a}\n"), 256
    ),
    "timeline": Target(texts.timeline_entries, (_TIMELINE,)),
    "action-items": Target(texts.action_items, (b'  - {id: AI-1, title: x, due: "2025-05-21"}\n',)),
    "suppressions": Target(texts.suppressions, (_IGNORE, b"\0" + b"x" * 20 + _IGNORE)),
    "import-stamps": Target(texts.foreign_stamps, (b"\0\0\x0012:45 PM PST Saturday Oct 30th: x",)),
    "import-timeline": Target(texts.foreign_timeline, (b"\0\0\0\0" + _FOREIGN[90:220],)),
    "import-items": Target(texts.foreign_items, (b"\0\0\0\0" + _FOREIGN[220:],)),
    "import-parts": Target(texts.foreign_parts, (_FOREIGN,)),
    "csv": Target(files.csv, (b"\0at,text,source,url\n2025-05-14T09:40Z,x,chat,https://x.ex/a\n",)),
    "ndjson": Target(files.ndjson, (b'\0{"at": "2025-05-14T09:40Z", "text": "x"}\n',)),
    "slack": Target(files.slack, (b"\0", b"\1" + json.dumps(files.MESSAGES).encode())),
    "slack-zip": Target(files.slack_zip, (b"\0\1\1", b"\0\2\0\1")),
    "pagerduty": Target(files.pagerduty, (b"\0", b"\1" + json.dumps(files.ENTRIES).encode())),
    "auto": Target(files.recognized, (b"\0\0", b"\1\1at,text\n")),
    "dbt-manifest": Target(files.manifest, (b"\0",), 64),
    "dbt-run-results": Target(files.run_results, (b"\0",), 64),
    "dbt-sources": Target(files.sources, (b"\0",), 64),
    "sql-change": Target(changes.sql, (_SQL + b"\0" + _SQL.replace(b"a.b", b"a.c as b"),), 256),
    "yaml-change": Target(changes.yaml, (_YAML + b"\0" + _YAML.replace(b"unique", b"x.y"),), 256),
    "issue": Target(files.issue_form, (b"\0", b"\1" + json.dumps(files.ISSUE).encode())),
    "issue-body": Target(files.issue_body, (str(files.ISSUE["body"]).encode(),)),
    "config": Target(files.configuration, (b'\0\0archive = "x"\n[names]\nallow = ["x"]\n',)),
    "stored": Target(files.known_findings, (b"\0", b"\1{}"), 64),
    "dbt": Target(files.dbt_target, (b"", b"\0\0\0"), 96, slow=True),
    "issue-draft": Target(files.issue_draft, (str(files.ISSUE["body"]).encode(),), slow=True),
    "import": Target(texts.importer_whole, (b"\0" + _FOREIGN, b"\1" + _FOREIGN), slow=True),
    "lint": Target(
        texts.lint, (b"\1\0" + _BASE.split(b"---\n")[2][:500], b"\0" + _BASE), slow=True
    ),
    "lint-values": Target(texts.lint_values, (b"", b"\0\1\2\3"), 64, slow=True),
    "fix": Target(texts.fix, (b"\1\0## RCA\n\nIt broke.  \n", b"\0" + _BASE[:600]), slow=True),
}
