"""The text contains no customer data.

A sample row explains an incident well, but copies a person into an archive that many people read
and git never forgets. Give the number of rows, show the columns, or replace the values. Card
numbers (with a valid check digit), IBANs, US social security numbers, and columns of email
addresses in code and tables are reported; `personal-email` covers addresses in prose.

## Fails

```markdown
## Supporting evidence

| order | customer | paid with |
| --- | --- | --- |
| 1 | 17 | 4111 1111 1111 1111 |
```

```markdown
## Supporting evidence

The refund went to DE89 3704 0044 0532 0130 00 twice.
```

## Passes

```markdown
## Supporting evidence

| order | customer | paid with |
| --- | --- | --- |
| 4111111111111112 | 17 | card ending in 1111 |

The table has 1234 5678 9012 rows; write to data-team@example.com, or see
https://example.com/status/4111111111111111.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._importance import Importance
from incident.rules._roster_matches import EMAIL, is_group
from incident.text.lazy_regex import lazy

# after a slash it is the id of a page
_DIGITS = lazy(
    r"(?<![\w./-])[3-6](?:\d{12,18}|\d{3}(?:[ -]\d{4}){2}[ -]\d{1,7}|\d{3}[ -]\d{6}[ -]\d{5})"
    r"(?![\w.-]?\w)"
)
_IBAN = lazy(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_SSN = lazy(r"(?<![\w.-])(?!000|666|9\d\d)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])")
# the shape of each, with 0 for digits and A for capitals
_SHAPES = (
    *(b"0" * 13, b"0000 0000 0", b"0000-0000-0", b"0000 000000 0", b"0000-000000-0"),
    *(b"AA00", b"000-00-0000"),
)
_SHAPE = bytes(48 if 48 <= byte <= 57 else 65 if 65 <= byte <= 90 else byte for byte in range(256))
_HINT = "give a count or replace the value, then remove it from the git history"
_MANY = 3
_CARDS = Several("{} numbers look like payment card numbers")
_ACCOUNTS = Several("{} numbers look like bank account numbers")
_SSNS = Several("{} numbers look like social security numbers")


@rule(code="INC507", level=Level.ERROR, since="0.1.0", body_only=True, importance=Importance.LEAK)
def check(context: Context) -> Iterator[Finding]:
    """Report card, account and social security numbers, and lists of addresses."""
    text = context.document.text
    shape = text.encode(errors="replace").translate(_SHAPE)
    if text.count("@") < _MANY and not any(part in shape for part in _SHAPES):
        return
    for match in _DIGITS().finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if len(set(digits)) > 1 and _luhn(digits):
            yield Finding(
                *match.span(), "this looks like a payment card number", _HINT, several=_CARDS
            )
    for match in _IBAN().finditer(text):
        if _iban(match[0].replace(" ", "")):
            yield Finding(
                *match.span(), "this looks like a bank account number", _HINT, several=_ACCOUNTS
            )
    for match in _SSN().finditer(text):
        fact = "this looks like a social security number"
        yield Finding(*match.span(), fact, _HINT, Level.WARNING, several=_SSNS)
    if text.count("@") >= _MANY:
        yield from _addresses(context)


def _addresses(context: Context) -> Iterator[Finding]:
    """Several addresses in code: rows of a table."""
    document = context.document
    in_code = [
        match
        for match in EMAIL().finditer(document.text, document.meta.body)
        if not document.prose[match.start() : match.end()].strip()
        and not is_group(match[0].partition("@")[0], context.config.language)
    ]
    if len(in_code) >= _MANY:
        fact = f"there are {len(in_code)} email addresses in code"
        yield Finding(*in_code[0].span(), fact, _HINT)


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    odd = [int(d) for d in digits[-1::-2]]
    even = [sum(divmod(2 * int(d), 10)) for d in digits[-2::-2]]
    return (sum(odd) + sum(even)) % 10 == 0


def _iban(text: str) -> bool:
    """ISO 13616: modulo 97."""
    if not 15 <= len(text) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1
