"""The sections that the status requires exist and are not empty.

Requirements grow with the status. A draft needs no sections. `in_review` needs Summary, Impact,
Timeline, Root cause and What went well. A published P0 or P1 needs every section of the full
template, a P2 or P3 those of the light one.

"What did the first postmortem miss?" is required if and only if `recurrence_of` names an earlier
incident: a recurrence means that a fix did not hold. Common alternative headings are recognized
("What went right", "RCA"), and others ("Details", "CVE") are named where a section is empty.

Summary: what was wrong, for whom, for how long, and what ended it. Impact: who used the wrong data,
for what, and how far off it was. Timeline: entries with their times. Root cause: the mechanism, and
why it was possible. Resolution: how the data was fixed, and how the fix was verified.

## Fails

```markdown
## Impact
```

```yaml
recurrence_of: 2025-01-20-orders-late
```

```file
---
id: 2025-03-03-orders-late
title: "Orders were 3 hours late"
status: in_review
severity: P3
owner: data-platform
timestamps: {started_at: "2025-03-03T05:00Z", detected_at: "2025-03-03T08:00Z"}
---

## Impact

The daily report was 3 hours late.
```

## Passes

```markdown
## Customer impact

The daily report was 18% low for one day, and finance planned with it.
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.postmortem.sections import TITLES
from incident.rules import Context, Finding, rule
from incident.rules._sections import SAYS, elsewhere, is_empty, place

_REVIEW = frozenset({"summary", "impact", "timeline", "root_cause", "what_went_well"})
_LIGHT = _REVIEW | {"what_went_badly"}
_AGAIN = "first_postmortem_missed"
_FULL = frozenset(TITLES) - {"where_we_got_lucky", "lessons_learned", _AGAIN}
_HINT = "write them; `incident rule sections-required` has what each covers"


@rule(code="INC201", level=Level.ERROR, since="0.1.0", since_status="in_review", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report sections that are missing or empty."""
    document = context.document
    text = document.text
    if (document.meta.node is None and document.meta.body) or not text.strip() or "\0" in text:
        return  # the status of a broken block is unknown, and that is already reported
    status, severity = context.postmortem.status, context.postmortem.severity
    wanted = set(_LIGHT)
    asked = ""
    if status == "in_review":
        wanted, asked = set(_REVIEW), " (required in review)"
    elif status in {"published", "closed"} and severity in {"P0", "P1"}:
        wanted, asked = (
            set(_FULL),
            f" (required for a {status} {context.postmortem.severity_label})",
        )
    present = document.by_key
    if context.postmortem.recurrence_of:
        wanted.add(_AGAIN)
    elif document.meta.node is not None and (section := present.get(_AGAIN)):
        fact = f'section "{section.title}" requires `recurrence_of`'
        hint = "name the earlier incident in `recurrence_of`, or remove the section"
        yield Finding(section.start, section.heading_end, fact, hint)
    for key in (key for key in TITLES if key in wanted):
        found, title = present.get(key), TITLES[key]
        if found is None:
            fact = f'section "{title}" is missing{asked}'
            hint = f"add `## {title}`: {SAYS[key]}"
            what = title
            if other := elsewhere(document, key):
                line = document.span(other.start, other.start).line
                hint = f'rename "{other.title[:60]}" (line {line}) to "{title}", or move its text'
                what = f'{title} ("{other.title[:60]}" may cover it)'
            several = Several(f"{{}} sections are missing{asked}", what, _HINT)
            yield Finding(*place(document, key), fact, hint, several=several)
        elif key != "what_went_well" and is_empty(document, found):
            at = found.start, found.heading_end
            if other := elsewhere(document, key):
                line = document.span(other.start, other.start).line
                fact = f'section "{found.title}" is empty, but "{other.title[:60]}" may cover it'
                hint = f'move it here from "{other.title[:60]}" (line {line}): {SAYS[key]}'
                what = f'{found.title} ("{other.title[:60]}" may cover it)'
                several = Several("{} sections are empty", what, _HINT)
                yield Finding(*at, fact, hint, several=several)
                continue
            hint = f"describe {SAYS[key]}" if key != "timeline" else f"add entries: {SAYS[key]}"
            fact = f'section "{found.title}" is empty'
            several = Several("{} sections are empty", found.title, _HINT)
            yield Finding(*at, fact, hint, several=several)
