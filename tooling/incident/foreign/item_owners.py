"""Owners that a list writes in its own way: "… [AB]", "… : Kim L", "(search) …", "[kim] …".

A single item in brackets may mean anything; where most items of a list have the same form, it is
who does it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from incident.foreign.item_text import Item, is_nobody, whole_status
from incident.text.lazy_regex import lazy

_FORMS = (
    lazy(
        r"(?P<before>.*?\S)\s+\[(?P<who>[A-Z]{2,4}|@?[\w.-]+(?: [A-Z][\w.-]*)?)"
        r"(?P<more> (?:to|will) [^\[\]]*)?\](?!\()(?P<after>(?:\s*\[[^\[\]]{1,20}\])?)\s*"
    ),
    lazy(
        r"(?P<before>.*\S)\s+:\s+(?P<who>[A-Z][a-z]+ [A-Z]\b\.?|[A-Z][a-z]+ [A-Z][a-z]+(?=\s*$)"
        r"|[A-Z][\w-]+(?=\s*$))(?P<more>(?: [a-z][^:]{0,40})?)(?P<after>)\s*"
    ),
    lazy(
        r"(?P<before>)[\[(](?P<who>@?[A-Za-z][\w.-]*(?: [A-Za-z][\w.-]*)?)[\])](?!\()"
        r"(?P<more>)\s*[:\u2013-]?\s*(?P<after>\S.*)"
    ),
)
_NO_OWNER = lazy(r"(?:p\d|x|optional|stretch|low|medium|high|urgent|[a-z]+-\d+)", re.IGNORECASE)


def take(items: Sequence[Item]) -> None:
    """Move owners out of the titles, where most items of the list have them in the same form."""
    free = [item for item in items if not item.owner]
    for form in _FORMS:
        found = [(item, match) for item in free if (match := _match(form(), item.title))]
        if len(found) < 2 or len(found) * 2 < len(free):
            continue
        for item, match in found:
            item.owner = match["who"].lstrip("@")
            more = (match["more"] or "").strip()
            parts = [match["before"], f"({more})" if more else "", match["after"].strip()]
            item.title = " ".join(part for part in parts if part)
        return


def _match(form: re.Pattern[str], title: str) -> re.Match[str] | None:
    found = form.fullmatch(title)
    if found is None:
        return None
    who = found["who"]
    is_other = is_nobody(who) or whole_status(who) or _NO_OWNER().fullmatch(who)
    return None if is_other else found
