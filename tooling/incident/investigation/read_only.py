"""Whether a text is one query that only reads: the last check before it goes to a warehouse."""

from __future__ import annotations

import re

from incident.text.lazy_regex import lazy

_TOKENS = lazy(
    r"""--[^\n]*|/\*.*?\*/"""  # comments
    r"""|'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|`(?:[^`\\]|``|\\.)*`""",  # strings and names
    re.DOTALL,
)
_WRITES = lazy(
    r"(?i)\b(insert|update|delete|merge|drop|alter|create|truncate|grant|revoke|call|copy|execute|"
    r"exec|into|attach|install|load|set|begin|commit|lock|vacuum|pragma|export|import)\b"
)
_STARTS = lazy(r"(?i)\s*(?:select|with)\b")


def problem(sql: str, dialect: str) -> str:
    """Why a text is not a single query that only reads; "" if it is.

    Words inside of comments, strings and quoted names do not count. Only BigQuery and Databricks
    escape with a backslash, so elsewhere a backslash inside of quotes is a reason to refuse.
    """
    if dialect not in {"bigquery", "databricks"} and "\\" in sql:
        return "it has a backslash, which may hide the end of a string"
    bare = _TOKENS().sub(" ' ", sql)
    if not _STARTS().match(bare.replace("'", " ", 1) if bare.startswith(" '") else bare):
        return "it does not start with `select` or `with`"
    if ";" in bare:
        return "it has a semicolon"
    if '"' in bare or "`" in bare or bare.count("'") != len(_TOKENS().findall(sql)):
        return "it has a quote that is not closed"
    if found := _WRITES().search(bare):
        return f"it has the word `{found[1].lower()}` outside of quotes"
    return ""
