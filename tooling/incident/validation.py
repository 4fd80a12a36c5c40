"""JSON Schema 2020-12: jsonschema-rs is the fast gate, jsonschema finds what is wrong and where.

Both are given the same schema; a test holds them to the same verdict.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema.exceptions import ValidationError


@dataclass(frozen=True)
class Schema:
    """A compiled schema: `gate(data)` is the quick verdict, `errors(data)` the reasons."""

    content: dict[str, Any]
    gate: Callable[[Any], bool]

    @cached_property
    def order(self) -> dict[str, int]:
        """Places of the top-level keys."""
        return {key: place for place, key in enumerate(self.content.get("properties", {}))}

    def errors(self, data: Any) -> Iterator[ValidationError]:
        """Jsonschema's errors, in its order. Slow to import, so only for data that fails."""
        from jsonschema import Draft202012Validator, FormatChecker

        checker = FormatChecker()
        checker.checks("date")(is_date)
        yield from Draft202012Validator(self.content, format_checker=checker).iter_errors(data)


def is_date(value: object) -> bool:
    """The `date` format of JSON Schema for both engines; what is no text is not its business."""
    from datetime import date

    if not isinstance(value, str):
        return True
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


@cache
def load(path: Path) -> Schema:
    """Read and compile the schema at `path`. Raises OSError, ValueError."""
    content = json.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema_rs.Draft202012Validator(
        content, validate_formats=True, formats={"date": is_date}
    )
    return Schema(content, validator.is_valid)
