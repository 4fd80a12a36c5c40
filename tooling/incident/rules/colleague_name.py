"""No colleague is named in the text.

A name in a postmortem is read as a culprit, however kind the sentence: the next one who slips will
wait before telling. What happened needs no name. Say the role ("the on-call engineer"), or what was
done ("PR 2891 was merged").

Colleagues are known from git's history, from `names.people` of the configuration, and from the
archive (handles, accounts, speakers, lists of thanks), in lower case too. Words of the dictionary,
of `names.allow`, and of code elsewhere in the document are not names; a name that is also a word
(Will, Grace) needs a capital and a verb.

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
        fact, level = f'"{shown}" is the name of a colleague', None
        if not name.certain:
            fact = f'"{shown}" may be {name.role}, by the account in the frontmatter'
            level = Level.WARNING
        role = name.role or "the on-call engineer"
        hint = f'say the role, "{role}", or what happened instead'
        opens = opens_sentence(context.prose, name.start)
        said = role[0].upper() + role[1:] if opens else role
        fix = Fix(f"write {role}", (Edit(name.start, name.end, said),), safe=False)
        yield Finding(name.start, name.end, fact, hint, level, fix)
