"""Names from a manifest or a postmortem as SQL: always quoted, so that none is read as SQL.

A name without quotes means what it means to the warehouse and to dbt: Snowflake folds it to upper
case, Postgres and Redshift to lower case; the others ignore case.
"""

from __future__ import annotations

from incident.text.lazy_regex import lazy

LONGEST = 128  # characters of one name
_PLAIN = lazy(r"[A-Za-z_][A-Za-z0-9_$]{0,127}")
_PART = lazy(r"\"[^\"`]+\"|`[^\"`]+`|[^\W\d]\w*")
_FOLD = {"snowflake": str.upper, "postgres": str.lower, "redshift": str.lower}
_BACKTICKS = frozenset({"bigquery", "databricks"})
_NESTED = frozenset({"bigquery", "databricks", "duckdb"})  # with structs that have named fields
# an expression that dbt was given as a column, such as `loaded_at::timestamp`
_EXPRESSION = lazy(r"[\w\s.,:()\"'`+/*-]{1,200}")
_STATEMENT = lazy(
    r"--|/\*|(?i:\b(?:select|from|where|insert|update|delete|merge|drop|alter|create|call|union)\b)"
)


def quoted(name: str, dialect: str, is_exact: bool = False) -> str:
    """A column's name as SQL, "" if it cannot be one.

    `is_exact`: its case counts, as with `quote: true` in dbt. A name that comes in the warehouse's
    own quotes is exact too.
    """
    inner = _unquoted(name, dialect)
    if inner is not None:
        name, is_exact = inner, True
    if not _is_possible(name):
        return ""
    if not is_exact and _PLAIN().fullmatch(name):
        name = _FOLD.get(dialect, str)(name)
    return _in_quotes(name, dialect)


def nested(name: str, dialect: str) -> str:
    """`address.city` as SQL, where the warehouse has structs; otherwise ""."""
    parts = [quoted(part, dialect) for part in name.split(".")]
    return ".".join(parts) if dialect in _NESTED and all(parts) else ""


def table(name: str, dialect: str) -> str:
    """A table as postmortems write it (`shop.orders`) as SQL; "" if it is not a table's name."""
    parts = [part.strip('"`[] ') for part in name.split(".")]
    if not 1 <= len(parts) <= 3 or not all(map(_is_possible, parts)):
        return ""
    return ".".join(quoted(part, dialect) for part in parts)


def relation(text: str, dialect: str) -> str:
    """A table as dbt quotes it, in the quotes of this warehouse; "" if that is not possible."""
    mark = "`" if dialect in _BACKTICKS else '"'
    if not {'"', "`"} & set(text) - {mark}:
        return text
    parts = _PART().findall(text)
    if ".".join(parts) != text:
        return ""
    return ".".join(_in_quotes(part.strip('"`'), dialect) for part in parts)


def expression(text: str) -> str:
    """SQL that dbt's configuration has in place of a column, in parentheses; "" if unsure.

    No statement, comment, subquery or template; every quote and parenthesis is closed.
    """
    if not _EXPRESSION().fullmatch(text) or _STATEMENT().search(text):
        return ""
    if any(text.count(mark) % 2 for mark in "\"'`"):
        return ""
    depth = 0
    for mark in text:
        depth += {"(": 1, ")": -1}.get(mark, 0)
        if depth < 0:
            return ""
    return "" if depth else f"({text.strip()})"


def is_plain(name: str) -> bool:
    """Whether a text is one ordinary name: letters, digits and underscores."""
    return _PLAIN().fullmatch(name) is not None


def _is_possible(name: str) -> bool:
    return 0 < len(name) <= LONGEST and name.isprintable() and bool(name.strip())


def _in_quotes(name: str, dialect: str) -> str:
    if dialect == "bigquery":  # a backslash escapes
        escaped = name.replace("\\", "\\\\").replace("`", "\\`")
        return f"`{escaped}`"
    mark = "`" if dialect in _BACKTICKS else '"'
    return mark + name.replace(mark, mark * 2) + mark


def _unquoted(name: str, dialect: str) -> str | None:
    """The name within the warehouse's quotes; None if it has none."""
    mark = "`" if dialect in _BACKTICKS else '"'
    if len(name) < 3 or not (name.startswith(mark) and name.endswith(mark)):
        return None
    inner = name[1:-1].replace(mark * 2, "\0")
    return None if mark in inner else inner.replace("\0", mark)
