"""The impact has numbers, and names who used the data for what.

"Some dashboards were affected" tells readers nothing: how many rows, days or customers, how far
off? A date, "all" or "every" is not a number: all of how many? If nobody knows the number yet, write
that, with the action item that will find out. If it is elsewhere in the text, the hint quotes it.
And wrong data matters because of what people did with it: list the teams under `impact.consumers`.

## Fails

```markdown
## Impact

Some dashboards showed the wrong revenue for a while.
```

```markdown
## Impact

On May 14, every order of the new product line was missing, and all dashboards were wrong.
```

```yaml
impact:
  summary: "The revenue dashboard was low"
  critical_use_case: true
  assets: [{ref: "dbt:model.shop.revenue_clean", role: root}]
  consumers: []
```

## Passes

```markdown
## Impact

Finance saw 82 instead of 100 for one day, and based no plan on it.
```

```markdown
## Impact

Finance planned three days with it. The total is not known yet; AI-1 will determine it.
```

```markdown
## Impact

Nobody opened the report between the build and the repair.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.postmortem.markdown import source
from incident.postmortem.sections import Section
from incident.rules import Context, Finding, _figures, rule
from incident.rules._figures import Figure
from incident.rules._text import any_of, is_placeholder
from incident.text.lazy_regex import lazy

# numbers in words, an effect of zero, a number that is said to be unknown, a stretch of time
_IN_WORDS = lazy(
    r"\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|"
    r"thousands?|millions?|half|twice|(?:a|one|two) thirds?(?! part)|(?:a|one|three) quarters? of|"
    r"one (?:of|in|out|day|hour|minute|week|month|night|morning|row|order|customer|user|team|"
    r"dashboard|report|table|model|run|file|partition|store|account|build)s?|"
    r"an? (?:whole |full |entire )?(?:day|hour|minute|week|month|night|morning|weekend)|"
    r"not (?:yet )?known|unknown|nobody|no[ -]one|nothing (?:was|is|has|had|were)|"
    r"no (?:\w+ ){0,2}(?:impact|effect|loss|harm|damage)|(?:does|did|do) not affect|"
    r"no (?:[\w-]+ ){1,4}(?:was|were|is|are|has|have|had) (?:been |ever )?"
    r"(?:affected|impacted|lost|missing|sent|used|made|leaked|exposed|harmed|charged|paid|dropped|"
    r"compromised|needed|changed|exploited))\b|"
    r"\b(?:from|between)\s[^.\n]{0,20}\d[^.\n]{0,30}\s(?:to|until|till|and)\s[^.\n]{0,20}\d",
    re.IGNORECASE,
)
_SWEEPING = lazy(
    r"\b(?:(?P<claim>all(?: of)?(?: the| our)? (?:[a-z][\w-]* )?[a-z][\w-]*s|(?:every|each) [a-z][\w-]*)"
    r"(?= (?:was|were|had|has|have|is|are|saw|showed|failed|could|got|received|stopped|went|lost)\b)|"
    r"all|every|each|no(?:ne)?|nothing)\b",
    re.IGNORECASE,
)
_AFFECTED = any_of(
    "rows records orders payments customers users accounts requests queries events messages jobs "
    "transactions invoices reports dashboards tables models partitions files emails tickets "
    "sessions teams people stores shops products items entries companies organizations projects "
    "packages passwords exceptions visitors subscribers downloads uploads members datasets points "
    "returns bookings shipments"
)
# a figure is about the impact where its sentence has one of these
_HARM = lazy(
    r"\b(?:affect|impact|fail|los[tes]|miss|wrong|incorrect|error|duplicat|doubl|late|delay|null|empty|"
    r"unable|down|outage|unavailab|unreachab|offline|stale|leak|expos|drop|need|too|off by|broken|"
    r"without|duration|instead|could(?: not|n['\u2019]t)|lower|higher|reject|refus)",
    re.IGNORECASE,
)
_SENTENCE = lazy(r"[.!?]\s|\n\s*\n|\n[ \t]*[-*+|]|\0")
_BEFORE = ("summary", "timeline", "root_cause", "detection", "contributing_factors")


@rule(code="INC208", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report an impact without numbers or consumers."""
    document, postmortem = context.document, context.postmortem
    if section := document.by_key.get("impact"):
        yield from _unmeasured(context, section)
    if postmortem.kind == "near_miss" or document.get("impact") is None:
        return  # the schema requires the key
    if not postmortem.impact_summary and not postmortem.assets:
        return  # nor does the frontmatter say more: the schema asks for all of it at once
    at = document.at("impact", "consumers")
    if not postmortem.consumers:
        hint = 'list the teams: `consumers: [{team: finance, use: "daily cash plan"}]`'
        yield Finding(*at, "impact lists no consumers", hint, _softer(context))
    for index, consumer in enumerate(postmortem.consumers):
        if consumer.team and is_placeholder(consumer.use):
            where = document.at("impact", "consumers", index)
            fact = f"consumer {consumer.team} has no `use`"
            hint = 'add what they used the data for: "daily cash plan"'
            several = Several("{} consumers have no `use`", consumer.team)
            yield Finding(*where, fact, hint, Level.WARNING, several=several)


def _softer(context: Context) -> Level | None:
    """Minor incidents may have affected nobody."""
    return None if context.postmortem.severity in {"P0", "P1"} else Level.WARNING


def _unmeasured(context: Context, section: Section) -> Iterator[Finding]:
    text = context.document.blocks[section.heading_end : section.end]
    if not text.strip():
        return
    text = source.mask_targets(text)
    if next(_figures.find(text), None) or _IN_WORDS().search(text):
        return
    fact = f'section "{section.title}" has no number'
    sweeping = _SWEEPING().search(text)
    only = _figures.only_dates(text) or (sweeping["claim"] if sweeping else "")
    if only:
        fact = f'{fact} that measures it, only "{only}"'
    level = Level.WARNING if sweeping or re.search(r"\d", text) else None
    at, hint = (section.start, section.heading_end), _magnitude(context, section)
    if not hint and (figure := _elsewhere(context, section)):
        line = context.document.span(figure.start, figure.end).line
        hint = f'line {line} has "{figure.shown}": add it to {section.title}'
        yield Finding(*at, fact, hint, level, related=((figure.start, figure.shown),))
        return
    default = "add how many rows, days, customers or percent, or the item that will find out"
    yield Finding(*at, fact, hint or default, level)


def _magnitude(context: Context, impact: Section) -> str:
    """A hint with the number that the frontmatter has; "" if it has none."""
    written = [context.document.get("impact", "magnitude", key) for key in ("actual", "expected")]
    if not all(isinstance(value, (int, float)) for value in written):
        return ""
    unit = context.document.get("impact", "magnitude", "unit") or ""
    shown = f"{written[0]} instead of {written[1]} {unit}".strip()
    return f'`impact.magnitude` has "{shown}": add it to {impact.title}'


def _elsewhere(context: Context, impact: Section) -> Figure | None:
    """The figure in another part of the text that tells the impact; durations last."""
    lengths: list[Figure] = []
    for text, start, end in _other_texts(context, impact):
        for figure in _figures.find(text, start, end):
            if not _HARM().search(_sentence(text, figure, start, end)):
                continue
            if figure.kind == "duration":
                lengths.append(figure)
            elif figure.kind != "count" or figure.noun in _AFFECTED:
                return figure
    return lengths[0] if lengths else None


def _sentence(text: str, figure: Figure, start: int, end: int) -> str:
    before = [match.end() for match in _SENTENCE().finditer(text, start, figure.start)]
    after = _SENTENCE().search(text, figure.end, end)
    return text[before[-1] if before else start : after.start() if after else end]


def _other_texts(context: Context, impact: Section) -> Iterator[tuple[str, int, int]]:
    """Texts with the offsets to search: the title, the summary and what is told before the end."""
    document = context.document
    for path in (("impact", "summary"), ("title",)):
        if document.get(*path):
            place = document.meta.nearest(path)
            yield document.text, place.start, place.end
    for key in _BEFORE:
        if (section := document.by_key.get(key)) and section.start != impact.start:
            yield document.prose, section.heading_end, section.end
