"""The title of an action item names one team.

"Finance and ingestion agree on a notice" has two owners, whatever its `owner` says: each waits for
the other. Split it, or write what the owner does and whom it asks: "agree with finance on a
notice". Several teams in `owner` itself are reported by action-item-owner.

Finished items (`done` or `wont_do`) are not reported.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Data-platform and finance write a runbook for the daily close", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the runbook is linked from the alert"}
```

```yaml
action_items:
  - {id: AI-1, title: "(@data-platform, @finance) Write a runbook for the daily close", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the runbook is linked from the alert"}
```

```yaml
action_items:
  - {id: AI-1, title: "Write a runbook together with finance, sales and the shop team", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the runbook is linked from the alert"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Agree with finance and sales on a notice of 5 days", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the calendar of changes names both"}
  - {id: AI-2, title: "Orders and payments get a row-count test", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from incident import word_lists
from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.text.lazy_regex import lazy

_BOTH = lazy(r"\W*(?:both|all|the two|the three) (?:of (?:the|our) )?teams\b", re.IGNORECASE)
_HANDLES = lazy(r"@[\w./-]+(?:\s*(?:,|/|&|\+|and|or)\s*@[\w./-]+)+", re.IGNORECASE)
_MODALS = frozenset({"should", "will", "must", "to", "need", "shall", "can"})
_JOIN = r"(?:\s*,\s*|\s*/\s*|\s*&\s*|\s*\+\s*)(?:and\s+)?|\s+and\s+"


@rule(code="INC317", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report titles with several teams or handles as their subject."""
    postmortem = context.postmortem
    items = [item for item in postmortem.action_items if not item.is_finished]
    if not items:
        return
    teams = {postmortem.owner, *postmortem.observers, *(c.team for c in postmortem.consumers)}
    teams |= {item.owner for item in postmortem.action_items}
    pattern = _subjects(frozenset(team.casefold() for team in teams if len(team) > 2))
    for item in items:
        found = pattern.search(item.title) if pattern else None
        found = found or _HANDLES().search(item.title) or _BOTH().match(item.title)
        if found is None or not _is_subject(found, context.config.language):
            continue
        at = context.document.at("action_items", item.index, "title")
        said = " ".join(found[0].strip(" ([:").split())
        fact = f'action item {item.index + 1} is shared: "{said}"'
        several = Several("{} action items are shared", str(item.index + 1))
        hint = "split it, or write what its owner does and whom it asks"
        yield Finding(*at, fact, hint, several=several)


def _is_subject(found: re.Match[str], language: str) -> bool:
    """Whether what follows the teams is a verb: "finance and sales agree", not "dashboards"."""
    verb = found.groupdict().get("verb")
    return verb is None or verb.lower() in _MODALS | word_lists.words("action_verbs", language)


@cache
def _subjects(teams: frozenset[str]) -> re.Pattern[str] | None:
    """A title that begins with two of the teams, or does something together with two."""
    if len(teams) < 2:
        return None
    names = "|".join(re.escape(team).replace(r"\\-", "[- ]") for team in sorted(teams, key=len))
    one = rf"(?:the\s+)?(?:{names})(?:\s+team)?\b"
    several = rf"{one}(?:(?:{_JOIN}){one})+"
    return re.compile(
        rf"\A[\W_]*{several}(?=\s*[\])]|\s*:|\s+(?P<verb>[a-z]+))"
        rf"|\b(?:together with|jointly with|jointly by)\s+{several}",
        re.IGNORECASE,
    )
