"""Targets that compare two versions of a dbt project's file, from anyone's pull request."""

from __future__ import annotations

from fuzz.coded import text
from fuzz.texts import YAML
from incident.history import sql_changes, yaml_changes

SQL = (
    *(
        "select ",
        " as ",
        " from ",
        " where ",
        " join ",
        " on ",
        " in (",
        "{{ ",
        " }}",
        "{% ",
        " %}",
    ),
    *("{#", "#}", "/*", "*/", "--", "cast(", "::int", "sum(", "case when ", " else ", " end", "'"),
    *("group by ", " and ", " or ", "distinct ", "0.19", "1", "ref('a')", "coalesce(", "a.b", ","),
)
ENTRIES = (
    *("models:\n", "sources:\n", "  - name: a\n", "    tables:\n", "    columns:\n", "tests:\n"),
    *("data_type: ", "[unique]", "config: {", "freshness: ", "description: ", "name: "),
)


def sql(data: bytes) -> None:
    """A model and a seed: what is equal has no change, and every kind has a text."""
    old, new = _pair(data, SQL)
    assert sql_changes.kinds(old, old) is None
    assert sql_changes.of_seed(new, new) is None
    for found in (sql_changes.kinds(old, new), sql_changes.of_seed(old, new)):
        assert found is None or all(isinstance(detail, str) for detail in found.values())


def yaml(data: bytes) -> None:
    """A YAML file: read or refused, and no entry of what is equal has changed."""
    old, new = _pair(data, YAML + ENTRIES)
    for pair in ((old, old), (old, new)):
        try:
            found = yaml_changes.changes(*pair)
        except ValueError:
            continue
        assert not found or pair[0] != pair[1]
        assert all(isinstance(test.called(one.key), str) for one in found for test in one.removed)


def _pair(data: bytes, words: tuple[str, ...]) -> tuple[str, str]:
    old, _, new = data.partition(b"\0")
    return text(old, words), text(new or old[::-1], words)
