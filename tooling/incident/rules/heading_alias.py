"""A section uses its standard heading.

"RCA", "What went right" and "Trigger" are understood, but searching and reading across postmortems
is easier if a section has the same name everywhere. `--fix` renames it and keeps a suffix in
parentheses, like "(UTC)".

## Fails

```markdown
## What went right

- The change was small and could be reverted within minutes, and one partition was enough.
```

## Passes

```markdown
## What went well

- The change was small and could be reverted within minutes, and one partition was enough.
```
"""

from collections.abc import Iterator

from incident.diagnostic import Edit, Fix, Level, Several
from incident.postmortem.sections import TITLES, normalize
from incident.rules import Context, Finding, rule
from incident.rules._importance import Importance
from incident.text.lazy_regex import lazy

_TAIL = lazy(r"\s*(\([^()]{0,40}\))\s*$")


@rule(code="INC214", level=Level.NOTICE, since="0.1.0", importance=Importance.STYLE)
def check(context: Context) -> Iterator[Finding]:
    """Report aliases, with the standard heading as the fix."""
    document = context.document
    for key, section in document.by_key.items():
        title = TITLES.get(key)
        if title is None or section.level != 2 or normalize(section.title) == normalize(title):
            continue
        at = document.text.find(section.title, section.start, section.heading_end)
        if at < 0 or not section.title:
            continue
        end = at + len(section.title)
        tail = _TAIL().search(section.title)
        new = f"{title} {tail[1]}" if tail else title
        fix = Fix(f"rename it to {title}", (Edit(at, end, new),))
        fact = f'the standard heading for "{section.title}" is "{title}"'
        hint = f'rename it to "{title}", or run with `--fix`'
        several = Several(
            "{} headings are not the standard ones",
            f'"{section.title}"',
            "rename them with `--fix`",
        )
        yield Finding(at, end, fact, hint, None, fix, several=several)
