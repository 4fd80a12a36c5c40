"""The text has no placeholders.

A TODO in a draft is a promise; in review it is an unasked question. Answer it, or write what is not
known and who will find out: "the number of affected orders is not known yet; AI-3 counts them" is
an answer.

Checks prose and frontmatter text, but not code and comments.

## Fails

```markdown
## Impact

TODO: ask finance.
```

```markdown
## Root cause

<describe the mechanism>
```

```yaml
impact:
  summary: "???"
  assets: [{ref: "dbt:model.shop.revenue_clean", role: root}]
```

## Passes

```markdown
## Impact

How many orders were affected is not known yet; AI-1 counts them. The query had a `TODO` in it.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._text import place, strings
from incident.text import lines
from incident.text.lazy_regex import lazy

_FILL_IN = (
    "describe",
    "insert",
    "fill in",
    "enter",
    "explain",
    "replace",
    "write",
    "your",
    "name of",
)
# a text without any of these has no placeholder: cheaper to check than the regex
_SIGNS = (
    "todo",
    "tbd",
    "tba",
    "tbc",
    "fixme",
    "xxx",
    "lorem",
    "??",
    *tuple(f"{mark}{word}" for mark in "<[" for word in _FILL_IN),
)
_PATTERN = lazy(
    r"\b(?:TODO|TBD|TBA|FIXME|XXX+)\b"
    r"|\b(?i:lorem\s+ipsum)\b"
    r"|<(?i:describe|insert|fill in|enter|explain|replace|write|your|name of)\b[^<>\n]{0,80}>"
    r"|\[(?i:describe|insert|fill in|enter|explain|replace with|your)\b[^\[\]\n]{0,80}\](?![(\[:])"
    r"|(?<![\w?)\"'])\?{3,}"
    r"|^[ \t>*_+-]*(?i:todo|tbd|tba|fixme|xxx+)[ \t*_.:!-]*\r?$",
    re.MULTILINE,
)
_WHOLE = lazy(r"\W*(?:todo|tbd|tba|tbc|fixme|xxx+|\?{2,})\W*", re.IGNORECASE)
# other rules cover these, or none needs to
_SKIPPED = frozenset({"id", "owner", "timestamps", "lint", "due", "done_when", "url"})
_HINT = "write what is known, or that it's not known yet and which action item will find out"


@rule(code="INC203", level=Level.ERROR, since="0.1.0", since_status="in_review", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report placeholders in prose and frontmatter."""
    document = context.document
    lowered = document.lowered
    signs = [sign for sign in _SIGNS if sign in lowered]
    if not signs:
        return
    for match in _matches(document.without_code, signs):
        masked = not document.prose[match.start() : match.end()].strip()
        if masked and match[0][0] != "<":  # an address, or the target of a link
            continue
        if words := match[0].strip(" \t\r\n>*_+-"):
            start = match.start() + match[0].index(words)
            yield _found(start, words if match[0][0] != "<" else match[0])
    for path, value in strings(document.data):
        if not any(sign in value.lower() for sign in signs):
            continue
        hit = _PATTERN().search(value) or _WHOLE().fullmatch(value)
        if hit and _SKIPPED.isdisjoint(str(step) for step in path) and value:
            start, end = place(document, path)
            at = document.text.find(hit[0], start, end)
            yield _found(at if at >= 0 else start, hit[0])


def _matches(text: str, signs: list[str]) -> Iterator[re.Match[str]]:
    """Placeholders in the lines that have a sign."""
    lowered = text.lower()
    if len(lowered) != len(text) or "lorem" in signs:  # its second word may be on the next line
        yield from _PATTERN().finditer(text)
        return
    for start, end in lines.having(lowered, signs):
        yield from _PATTERN().finditer(text, start, end)


def _found(start: int, words: str) -> Finding:
    shown = f'"{words[:60]}"'
    several = Several("{} placeholders are left", shown)
    return Finding(start, start + len(words), f"{shown} is a placeholder", _HINT, several=several)
