"""`incident status`: move a postmortem to its next status."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from incident import archive, formats
from incident.commands import Settings, _editing, colored, examples
from incident.commands._editing import Target
from incident.commands._param_types import Word
from incident.errors import EXIT_DIAGNOSTICS, UsageError
from incident.lint import linter
from incident.postmortem import edit, model
from incident.postmortem.frontmatter import Path as Place
from incident.postmortem.model import CLOSED_AS
from incident.repository.config import STATUSES
from incident.review import gate
from incident.text.untrusted_text import one_line

SECTION = "Write"


@click.command(
    epilog=examples(
        "incident status revenue in_review",
        'incident status revenue closed --as false_alarm --reason "stale cache"',
        'incident status revenue closed --as duplicate --of orders --reason "same"',
    ),
)
@click.argument("postmortem", metavar="ID")
@click.argument("status", type=Word(STATUSES))
@click.option(
    "--as",
    "closed_as",
    type=Word(CLOSED_AS),
    help="With closed: not a separate incident. Requires --reason (and --of for a duplicate).",
)
@click.option("--reason", default="", help="Why, in a sentence.")
@click.option("--of", metavar="ID", help="With --as duplicate: the postmortem that covers it.")
@_editing.dry_run
@click.pass_context
def command(
    ctx: click.Context,
    /,
    postmortem: str,
    status: str,
    closed_as: str | None,
    reason: str,
    of: str | None,
    dry_run: bool,
) -> None:
    """Set the status of a postmortem, if it meets the requirements.

    Lints for the new status first. If anything is missing, it is listed, nothing is written and
    the exit code is 1. Otherwise the status is written, and nothing else.
    """
    settings: Settings = ctx.obj
    target = _editing.find(settings, postmortem)
    if closed_as:
        values = _closing(target, status, closed_as, one_line(reason), of)
        if _editing.write(ctx, target, lambda text: edit.set_values(text, values), dry_run):
            settings.say(f"closed as a {closed_as.replace('_', ' ')}: nothing more is required")
        return
    if reason or of:
        raise UsageError("--reason and --of need --as", "add --as false_alarm or --as duplicate")
    if target.postmortem.state == status:
        settings.say(f"{target.document.path}: the status is {status} already")
        return
    gate.must_follow(target.postmortem, status)
    using = linter.make(target.config, datetime.now(UTC))
    after = gate.with_status(target.document.text, status)
    missing = gate.lacking(using, after, target.document.path)
    settings.warn_of_gap(using.roster.gap)
    settings.warn_without_dbt(using.config)
    if missing:
        report = formats.Report(
            tuple(missing), {target.document.path: after}, colored(ctx), target.config.wiki_url
        )
        click.echo(formats.render("full", report), nl=False, color=colored(ctx))
        count = f"{len(missing)} error{'s' * (len(missing) != 1)}"
        settings.say(f"{count} to fix before {status}; the status is still {_now(target)}")
        ctx.exit(EXIT_DIAGNOSTICS)
    _editing.write(ctx, target, lambda text: gate.with_status(text, status), dry_run)
    if STATUSES.index(status) < STATUSES.index(_now(target)):
        settings.say(f"note: the status moves back from {_now(target)}; say why in the review")


def _now(target: Target) -> str:
    now = target.postmortem.status
    return now if now in STATUSES else STATUSES[0]


def _closing(
    target: Target, status: str, closed_as: str, reason: str, of: str | None
) -> dict[Place, edit.Scalar]:
    """The values of a postmortem that was not an incident. Raises UsageError."""
    if status != "closed":
        raise UsageError(f"--as needs the status closed, not {status}", "write closed")
    if not reason:
        raise UsageError("--as needs --reason", 'add why: --reason "the alert read a test table"')
    if of and closed_as != "duplicate":
        raise UsageError("--of needs --as duplicate", "leave out --of")
    if not of and closed_as == "duplicate":
        raise UsageError("--as duplicate needs --of", "name the postmortem that covers it")
    values: dict[Place, edit.Scalar] = {
        ("status",): "closed",
        ("closed_as",): closed_as,
        ("closed_reason",): reason,
    }
    if of:
        other = archive.find(target.config, of)
        if other.resolve() == target.path.resolve():
            raise UsageError(f"{other.stem} is the same postmortem", "name the other one in --of")
        known = archive.read(other, target.config)
        if first := model.postmortem(known).duplicate_of:
            raise UsageError(
                f"{other.stem} is a duplicate too", f"name the other one: --of {first}"
            )
        values["duplicate_of",] = other.stem
    return values
