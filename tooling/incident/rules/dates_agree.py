"""Dates in the text agree with the incident.

"On June 14" in the impact of an incident of May 14 is a slip that nobody sees while the incident is
fresh, and a wrong fact a year later; so is last year's number in January. A date is reported if it
differs from a day of the incident in its month alone, its year alone, or by swapped day and month,
and a weekday if that day was another one. Dates that the frontmatter or the timeline has are never
reported, nor is a date next to one of the incident's own days: the two are compared there.

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

from incident.diagnostic import Level, Several
from incident.postmortem import model
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
_MONTH = lazy(r"jan|feb|ma[ry]|apr|ju[nl]|aug|sep|oct|nov|dec")
_NUMBER = lazy(r"[0-9][0-9./-]*")
_WIDTH = 18  # of what may be on either side of a date's number
_ISO = lazy(r"[0-9]{4}-\d\d-\d\d")
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

_Place = tuple[int, int, Day]  # where a date begins and ends, and the date


@rule(code="INC218", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report dates that are one slip away from the incident, and wrong weekdays."""
    found = [(passage, list(_dates(context, *passage))) for passage in _passages(context)]
    if not any(dates for _, dates in found):
        return
    first, last = _span(context)
    if first is None or last is None or (last - first).days > _LONGEST:
        return
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    text = context.prose
    for passage, written in found:
        for paragraph in _paragraphs(text, written, passage):
            own = any(_as_date(day, first) in days for _, _, day in paragraph)
            for begin, stop, day in paragraph:
                at = _as_date(day, first)
                if day.is_ambiguous or at is None:
                    continue
                name = _weekday(text, begin, stop)
                if name is not None and name != at.weekday():
                    if day.year or at in days:
                        fact = f"{at} was a {_NAMES[at.weekday()]}, not a {_NAMES[name]}"
                        several = Several("{} dates have the wrong weekday", str(at))
                        yield Finding(
                            begin, stop, fact, "correct the day or its name", several=several
                        )
                elif (
                    not (own or at in days or _is_compared(text, begin, stop))
                    and (near := _slip(day, at, days))
                    and at not in _written(context)
                ):
                    said = " ".join(text[begin:stop].split())
                    fact = f'"{said}" is not a day of this incident ({near})'
                    hint = f"correct the date; if {said} is meant, name {near} as well"
                    several = Several(
                        "{} dates are not days of this incident", f'"{said}"', "correct the dates"
                    )
                    yield Finding(begin, stop, fact, hint, several=several)


def _dates(context: Context, start: int, end: int) -> Iterator[_Place]:
    """The dates in a passage: only the surroundings of numbers are searched."""
    named = not _MONTHS.isdisjoint(context.vocabulary)
    places: dict[int, _Place] = {}
    for number in _NUMBER().finditer(context.prose, start, end):
        near = max(start, number.start() - _WIDTH), min(end, number.end() + _WIDTH)
        if len(number[0]) > 5 or (named and _MONTH().search(context.lowered, *near)):
            for place in dates.places(context.prose, None, *near):
                # at the edge it may have been cut
                if place[0] not in places or place[1] > places[place[0]][1]:
                    places[place[0]] = place
    yield from sorted(places.values())


def _paragraphs(text: str, written: list[_Place], passage: tuple[int, int]) -> list[list[_Place]]:
    """The dates of a passage by paragraph."""
    groups: list[list[_Place]] = []
    before = passage[0]
    for place in written:
        if not groups or "\n\n" in text[before : place[0]]:
            groups.append([])
        groups[-1].append(place)
        before = place[1]
    return groups


def _is_compared(text: str, begin: int, stop: int) -> bool:
    """Whether the words around a date set it apart from the incident's days."""
    before = re.split(r"[.;:]\s|\n\n", text[max(0, begin - 60) : begin])[-1]
    after = re.split(r"[.,;:]", text[stop : stop + 40])[0]
    return _COMPARED().search(before) is not None or _COMPARED().search(after) is not None


def _span(context: Context) -> tuple[date | None, date | None]:
    """The first and last day of the incident and of the data it made wrong."""
    postmortem = context.postmortem
    days = [at.date() for at in postmortem.times.values()]
    days += [entry.at.date() for entry in context.timeline if entry.at]
    days += [day for day in (postmortem.wrong_from, postmortem.wrong_to) if day]
    return min(days, default=None), max(days, default=None)


def _written(context: Context) -> set[date]:
    """Every day in digits in the frontmatter and the timeline."""
    document = context.document
    start, end = document.at("title")
    text = document.text[:start] + document.text[end : document.meta.end]
    text += document.section_text("timeline")
    return {day for found in _ISO().findall(text) if (day := model.parse_date(found))}


def _passages(context: Context) -> Iterator[tuple[int, int]]:
    """Offsets of the title and of the sections about this incident."""
    document = context.document
    yield document.at("title")
    for key in _SECTIONS:
        if section := document.by_key.get(key):
            yield section.heading_end, section.end


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
