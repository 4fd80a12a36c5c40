"""Times and durations in the text agree with the timeline.

"Detected at 09:45" in the summary and 09:40 in the timeline make a reader doubt both. Checked are
sentences that state when the incident was detected, mitigated, corrected or resolved, and how long
it took or lasted. A time is fine if the timeline or the frontmatter has it within five minutes; a
duration is fine if any two of those times are about that far apart.

## Fails

```markdown
## Summary

The dashboard was 18% low. The gap was noticed at 11:25Z, and the filter was reverted.
```

```markdown
## Impact

Finance saw 82 instead of 100. The outage lasted three days.
```

```markdown
## Detection

Finance noticed it only 40 hours after the load.
```

## Passes

```markdown
## Summary

The dashboard was 18% low. The gap was noticed at 09:42Z, seven and a half hours after the load.
```

```markdown
## Impact

Finance saw 82 instead of 100. The outage lasted half a day, and one export took three days.
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import combinations

from incident.diagnostic import Level, Several
from incident.postmortem import model
from incident.rules import Context, Finding, rule
from incident.rules._text import any_of, count, is_quoted
from incident.rules._timeline import timed
from incident.text.lazy_regex import lazy

_SECTIONS = ("summary", "impact", "detection", "root_cause", "resolution")
_LEEWAY = timedelta(minutes=5)
_FEW = 3  # with fewer known times, nothing can be compared
_STAMPS = {
    "detect": "detected_at",
    "notice": "detected_at",
    "discover": "detected_at",
    "mitigat": "mitigated_at",
    "correct": "corrected_at",
    "resolv": "resolved_at",
}
_CLAIM = lazy(
    r"\b(?:was|were|been|incident|outage) (?:\w+ly |first |finally )?"
    r"(?P<verb>detect|notice|discover|mitigat|correct|resolv)(?:e?d)\s+"
    r"(?:(?:on|of) [\w, -]{3,20} )?at (?P<hour>\d{1,2}):(?P<minute>\d\d)(?![:\d])"
    r"\s?(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?(?!\s?[ap]\.?m\b)",
    re.IGNORECASE,
)
_NUMBER = (
    r"(?P<number>\d{1,3}(?:\.\d)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
)
_UNIT = r"[ -](?P<unit>minute|hour|day|week)s?\b(?! (?:and|of|per|a day|each|ago|before|earlier|later|\d))"
_DURATION = lazy(
    r"\b(?:(?:incident|outage|degradation|interruption|downtime)"
    r"(?: (?:itself|window|period))? (?:that )?(?:(?:lasted|went on)(?: for)?|took|of)|"
    r"(?:detected|noticed|discovered|mitigated|resolved)(?: it)?(?: only)?"
    r"(?: (?:after|within|in))?) (?:about |around |almost |nearly |roughly |only |just |over |some )?"
    rf"{_NUMBER}{_UNIT}",
    re.IGNORECASE,
)
_GATE = any_of(
    """
    detected noticed discovered mitigated corrected resolved lasted outage downtime degradation
    interruption incident
    """
)
_UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
_MARGIN = 0.3


@rule(code="INC220", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report times and durations that no time of the frontmatter or the timeline bears out."""
    words = _GATE & context.vocabulary
    sections = [s for key in _SECTIONS if words and (s := context.document.by_key.get(key))]
    sections = [
        section
        for section in sections
        if any(context.lowered.find(w, section.heading_end, section.end) >= 0 for w in words)
    ]
    if not sections:
        return
    instants = [*context.postmortem.times.values(), *(at for at, _ in timed(context.timeline))]
    if len(set(instants)) < _FEW:
        return
    for section in sections:
        yield from _clocks(context, section.heading_end, section.end, instants)
        yield from _durations(context, section.heading_end, section.end, instants)


def _clocks(context: Context, start: int, end: int, instants: list[datetime]) -> Iterator[Finding]:
    for found in _CLAIM().finditer(context.prose, start, end):
        key = _STAMPS[found["verb"].lower()]
        stamp = context.postmortem.times.get(key)
        if stamp is None or int(found["hour"]) > 23 or int(found["minute"]) > 59:
            continue
        if min(_apart(found, at) for at in instants) <= _LEEWAY:
            continue
        if not is_quoted(context.prose, found.start()):
            shown = f"{stamp:%H:%M}" if found["zone"] is None else _in_zone(stamp)
            said = f"{found['hour']}:{found['minute']}{found['zone'] or ''}"
            fact = f"the text says {said}, `{key}` is {shown}"
            at = found.start("hour"), found.end()
            several = Several("{} times of the text are not those of the timestamps", said)
            hint = "correct the wrong ones, or add the entries to the timeline"
            yield Finding(*at, fact, hint, several=several)


def _apart(found: re.Match[str], at: datetime) -> timedelta:
    """How far a time of day is from an instant; without a zone, in any that the document uses."""
    minute = int(found["hour"]) * 60 + int(found["minute"])
    zone = (found["zone"] or "").upper()
    offset = at.utcoffset() or timedelta()
    clocks = [at.hour * 60 + at.minute]
    utc = at - offset
    if zone in {"Z", "UTC"}:
        clocks = [utc.hour * 60 + utc.minute]
    elif zone:
        sign = -1 if zone[0] == "-" else 1
        shift = sign * (int(zone[1:3]) * 60 + int(zone[-2:]))
        clocks = [(utc.hour * 60 + utc.minute + shift) % 1440]
    else:
        clocks.append(utc.hour * 60 + utc.minute)
    gaps = [abs(clock - minute) for clock in clocks]
    return timedelta(minutes=min(min(gap, 1440 - gap) for gap in gaps))


def _in_zone(at: datetime) -> str:
    return f"{at:%H:%M%z}".replace("+0000", "Z")


def _durations(
    context: Context, start: int, end: int, instants: list[datetime]
) -> Iterator[Finding]:
    for found in _DURATION().finditer(context.prose, start, end):
        unit = _UNITS[found["unit"].lower()]
        said = count(found["number"]) * unit
        # "three days" is anything that is rounded to it
        margin = max(_MARGIN * said, 0.75 * unit)
        lengths = [abs(b - a) / timedelta(minutes=1) for a, b in combinations(instants, 2)]
        if any(abs(length - said) <= margin for length in lengths):
            continue
        if is_quoted(context.prose, found.start()):
            continue
        longest = model.duration(timedelta(minutes=max(lengths)))
        said_so = " ".join(found[0].split())
        fact = f'"{said_so}": no two times of the timeline are so far apart'
        hint = f"correct the duration or the timeline, which covers {longest}"
        several = Several("{} durations are not those of the timeline", f'"{said_so}"')
        yield Finding(found.start("number"), found.end(), fact, hint, several=several)
