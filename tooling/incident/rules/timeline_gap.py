"""The timeline explains every long gap.

While data is wrong, hours without an entry are what readers ask about first: was nobody there, was
a vendor asked, did a backfill run? Before detection, silence is normal. From detection to
mitigation the limit is 2 hours for a P0, 4 for a P1, 16 for a P2 (a night) and 72 for a P3 (a
weekend); from mitigation until the data is correct it is three times as long. In a long incident a
gap counts only if it is a fifth of the whole. An entry that says what was waited for explains it.

## Fails

```markdown
## Timeline

- 2025-05-13 08:05Z **started**: the load wrote too few rows
- 2025-05-13 09:40Z **detected**: finance asked about the revenue dashboard
- 2025-05-14 08:15Z the filter was found
- 2025-05-14 10:30Z **mitigated**: the filter was reverted
```

## Passes

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the load wrote too few rows
- 2025-05-14 09:40Z **detected**: finance asked about the revenue dashboard
- 2025-05-14 10:30Z **mitigated**: the filter was reverted
- 2025-05-14 13:30Z **resolved**: finance has the corrected figures
```

```markdown
## Timeline

- 2025-05-13 08:05Z **started**: the load wrote too few rows
- 2025-05-13 09:40Z **detected**: finance asked about the revenue dashboard
- 2025-05-13 10:20Z the vendor was asked for the file; its support opens the next morning
- 2025-05-14 08:15Z the file arrived, and the load was repeated
- 2025-05-14 10:30Z **mitigated**: the dashboard shows the new figures
```

## Options

`p0`, `p1`, `p2`, `p3`: hours without an entry, by severity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from incident.diagnostic import Level
from incident.postmortem import model
from incident.postmortem.timeline_entries import TimelineEntry
from incident.rules import Context, Finding, rule
from incident.rules._text import count
from incident.rules._timeline import timed, written_at
from incident.text.lazy_regex import lazy

_AFTER_MITIGATION = 3
_SHARE = 5
_WAITED = lazy(
    r"\b(?:over ?night|next (?:morning|day|business|working|working day)|tomorrow|weekend|holidays?|"
    r"(?:until|till|in the|by) (?:the )?(?:early )?(?:morning|monday|next)|sle(?:ep|pt)\w*|asleep|"
    r"wait(?:s|ed|ing)?|await\w*|repl(?:y|ies|ied)|respon(?:se|ds?|ded)|paus\w+|resum\w+|still|"
    r"no (?:change|news|further|new|one|engineer)|nobody|monitor(?:ed|ing)|propagat\w+|scheduled|"
    r"back-?fill\w*|re-?load\w*|re-?build\w*|re-?process\w*|re-?index\w*|migrat\w+|restor\w+|"
    r"retention|ttl|nightly|travel\w*|fl(?:y|ies|ight)|(?:off|un)line|out of office|office hours|"
    r"unavailable|vendor|provider|takes? (?:about|up|some|several|\d)|(?:for|after|within|another) "
    r"(?:\w+ ){0,2}(?:hours?|days?)|"
    r"(?:fully |service |been )(?:recovered|restored|resolved)|later|"
    r"\d{1,2}:\d\d ?[-\u2013] ?\d{1,2}:\d\d)\b",
    re.IGNORECASE,
)
_ELSEWHERE = ("what_went_badly", "contributing_factors", "detection", "resolution", "summary")
_AWAY = lazy(
    r"\b(?:over ?night|weekends?|holidays?|asleep|sleeping|office hours|working hours|on vacation|"
    r"time ?zones?)\b",
    re.IGNORECASE,
)
_LENGTH = lazy(
    r"\b(\d+(?:\.\d)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve)[ -](?:full |whole )?"
    r"(hour|day)s?\b",
    re.IGNORECASE,
)
_MITIGATED = lazy(
    r"\b(?:mitigat|revert|roll(?:ed)? ?back|rolls back|fix(?:ed|es)?\b|restor|recover|resolv|patch|"
    r"deploy|disabl|lock(?:ed|s)|work-?around|publish|releas)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Options:
    """Hours by severity."""

    p0: int = 2
    p1: int = 4
    p2: int = 16
    p3: int = 72


class _Gap(NamedTuple):
    length: timedelta
    before: TimelineEntry
    after: TimelineEntry
    limit: int


@rule(code="INC216", level=Level.WARNING, since="0.1.0", since_status="in_review", options=Options)
def check(context: Context) -> Iterator[Finding]:
    """Report the longest unexplained gap between detection and the correction of the data."""
    limit = getattr(context.options, context.postmortem.severity.lower(), None)
    detected = _at(context, "detected_at")
    if not limit or detected is None:
        return
    entries = timed(context.timeline)
    if len(entries) < 2 or any(a > b for (a, _), (b, _) in pairwise(entries)):
        return  # timeline-ordered
    gaps = [gap for gap in _gaps(context, entries, detected, limit) if not _explained(context, gap)]
    if not gaps:
        return
    gap = max(gaps)
    others = tuple(
        (written_at(context.document, other.after)[0], f"also: {model.duration(other.length)}")
        for other in gaps
        if other is not gap
    )
    fact = f"nothing is recorded between {gap.before.written} and {gap.after.written}"
    fact += f" ({model.duration(gap.length)}, limit {gap.limit} h for a"
    fact += f" {context.postmortem.severity_label})"
    if len(gaps) > 1:
        fact += f"; {len(gaps) - 1} more gap{'s' * (len(gaps) > 2)}"
    hint = "add what happened, or what was waited for: `waited for the vendor's reply`"
    yield Finding(*written_at(context.document, gap.after), fact, hint, related=others)


def _at(context: Context, key: str) -> datetime | None:
    """The time of the entry with its label, else the timestamp."""
    labeled = (entry.at for entry in context.timeline if entry.clock == key)
    return next(labeled, None) or context.postmortem.times.get(key)


def _gaps(
    context: Context, entries: list[tuple[datetime, TimelineEntry]], detected: datetime, limit: int
) -> Iterator[_Gap]:
    """The gaps from detection on, until the data was correct."""
    mitigated = _at(context, "mitigated_at")
    if mitigated is None:
        fixes = (at for at, entry in entries if at > detected and _MITIGATED().search(entry.text))
        mitigated = next(fixes, entries[-1][0])
    end = _at(context, "corrected_at") or _at(context, "resolved_at") or entries[-1][0]
    least = (max(end, mitigated) - detected) / _SHARE
    for (begun, before), (at, after) in pairwise(entries):
        if begun < detected or at > max(end, mitigated):
            continue
        hours = limit if begun < mitigated else limit * _AFTER_MITIGATION
        if at - begun >= max(timedelta(hours=hours), least):
            yield _Gap(at - begun, before, after, hours)


def _explained(context: Context, gap: _Gap) -> bool:
    """Whether the entries say what was waited for, or another section names the gap."""
    document = context.document
    between = document.text[gap.before.start : gap.after.end]
    if _WAITED().search(between):
        return True
    for key in _ELSEWHERE:
        text = document.section_text(key)
        if _AWAY().search(text) or any(
            abs(_hours(*found.groups()) / (gap.length / timedelta(hours=1)) - 1) <= 0.15
            for found in _LENGTH().finditer(text)
        ):
            return True
    return False


def _hours(number: str, unit: str) -> float:
    return count(number) * (24 if unit.lower() == "day" else 1)
