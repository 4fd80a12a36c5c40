"""`incident review`: what a pull request's postmortems lack, and what they may become."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from incident import formats, review
from incident.commands import Settings, echo
from incident.errors import EXIT_CLEAN, EXIT_DIAGNOSTICS, EXIT_FAILURE
from incident.lint import failures, linter
from incident.repository import atomic_files
from incident.repository.config import Config
from incident.review import page
from incident.review import stale as reviews


@click.command()
@click.option("--base", default="origin/main", show_default=True, help="The branch to merge into.")
@click.option(
    "--output-format",
    type=click.Choice(["markdown", "github"]),
    default="markdown",
    help="The review as Markdown, or annotations for GitHub Actions.",
)
@click.option(
    "--summary",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Append the review as Markdown to this file as well.",
)
@click.option("--stale", is_flag=True, help="Instead: what is in review for too long.")
@click.pass_context
def command(
    ctx: click.Context, /, base: str, output_format: str, summary: tuple[Path, ...], stale: bool
) -> None:
    """Review the postmortems that a branch changes.

    What differs from the merge base with --base. For each: what to mend, the status it is complete
    for, what is missing for the next, its action items and its clock, and questions for the
    reviewer. Beside the rules: status moves one way, a published P0 or P1 has a reviewer who did
    not respond, no id stands twice. Exits 1 if there is an error; warnings never block.
    """
    settings: Settings = ctx.obj
    now = datetime.now(UTC)
    config = settings.config(Path.cwd())
    if stale:
        _stale(settings, config, now)
        return
    using = linter.make(config, now)
    outcome = review.run(using, base)
    rendered = page.render(outcome, now)
    for path in summary:
        atomic_files.append_text(path, rendered + "\n")
    if output_format == "github":
        shown = formats.Report(
            tuple(review.merged(outcome.diagnostics)),
            {one.document.path: one.document.text for one in outcome.reviews},
            wiki_url=using.config.wiki_url,
        )
        if outcome.reviews:
            settings.warn_of_gap(outcome.gap, annotate=True)
        click.echo(formats.render("github", shown), nl=False)
    else:
        echo(rendered)
    number = len(outcome.reviews)
    settings.say(f"{number} postmortem{'s' * (number != 1)} reviewed against {base}")
    if failures.happened(outcome.diagnostics):
        ctx.exit(EXIT_FAILURE)
    ctx.exit(EXIT_DIAGNOSTICS if outcome.blocks else EXIT_CLEAN)


def _stale(settings: Settings, config: Config, now: datetime) -> None:
    limit = config.review.stale_days
    found = reviews.waiting(config, now)
    echo(reviews.render(found, limit), nl=False)
    settings.say(f"{len(found)} in review for more than {limit} days")
