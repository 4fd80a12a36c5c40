"""The text doesn't name colleagues.

A name in a postmortem reads like a culprit, however kind the sentence: next time, people will wait
before they speak up. The story doesn't need a name. Use the role ("the on-call engineer"), or the
action ("PR 2891 was merged").

Colleagues are the authors in git's history, the people in `names.people` of the configuration, and
anyone whom the archive names as a person (handles, accounts, speakers in chat lines, thank-you
lists). Their names are found in lower case too. Not reported: dictionary words, words in
`names.allow`, and words that the document formats as code somewhere. A name that is also a word
(Will, Grace) is reported only with a capital letter and a verb after it. A name known only from an
account in the frontmatter is a warning. Lists of attendees belong in `roles` or `observers`.

## Fails

```markdown
## Root cause

Ines Halvorsen merged the new filter, which compared names where it should compare keys.
```

```markdown
## What went well

- Halvorsen's runbook for the backfill was complete and right.
```

```yaml
title: "The filter of Ines dropped 18% of the revenue"
```

## Passes

```markdown
## Root cause

The new filter, reviewed by two engineers, compared names where it should compare keys.
```

```yaml
roles: {incident_lead: ines, responders: [dmartel]}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Edit, Fix, Level
from incident.rules import Context, Finding, rule
from incident.rules._roster_matches import opens_sentence


@rule(code="INC411", level=Level.ERROR, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report names of the roster (errors) and of the frontmatter's accounts (warnings)."""
    for name in context.colleagues:
        shown = " ".join(context.document.text[name.start : name.end].split())
        beside = context.name_places.beside(name.start, name.end)
        called = f'"{shown}" ("{beside}")' if beside else f'"{shown}"'
        fact, level = f"{called} is a colleague's name", None
        if not name.certain:
            fact = f'"{shown}" may be {name.role} (an account in the frontmatter)'
            level = Level.WARNING
        role = name.role or "the on-call engineer"
        hint = f'use the role, "{role}", or describe the action instead'
        opens = opens_sentence(context.prose, name.start)
        said = role[0].upper() + role[1:] if opens else role
        at = (name.start, name.end)
        fact, moved = context.name_places.advice(*at, f'"{shown}"', fact, hint)
        fix = Fix(f"write {role}", (Edit(name.start, name.end, said),), safe=False)
        yield Finding(*at, fact, moved, level, fix if moved == hint else None)
