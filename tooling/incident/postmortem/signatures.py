"""The signature of a failing check: what it takes to recognize it when it fails again.

Names only: of the check, the asset and the column, and the kind of error. Never a message or a
value of a row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from incident.text.values import mappings, string

ERRORS = ("failed", "error", "partial", "stale", "missing", "warned")


class Signature(NamedTuple):
    """A check that failed, as one entry of `signature` in the frontmatter.

    `check`: a reference (`dbt:test.shop.not_null_orders_status`), "" if the asset itself failed.
    `error`: one of `ERRORS`, or a class of errors (`ConversionException`).
    """

    check: str = ""
    asset: str = ""
    column: str = ""
    error: str = ""

    @property
    def row(self) -> dict[str, str]:
        """As the frontmatter has it: without empty values."""
        return {key: value for key, value in self._asdict().items() if value}


def read(value: Any) -> tuple[Signature, ...]:
    """The signatures of a frontmatter; entries that name neither check nor asset are skipped."""
    found = (
        Signature(*(string(row.get(key)) for key in Signature._fields)) for row in mappings(value)
    )
    return tuple(one for one in found if one.check or one.asset)
