"""The text contains no personal email addresses.

An address identifies a person, and stays in git history and exports long after they have left. A
shared mailbox or a role works just as well, and someone still reads it next year.

Addresses of a team, a list or a machine pass (`data-team@`, `oncall@`, `noreply@`). One that is
neither clearly a person's nor clearly shared is a warning; add it to `names.allow` if it is shared.

## Fails

```markdown
## Supporting evidence

The query log was sent by ines.halvorsen@example.com.
```

## Passes

```markdown
## Supporting evidence

The query log is in `s3://acme-logs`; ask data-platform@example.com for access.
```
"""

import re
from collections.abc import Iterator

from incident import word_lists
from incident.archive.name_words import is_word
from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._roster_matches import EMAIL, account_matches, is_group
from incident.text.lazy_regex import lazy

_MACHINE = lazy(r"gserviceaccount\.com$|noreply|^(?:bounce|mail|lists?)\.", re.IGNORECASE)
_PRIVATE = lazy(
    r"^(?:gmail|googlemail|outlook|hotmail|live|yahoo|icloud|me|gmx|proton|protonmail|web|aol)\."
)
_FIRST_LAST = lazy(r"[^\W\d_]+[._][^\W\d_]+\d{0,4}")
_HINT = "use a shared mailbox or a role"


@rule(code="INC413", level=Level.ERROR, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report addresses of people."""
    if "@" not in context.document.text:
        return
    allowed = {word.casefold() for word in context.config.names.allow}
    # links and autolinks hold addresses, which the prose does not
    body = context.document.meta.body
    text = context.prose[:body] + context.document.without_code[body:]
    for match in account_matches(EMAIL(), text):
        address = match[0].casefold()
        local, _, domain = address.partition("@")
        if text[max(0, match.start() - 2) : match.start()] == "//" or _MACHINE().search(domain):
            continue
        shared = _is_shared(local, domain, context)
        known = local in context.roster.single or (address in context.roster.emails and not shared)
        if {local, address, domain} & allowed or (shared and not known):
            continue
        start, end = match.span()
        if known or _PRIVATE().match(domain) or _FIRST_LAST().fullmatch(local):
            yield Finding(start, end, f"{match[0]} is a personal address", _HINT)
        elif "-" not in local:
            fact = f"{match[0]} may be a personal address"
            yield Finding(start, end, fact, f"{_HINT}, or add it to names.allow", Level.WARNING)


def _is_shared(local: str, domain: str, context: Context) -> bool:
    """Whether a mailbox is that of a team, a role, a product or a host."""
    language = context.config.language
    if is_group(local, language) or local in context.roster.places:
        return True
    if _PRIVATE().match(domain):
        return False
    given = local in word_lists.words("given_names", language)
    # donors@, tsc@, acme@acme.example
    return not given and (len(local) < 4 or is_word(local, language) or local in domain.split("."))
