"""Dates in the text agree with the incident.

"On June 14" in the postmortem of an incident on May 14 is a slip that nobody notices at first, and a
wrong fact a year later. So is last year's number in January. A date is reported if it differs from
a day of the incident only in its month, only in its year, or by swapped day and month; a weekday,
if that day was another one. Dates that are also in the frontmatter or the timeline are never
reported, nor is a date next to one of the incident's own days: the text compares the two.

## Fails

```markdown
## Impact

Finance saw 82 instead of 100 for June 14, and did not plan with it.
```

```markdown
## Summary

The revenue dashboard was 18% low on 2024-05-14, until finance asked.
```

```markdown
## Summary

The revenue dashboard was 18% low on Monday, 14 May 2025, until finance asked.
```

## Passes

```markdown
## Impact

Finance saw 82 instead of 100 for May 14. The rows of April 14 were right.
```

```markdown
## Resolution and data repair

Wednesday, May 14, was rebuilt. The filter had been there since 2024-11-02.
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._text import any_of
from incident.text import dates
from incident.text.dates import Day
from incident.text.lazy_regex import lazy

_SECTIONS = ("summary", "impact", "detection", "root_cause", "resolution")
_MONTHS = any_of(
    """
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    """
)
_MONTH = lazy(
    r"(?:jan|feb|ma[ry]|apr|ju[nl]|aug|sep|oct|nov|dec)[a-z]{0,6}\.? ?[0-9]|"
    r"[0-9](?:st|nd|rd|th)? (?:of )?(?:jan|feb|ma[ry]|apr|ju[nl]|aug|sep|oct|nov|dec)"
)
_DIGITS = lazy(r"[0-9]{4}-\d\d-\d\d|[0-9]{1,2}[./]\d{1,2}[./]\d{2}")
_ISO = lazy(r"\b\d{4}-\d{2}-\d{2}")
_COMPARED = lazy(
    r"\b(?:last|previous|earlier|compared?|before|same|versus|vs|than|next|by|due|until|after|since|"
    r"again|ago|future|plan\w*|will|first|second|again|also)\b",
    re.IGNORECASE,
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY_NAME = r"(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?"
_BEFORE = lazy(rf"\b{_DAY_NAME}\.?,?\s+(?:the\s+)?\Z", re.IGNORECASE)
_AFTER = lazy(rf",?\s*\(?{_DAY_NAME}\b\)?", re.IGNORECASE)
_LONGEST = 31  # days; in a longer incident most dates are near


@rule(code="INC218", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report dates that are one slip away from the incident, and wrong weekdays."""
    named = not _MONTHS.isdisjoint(context.vocabulary)
    passages = [place for place in _sections(context) if _may_have_date(context, *place, named)]
    if not passages:
        return
    first, last = _span(context)
    if first is None or last is None or (last - first).days > _LONGEST:
        return
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    known = {*days, *_written(context)}
    for start, end in _paragraphs(context.document.blocks, passages):
        if not _may_have_date(context, start, end, named):
            continue
        text = context.prose[start:end]
        found = list(dates.places(text))
        own = any(_as_date(day, first) in days for _, _, day in found)
        for begin, stop, day in found:
            at = _as_date(day, first)
            if day.is_ambiguous or at is None:
                continue
            said = " ".join(text[begin:stop].split())
            if (name := _weekday(text, begin, stop)) is not None and name != at.weekday():
                if day.year or at in days:
                    fact = f"{at} was a {_NAMES[at.weekday()]}, not a {_NAMES[name]}"
                    yield Finding(start + begin, start + stop, fact, "correct the day or its name")
            elif not (own or at in known or _is_compared(text, begin, stop)) and (
                near := _slip(day, at, days)
            ):
                fact = f'"{said}" is not a day of this incident ({near})'
                hint = f"correct the date; if {said} is meant, name {near} as well"
                yield Finding(start + begin, start + stop, fact, hint)


def _may_have_date(context: Context, start: int, end: int, named: bool) -> bool:
    """A cheap test before the expensive pattern. `named`: the document has a month's name."""
    if _DIGITS().search(context.prose, start, end):
        return True
    return named and _MONTH().search(context.lowered, start, end) is not None


def _is_compared(text: str, begin: int, stop: int) -> bool:
    """Whether the words around a date set it apart from the incident's days."""
    before = re.split(r"[.;:] ", text[max(0, begin - 60) : begin])[-1]
    after = re.split(r"[.,;:]", text[stop : stop + 40])[0]
    return _COMPARED().search(before) is not None or _COMPARED().search(after) is not None


def _span(context: Context) -> tuple[date | None, date | None]:
    """The first and last day of the incident and of the data it made wrong."""
    postmortem = context.postmortem
    days = [at.date() for at in postmortem.times.values()]
    days += [entry.at.date() for entry in context.timeline if entry.at]
    days += [day for day in (postmortem.wrong_from, postmortem.wrong_to) if day]
    return min(days, default=None), max(days, default=None)


def _written(context: Context) -> Iterator[date]:
    """Every day in digits in the frontmatter and the timeline."""
    document = context.document
    start, end = document.at("title")
    text = document.text[:start] + document.text[end : document.meta.end]
    text += document.section_text("timeline")
    for found in _ISO().findall(text):
        try:
            yield date.fromisoformat(found)
        except ValueError:
            continue


def _sections(context: Context) -> Iterator[tuple[int, int]]:
    """Offsets of the title and of the sections about this incident."""
    document = context.document
    yield document.at("title")
    for key in _SECTIONS:
        if section := document.by_key.get(key):
            yield section.heading_end, section.end


def _paragraphs(text: str, passages: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for start, end in passages:
        if start == end or not text[start:end].strip():  # the title is in the frontmatter
            yield start, end
        for paragraph in text[start:end].split("\n\n"):
            if paragraph.strip():
                yield start, start + len(paragraph)
            start += len(paragraph) + 2


def _as_date(day: Day, first: date) -> date | None:
    try:
        return date(day.year or first.year, day.month, day.day)
    except ValueError:
        return None


def _slip(day: Day, at: date, days: list[date]) -> date | None:
    """The incident's day that `at` is one slip away from."""
    for own in days:
        month = at.day == own.day and at.year == own.year and abs(at.month - own.month) == 1
        year = (at.month, at.day) == (own.month, own.day) and abs(at.year - own.year) == 1
        swapped = (at.month, at.day) == (own.day, own.month) and at.year == own.year
        if month or swapped or (day.year and year):
            return own
    return None


def _weekday(text: str, begin: int, stop: int) -> int | None:
    """The day of the week that is named next to a date, from 0 for Monday."""
    found = _BEFORE().search(text, max(0, begin - 20), begin) or _AFTER().match(text, stop)
    return _WEEKDAYS.index(found[1][:3].lower()) if found else None
