"""The text contains no personal handles.

A handle identifies a person like a name does, and notifies them on every edit. A role or a team
handle (`@org/team`, `@data-platform-team`) keeps the story about the system.

Code, email addresses, package names (`@scope/name`), and words in `names.allow` are not reported. A
handle with an underscore is a warning: it may be a variable. A handle after a name ("Ines
Halvorsen (@ihalvo)") is reported with the name. Handles belong in `roles` and
`reviewers` in the frontmatter, without the @.

## Fails

```markdown
## Detection

@dmartel saw the drop in the dashboard and opened the incident.
```

## Passes

```markdown
## Detection

@acme/data-platform was paged by @oncall; the `@task` decorator had no timeout.
```
"""

from collections.abc import Iterator

from incident.archive.name_words import is_nick
from incident.archive.nicknames import DECORATORS
from incident.diagnostic import Edit, Fix, Level
from incident.rules import Context, Finding, rule
from incident.rules._roster_matches import (
    HANDLE,
    HANDLE_BEHIND,
    account_matches,
    is_group,
    roles,
    teams,
)
from incident.text.lazy_regex import lazy

# "an @emergency role": a channel, a group
_GROUP = lazy(r"[ \t]+(?:role|group|channel|team|list|alias|mention|tag|bot|decorator)s?\b")


@rule(code="INC412", level=Level.ERROR, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report @handles of people; one that git or GitHub could not have is a warning."""
    if "@" not in context.document.text:
        return
    held = roles(context.postmortem)
    groups = teams(context.postmortem) | {w.casefold() for w in context.config.names.allow}
    for match in account_matches(HANDLE(), context.prose):
        written = match[0].rstrip("-_./")
        name = written[1:].casefold()
        after = context.prose[match.end() : match.end() + 40]
        if (
            "/" in name
            or name in groups
            or name in DECORATORS
            or after.startswith("(")
            or _GROUP().match(after)
            or is_group(name, context.config.language)
        ):
            continue
        role = held.get(name, "the on-call engineer")
        level = Level.WARNING if "_" in name else None  # SQL variables look like this
        start, end = match.start(), match.start() + len(written)
        yield _finding(context, start, end, written, role, level)
    for match in account_matches(HANDLE_BEHIND(), context.prose):
        name = match[0][:-1].casefold()
        # "ines@": a word of the language here is half of something else
        if name not in groups and is_nick(name, context.config.language):
            role = held.get(name, "the on-call engineer")
            yield _finding(context, *match.span(), match[0], role)


def _finding(
    context: Context, start: int, end: int, written: str, role: str, level: Level | None = None
) -> Finding:
    name = context.name_places.beside(start, end)
    fact = (
        f'{written} ("{name}") is a personal handle' if name else f"{written} is a personal handle"
    )
    hint = f'use the role, "{role}", or a team\'s handle'
    fact, moved = context.name_places.advice(start, end, written, fact, hint)
    fix = Fix(f"write {role}", (Edit(start, end, role),), safe=False)
    return Finding(start, end, fact, moved, level, fix if moved == hint else None)
