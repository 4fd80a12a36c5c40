"""The id is the name of the file.

Links, `recurrence_of`, `related`, the wiki's addresses and the issues of action items all name an
incident by its id. Whoever reads one of them should find the file without a search.

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
    """Report an id that is not the file's stem; text from stdin without a name has none."""
    file = PurePosixPath(context.document.path)
    given = context.postmortem.id
    if not given or normalize("NFC", given) == normalize("NFC", file.stem) or str(file) == "-":
        return  # some systems write an é of a name as two characters
    ways = []
    if _ID().fullmatch(given):
        ways.append(f"rename the file to {given}.md")
    if _ID().fullmatch(file.stem):
        ways.append(f"write `id: {file.stem}`")
    hint = ", or ".join(ways) or "give both the form YYYY-MM-DD-slug"
    fact = f'id "{given[:80]}" is not the file\'s name ({file.stem[:80]})'
    yield Finding(*context.document.at("id"), fact, hint)
