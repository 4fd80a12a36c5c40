"""Kinds of checks: what should have caught an incident, as `detection.check_kind` or by its words.

A kind is taken from words or tests only if they leave no doubt, because the wiki counts by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from incident.postmortem.model import Postmortem
from incident.text.lazy_regex import lazy

_CHECK = (
    r"(?:tests?|checks?|monitors?|monitoring|alerts?|alarms?|assertions?|constraints?|rules?|audits?"
    r"|validations?|expectations?|warnings?)"
)
_LATE = r"(?:late|stale|overdue|out of date|older than|not (?:been )?(?:updated|loaded|refreshed))"


class Kind(NamedTuple):
    """`title`: on a page. `checks`: several of them, in a sentence.

    `words`: in `should_have_been`; {check} is a word for a check. `tests`: names of tests of this
    kind, in dbt, SQLMesh, Soda and Great Expectations, without their package.
    """

    title: str
    checks: str
    words: str
    tests: str = ""


KINDS = {
    "freshness": Kind(
        "Freshness",
        "freshness checks",
        r"(?:source )?freshness|staleness|(?:stale(?: data)?|data age|recency) {check}"
        r"|{check} (?:that|when|if|for) (?:\w+ ){{0,5}}" + _LATE + r"\b(?: \w+){{0,3}}"
        r"|age of the (?:data|table|file|load|partition|extract|last \w+)"
        r"|{check} (?:of|on) the (?:last|latest|newest) (?:load|update|partition|timestamp)",
        "freshness recency source_freshness expect_row_values_to_have_recent_data "
        "expect_grouped_row_values_to_have_recent_data",
    ),
    "row_count": Kind(
        "Row count",
        "row count checks",
        r"(?:row|record)s?[-_ ]?counts?|(?:count|number) of (?:rows|records)|row[- ]volumes?"
        r"|(?:data )?volume {check}",
        "row_count expect_table_row_count_to_be_between expect_table_row_count_to_equal "
        "number_of_rows at_least_one not_empty_table volume row_count_between",
    ),
    "uniqueness": Kind(
        "Uniqueness",
        "uniqueness checks",
        r"uniqueness|unique(?:[- ]key)? {check}|duplicates? {check}|{check} (?:for|on) duplicat\w+"
        r"|(?:duplicate|duplication) detection|primary[- ]key {check}",
        "unique unique_combination_of_columns unique_values unique_combination "
        "expect_column_values_to_be_unique expect_compound_columns_to_be_unique duplicate_count "
        "duplicate_percent expect_select_column_values_to_be_unique_within_record",
    ),
    "nulls": Kind(
        "Nulls",
        "null checks",
        r"not[-_ ]null|null[- ](?:rate|share|count|percentage)|nulls? {check}"
        r"|{check} (?:for|on) (?:nulls?|missing values|empty (?:values|fields))"
        r"|missing[- ]values? {check}",
        "not_null not_null_proportion not_null_where expect_column_values_to_not_be_null "
        "missing_count missing_percent not_null_or_empty",
    ),
    "accepted_values": Kind(
        "Accepted values",
        "accepted values checks",
        r"accepted[-_ ](?:values?|range)|allowed values|(?:value )?range {check}"
        r"|{check} (?:for|on) negative \w+|enum {check}",
        "accepted_values accepted_range expect_column_values_to_be_in_set "
        "expect_column_values_to_be_between invalid_count invalid_percent "
        "not_accepted_values expect_column_distinct_values_to_be_in_set",
    ),
    "schema": Kind(
        "Schema contract",
        "schema contracts",
        r"schema[- ](?:contracts?|changes?|drift)|schema {check}|column[- ]types?"
        r"|contracts? (?:on|for) (?:the |its )?(?:columns|fields|schema)"
        r"|{check} (?:of|on|for) the (?:column types|schema)",
        "schema schema_changes schema_changes_from_baseline expect_table_columns_to_match_set "
        "expect_column_to_exist expect_table_columns_to_match_ordered_list "
        "expect_column_values_to_be_of_type",
    ),
    "reconciliation": Kind(
        "Reconciliation with the source",
        "reconciliation with the source",
        r"reconcil\w+|{check} (?:matches|agrees with|compared (?:with|to)) the source",
        "equal_rowcount equality fewer_rows_than expect_table_row_count_to_equal_other_table",
    ),
    "anomaly": Kind(
        "Anomaly",
        "anomaly detection",
        r"(?:anomaly|outlier)[- ](?:{check}|detect\w+)|{check} (?:for|on) (?:anomalies|outliers)",
        "column_anomalies table_anomalies volume_anomalies freshness_anomalies "
        "all_columns_anomalies dimension_anomalies",
    ),
    "lineage": Kind(
        "Lineage",
        "lineage checks",
        r"lineage|(?:downstream[- ])?impact analysis|{check} of downstream \w+",
    ),
    "other": Kind("Other checks", "other checks", r"(?!)", "relationships relationships_where"),
}
UNKNOWN = "unknown"
_MAX = 300  # characters: a longer text describes more than a check

# with the word for a check before or after it, so that this check is not counted again
_PART = (
    r"(?:\b{check} (?:of|on|for|that checks|against) (?:\w+ ){{0,2}}?)?"
    r"\b(?P<{name}>{words})\b(?:[- ](?:\w+[- ])?{check}\b)?"
)
_KIND = lazy(
    "|".join(
        _PART.format(name=name, check=_CHECK, words=kind.words.format(check=_CHECK))
        for name, kind in KINDS.items()
    ),
    re.IGNORECASE,
)
_ANOTHER = lazy(rf"\b{_CHECK}\b|\b(?:preview|review|dashboard|screenshot)\b", re.IGNORECASE)
_DENIED = lazy(
    r"\b(?:no|none|nothing|nobody|never|neither|nor|not(?![-_ ]null)|cannot|without|instead|rather"
    r"|unlike|although|but|except|besides|maybe|perhaps|or|unsure|unclear|unknown|n/?a)\b|n['\u2019]t\b|\?",
    re.IGNORECASE,
)
_AGAINST = lazy(r"\b(?:against|compared (?:with|to)|matches|agrees with)\b", re.IGNORECASE)
_SOURCE = lazy(
    r" (?:the |its |their )?(?:\w+ ){0,2}"
    r"(?:source|ledger|bank|shop|provider|vendor|billing|upstream)\b",
    re.IGNORECASE,
)
_TEST = lazy(r"(?:dbt:)?test\.\w+\.(?P<name>\w+)(?P<hash>\.\w+)?")


def suggested(text: str) -> str:
    """The only kind of check that the words of `should_have_been` name; "" if in doubt."""
    text = " ".join(text.split())
    if not text or len(text) > _MAX:
        return ""
    if test := _TEST().fullmatch(text):
        return _of_generic(test["name"], bool(test["hash"]))
    kinds, rest, end = set(), "", 0
    for match in _KIND().finditer(text):
        kinds.add(match.lastgroup or "")
        rest += text[end : match.start()] + "\0"
        end = match.end()
    rest += text[end:]
    if _DENIED().search(rest) or _ANOTHER().search(rest):
        return ""
    if against := _AGAINST().search(rest):  # rows counted on both sides
        counted = kinds in ({"row_count"}, {"reconciliation"})
        return "reconciliation" if counted and _SOURCE().match(rest, against.end()) else ""
    return kinds.pop() if len(kinds) == 1 else ""


def of_tests(names: Iterable[str]) -> str:
    """The kind of checks by their names (`dbt_utils.accepted_range`); "" unless all are of one."""
    kinds = {_BY_TEST.get(name.rpartition(".")[2].lower(), "") for name in names}
    return kinds.pop() if len(kinds) == 1 else ""


def of(p: Postmortem) -> str:
    """The kind of check that should have caught an incident; "unknown" where nothing says it."""
    if p.check_kind or not p.should_have_been.strip():
        return p.check_kind or UNKNOWN
    return suggested(p.should_have_been) or "other"


def title(kind: str) -> str:
    """A kind as a page shows it."""
    return KINDS[kind].title if kind in KINDS else "Not known yet"


_BY_TEST = {test: name for name, kind in KINDS.items() for test in kind.tests.split()}


def _of_generic(name: str, has_hash: bool) -> str:
    """The kind of a test of dbt whose name begins with that of a generic one.

    Only generic tests have a hash; without it, `unique_visitors` may be a test of its own.
    """
    known = (t for t in _BY_TEST if name.startswith(t) and (has_hash or "_" in t))
    return _BY_TEST.get(max(known, key=len, default=""), "")
