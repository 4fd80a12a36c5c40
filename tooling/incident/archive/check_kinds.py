"""Kinds of checks: what should have caught an incident, as `detection.check_kind` or by its words.

The order decides where words of two kinds appear: the most specific first.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from incident.postmortem.model import Postmortem
from incident.text.lazy_regex import lazy


class Kind(NamedTuple):
    """`title`: on a page. `words`: in `should_have_been`."""

    title: str
    words: str


KINDS = {
    "reconciliation": Kind(
        "Reconciliation with the source",
        r"reconcil\w*|against the (?:source|shop|ledger|bank)|own (?:order )?count|checksum"
        r"|(?:same|matches|agrees?|compar\w+) (?:\w+ ){0,4}(?:source|shop|ledger|count)",
    ),
    "uniqueness": Kind("Uniqueness", r"uniqu\w*|duplicat\w*|doubled?\b|primary key"),
    "nulls": Kind(
        "Nulls", r"not[- ]null|nulls?\b|empty (?:values?|fields?|columns?)|missing values?"
    ),
    "schema": Kind(
        "Schema contract",
        r"schema|contract|column types?|renam\w+|check of the (?:fields|columns)|(?:fields|columns)"
        r" (?:that|which|when)",
    ),
    "freshness": Kind("Freshness", r"fresh\w*|stale\w*|age\b|late\b|(?:last|latest) load|sla\b"),
    "row_count": Kind(
        "Row count", r"row[- ]?count\w*|number of rows|count of|volume|how many rows|completeness"
    ),
    "accepted_values": Kind(
        "Accepted values", r"accepted values?|range|between \d|enum|allowed values|domain|exactly"
    ),
    "anomaly": Kind(
        "Anomaly", r"anomal\w*|outlier\w*|unusual|deviat\w*|trend|threshold|drop of|share of"
    ),
    "lineage": Kind(
        "Lineage", r"lineage|downstream|impact analysis|preview|pull request|dependen\w*"
    ),
    "other": Kind("Other checks", r"(?!)"),
}
UNKNOWN = "unknown"
_WORDS = lazy("|".join(f"(?P<{name}>\\b(?:{kind.words}))" for name, kind in KINDS.items()), re.I)


def suggested(text: str) -> str:
    """The kind that the words of `should_have_been` name, else "other"; "" without words."""
    if not text.strip():
        return ""
    found = {match.lastgroup for match in _WORDS().finditer(text)}
    return next((name for name in KINDS if name in found), "other")


def of(p: Postmortem) -> str:
    """The kind of check that should have caught an incident; "unknown" where nothing says it."""
    return p.check_kind or suggested(p.should_have_been) or UNKNOWN


def title(kind: str) -> str:
    """A kind as a page shows it."""
    return KINDS[kind].title if kind in KINDS else "Not known yet"
