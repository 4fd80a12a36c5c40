"""What a change to a model's file does: which kinds of change its lines show.

A kind is a fact about the lines that differ, not about the data: it says where to look. Lines are
compared without their order, so moving code is not a change.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from incident.text.counts import some
from incident.text.lazy_regex import lazy

Kinds = dict[str, str]  # by kind, its detail: "status → state", or ""

# without an end, the rest is a comment: looking for one end per start would be slow
_COMMENT = lazy(r"\{#.*?(?:#\}|\Z)|/\*.*?(?:\*/|\Z)|--[^\n]*", re.DOTALL)
_MAX, _MAX_LENGTH = 400_000, 600
_TOKEN = lazy(r"\{[{%]|[}%]\}|[(),\n]|[a-z_]\w*|'[^'\n]*'|[^\S\n]+|[^\s\w(){}%,'\n]+|.")
# a part of a statement begins at each of these
_STARTS = frozenset(
    (
        *("select", "from", "where", "having", "qualify", "and", "or", "on", "using", "group"),
        *("order", "limit", "union", "when", "else", "end", "left", "right", "inner", "full"),
        *("cross", "join"),
    )
)
_SIDES = frozenset({"left", "right", "inner", "full", "cross", "outer", "anti", "semi"})
# before a bracket: a query or a condition, not the arguments of a function
_OPENS_QUERY = frozenset({"as", "from", "join", "where", "and", "or", "on", "not", "all", "then"})
_VALUES = frozenset({"null", "true", "false", "current_date", "current_timestamp"})
_NAMED = 3  # columns that a detail names
# A pattern finds the parts of a line that matter for a kind. If the parts of the removed lines
# differ from those of the added ones, the change is of that kind.
_PARTS = {
    "type": r"\bcast\s*\([^()]*(?:\([^()]*\)[^()]*)*\)|::\s*\w+|\b(?:try_|safe_)cast\b.*"
    r"|\bto_(?:date|number|char|timestamp)\s*\(.*",
    "filter": r"(?:\b(?:where|having|qualify)\b|^(?:and|or)\b).*",
    "join": r"(?:\b(?:left|right|inner|full|cross|outer|anti|semi) )*\bjoin\b.*|^(?:on|using)\b.*",
    "duplicates": r"\bdistinct\b|\b(?:row_number|dense_rank|rank)\s*\(.*|\bunion\b(?: all)?",
    "build": r"\b(?:is_incremental|incremental_strategy|unique_key|materialized|partition_by"
    r"|cluster_by|on_schema_change|full_refresh|lookback|event_time|begin|merge)\b.*",
    "time": r"\b(?:date_trunc|date_part|date_add|date_sub|dateadd|datediff|timestamp_trunc"
    r"|convert_timezone|current_date|current_timestamp|getdate|now|extract|strftime|to_week)\b"
    r"\s*\(?.*|\bat time zone\b.*|\binterval\b.*|\btimezone\b.*",
    "values": r"\bin\s*\(.*|\bwhen\b.*|\belse\b.*",
    "source": r"\b(?:ref|source)\s*\([^)]*\)",
    "aggregation": r"\b(?:sum|avg|count|min|max|median|array_agg|listagg)\s*\(.*|\bgroup by\b.*"
    r"|\bover\s*\(.*",
    "nulls": r"\b(?:coalesce|ifnull|nvl|nullif|zeroifnull)\s*\(.*|\bis (?:not )?null\b",
}
_NUMBER = lazy(r"(?<![\w.])\d+(?:\.\d+)?")
_ITEM = lazy(r"(?P<expr>.+?)\s+as\s+(?P<alias>[\"`]?\w+[\"`]?)")
_BARE = lazy(r"(?:\w+\.)?(?P<name>[a-z_]\w*)")
_SIMPLE = lazy(r"[\w.\"`]+")
_NOT_ITEMS = lazy(
    r"(?:with|from|join|left|right|inner|full|cross|where|and|or|on|using|group|order|having"
    r"|qualify|limit|union|when|then|else|end|case|\{|\(|\))(?!\w)"
)


class Lines(NamedTuple):
    """The lines that are only in the old or only in the new text."""

    removed: list[str]
    added: list[str]


def lines(old: str, new: str) -> Lines:
    """The parts that differ, lower case, without comments."""
    before, after = (Counter(_code(text)) for text in (old, new))
    return Lines(list((before - after).elements()), list((after - before).elements()))


def kinds(old: str, new: str) -> Kinds | None:
    """The kinds of change from one text to the other; None if no code changed."""
    found: Kinds = {}
    changed = lines(old, new)
    if not changed.removed and not changed.added:
        return None
    found |= _columns(changed)
    for kind, pattern in _PARTS.items():
        before, after = (_parts(pattern, some) for some in changed)
        if before != after:
            found.setdefault(kind, "")
    if numbers := _numbers(changed):
        found["number"] = numbers
    return found


def of_seed(old: str, new: str) -> Kinds | None:
    """The kinds of change to a CSV file: of its columns, else of its values."""
    before, after = (text.strip().splitlines() or [""] for text in (old, new))
    if before == after:
        return None
    heads = [[name.strip().lower() for name in rows[0].split(",")] for rows in (before, after)]
    return renamed(*heads) or {"values": ""}


def renamed(before: list[str], after: list[str]) -> Kinds:
    """What became of columns: one that replaces another is a rename."""
    gone = [name for name in before if name not in after]
    new = [name for name in after if name not in before]
    if len(gone) == len(new) == 1:
        return {"rename": f"{gone[0]} → {new[0]}"}
    return {"drop": some(gone, _NAMED)} if gone else {}


def _code(text: str) -> list[str]:
    """The statement in parts: a column, a join, a condition; arguments stay together."""
    plain = _COMMENT().sub(" ", text.lower()[:_MAX])
    parts: list[str] = []
    current: list[str] = []
    calls: list[bool] = []  # for each open bracket, whether it holds arguments
    held = 0  # how many of them do
    before = ""

    def finish() -> None:
        if part := " ".join("".join(current)[:_MAX_LENGTH].split()).strip(", "):
            parts.append(part)
        current.clear()

    for match in _TOKEN().finditer(plain):
        part = match[0]
        if part in {"(", "{{", "{%"}:
            is_word = before[:1].isalpha() and before not in _OPENS_QUERY
            calls.append(part != "(" or is_word)
            held += calls[-1]
        elif part in {")", "}}", "%}"} and calls:
            held -= calls.pop()
        elif not held and (part in {",", "\n"} or (part in _STARTS and before not in _SIDES)):
            finish()
        current.append(" " if part == "\n" else part)
        before = part if part.strip() else before
    finish()
    return parts


def _parts(pattern: str, some: list[str]) -> Counter[str]:
    return Counter(part for line in some for part in re.findall(pattern, line))


def _numbers(changed: Lines) -> str:
    """Lines that are equal but for a number: "0.19 → 0.2"."""
    before = {_NUMBER().sub("0", line): line for line in changed.removed}
    for line in changed.added:
        old = before.get(_NUMBER().sub("0", line))
        if old is not None and old != line:
            pairs = zip(_NUMBER().findall(old), _NUMBER().findall(line), strict=False)
            return next(f"{one} → {other}" for one, other in pairs if one != other)
    return ""


def _columns(changed: Lines) -> Kinds:
    """Columns that a select list renamed, reads under another name, or lost."""
    before, after = (_items(some) for some in changed)
    for alias, expr in before.items():
        other = after.get(alias)
        if other and other != expr and _is_simple(expr) and _is_simple(other):
            return {"rename": f"{_last(expr)} → {_last(other)}"}
    gone = {alias: expr for alias, expr in before.items() if alias not in after}
    new = {alias: expr for alias, expr in after.items() if alias not in before}
    for alias, expr in gone.items():
        for other, same in new.items():
            if same == expr or _last(same) == alias:
                return {"rename": f"{alias} → {other}"}
    if gone:
        return renamed(list(gone), list(new))
    return _from_star(changed, new)


def _from_star(changed: Lines, new: dict[str, str]) -> Kinds:
    """A column under another name where all had been selected as they are."""
    had, has = (any(map(_is_star, some)) for some in changed)
    if had and not has:
        for alias, expr in new.items():
            if _BARE().fullmatch(expr) and _last(expr) not in _VALUES | {alias, *new}:
                return {"rename": f"{_last(expr)} → {alias}"}
    return {}


def _is_star(line: str) -> bool:
    """Whether it is all columns, without any left out."""
    return line.removeprefix("select ").removeprefix("distinct ").rpartition(".")[2] == "*"


def _items(some: list[str]) -> dict[str, str]:
    """The expressions of select lists, by alias."""
    found: dict[str, str] = {}
    for line in some:
        rest = line.removeprefix("select ").removeprefix("distinct ")
        if _NOT_ITEMS().match(rest) or rest == "select":
            continue
        for item in re.split(r",\s*(?![^()]*\))", rest):
            if match := _ITEM().fullmatch(item):
                found[match["alias"].strip('"`')] = match["expr"]
            elif match := _BARE().fullmatch(item):
                found[match["name"]] = item
    return found


def _is_simple(expr: str) -> bool:
    return _SIMPLE().fullmatch(expr) is not None and _last(expr) != ""


def _last(expr: str) -> str:
    return expr.rpartition(".")[2].strip('"`') if _SIMPLE().fullmatch(expr) else ""
