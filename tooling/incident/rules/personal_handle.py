"""No personal handle stands in the text.

A handle names a person as a name does, and notifies them on every edit. A role or a team handle
(`@org/team`, `@data-platform-team`) keeps the story about the system.

Code, addresses and package names (`@scope/name`) are left alone. Handles belong into `roles` and
`reviewers` of the frontmatter, without the @.

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

from incident.diagnostic import Edit, Fix, Level
from incident.rules import Context, Finding, rule
from incident.rules._roster_matches import HANDLE, is_group, roles, teams

# What begins with @ in languages and tools, when somebody leaves out the backticks.
_DECORATORS = """
    abstractmethod aftereach asset autowired beforeeach cache cached_property channel charset
    classmethod contextmanager dag dataclass deprecated everyone final fixture flow font-face
    here import job keyframes latest layer lru_cache media mock next op overload override param
    params patch property pytest return returns schedule see sensor since staticmethod step
    supports task test throws transactional wraps
"""
_NO_PERSON = frozenset(_DECORATORS.split())


@rule(code="INC412", level=Level.ERROR, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report @handles that are no team's; one that git or GitHub could not have is a warning."""
    if "@" not in context.document.text:
        return
    held = roles(context.postmortem)
    groups = teams(context.postmortem) | {w.casefold() for w in context.config.names.allow}
    for match in HANDLE().finditer(context.prose):
        written = match[0].rstrip("-_./")
        name = written[1:].casefold()
        called = context.prose[match.end() : match.end() + 1] == "("
        if (
            "/" in name
            or name in groups
            or name in _NO_PERSON
            or called
            or is_group(name, context.config.language)
        ):
            continue
        role = held.get(name, "the on-call engineer")
        level = Level.WARNING if "_" in name else None  # SQL variables look like this
        start, end = match.start(), match.start() + len(written)
        fact = f"{written} is a personal handle"
        hint = f'say the role, "{role}", or a team\'s handle'
        fix = Fix(f"write {role}", (Edit(start, end, role),), safe=False)
        yield Finding(start, end, fact, hint, level, fix)
