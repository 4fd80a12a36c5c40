"""`incident resolve`: when an incident was over, as timestamps and timeline entries."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from incident.actions import resolved_by_issue
from incident.commands import Settings, _editing, echo, examples
from incident.commands._param_types import Instant, not_ahead
from incident.errors import UsageError
from incident.sources import Entry, marks
from incident.text.untrusted_text import one_line

SECTION = "Write"
_SAYS = {
    "mitigated_at": "it stopped getting worse",
    "corrected_at": "the data is correct again",
    "consumers_notified_at": "the consumers were notified",
    "resolved_at": "the incident is over",
}


@click.command(
    epilog=examples(
        'incident resolve revenue "finance has the corrected figures"',
        "incident resolve revenue --corrected-at 13:40Z --notified-at 14:10Z",
    ),
)
@click.argument("postmortem", metavar="ID", required=False)
@click.argument("words", metavar="[TEXT]...", nargs=-1)
@click.option("--at", type=Instant(), help="When it was resolved: 5m (ago), 09:40Z [default: now]")
@click.option("--mitigated-at", type=Instant(), help="When it stopped getting worse.")
@click.option("--corrected-at", type=Instant(), help="When the data was correct again.")
@click.option("--notified-at", type=Instant(), help="When the consumers were notified.")
@click.option(
    "--from-issue",
    "issue",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="For workflows, instead of ID: a file with a closed issue, as JSON from GitHub's API.",
)
@_editing.dry_run
@click.pass_context
def command(
    ctx: click.Context,
    /,
    postmortem: str | None,
    words: tuple[str, ...],
    at: datetime | None,
    mitigated_at: datetime | None,
    corrected_at: datetime | None,
    notified_at: datetime | None,
    issue: Path | None,
    dry_run: bool,
) -> None:
    """Record that an incident is resolved, with timeline entries.

    TEXT describes how it ended. The status does not change: `incident status` does that.
    """
    settings: Settings = ctx.obj
    given = {
        "mitigated_at": mitigated_at,
        "corrected_at": corrected_at,
        "consumers_notified_at": notified_at,
        "resolved_at": at,
    }
    if issue:
        if postmortem or any(given.values()):
            raise UsageError("--from-issue takes no ID and no times", "leave them out")
        done = resolved_by_issue.run(issue, settings.config(Path.cwd()), dry_run)
        if done.path:
            echo(done.path)
        settings.say(done.said)
        return
    if not postmortem:
        raise UsageError("ID is missing", "list the ids with `incident list`")
    now = datetime.now(UTC)
    for key, instant in given.items():
        not_ahead(f"--{key.removesuffix('_at').replace('_', '-')}-at", instant, now)
    given["resolved_at"] = at or now.replace(second=0, microsecond=0)
    says = {**_SAYS, **({"resolved_at": one_line(" ".join(words))} if words else {})}
    entries = [Entry(when, says[key], key) for key, when in given.items() if when]
    target = _editing.find(settings, postmortem)

    def resolved(text: str) -> str:
        after, _ = marks.mark(text, entries)
        marks.must_be_in_order(text, after, target.config, now)
        return after

    if _editing.write(ctx, target, resolved, dry_run):
        id_ = target.postmortem.id
        settings.say(f"next: incident edit {id_}, then incident status {id_} in_review")
