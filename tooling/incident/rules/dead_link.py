"""Links to other postmortems resolve.

`related` and `recurrence_of` name ids; the text links to files. After a rename they lead nowhere,
and readers who want to know whether this has happened before get stuck.

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

from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.git import diff
from incident.postmortem.markdown import link_targets
from incident.rules import ArchiveContext, ArchiveFinding, archive_rule


@archive_rule(code="INC602", level=Level.ERROR, since="0.1.0")
def check(whole: ArchiveContext) -> Iterator[ArchiveFinding]:
    """Report ids and paths without a postmortem."""
    unknown = 0
    for one in whole.by_path.values():
        named = [*one.related, *([one.recurrence_of] if one.recurrence_of else [])]
        for target, span in named:
            if target not in whole.by_id:
                fact = f'no postmortem has the id "{target[:80]}"'
                unknown += 1
                # finding a similar id is slow: skip it after the first hundreds
                hint = _nearest(target, whole) if unknown <= 50 else "correct it, or remove it"
                several = Several("{} ids belong to no postmortem", target[:80], "correct them")
                yield ArchiveFinding(one.path, span, fact, hint, several=several)
            elif target == one.id:
                fact = f'"{target}" refers to itself'
                yield ArchiveFinding(
                    one.path, span, fact, "name the other postmortem, or remove it"
                )
        for target, span in one.links:
            places = link_targets.places(target, one.path)
            if not places or not _judged(one.path, places[0], whole):
                continue
            if not any(path in whole.by_path or path in whole.aliases for path in places):
                fact = f"{places[0][:200]} does not exist"
                several = Several("{} linked postmortems do not exist", places[0][:200])
                yield ArchiveFinding(one.path, span, fact, "correct the link", several=several)


def _nearest(target: str, whole: ArchiveContext) -> str:
    import difflib

    close = difflib.get_close_matches(target, whole.by_id, n=1)
    return f"did you mean `{close[0]}`?" if close else "correct it, or remove it"


def _judged(path: str, target: str, whole: ArchiveContext) -> bool:
    """Whether both are in the archive; `repository-link` covers the rest."""
    inside = f"{whole.config.archive}/"
    return path.startswith(inside) and target.startswith(inside) and diff.is_postmortem(target)
