"""Values as people type them: times, dates, severities."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from incident.errors import IncidentError, UsageError
from incident.postmortem import model, severity
from incident.postmortem.model import Postmortem
from incident.repository import config
from incident.text import instants

_AGO = re.compile(r"(\d{1,4})\s*(m|h|d)(?:in|inutes?|ours?|ays?)?(?:\s+ago)?", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*(Z|UTC|[+-]\d\d:?\d\d)")


class Word(click.Choice[str]):
    """A choice that people may also type as `In review`, `in-review` or `won't do`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Turn the text into the choice."""
        word = re.sub(r"[\s-]+", "_", str(value).strip().casefold().replace("'", ""))
        return super().convert(word if word in self.choices else value, param, ctx)


class Severity(click.ParamType[str]):
    """P0 to P3, or a word of the team's own scale (`severity_aliases`), in lower case too."""

    name = "severity"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Turn the text into a severity as the team writes it."""
        aliases = _aliases(ctx)
        if severity.level(str(value), aliases):
            named = {alias.casefold(): alias for alias in aliases}
            return named.get(str(value).casefold()) or str(value).upper()
        known = ", ".join(severity.scale(aliases))
        raise click.BadParameter(f"{value!r} must be one of {known}", ctx, param)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The team's scale, else P0 to P3."""
        return [
            CompletionItem(word)
            for word in severity.scale(_aliases(ctx))
            if word.casefold().startswith(incomplete.casefold())
        ]


def _aliases(ctx: click.Context | None) -> Mapping[str, str]:
    """The severity scale of the repository here; P0 to P3 alone where that cannot be read."""
    context = ctx or click.get_current_context(silent=True)
    settings = context.obj if context else None
    try:
        if settings is not None:
            found: Mapping[str, str] = settings.config(Path.cwd()).severity_aliases
            return found
        root = config.find_root(Path.cwd())  # a shell asks before there are settings
        return config.load(root).severity_aliases if root else {}
    except IncidentError:
        if settings is not None:
            raise
        return {}


def is_severity(chosen: Collection[str], p: Postmortem) -> bool:
    """Whether a postmortem has one of the severities that a filter names; without any, it has."""
    return not chosen or p.severity_label in chosen or p.severity in chosen


class Day(click.ParamType[date]):
    """A day (UTC): `2026-01-31`, `today`, `yesterday`, or how many days ago (`30d`).

    With `ahead`, `tomorrow` and how many days from now.
    """

    name = "DATE"

    def __init__(self, ahead: bool = False) -> None:
        self.ahead = ahead

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Turn the text into a date."""
        if isinstance(value, date):
            return value
        text = str(value).strip()
        near, direction = ("tomorrow", "ahead") if self.ahead else ("yesterday", "ago")
        found = _AGO.fullmatch(text)
        count = {"today": "0", near: "1"}.get(text.lower())
        count = found[1] if found and found[2] in "dD" else count
        if count and not (self.ahead and text.lower().endswith("ago")):
            span = timedelta(days=int(count))
            today = datetime.now(UTC).date()
            return today + span if self.ahead else today - span
        if day := model.parse_date(text):
            return day
        hint = f"write 2026-01-31, {near}, or 30d (days {direction})"
        raise click.BadParameter(f"{value!r} is not a date; {hint}", ctx, param)


class Instant(click.ParamType[datetime]):
    """A time with a UTC offset, `now`, or how long ago (`20m`, `3h`, `2d`).

    A time of day with an offset (`02:40Z`) is the most recent one; with `ahead` it is the next, and
    `30m` is in half an hour.
    """

    name = "TIME"

    def __init__(self, ahead: bool = False) -> None:
        self.ahead = ahead

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Turn the text into an aware datetime."""
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC).replace(second=0, microsecond=0)
        if value == "now":
            return now
        if ago := _AGO.fullmatch(value.strip()):
            span = timedelta(**{_UNITS[ago[2].lower()]: int(ago[1])})
            return now + span if self.ahead else now - span
        if clock := _CLOCK.fullmatch(value.strip()):
            offset = "+00:00" if clock[3] in {"Z", "UTC"} else clock[3]
            return self._nearest(now, datetime.strptime(offset, "%z").tzinfo, clock)
        if instant := instants.parse(value):
            return instant
        if re.fullmatch(r"\d{1,2}[:.]\d{2}", value.strip()):
            hint = f"write {value.strip()}Z for UTC, or with its offset, {value.strip()}+01:00"
        else:
            hint = (
                f"write 2025-05-14T09:40Z, 09:40Z, 20m ({'ahead' if self.ahead else 'ago'}), or now"
            )
        raise click.BadParameter(f"{value!r} has no UTC offset; {hint}", ctx, param)

    def _nearest(self, now: datetime, zone: tzinfo | None, clock: re.Match[str]) -> datetime:
        """The most recent such time, or with `ahead` the next."""
        there = now.astimezone(zone)
        found = there.replace(hour=int(clock[1]), minute=int(clock[2]))
        if self.ahead and found < there:
            return found + timedelta(days=1)
        if not self.ahead and found > there:
            return found - timedelta(days=1)
        return found


def not_ahead(flag: str, instant: datetime | None, now: datetime) -> None:
    """Reject a future time; clocks may differ by five minutes. Raises UsageError."""
    if instant and instant > now + timedelta(minutes=5):
        shown = instant.isoformat(timespec="minutes")
        raise UsageError(f"{flag} {shown} is in the future", "check the date and the offset")


class Percent(click.ParamType[float]):
    """A number, with or without its %."""

    name = "PERCENT"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Turn the text into a number."""
        try:
            return float(str(value).strip().removesuffix("%"))
        except ValueError:
            fact = f"{value!r} is not a percentage; write 18"
            raise click.BadParameter(fact, ctx, param) from None
