"""The frontmatter matches the schema.

Keys, types and allowed values are defined in `schemas/postmortem.schema.json`. Requirements grow
with `status`:

- `draft`: an id, title, severity, owner and one timestamp, so that declaring is cheap
- `in_review`: the facts, that is, kind, cause category, trigger, incident lead, `started_at` and
  `detected_at`, how it was detected, and an impact with a summary and at least one asset
- `published`: also a reviewer, `resolved_at` and an action item
- `closed`: also the two follow-up checks

What is missing for one status is reported once, with the line where each value belongs; so are
unknown keys, and a fault of several entries of a list. Prefix your own keys with `x_`.

## Fails

```yaml
severity: P9
```

```yaml
sevrity: P1
```

```yaml
status: closed
follow_up: {two_weeks: null, three_months: null}
```

## Passes

```yaml
severity: P1
x_cost_center: 4711
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.postmortem import schema
from incident.postmortem.schema import Violation
from incident.postmortem.severity import scale
from incident.repository.config import STATUSES
from incident.rules import Context, Finding, rule
from incident.text.lazy_regex import lazy

_ENTRY = lazy(r"(?P<list>action item|[a-z_.]+)[ .]\d+(?:: | |\.)(?P<fact>.+)")
_UNKNOWN = "unknown key "


@rule(code="INC002", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report every violation of the schema."""
    loaded = schema.load(context.config.root)
    aliases = context.config.severity_aliases
    lacking: dict[str, list[Violation]] = {}
    for violation in schema.check(context.document, loaded, tuple(aliases) and scale(aliases)):
        if violation.status:
            lacking.setdefault(violation.status, []).append(violation)
        else:
            yield Finding(*violation[:4], several=_several(violation.message))
    for status, fields in lacking.items():
        yield _together(context, status, fields) if len(fields) > 1 else Finding(*fields[0][:4])


def _together(context: Context, status: str, fields: list[Violation]) -> Finding:
    """One finding, at the status, for everything that a status requires and that is missing."""
    names = ", ".join(one.field for one in fields)
    fact = f"for `{status}`, {len(fields)} fields are missing: {names}"
    before = STATUSES[max(0, STATUSES.index(status) - 1)]
    hint = "add them"
    if before != status:
        hint = f"fill them in, or keep `status: {before}` until they are known"
    related = tuple(sorted((one.belongs, f"{one.field} is missing: {one.hint}") for one in fields))
    return Finding(*context.document.at("status"), fact, hint, related=related)


def _several(message: str) -> Several | None:
    """How unknown keys are reported together, and what is wrong with several entries of a list."""
    if message.startswith(_UNKNOWN):
        hint = "correct them, or name them `x_…`"
        return Several("{} unknown keys", message.removeprefix(_UNKNOWN), hint)
    found = _ENTRY().fullmatch(message)
    if found is None:
        return None
    entries = "action items" if found["list"] == "action item" else f"entries of {found['list']}"
    return Several(f"{{}} {entries}: {found['fact']}")
