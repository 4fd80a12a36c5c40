"""No line has trailing spaces.

They cause diffs in lines that nobody changed. In Markdown, two or more spaces after text are a line
break and stay; a single space, or spaces on an empty line, have no effect. Code is not checked. (␠
is a space below.)

## Fails

```file
---
id: 2025-03-03-orders-late
title: "Orders were 3 hours late"
status: draft
severity: P3
owner: data-platform
timestamps: {started_at: "2025-03-03T05:00Z", detected_at: "2025-03-03T08:00Z"}␠␠␠
---
```

## Passes

```markdown
## Summary

A filter dropped the new product line,␠␠
and the revenue dashboard was 18% low on May 14.
```
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from incident.diagnostic import Edit, Fix, Level
from incident.rules import Context, Finding, rule
from incident.rules._importance import Importance
from incident.text.lazy_regex import lazy

_FENCE = lazy(r"^ {0,3}(?:`{3,}|~{3,})", re.MULTILINE)
_STRAY = lazy(r"(?<![ \t])[ \t]+(?=\r?\n|\Z)")


@rule(code="INC215", level=Level.NOTICE, since="0.1.0", importance=Importance.STYLE)
def check(context: Context) -> Iterator[Finding]:
    """Report the first trailing space, with all of them in the fix."""
    document = context.document
    text, body = document.text, document.meta.body
    if " \n" not in text and "\t\n" not in text and " \r\n" not in text:
        return
    block = min((at for mark in "|>" if (at := text.find(mark, 0, body)) >= 0), default=body)
    fences = [match.start() for match in _FENCE().finditer(text, body)]
    edits = []
    for match in _STRAY().finditer(text):
        start, end = match.span()
        if start < body:
            # a YAML block scalar keeps its spaces, and a backslash keeps one
            if start < block and text[start - 1] != "\\":
                edits.append(Edit(start, end, ""))
        elif bisect_left(fences, start) % 2 == 0:
            line = text.rfind("\n", 0, start) + 1
            written = document.blocks[line:start].strip()
            if (written and len(match[0]) > 1) or (not written and text[line:start].strip()):
                continue  # a line break, or a comment
            edits.append(Edit(start, end, ""))
    if edits:
        first = edits[0]
        count = len(edits)
        fact = f"{count} line{'s' * (count != 1)} {'has' if count == 1 else 'have'} trailing spaces"
        fix = Fix("remove them", tuple(edits))
        yield Finding(first.start, first.end, fact, "remove them, or run with `--fix`", None, fix)
