"""`incident stats`: metrics of the archive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import click

from incident import archive
from incident.archive import metrics, milestones
from incident.archive.metrics import Figures, Length, Share
from incident.commands import Settings, colored, echo, examples, show_json
from incident.commands._param_types import Day
from incident.commands._terminal_table import table
from incident.git import history
from incident.postmortem import model, severity
from incident.postmortem.timestamps import DURATIONS

SECTION = "Learn"
_WIDTHS, _NUMBERS = (37, 4, 7, 12, 11), range(1, 5)


@click.command(
    epilog=examples(
        "incident stats --since 365d",
        "incident stats --format markdown",
    )
)
@click.option("--since", type=Day(), help="On or after DATE: 2025-06-30, 90d (ago).")
@click.option("--until", type=Day(), help="On or before DATE.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="Output format: JSON has every data point; Markdown is a report to share.",
)
@click.pass_context
def command(ctx: click.Context, /, since: date | None, until: date | None, output: str) -> None:
    """Show metrics: MTTD, MTTA, MTTR, action items and more.

    Time to detect, acknowledge, mitigate, correct, notify, resolve and publish; rates, such as
    recurrences.

    Each figure shows its sample size and the number of unknown values. Markdown without --since
    covers the last quarter, compared with the quarter before it.

    Durations start at started_at, as consumers experience them; only time to acknowledge and time
    to publish start at detected_at. A duration that ends before it starts is unknown.
    """
    settings: Settings = ctx.obj
    config = settings.archive()
    found = archive.load(config, values_only=True)
    if found.broken:
        count = len(found.broken)
        them = f"{count} postmortem{'s' * (count != 1)}"
        settings.say(f"warning: {them} cannot be read; run `incident lint`")
    today = datetime.now(UTC).date()
    first, last = since, until
    past = history.read(config.root, config.archive)
    if past.problem:
        why = f"{past.problem.message}; {past.problem.hint}"
        settings.say(f"warning: time to publish is unknown: {why}")
    known = milestones.find(past, found.postmortems)
    if output == "markdown":
        from incident.archive import quarterly_report

        if first is None and last is None:
            first, last = metrics.quarter_before(today)
        echo(quarterly_report.markdown(found, today, known, first, last), nl=False)
        return
    figures = metrics.measure(found.declared, today, known, first, last)
    if output == "json":
        show_json(metrics.as_json(figures))
    else:
        _table(figures, colored(ctx), config.severity_aliases)
        if not known.published and not past.problem:
            settings.say(
                "note: time to publish is unknown: git history shows no change to `published`"
            )


def _table(figures: Figures, color: bool, aliases: Mapping[str, str]) -> None:
    counts = ", ".join(
        f"{n} {severity.names(level, aliases)}" for level, n in figures.severities.items() if n
    )
    number = f"{figures.incidents} incident{'s' * (figures.incidents != 1)}"
    head = f"{_period(figures.since, figures.until)}: {number}"
    click.echo(click.style(head, bold=True), color=color)
    if counts:
        click.echo(counts)
    if others := metrics.not_counted(figures):
        click.echo(f"not counted: {others}")
    click.echo()
    lengths = [(DURATIONS[key].label, *_length(one)) for key, one in figures.lengths.items()]
    table(("", "n", "unknown", "median", "p90"), lengths, color, minimum=_WIDTHS, right=_NUMBERS)
    click.echo()
    labels = metrics.share_labels(aliases)
    shares = [(labels[key], *_share(share)) for key, share in figures.shares.items()]
    table(("", "n", "unknown", "count", "share"), shares, color, minimum=_WIDTHS, right=_NUMBERS)


def _period(since: date | None, until: date | None) -> str:
    if since and until:
        return f"{since} to {until}"
    return f"since {since}" if since else (f"until {until}" if until else "the whole archive")


def _length(length: Length) -> tuple[str, ...]:
    median, p90 = model.minutes(length.median), model.minutes(length.p90)
    return str(length.n), str(length.unknown), median or "-", p90 or "-"


def _share(share: Share) -> tuple[str, ...]:
    percent = "-" if share.percent is None else f"{share.percent:.0f}%"
    return str(share.n), str(share.unknown), str(share.count), percent
