"""Options that filter a list: repeated or comma-separated, `--severity P0,P1`."""

from __future__ import annotations

from typing import Any

import click


class Filter(click.Option):
    """A repeatable option whose values may be separated by commas."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Split each value at its commas, then convert each part."""
        if isinstance(value, (list, tuple)):
            parts = (part.strip() for text in value for part in str(text).split(","))
            value = tuple(part for part in parts if part)
        return super().type_cast_value(ctx, value)
