"""The queries of the first hour, filled in: `templates/queries/NAME.sql.j2`, for each warehouse.

A query is read-only, and its result has counts, rates and days, never rows. Its first comment line
is its title, and the comment lines below say how to read the result.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from incident.repository import resources
from incident.repository.templates import Templates
from incident.text.lazy_regex import lazy

FOLDER = "templates/queries"
WAREHOUSES = {  # by sqlglot's name of the dialect, which is also that of dbt's adapter
    "bigquery": "BigQuery",
    "snowflake": "Snowflake",
    "databricks": "Databricks",
    "redshift": "Redshift",
    "postgres": "Postgres",
    "duckdb": "DuckDB",
}
_ORDER = (
    *("freshness", "rows_by_day", "first_bad_partition", "null_rates", "duplicates"),
    *("source_and_target", "before_and_after"),
)
_ENDING = ".sql.j2"
_NOT_WORD = lazy(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class Subject:
    """What the queries are about. Everything goes into the SQL as it is: quote names first.

    `timestamp`: the column with a row's day. `first_day` to `end_day`: ISO dates, `end_day`
    excluded. `bad_row`: a condition that is true for a bad row. `as_of`: an instant in UTC, as in
    `2026-05-14T02:00:00Z`. `copy`: an earlier copy, for warehouses without time travel.
    """

    relation: str
    timestamp: str
    first_day: str
    end_day: str
    keys: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    bad_row: str = ""
    source: str = ""
    source_timestamp: str = ""
    as_of: str = ""
    copy: str = ""


EXAMPLE = Subject(
    relation="analytics.orders",
    timestamp="ordered_at",
    first_day="2026-05-01",
    end_day="2026-05-15",
    keys=("order_id",),
    columns=("customer_id", "amount"),
    measures=("amount",),
    bad_row="amount is null",
    source="raw.orders",
    source_timestamp="ordered_at",
    as_of="2026-05-14T02:00:00Z",
    copy="analytics.orders_before",
)


def alias(name: str) -> str:
    """The plain word by which a result names a quoted column: `Order ID` is `order_id`."""
    word = _NOT_WORD().sub("_", name).strip("_").lower()
    return f"c_{word}" if not word or word[0].isdigit() else word


class Query(NamedTuple):
    """A query that is ready to run."""

    title: str
    note: str
    sql: str


@dataclass(frozen=True)
class Queries:
    """The queries of the repository at `root`; its own take precedence over the packaged ones."""

    root: Path | None = None

    @cached_property
    def names(self) -> list[str]:
        """In the order of use; a repository's own ones come last."""
        folders = [resources.root() / FOLDER, *([self.root / FOLDER] if self.root else [])]
        found = {
            path.name.removesuffix(_ENDING)
            for folder in folders
            for path in folder.glob(f"[!_]*{_ENDING}")
        }
        return [*(name for name in _ORDER if name in found), *sorted(found.difference(_ORDER))]

    def is_own(self, name: str) -> bool:
        """Whether a query's template, or a part that it may import, is not the packaged text."""
        own = self.root / FOLDER if self.root else None
        if own is None:
            return False
        parts = [own / f"{name}{_ENDING}", *own.glob("_*")]
        return any(path.exists() and not _is_packaged(path) for path in parts)

    @cached_property
    def _templates(self) -> Templates:
        return Templates(FOLDER, self.root, {"alias": alias})

    def fill(self, name: str, warehouse: str, subject: Subject) -> Query:
        """A query for a warehouse. Raises UsageError if the template is broken."""
        template = self._templates.load(f"{name}{_ENDING}")
        text = template.render(dialect=warehouse, **asdict(subject))
        lines = text.strip().splitlines()
        comments = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
        sql = "\n".join(line for line in lines if not line.startswith("--")).strip()
        title = comments[0] if comments else name.replace("_", " ").capitalize()
        return Query(title, " ".join(comments[1:]), sql)


def _is_packaged(path: Path) -> bool:
    packaged = resources.root() / FOLDER / path.name
    return packaged.is_file() and packaged.read_bytes() == path.read_bytes()
