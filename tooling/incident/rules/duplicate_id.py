"""An id belongs to one postmortem.

Two branches that declare an incident on the same day with the same words make two files with one
id, and each pull request is fine on its own. Links, issues and the wiki then point to either. Lint
runs this on the merge result, against every postmortem of the archive.

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


@archive_rule(code="INC601", level=Level.ERROR, since="0.2.0")
def check(whole: ArchiveContext) -> Iterator[ArchiveFinding]:
    """Report every file of an id that several have."""
    alike: dict[str, list[Facts]] = {}
    for id_, bearers in whole.by_id.items():  # one file for both, where case does not count
        alike.setdefault(id_.casefold(), []).extend(bearers)
    for bearers in alike.values():
        paths = sorted(one.path for one in bearers)
        for one in bearers if len(paths) > 1 else ():
            other = next(path for path in paths if path != one.path)
            fact = f'id "{one.id}" is also that of {other}'
            yield ArchiveFinding(
                one.path, one.id_span, fact, "rename the file that is younger, and its id"
            )
