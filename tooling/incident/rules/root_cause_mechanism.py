"""The root cause describes a mechanism, not a label.

"A bug", "human error" and "bad data" are labels. Describe which component did what, on which input,
and why that was possible: a reader should be able to reproduce it on purpose. Fewer than 12 words
are rarely enough.

"The certificate expired" is the symptom: why did nothing renew it, and nothing notice? If the cause
is not known yet, write what is known and which action item finds out. If the text describes two
failures, explain both, or how the second followed from the first.

## Fails

```markdown
## Root cause

A bug in the filter.
```

```markdown
## Root cause

Human error.
```

```markdown
## Root cause

The certificate of the public load balancer expired at 10:00, so the website was unreachable.
```

```markdown
## Root cause

Under investigation with the vendor. The support ticket has been open since the morning of May 14.
```

```markdown
## Summary

The dashboard was 18% low for a day. A second failure on May 15 emptied it.

## Root cause

The filter compared the beginning of a name where it should compare the key of a product line.
```

## Passes

```markdown
## Root cause

The filter compared the beginning of a name where it should compare the key of a product line.
```

```markdown
## Root cause

The certificate expired because the renewal job runs on a host that was removed in April.
```

```markdown
## Root cause

Not known yet. The load stopped between two retries, and the log of that hour is lost. AI-1 keeps it.
```

## Options

`min_words`: default 12.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level
from incident.postmortem.reading import words
from incident.postmortem.sections import Section
from incident.rules import Context, Finding, _causes, rule
from incident.rules._sections import is_empty
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_SHORT = 40  # more words than that say more than the symptom
_LONG = 120  # and with more than these, most of it is known
_ITEM = lazy(r"\bAI-\d")
_FAILURES = any_of(
    "outage outages failure failures incident incidents crash crashes bug bugs problem problems "
    "breakage breakages defect defects"
)
_MORE = any_of("second another separate two three")
_SECOND = lazy(
    r"\b(?:(?:a|the) (?:second|separate)|another) (?:[a-z]+ ){0,2}?"
    r"(?:outage|failure|incident|crash|bug|problem|breakage|defect)\b|"
    r"\b(?:two|three) (?:[a-z]+ ){0,2}?"
    r"(?:outages|failures|incidents|crashes|bugs|problems|breakages|defects)\b",
    re.IGNORECASE,
)
_COVERS = lazy(
    r"\b(?:second|both|two|2|three|3|each|another|other|also|addition\w*|moreover|separate\w*|same|"
    r"again|next|later|then|subsequent\w*|all|every|neither|further\w*|factors|causes|multiple|"
    r"several|recur\w*|afterwards|in turn)\b|^[ \t]*(?:[-*+]|\d+[.)])[ \t]|^#{3}",
    re.IGNORECASE | re.MULTILINE,
)
_TOLD = ("summary", "impact", "timeline", "detection")
_HINT = "describe which component did what, on which input, and why that was possible"


@dataclass(frozen=True)
class Options:
    """Limit."""

    min_words: int = 12


@rule(
    code="INC209",
    level=Level.ERROR,
    since="0.1.0",
    since_status="in_review",
    body_only=True,
    options=Options,
)
def check(context: Context) -> Iterator[Finding]:
    """Report root causes that are too short, open, a symptom, or of one failure out of two."""
    document = context.document
    section = document.by_key.get("root_cause")
    if section is None or is_empty(document, section):
        return  # sections-required
    text = _causes.plain(document.blocks[section.heading_end : section.end])
    count, limit = len(words(text)), context.options.min_words
    if "```" in document.text[section.heading_end : section.end]:
        return
    at = (section.start, section.heading_end)
    if count < limit:
        fact = f'section "{section.title}" has {count} word{"s" * (count != 1)} (at least {limit})'
        yield Finding(*at, fact, _HINT)
    elif count <= _LONG and (open_question := _open(text, limit)):
        hint = "write what is known so far, and name the action item that finds out: AI-1"
        fact = f'section "{section.title}" is not known yet: "{_shown(open_question)}"'
        yield Finding(*at, fact, hint, Level.WARNING)
    elif count <= _SHORT and (symptom := _causes.symptom(text)):
        fact = f'section "{section.title}" repeats the symptom: "{_shown(symptom)}"'
        yield Finding(*at, fact, f"ask why once more: {_HINT}", Level.WARNING)
    elif second := _second(context, section):
        line = document.span(*second.span()).line
        said = " ".join(second[0].split())
        fact = f'section "{section.title}" explains one failure; line {line} has "{said}"'
        hint = "explain the other one too, or how it followed from the first"
        yield Finding(*at, fact, hint, Level.WARNING, related=((second.start(), said),))


def _open(text: str, limit: int) -> str:
    """The sentence that leaves the cause open, where little else is said; else ""."""
    if not _causes.may_be_open(text) or _ITEM().search(text):
        return ""
    cause = _causes.read(text)
    known = [*cause.symptoms, *cause.others]
    if cause.open and (len(cause.open) > len(known) or len(words(" ".join(known))) < limit):
        return cause.open[0]
    return ""


def _shown(sentence: str) -> str:
    return sentence if len(sentence) <= 60 else sentence[:60].rpartition(" ")[0] + " …"


def _second(context: Context, cause: Section) -> re.Match[str] | None:
    """Where the text has a second failure that the root cause does not cover."""
    vocabulary, document = context.vocabulary, context.document
    if vocabulary.isdisjoint(_MORE) or vocabulary.isdisjoint(_FAILURES):
        return None
    if _COVERS().search(document.blocks, cause.heading_end, cause.end):
        return None
    for key in _TOLD:
        section = document.by_key.get(key)
        if section is None or section.start == cause.start:
            continue
        if found := _SECOND().search(context.prose, section.heading_end, section.end):
            return found
    return None
