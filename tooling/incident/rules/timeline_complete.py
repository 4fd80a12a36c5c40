"""The timeline shows how the incident was detected and how it ended.

These two entries are what every duration is computed from, and what a reader looks for first: what
made someone look, and what ended it. Labels (`**detected**`, `**mitigated**`,
`**corrected**`, `**resolved**`) or plain words are enough.

## Fails

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the nightly load ran with the new filter
- 2025-05-14 09:52Z the on-call engineer compares the dashboard with the shop
- 2025-05-14 10:20Z the filter turns out to match a product line
```

## Passes

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the nightly load ran with the new filter
- 2025-05-14 09:40Z finance asked why the dashboard was 18% low
- 2025-05-14 13:30Z the partition was rebuilt, and finance confirmed its sum
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._timeline import timed
from incident.text.lazy_regex import lazy

_FEW = 3
_LAST = 4  # the end is among the last entries
_LEEWAY = timedelta(minutes=5)
_BEGINNINGS = ("detected_at", "acknowledged_at")
_ENDS = ("mitigated_at", "corrected_at", "resolved_at")
_DETECTED = lazy(
    r"\b(?:alert|alarm|page[drs]?\b|paging|detect|notic|notif|report|discover|found\b|finds?\b|"
    r"flag|complain|asks?\b|asked|observ|saw\b|sees?\b|seen\b|reali[sz]|monitor|identif|"
    r"recogni[sz]|learn|aware|inform|contact|receiv|e-?mail|messag|ping|spot|rais(?:ed|es)\b|warn|"
    r"tweet|ticket|test\b.{0,40}\bfail|looking|check|investigat|acknowledg|declar|shows?\b|disclos|"
    r"(?:look|come|came|call)s? (?:in|into|to)\b)",
    re.IGNORECASE,
)
_ENDED = lazy(
    r"\b(?:resolv|fix|restor|recover|mitigat|revert|roll(?:ed|s|ing)?[- ]?(?:back|out)|deploy|"
    r"back (?:up|to|on|in|at|as)|normal|again\b|online|complet|finish|clos(?:e|ing)|ends?\b|ended|"
    r"over\b|operational|succe|patch|publish|releas|repair|correct|rebuil|re-?load|re-?run|stable|"
    r"stabili|done\b|confirm|verif|merg|unblock|enabl|available|upgrad|replac|remov|lands?\b|landed|"
    r"works?\b|working|gone\b|stopp?|take effect|false positive|refund|agree|match|equal|updat|"
    r"clean|clear|reset|restart|terminat|revok|disabl)",
    re.IGNORECASE,
)


@rule(code="INC217", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report timelines without the detection, without the end, or without both."""
    section = context.document.by_key.get("timeline")
    entries = timed(context.timeline)
    if section is None or len(entries) < _FEW:
        return
    missing = []
    text = context.document.section_text("timeline")
    if not (_has(context, _BEGINNINGS) or _DETECTED().search(text)):
        missing.append("how the incident was detected")
    last = " ".join(entry.text for entry in context.timeline[-_LAST:])
    if not (_has(context, _ENDS) or _ENDED().search(last)):
        missing.append("how it ended" if missing else "how the incident ended")
    if missing:
        fact = f"the timeline does not show {' and '.join(missing)}"
        hint = "add the entry: `- 2025-05-14 09:40Z **detected**: what was visible`"
        if len(missing) == 1 and "ended" in fact:
            hint = "add the entry: `- 2025-05-14 13:30Z **resolved**: what was verified`"
        yield Finding(section.start, section.heading_end, fact, hint)


def _has(context: Context, keys: tuple[str, ...]) -> bool:
    """Whether a label or the time of an entry marks one of the timestamps."""
    if any(entry.clock in keys for entry in context.timeline):
        return True
    stamps = [context.postmortem.times[key] for key in keys if key in context.postmortem.times]
    return any(abs(at - stamp) <= _LEEWAY for at, _ in timed(context.timeline) for stamp in stamps)
