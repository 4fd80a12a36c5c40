"""Instants as text: strict ISO 8601, written in one way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def parse(value: object) -> datetime | None:
    """An ISO 8601 time with an offset as an aware datetime, else None."""
    if not isinstance(value, str) or not (11 <= len(value) <= 40):
        return None
    try:
        instant = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    if instant.tzinfo is None or not 1 < instant.year < 9999:  # in UTC it may be another year
        return None
    return instant


def parse_utc(value: object) -> datetime | None:
    """As `parse`, in UTC."""
    instant = parse(value)
    return instant.astimezone(UTC) if instant else None


def from_unix(value: object) -> datetime | None:
    """Seconds since 1970, as a number or as text, in UTC; else None."""
    try:
        return datetime.fromtimestamp(float(value), UTC)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def later(at: datetime | None, **units: float) -> datetime | None:
    """`at` and a length of time; None if there is no such instant."""
    try:
        return at + timedelta(**units) if at else None
    except (OverflowError, TypeError, ValueError):
        return None


def iso(at: datetime, unit: str = "minutes") -> str:
    """To the minute (or another unit), with its offset, Z for UTC: `2025-05-14T09:40Z`."""
    return at.isoformat(timespec=unit).replace("+00:00", "Z")


def readable(at: datetime, zone: str = "Z") -> str:
    """In UTC, for people: `2025-05-14 09:40Z`. `zone`: what to write for UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") + zone
