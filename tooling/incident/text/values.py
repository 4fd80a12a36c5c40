"""Values of unknown type, as in JSON and YAML: anything but the expected type counts as empty."""

from __future__ import annotations

from typing import Any


def mapping(value: object) -> dict[str, Any]:
    """`value` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> list[dict[str, Any]]:
    """The mappings in a list; none if `value` is not a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def string(value: object) -> str:
    """`value` if it is a string, else ""."""
    return value if isinstance(value, str) else ""


def strings(value: object) -> list[str]:
    """The strings in a list; none if `value` is not a list."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
