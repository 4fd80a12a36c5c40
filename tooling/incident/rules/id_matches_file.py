"""The id matches the file name.

Links, `recurrence_of`, `related`, wiki URLs and the issues of action items all refer to an incident
by its id. Anyone who reads one of them should find the file without searching.

## Fails

```yaml
id: 2025-05-14-revenue-drops
```

## Passes

```yaml
title: "Daily revenue was 18% low for the new product line"
```
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from unicodedata import normalize

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.text.lazy_regex import lazy

_ID = lazy(r"\d{4}-\d{2}-\d{2}-[a-z0-9]+(?:-[a-z0-9]+)*")


@rule(code="INC101", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report an id that differs from the file name; unnamed text from stdin has none."""
    file = PurePosixPath(context.document.path)
    given = context.postmortem.id
    if not given or normalize("NFC", given) == normalize("NFC", file.stem) or str(file) == "-":
        return  # some systems write an é of a name as two characters
    ways = []
    if _ID().fullmatch(given):
        ways.append(f"rename the file to {given}.md")
    if _ID().fullmatch(file.stem):
        ways.append(f"write `id: {file.stem}`")
    hint = ", or ".join(ways) or "use the form YYYY-MM-DD-slug for both"
    fact = f'id "{given[:80]}" does not match the file name ({file.stem[:80]})'
    yield Finding(*context.document.at("id"), fact, hint)
