"""Times as people type them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from incident import model

_AGO = re.compile(r"(\d{1,4})\s*(m|min|h|d)")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


class Instant(click.ParamType[datetime]):
    """A time with an offset, `now`, or how long ago (`20m`, `3h`, `2d`)."""

    name = "TIME"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Turn the text into an aware datetime."""
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        if value == "now":
            return now
        if ago := _AGO.fullmatch(value):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        if instant := model.parse_instant(value):
            return instant
        hint = "write 2025-05-14T09:40Z, 20m (ago), or now"
        raise click.BadParameter(f"{value!r} is no time with an offset; {hint}", ctx, param)
