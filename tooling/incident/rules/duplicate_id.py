"""Every id is unique.

If two branches declare an incident on the same day with the same title, two files get the same id,
and each pull request passes on its own. Links, issues and the wiki then point to either of them.
This rule runs on the merge result, against every postmortem in the archive.

## Fails

```archive
id: 2025-05-14-revenue-low
===
id: 2025-05-14-revenue-low
```

## Passes

```archive
id: 2025-05-14-revenue-low
===
id: 2025-05-15-revenue-low
```
"""

from collections.abc import Iterator

from incident.archive.index import Facts
from incident.diagnostic import Level
from incident.rules import ArchiveContext, ArchiveFinding, archive_rule


@archive_rule(code="INC601", level=Level.ERROR, since="0.1.0")
def check(whole: ArchiveContext) -> Iterator[ArchiveFinding]:
    """Report every file that shares an id."""
    alike: dict[str, list[Facts]] = {}
    for id_, bearers in whole.by_id.items():  # one file for both, where case does not count
        alike.setdefault(id_.casefold(), []).extend(bearers)
    for bearers in alike.values():
        paths = sorted(one.path for one in bearers)
        for one in bearers if len(paths) > 1 else ():
            other = next(path for path in paths if path != one.path)
            fact = f'id "{one.id}" is also used by {other}'
            hint = "change the id and the file name of the newer one"
            yield ArchiveFinding(one.path, one.id_span, fact, hint)
