"""A link to another postmortem leads to one.

`related` and `recurrence_of` name ids, the text links to files; after a rename they lead nowhere,
and the reader who wanted to know whether this has happened before stops there.

## Fails

```archive
related: [2025-01-01-orders-late]
```

```archive
recurrence_of: 2025-01-01-orders-late
```

## Passes

```archive
related: [2025-01-01-orders-late]
===
id: 2025-01-01-orders-late
```
"""

import difflib
import posixpath
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.git import diff
from incident.rules import ArchiveContext, ArchiveFinding, archive_rule


@archive_rule(code="INC602", level=Level.ERROR, since="0.2.0")
def check(whole: ArchiveContext) -> Iterator[ArchiveFinding]:
    """Report ids and paths that no postmortem has."""
    unknown = 0
    for one in whole.by_path.values():
        named = [*one.related, *([one.recurrence_of] if one.recurrence_of else [])]
        for target, span in named:
            if target not in whole.by_id:
                fact = f'no postmortem has the id "{target[:80]}"'
                unknown += 1
                # what is like an id takes long to find: nobody asks for hundreds
                hint = _nearest(target, whole) if unknown <= 50 else "correct it, or remove it"
                yield ArchiveFinding(one.path, span, fact, hint)
            elif target == one.id:
                fact = f'"{target}" names itself'
                yield ArchiveFinding(
                    one.path, span, fact, "name the other postmortem, or remove it"
                )
        for target, span in one.links:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(one.path), target))
            if path in whole.by_path or path in whole.aliases or not _judged(one.path, path, whole):
                continue
            yield ArchiveFinding(one.path, span, f"there is no {path[:200]}", "correct the link")


def _nearest(target: str, whole: ArchiveContext) -> str:
    close = difflib.get_close_matches(target, whole.by_id, n=1)
    return f"did you mean `{close[0]}`?" if close else "correct it, or remove it"


def _judged(path: str, target: str, whole: ArchiveContext) -> bool:
    """Whether both are of the archive, which is known as a whole; else it is `repository-link`."""
    inside = f"{whole.config.archive}/"
    return path.startswith(inside) and target.startswith(inside) and diff.is_postmortem(target)
